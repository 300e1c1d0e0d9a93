"""What can be asked of an analysis meeting, why not, and what is answered."""

from collections.abc import Sequence
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.analysis_meeting.events import (
    ANALYSIS_MEETING,
    AnalysisMeeting,
    AnalysisMeetingEvent,
    AnalysisMeetingRecorded,
    AnalysisMeetingScheduled,
    MeetingAction,
    MeetingStatus,
)
from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import AlreadyExists, InTheFuture, Invalid, NotFound, Refused
from app.domain.registers.numbers import next_no
from app.domain.values import Code, Day, Department, Role, Text, shanghai_day

# --- why it may say no ----------------------------------------------------------------------


class MeetingInThePast(Invalid):
    """A meeting is scheduled for today or later.

    「会议日期不能早于今天。」
    """


class MeetingRecorded(Refused):
    """The meeting has its minutes already.

    「该会议已有纪要。」
    """


# --- what can be asked ----------------------------------------------------------------------


class ScheduleAnalysisMeeting(Command):
    """Call departments together to analyse what customers told us (召开分析会)."""

    clause: ClassVar[str] = "3.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists, MeetingInThePast)

    planned_on: Day
    departments: tuple[Department, ...] = Field(min_length=1, max_length=len(Department))
    agenda: Text = Field(description="议程.")


class RecordAnalysisMeeting(Command):
    """Record the minutes of a meeting and what is to be done (会议纪要)."""

    clause: ClassVar[str] = "3.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (NotFound, MeetingRecorded, InTheFuture)

    held_on: Day | None = Field(default=None, description="Today, when not given.")
    minutes_ref: Code = Field(description="会议纪要: the document number of the minutes.")
    actions: tuple[MeetingAction, ...] = Field(default=(), max_length=100)


AnalysisMeetingCommand: TypeAlias = ScheduleAnalysisMeeting | RecordAnalysisMeeting

# --- what it answers ------------------------------------------------------------------------


def decide(
    asked: Asked[AnalysisMeetingCommand], meeting: AnalysisMeeting, world: World
) -> Sequence[AnalysisMeetingEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case ScheduleAnalysisMeeting() as command:
            return schedule(command, meeting, world)
        case RecordAnalysisMeeting() as command:
            return record(command, meeting, world)
        case _:
            assert_never(asked.command)


def schedule(
    command: ScheduleAnalysisMeeting, meeting: AnalysisMeeting, world: World
) -> list[AnalysisMeetingEvent]:
    """Schedule it for today or later."""
    if meeting.status is not MeetingStatus.NOT_SCHEDULED:
        raise AlreadyExists(meeting_no=meeting.meeting_no)
    today = shanghai_day(world.at)
    if command.planned_on < today:
        raise MeetingInThePast(field="planned_on", today=today.isoformat())
    scheduled = AnalysisMeetingScheduled(
        meeting_no=next_no(world, "AM"),
        planned_on=command.planned_on,
        departments=tuple(each for each in Department if each in command.departments),
        agenda=command.agenda,
    )
    return [scheduled]


def record(
    command: RecordAnalysisMeeting, meeting: AnalysisMeeting, world: World
) -> list[AnalysisMeetingEvent]:
    """Record it once, with the day on which it was held."""
    if meeting.status is MeetingStatus.NOT_SCHEDULED:
        raise NotFound
    if meeting.status is MeetingStatus.RECORDED:
        raise MeetingRecorded(meeting_no=meeting.meeting_no, minutes_ref=meeting.minutes_ref)
    today = shanghai_day(world.at)
    held_on = command.held_on or today
    if held_on > today:
        raise InTheFuture(field="held_on", today=today.isoformat())
    recorded = AnalysisMeetingRecorded(
        meeting_no=meeting.meeting_no,
        held_on=held_on,
        minutes_ref=command.minutes_ref,
        actions=command.actions,
    )
    return [recorded]


analysis_meeting: Final[Decider[AnalysisMeetingCommand, AnalysisMeeting, AnalysisMeetingEvent]] = (
    Decider(
        stream=ANALYSIS_MEETING,
        decide=decide,
        collection="analysis-meetings",
        label_zh="分析会",
    )
)
