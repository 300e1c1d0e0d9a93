"""Time limits: when they begin, when they end, and what counts as kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.domain.deadline.decisions import DeadlineNotMissed, MissDeadline, deadline
from app.domain.deadline.events import DeadlineMissed
from app.domain.decider import Event, Happened
from app.domain.due import due, ends
from app.domain.feedback_case.commands import ClassifyFeedback
from app.domain.feedback_case.events import (
    CustomerReplied,
    FeedbackAcknowledged,
    FeedbackReclassified,
)
from app.domain.feedback_case.state import Channel, ReplyStage, Severity
from app.domain.limits import LIMITS, Span
from app.domain.registers.deadlines import DEADLINES, Running, deadline_id
from app.domain.values import Category, Role
from app.domain.work_calendar.decisions import DeclareWorkdays, WorkdayTwice, work_calendar
from app.domain.work_calendar.events import (
    DAYS_MAX,
    LIBRARY,
    WORK_CALENDAR,
    DeclaredDay,
    WorkCalendar,
    WorkdaysDeclared,
)
from tests.domain.cases import CLASSIFY, HEADING, NEW_CASE, REGISTERED, asked_with
from tests.people import CLERK, NOON, ONE, POLICY, QUALITY_MANAGER
from tests.spec import FIRST_PACK, Around, Spec

calendar = Spec(work_calendar)


@pytest.mark.parametrize(
    ("day", "days", "end"),
    [
        pytest.param("2025-03-03", 1, "2025-03-04", id="the day itself does not count"),
        pytest.param("2025-03-07", 1, "2025-03-10", id="over a weekend"),
        pytest.param("2025-01-25", 1, "2025-01-26", id="a Sunday that is worked before New Year"),
        pytest.param("2025-01-27", 1, "2025-02-05", id="over Spring Festival"),
        pytest.param("2025-02-07", 1, "2025-02-08", id="a Saturday that is worked after it"),
        pytest.param("2025-09-30", 3, "2025-10-11", id="over National Day"),
        pytest.param("2025-03-03", 0, "2025-03-03", id="no day at all"),
    ],
)
def test_working_days_are_those_of_china(day: str, days: int, end: str) -> None:
    assert WorkCalendar().after(date.fromisoformat(day), days) == date.fromisoformat(end)


def test_a_notice_moves_days_and_the_last_one_counts() -> None:
    days = (DeclaredDay(day=date(2027, 2, 6), working=True),)
    declared = WorkdaysDeclared(days=days, source_ref="N-1")
    calendar.when(QUALITY_MANAGER.asks(DeclareWorkdays(days=days, source_ref="N-1"))).then(declared)
    calendar.when(
        QUALITY_MANAGER.asks(DeclareWorkdays(days=days * 2, source_ref="N-1"))
    ).then_refused(WorkdayTwice)

    assert not WorkCalendar().is_working(date(2027, 2, 6))
    state = calendar.given(QUALITY_MANAGER.did(declared)).state()
    assert state.is_working(date(2027, 2, 6))
    again = WorkdaysDeclared(
        days=(DeclaredDay(day=date(2027, 2, 6), working=False),), source_ref="N-2"
    )
    state = calendar.given(QUALITY_MANAGER.did(declared), QUALITY_MANAGER.did(again)).state()
    assert not state.is_working(date(2027, 2, 6))


@pytest.mark.parametrize(
    ("unit", "amount", "end"),
    [
        ("HOURS", 24, datetime(2025, 3, 4, 4, tzinfo=UTC)),
        ("DAYS", 7, datetime(2025, 3, 10, 16, tzinfo=UTC)),
        ("WORKING_DAYS", 3, datetime(2025, 3, 6, 16, tzinfo=UTC)),
    ],
)
def test_hours_end_to_the_second_and_days_with_their_last_moment_in_shanghai(
    unit: Any,  # noqa: ANN401 - a literal
    amount: int,
    end: datetime,
) -> None:
    world = Around(NOON, ((WORK_CALENDAR.name, POLICY.did(_no_days())),))

    assert ends(world, Span(amount=amount, unit=unit), NOON) == end


def _no_days() -> WorkdaysDeclared:
    return WorkdaysDeclared(days=(), source_ref="N-0")


def of(event: Event, at: datetime = NOON, kind: str = "feedback-case") -> Happened[Any]:
    """An event of the one record of that kind."""
    return replace(CLERK.did(event, at=at), kind=kind)


def register_limits(*history: Happened[Any], limit: str) -> Running | None:
    """The limit of the one case after its history."""
    return Around(NOON, tuple((each.kind, each) for each in history)).entry_in(
        DEADLINES, deadline_id(limit, ONE)
    )


def begun(**said: Any) -> Happened[Any]:  # noqa: ANN401 - any field of the command
    """A case that was registered, with its limits."""
    (fact,) = NEW_CASE.when(CLERK.asks(asked_with(**said))).answer()
    return of(fact)


def test_a_customers_own_limit_wins_when_it_is_earlier() -> None:
    soon, far = NOON + timedelta(hours=2), NOON + timedelta(hours=9)

    assert _ends(begun()) == {"T1": NOON + timedelta(hours=4)}
    assert _ends(begun(customer_deadline=soon)) == {"T1": soon, "T20": soon}
    assert _ends(begun(customer_deadline=far)) == {"T1": NOON + timedelta(hours=4), "T20": far}


def _ends(happened: Happened[Any]) -> dict[str, datetime]:
    return {each.limit: each.due_at for each in happened.event.due}


def test_a_limit_runs_until_what_keeps_it_happens_in_time_or_late() -> None:
    told = FeedbackAcknowledged(**HEADING, acknowledged_at=NOON, channel=Channel.PHONE)
    in_time, late = NOON + timedelta(hours=4), NOON + timedelta(hours=4, seconds=1)

    assert register_limits(begun(), limit="T1") == Running(
        limit="T1",
        subject_kind="feedback-case",
        subject_id=ONE,
        subject_no="FB-2025-000001",
        started_at=NOON,
        due_at=in_time,
    )
    met = register_limits(begun(), of(told, in_time), limit="T1")
    assert met is not None
    assert (met.ended_as, met.ended_at) == ("MET", in_time)
    missed = register_limits(begun(), of(told, late), limit="T1")
    assert missed is not None
    assert missed.ended_as == "LATE"
    replied = CustomerReplied(**HEADING, stage=ReplyStage.FINAL, doc_ref="RE-1")
    again = register_limits(begun(), of(told, in_time), of(replied, late), limit="T1")
    assert again == met


def test_only_a_matter_of_quality_has_the_limits_of_qa() -> None:
    classify = REGISTERED.when(CLERK.asks(CLASSIFY)).answer()[0]
    delivery = ClassifyFeedback(category=Category.DELIVERY, severity=Severity.GENERAL)
    other = REGISTERED.when(CLERK.asks(delivery)).answer()[0]

    assert set(_ends(of(classify))) == {"T2", "T3", "T4", "T8"}
    assert _ends(of(other)) == {}
    moved = FeedbackReclassified(
        **HEADING,
        category=Category.SERVICE,
        severity=Severity.GENERAL,
        old_category=Category.PRODUCT,
        old_severity=Severity.GENERAL,
        cause_code=None,
        reason="It was about the visit.",
    )
    dropped = register_limits(begun(), of(classify), of(moved), limit="T3")
    assert dropped is not None
    assert dropped.ended_as == "DROPPED"


MISS = MissDeadline()
T1 = deadline_id("T1", ONE)


def test_a_limit_that_is_over_and_open_is_missed_once() -> None:
    over = NOON + timedelta(hours=4)
    spec = Spec(deadline, elsewhere=(("rule-pack", FIRST_PACK), ("feedback-case", begun())))
    missed = DeadlineMissed(
        limit="T1",
        limit_clause="4.2.1",
        rule_id=None,
        subject_kind="feedback-case",
        subject_id=ONE,
        subject_no="FB-2025-000001",
        started_at=NOON,
        due_at=over,
        roles=LIMITS["T1"].roles,
    )

    spec.when(POLICY.asks(MISS, to=T1, at=over - timedelta(seconds=1))).then_refused(
        DeadlineNotMissed
    )
    spec.when(POLICY.asks(MISS, to=T1, at=over)).then(missed)
    after = spec.given(POLICY.did(missed, to=T1, at=over))
    after.when(POLICY.asks(MISS, to=T1, at=over)).then_refused(DeadlineNotMissed)
    assert after.state().missed == (over,)
    spec.when(POLICY.asks(MISS, to=deadline_id("T3", ONE), at=over)).then_refused(DeadlineNotMissed)


def test_what_was_missed_is_evidence_of_the_clause_of_its_limit() -> None:
    over = NOON + timedelta(hours=4)
    spec = Spec(deadline, elsewhere=(("rule-pack", FIRST_PACK), ("feedback-case", begun())))

    (missed,) = spec.when(POLICY.asks(MISS, to=T1, at=over)).answer()

    assert missed.evidence_of() == (LIMITS["T1"].clause,) == ("4.2.1",)
    assert begun().event.evidence_of() == (begun().event.clause,)


def test_what_was_said_to_be_missed_is_late_also_at_its_last_instant() -> None:
    over = NOON + timedelta(hours=4)
    spec = Spec(deadline, elsewhere=(("rule-pack", FIRST_PACK), ("feedback-case", begun())))
    (missed,) = spec.when(POLICY.asks(MISS, to=T1, at=over)).answer()
    told = FeedbackAcknowledged(**HEADING, acknowledged_at=over, channel=Channel.PHONE)

    ended = register_limits(
        begun(),
        replace(POLICY.did(missed, to=T1, at=over), kind="deadline"),
        of(told, over),
        limit="T1",
    )

    assert ended is not None
    assert (ended.ended_as, ended.missed_at) == ("LATE", over)


def test_every_limit_says_who_must_keep_it_in_two_languages() -> None:
    for each in LIMITS.values():
        assert each.roles
        assert set(each.roles) <= set(Role)
        assert each.en
        assert each.zh


def test_a_calendar_without_working_days_is_a_fault_of_ours() -> None:
    first = date(2025, 3, 3)
    never = {(first + timedelta(days=n)).isoformat(): False for n in range(DAYS_MAX + 1)}

    with pytest.raises(AssertionError):
        WorkCalendar(declared=never).after(first, 1)


def test_a_limit_of_working_days_says_what_they_were_counted_by() -> None:
    notice = WorkdaysDeclared(
        days=(DeclaredDay(day=date(2025, 3, 4), working=False),), source_ref="N-2025-7"
    )
    told = (WORK_CALENDAR.name, QUALITY_MANAGER.did(notice, to="main"))
    first = Around(NOON, (("rule-pack", FIRST_PACK),))
    since = Around(NOON, (("rule-pack", FIRST_PACK), told))
    one = Span(amount=1, unit="WORKING_DAYS")

    by_library, by_notice = due(first, "T18", one, NOON), due(since, "T18", one, NOON)

    assert by_library.calendar == LIBRARY
    assert LIBRARY.startswith("CN holidays 0.")
    assert by_notice.calendar == f"{LIBRARY}; declared N-2025-7"
    assert by_notice.due_at == by_library.due_at + timedelta(days=1)
    hours = due(since, "T1", Span(amount=4, unit="HOURS"), NOON)
    assert hours.model_dump(mode="json") == {"limit": "T1", "due_at": "2025-03-03T08:00:00Z"}
