"""Some read tables on their way to the head of the log, in shadows, and the switch to them.

How far a shadow is stands in `rebuilds`, written with its rows, so that a rebuild that broke off
goes on where it was; two that meet share the work. Policies never run: what they led to stands in
the log.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

from asyncpg import Connection, DeadlockDetectedError, LockNotAvailableError, Record

from app.domain.decider import Event
from app.events.database import Database
from app.events.folding import Folded
from app.events.store import Log
from app.events.workings import Workings
from app.evidence.folding_pass import BOUNDS, Bounds, FoldingPass
from app.evidence.shadows import Shadow, Slot, analyse, drop, index, make, put_in_place, shadow_of

Progress: TypeAlias = Callable[[int, int], None]
"""Told the position that is folded to, and the one to reach."""

SWITCH_ATTEMPTS_MAX: Final = 30
SWITCH_LOCK: Final = "SET LOCAL lock_timeout = '2s'"
SWITCH_PAUSE_SECONDS: Final = 0.5
NEAR_EVENTS: Final = 500
"""So close to the head that the rest is folded while writers wait."""
ROUNDS_MAX: Final = 100
"""How often a rebuild runs after a head that moves on; then writers wait for what is left."""

SELECT_REBUILDS: Final = """
    SELECT name, version, position FROM rebuilds WHERE slot = $1 AND name = ANY($2::text[])
"""
LOCK_REBUILDS: Final = SELECT_REBUILDS + " ORDER BY name FOR UPDATE"
BEGIN_REBUILD: Final = """
    INSERT INTO rebuilds (name, slot, version, position, started_at)
    VALUES ($1, $2, $3, 0, clock_timestamp())
    ON CONFLICT (name, slot) DO UPDATE
        SET version = excluded.version, position = 0, started_at = excluded.started_at
"""
MOVE_REBUILDS: Final = """
    UPDATE rebuilds SET position = $3 WHERE slot = $1 AND name = ANY($2::text[])
"""
END_REBUILDS: Final = "DELETE FROM rebuilds WHERE slot = $1 AND name = ANY($2::text[])"
COUNT_EVENTS: Final = """
    SELECT type, count(*) AS events FROM events WHERE position > $1 GROUP BY type
"""
MARK_BUILT: Final = """
    INSERT INTO read_tables (name, version, built_at) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET version = excluded.version, built_at = excluded.built_at
