"""Escalations: what must go to the general manager, and what must be done before it is over."""

from datetime import date, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import AlreadyExists, NotFound, WrongRole
from app.domain.escalation.decisions import (
    AcknowledgeEscalation,
    ChangeBasis,
    EscalationAlreadyAcknowledged,
    EscalationCommand,
    EscalationIncomplete,
    EscalationIsClosed,
    EscalationNotAcknowledged,
    SodAccountability,
    TraceNokAboveChecked,
)
from app.domain.escalation.events import (
    CapaRequested,
    EscalationBasisChanged,
    EscalationEvent,
    EscalationReason,
    EscalationStatus,
    ReasonCode,
)
from app.domain.values import Role
from tests.domain.escalations import (
    ACKNOWLEDGE,
    ACKNOWLEDGED,
    AMOUNT,
    CAPA_ID,
    CAPA_NOTED,
    CLAIM_ID,
    CLAIM_NO,
    CLOSE,
    CLOSED,
    ESCALATION_NO,
    HEADING,
    LINK,
    LINKED,
    NOTE_CAPA,
    SPEC_CODE,
    SPEC_COUNT,
    TRACE,
    TRACED,
    acknowledged,
    closed,
    complete,
    counted,
    for_both,
    new_escalation,
    raise_for,
    raised,
    record,
    recorded,
)
from tests.people import (
    CLERK,
    ENGINEER,
    GENERAL_MANAGER,
    NOON,
    POLICY,
    PRODUCTION,
    QUALITY_MANAGER,
    Person,
)

OTHER_SPEC: Final = "O 30×2.65 NBR"

# --- raising --------------------------------------------------------------------------------


def requested(spec_code: str) -> CapaRequested:
    """A CAPA report must be issued for the spec."""
    return CapaRequested(**HEADING, spec_code=spec_code)


def test_an_amount_goes_to_the_general_manager_without_asking_for_a_capa() -> None:
    new_escalation.when(POLICY.asks(raise_for(AMOUNT))).then(raised(AMOUNT, spec_code=None))
    new_escalation.when(GENERAL_MANAGER.asks(raise_for(AMOUNT))).then_refused(WrongRole)


def test_both_reasons_make_one_escalation_and_the_spec_asks_for_a_capa() -> None:
    new_escalation.when(POLICY.asks(raise_for(AMOUNT, SPEC_COUNT))).then(
        raised(AMOUNT, SPEC_COUNT), requested(SPEC_CODE)
    )
    for_both.when(POLICY.asks(raise_for(AMOUNT))).then_refused(
        AlreadyExists, escalation_no=ESCALATION_NO
    )


def test_of_several_specs_each_asks_for_a_capa_and_the_first_gives_its_name() -> None:
    other = SPEC_COUNT.model_copy(update={"spec_code": OTHER_SPEC})
    events: list[EscalationEvent] = [
        raised(SPEC_COUNT, other),
        requested(SPEC_CODE),
        requested(OTHER_SPEC),
    ]

    new_escalation.when(POLICY.asks(raise_for(SPEC_COUNT, other))).then(*events)
    state = new_escalation.given(*(POLICY.did(each) for each in events)).state()
    assert state.spec_code == SPEC_CODE
    assert state.capa_requested_for == (SPEC_CODE, OTHER_SPEC)


def test_the_general_manager_has_the_hours_of_the_rule_pack() -> None:
    state = for_both.state()

    assert state.acknowledge_by == NOON + timedelta(hours=24)
    assert (state.status, state.raised_at) == (EscalationStatus.RAISED, NOON)
    assert state.missing == ("TRACE", "CAPA", "ACCOUNTABILITY")


# --- what changes while it stands -----------------------------------------------------------


def observed_now(state: Any) -> dict[str, int]:  # noqa: ANN401 - the state of a spec
    """What each reason rests on now."""
    return {each.code: each.observed_now for each in state.reasons}


def test_a_further_claim_of_the_spec_is_linked_and_moves_only_that_reason() -> None:
    for spec in (for_both, acknowledged, complete):
        spec.when(POLICY.asks(LINK)).then(LINKED)
        linked = spec.given(POLICY.did(LINKED)).state()
        assert [each.claim_no for each in linked.linked_claims] == ["CL-2025-000004"]
        assert observed_now(linked) == {"AMOUNT": 612_35, "SPEC_COUNT": 4}
        ground = linked.ground("SPEC_COUNT", SPEC_CODE)
        assert ground is not None
        assert (ground.counted_on, ground.decision) == (date(2025, 4, 1), counted(3))
    closed.when(POLICY.asks(LINK)).then_refused(EscalationIsClosed, escalation_no=ESCALATION_NO)
    for_both.when(GENERAL_MANAGER.asks(LINK)).then_refused(WrongRole)
    new_escalation.when(POLICY.asks(LINK)).then_refused(NotFound)


