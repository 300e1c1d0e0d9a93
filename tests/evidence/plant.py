"""A log that grows by events of our choosing, and whoever signs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from app.events.database import Database, normalised
from app.events.recorded import leaf_hash
from app.events.tree import extended
from app.evidence.checkpoint_store import CheckpointStore, Kept
from app.evidence.outside import Directory
from app.evidence.signer import KeptOutside, Signer
from app.evidence.signing_keys import SigningKeys

if TYPE_CHECKING:
    from asyncpg import Connection, Record

ORIGIN = "sanbao/test"
NOON = datetime(2025, 3, 3, 4, 0, tzinfo=UTC)

INSERT = """
    INSERT INTO events (position, stream, version, event_id, type, schema_version, data, person,
                        role, recorded_at, command_id, correlation_id, clauses, rule_pack_version,
                        canonical, leaf_hash)
    SELECT position, 'test', position, gen_random_uuid(), 'Tested', 1, '{}', 'u', 'AUDITOR', $4,
           gen_random_uuid(), 'c', '{}', 1, canonical, leaf_hash
    FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS new (position, canonical, leaf_hash)
"""


def text_of(position: int) -> str:
    """The canonical bytes of an event, as long as it is told apart."""
    return f'{{"position":{position},"油封":"漏油"}}'


def leaves_of(count: int) -> list[bytes]:
    """The leaf hashes of the first events."""
    return [leaf_hash(text_of(position)) for position in range(1, count + 1)]


@dataclass
class Plant:
    """A database without a service around it: events are added as the writer adds them."""

    owner: "Connection[Record]"
    service: "Connection[Record]"
    folder: Path
    leaves: list[bytes] = field(default_factory=list)

    async def grows_to(self, size: int) -> None:
        """Events happen, with the head moved in the same transaction."""
        positions = list(range(len(self.leaves) + 1, size + 1))
        texts = [text_of(each) for each in positions]
        leaves = [leaf_hash(each) for each in texts]
        _, compact = extended(0, (), [*self.leaves, *leaves])
        async with self.service.transaction():
            await self.service.execute(INSERT, positions, texts, leaves, NOON)
            await self.service.execute(
                "UPDATE log_head SET position = $1, tree = $2", size, compact
            )
        self.leaves += leaves

    async def is_rewritten(self, position: int, *, head: bool = True, tiles: bool = False) -> None:
        """Somebody who may do anything changes an event, and all that hangs on it."""
        text = text_of(position).replace("漏油", "完好")
        self.leaves[position - 1] = leaf_hash(text)
        _, compact = extended(0, (), self.leaves)
        async with self._unguarded():
            await self.owner.execute(
                "UPDATE events SET canonical = $2, leaf_hash = $3 WHERE position = $1",
                position, text, self.leaves[position - 1],
            )  # fmt: skip
            if head:
                await self.owner.execute("UPDATE log_head SET tree = $1", compact)
            if tiles:
                await self.owner.execute("DELETE FROM tree_tiles")

    async def forgets(self, statement: str, *arguments: object) -> None:
        """Somebody who may do anything does it."""
        async with self._unguarded():
            await self.owner.execute(statement, *arguments)

    def _unguarded(self) -> "_Unguarded":
        return _Unguarded(self.owner)

    def keys(self, given: str | None = None) -> SigningKeys:
        """The keys on this machine."""
        return SigningKeys(self.folder / "data", ORIGIN, given)

    async def signs(
        self, keys: SigningKeys | None = None, outside: KeptOutside = lambda _: None
    ) -> Kept | None:
        """One attempt to sign."""
        signer = Signer(keys or self.keys(), lambda: NOON)
        return await signer.sign(self.service, outside)

    async def vkeys(self) -> list[str]:
        """The keys as they are served."""
        return [str(each.verifier) for each in await CheckpointStore(self.service).keys()]

    @contextmanager
    def directory(self) -> Iterator[Directory]:
        """The copy outside the database, as one process has it."""
        one = Directory(self.folder / "copy")
        try:
            yield one
        finally:
            one.close()


class _Unguarded:
    """The guards of the append-only tables are off meanwhile, as a superuser can have them."""

    def __init__(self, owner: "Connection[Record]") -> None:
        self._owner = owner

    async def __aenter__(self) -> None:
        for table in ("events", "checkpoints", "tree_tiles", "checkpoint_keys"):
            await self._owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")

    async def __aexit__(self, *_: object) -> None:
        for table in ("events", "checkpoints", "tree_tiles", "checkpoint_keys"):
            await self._owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            await self._owner.execute(
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only"
            )


async def connected_as_owner(database: Database) -> "Connection[Record]":
    """Somebody who may do anything."""
    return await asyncpg.connect(
        normalised(database.url), server_settings={"search_path": database.schema}
    )
