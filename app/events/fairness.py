"""A few places for many callers: whoever waits stands in a line of his own, and lines take turns.

So a caller who asks a hundred things at once waits for himself; somebody else who asks one thing
gets the next place that is free, and mostly finds one, since no line holds all of them.
"""

import asyncio
import time
from collections import Counter, OrderedDict, deque
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Pool, Record
    from asyncpg.pool import PoolConnectionProxy

HOUSE: Final = "house"
LINE: Final[ContextVar[str]] = ContextVar("line", default=HOUSE)
"""In whose line this task waits: a caller's key, or the house itself."""
WAIT_SECONDS_MAX: Final = 3.0
ALONE_SECONDS: Final = 5.0
"""How long nobody else must have asked for a caller to count as alone."""


class NoPlace(TimeoutError):
    """No place became free in time; nothing was begun."""


class Places:
    """So many at once; the others wait, one line a caller, one step a round.

    A caller who has been alone for some seconds may have all of them: nobody is kept waiting.
    """

    def __init__(self, places: int, per_line: int) -> None:
        self._free = places
        self._places = places
        self._per_line = per_line
        self._last_line = HOUSE
        self._mixed_at = -ALONE_SECONDS
        self._held: Counter[str] = Counter()
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def take(self, line: str, seconds: float = WAIT_SECONDS_MAX) -> None:
        """Wait for a place.

        Args:
            line: whose.
            seconds: how long.

        Raises:
            NoPlace: none became free.
        """
        if line not in {self._last_line, HOUSE}:
            if self._last_line != HOUSE:
                self._mixed_at = time.monotonic()
            self._last_line = line
        if self._free and self._held[line] < self._share():  # and so nobody waits for this one
            self._free -= 1
            self._held[line] += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(line, deque()).append(turn)
        try:
            async with asyncio.timeout(seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # it came at the moment of giving up
                self.give_back(line)
            if isinstance(error, TimeoutError):
                raise NoPlace from None
            raise

    def give_back(self, line: str) -> None:
        """Free a place for the first of the next line."""
        self._free += 1
        self._held[line] -= 1
        if not self._held[line]:
            del self._held[line]
        share = self._share()
        for each in list(self._lines):
            while self._free and self._held[each] < share and self._next_of(each):
                if len(self._lines) > 1:
                    break  # it is the next one's turn

    def _share(self) -> int:
        alone = time.monotonic() - self._mixed_at > ALONE_SECONDS
        return self._places if alone else self._per_line

    def _next_of(self, line: str) -> bool:
        """Give the free place to the first who still waits in a line; it goes to the end."""
        waiting = self._lines.pop(line, deque())
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._free -= 1
                self._held[line] += 1
                if waiting:
                    self._lines[line] = waiting
                return True
        return False


class FairPool:
    """A pool of connections for readers, given to callers in turn.

    Fewer places than connections: what the house itself must ask never waits for callers.
    """

    def __init__(self, pool: "Pool[Record]", places: int, per_line: int) -> None:
        self._pool = pool
        self._places = Places(places, per_line)

    @asynccontextmanager
    async def acquire(self) -> "AsyncIterator[PoolConnectionProxy[Record]]":
        """A connection, for several questions."""
        line = LINE.get()
        await self._places.take(line)
        try:
            async with self._pool.acquire() as connection:
                yield connection
        finally:
            self._places.give_back(line)

    async def fetch(self, query: str, *args: Any) -> "list[Record]":  # noqa: ANN401 - asyncpg's
        """Rows."""
        line = LINE.get()
        await self._places.take(line)
        try:
            return await self._pool.fetch(query, *args)
        finally:
            self._places.give_back(line)

    async def fetchrow(self, query: str, *args: Any) -> "Record | None":  # noqa: ANN401
        """One row or None."""
        line = LINE.get()
        await self._places.take(line)
        try:
            return await self._pool.fetchrow(query, *args)
        finally:
            self._places.give_back(line)

    async def fetchval(self, query: str, *args: Any) -> Any:  # noqa: ANN401 - asyncpg's
        """One value or None."""
        line = LINE.get()
        await self._places.take(line)
        try:
            return await self._pool.fetchval(query, *args)
        finally:
            self._places.give_back(line)
