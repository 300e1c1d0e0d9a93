"""What comes back is held against what was delivered, and against the day it arrived."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decider import Happened
from app.domain.delivery.events import DELIVERY, DeliveryReleased
from app.domain.delivery.state import DeliveryLine
from app.domain.errors import InTheFuture
from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.production_lot.events import PRODUCTION_LOT
from app.domain.registers.deliveries import (
    ANYBODY,
    DELIVERED_PIECES,
    RETURNED_PIECES,
    lot_key,
)
from app.domain.return_list.decisions import return_list
from app.domain.return_list.events import (
    RETURN_LIST,
    ReturnAnnounced,
    ReturnExceedsDelivery,
    ReturnReceived,
)
from app.domain.return_list.state import AnnouncedLine, ReturnExcess
from tests.domain.cases import CASE_NO, registered
from tests.domain.deliveries import RELEASED, SPEC
from tests.domain.returns import ANNOUNCE, AUTHORIZED, CASE_ID, HEADING, RETURN_NO, receive
from tests.domain.returns import authorized as without_lot
from tests.domain.test_production_lot import LOT, RECORDED
from tests.people import CLERK, ENGINEER, ERP, NOON, SHIPPER, STOREKEEPER
from tests.spec import Around, Spec

LINES = (
    AnnouncedLine(line=1, spec_code=SPEC, lot_no=LOT, qty_announced=3),
    AnnouncedLine(line=2, spec_code=SPEC, lot_no=LOT, qty_announced=2),
)
ANNOUNCED = ReturnAnnounced(
    return_no=RETURN_NO, case_no=CASE_NO, **(dict(ANNOUNCE) | {"lines": LINES})
)
authorized = (
    Spec(return_list)
    .around({FEEDBACK_CASE: (CLERK.did(registered(), to=CASE_ID),)})
    .given(CLERK.did(ANNOUNCED), ENGINEER.did(AUTHORIZED))
)
OTHER = "another-list"


def delivered(qty: int, customer: str = "C01") -> Happened[DeliveryReleased]:
    """So many pieces of the lot were released."""
    line = DeliveryLine(line=1, spec_code=SPEC, lot_no=LOT, qty=qty)
    event = RELEASED.model_copy(update={"lines": (line,), "customer_id": customer})
    return SHIPPER.did(event, to=f"delivery-of-{qty}-to-{customer}")


def came(spec: Spec[Any, Any, Any], *counted: tuple[int, int]) -> list[Any]:
    """What is said to a receipt; the last one would be final."""
    return spec.when(STOREKEEPER.asks(receive(*counted, final=False))).answer()


def warned(told: list[Any]) -> list[tuple[int, int]]:
    """Delivered and returned, of every warning."""
    return [(e.delivered, e.returned) for e in told if isinstance(e, ReturnExceedsDelivery)]


@pytest.mark.parametrize(
    ("counted", "warnings"),
    [
        pytest.param([(1, 3)], [], id="as many as were delivered"),
        pytest.param([(1, 4)], [(3, 4)], id="one more"),
        pytest.param([(1, 2), (2, 2)], [(3, 4)], id="two lines of one lot, one warning"),
        pytest.param([(1, 0)], [], id="nothing came"),
    ],
)
def test_more_back_than_was_delivered_is_a_warning_and_no_refusal(
    counted: list[tuple[int, int]], warnings: list[tuple[int, int]]
) -> None:
    told = came(authorized.around({DELIVERY: (delivered(3),)}), *counted)

    assert isinstance(told[0], ReturnReceived)
    assert warned(told) == warnings


def test_all_deliveries_and_all_returns_of_the_customer_count() -> None:
    spec = authorized.around({DELIVERY: (delivered(2), delivered(3))})
    assert warned(came(spec, (1, 5))) == []
    first = came(spec, (1, 4))[0]
    elsewhere = spec.around({RETURN_LIST: (STOREKEEPER.did(first, to=OTHER),)})

    assert warned(came(elsewhere, (1, 1))) == []
    told = came(elsewhere, (1, 2))
    assert told[1:] == [
        ReturnExceedsDelivery(
            **HEADING, customer_id="C01", spec_code=SPEC, lot_no=LOT, delivered=5, returned=6
        )
    ]
    after = spec.given(*map(STOREKEEPER.did, told)).state()
    assert after.excesses == (ReturnExcess(SPEC, LOT, 5, 6),)


def test_of_a_lot_that_only_others_got_nothing_was_delivered() -> None:
    others = authorized.around({DELIVERY: (delivered(9, customer="C02"),)})
    made = authorized.around({PRODUCTION_LOT: (ERP.did(RECORDED, to=LOT),)})

    assert warned(came(others, (1, 1))) == [(0, 1)]
    assert warned(came(made, (1, 1))) == [(0, 1)]


def test_where_the_records_cannot_know_nothing_is_said() -> None:
    assert warned(came(authorized, (1, 1))) == []
    assert warned(came(without_lot.around({DELIVERY: (delivered(1),)}), (1, 3))) == []


@given(st.lists(st.integers(1, 4), max_size=4), st.lists(st.integers(0, 4), max_size=5))
def test_a_receipt_is_warned_of_exactly_while_the_sum_is_above_what_was_delivered(
    deliveries: list[int], receipts: list[int]
) -> None:
    spec = authorized.around({DELIVERY: tuple(delivered(each) for each in deliveries)})
    total = 0
    for qty in receipts:
        told = came(spec, (1, qty))
        spec = spec.given(*map(STOREKEEPER.did, told))
        total += qty
        expected = bool(deliveries) and bool(qty) and total > sum(deliveries)
        assert warned(told) == ([(sum(deliveries), total)] if expected else [])


def test_the_first_version_of_a_receipt_counts_nowhere() -> None:
    old = ReturnReceived.model_validate(
        ReturnReceived.upcast_v1_v2(
            HEADING
            | {
                "waybill": None,
                "carrier": None,
                "location": "Q-01",
                "lines": [{"line": 1, "qty_received": 3}],
                "final": True,
            }
        )
    )
    world = Around(NOON, ((RETURN_LIST.name, STOREKEEPER.did(old)), (DELIVERY.name, delivered(3))))

    assert world.entry_in(RETURNED_PIECES, lot_key("C01", SPEC, LOT)) is None
    assert world.entry_in(DELIVERED_PIECES, lot_key("C01", SPEC, LOT)) == 3
    assert world.entry_in(DELIVERED_PIECES, lot_key(ANYBODY, SPEC, LOT)) == 3
    assert authorized.given(STOREKEEPER.did(old)).state().qty_received == 3


# --- T6 -------------------------------------------------------------------------------------

DUE = datetime(2025, 2, 28, 16, tzinfo=UTC)
"""The end of Friday 28 February in Shanghai, for what arrived on Thursday."""
THURSDAY = datetime(2025, 2, 27, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "late"),
    [
        pytest.param(DUE, False, id="with the last moment of the next working day"),
        pytest.param(DUE + timedelta(seconds=1), True, id="a second later"),
    ],
)
def test_a_receipt_says_whether_the_parts_were_registered_in_time(
    at: datetime, *, late: bool
) -> None:
    arrived = receive((1, 3), final=False).model_copy(update={"arrived_at": THURSDAY})
    (told,) = authorized.when(STOREKEEPER.asks(arrived, at=at)).answer()

    assert isinstance(told, ReturnReceived)
    assert (told.arrived_at, told.register_by, told.registered_late) == (THURSDAY, DUE, late)
    once = authorized.given(STOREKEEPER.did(told))
    assert once.state().registered_late is late
    more = once.given(STOREKEEPER.did(came(once, (2, 2))[0])).state()
    assert (more.registered_late, more.arrived_at) == (late, None)


def test_nobody_says_when_parts_arrived_and_nobody_knows_whether_they_were_late() -> None:
    (told,) = came(authorized, (1, 3))

    assert authorized.given(STOREKEEPER.did(told)).state().registered_late is None
    tomorrow = receive((1, 3)).model_copy(update={"arrived_at": NOON + timedelta(seconds=1)})
    authorized.when(STOREKEEPER.asks(tomorrow)).then_refused(InTheFuture)
