"""Which time limits run, of what, until when, and how they ended.

An event starts the limits that its `due` names, and stops or drops those that it says, of its own
subject and of others; there is no list to keep here.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from app.domain.deadline.events import DeadlineMissed
from app.domain.decider import Event, Happened, Register, Subject


class Running(BaseModel):
    """One limit of one record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: str
    subject_kind: str
    subject_id: str
    subject_no: str | None
    started_at: datetime
    due_at: datetime
    calendar: str | None = None
    """What its working days were counted by; None: it has no such days."""
    ended_at: datetime | None = None
    ended_as: Literal["MET", "LATE", "DROPPED"] | None = None
    missed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.ended_at is None


def deadline_id(limit: str, subject_id: str) -> str:
    """`T12-<the claim's id>`."""
    return f"{limit}-{subject_id}"


def subject_of(happened: Happened[Event]) -> Subject:
    """Whose limits an event moves."""
    return happened.event.subject() or Subject(happened.kind, happened.to)


def keys_of(happened: Happened[Event]) -> Iterable[str]:
    """The limits that an event starts, stops, drops or says to be missed."""
    event = happened.event
    if isinstance(event, DeadlineMissed):
        return (happened.to,)
    limits = (*[each.limit for each in event.due], *event.stops(), *event.drops())
    others = event.stops_of()
    if not limits and not others:
        return ()  # as most do
    further = [deadline_id(limit, other.id) for other, limit in others]
    subject = subject_of(happened)
    return dict.fromkeys([*(deadline_id(each, subject.id) for each in limits), *further])


def fold(running: Running | None, happened: Happened[Event], key: str) -> Running | None:
    """The limit after the event; what has ended is not ended twice."""
    event, subject = happened.event, subject_of(happened)
    begun = next((each for each in event.due if deadline_id(each.limit, subject.id) == key), None)
    if begun is not None:
        return Running(
            limit=begun.limit,
            subject_kind=subject.kind,
            subject_id=subject.id,
            subject_no=_number(event, subject) or (running.subject_no if running else None),
            started_at=happened.at,
            due_at=begun.due_at,
            calendar=begun.calendar,
        )
    if running is None or not running.is_open:
        return running
    if isinstance(event, DeadlineMissed):
        return running.model_copy(update={"missed_at": happened.at})
    if key in _kept(event, subject):
        late = happened.at > running.due_at or running.missed_at is not None
        how: dict[str, Any] = {"ended_at": happened.at, "ended_as": "LATE" if late else "MET"}
        return running.model_copy(update=how)
    return running.model_copy(update={"ended_at": happened.at, "ended_as": "DROPPED"})


def _kept(event: Event, subject: Subject) -> set[str]:
    """The limits that the event keeps: its subject's, and those of others that it names."""
    own = {deadline_id(limit, subject.id) for limit in event.stops()}
    return own | {deadline_id(limit, other.id) for other, limit in event.stops_of()}


def _number(event: Event, subject: Subject) -> str | None:
    """The number that people call the record by, where the event says it."""
    word = subject.kind.rpartition("-")[2]
    found = getattr(event, f"{word}_no", None) or getattr(event, event.numbered or "", None)
    return None if found is None else str(found)


DEADLINES: Final[Register[Running]] = Register(
    name="running_limits",
    value_type=Running,
    event_types=(Event,),
    keys=keys_of,
    fold=fold,
    version=3,
)
"""By deadline id: the limit and the id of the record."""
