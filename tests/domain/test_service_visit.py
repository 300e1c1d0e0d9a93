"""The service visit: who goes until when, what was found, and what the customer signed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app.domain.decider import Event, Happened
from app.domain.errors import AlreadyExists, InTheFuture, NotFound, WrongRole
from app.domain.feedback_case.events import FEEDBACK_CASE, CaseVoided
from app.domain.registers.deadlines import DEADLINES, Running, deadline_id
from app.domain.service_visit.commands import (
    CancelServiceVisit,
    CaseNotVisitable,
    RecordServiceFinding,
    SignatureOrReason,
    StartServiceVisit,
    VisitAlreadyStarted,
    VisitBackwards,
    VisitIsOver,
    VisitNotStarted,
    VisitWithoutFinding,
)
from app.domain.service_visit.events import ServiceVisitCancelled
from app.domain.service_visit.state import VisitProvince, VisitStatus
from tests.domain.cases import CLASSIFY, REGISTERED, registered
from tests.domain.cases import HEADING as CASE_HEADING
from tests.domain.visits import (
    CASE_ID,
    COMPLETE,
    FIND,
    FOUND,
    HEADING,
    LATER,
    SIGNATURE,
    SOON,
    STARTED,
    VISIT_NO,
    completed,
    dispatch,
    dispatched,
    done,
    looked,
    new_visit,
    on_the_way,
    there,
    with_case,
)
from tests.people import CLERK, ENGINEER, NOON, ONE, QUALITY_MANAGER, SERVICE
from tests.spec import Around, Spec

START = StartServiceVisit()

# --- sending somebody -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("province", "hours"), [(VisitProvince.SAME, 24), (VisitProvince.OTHER, 48)]
)
def test_how_soon_a_visit_begins_depends_on_the_province(
    province: VisitProvince, hours: int
) -> None:
    asked = with_case.when(ENGINEER.asks(dispatch(province)))

    asked.then(dispatched(hours))
    (sent,) = asked.answer()
    assert [(each.limit, each.due_at) for each in sent.due] == [
        ("T5", NOON + timedelta(hours=hours))
    ]


@pytest.mark.parametrize(
    ("hours", "ends"),
    [
        pytest.param(5, 5, id="the customer's own limit is earlier"),
        pytest.param(30, 24, id="it is later"),
        pytest.param(-1, 24, id="it is over already"),
    ],
)
def test_a_customers_own_limit_wins_while_it_is_ahead(hours: int, ends: int) -> None:
    case = registered(customer_deadline=NOON + timedelta(hours=hours))
    known = (CLERK.did(case, to=CASE_ID), *with_case_events()[1:])

    (sent,) = new_visit.around({FEEDBACK_CASE: known}).when(ENGINEER.asks(dispatch())).answer()

    assert sent.due[0].due_at == NOON + timedelta(hours=ends)


def with_case_events() -> tuple[Happened[Any], ...]:
    return tuple(each for name, each in with_case.elsewhere if name == FEEDBACK_CASE.name)


def test_a_visit_is_for_an_open_and_classified_case() -> None:
    with_case.when(CLERK.asks(dispatch())).then_refused(WrongRole)
    new_visit.when(ENGINEER.asks(dispatch())).then_refused(
        CaseNotVisitable, status="NOT_REGISTERED"
    )
    unclassified = new_visit.around({FEEDBACK_CASE: with_case_events()[:1]})
    unclassified.when(ENGINEER.asks(dispatch())).then_refused(
        CaseNotVisitable, status="REGISTERED", next="ClassifyFeedback"
    )
    voided = CaseVoided(**CASE_HEADING, cause_code=None, reason="Not ours.")
    over = with_case.around({FEEDBACK_CASE: (QUALITY_MANAGER.did(voided, to=CASE_ID),)})
    over.when(ENGINEER.asks(dispatch())).then_refused(CaseNotVisitable, status="VOIDED", next=None)
    on_the_way.when(ENGINEER.asks(dispatch())).then_refused(AlreadyExists, visit_no=VISIT_NO)


# --- its time limits ------------------------------------------------------------------------


def limit_after(limit: str, id_: str, *history: Happened[Any]) -> Running | None:
    """A limit after what happened."""
    events = tuple((each.kind, each) for each in history)
    return Around(NOON, events).entry_in(DEADLINES, deadline_id(limit, id_))


def of_visit(event: Event, at: datetime = NOON) -> Happened[Any]:
    """An event of the one visit."""
    return replace(SERVICE.did(event, at=at), kind="service-visit")


def of_case(spec: Spec[Any, Any, Any], command: Any) -> Happened[Any]:  # noqa: ANN401
    """What the case answers the clerk."""
    (fact,) = spec.when(CLERK.asks(command)).answer()
    return replace(CLERK.did(fact, to=CASE_ID), kind="feedback-case")


def test_a_dispatch_is_the_handling_plan_of_its_case_and_starts_its_own_limit() -> None:
    plan = of_case(REGISTERED, CLASSIFY)
    (sent,) = with_case.when(ENGINEER.asks(dispatch())).answer()

    for hours, how in ((48, "MET"), (49, "LATE")):
        kept = limit_after("T4", CASE_ID, plan, of_visit(sent, NOON + timedelta(hours=hours)))
        assert kept is not None
        assert (kept.ended_as, kept.subject_kind) == (how, "feedback-case")
    runs = limit_after("T5", ONE, plan, of_visit(sent))
    assert runs is not None
    assert (runs.is_open, runs.subject_kind, runs.subject_no) == (True, "service-visit", VISIT_NO)
    other = limit_after("T3", CASE_ID, plan, of_visit(sent))
    assert other is not None
    assert other.is_open
    assert limit_after("T4", ONE, plan, of_visit(sent)) is None


def test_arriving_keeps_the_limit_and_cancelling_drops_it() -> None:
    (sent,) = with_case.when(ENGINEER.asks(dispatch())).answer()
    cancelled = ServiceVisitCancelled(**HEADING, reason="Solved by phone.")

    for event, how in ((STARTED, "MET"), (cancelled, "DROPPED")):
        ended = limit_after("T5", ONE, of_visit(sent), of_visit(event, SOON))
        assert ended is not None
        assert ended.ended_as == how
    late = limit_after("T5", ONE, of_visit(sent), of_visit(STARTED, NOON + timedelta(hours=25)))
    assert late is not None
    assert late.ended_as == "LATE"


# --- on the spot ----------------------------------------------------------------------------


def test_a_visit_begins_once_after_it_was_dispatched() -> None:
    on_the_way.when(SERVICE.asks(START, at=SOON)).then(STARTED)
    told = StartServiceVisit(started_at=SOON)
    on_the_way.when(SERVICE.asks(told, at=LATER)).then(STARTED)
    on_the_way.when(ENGINEER.asks(START)).then_refused(WrongRole)
    on_the_way.when(SERVICE.asks(told)).then_refused(InTheFuture)
    before = StartServiceVisit(started_at=NOON - timedelta(seconds=1))
    on_the_way.when(SERVICE.asks(before)).then_refused(VisitBackwards)
    there.when(SERVICE.asks(START, at=LATER)).then_refused(VisitAlreadyStarted, started_by="Luo")
    new_visit.when(SERVICE.asks(START)).then_refused(NotFound)


def test_findings_are_recorded_on_the_spot_and_admit_nothing() -> None:
    there.when(SERVICE.asks(FIND, at=SOON)).then(FOUND)
    looked.when(SERVICE.asks(FIND, at=SOON)).then(FOUND)
    there.when(ENGINEER.asks(FIND)).then_refused(WrongRole)
    on_the_way.when(SERVICE.asks(FIND)).then_refused(VisitNotStarted, next="StartServiceVisit")
    with pytest.raises(ValidationError):
        RecordServiceFinding.model_validate(dict(FIND) | {"liability_statement": "Ours."})
    (seen,) = looked.state().findings
    assert (seen.qty, seen.recorded_by, seen.photos) == (40, "Luo", ("PH-7",))


def test_a_visit_ends_with_a_signature_or_with_why_there_is_none() -> None:
    looked.when(SERVICE.asks(COMPLETE, at=LATER)).then(completed())
    told = COMPLETE.model_copy(update={"completed_at": SOON})
    looked.when(SERVICE.asks(told, at=LATER)).then(completed(completed_at=SOON))
    why = "Nobody was there to sign."
    unsigned = COMPLETE.model_copy(update={"customer_signature": None, "not_signed_because": why})
    looked.when(SERVICE.asks(unsigned, at=LATER)).then(
        completed(customer_signature=None, not_signed_because=why)
    )
    for change in ({"customer_signature": None}, {"not_signed_because": why}):
        wrong = COMPLETE.model_copy(update=change)
        looked.when(SERVICE.asks(wrong, at=LATER)).then_refused(SignatureOrReason)
    looked.when(ENGINEER.asks(COMPLETE)).then_refused(WrongRole)


def test_nobody_signs_for_nothing() -> None:
    on_the_way.when(SERVICE.asks(COMPLETE, at=LATER)).then_refused(VisitNotStarted)
    there.when(SERVICE.asks(COMPLETE, at=LATER)).then_refused(
        VisitWithoutFinding, next="RecordServiceFinding"
    )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"completed_at": LATER + timedelta(seconds=1)}, InTheFuture),
        ({"completed_at": SOON - timedelta(seconds=1)}, VisitBackwards),
        (
            {
                "customer_signature": SIGNATURE.model_copy(
                    update={"signed_at": LATER + timedelta(seconds=1)}
                )
            },
            InTheFuture,
        ),
        (
            {
                "customer_signature": SIGNATURE.model_copy(
                    update={"signed_at": SOON - timedelta(seconds=1)}
                )
            },
            VisitBackwards,
        ),
    ],
)
def test_a_visit_ends_after_it_began_and_not_later_than_now(
    changes: dict[str, Any], error: type[InTheFuture | VisitBackwards]
) -> None:
    wrong = COMPLETE.model_copy(update=changes)

    looked.when(SERVICE.asks(wrong, at=LATER)).then_refused(error)


def test_a_visit_is_called_off_until_it_is_over() -> None:
    cancel = CancelServiceVisit(reason="Solved by phone.")
    cancelled = ServiceVisitCancelled(**HEADING, reason="Solved by phone.")

    for spec in (on_the_way, there, looked):
        spec.when(ENGINEER.asks(cancel)).then(cancelled)
    on_the_way.when(SERVICE.asks(cancel)).then_refused(WrongRole)
    off = on_the_way.given(ENGINEER.did(cancelled))
    for spec, status in ((off, "CANCELLED"), (done, "COMPLETED")):
        spec.when(ENGINEER.asks(cancel)).then_refused(VisitIsOver, status=status)
        for command in (START, FIND, COMPLETE):
            spec.when(SERVICE.asks(command, at=LATER)).then_refused(VisitIsOver)


def test_a_visit_shows_how_far_it_is_and_what_it_cost() -> None:
    assert on_the_way.state().status is VisitStatus.DISPATCHED
    assert there.state().status is VisitStatus.STARTED
    state = done.state()
    assert (state.status, state.cost, state.completed_by) == (VisitStatus.COMPLETED, 512_50, "Luo")
