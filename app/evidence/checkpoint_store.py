"""Checkpoints and the keys behind them, as the database keeps them: only ever added to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.evidence.checkpoints import Checkpoint, verified_checkpoint
from app.evidence.growth import Inconsistent
from app.evidence.hash_tree import Fetch
from app.evidence.notes import NotANote, NotVerified, VerifierKey

SELECT_LATEST: Final = """
    SELECT number, size, root, note, signed_at FROM checkpoints ORDER BY number DESC LIMIT 1
"""

SELECT_PAGE: Final = """
    SELECT number, size, root, note, signed_at FROM checkpoints
    WHERE number > $1 ORDER BY number LIMIT $2
"""

SELECT_OF_SIZE: Final = """
    SELECT number, size, root, note, signed_at FROM checkpoints
    WHERE size = $1 ORDER BY number DESC LIMIT 1
"""

SELECT_UP_TO_SIZE: Final = """
    SELECT number, size, root, note, signed_at FROM checkpoints
    WHERE size <= $1 ORDER BY size DESC, number DESC LIMIT 1
"""

SELECT_FROM_SIZE: Final = """
    SELECT number, size, root, note, signed_at FROM checkpoints
    WHERE size >= $1 AND number > $2 ORDER BY number LIMIT $3
"""

SELECT_KEYS: Final = """
    SELECT number, name, public_key, from_position, added_at,
           lead(from_position) OVER (ORDER BY number) AS to_position
    FROM checkpoint_keys ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint in the table."""

    number: int
    size: int
    """Events."""
    root: bytes
    note: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key, and the sizes of the trees that it signs."""

    number: int
    verifier: VerifierKey
    from_position: int
    to_position: int | None
    """Of the checkpoint with which the next key took over; None while this one signs."""
    added_at: datetime

    def signs(self, size: int) -> bool:
        """Whether trees of a size are its to sign."""
        until = size if self.to_position is None else self.to_position
        return self.from_position <= size <= until


class CheckpointStore:
    """Reads the two tables."""

    def __init__(self, database: Fetch) -> None:
        self._database = database

    async def latest(self) -> Kept | None:
        """The newest checkpoint."""
        found = await self._kept(SELECT_LATEST)
        return found[0] if found else None

    async def up_to(self, size: int) -> Kept | None:
        """The newest checkpoint that signs no more than a size."""
        found = await self._kept(SELECT_UP_TO_SIZE, size)
        return found[0] if found else None

    async def of_size(self, size: int) -> Kept | None:
        """The newest checkpoint of a size."""
        found = await self._kept(SELECT_OF_SIZE, size)
        return found[0] if found else None

    async def page(self, after: int, limit: int) -> list[Kept]:
        """Checkpoints in the order in which they were signed."""
        return await self._kept(SELECT_PAGE, after, limit)

    async def since(self, size: int, after: int, limit: int) -> list[Kept]:
        """The same, from a size on."""
        return await self._kept(SELECT_FROM_SIZE, size, after, limit)

    async def keys(self) -> list[KnownKey]:
        """Every key that ever signed, oldest first; the last one signs now."""
        return [
            KnownKey(
                row["number"],
                VerifierKey(row["name"], row["public_key"]),
                row["from_position"],
                row["to_position"],
                row["added_at"],
            )
            for row in await self._database.fetch(SELECT_KEYS)
        ]

    async def _kept(self, statement: str, *arguments: int) -> list[Kept]:
        return [Kept(**row) for row in await self._database.fetch(statement, *arguments)]


def believed(note: str, keys: Sequence[KnownKey], where: str) -> Checkpoint:
    """The checkpoint of a note, signed by a key in its time.

    Raises:
        Inconsistent: nobody whom the log knows stands by it.
    """
    try:
        found = verified_checkpoint(note, [each.verifier for each in keys])
        return verified_checkpoint(note, [key.verifier for key in keys if key.signs(found.size)])
    except (NotANote, NotVerified) as error:
        raise Inconsistent(f"the last checkpoint in {where} is not ours: {error}") from None
