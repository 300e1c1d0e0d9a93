"""What the carrier damaged: the report, the leader's clock, and the case that opens (R-10)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decider import Order
from app.domain.delivery.commands import AcknowledgeTransportDamage, LinkTransportCase
from app.domain.delivery.events import (
    DELIVERY,
    TransportCaseLinked,
    TransportDamageAcknowledged,
    TransportDamageReported,
)
from app.domain.delivery.refusals import (
    DeliveryNotReleased,
    MoreDamagedThanDelivered,
    NoDamageWaits,
    NoSuchDamage,
    NoSuchDeliveryLine,
)
from app.domain.delivery.state import Discovery
from app.domain.errors import AlreadyExists, AlreadyReported, NotFound, WrongRole
from app.domain.feedback_case.decisions import feedback_case
from app.domain.feedback_case.events import (
    FEEDBACK_CASE,
    FeedbackClassified,
    OccurrenceQuantityTargetExceeded,
    TransportPartyNamed,
)
from app.domain.feedback_case.state import CaseStatus, Channel, LifePhase, Severity
from app.domain.feedback_case.transport import DAMAGED_IN_TRANSPORT, OpenTransportCase
from app.domain.limits import Due
from app.domain.policies.open_transport_cases import react
from app.domain.registers.deadlines import DEADLINES, deadline_id
from app.domain.values import Category
from tests.domain.cases import CASE_NO, registered
from tests.domain.deliveries import (
    DELIVERY_NO,
    HEADING,
    PREPARED,
    RELEASED,
    SPEC,
    damage,
    damaged,
    dispatched,
    new_delivery,
    prepared,
    released,
    signed,
)
from tests.people import DIRECTOR, NOON, ONE, POLICY, SALES, SHIPPER
from tests.spec import Around, Spec, happened_at_noon

CASE_ID = "00000000-0000-7000-8000-00000000000c"
LEADER = Due(limit="T15", due_at=NOON + timedelta(hours=24))
INSTRUCT = AcknowledgeTransportDamage(instruction="Send good pieces; hold the carrier liable.")
ONE_DAMAGED = dispatched.given(SALES.did(damaged()))


def acknowledged(*damages: int) -> TransportDamageAcknowledged:
    """The leader knows."""
    return TransportDamageAcknowledged(**HEADING, damages=damages, instruction=INSTRUCT.instruction)


# --- the report and the leader --------------------------------------------------------------


def test_sales_reports_a_damage_and_the_leader_has_24_hours() -> None:
    reported = damaged().model_copy(update={"due": (LEADER,)})

    for spec in (released, dispatched, signed):
        spec.when(SALES.asks(damage())).then(reported)
    prepared.when(SALES.asks(damage())).then_refused(DeliveryNotReleased)
    new_delivery.when(SALES.asks(damage())).then_refused(NotFound)
    released.when(SHIPPER.asks(damage())).then_refused(WrongRole)
    released.when(SALES.asks(damage(line=9))).then_refused(NoSuchDeliveryLine, lines=[1, 2])


@pytest.mark.parametrize(
    ("reported_before", "qty", "fits"),
    [
        pytest.param(0, 500, True, id="all of the line"),
        pytest.param(0, 501, False, id="one more"),
        pytest.param(300, 200, True, id="the rest of it"),
        pytest.param(300, 201, False, id="one more than the rest"),
    ],
)
def test_no_more_of_a_line_is_damaged_than_was_delivered(
    reported_before: int, qty: int, *, fits: bool
) -> None:
    earlier = [SALES.did(damaged(qty=reported_before))] if reported_before else []
    asked = released.given(*earlier).when(SALES.asks(damage(qty=qty)))

    if fits:
        asked.then(damaged(1 + len(earlier), qty=qty))
    else:
        asked.then_refused(MoreDamagedThanDelivered, delivered=500, reported_before=reported_before)


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(1, 300)), max_size=6))
def test_damaged_pieces_never_exceed_the_line(reports: list[tuple[int, int]]) -> None:
    spec = released
    for line, qty in reports:
        try:
            told = spec.when(SALES.asks(damage(qty, line))).answer()
        except MoreDamagedThanDelivered:
            continue
        spec = spec.given(*map(SALES.did, told))

    delivery = spec.state()
    assert all(delivery.damaged(each.line) <= each.qty for each in delivery.lines)
    assert [each.damage for each in delivery.damages] == list(range(1, len(delivery.damages) + 1))


def test_the_leader_acknowledges_all_that_waits_and_the_clock_stops() -> None:
    two = ONE_DAMAGED.given(SALES.did(damaged(2, line=2)))

    ONE_DAMAGED.when(DIRECTOR.asks(INSTRUCT)).then(acknowledged(1))
    two.when(DIRECTOR.asks(INSTRUCT)).then(acknowledged(1, 2))
    ONE_DAMAGED.when(SALES.asks(INSTRUCT)).then_refused(WrongRole)
    dispatched.when(DIRECTOR.asks(INSTRUCT)).then_refused(NoDamageWaits)
    known = two.given(DIRECTOR.did(acknowledged(1, 2)))
    known.when(DIRECTOR.asks(INSTRUCT)).then_refused(NoDamageWaits)
    assert [each.acknowledged_by for each in known.state().damages] == ["Guo", "Guo"]
    third = known.given(SALES.did(damaged(3)), DIRECTOR.did(acknowledged(3)))
    assert [each.instruction for each in third.state().damages] == [INSTRUCT.instruction] * 3


def test_a_second_report_is_due_with_the_first_that_waits_and_anew_after_an_answer() -> None:
    answered = ONE_DAMAGED.given(DIRECTOR.did(acknowledged(1)))

    (second,) = ONE_DAMAGED.when(SALES.asks(damage())).answer()
    assert second.due == ()
    (anew,) = answered.when(SALES.asks(damage())).answer()
    assert anew.due == (LEADER,)


@pytest.mark.parametrize(
    ("hours", "ended_as"), [pytest.param(24, "MET", id="24 h"), pytest.param(25, "LATE", id="25 h")]
)
def test_the_clock_of_the_leader_is_that_of_the_delivery(hours: int, ended_as: str) -> None:
    reported = damaged().model_copy(update={"due": (LEADER,)})
    told = (
        SHIPPER.did(PREPARED),
        SHIPPER.did(RELEASED),
        SALES.did(reported),
        DIRECTOR.did(acknowledged(1), at=NOON + timedelta(hours=hours)),
    )
    world = Around(NOON, tuple((DELIVERY.name, replace(e, kind=DELIVERY.name)) for e in told))

    running = world.entry_in(DEADLINES, deadline_id("T15", ONE))
    assert running is not None
    assert (running.subject_kind, running.subject_no) == ("delivery", DELIVERY_NO)
    assert running.ended_as == ended_as


def test_the_delivery_knows_the_case_of_a_damage() -> None:
    link = LinkTransportCase(damage=1, case_id=CASE_ID, case_no=CASE_NO)
    linked = TransportCaseLinked(**HEADING, damage_no=f"{DELIVERY_NO}/1", **dict(link))
    two = ONE_DAMAGED.given(SALES.did(damaged(2, line=2)))

    two.when(POLICY.asks(link)).then(linked)
    two.when(SALES.asks(link)).then_refused(WrongRole)
    dispatched.when(POLICY.asks(link)).then_refused(NoSuchDamage)
    assert [each.case_no for each in two.given(POLICY.did(linked)).state().damages] == [
        CASE_NO,
        None,
    ]


# --- the case -------------------------------------------------------------------------------

OPEN = OpenTransportCase(
    delivery_id=ONE,
    delivery_no=DELIVERY_NO,
    damage_no=f"{DELIVERY_NO}/1",
    customer_id="C01",
    carrier_id="SF",
    channel=Channel.PHONE,
    occurred_on=date(2025, 3, 3),
    spec_code=SPEC,
    lot_no="L2501",
    qty=3,
    description="The boxes were crushed.",
)
CASE_HEADING = {
    "case_no": CASE_NO,
    "customer_id": "C01",
    "spec_code": SPEC,
    "occurred_on": date(2025, 3, 3),
}
REGISTERED = registered(
    source_system="SANBAO",
    external_ref=f"{DELIVERY_NO}/1",
    customer_ref=None,
    channel=Channel.PHONE,
    occurred_on=date(2025, 3, 3),
    life_phase=LifePhase.ZERO_KM,
    lot_no="L2501",
    produced_on=None,
    failure_mode=DAMAGED_IN_TRANSPORT,
    qty_reported=3,
    description="The boxes were crushed.",
)
CLASSIFIED = FeedbackClassified(
    **CASE_HEADING, category=Category.TRANSPORT, severity=Severity.GENERAL
)
NAMED = TransportPartyNamed(
    **CASE_HEADING,
    rule_id="R-10",
    delivery_id=ONE,
    delivery_no=DELIVERY_NO,
    damage_no=f"{DELIVERY_NO}/1",
    carrier_id="SF",
)
new_case = Spec(feedback_case)


def test_the_case_of_a_damage_is_registered_and_classified_at_once() -> None:
    new_case.when(POLICY.asks(OPEN)).then(REGISTERED, CLASSIFIED, NAMED)
    new_case.when(SALES.asks(OPEN)).then_refused(WrongRole)
    opened = new_case.given(*(POLICY.did(each) for each in (REGISTERED, CLASSIFIED, NAMED)))
    case = opened.state()
    assert (case.status, case.category) == (CaseStatus.CLASSIFIED, Category.TRANSPORT)
    assert (case.candidate_third_party, case.delivery_no) == ("SF", DELIVERY_NO)
    opened.when(POLICY.asks(OPEN)).then_refused(AlreadyExists, case_no=CASE_NO)


def test_its_limits_run_from_the_report() -> None:
    told = new_case.when(POLICY.asks(OPEN)).answer()

    limits = {each.limit: each.due_at - NOON for event in told for each in event.due}
    assert list(limits) == ["T1", "T2", "T3", "T4", "T8"]
    assert limits["T3"] == timedelta(hours=24)


@pytest.mark.parametrize(("qty", "alert"), [(3, False), (4, True)])
def test_many_damaged_pieces_are_told_like_those_of_any_case(qty: int, *, alert: bool) -> None:
    told = new_case.when(POLICY.asks(OPEN.model_copy(update={"qty": qty}))).answer()

    assert any(isinstance(each, OccurrenceQuantityTargetExceeded) for each in told) is alert


def test_a_damage_has_one_case() -> None:
    known = new_case.around({FEEDBACK_CASE: (POLICY.did(REGISTERED, to=CASE_ID),)})

    known.when(POLICY.asks(OPEN)).then_refused(AlreadyReported, case_no=CASE_NO)


# --- the policy -----------------------------------------------------------------------------

EMPTY = Around(NOON)


@pytest.mark.parametrize(
    ("discovered", "channel"),
    [(Discovery.PHONE, Channel.PHONE), (Discovery.DELIVERY_POINT, Channel.VISIT)],
)
def test_a_damage_opens_a_case_of_its_own(discovered: Discovery, channel: Channel) -> None:
    reported = damaged(qty=3).model_copy(update={"discovered": discovered})

    (order,) = react(happened_at_noon(reported), EMPTY)

    assert order == Order("feedback-case", OPEN.model_copy(update={"channel": channel}))


def test_the_case_tells_the_delivery_which_it_is() -> None:
    told = replace(happened_at_noon(NAMED), to=CASE_ID)

    assert react(told, EMPTY) == [
        Order("delivery", LinkTransportCase(damage=1, case_id=CASE_ID, case_no=CASE_NO), to=ONE)
    ]


def test_a_case_that_somebody_registered_under_the_damages_number_is_linked() -> None:
    world = Around(NOON, ((FEEDBACK_CASE.name, POLICY.did(REGISTERED, to=CASE_ID)),))
    reported: TransportDamageReported = damaged()

    assert react(happened_at_noon(reported), world) == [
        Order("delivery", LinkTransportCase(damage=1, case_id=CASE_ID, case_no=CASE_NO), to=ONE)
    ]
