"""Checkpoints outside the database: a directory, for whoever can rewrite the database.

Two files, only ever added to: `checkpoints`, every note with an empty line behind it, and
`leaves`, 32 bytes an event in the order of the log. Without the leaves, an old checkpoint says
that something was changed; with them, which event. `lock` is held by the process that writes.
"""

import asyncio
import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from app.evidence.checkpoint_store import CheckpointStore, Kept, KnownKey, believed
from app.evidence.checkpoints import Checkpoint, checkpoint_of
from app.evidence.growth import Growth
from app.evidence.hash_tree import Fetch, HashTree
from app.evidence.notes import DASH, NotANote, parse
from app.evidence.tiles import HASH_BYTES, hashes_in

TAIL_BYTES: Final = 65_536
"""As much of the end of `checkpoints` as holds its last note for certain."""
PAGE_LEAVES: Final = 8_192
PAGE_NOTES: Final = 500
GAP: Final = b"\n\n"


class DirectoryDamaged(Exception):
    """The files do not fit one another; they are left as they are."""


class Directory:
    """One plant's copy of its checkpoints and leaves."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notes = folder / "checkpoints"
        self._leaves = folder / "leaves"
        self._lock: IO[bytes] | None = None
        self._grown: Growth | None = None

    @property
    def size(self) -> int | None:
        """Events whose leaves are safe here; None while another process writes."""
        return None if self._grown is None else self._grown.size

    def close(self) -> None:
        """Let another process write."""
        if self._lock is not None:
            self._lock.close()
        self._lock = self._grown = None

    def last_of(self, keys: Sequence[KnownKey]) -> Checkpoint | None:
        """The last checkpoint; None where there is none.

        Raises:
            Inconsistent: it was not signed by this log.
            DirectoryDamaged: there is no telling.
        """
        try:
            note, _ = self._last()
        except OSError as error:
            raise DirectoryDamaged(f"{self._folder} cannot be read: {error}") from None
        return None if note is None else believed(note, keys, str(self._folder))

    def ends_at(self) -> tuple[int, bytes]:
        """Size and root of the last checkpoint, whoever signed it; 0 where there is none.

        Raises:
            DirectoryDamaged: there is no telling.
            OSError: it cannot be read.
        """
        return _said(self._last()[0])

    async def catch_up(self, database: Fetch) -> None:
        """Add whatever was signed since, leaves first; each is on the disk before the next.

        Raises:
            Inconsistent: the log's leaves do not lead to what was signed of them.
            DirectoryDamaged: the files do not fit one another.
            OSError: the disk refuses.
        """
        try:
            grown = self._grown or await asyncio.to_thread(self._open)
            if grown is None:
                return
            self._grown = grown
            store, after = CheckpointStore(database), 0
            note, _ = self._last()
            while page := await store.since(grown.size, after, PAGE_NOTES):
                after = page[-1].number
                if new := _behind(page, note, grown.size):
                    await self._add(HashTree(database), grown, new)
                    note = new[-1].note
        except BaseException:
            self.close()  # what was half added goes when it is opened again
            raise

    async def _add(self, tree: HashTree, grown: Growth, new: Sequence[Kept]) -> None:
        expected = {each.size: each.root for each in new}
        growth = Growth(grown.size, grown.compact, expected)
        while growth.size < new[-1].size:
            count = min(PAGE_LEAVES, new[-1].size - growth.size)
            leaves = await tree.leaves(growth.size, count)
            if len(leaves) != count:
                raise DirectoryDamaged(f"the log has not {growth.size + count} events")
            growth.add(leaves)
            await asyncio.to_thread(_append, self._leaves, b"".join(leaves))
        notes = "".join(f"{each.note}\n" for each in new)
        await asyncio.to_thread(_append, self._notes, notes.encode())
        grown.size, grown.compact = growth.size, growth.compact

    def _open(self) -> Growth | None:
        """Look the files through; None while another process writes them."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        lock = (self._folder / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        self._lock = lock
        note, torn = self._last()
        size, root = _said(note)
        self._notes.touch()
        self._leaves.touch()
        # What was being added when the power went: half a note, leaves without their note.
        os.truncate(self._notes, self._notes.stat().st_size - torn)
        if self._leaves.stat().st_size < size * HASH_BYTES:
            raise DirectoryDamaged(f"`leaves` holds fewer than the {size} events last signed")
        os.truncate(self._leaves, size * HASH_BYTES)
        _sync(self._folder)
        growth = Growth(0, (), {})
        with self._leaves.open("rb") as file:
            while raw := file.read(PAGE_LEAVES * HASH_BYTES):
                growth.add(hashes_in(raw))
        if size and growth.root != root:
            raise DirectoryDamaged("`leaves` does not lead to the last of `checkpoints`")
        return growth

    def _last(self) -> tuple[str | None, int]:
        """The last whole note, and how many bytes stand behind it."""
        tail, whole = b"", True
        with suppress(FileNotFoundError), self._notes.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            whole = size <= TAIL_BYTES
            file.seek(max(0, size - TAIL_BYTES))
            tail = file.read()
        end = tail.rfind(GAP)
        while end >= 0:
            text_end = tail.rfind(GAP, 0, end)
            if text_end > 0 and tail.startswith(DASH.encode(), text_end + len(GAP)):
                start = tail.rfind(GAP, 0, text_end)
                start = 0 if start < 0 else start + len(GAP)
                return tail[start : end + 1].decode(), len(tail) - end - len(GAP)
            end = text_end
        if not whole:
            raise DirectoryDamaged("`checkpoints` does not end in a note")
        return None, len(tail)


def _behind(page: Sequence[Kept], note: str | None, size: int) -> list[Kept]:
    """Those of a page that were signed after a note."""
    known = next((at for at, each in enumerate(page) if each.note == note), None)
    if known is not None:
        return list(page[known + 1 :])
    return [each for each in page if each.size > size]


def _said(note: str | None) -> tuple[int, bytes]:
    if note is None:
        return 0, b""
    try:
        found = checkpoint_of(parse(note).text)
    except NotANote as error:
        raise DirectoryDamaged(f"the last of `checkpoints` is none: {error}") from None
    return found.size, found.root


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the names of new files last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