def change(reason: ReasonCode, new_observed: int, *, spec_code: str | None = None) -> ChangeBasis:
    """A claim is not what it was."""
    return ChangeBasis(
        claim_id=CLAIM_ID,
        claim_no=CLAIM_NO,
        reason=reason,
        spec_code=spec_code,
        new_observed=new_observed,
        cause_event_id="00000000-0000-7000-8000-0000000000ee",
    )


def test_a_basis_that_changes_is_one_more_fact_also_on_a_closed_escalation() -> None:
    adjusted = change("AMOUNT", 300_00)
    moved = EscalationBasisChanged(
        escalation_no=ESCALATION_NO, old_observed=612_35, unit="FEN", **dict(adjusted)
    )
    for spec in (for_both, acknowledged, closed):
        before = spec.state()
        spec.when(POLICY.asks(adjusted)).then(moved)
        after = spec.given(POLICY.did(moved)).state()
        assert observed_now(after) == {"AMOUNT": 300_00, "SPEC_COUNT": 3}
        assert (after.status, after.missing) == (before.status, before.missing)
        spec.given(POLICY.did(moved)).when(POLICY.asks(adjusted)).then()


def test_a_cancelled_claim_changes_the_count_of_its_own_spec() -> None:
    fewer = change("SPEC_COUNT", 2, spec_code=SPEC_CODE)

    for_both.when(POLICY.asks(fewer)).then(
        EscalationBasisChanged(
            escalation_no=ESCALATION_NO, old_observed=3, unit="CLAIMS", **dict(fewer)
        )
    )
    for_both.when(POLICY.asks(change("SPEC_COUNT", 2, spec_code=OTHER_SPEC))).then()
    for_both.when(GENERAL_MANAGER.asks(fewer)).then_refused(WrongRole)
    new_escalation.when(POLICY.asks(fewer)).then_refused(NotFound)


# --- the duties -----------------------------------------------------------------------------


def test_the_general_manager_acknowledges_once() -> None:
    for_both.when(GENERAL_MANAGER.asks(ACKNOWLEDGE)).then(ACKNOWLEDGED)
    for_both.when(QUALITY_MANAGER.asks(ACKNOWLEDGE)).then_refused(WrongRole)
    acknowledged.when(GENERAL_MANAGER.asks(ACKNOWLEDGE)).then_refused(
        EscalationAlreadyAcknowledged, acknowledged_by=GENERAL_MANAGER.name
    )
    new_escalation.when(GENERAL_MANAGER.asks(ACKNOWLEDGE)).then_refused(NotFound)
    state = acknowledged.state()
    assert state.status is EscalationStatus.ACKNOWLEDGED
    assert (state.instruction, state.acknowledged_at) == ("Screen all stock.", NOON)


@pytest.mark.parametrize(
    ("who", "command"),
    [(ENGINEER, TRACE), (POLICY, NOTE_CAPA), (GENERAL_MANAGER, record("PERSON"))],
)
def test_nothing_is_done_before_the_acknowledgement(
    who: Person, command: EscalationCommand
) -> None:
    for_both.when(who.asks(command)).then_refused(
        EscalationNotAcknowledged, next=AcknowledgeEscalation.__name__
    )
    new_escalation.when(who.asks(command)).then_refused(NotFound)


def test_qa_and_production_trace_as_often_as_needed() -> None:
    for who in (ENGINEER, PRODUCTION):
        acknowledged.when(who.asks(TRACE)).then(TRACED)
    complete.when(ENGINEER.asks(TRACE)).then(TRACED)
    acknowledged.when(CLERK.asks(TRACE)).then_refused(WrongRole)
    (trace,) = complete.state().traces
    assert (trace.lots, trace.recorded_by) == (("L2501",), ENGINEER.name)


@pytest.mark.parametrize(
    ("nok", "fits"), [pytest.param(300, True, id="all"), pytest.param(301, False, id="one more")]
)
def test_no_more_pieces_are_faulty_than_were_screened(nok: int, fits: bool) -> None:  # noqa: FBT001 - a column of the table
    asked = acknowledged.when(ENGINEER.asks(TRACE.model_copy(update={"nok": nok})))

    if fits:
        asked.then(TRACED.model_copy(update={"nok": nok}))
    else:
        asked.then_refused(TraceNokAboveChecked, stock_checked=300)


def test_a_capa_is_noted_by_the_policy_alone() -> None:
    acknowledged.when(POLICY.asks(NOTE_CAPA)).then(CAPA_NOTED)
    acknowledged.when(ENGINEER.asks(NOTE_CAPA)).then_refused(WrongRole)
    assert [each.capa_id for each in complete.state().capas] == [CAPA_ID]


