"""Whether the log is the one that was written: every event, every hash, every checkpoint.

The first event that was changed, removed, inserted or moved is named by its position. Nothing that
the database says of itself is believed: bytes are hashed anew, columns are compared with the bytes,
and the tree is compared with the head, with the checkpoints in the database, and with those that
were kept outside of it. The newest events that were cut off show only against the latter.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.domain.decider import JsonObject
from app.events.reading import Snapshot
from app.events.recorded import canonical, leaf_hash, written_at
from app.events.store import COLUMNS
from app.events.tree import extended, root_hash
from app.evidence.checkpoints import Checkpoint, checkpoint_of
from app.evidence.export import Seen
from app.evidence.notes import DASH, NotANote, NotVerified, VerifierKey, parse, verified

PAGE_EVENTS: Final = 1_000
FINDINGS_MAX: Final = 100
"""More would not tell more."""
HASH_BYTES: Final = 32

SELECT_ROWS: Final = f"""
    SELECT {COLUMNS}, canonical, leaf_hash FROM events WHERE position > $1
    ORDER BY position LIMIT $2
"""
SELECT_HEAD: Final = "SELECT position, tree FROM log_head"
SELECT_SIGNED: Final = "SELECT size, root, note FROM checkpoints ORDER BY number"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written."""

    position: int
    """Of the first event that it concerns."""
    what: str
    what_zh: str


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody kept who does not trust the database."""

    checkpoints: Sequence[Checkpoint] = ()
    leaves: bytes = b""
    """Leaf hashes from the first event on, 32 bytes each."""


@dataclass(slots=True)
class Walk:
    """The log as far as it was looked at."""

    known: Known
    size: int = 0
    compact: list[bytes] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    last_at: str = ""
    wanted: dict[int, list[Checkpoint]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the checkpoints by their size."""
        for each in self.known.checkpoints:
            self.wanted.setdefault(each.size, []).append(each)

    @property
    def root(self) -> bytes:
        """Of the tree so far."""
        return root_hash(self.compact)

    def event(
        self, text: str, told_leaf: bytes, columns: Mapping[str, Any] | None
    ) -> Iterator[Finding]:
        """Look at the next event.

        Args:
            text: the bytes that were hashed.
            told_leaf: the leaf hash that stands beside them.
            columns: the row's columns as an envelope; None for an export, which has none.
        """
        position, leaf, said = self.size + 1, leaf_hash(text), _said(text)
        place = said.get("position") if columns is None else columns["position"]
        if place != position:
            yield _moved(position, place)
        if leaf != told_leaf:
            yield Finding(position, "its bytes are not the ones that were hashed", "内容与哈希不符")
        if leaf != self._kept(position, leaf):
            yield Finding(
                position, "its hash is not the one that was kept outside", "哈希与库外存证不符"
            )
        if canonical(said) != text:
            yield Finding(position, "its bytes are no event in canonical form", "内容非规范格式")
        unlike = [name for name, value in (columns or {}).items() if said.get(name) != value]
        if unlike:
            words = ", ".join(unlike)
            yield Finding(position, f"columns say another thing: {words}", f"列与内容不符:{words}")
        yield from self._follows(position, said)
        self.size, self.compact = extended(self.size, self.compact, [leaf])
        for each in self.wanted.pop(position, ()):
            if each.root != self.root:
                what = f"the first {position} events are not those of the checkpoint"
                yield Finding(position, what, f"前{position}条事件与检查点不符")

    def _follows(self, position: int, said: JsonObject) -> Iterator[Finding]:
        """Whether it continues its stream, and time does not go back."""
        stream, version = str(said.get("stream")), said.get("version")
        at = str(said.get("recorded_at"))
        before = self.versions.get(stream, 0)
        if version != before + 1:
            what = f"version {version} of {stream} does not follow {before}"
            yield Finding(position, what, f"流{stream}的版本不连续")
        if at < self.last_at:
            yield Finding(position, "it was recorded before the one before it", "记录时间倒退")
        self.versions[stream] = version if isinstance(version, int) else before + 1
        self.last_at = max(at, self.last_at)

    def end(self) -> Iterator[Finding]:
        """What should have come and did not."""
        known = max([self.size, len(self.known.leaves) // HASH_BYTES, *self.wanted])
        if known > self.size:
            what = f"cut off: {known} events were known, {self.size} are here"
            yield Finding(self.size + 1, what, f"末尾缺失:已知{known}条,现有{self.size}条")

    def _kept(self, position: int, leaf: bytes) -> bytes:
        """The hash that was kept outside; the leaf itself where none was."""
        begin = HASH_BYTES * (position - 1)
        return self.known.leaves[begin : begin + HASH_BYTES] or leaf


def _said(text: str) -> JsonObject:
    """The event that the bytes tell; nothing when they tell none."""
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _moved(position: int, place: object) -> Finding:
    what = f"position {place} stands where {position} belongs"
    return Finding(position, what, f"第{position}位出现的是第{place}条")


# --- the live log ---------------------------------------------------------------------------


async def check_log(
    snapshot: Snapshot, known: Known, keys: Sequence[VerifierKey], seen: Seen
) -> AsyncIterator[Finding]:
    """Look at every event of the live log, then at its head and at the checkpoints beside it.

    Args:
        snapshot: one state of the log; writers go on meanwhile.
        known: what was kept outside.
        keys: of whoever signs checkpoints; without any, signatures are not looked at.
        seen: told of progress.
    """
    signed, faults = await _signed(snapshot, keys)
    for fault in faults:
        yield fault
    walk = Walk(Known((*known.checkpoints, *signed), known.leaves))
    last = 0  # a position, which is not the number of events where some were taken out
    while rows := await snapshot.fetch(SELECT_ROWS, last, PAGE_EVENTS):
        last = rows[-1]["position"]
        for row in rows:
            for finding in walk.event(row["canonical"], row["leaf_hash"], _envelope(row)):
                yield finding
        seen(walk.size)
    (head,) = await snapshot.fetch(SELECT_HEAD)
    for finding in walk.end():
        yield finding
    if head["position"] != walk.size:
        what = f"the head of the log stands at {head['position']}, the last event at {walk.size}"
        yield Finding(walk.size + 1, what, "日志头与末条事件不符")
    elif list(head["tree"]) != walk.compact:
        what = "the tree that the head keeps is not that of these events"
        yield Finding(walk.size, what, "日志头的哈希树与事件不符")


async def _signed(
    snapshot: Snapshot, keys: Sequence[VerifierKey]
) -> tuple[list[Checkpoint], list[Finding]]:
    """The checkpoints that stand beside the log."""
    found: list[Checkpoint] = []
    faults: list[Finding] = []
    for row in await snapshot.fetch(SELECT_SIGNED):
        try:
            checkpoint = _checkpoint(row["note"], keys)
        except (NotANote, NotVerified) as error:
            what = f"the checkpoint of {row['size']} events does not hold: {error}"
            faults.append(Finding(row["size"], what, f"检查点{row['size']}的签名无效"))
            continue
        if (checkpoint.size, checkpoint.root) != (row["size"], row["root"]):
            what = f"the checkpoint of {row['size']} events says another thing than its row"
            faults.append(Finding(row["size"], what, f"检查点{row['size']}与其记录不符"))
        found.append(checkpoint)
    return found, faults


def _checkpoint(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """The checkpoint of a note; without keys, signatures are not looked at.

    Raises:
        NotANote, NotVerified: it does not hold.
    """
    return checkpoint_of(verified(note, keys)[0] if keys else parse(note).text)


def _envelope(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row as the envelope spells them."""
    data = row["data"]
    causation_id = row["causation_id"]
    return {
        "position": row["position"],
        "stream": row["stream"],
        "version": row["version"],
        "event_id": str(row["event_id"]),
        "type": row["type"],
        "schema_version": row["schema_version"],
        "data": json.loads(data) if isinstance(data, str) else data,
        "person": row["person"],
        "role": row["role"],
        "on_behalf_of": row["on_behalf_of"],
        "client": row["client"],
        "reason": row["reason"],
        "recorded_at": written_at(row["recorded_at"]),
        "command_id": str(row["command_id"]),
        "correlation_id": row["correlation_id"],
        "causation_id": None if causation_id is None else str(causation_id),
        "clauses": list(row["clauses"]),
        "rule_pack_version": row["rule_pack_version"],
    }


# --- what was kept outside ------------------------------------------------------------------


def notes_in(text: str) -> Iterator[str]:
    """The notes of a file: one, or all that were appended to it."""
    body: list[str] = []
    signatures: list[str] = []
    for line in [*text.split("\n"), "\n"]:
        if line.startswith(DASH):
            signatures.append(line)
            continue
        if signatures:
            yield "\n".join(body).strip("\n") + "\n\n" + "\n".join(signatures) + "\n"
            body, signatures = [], []
        body.append(line)


def checkpoints_in(
    text: str, keys: Sequence[VerifierKey]
) -> tuple[list[Checkpoint], list[Finding]]:
    """The checkpoints of a file, and what is wrong with them.

    Args:
        text: one note, or many.
        keys: of whoever signs; without any, signatures are not looked at.
    """
    found: list[Checkpoint] = []
    faults: list[Finding] = []
    for number, note in enumerate(notes_in(text), start=1):
        try:
            found.append(_checkpoint(note, keys))
        except (NotANote, NotVerified) as error:
            faults.append(
                Finding(0, f"kept checkpoint {number}: {error}", f"存证检查点{number}无效")
            )
    return found, faults


# --- an export ------------------------------------------------------------------------------

LINE_HEAD: Final = b'{"leaf":"'
LINE_MIDDLE: Final = b'","event":'


class NotAnExport(ValueError):
    """The file is no export of ours."""


def check_export(lines: Iterator[bytes], known: Known, seen: Seen) -> Iterator[Finding]:
    """Look at an export from its first line to its manifest.

    Raises:
        NotAnExport: it does not begin as one.
    """
    try:
        begin = json.loads(next(lines))["export"]
        after, before = int(begin["after"]), [bytes.fromhex(each) for each in begin["before"]]
    except (StopIteration, ValueError, KeyError, TypeError):
        raise NotAnExport("the first line does not say where the export begins") from None
    walk = Walk(known, size=after, compact=before)
    manifest: Mapping[str, Any] | None = None
    for raw in lines:
        line = raw.rstrip(b"\n")
        if manifest is not None:
            yield Finding(walk.size + 1, "something follows the manifest", "清单之后仍有内容")
            return
        if line.startswith(b'{"manifest":'):
            manifest = json.loads(line)["manifest"]
            continue
        begins = len(LINE_HEAD) + 2 * HASH_BYTES
        told, body = line[len(LINE_HEAD) : begins], line[begins + len(LINE_MIDDLE) : -1]
        try:
            leaf, text = bytes.fromhex(told.decode()), body.decode()
        except ValueError:
            yield Finding(walk.size + 1, "this line is no event", "该行不是事件")
            return
        if after:
            _trust_version(walk, text)
        yield from walk.event(text, leaf, None)
        seen(walk.size)
    yield from walk.end()
    if manifest is None:
        yield Finding(walk.size + 1, "the manifest is missing: the file was cut off", "缺少清单")
    elif (manifest.get("last"), manifest.get("root")) != (walk.size, walk.root.hex()):
        what = f"the manifest tells of {manifest.get('last')} events and of another tree"
        yield Finding(walk.size + 1, what, "清单与事件不符")


def _trust_version(walk: Walk, text: str) -> None:
    """A part of the log may begin a stream anywhere."""
    said = _said(text)
    if isinstance(said.get("version"), int):
        walk.versions.setdefault(str(said.get("stream")), said["version"] - 1)
