"""Whether a failure came back after its improvement: what the day says, and who decides else."""

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import pytest

from app.domain.errors import NotFound, WrongRole
from app.domain.limits import Due
from app.domain.recurrence.decisions import (
    DropRecurrence,
    LapseRecurrence,
    NothingToDecide,
    RecurrenceDecisionOpen,
)
from app.domain.recurrence.events import (
    RecurrenceQuestionDropped,
    RecurrenceStatus,
    RecurrenceToDecide,
    Verdict,
)
from app.domain.registers.deadlines import DEADLINES, deadline_id
from tests.domain.recurrences import (
    DECIDE_BY,
    FAILURE,
    WHY,
    decide,
    judge,
    new_recurrence,
    question,
    said,
)
from tests.people import ENGINEER, NOON, ONE, POLICY, QUALITY_MANAGER
from tests.spec import Around

BEFORE, UNDER = date(2025, 3, 31), date(2025, 4, 1)
WAITING = new_recurrence.given(POLICY.did(question()))
DETECTED = new_recurrence.given(POLICY.did(said("RECURRENCE", "PRODUCTION_DATE", UNDER)))
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@pytest.mark.parametrize(
    ("produced_on", "verdict"),
    [
        pytest.param(BEFORE, "KNOWN_CAUSE_BEFORE_MEASURE", id="the last day before the measure"),
        pytest.param(UNDER, "RECURRENCE", id="the first day of the measure"),
    ],
)
def test_the_production_day_says_whether_it_recurred(produced_on: date, verdict: Verdict) -> None:
    new_recurrence.when(POLICY.asks(judge(produced_on))).then(
        said(verdict, "PRODUCTION_DATE", produced_on)
    )


def test_where_nobody_knows_the_day_qa_has_thirty_days_to_decide() -> None:
    asked = RecurrenceToDecide(
        **FAILURE, case_id=ONE, produced_on=None, due=(Due(limit="T23", due_at=DECIDE_BY),)
    )

    new_recurrence.when(POLICY.asks(judge(None))).then(asked)
    assert WAITING.state().status is RecurrenceStatus.TO_DECIDE
    assert WAITING.state().decide_by == DECIDE_BY


def test_what_the_log_had_before_named_no_earlier_cases() -> None:
    before = RecurrenceToDecide.upcast_v1_v2({"case_no": "FB-2025-000001"})

    assert before == {"case_no": "FB-2025-000001", "earlier_case_nos": []}


def test_the_same_ground_is_not_judged_twice() -> None:
    WAITING.when(POLICY.asks(judge(None))).then()
    DETECTED.when(POLICY.asks(judge(UNDER))).then()
    decided = WAITING.given(QUALITY_MANAGER.did(said("RECURRENCE", "DECIDED", reason=WHY)))
    decided.when(POLICY.asks(judge(None))).then()


def test_another_production_day_is_another_ground_and_the_last_verdict_counts() -> None:
    corrected = said("KNOWN_CAUSE_BEFORE_MEASURE", "PRODUCTION_DATE", BEFORE)

    WAITING.when(POLICY.asks(judge(BEFORE))).then(corrected)
    DETECTED.when(POLICY.asks(judge(BEFORE))).then(corrected)
    state = DETECTED.given(POLICY.did(corrected)).state()
    assert state.status is RecurrenceStatus.KNOWN_CAUSE_BEFORE_MEASURE
    assert [each.verdict for each in state.verdicts] == ["RECURRENCE", state.status]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_quality_manager_decides_with_a_reason(verdict: Verdict) -> None:
    WAITING.when(QUALITY_MANAGER.asks(decide(verdict))).then(said(verdict, "DECIDED", reason=WHY))

    told = WAITING.given(QUALITY_MANAGER.did(said(verdict, "DECIDED", reason=WHY))).state()
    assert told.status == verdict
    assert told.decide_by is None
    assert (told.verdicts[0].said_by, told.verdicts[0].reason) == ("Xu", WHY)


def test_nobody_else_decides() -> None:
    WAITING.when(ENGINEER.asks(decide("RECURRENCE"))).then_refused(WrongRole)


def test_only_a_question_that_waits_is_decided_or_lapses() -> None:
    for asked in (
        QUALITY_MANAGER.asks(decide("RECURRENCE")),
        POLICY.asks(LapseRecurrence(), at=DECIDE_BY),
    ):
        new_recurrence.when(asked).then_refused(NotFound)
        DETECTED.when(asked).then_refused(NothingToDecide, status=RecurrenceStatus.RECURRENCE)


def test_what_nobody_decides_in_time_is_taken_as_a_recurrence() -> None:
    early = DECIDE_BY - timedelta(microseconds=1)

    WAITING.when(POLICY.asks(LapseRecurrence(), at=early)).then_refused(RecurrenceDecisionOpen)
    WAITING.when(POLICY.asks(LapseRecurrence(), at=DECIDE_BY)).then(said("RECURRENCE", "LAPSED"))


@pytest.mark.parametrize(("case_ended", "because"), [(True, "CASE_ENDED"), (False, "NO_MEASURE")])
def test_a_question_about_nothing_is_dropped(*, case_ended: bool, because: str) -> None:
    dropped = RecurrenceQuestionDropped.model_validate(
        FAILURE | {"case_id": ONE, "produced_on": None, "because": because}
    )
    drop = POLICY.asks(DropRecurrence(case_ended=case_ended))

    WAITING.when(drop).then(dropped)
    over = WAITING.given(POLICY.did(dropped))
    assert over.state().status is RecurrenceStatus.DROPPED
    over.when(drop).then()
    over.when(QUALITY_MANAGER.asks(decide("RECURRENCE"))).then_refused(NothingToDecide)
    over.when(POLICY.asks(judge(None))).then(question())
    DETECTED.when(drop).then()
    new_recurrence.when(drop).then()


@pytest.mark.parametrize(
    ("ending", "ended_as"),
    [
        pytest.param(said("RECURRENCE", "DECIDED", reason=WHY), "MET", id="decided"),
        pytest.param(said("RECURRENCE", "LAPSED"), "DROPPED", id="lapsed, and not missed"),
        pytest.param(
            RecurrenceQuestionDropped.model_validate(
                FAILURE | {"case_id": ONE, "produced_on": None, "because": "CASE_ENDED"}
            ),
            "DROPPED",
            id="dropped",
        ),
    ],
)
def test_the_limit_to_decide_is_that_of_the_case(
    ending: RecurrenceQuestionDropped, ended_as: str
) -> None:
    history = [
        (each.kind, each)
        for each in (
            replace(POLICY.did(question()), kind="recurrence"),
            replace(POLICY.did(ending), kind="recurrence"),
        )
    ]

    runs = Around(NOON, tuple(history)).entry_in(DEADLINES, deadline_id("T23", ONE))

    assert runs is not None
    assert (runs.subject_kind, runs.subject_no) == ("feedback-case", "FB-2025-000001")
    assert (runs.due_at, runs.ended_as) == (DECIDE_BY, ended_as)
