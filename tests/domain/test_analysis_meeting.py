"""Analysis meetings: QA calls departments together and records what they decide."""

from datetime import date
from typing import Any

from app.domain.analysis_meeting.decisions import (
    MeetingInThePast,
    MeetingRecorded,
    RecordAnalysisMeeting,
    ScheduleAnalysisMeeting,
    analysis_meeting,
)
from app.domain.analysis_meeting.events import (
    AnalysisMeetingRecorded,
    AnalysisMeetingScheduled,
    MeetingAction,
    MeetingStatus,
)
from app.domain.errors import AlreadyExists, InTheFuture, NotFound, WrongRole
from app.domain.values import Department
from tests.people import ENGINEER, QUALITY_MANAGER
from tests.spec import Spec

TODAY = date(2025, 3, 3)
ACTION = MeetingAction(
    action="Revise the risk manual.",
    owner="Wang",
    department=Department.QA,
    due_on=date(2025, 3, 31),
)


def schedule(planned_on: date = TODAY) -> ScheduleAnalysisMeeting:
    """Sales and Engineering are called."""
    departments = (Department.TECH, Department.SALES, Department.TECH)
    return ScheduleAnalysisMeeting(
        planned_on=planned_on, departments=departments, agenda="What failed in the quarter."
    )


def record(**changes: Any) -> RecordAnalysisMeeting:  # noqa: ANN401 - any field
    """The minutes."""
    said = {"minutes_ref": "MIN-7", "actions": (ACTION,)}
    return RecordAnalysisMeeting.model_validate(said | changes)


def recorded(held_on: date = TODAY) -> AnalysisMeetingRecorded:
    """They stand in the file."""
    return AnalysisMeetingRecorded(
        meeting_no="AM-2025-000001", held_on=held_on, minutes_ref="MIN-7", actions=(ACTION,)
    )


SCHEDULED = AnalysisMeetingScheduled(
    meeting_no="AM-2025-000001",
    planned_on=TODAY,
    departments=(Department.SALES, Department.TECH),
    agenda="What failed in the quarter.",
)
new_meeting = Spec(analysis_meeting)
planned = new_meeting.given(QUALITY_MANAGER.did(SCHEDULED))


def test_the_quality_manager_calls_departments_each_once() -> None:
    new_meeting.when(QUALITY_MANAGER.asks(schedule())).then(SCHEDULED)
    planned.when(QUALITY_MANAGER.asks(schedule())).then_refused(AlreadyExists)
    new_meeting.when(ENGINEER.asks(schedule())).then_refused(WrongRole)
    new_meeting.when(QUALITY_MANAGER.asks(schedule(date(2025, 3, 2)))).then_refused(
        MeetingInThePast, today="2025-03-03"
    )


def test_its_minutes_are_recorded_once_with_the_day_on_which_it_was_held() -> None:
    planned.when(QUALITY_MANAGER.asks(record())).then(recorded())
    planned.when(QUALITY_MANAGER.asks(record(held_on="2025-03-01"))).then(
        recorded(date(2025, 3, 1))
    )
    planned.when(QUALITY_MANAGER.asks(record(held_on="2025-03-04"))).then_refused(InTheFuture)
    new_meeting.when(QUALITY_MANAGER.asks(record())).then_refused(NotFound)
    held = planned.given(QUALITY_MANAGER.did(recorded()))
    held.when(QUALITY_MANAGER.asks(record())).then_refused(MeetingRecorded, minutes_ref="MIN-7")
    state = held.state()
    assert (state.status, state.actions) == (MeetingStatus.RECORDED, (ACTION,))
