"""Reading the log: pages by position, streams, and a bell that rings when it grew."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, Self

import structlog

from app.domain.decider import JsonObject, S, Stream
from app.events.codec import Codec
from app.events.lost import LOST
from app.events.recorded import Recorded
from app.events.store import COLUMNS, Log, recorded_of

if TYPE_CHECKING:
    from asyncpg import Connection, Pool, Record

    from app.events.fairness import FairPool

SELECT_HEAD: Final = "SELECT position FROM log_head"

SELECT_FIRST: Final = "SELECT recorded_at FROM events WHERE position = 2"

SELECT_INSTANT: Final = "SELECT recorded_at FROM events WHERE position = $1"

FIND_INSTANT: Final = """
    WITH RECURSIVE halving (low, high) AS (
        SELECT 0::bigint, position FROM log_head
        UNION ALL
        SELECT CASE WHEN before THEN middle ELSE low END,
               CASE WHEN before THEN high ELSE middle - 1 END
        FROM (
            SELECT low, high, middle,
                   (SELECT recorded_at <= $1 FROM events WHERE position = middle) AS before
            FROM (SELECT low, high, (low + high + 1) / 2 AS middle FROM halving) AS halves
            WHERE low < high
        ) AS looked
    )
    SELECT low FROM halving WHERE low = high
"""
"""The last position at or before an instant. Instants never go back along the log, so that halving
finds it in a few look-ups by key; here, lest each of them be a journey."""

SELECT_CLOCK: Final = "SELECT sandbox_at FROM log_head"

SCAN_POSITIONS_MAX: Final = 20_000
"""How much of the log one page looks through for what is seldom: 30 to 60 ms of work.

So a filter needs no index of its own, which every command would pay for: a B-tree is one more
page to write for each event, and a BRIN tells nothing apart, since people and types are spread
over the whole log. Instants are found by halving, because they never go back along positions.
"""

SELECT_PAGE: Final = f"""
    SELECT {COLUMNS} FROM events
    WHERE position > $1 AND position <= $2
      AND ($3::text[] IS NULL OR type = ANY($3))
      AND ($4::text IS NULL OR person = $4 OR on_behalf_of = $4)
      AND ($5::text IS NULL OR $5 = ANY(clauses))
    ORDER BY position LIMIT $6
"""

SELECT_STREAM_PAGE: Final = f"""
    SELECT {COLUMNS} FROM events
    WHERE stream = $7 AND position > $1 AND position <= $2
      AND ($3::text[] IS NULL OR type = ANY($3))
      AND ($4::text IS NULL OR person = $4 OR on_behalf_of = $4)
      AND ($5::text IS NULL OR $5 = ANY(clauses))
    ORDER BY version LIMIT $6
"""

SELECT_STREAM: Final = f"""
    SELECT {COLUMNS} FROM events
    WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3
"""

SELECT_REVISION: Final = """
    SELECT version FROM events WHERE stream = $1 ORDER BY version DESC LIMIT 1
"""

HOLD_TABLES: Final = "LOCK TABLE read_tables IN ACCESS SHARE MODE"
"""Taken before the snapshot: read tables are not switched while somebody looks at them, and a
snapshot never meets tables that were filled behind its back."""

SELECT_ONE: Final = f"SELECT {COLUMNS} FROM events WHERE event_id = $1::uuid"

SET_OFF_REACH: Final = 4_000
"""What an event sets off stands close behind it: in the turn of the same command."""

SELECT_SET_OFF: Final = f"""
    SELECT followed.* FROM unnest($1::uuid[], $2::bigint[]) AS cause (id, at)
    CROSS JOIN LATERAL (
        SELECT {COLUMNS} FROM events
        WHERE position > cause.at AND position <= cause.at + {SET_OFF_REACH}
          AND causation_id = cause.id
        ORDER BY position LIMIT $3
    ) AS followed
    ORDER BY position
"""

SELECT_LED_TO: Final = f"""
    WITH RECURSIVE led (id) AS (
        SELECT causation_id FROM events WHERE event_id = ANY($1::uuid[])
        UNION SELECT causation_id FROM led JOIN events ON event_id = led.id
    )
    SELECT {COLUMNS} FROM events WHERE event_id IN (SELECT id FROM led)
