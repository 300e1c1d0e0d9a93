"""A delivery: the gate it passes, the way it goes, and the signed list that comes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.delivery.commands import CancelDelivery, PrepareDelivery, ReleaseDelivery
from app.domain.delivery.events import (
    DELIVERY,
    DeliveryCancelled,
    DeliveryPrepared,
    DeliveryReleased,
    DeliveryTracked,
)
from app.domain.delivery.refusals import (
    BeforeRelease,
    DeliveryAlreadyDispatched,
    DeliveryAlreadyReleased,
    DeliveryAlreadySigned,
    DeliveryIsCancelled,
    DeliveryLineTwice,
    DeliveryNotReleased,
    DeliveryNotSigned,
    ListMismatch,
    ProofAlreadyReturned,
    ReleaseGate,
    SignatureTwice,
)
from app.domain.delivery.state import DeliveryLine, DeliveryStatus, Signatory
from app.domain.errors import (
    AlreadyExists,
    AlreadyReported,
    DomainError,
    InTheFuture,
    NotFound,
    SourceIncomplete,
    WrongRole,
)
from app.domain.limits import Due
from app.domain.registers.deadlines import DEADLINES, deadline_id
from tests.domain.deliveries import (
    DELIVERY_NO,
    DISPATCH,
    DISPATCHED,
    EARLIER,
    HEADING,
    LINES,
    PREPARE,
    PREPARED,
    PROOF_RETURNED,
    RELEASE,
    RELEASED,
    RETURN_PROOF,
    SIGN,
    SIGNATURES,
    SIGNED,
    SPEC,
    TRACK,
    damage,
    dispatched,
    new_delivery,
    prepared,
    released,
    signed,
    without,
)
from tests.people import CLERK, ERP, NOON, ONE, SALES, SHIPPER, STOREKEEPER
from tests.spec import Around

TOMORROW = NOON + timedelta(days=1)

# --- preparing ------------------------------------------------------------------------------


def test_goods_are_prepared_under_a_number() -> None:
    for who in (SHIPPER, STOREKEEPER, ERP):
        new_delivery.when(who.asks(PREPARE)).then(PREPARED)
    new_delivery.when(SALES.asks(PREPARE)).then_refused(WrongRole)
    prepared.when(SHIPPER.asks(PREPARE)).then_refused(AlreadyExists, delivery_no=DELIVERY_NO)
    assert prepared.state().status is DeliveryStatus.PREPARED
    twice = PREPARE.model_copy(update={"lines": (LINES[0], LINES[0])})
    new_delivery.when(SHIPPER.asks(twice)).then_refused(DeliveryLineTwice, line=1)


def from_erp(**said: str | None) -> PrepareDelivery:
    """As the ERP tells it."""
    return PREPARE.model_copy(update=said)


def test_a_source_system_tells_of_a_delivery_once() -> None:
    told = from_erp(source_system="ERP", external_ref="SO-9")
    known = DeliveryPrepared(delivery_no=DELIVERY_NO, **dict(told))
    others = (SHIPPER.did(PREPARED, to="of-nobody"), ERP.did(known, to="another"))
    other = new_delivery.around({DELIVERY: others})

    new_delivery.when(ERP.asks(told)).then(known)
    other.when(ERP.asks(told)).then_refused(AlreadyReported, delivery_no=DELIVERY_NO)
    other.when(ERP.asks(from_erp(source_system="MES", external_ref="SO-9"))).then(
        known.model_copy(update={"source_system": "MES", "delivery_no": "DL-2025-000002"})
    )
    for half in ({"source_system": "ERP"}, {"external_ref": "SO-9"}):
        new_delivery.when(ERP.asks(from_erp(**half))).then_refused(SourceIncomplete)


# --- the gate -------------------------------------------------------------------------------


def test_papers_lists_and_three_signatures_release_the_goods() -> None:
    prepared.when(SHIPPER.asks(RELEASE)).then(RELEASED)
    prepared.when(STOREKEEPER.asks(RELEASE)).then_refused(WrongRole)
    new_delivery.when(SHIPPER.asks(RELEASE)).then_refused(NotFound)
    released.when(SHIPPER.asks(RELEASE)).then_refused(DeliveryAlreadyReleased)
    assert released.state().status is DeliveryStatus.RELEASED
    papers = released.state().release
    assert papers is not None
    assert [papers.signature_of(role) for role in Signatory] == ["Qian", "Sun", "Kong"]


@pytest.mark.parametrize(
    ("emptied", "missing"),
    [
        pytest.param({"inspection_report_no": None}, ["inspection_report_no"], id="A35"),
        pytest.param({"certificate_no": None}, ["certificate_no"], id="no certificate"),
        pytest.param({"packing_list_no": None}, ["packing_list_no"], id="no number"),
        pytest.param({"packing_list": ()}, ["packing_list"], id="no packing list"),
        pytest.param({"shipping_list": ()}, ["shipping_list"], id="no shipping list"),
        pytest.param({"signatures": SIGNATURES[:2]}, ["signatures.CARRIER"], id="no carrier"),
        pytest.param({"signatures": SIGNATURES[1:]}, ["signatures.SHIPPER"], id="no shipper"),
        pytest.param({"signatures": SIGNATURES[::2]}, ["signatures.KEEPER"], id="no keeper"),
        pytest.param(
            {"signatures": (*SIGNATURES[:2], SIGNATURES[2].model_copy(update={"name": None}))},
            ["signatures.2.name"],
            id="a signature without a name",
        ),
        pytest.param(
            {"certificate_no": None, "signatures": SIGNATURES[:1]},
            ["certificate_no", "signatures.KEEPER", "signatures.CARRIER"],
            id="all that is missing is named at once",
        ),
    ],
)
def test_the_gate_names_what_is_missing_and_its_clause(
    emptied: dict[str, Any], missing: list[str]
) -> None:
    asked = prepared.when(SHIPPER.asks(without(**emptied)))

    asked.then_refused(ReleaseGate, missing=missing)
    with pytest.raises(ReleaseGate) as refusal:
        asked.answer()
    unsigned = {f"signatures.{role}": "signatures" for role in Signatory}
    assert refusal.value.field == unsigned.get(missing[0], missing[0])
    assert (ReleaseGate.code(), ReleaseGate.clause, ReleaseGate.rule) == (
        "GATE_4_1_3",
        "4.1.3",
        "R-12",
    )


def listed(**changes: Any) -> tuple[DeliveryLine, ...]:  # noqa: ANN401 - any field of a line
    """The lines, the first one changed."""
    return (LINES[0].model_copy(update=changes), LINES[1])


@pytest.mark.parametrize(
    ("lists", "details"),
    [
        pytest.param(
            {"shipping_list": listed(qty=480)},
            {"line": 1, "differs": "qty", "packing_list": 500, "shipping_list": 480},
            id="A35: packed 500, shipped 480",
        ),
        pytest.param(
            {"packing_list": listed(qty=501)},
            {"line": 1, "differs": "qty", "packing_list": 501, "shipping_list": 500},
            id="one more is packed",
        ),
        pytest.param(
            {"packing_list": listed(lot_no="L2409"), "shipping_list": listed(lot_no="L2409")},
            {"line": 1, "differs": "lot_no", "prepared": "L2501", "shipping_list": "L2409"},
            id="another lot than was prepared",
        ),
        pytest.param(
            {"shipping_list": listed(spec_code="X")},
            {"line": 1, "differs": "spec_code", "packing_list": SPEC, "shipping_list": "X"},
            id="another specification",
        ),
        pytest.param(
            {"shipping_list": LINES[:1]},
            {"line": 2, "differs": "qty", "packing_list": 200, "shipping_list": None},
            id="a line is not on the shipping list",
        ),
    ],
)
def test_the_lists_are_equal_line_by_line(
    lists: dict[str, Any], details: dict[str, object]
) -> None:
    prepared.when(SHIPPER.asks(without(**lists))).then_refused(ListMismatch, **details)


def test_the_order_of_lines_does_not_matter_and_their_numbers_do() -> None:
    prepared.when(SHIPPER.asks(without(packing_list=LINES[::-1]))).then(RELEASED)
    twice = without(packing_list=(LINES[0], LINES[0]))
    prepared.when(SHIPPER.asks(twice)).then_refused(DeliveryLineTwice, line=1)


def test_each_side_signs_once_and_not_in_the_future() -> None:
    twice = without(signatures=(*SIGNATURES, SIGNATURES[0]))
    late = tuple(each.model_copy(update={"signed_at": TOMORROW}) for each in SIGNATURES)
    now = tuple(each.model_copy(update={"signed_at": None}) for each in SIGNATURES)

    prepared.when(SHIPPER.asks(twice)).then_refused(SignatureTwice, role=Signatory.SHIPPER)
    prepared.when(SHIPPER.asks(without(signatures=late))).then_refused(InTheFuture)
    (answer,) = prepared.when(SHIPPER.asks(without(signatures=now))).answer()
    assert isinstance(answer, DeliveryReleased)
    assert answer.released_at == NOON


pieces = st.integers(1, 3)


@given(st.lists(pieces, min_size=1, max_size=3), st.lists(pieces, min_size=1, max_size=3))
def test_what_is_released_was_prepared_packed_and_shipped_alike(
    packed: list[int], shipped: list[int]
) -> None:
    def lines(pieces: list[int]) -> tuple[DeliveryLine, ...]:
        return tuple(
            DeliveryLine(line=number, spec_code=SPEC, lot_no="L1", qty=qty)
            for number, qty in enumerate(pieces, start=1)
        )

    plan = DeliveryPrepared(delivery_no=DELIVERY_NO, **(dict(PREPARE) | {"lines": lines(packed)}))
    release = without(packing_list=lines(packed), shipping_list=lines(shipped))
    asked = new_delivery.given(SHIPPER.did(plan)).when(SHIPPER.asks(release))

    if packed == shipped:
        (answer,) = asked.answer()
        assert isinstance(answer, DeliveryReleased)
        assert answer.lines == plan.lines
    else:
        asked.then_refused(ListMismatch)


def test_a_delivery_is_cancelled_before_it_is_released() -> None:
    cancel = CancelDelivery(reason="The order was withdrawn.")
    gone = DeliveryCancelled(**HEADING, reason="The order was withdrawn.")

    for who in (SHIPPER, STOREKEEPER):
        prepared.when(who.asks(cancel)).then(gone)
    prepared.when(CLERK.asks(cancel)).then_refused(WrongRole)
    released.when(SHIPPER.asks(cancel)).then_refused(DeliveryAlreadyReleased)
    cancelled = prepared.given(SHIPPER.did(gone))
    assert cancelled.state().status is DeliveryStatus.CANCELLED
    for command in (cancel, RELEASE, DISPATCH):
        cancelled.when(SHIPPER.asks(command)).then_refused(DeliveryIsCancelled)
    for on_the_way in (TRACK, SIGN, RETURN_PROOF, damage()):
        cancelled.when(SALES.asks(on_the_way)).then_refused(DeliveryIsCancelled)


# --- on the way -----------------------------------------------------------------------------


def test_released_goods_are_handed_to_the_carrier_once() -> None:
    released.when(SHIPPER.asks(DISPATCH)).then(DISPATCHED)
    released.when(SALES.asks(DISPATCH)).then_refused(WrongRole)
    prepared.when(SHIPPER.asks(DISPATCH)).then_refused(DeliveryNotReleased)
    dispatched.when(SHIPPER.asks(DISPATCH)).then_refused(DeliveryAlreadyDispatched, waybill="SF-77")
    released.given(SALES.did(SIGNED)).when(SHIPPER.asks(DISPATCH)).then_refused(
        DeliveryAlreadyDispatched, status="DELIVERED"
    )
    assert dispatched.state().status is DeliveryStatus.IN_TRANSIT


def test_sales_notes_what_it_learns_as_often_as_it_calls() -> None:
    noted = DeliveryTracked(**HEADING, **(dict(TRACK) | {"noted_at": NOON}))

    for spec in (released, dispatched, signed):
        spec.when(SALES.asks(TRACK)).then(noted)
    prepared.when(SALES.asks(TRACK)).then_refused(DeliveryNotReleased)
    released.when(SHIPPER.asks(TRACK)).then_refused(WrongRole)
    (note,) = dispatched.given(SALES.did(noted)).state().tracking
    assert (note.note, note.noted_by) == ("The truck is in Jinan.", "Gao")


@pytest.mark.parametrize(
    ("at", "error"),
    [
        pytest.param(EARLIER, None, id="at the release"),
        pytest.param(EARLIER - timedelta(seconds=1), BeforeRelease, id="a second before it"),
        pytest.param(NOON, None, id="now"),
        pytest.param(NOON + timedelta(seconds=1), InTheFuture, id="a second from now"),
    ],
)
def test_what_happens_on_the_way_happens_between_the_release_and_now(
    at: datetime, error: type[DomainError] | None
) -> None:
    asked = (
        SHIPPER.asks(DISPATCH.model_copy(update={"dispatched_at": at})),
        SALES.asks(TRACK.model_copy(update={"noted_at": at})),
        SALES.asks(SIGN.model_copy(update={"signed_at": at})),
        SALES.asks(damage(discovered_at=at)),
    )
    for each in asked:
        if error is None:
            assert released.when(each).answer()
        else:
            released.when(each).then_refused(error)


def test_the_customer_signs_once_even_when_nobody_recorded_the_dispatch() -> None:
    for spec in (released, dispatched):
        spec.when(SALES.asks(SIGN)).then(SIGNED)
    prepared.when(SALES.asks(SIGN)).then_refused(DeliveryNotReleased)
    dispatched.when(SHIPPER.asks(SIGN)).then_refused(WrongRole)
    signed.when(SALES.asks(SIGN)).then_refused(DeliveryAlreadySigned, signed_by="Mr Zhou")
    assert signed.state().status is DeliveryStatus.DELIVERED


def test_the_signed_list_is_due_back_seven_days_after_the_signature() -> None:
    last_moment = datetime(2025, 3, 10, 16, tzinfo=UTC)
    (told,) = dispatched.when(SALES.asks(SIGN)).answer()
    assert told.due == (Due(limit="T19", due_at=last_moment),)

    events = (PREPARED, RELEASED, told, PROOF_RETURNED)
    happened = (replace(SALES.did(each), kind=DELIVERY.name) for each in events)
    back = Around(NOON, tuple((DELIVERY.name, each) for each in happened))
    running = back.entry_in(DEADLINES, deadline_id("T19", ONE))
    assert running is not None
    assert (running.subject_no, running.ended_as) == (DELIVERY_NO, "MET")


def test_the_signed_list_comes_back_once() -> None:
    signed.when(SALES.asks(RETURN_PROOF)).then(PROOF_RETURNED)
    signed.when(SHIPPER.asks(RETURN_PROOF)).then_refused(WrongRole)
    dispatched.when(SALES.asks(RETURN_PROOF)).then_refused(DeliveryNotSigned)
    prepared.when(SALES.asks(RETURN_PROOF)).then_refused(DeliveryNotReleased)
    back = signed.given(SALES.did(PROOF_RETURNED))
    back.when(SALES.asks(RETURN_PROOF)).then_refused(ProofAlreadyReturned, doc_ref="QS-88")
    assert back.state().status is DeliveryStatus.POD_RETURNED


def test_an_empty_release_can_be_asked_for_and_is_refused_by_the_gate() -> None:
    prepared.when(SHIPPER.asks(ReleaseDelivery())).then_refused(ReleaseGate)
