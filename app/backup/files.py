"""Hashes of files, and folders that get their name once they are whole."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

INCOMING: Final = ".incoming-"
PIECE_BYTES: Final = 1024 * 1024


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder, in order; a link or a device is none of ours, and is one too."""
    return sorted(each for each in folder.rglob("*") if not each.is_dir() or each.is_symlink())


def write_whole(path: Path, content: bytes) -> None:
    """Write a new file of its owner's alone, and see that it is on the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def copy_whole(source: Path, target: Path) -> str:
    """Copy a file to a new name, see that it is on the disk; the hash of what was copied."""
    digest = hashlib.sha256()
    draft = target.with_name(f".{target.name}.{uuid4().hex[:8]}")
    try:
        with (
            source.open("rb") as read,
            os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written,
        ):
            while piece := read.read(PIECE_BYTES):
                digest.update(piece)
                written.write(piece)
            written.flush()
            os.fsync(written.fileno())
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    return digest.hexdigest()


def sync(folder: Path) -> None:
    """See that names in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def becoming(target: Path) -> Iterator[Path]:
    """A private folder under another name; it gets its own when all went well, else it goes.

    Raises:
        FileExistsError: the name is taken; what has a name is never written over.
        OSError: the disk refuses.
    """
    if target.exists() or target.is_symlink():
        raise FileExistsError(f"{target} exists; a backup is written to a new name")
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    incoming = target.with_name(f"{INCOMING}{target.name}-{uuid4().hex[:8]}")
    incoming.mkdir(mode=0o700)
    held = os.open(incoming, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield incoming
        for each in incoming.rglob("*"):
            if each.is_dir():
                sync(each)
        sync(incoming)
        if target.exists():
            raise FileExistsError(f"{target} exists; a backup is written to a new name")
        incoming.rename(target)
        sync(target.parent)
    finally:
        os.close(held)
        shutil.rmtree(incoming, ignore_errors=True)


def _sweep(target: Path) -> None:
    """Remove what a kill left behind: what nobody holds any more."""
    for each in target.parent.glob(f"{INCOMING}{target.name}-*"):
        with suppress(OSError):
            held = os.open(each, os.O_RDONLY)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(each, ignore_errors=True)
            finally:
                os.close(held)