"""

SELECT_STREAMS_IN_ORDER: Final = f"""
    SELECT {COLUMNS} FROM events WHERE stream = ANY($1::text[]) ORDER BY position LIMIT $2
"""

POLL_SECONDS: Final = 0.5

log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which events; all that is given must hold."""

    types: Sequence[str] | None = None
    stream: str | None = None
    person: str | None = None
    """Who did it, or in whose name it was done."""
    clause: str | None = None
    """One of the clauses that the event is evidence of."""


EVERYTHING: Final = Sought()


@dataclass(frozen=True, slots=True)
class Page:
    """Events that were sought, and how far the log was looked through for them."""

    events: list[Recorded]
    through: int
    """Every event up to this position that was sought has been read, here or before."""
    has_more: bool
    """Whether the log goes on behind `through`; not whether something is to be found there."""


class Reader:
    """The log for readers, over a pool of connections that may not change it."""

    def __init__(self, pool: "Pool[Record] | FairPool", codec: Codec) -> None:
        self._pool = pool
        self._codec = codec

    async def head(self) -> int:
        """The last position; 0 when nothing happened yet."""
        return int(await self._pool.fetchval(SELECT_HEAD))

    async def position_at(self, instant: datetime) -> int:
        """The last position that was recorded at or before an instant; 0 when none was."""
        return int(await self._pool.fetchval(FIND_INSTANT, instant))

    async def first_at(self) -> datetime | None:
        """When the first thing happened after the rule pack was adopted."""
        first: datetime | None = await self._pool.fetchval(SELECT_FIRST)
        return first

    async def sandbox_at(self) -> datetime | None:
        """Where the sandbox's clock stands; None until a request moved it."""
        stands: datetime | None = await self._pool.fetchval(SELECT_CLOCK)
        return stands

    async def page(self, *, after: int, limit: int) -> list[Recorded]:
        """Events after a position, in order; none is ever added before one that was read."""
        return (await self.search(EVERYTHING, after=after, up_to=after + limit, limit=limit)).events

    async def search(self, sought: Sought, *, after: int, up_to: int, limit: int) -> Page:
        """Events that are sought, in order, from a bounded piece of the log.

        A page ends with its `limit`, with `up_to`, or after `SCAN_POSITIONS_MAX` positions: what
        is seldom may take several pages, each of bounded work. A stream has its own index.

        Args:
            sought: which events.
            after: positions above this one.
            up_to: the last position to look at.
            limit: events a page.
        """
        end = up_to if sought.stream else min(up_to, after + SCAN_POSITIONS_MAX)
        asked = (after, end, sought.types, sought.person, sought.clause, limit + 1)
        if sought.stream:
            rows = await self._pool.fetch(SELECT_STREAM_PAGE, *asked, sought.stream)
        else:
            rows = await self._pool.fetch(SELECT_PAGE, *asked)
        events = [recorded_of(row, self._codec) for row in rows[:limit]]
        if len(rows) > limit:
            return Page(events, events[-1].position, has_more=True)
        return Page(events, max(after, end), has_more=end < up_to)

    async def stream(self, name: str, *, after_version: int, limit: int) -> list[Recorded]:
        """The events of one stream after a version, in order."""
        rows = await self._pool.fetch(SELECT_STREAM, name, after_version, limit)
        return [recorded_of(row, self._codec) for row in rows]

    async def revision(self, name: str) -> int:
        """The last version of a stream; 0 when nothing stands in it."""
        return int(await self._pool.fetchval(SELECT_REVISION, name) or 0)

    async def one(self, event_id: str) -> Recorded | None:
        """One event by its id."""
        row = await self._pool.fetchrow(SELECT_ONE, event_id)
        return None if row is None else recorded_of(row, self._codec)

    async def set_off_by(self, causes: Sequence[Recorded], limit: int) -> list[Recorded]:
        """What the rules did because of some events, in order; at most so much of each."""
        ids = [each.happened.event_id for each in causes]
        rows = await self._pool.fetch(
            SELECT_SET_OFF, ids, [each.position for each in causes], limit
        )
        return [recorded_of(row, self._codec) for row in rows]

    async def led_to(self, events: Sequence[Recorded]) -> dict[str, Recorded]:
        """By id: what set some events off, and what set that off, back to the commands."""
        rows = await self._pool.fetch(SELECT_LED_TO, [each.happened.event_id for each in events])
        found = (recorded_of(row, self._codec) for row in rows)
        return {each.happened.event_id: each for each in found}

    async def streams(self, names: Sequence[str], limit: int) -> list[Recorded]:
        """The events of some streams, in the order of the log."""
        rows = await self._pool.fetch(SELECT_STREAMS_IN_ORDER, names, limit)
        return [recorded_of(row, self._codec) for row in rows]

    @asynccontextmanager
    async def log(self) -> AsyncIterator[Log]:
        """The log on one connection."""
        async with self._pool.acquire() as connection:
            yield Log(connection, self._codec)  # type: ignore[arg-type]

    @asynccontextmanager
    async def snapshot(self, as_of: int | None = None) -> AsyncIterator["Snapshot"]:
        """Several questions to one state of things, now or as of a position."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await connection.execute(HOLD_TABLES)
            head = int(await connection.fetchval(SELECT_HEAD))
            position = head if as_of is None else min(as_of, head)
            yield Snapshot(position, head, connection, self._codec)  # type: ignore[arg-type]

    async def fetch(self, statement: str, *arguments: Any) -> list[JsonObject]:  # noqa: ANN401
        """Rows of a read table."""
        return [dict(row) for row in await self._pool.fetch(statement, *arguments)]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The log and its read tables as they stood at one position."""

    position: int
    head: int
    connection: "Connection[Record]"
    _codec: Codec

    async def fetch(self, statement: str, *arguments: Any) -> list[JsonObject]:  # noqa: ANN401
        """Rows of a read table."""
        return [dict(row) for row in await self.connection.fetch(statement, *arguments)]

    async def state_of(self, stream: Stream[S, Any], to: str) -> S:
        """What an aggregate adds up to."""
        name = f"{stream.name}-{to}"
        events = (await Log(self.connection, self._codec).streams([name]))[name]
        known = (each.happened for each in events if each.position <= self.position)
        return reduce(stream.evolve, known, stream.initial)

    async def at(self) -> datetime | None:
        """When the last thing happened that is known here; None when nothing did."""
        instant: datetime | None = await self.connection.fetchval(SELECT_INSTANT, self.position)
        return instant


