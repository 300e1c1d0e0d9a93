"""The tree of hashes in the database: any node of a signed tree in a few look-ups by key.

A node stands in one tile. A full tile is a row, and of it only the piece is read that spans the
node; a tile that still fills is put together from what is below it: leaf hashes of events, or
roots of full tiles.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

from app.events.tree import root_hash
from app.evidence.proofs import (
    Node,
    Span,
    compact_nodes,
    consistency_spans,
    inclusion_spans,
    root_of,
)
from app.evidence.refusals import TreeIncomplete
from app.evidence.tiles import HASH_BYTES, Tile, hashes_in, place_of

SELECT_PIECES: Final = """
    SELECT piece.number, substring(hashes FROM piece.first FOR piece.bytes) AS hashes
    FROM unnest($1::smallint[], $2::bigint[], $3::int[], $4::int[]) WITH ORDINALITY
         AS piece (level, index, first, bytes, number)
    JOIN tree_tiles USING (level, index)
"""

SELECT_LEAVES: Final = """
    SELECT leaf_hash AS hash FROM events
    WHERE position > $1::bigint AND position <= $2 ORDER BY position
"""

SELECT_ROOTS: Final = """
    SELECT root AS hash FROM tree_tiles
    WHERE level = $1::smallint AND index >= $2::bigint AND index < $3 ORDER BY index
"""


class Fetch(Protocol):
    """Whatever answers a statement with rows: a pool, a connection, a reader."""

    async def fetch(self, query: str, /, *args: Any) -> Sequence[Any]:  # noqa: ANN401 - asyncpg's own
        """The rows."""


class HashTree:
    """Nodes, roots and proofs of trees up to the last signed size.

    Raises:
        TreeIncomplete: hashes are missing which a signed tree has.
    """

    def __init__(self, database: Fetch) -> None:
        self._database = database

    async def tile(self, tile: Tile) -> bytes:
        """A tile's hashes, one behind the other; the caller knows that the tree has them."""
        (found,) = await self._pieces([(tile, 0, tile.width)])
        return found

    async def nodes(self, nodes: Sequence[Node]) -> list[bytes]:
        """The roots of perfect subtrees."""
        pieces = await self._pieces([place_of(node) for node in nodes])
        return [root_of(hashes_in(piece)) for piece in pieces]

    async def compact(self, size: int) -> list[bytes]:
        """The compact range of the tree of a size."""
        return await self.nodes(compact_nodes(0, size))

    async def root(self, size: int) -> bytes:
        """The root of the tree of a size."""
        return root_hash(await self.compact(size))

    async def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that a leaf, counted from 0, is in the tree of a size."""
        return await self._spans(inclusion_spans(index, size))

    async def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that the tree of the second size continues that of the first, not empty."""
        return await self._spans(consistency_spans(first, second))

    async def leaves(self, first: int, count: int) -> list[bytes]:
        """Leaf hashes as they stand with the events."""
        rows = await self._database.fetch(SELECT_LEAVES, first, first + count)
        return [row["hash"] for row in rows]

    async def _spans(self, spans: Iterable[Span]) -> list[bytes]:
        parts = [compact_nodes(*span) for span in spans]
        hashes = iter(await self.nodes([node for part in parts for node in part]))
        return [root_hash([next(hashes) for _ in part]) for part in parts]

    async def _pieces(self, wanted: Sequence[tuple[Tile, int, int]]) -> list[bytes]:
        """Pieces of tiles: from which hash on, how many. Full tiles in one query for all."""
        rows = await self._database.fetch(
            SELECT_PIECES,
            [tile.level for tile, _, _ in wanted],
            [tile.index for tile, _, _ in wanted],
            [first * HASH_BYTES + 1 for _, first, _ in wanted],
            [count * HASH_BYTES for _, _, count in wanted],
        )
        found: dict[int, bytes] = {row["number"] - 1: row["hashes"] for row in rows}
        return [
            found[number] if number in found else await self._below(tile, first, count)
            for number, (tile, first, count) in enumerate(wanted)
        ]

    async def _below(self, tile: Tile, first: int, count: int) -> bytes:
        """A piece of a tile that is not a row yet."""
        start = tile.first + first
        if tile.level == 0:
            hashes = await self.leaves(start, count)
        else:
            rows = await self._database.fetch(SELECT_ROOTS, tile.level - 1, start, start + count)
            hashes = [row["hash"] for row in rows]
        if len(hashes) != count:
            raise TreeIncomplete(level=tile.level, index=tile.index)
        return b"".join(hashes)
