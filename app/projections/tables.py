"""Making the read tables, and building anew those whose fold has changed."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final

import structlog
from asyncpg import Connection, Record
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.events.folding import Folded, Version
from app.events.migrate import APP_ROLE
from app.events.recorded import Recorded
from app.events.store import Log
from app.events.turn import Workings
from app.projections.ledger import AnyLedger

PAGE_EVENTS: Final = 2_000

SELECT_BUILT: Final = "SELECT name, version FROM read_tables"

UPSERT_BUILT: Final = """
    INSERT INTO read_tables (name, version, built_at) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET version = excluded.version, built_at = excluded.built_at
"""

log: Final = structlog.get_logger(__name__)


async def make_ledgers(engine: AsyncEngine, ledgers: Iterable[AnyLedger]) -> None:
    """Create the tables of ledgers that are new, or whose version was raised, empty.

    Args:
        engine: the owner of the tables, its search_path on the plant's schema.
        ledgers: every ledger there is.
    """
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('sanbao.migrate'))"))
        built = {row[0]: row[1] for row in await connection.execute(text(SELECT_BUILT))}
        for ledger in ledgers:
            if built.get(ledger.name) == ledger.version:
                continue
            await connection.run_sync(_make, ledger)
            for table in (ledger.table.name, ledger.history.name):
                grant = f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}"
                await connection.execute(text(grant))


def _make(connection: SyncConnection, ledger: AnyLedger) -> None:
    tables = [ledger.table, ledger.history]
    ledger.metadata.drop_all(connection, tables=tables)
    ledger.metadata.create_all(connection, tables=tables)


async def build_missing(connection: "Connection[Record]", workings: Workings) -> list[str]:
    """Fold the log into the tables that were never built at their version, in one transaction.

    The log's head is locked meanwhile: nobody appends to a table that is half built.

    Returns:
        The names of the tables that were built.
    """
    async with connection.transaction():
        events = Log(connection, workings.codec)
        head = await events.lock_head()
        built = {row["name"]: row["version"] for row in await connection.fetch(SELECT_BUILT)}
        missing = [t for t in workings.tables.values() if built.get(t.name) != t.version]
        await connection.execute(
            "DELETE FROM registers WHERE register = ANY($1)", [each.name for each in missing]
        )
        if missing and head.position:
            log.info("read_tables.build", tables=[t.name for t in missing], events=head.position)
            await _build(events, workings, missing, head.position)
        for table in missing:
            await connection.execute(UPSERT_BUILT, table.name, table.version, head.position)
    return [each.name for each in missing]


async def _build(events: Log, workings: Workings, tables: Sequence[Folded], up_to: int) -> None:
    values: dict[tuple[str, str], Any] = {}
    async for page in _pages(events, workings, up_to):
        changes: dict[str, dict[str, list[Version]]] = {table.name: {} for table in tables}
        for recorded in page:
            for table in tables:
                for key in _keys(table, recorded):
                    before = values.get((table.name, key))
                    value = table.fold(before, recorded, key)
                    if value is before:
                        continue
                    values[table.name, key] = value
                    versions = changes[table.name].setdefault(key, [])
                    versions.append(Version(recorded.position, value))
        for table in tables:
            await events.execute(table.statements(changes[table.name]))


async def fresh_rows(events: Log, workings: Workings, table: Folded, up_to: int) -> dict[str, Any]:
    """The rows of a table folded from the beginning, without looking at the table itself."""
    values: dict[str, Any] = {}
    async for page in _pages(events, workings, up_to):
        for recorded in page:
            for key in _keys(table, recorded):
                values[key] = table.fold(values.get(key), recorded, key)
    return {key: value for key, value in values.items() if value is not None}


def _keys(table: Folded, recorded: Recorded) -> Iterable[str]:
    return table.keys(recorded) if isinstance(recorded.event, table.event_types) else ()


async def _pages(events: Log, workings: Workings, up_to: int) -> AsyncIterator[list[Recorded]]:
    """The log page by page, each event with what its aggregate adds up to after it."""
    states: dict[str, Any] = {}
    after = 0
    while after < up_to:
        page = []
        for recorded in await events.between(after, up_to, PAGE_EVENTS):
            evolved = workings.evolved(recorded, states.get(recorded.stream))
            states[recorded.stream] = evolved.state
            page.append(evolved)
        yield page
        after = page[-1].position
