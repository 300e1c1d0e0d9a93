"""The log as a file that can be checked without us: JSON lines, ending in a manifest.

The first line says where the export begins and holds the compact range of the tree before it;
then a line an event, with its leaf hash and the very bytes that were hashed; the last line is the
manifest. `sanbao_verify.py`, which stands beside this file, checks all of it.
"""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from app.events.tree import extended, root_hash
from app.evidence.checkpoint_store import CheckpointStore
from app.evidence.hash_tree import Fetch, HashTree

PAGE_EVENTS: Final = 2_000
PAGE_LEAVES: Final = 20_000
FORMAT: Final = "sanbao-export/1"
SCRIPT: Final = Path(__file__).with_name("sanbao_verify.py")
"""The stand-alone check that every export is shipped with."""

SELECT_LINES: Final = """
    SELECT position, canonical, leaf_hash FROM events
    WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3
"""
Seen: TypeAlias = Callable[[int], None]
"""Told of the position up to which something is done."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds, in figures."""

    count: int
    first: int | None
    """Position of the first event; none of an empty export."""
    last: int
    """Position of the last event, which is also the size of the tree."""
    root: str
    """Of the tree over all events up to `last`, in hex."""
    checkpoint: str | None
    """The last signed checkpoint at or before it, as a signed note."""

    def line(self) -> str:
        """The last line of an export."""
        body = {
            "format": FORMAT,
            "count": self.count,
            "first": self.first,
            "last": self.last,
            "root": self.root,
            "checkpoint": self.checkpoint,
        }
        return json.dumps({"manifest": body}, separators=(",", ":")) + "\n"


async def compact_range(log: Fetch, size: int) -> list[bytes]:
    """The compact range of the tree of the first events.

    Up to the last checkpoint it is read from the tree's tiles, in a few look-ups; only what was
    not signed yet is added up from leaf hashes.

    Raises:
        TreeIncomplete: a signed tree lacks hashes.
    """
    latest, tree = await CheckpointStore(log).latest(), HashTree(log)
    position = min(size, latest.size) if latest else 0
    compact = await tree.compact(position)
    while position < size:
        leaves = await tree.leaves(position, min(size - position, PAGE_LEAVES))
        if not leaves:
            raise AssertionError(f"the log has no event behind {position}, and {size} were counted")
        position, compact = extended(position, compact, leaves)
    return compact


def export_line(leaf: bytes, canonical: str) -> bytes:
    """One event as a line: its leaf hash, and the very bytes that were hashed."""
    return b'{"leaf":"%s","event":%s}\n' % (leaf.hex().encode(), canonical.encode())


async def export_lines(  # noqa: PLR0913 - what an export is asked with
    log: Fetch,
    *,
    after: int,
    up_to: int,
    before: Sequence[bytes],
    checkpoint: str | None,
    seen: Seen | None = None,
) -> AsyncIterator[bytes]:
    """An export, in pieces of whole lines.

    Args:
        log: to read from.
        after: events above this position.
        up_to: the last position, not above the log's head.
        before: the compact range of the tree of the first `after` events.
        checkpoint: to go into the manifest.
        seen: told of progress.
    """
    begin: dict[str, Any] = {
        "format": FORMAT,
        "after": after,
        "up_to": up_to,
        "before": [each.hex() for each in before],
    }
    yield (json.dumps({"export": begin}, separators=(",", ":")) + "\n").encode()
    size, compact = after, list(before)
    while size < up_to:
        rows = await log.fetch(SELECT_LINES, size, up_to, PAGE_EVENTS)
        if not rows:
            raise AssertionError(f"the log has no event behind {size}, and {up_to} were counted")
        yield b"".join(export_line(row["leaf_hash"], row["canonical"]) for row in rows)
        size, compact = extended(size, compact, [row["leaf_hash"] for row in rows])
        if seen is not None:
            seen(size)
    manifest = Manifest(
        count=up_to - after,
        first=after + 1 if up_to > after else None,
        last=up_to,
        root=root_hash(compact).hex(),
        checkpoint=checkpoint,
    )
    yield manifest.line().encode()
