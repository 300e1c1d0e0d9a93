"""A world beside the plant that holds nothing but what a fold of the log from scratch gives.

Read as any plant is read, live, it says what the plant must say as of the same position.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Final

import asyncpg
import httpx

from app.api.edge import Edge
from app.events.database import Database
from app.events.migrate import APP_ROLE
from app.events.reading import Reader
from app.events.recorded import Recorded
from app.events.workings import Workings
from app.main import create_app
from app.projections.catalogue import LEDGERS
from app.projections.ledger import REMOVE, UPSERT, AnyLedger

SCHEMA: Final = "scratch"

LOG: Final = f"""
    CREATE TABLE known (position bigint);
    INSERT INTO known VALUES (0);
    CREATE VIEW events AS
        SELECT * FROM {{plant}}.events WHERE position <= (SELECT position FROM known);
    CREATE VIEW log_head AS
        SELECT position, recorded_at, recorded_at AS sandbox_at FROM events
        WHERE position = (SELECT position FROM known);
    CREATE VIEW read_tables AS SELECT * FROM {{plant}}.read_tables;
    GRANT USAGE ON SCHEMA {SCHEMA} TO {APP_ROLE};
    GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {APP_ROLE};
"""  # noqa: S608 - constants
"""The log ends at the position that is known, and the clock stands at its last instant."""


@dataclass(slots=True)
class Scratch:
    """The ledgers as a fold from scratch gives them, in memory and in tables of their own."""

    workings: Workings
    connection: "asyncpg.Connection[asyncpg.Record]"
    rows: dict[str, dict[str, str]] = field(
        default_factory=lambda: {each.name: {} for each in LEDGERS}
    )
    """By ledger and key: the row as its JSON text."""
    _values: dict[tuple[str, str], Any] = field(default_factory=dict)
    _states: dict[str, Any] = field(default_factory=dict)
    _touched: dict[tuple[str, str], AnyLedger] = field(default_factory=dict)

    def fold(self, recorded: Recorded) -> None:
        """Go on by one event."""
        evolved = self.workings.evolved(recorded, self._states.get(recorded.stream))
        self._states[recorded.stream] = evolved.state
        for ledger in LEDGERS:
            if isinstance(recorded.event, ledger.event_types):
                for key in ledger.keys(evolved):
                    at = (ledger.name, key)
                    self._values[at] = ledger.fold(self._values.get(at), evolved, key)
                    self._touched[at] = ledger

    async def stand_at(self, position: int) -> None:
        """Let the tables hold what was folded so far, and the log end there."""
        for ledger in LEDGERS:
            await self._write(ledger, position)
        self._touched.clear()
        await self.connection.execute("UPDATE known SET position = $1", position)

    async def _write(self, ledger: AnyLedger, position: int) -> None:
        keys = [key for name, key in self._touched if name == ledger.name]
        rows = self.rows[ledger.name]
        gone = [key for key in keys if self._values[ledger.name, key] is None]
        for key in gone:
            rows.pop(key, None)
        kept = [key for key in keys if self._values[ledger.name, key] is not None]
        for key in kept:
            rows[key] = ledger.encode(self._values[ledger.name, key])
        await self.connection.execute(REMOVE.format(name=ledger.name), gone)
        await self.connection.execute(
            ledger.sql(UPSERT),
            kept,
            [position] * len(kept),
            [rows[key] for key in kept],
        )


@asynccontextmanager
async def scratch_of(plant: Database, workings: Workings) -> AsyncIterator[Scratch]:
    """A world beside a plant, with nothing in it yet; taken down in the end."""
    connection = await replace(plant, schema=SCHEMA).connect_as_owner()
    try:
        await connection.execute(f"CREATE SCHEMA {SCHEMA}")
        for statement in _tables(plant.schema):
            await connection.execute(statement)
        await connection.execute(LOG.format(plant=plant.schema))
        yield Scratch(workings, connection)
    finally:
        await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        await connection.close()


def _tables(plant: str) -> Iterator[str]:
    """The tables of ledgers; those of superseded versions are there, and stay empty."""
    for ledger in LEDGERS:
        for name in (ledger.table.name, ledger.history.name):
            yield f"CREATE TABLE {name} (LIKE {plant}.{name} INCLUDING ALL)"


@asynccontextmanager
async def live_in_scratch(edge: Edge, plant: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The same service, whose readers see the world beside the plant and nothing else."""
    async with replace(plant, schema=SCHEMA).pool(connections_max=1) as pool:
        here = replace(edge, reader=Reader(pool, edge.workings.codec), mode="sandbox")
        app = create_app(nullcontext(here), mode="sandbox")
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://scratch") as http,
        ):
            yield http
