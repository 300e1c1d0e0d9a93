"""Entry bundles: the canonical bytes of events, as C2SP tlog-tiles serves what leaves hash."""

from typing import Final

from app.evidence.hash_tree import Fetch
from app.evidence.refusals import EntryTooLong, TreeIncomplete
from app.evidence.tiles import Tile

ENTRY_BYTES_MAX: Final = 65_535
"""The format gives two bytes to the length of an entry."""

SELECT_TEXTS: Final = """
    SELECT position, canonical FROM events
    WHERE position > $1::bigint AND position <= $2 ORDER BY position
"""


async def bundle(database: Fetch, tile: Tile) -> bytes:
    """The events under a tile of level 0: each as two bytes of length, high first, and its text.

    Raises:
        EntryTooLong: one does not fit the format.
        TreeIncomplete: some are missing.
    """
    rows = await database.fetch(SELECT_TEXTS, tile.first, tile.first + tile.width)
    if len(rows) != tile.width:
        raise TreeIncomplete(level=0, index=tile.index)
    parts = []
    for row in rows:
        text = row["canonical"].encode()
        if len(text) > ENTRY_BYTES_MAX:
            raise EntryTooLong(position=row["position"], bytes=len(text))
        parts.append(len(text).to_bytes(2, "big") + text)
    return b"".join(parts)
