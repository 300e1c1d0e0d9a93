"""A past state, built into a schema of its own to look around in.

Its log is a view on the plant's, limited by position: nothing is copied, so nothing can differ.
Its read tables are folded from it by the mechanism of a rebuild. The keys are the plant's, those of
persons as they are now: who was erased is erased in every past. Nothing can be written, by anybody
but the owner.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from asyncpg import Connection, Record

from app.events.database import Database
from app.events.migrate import APP_ROLE, migrate, valid_schema
from app.events.person_keys_schema import HOLDS_KEYS, keys_schema_of, showing_keys
from app.events.reading import Reader
from app.events.tree import extended
from app.events.workings import Workings
from app.evidence.building import Progress, owner_of
from app.evidence.rebuild import rebuild

PAGE_LEAVES: Final = 10_000

HAS_HEAD: Final = "SELECT to_regclass(format('%I.log_head', $1::text)) IS NOT NULL"
SELECT_LEAVES: Final = """
    SELECT leaf_hash FROM {schema}.events WHERE position > $1 AND position <= $2
    ORDER BY position LIMIT $3
"""
SHOW_LOG: Final = """
    CREATE VIEW events AS SELECT * FROM {schema}.events WHERE position <= {position:d}
"""
SET_HEAD: Final = """
    UPDATE log_head
    SET mode = 'replay', position = $1, sandbox_at = $2,
        recorded_at = coalesce($2::timestamptz, '-infinity'), tree = $3, demo = $4
"""
COPY_KEYS: Final = "INSERT INTO api_keys SELECT * FROM {schema}.api_keys"
READ_ONLY: Final = (
    f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA {{schema}} FROM {APP_ROLE}"
)
ASK_WHAT_IF: Final = f"GRANT INSERT, UPDATE, DELETE ON operations TO {APP_ROLE}"


class CannotReplay(Exception):
    """There is no such past, or no place for it."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A past that can be looked at."""

    schema: str
    position: int
    at: datetime | None
    """When its last event was recorded; None of the past before the first."""
    tables: int


async def is_replay(database: Database) -> bool:
    """Whether a schema holds a replayed past; one that is not there yet does not."""
    async with owner_of(database) as connection:
        return await _mode(connection, database.schema) == "replay"


async def replay(  # noqa: PLR0913 - where from, what, where to, and how it is told
    database: Database,
    workings: Workings,
    *,
    to: int | datetime,
    into: str,
    afresh: bool = False,
    told: Progress | None = None,
    first: Callable[[int], Awaitable[object]] | None = None,
) -> Replayed:
    """Build the past at a position or an instant into a schema; one that broke off goes on.

    Args:
        database: the plant.
        workings: with every read table.
        to: the last position, or the instant up to which it was recorded.
        into: the schema; it does not exist, or holds the same past half built.
        afresh: throw away a past that is there, whichever.
        told: of progress.
        first: what is done before anything is built, with the position.

    Raises:
        CannotReplay: the log does not reach so far, or the schema is used for something else.
    """
    past = Database(database.url, into)
    position = await _position(database, workings, to)
    label = f"replay of {database.schema} to {position}"
    async with owner_of(database) as connection:
        if into == database.schema:
            raise CannotReplay("A past is not built into the plant's own schema.")
        begun = await _begun(connection, into, label, afresh=afresh)
    if first is not None:
        await first(position)
    if not begun:
        await _begin(database, past, position, label)
    built = await rebuild(past, workings, workings.tables, told=told)
    async with owner_of(past) as connection:
        await connection.execute(READ_ONLY.format(schema=into))
        await connection.execute(ASK_WHAT_IF)
        at = await connection.fetchval("SELECT sandbox_at FROM log_head")
    return Replayed(into, position, at, len(built))


async def _position(database: Database, workings: Workings, to: int | datetime) -> int:
    async with database.pool(connections_max=1) as pool:
        reader = Reader(pool, workings.codec)
        if isinstance(to, datetime):
            return await reader.position_at(to)
        head = await reader.head()
    if to > head:
        raise CannotReplay(f"The log ends at {head}; {to} did not happen yet.")
    return to


async def _begun(connection: "Connection[Record]", into: str, label: str, *, afresh: bool) -> bool:
    """Whether this very past is half built there."""
    stands = await connection.fetchval("SELECT 1 FROM pg_namespace WHERE nspname = $1", into)
    if stands is None:
        return False
    if await _mode(connection, into) != "replay":
        raise CannotReplay(f"Schema {into} exists and is no replay: choose another name.")
    if afresh:
        await connection.execute(dropping(into))
        return False
    holds = await connection.fetchval(f"SELECT demo FROM {valid_schema(into)}.log_head")  # noqa: S608 - a checked name
    if holds != label:
        raise CannotReplay(f"Schema {into} holds the {holds}; --afresh throws it away.")
    return True


def dropping(into: str) -> str:
    """The statement that throws a past away."""
    return f"DROP SCHEMA IF EXISTS {valid_schema(into)}, {keys_schema_of(into)} CASCADE"


async def _begin(database: Database, past: Database, position: int, label: str) -> None:
    """Every table, empty; log and keys as views; the head where the past ends."""
    async with owner_of(past) as connection:
        keys = keys_schema_of(past.schema)
        if await connection.fetchval(HOLDS_KEYS.format(keys=keys)):
            raise CannotReplay(f"Schema {keys} holds keys of persons: choose another name.")
    engine = past.owner()
    try:
        await migrate(engine, past.schema)
    finally:
        await engine.dispose()
    async with owner_of(past) as connection, connection.transaction():
        source = valid_schema(database.schema)
        tree = await _tree(connection, source, position)
        await connection.execute("DROP TABLE events")
        await connection.execute(SHOW_LOG.format(schema=source, position=position))
        await connection.execute(f"GRANT SELECT ON events TO {APP_ROLE}")
        for statement in showing_keys(past.schema, source):
            await connection.execute(statement)
        await connection.execute(COPY_KEYS.format(schema=source))
        at = await connection.fetchval(
            "SELECT recorded_at FROM events WHERE position = $1", position
        )
        await connection.execute(SET_HEAD, position, at, tree, label)


async def _tree(connection: "Connection[Record]", source: str, position: int) -> list[bytes]:
    """The compact range of the tree of hashes at a position."""
    size, tree = 0, list[bytes]()
    while size < position:
        rows = await connection.fetch(
            SELECT_LEAVES.format(schema=source), size, position, PAGE_LEAVES
        )
        size, tree = extended(size, tree, [row["leaf_hash"] for row in rows])
    return tree


async def _mode(connection: "Connection[Record]", schema: str) -> str | None:
    if not await connection.fetchval(HAS_HEAD, schema):
        return None
    mode: str | None = await connection.fetchval(
        f"SELECT mode FROM {valid_schema(schema)}.log_head"  # noqa: S608 - a checked name
    )
    return mode
