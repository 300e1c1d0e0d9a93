"""The clock that watches time limits: what is over and still open is said to be missed, once.

Every process watches; the log decides. A limit that was kept a moment before is not missed,
because the clock waits in turn like everybody else. Clauses 4.1 to 4.6.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, datetime
from typing import Final, Self

import structlog

from app.domain.claim.events import CLAIM
from app.domain.claim.objections import LapseObjection
from app.domain.deadline.decisions import MissDeadline
from app.domain.deadline.events import DEADLINE
from app.domain.decider import Command
from app.domain.errors import DomainError
from app.domain.management_review.decisions import EndYear
from app.domain.management_review.events import MANAGEMENT_REVIEW
from app.domain.quarterly_report.decisions import EndQuarter
from app.domain.quarterly_report.events import QUARTERLY_REPORT
from app.domain.recurrence.decisions import LapseRecurrence
from app.domain.recurrence.events import RECURRENCE
from app.domain.values import SYSTEM, quarter_of, shanghai_day
from app.events.lost import LOST
from app.events.reading import Bell, Reader
from app.events.recorded import written_at
from app.events.store import Key
from app.events.turn import Accepted, Submission
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
        self._ended: set[str] = set()
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
        """Say what is over now: quarters, years, and limits that nobody kept; how many."""
        now = await self._now()
        said = await self._end_periods(now)
        while True:
            over = await self._reader.fetch(SELECT_OVER, written_at(now), BATCH)
            told = [await self._say(row) for row in over]
            said += sum(told)
            if len(over) < BATCH or not any(told):
                return said

    async def _end_periods(self, now: datetime) -> int:
        """Quarters and years that ended since the first thing happened, each said once."""
        first = await self._reader.first_at()
        if first is None:
            return 0
        said = 0
        for period, (stream, command) in _periods(shanghai_day(first), shanghai_day(now)).items():
            if period not in self._ended:
                said += await self._ask(stream, period, command, "over")
                self._ended.add(period)
        return said

    async def _say(self, row: dict[str, str]) -> bool:
        stream, to, command = _order(row)
        return await self._ask(stream, to, command, row["due_at"])

    async def _ask(self, stream: str, to: str, command: Command, over: str) -> bool:
        """Whether it was news; the log knows what was kept, dropped, moved or said meanwhile."""
        submission = Submission(
            decider=stream,
            to=to,
            command=command,
            by=SYSTEM,
            at=None,
            expected=None,
            request_id=f"clock-{to}",
        )
        key = Key("clock", type(command).__name__, f"{to} {over}")
        try:
            answer = await self._writer.ask(submission, key, over.encode(), ASK_SECONDS)
        except DomainError:
            return False
        return isinstance(answer, Accepted)

    async def _run(self) -> None:
        while not self._bell.stopped:
            try:
                await self.tick()
            except (*LOST, LogUnavailable, WriterBusy) as error:
                log.warning("timers.waiting", error=repr(error))
            await self._bell.grown(self._bell.position if self._eager else FAR, TICK_SECONDS)


def _periods(first: date, today: date) -> dict[str, tuple[str, Command]]:
    """Every quarter and year from the first day on that is over today, oldest first."""
    found: dict[str, tuple[str, Command]] = {}
    for year in range(first.year, today.year + 1):
        for quarter in range(1, 5):
            name = f"{year}Q{quarter}"
            if quarter_of(first) <= name < quarter_of(today):
                found[name] = (QUARTERLY_REPORT.name, EndQuarter())
        if year < today.year:
            found[str(year)] = (MANAGEMENT_REVIEW.name, EndYear())
    return found


def _order(row: dict[str, str]) -> tuple[str, str, Command]:
    """Nobody misses the time to object or to decide: it lapses, and the record itself says so.

    The claim is taken as accepted (T11), the failure as a recurrence (T23).
    """
    if row["time_limit"] == "T11":
        return CLAIM.name, row["subject_id"], LapseObjection()
    if row["time_limit"] == "T23":
        return RECURRENCE.name, row["subject_id"], LapseRecurrence()
    return DEADLINE.name, row["row_id"], MissDeadline()
