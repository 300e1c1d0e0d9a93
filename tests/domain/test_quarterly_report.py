"""The quarterly report: frozen by one, issued by another, restated beside what was issued."""

from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from app.domain.errors import AlreadyExists, WrongRole
from app.domain.limits import Due
from app.domain.quarterly_report.decisions import (
    AcknowledgeReport,
    CloseQuarter,
    DepartmentTwice,
    EndQuarter,
    IssueReport,
    NoSuchQuarter,
    NothingToAcknowledge,
    NoVersionWaits,
    QuarterAlreadyClosed,
    QuarterNotIssued,
    QuarterNotOver,
    RestateQuarter,
    SodReport,
    VersionWaits,
    last_day_of,
    quarterly_report,
)
from app.domain.quarterly_report.events import (
    QuarterClosed,
    QuarterEnded,
    QuarterRestated,
    ReportAcknowledged,
    ReportIssued,
    ReportStatus,
)
from app.domain.values import Department, Role
from app.domain.work_calendar.events import LIBRARY
from tests.people import ENGINEER, NOON, POLICY, PRODUCTION, QUALITY_MANAGER
from tests.spec import Spec

Q1: Final = "2025Q1"
OVER: Final = datetime(2025, 3, 31, 16, tzinfo=UTC)
"""Midnight after 31 March in Shanghai."""
HEADING: Final[dict[str, Any]] = {"report_no": "QR-2025Q1", "quarter": Q1}
DUE: Final = Due(limit="T16", due_at=datetime(2025, 4, 15, 16, tzinfo=UTC), calendar=LIBRARY)
"""The end of the tenth working day; 4 April is a holiday."""
ENDED: Final = QuarterEnded(**HEADING, ended_on=date(2025, 3, 31), due=(DUE,))
CLOSED: Final = QuarterClosed(**HEADING, version=1, cutoff_position=2)
DEPARTMENTS: Final = (Department.QA, Department.PRODUCTION)
ISSUE: Final = IssueReport(suggestions="Change the knife every shift.", departments=DEPARTMENTS)
ISSUED: Final = ReportIssued(
    **HEADING, version=1, cutoff_position=2, suggestions=ISSUE.suggestions, departments=DEPARTMENTS
)
REASON: Final = "A case of 28 March came in May."

quarter: Final = Spec(quarterly_report, to=Q1)
ended: Final = quarter.given(POLICY.did(ENDED, to=Q1, at=OVER))
closed: Final = ended.given(ENGINEER.did(CLOSED, to=Q1, at=OVER))
issued: Final = closed.given(QUALITY_MANAGER.did(ISSUED, to=Q1, at=OVER))


def test_the_clock_says_that_it_is_over_and_the_report_is_due_ten_working_days_later() -> None:
    quarter.when(POLICY.asks(EndQuarter(), to=Q1, at=NOON)).then_refused(QuarterNotOver)
    quarter.when(POLICY.asks(EndQuarter(), to=Q1, at=OVER)).then(ENDED)
    ended.when(POLICY.asks(EndQuarter(), to=Q1, at=OVER)).then_refused(AlreadyExists)


def test_an_engineer_freezes_the_figures_once_with_or_without_the_clock() -> None:
    asks = ENGINEER.asks(CloseQuarter(), to=Q1, at=OVER)

    ended.when(asks).then(CLOSED)
    quarter.when(asks).then(ENDED, CLOSED.model_copy(update={"cutoff_position": 1}))
    quarter.when(ENGINEER.asks(CloseQuarter(), to=Q1, at=NOON)).then_refused(QuarterNotOver)
    closed.when(asks).then_refused(QuarterAlreadyClosed, version=1)


def test_another_person_issues_what_was_frozen() -> None:
    closed.when(QUALITY_MANAGER.asks(ISSUE, to=Q1, at=OVER)).then(ISSUED)
    same_head = ENGINEER.wearing(Role.QA_MANAGER)
    closed.when(same_head.asks(ISSUE, to=Q1, at=OVER)).then_refused(SodReport)
    ended.when(QUALITY_MANAGER.asks(ISSUE, to=Q1, at=OVER)).then_refused(
        NoVersionWaits, next="CloseQuarter"
    )
    issued.when(QUALITY_MANAGER.asks(ISSUE, to=Q1, at=OVER)).then_refused(
        NoVersionWaits, next="RestateQuarter"
    )
    quarter.when(QUALITY_MANAGER.asks(ISSUE, to=Q1, at=OVER)).then_refused(QuarterNotOver)
    twice = IssueReport(suggestions="None.", departments=(Department.QA, Department.QA))
    closed.when(QUALITY_MANAGER.asks(twice, to=Q1, at=OVER)).then_refused(DepartmentTwice)
    assert ISSUED.stops() == ("T16",)


def test_each_department_acknowledges_once() -> None:
    known = ReportAcknowledged(**HEADING, version=1, department=Department.PRODUCTION)
    asks = PRODUCTION.asks(AcknowledgeReport(), to=Q1, at=OVER)

    issued.when(asks).then(known)
    issued.given(PRODUCTION.did(known, to=Q1)).when(asks).then_refused(NothingToAcknowledge)
    closed.when(asks).then_refused(QuarterNotIssued)
    issued.when(POLICY.asks(AcknowledgeReport(), to=Q1)).then_refused(WrongRole)
    both = issued.given(
        PRODUCTION.did(known, to=Q1),
        ENGINEER.did(known.model_copy(update={"department": Department.QA}), to=Q1),
    )
    assert issued.state().status is ReportStatus.ISSUED
    assert both.state().status is ReportStatus.ACKNOWLEDGED


def test_late_facts_make_a_new_version_beside_the_old_one() -> None:
    restate = RestateQuarter(reason=REASON)
    restated = QuarterRestated(
        **HEADING, version=2, cutoff_position=4, compared_with_position=2, reason=REASON
    )

    issued.when(ENGINEER.asks(restate, to=Q1, at=OVER)).then(restated)
    closed.when(ENGINEER.asks(restate, to=Q1, at=OVER)).then_refused(VersionWaits, version=1)
    ended.when(ENGINEER.asks(restate, to=Q1, at=OVER)).then_refused(QuarterNotIssued)
    again = issued.given(ENGINEER.did(restated, to=Q1, at=OVER)).state()
    assert [each.version for each in again.versions] == [1, 2]
    assert again.versions[0].issued_by == QUALITY_MANAGER.name
    assert again.status is ReportStatus.CLOSED


@pytest.mark.parametrize("odd", ["2025Q5", "2025", "25Q1", "2025q1"])
def test_a_quarter_has_one_spelling(odd: str) -> None:
    quarter.when(ENGINEER.asks(CloseQuarter(), to=odd, at=OVER)).then_refused(NoSuchQuarter)


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("2025Q1", date(2025, 3, 31)),
        ("2025Q2", date(2025, 6, 30)),
        ("2025Q3", date(2025, 9, 30)),
        ("2025Q4", date(2025, 12, 31)),
    ],
)
def test_a_quarter_ends_with_its_last_day(name: str, last: date) -> None:
    assert last_day_of(name) == last
