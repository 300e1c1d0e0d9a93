"""The pulse of the database: whether it answers at all, felt once for the whole process.

A database that is silent (a cable, a firewall, a frozen host) answers nothing, not even that it is
gone, and asyncpg waits for it whatever its own timeouts say. So one connection asks all the time;
once it is not answered, everybody who waits for the database is cut off at once and whoever comes
is told at the door, until it answers again. What was cut is looked up by its key later.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self
from weakref import WeakSet

import asyncpg
import structlog

from app.events.lost import LOST

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from asyncpg import Connection, Record

BEATS_EVERY_SECONDS: Final = 0.5
SILENT_SECONDS_MAX: Final = 3.0
"""How long it may say nothing: far above a checkpoint's stall, far below a caller's patience."""

log: Final = structlog.get_logger(__name__)


class Held:
    """Connections that are cut together. A pool makes them here and tells each new one."""

    def __init__(self) -> None:
        self._connections: WeakSet[Connection[Record]] = WeakSet()
        self._is_cut = False

    async def connect(self, *arguments: Any, **options: Any) -> "Connection[Record]":  # noqa: ANN401 - asyncpg's own
        """A new connection; none while all are cut, so that nobody waits for one in vain.

        Raises:
            ConnectionRefusedError: the database is gone.
        """
        if self._is_cut:
            raise ConnectionRefusedError("the database is gone")
        return await asyncpg.connect(*arguments, **options)

    async def add(self, connection: "Connection[Record]") -> None:
        """One that was just made."""
        self._connections.add(connection)

    def cut(self) -> None:
        """End each without a word: whoever waits for it is told that it is lost."""
        self._is_cut = True
        for each in list(self._connections):
            each.terminate()
        self._connections = WeakSet()

    def mend(self) -> None:
        """New ones can be had again."""
        self._is_cut = False


class Pulse:
    """Feels whether the database answers."""

    def __init__(
        self,
        connect: "Callable[[], Awaitable[Connection[Record]]]",
        held: Held,
        cut: Callable[[], None],
    ) -> None:
        self._connect = connect
        self._held = held
        self._cut = cut
        self._connection: Connection[Record] | None = None
        self._task: asyncio.Task[None] | None = None
        self.gone = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._feel(), name="pulse")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._hang_up()

    async def _feel(self) -> None:
        while True:
            beat = asyncio.create_task(self._beat())
            try:
                done, _ = await asyncio.wait({beat}, timeout=SILENT_SECONDS_MAX)
            except asyncio.CancelledError:
                beat.cancel()
                raise
            error = beat.exception() if done else TimeoutError("silent")
            if not done:
                beat.add_done_callback(_drop)
                beat.cancel()
            self._note(error)
            await asyncio.sleep(BEATS_EVERY_SECONDS)

    async def _beat(self) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        await self._connection.execute("SELECT 1")

    def _note(self, error: BaseException | None) -> None:
        """What the last beat means.

        Raises:
            BaseException: it is no sign of a lost database, but a fault of ours.
        """
        if error is None:
            if self.gone:
                log.warning("database.back")
                self._held.mend()
                self.gone = False
            return
        if not isinstance(error, LOST):
            raise error
        self._hang_up()
        if not self.gone:
            log.warning("database.gone", error=repr(error))
            self.gone = True
            self._held.cut()
            self._cut()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


def _drop(beat: "asyncio.Task[Any]") -> None:
    """Nobody waits for it any more; take its error, so that it is not reported."""
    if not beat.cancelled():
        beat.exception()