def test_nobody_records_their_own_accountability() -> None:
    acknowledged.when(GENERAL_MANAGER.asks(record("LEADER"))).then(recorded("LEADER"))
    acknowledged.when(GENERAL_MANAGER.asks(record("LEADER", GENERAL_MANAGER.name))).then_refused(
        SodAccountability, person=GENERAL_MANAGER.name
    )
    other_head = Person("P-77", Role.GENERAL_MANAGER)
    acknowledged.when(other_head.asks(record("PERSON"))).then_refused(SodAccountability)
    acknowledged.when(QUALITY_MANAGER.asks(record("PERSON"))).then_refused(WrongRole)
    first, second = complete.state().accountability
    assert (first.kind, second.kind) == ("PERSON", "LEADER")
    assert (second.person_id, second.recorded_by) == ("P-12", GENERAL_MANAGER.name)


# --- the end --------------------------------------------------------------------------------


def test_the_general_manager_closes_what_is_done_and_then_it_is_over() -> None:
    complete.when(GENERAL_MANAGER.asks(CLOSE)).then(CLOSED)
    complete.when(QUALITY_MANAGER.asks(CLOSE)).then_refused(WrongRole)
    new_escalation.when(GENERAL_MANAGER.asks(CLOSE)).then_refused(NotFound)
    over = closed.state()
    assert (over.status, over.missing) == (EscalationStatus.CLOSED, ())
    assert (over.closed_by, over.closed_at) == (GENERAL_MANAGER.name, NOON)
    for who, command in (
        (GENERAL_MANAGER, ACKNOWLEDGE),
        (ENGINEER, TRACE),
        (POLICY, NOTE_CAPA),
        (GENERAL_MANAGER, record("PERSON")),
        (GENERAL_MANAGER, CLOSE),
    ):
        closed.when(who.asks(command)).then_refused(EscalationIsClosed)


@pytest.mark.parametrize(
    ("done", "missing"),
    [
        pytest.param([], ["TRACE", "CAPA", "ACCOUNTABILITY"], id="nothing is done"),
        pytest.param([TRACED], ["CAPA", "ACCOUNTABILITY"], id="traced"),
        pytest.param([TRACED, CAPA_NOTED], ["ACCOUNTABILITY"], id="nobody is accountable"),
        pytest.param(
            [TRACED, CAPA_NOTED, recorded("PERSON")],
            ["ACCOUNTABILITY_LEADER"],
            id="the leader is not",
        ),
        pytest.param(
            [recorded("LEADER"), CAPA_NOTED], ["TRACE", "ACCOUNTABILITY_PERSON"], id="two are left"
        ),
    ],
)
def test_a_refusal_to_close_names_what_is_missing(done: list[Any], missing: list[str]) -> None:
    acknowledged.given(*map(GENERAL_MANAGER.did, done)).when(
        GENERAL_MANAGER.asks(CLOSE)
    ).then_refused(EscalationIncomplete, missing=missing, status="ACKNOWLEDGED")


def test_one_that_nobody_acknowledged_lacks_everything() -> None:
    for_both.when(GENERAL_MANAGER.asks(CLOSE)).then_refused(
        EscalationIncomplete, status="RAISED", missing=["TRACE", "CAPA", "ACCOUNTABILITY"]
    )


DUTIES: Final[dict[str, tuple[Person, EscalationCommand]]] = {
    "TRACE": (ENGINEER, TRACE),
    "CAPA": (POLICY, NOTE_CAPA),
    "PERSON": (GENERAL_MANAGER, record("PERSON")),
    "LEADER": (GENERAL_MANAGER, record("LEADER", "P-12")),
}


@given(
    st.lists(st.sampled_from(sorted(DUTIES)), max_size=8),
    st.sampled_from([(AMOUNT,), (SPEC_COUNT,), (AMOUNT, SPEC_COUNT)]),
)
def test_in_whatever_order_it_closes_when_every_duty_is_done_and_not_before(
    order: list[str], reasons: tuple[EscalationReason, ...]
) -> None:
    spec = new_escalation.given(POLICY.did(raised(*reasons)), GENERAL_MANAGER.did(ACKNOWLEDGED))
    for duty in order:
        who, command = DUTIES[duty]
        told = spec.when(who.asks(command)).answer()
        spec = spec.given(*(who.did(event) for event in told))

    close = spec.when(GENERAL_MANAGER.asks(CLOSE))
    if set(order) == set(DUTIES):
        close.then(CLOSED)
    else:
        close.then_refused(EscalationIncomplete)
        assert spec.state().missing
