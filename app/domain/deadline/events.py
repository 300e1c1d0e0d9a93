"""What can happen to a deadline, and what it adds up to."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from typing_extensions import override

from app.domain.decider import Event, Happened, Stream
from app.domain.values import Code, Role


class DeadlineMissed(Event):
    """Something was not done in time, which the clause of its time limit asks for."""

    clause: ClassVar[str] = "4.2"

    limit: Code
    limit_clause: Code
    rule_id: Code | None
    subject_kind: Code
    subject_id: Code
    subject_no: Code | None
    started_at: datetime
    due_at: datetime
    roles: tuple[Role, ...]

    @override
    def evidence_of(self) -> tuple[str, ...]:
        """See `Event.evidence_of`: an audit of a clause looks for what was late under it."""
        return (self.limit_clause,)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A limit of one record, and when it was missed."""

    limit: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    subject_no: str | None = None
    missed: tuple[datetime, ...] = ()
    """The ends that were missed; a limit that is started anew can be missed anew."""


def evolve(deadline: Deadline, happened: Happened[DeadlineMissed]) -> Deadline:
    """Apply one event."""
    event = happened.event
    return Deadline(
        limit=event.limit,
        subject_kind=event.subject_kind,
        subject_id=event.subject_id,
        subject_no=event.subject_no,
        missed=(*deadline.missed, event.due_at),
    )


DEADLINE: Final = Stream(name="deadline", initial=Deadline(), evolve=evolve)
