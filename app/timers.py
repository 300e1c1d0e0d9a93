"""The clock that watches time limits: what is over and still open is said to be missed, once.

Every process watches; the log decides. A limit that was kept a moment before is not missed,
because the clock waits in turn like everybody else. Clauses 4.1 to 4.6.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Final, Self

import structlog

from app.domain.claim.events import CLAIM
from app.domain.claim.objections import LapseObjection
from app.domain.deadline.decisions import MissDeadline
from app.domain.deadline.events import DEADLINE
from app.domain.decider import Command
from app.domain.errors import DomainError
from app.domain.recurrence.decisions import LapseRecurrence
from app.domain.recurrence.events import RECURRENCE
from app.domain.values import SYSTEM
from app.events.reading import LOST, Bell, Reader
from app.events.recorded import written_at
from app.events.store import Key
from app.events.turn import Submission
from app.events.writer import LogUnavailable, Writer, WriterBusy

TICK_SECONDS: Final = 1.0
FAR: Final = 2**62
BATCH: Final = 200
ASK_SECONDS: Final = 10.0

SELECT_OVER: Final = """
    SELECT row_id, time_limit, subject_id, due_at FROM deadlines
    WHERE status = 'OPEN' AND due_at <= $1 ORDER BY due_at, row_id LIMIT $2
"""

log: Final = structlog.get_logger(__name__)


class Timers:
    """Looks every second for limits that are over; where requests move the clock, at each."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        bell: Bell,
        now: Callable[[], Awaitable[datetime]],
        *,
        eager: bool,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._bell = bell
        self._now = now
        self._eager = eager
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="timers")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def tick(self) -> int:
        """Say of every limit that is over now that it was missed; how many there were."""
        said = 0
        now = await self._now()
        while True:
            over = await self._reader.fetch(SELECT_OVER, written_at(now), BATCH)
            told = [await self._say(row, now) for row in over]
            said += sum(told)
            if len(over) < BATCH or not any(told):
                return said

    async def _say(self, row: dict[str, str], now: datetime) -> bool:
        deadline_id, due_at = row["row_id"], row["due_at"]
        stream, to, command = _order(row)
        submission = Submission(
            decider=stream,
            to=to,
            command=command,
            by=SYSTEM,
            at=None,
            expected=None,
            request_id=f"clock-{deadline_id}",
        )
        key = Key("clock", type(command).__name__, f"{deadline_id} {due_at}")
        try:
            await self._writer.ask(submission, key, due_at.encode(), ASK_SECONDS)
        except DomainError as refusal:  # kept, dropped or moved meanwhile
            log.info("timers.not_missed", deadline=deadline_id, code=refusal.code(), at=str(now))
            return False
        return True

    async def _run(self) -> None:
        while not self._bell.stopped:
            try:
                await self.tick()
            except (*LOST, LogUnavailable, WriterBusy) as error:
                log.warning("timers.waiting", error=repr(error))
            await self._bell.grown(self._bell.position if self._eager else FAR, TICK_SECONDS)


def _order(row: dict[str, str]) -> tuple[str, str, Command]:
    """Nobody misses the time to object or to decide: it lapses, and the record itself says so.

    The claim is taken as accepted (T11), the failure as a recurrence (T23).
    """
    if row["time_limit"] == "T11":
        return CLAIM.name, row["subject_id"], LapseObjection()
    if row["time_limit"] == "T23":
        return RECURRENCE.name, row["subject_id"], LapseRecurrence()
    return DEADLINE.name, row["row_id"], MissDeadline()