class Bell:
    """Rings when the log grew: one listener a process, which also polls, for many followers."""

    def __init__(self, connect: Callable[[], Any], channel: str, head: Callable[[], Any]) -> None:
        self._connect = connect
        self._channel = channel
        self._head = head
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.position = 0
        self.stopped = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen(), name="bell")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def stop(self) -> None:
        """Send every follower home."""
        self.stopped = True
        self._ring()

    async def grown(self, after: int, seconds: float) -> None:
        """Wait until the log has grown past a position, the house closes, or time is up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.position <= after and not self.stopped:
                    await self._rung.wait()

    def _ring(self) -> None:
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    async def _listen(self) -> None:
        heard = asyncio.Event()

        def hear(_connection: object, _pid: int, _channel: str, said: object) -> None:
            if isinstance(said, str) and said.isdecimal():
                self._found(int(said))
            else:
                heard.set()

        connection: Connection[Record] | None = None
        try:
            while not self.stopped:
                try:
                    if connection is None or connection.is_closed():
                        connection = await self._connect()
                        await connection.add_listener(self._channel, hear)
                    heard.clear()
                    await self._look()
                except LOST as error:
                    log.warning("bell.deaf", error=repr(error))
                    _gone(connection)
                    connection = None
                with suppress(TimeoutError):
                    # not wait_for: before Python 3.12 it drops a cancellation that meets the ring
                    async with asyncio.timeout(POLL_SECONDS):
                        await heard.wait()
        finally:
            _gone(connection)

    async def _look(self) -> None:
        self._found(int(await self._head()))

    def _found(self, position: int) -> None:
        if position > self.position:
            self.position = position
            self._ring()


def _gone(connection: "Connection[Record] | None") -> None:
    """Nobody listens on it any more; there is nothing to say goodbye for."""
    if connection is not None:
        connection.terminate()