"""
DROP_OBSOLETE: Final = "DELETE FROM read_tables WHERE name <> ALL($1::text[])"
COUNT_SWITCH: Final = "UPDATE log_head SET switched = switched + 1"
PLAN_ANEW: Final = "SET plan_cache_mode = force_custom_plan"
"""Tables that are being filled soon outgrow a plan that was made for empty ones."""
MAKING: Final = "SELECT pg_advisory_xact_lock(hashtext('sanbao.rebuild'))"


class Overtaken(Exception):
    """Somebody else finished the rebuild, or began it anew for another version."""


@dataclass(frozen=True, slots=True)
class Built:
    """A table that stands, built anew."""

    name: str
    version: int
    position: int
    """Of the log, when it was switched."""


@asynccontextmanager
async def owner_of(database: Database) -> AsyncIterator["Connection[Record]"]:
    """A connection of the owner of the tables; whoever leaves in a hurry leaves nothing locked."""
    connection = await database.connect_as_owner()
    try:
        yield connection
    finally:
        if not connection.is_closed():
            if connection.is_in_transaction():
                connection.terminate()
            else:
                await connection.close()


class Rebuild:
    """Some tables on their way to the head of the log, in shadows."""

    def __init__(  # noqa: PLR0913, PLR0917 - where, what, and within which bounds
        self,
        connection: "Connection[Record]",
        workings: Workings,
        tables: Iterable[Folded],
        slot: Slot,
        told: Progress | None = None,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self.shadows: Sequence[Shadow] = [shadow_of(each, slot) for each in tables]
        self.log = Log(connection, workings.codec)
        self._connection = connection
        self._workings = workings
        self.slot = slot
        self._bounds = bounds
        self.told = told or (lambda _, __: None)
        self._pass: FoldingPass | None = None
        self._last: tuple[tuple[str, ...], int] = ((), -1)
        """What we folded last, and up to where; stands it elsewhere, others went on with it."""

    @property
    def names(self) -> list[str]:
        """Of the tables that are built."""
        return [each.name for each in self.shadows]

    def part(self, names: Iterable[str]) -> "Rebuild":
        """Some of the tables, on the same connection: one of both is to be folded at a time."""
        tables = [each.live for each in self.shadows if each.name in set(names)]
        return Rebuild(self._connection, self._workings, tables, self.slot, self.told, self._bounds)

    async def begin(self, *, afresh: bool) -> None:
        """Make the shadows that are not there yet for this version, or all of them."""
        await self._connection.execute(PLAN_ANEW)
        async with self._connection.transaction():
            await self._connection.execute(MAKING)
            begun = {n: version for n, version, _ in await self._rows(SELECT_REBUILDS)}
            for each in self.shadows:
                if afresh or begun.get(each.name) != each.live.version:
                    await make(self._connection, each.table)
                    await self._connection.execute(
                        BEGIN_REBUILD, each.name, self.slot, each.live.version
                    )

    async def fold_up_to(self, position: int) -> None:
        """Fold until every shadow is at a position, some pages in each transaction.

        Raises:
            Overtaken: the rebuild is not ours any more.
        """
        while await self._step(position) < position:
            pass

    async def catch_up(self) -> None:
        """Fold until the head is near.

        Raises:
            Overtaken: the rebuild is not ours any more.
        """
        for _ in range(ROUNDS_MAX):
            head = await self.head()
            await self.fold_up_to(head)
            if await self.head() - head <= NEAR_EVENTS:
                break

    async def switch(self) -> list[Built]:
        """Fold the rest under the lock of the head, and let the shadows take their places.

        Raises:
            Overtaken: the rebuild is not ours any more.
            LockNotAvailableError, DeadlockDetectedError: somebody holds a table all the time.
        """
        for each in self.shadows:
            async with self._connection.transaction():
                await self._connection.execute(MAKING)
                await index(self._connection, each.table)
            await analyse(self._connection, each)
        await self.catch_up()  # with what came meanwhile
        for attempt in range(1, SWITCH_ATTEMPTS_MAX + 1):
            try:
                return await self._switch()
            except (DeadlockDetectedError, LockNotAvailableError):
                self._pass = None  # what was folded last was rolled back
                if attempt == SWITCH_ATTEMPTS_MAX:
                    raise
                await asyncio.sleep(SWITCH_PAUSE_SECONDS)
        raise AssertionError(self.names)

    async def drop(self) -> None:
        """Throw the shadows away."""
        async with self._connection.transaction():
            for each in self.shadows:
                await drop(self._connection, each.table)
            await self._connection.execute(END_REBUILDS, self.slot, self.names)

    async def _switch(self) -> list[Built]:
        connection = self._connection
        async with connection.transaction():
            await connection.execute(SWITCH_LOCK)
            head = await self.log.lock_head()
            await self.fold_up_to(head.position)
            # Readers hold it while they look (app/events/reading.py); none is in the middle of it.
            await connection.execute("LOCK TABLE read_tables IN ACCESS EXCLUSIVE MODE")
            built = []
            for each in self.shadows:
                await put_in_place(connection, each)
                await connection.execute(MARK_BUILT, each.name, each.live.version, head.position)
                built.append(Built(each.name, each.live.version, head.position))
            await connection.execute(DROP_OBSOLETE, list(self._workings.tables))
            await connection.execute(END_REBUILDS, self.slot, self.names)
            await connection.execute(COUNT_SWITCH)
        return built

    async def _step(self, up_to: int) -> int:
        """Some pages for the tables that are furthest behind; where the last of all is now."""
        async with self._connection.transaction():
            at = {name: position for name, _, position in await self._held()}
            behind = min(at.values())
            if behind < up_to:
                names = tuple(name for name, position in at.items() if position == behind)
                others = [position for position in at.values() if position > behind]
                reached = await self._fold(names, behind, min([up_to, *others]))
                at.update(dict.fromkeys(names, reached))
                await self._connection.execute(MOVE_REBUILDS, self.slot, names, reached)
        lowest = min(at.values())
        self.told(min(lowest, up_to), up_to)
        return lowest

    async def _fold(self, names: tuple[str, ...], after: int, up_to: int) -> int:
        if self._pass is None or self._last != (names, after):
            tables = [each.table for each in self.shadows if each.name in names]
            self._pass = FoldingPass(self.log, self._workings, tables, self._bounds)
        reached = await self._pass.pages(after, up_to)
        self._last = (names, reached)
        return reached

    async def _held(self) -> list[tuple[str, int, int]]:
        """Our rows in `rebuilds`, locked until the pages are written."""
        rows = await self._rows(LOCK_REBUILDS)
        ours = {each.name: each.live.version for each in self.shadows}
        if {name: version for name, version, _ in rows} != ours:
            raise Overtaken(f"{sorted(ours)}: finished or begun anew by somebody else")
        return rows

    async def _rows(self, statement: str) -> list[tuple[str, int, int]]:
        rows = await self._connection.fetch(statement, self.slot, self.names)
        return [(row["name"], row["version"], row["position"]) for row in rows]

    async def head(self) -> int:
        """Where the log ends."""
        return int(await self._connection.fetchval("SELECT position FROM log_head"))

    async def events_by_type(self, after: int) -> dict[type[Event], int]:
        """How many events of each type stand after a position; those that are known here."""
        known = self._workings.codec.event_types
        rows = await self._connection.fetch(COUNT_EVENTS, after)
        return {known[row["type"]]: row["events"] for row in rows if row["type"] in known}

    async def reached(self) -> int:
        """Where the table is that is furthest behind."""
        return min(position for _, _, position in await self._rows(SELECT_REBUILDS))
