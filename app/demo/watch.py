"""The demo's own watch over time limits: it says what is over when it is over, as the house would.

What is said has instants between those of people's commands, a thousandth apart, so that neither
moves the other; a load that was interrupted goes on where the log ends.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self, TypeAlias, cast

from app.api.edge import Edge
from app.demo.diary import local
from app.domain.values import shanghai_day
from app.events.deciding import Answer, Replayed
from app.events.store import Key
from app.events.turn import Submission
from app.events.writer import Writer
from app.timers import Timers

MOMENT: Final = timedelta(milliseconds=1)
NEVER: Final = datetime.max.replace(tzinfo=UTC)

Told: TypeAlias = Callable[[str, int, str], None]
"""Hears of an event: its stream, its version there, its type."""

SELECT_NEXT: Final = "SELECT min(due_at) AS due_at FROM deadlines WHERE status = 'OPEN'"


@dataclass(slots=True)
class DatedWriter:
    """A writer for the house's own clock: it is told the instant of what is said."""

    writer: Writer
    now: datetime
    last_at: datetime
    """Of whatever was said, or stood in the log at the start."""
    told: Told

    async def ask(
        self, submission: Submission, key: Key, fingerprint: bytes, seconds: float
    ) -> Answer:
        """See `Writer.ask`."""
        at = max(self.now, self.last_at) + MOMENT
        dated = replace(submission, at=at)
        answer = await self.writer.ask(dated, key, fingerprint, seconds)
        if not isinstance(answer, Replayed):
            self.last_at = at
            for each in answer.events:
                self.told(each.stream, each.version, each.type)
        return answer


@dataclass(slots=True)
class Watch:
    """Looks when a limit or a quarter is over."""

    edge: Edge
    writer: DatedWriter
    timers: Timers
    next_at: datetime
    """When something is over next, as far as is known."""

    @classmethod
    async def over(cls, edge: Edge, begins_on: date, told: Told) -> Self:
        """A watch that begins on a day, over a log that may have been begun."""
        head = await edge.reader.fetch("SELECT recorded_at FROM log_head")
        writer = DatedWriter(edge.writer, local(begins_on, 0), head[0]["recorded_at"], told)

        async def now() -> datetime:
            return writer.now

        asked = cast("Writer", writer)
        timers = Timers(edge.reader, asked, edge.bell, now, eager=False)
        return cls(edge, writer, timers, _next_quarter(begins_on))

    async def learn(self) -> None:
        """See which limits run by now."""
        rows = await self.edge.reader.fetch(SELECT_NEXT)
        due_at: str | None = rows[0]["due_at"]
        next_due = NEVER if due_at is None else datetime.fromisoformat(due_at)
        self.next_at = min(next_due, _next_quarter(shanghai_day(self.writer.now)))

    async def look(self, clock: datetime, before: datetime) -> None:
        """Say what is over before an instant.

        Args:
            clock: the instant of the last command; nothing is said before it.
            before: the instant of the next.
        """
        while self.next_at < before:
            self.writer.now = max(self.next_at, clock).astimezone(UTC)
            await self.timers.tick()
            await self.learn()
            if self.next_at <= self.writer.now:
                return  # whatever the log does not take for over is asked again next time


def _next_quarter(day: date) -> datetime:
    """The first instant of the quarter after a day."""
    month = (day.month - 1) // 3 * 3 + 4
    return local(date(day.year + month // 13, (month - 1) % 12 + 1, 1), 0)
