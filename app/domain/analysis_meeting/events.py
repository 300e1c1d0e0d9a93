"""What can happen to an analysis meeting, and what it adds up to."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import BaseModel, ConfigDict, Field

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.values import Code, Day, Department, Text


class MeetingStatus(StrEnum):
    """How far it is (状态)."""

    NOT_SCHEDULED = "NOT_SCHEDULED"
    SCHEDULED = "SCHEDULED"
    RECORDED = "RECORDED"


class MeetingAction(BaseModel):
    """What somebody is to do (会议决议)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Text
    owner: Code = Field(description="The person who does it (责任人).")
    department: Department
    due_on: Day


class AnalysisMeetingScheduled(Event):
    """Departments are called together."""

    clause: ClassVar[str] = "3.3"
    numbered: ClassVar[str | None] = "meeting_no"

    meeting_no: Code
    planned_on: date
    departments: tuple[Department, ...]
    agenda: Text


class AnalysisMeetingRecorded(Event):
    """It was held; its minutes and actions stand."""

    clause: ClassVar[str] = "3.3"

    meeting_no: Code
    held_on: date
    minutes_ref: Code
    actions: tuple[MeetingAction, ...]


AnalysisMeetingEvent: TypeAlias = AnalysisMeetingScheduled | AnalysisMeetingRecorded


@dataclass(frozen=True, slots=True)
class AnalysisMeeting:
    """A meeting as it stands."""

    status: MeetingStatus = MeetingStatus.NOT_SCHEDULED
    meeting_no: str = ""
    planned_on: date = date.min
    departments: tuple[Department, ...] = ()
    agenda: str = ""
    scheduled_by: str = ""
    held_on: date | None = None
    minutes_ref: str | None = None
    actions: tuple[MeetingAction, ...] = ()
    recorded_by: str | None = None
    recorded_at: datetime | None = None


def evolve(meeting: AnalysisMeeting, happened: Happened[AnalysisMeetingEvent]) -> AnalysisMeeting:
    """Apply one event."""
    by = happened.by.person
    match happened.event:
        case AnalysisMeetingScheduled() as event:
            status = MeetingStatus.SCHEDULED
            return AnalysisMeeting(status=status, scheduled_by=by, **event.said())
        case AnalysisMeetingRecorded() as event:
            return replace(
                meeting,
                status=MeetingStatus.RECORDED,
                held_on=event.held_on,
                minutes_ref=event.minutes_ref,
                actions=event.actions,
                recorded_by=by,
                recorded_at=happened.at,
            )
        case unknown:
            assert_never(unknown)


ANALYSIS_MEETING: Final = Stream(name="analysis-meeting", initial=AnalysisMeeting(), evolve=evolve)
