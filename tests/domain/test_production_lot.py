"""A production lot: recorded once, and looked at in store."""

from datetime import date
from typing import Literal

import pytest

from app.domain.errors import AlreadyExists, InTheFuture, NotFound, WrongRole
from app.domain.production_lot.decisions import (
    RecordProductionLot,
    RecordStorageCondition,
    WarehousedBeforeProduced,
    production_lot,
)
from app.domain.production_lot.events import (
    ProductionLotRecorded,
    StorageChecks,
    StorageConditionRecorded,
)
from tests.people import CLERK, ERP, PRODUCTION, STOREKEEPER
from tests.spec import Spec

LOT = "L2501"
RECORD = RecordProductionLot(
    spec_code="TC 85×105×10 FKM",
    produced_on=date(2025, 1, 15),
    workshop="二车间",
    qty=5000,
    warehoused_on=date(2025, 1, 16),
)
RECORDED = ProductionLotRecorded(lot_no=LOT, **dict(RECORD))
unknown = Spec(production_lot)
recorded = unknown.given(ERP.did(RECORDED, to=LOT))


def stored(rust: Literal["PASS", "FAIL"] = "PASS") -> RecordStorageCondition:
    """The keeper looked."""
    checks = StorageChecks(
        identification="PASS", water="PASS", sun="PASS", rust=rust, ventilation="PASS"
    )
    return RecordStorageCondition(place="A-03", checks=checks, photo_refs=("PH-9",))


def test_a_lot_is_recorded_once() -> None:
    for who in (ERP, STOREKEEPER, PRODUCTION):
        unknown.when(who.asks(RECORD, to=LOT)).then(RECORDED)
    unknown.when(CLERK.asks(RECORD, to=LOT)).then_refused(WrongRole)
    recorded.when(ERP.asks(RECORD, to=LOT)).then_refused(AlreadyExists, lot_no=LOT)


@pytest.mark.parametrize(
    ("produced_on", "warehoused_on", "error"),
    [
        pytest.param(date(2025, 3, 3), date(2025, 3, 3), None, id="both today"),
        pytest.param(date(2025, 3, 4), date(2025, 3, 4), InTheFuture, id="made tomorrow"),
        pytest.param(date(2025, 3, 3), date(2025, 3, 4), InTheFuture, id="stored tomorrow"),
        pytest.param(
            date(2025, 3, 2), date(2025, 3, 1), WarehousedBeforeProduced, id="stored before"
        ),
    ],
)
def test_a_lot_is_made_then_stored_and_not_in_the_future(
    produced_on: date, warehoused_on: date, error: type[InTheFuture] | None
) -> None:
    days = {"produced_on": produced_on, "warehoused_on": warehoused_on}
    asked = unknown.when(ERP.asks(RECORD.model_copy(update=days), to=LOT))

    if error is None:
        asked.then(RECORDED.model_copy(update=days))
    else:
        asked.then_refused(error)


@pytest.mark.parametrize(("rust", "passed"), [("PASS", True), ("FAIL", False)])
def test_a_condition_that_is_not_kept_is_a_fact(
    rust: Literal["PASS", "FAIL"], *, passed: bool
) -> None:
    seen = StorageConditionRecorded(
        lot_no=LOT, spec_code=RECORD.spec_code, passed=passed, **dict(stored(rust))
    )

    recorded.when(STOREKEEPER.asks(stored(rust), to=LOT)).then(seen)
    recorded.when(PRODUCTION.asks(stored(rust), to=LOT)).then_refused(WrongRole)
    unknown.when(STOREKEEPER.asks(stored(rust), to=LOT)).then_refused(NotFound)
    (look,) = recorded.given(STOREKEEPER.did(seen, to=LOT)).state().storage
    assert (look.passed, look.place, look.recorded_by) == (passed, "A-03", "Sun")
