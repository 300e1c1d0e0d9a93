"""What a service visit cost: counted once by itself, corrected at the visit, never by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from pydantic import ValidationError

from app.domain.corrections import NothingCorrected
from app.domain.cost_entry.decisions import (
    CorrectCost,
    CostOfNothing,
    CostOfWhichVisit,
    RecordCost,
    VisitCostCounted,
)
from app.domain.cost_entry.events import COST_ENTRY, CostCorrected, CostKind, CostRecorded
from app.domain.errors import DomainError, InTheFuture, NotFound, WrongRole
from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.money import Money, money
from app.domain.registers.costs import YEAR_COSTS
from app.domain.registers.visits import VISITS_OF_CASE
from app.domain.service_visit.commands import (
    CancelServiceVisit,
    CorrectVisitCost,
    SodVisitCost,
    VisitBackwards,
    VisitCostTooLarge,
    VisitNotComplete,
)
from app.domain.service_visit.events import (
    SERVICE_VISIT,
    ServiceVisitCancelled,
    VisitCostCorrected,
)
from app.domain.service_visit.state import VisitCost
from app.domain.target.events import CostRatioTargetExceeded
from app.domain.values import Role
from app.projections.costs_ledger import COSTS_LEDGER
from app.projections.visits_ledgers import SERVICE_VISITS_LEDGER
from tests.domain.cases import classified, registered
from tests.domain.counting import (
    REASON,
    SECOND_CASHIER,
    sell,
    spend,
    visit_begun,
    visit_ended,
    visited,
    visited_rather,
)
from tests.domain.visits import (
    CASE_ID,
    COMPLETE,
    FOUND,
    HEADING,
    LATER,
    SOON,
    STARTED,
    completed,
    dispatched,
    looked,
    new_visit,
)
from tests.people import CASHIER, CLERK, ENGINEER, ONE, SERVICE
from tests.turns import House, feedback

DONE: Final = looked.given(replace(SERVICE.did(completed(), at=LATER), event_id="E-1"))
DEARER: Final = CorrectVisitCost(travel=money(412_50), reason=REASON)
TODAY: Final = date(2025, 3, 3)


def corrected(**said: Any) -> VisitCostCorrected:  # noqa: ANN401 - any field of the event
    """The way was dearer."""
    whole: dict[str, Any] = {
        "corrects_event_id": "E-1",
        "old_travel_fen": 312_50,
        "travel_fen": 412_50,
        "old_labour_fen": 200_00,
        "labour_fen": 200_00,
        "old_material_fen": 0,
        "material_fen": 0,
        "old_cost_fen": 512_50,
        "cost_fen": 612_50,
        "old_completed_at": LATER,
        "completed_at": LATER,
        "reason": REASON,
    }
    return VisitCostCorrected(**HEADING, **(whole | said))


def costs(house: House, year: str = "2025") -> int:
    """What the year cost beside claims, as R-03 counts it."""
    found = house.entry_in(YEAR_COSTS, year)
    return found.entries_fen if found else 0


# --- correcting it at the visit -------------------------------------------------------------


def test_a_second_person_corrects_what_a_complete_visit_cost() -> None:
    for person in (CASHIER, ENGINEER):
        DONE.when(person.asks(DEARER, at=LATER)).then(corrected())
    DONE.when(SERVICE.asks(DEARER, at=LATER)).then_refused(WrongRole)
    same_head = SERVICE.wearing(Role.FINANCE)
    DONE.when(same_head.asks(DEARER, at=LATER)).then_refused(SodVisitCost, person="Luo")
    state = DONE.given(CASHIER.did(corrected(), at=LATER)).state()
    assert (state.travel, state.cost, state.cost_corrected_because) == (412_50, 612_50, (REASON,))


def test_a_visit_that_never_took_place_cost_nothing() -> None:
    nothing = CorrectVisitCost(
        travel=money(0), labour=money(0), material=money(0), completed_at=SOON, reason=REASON
    )

    (event,) = DONE.when(CASHIER.asks(nothing, at=LATER)).answer()

    assert isinstance(event, VisitCostCorrected)
    assert (event.old_cost_fen, event.cost_fen) == (512_50, 0)
    assert (event.old_completed_at, event.completed_at) == (LATER, SOON)


def test_there_is_nothing_to_correct_before_a_visit_is_complete_or_where_all_stands() -> None:
    off = looked.given(ENGINEER.did(ServiceVisitCancelled(**HEADING, reason=REASON)))
    for spec, status in ((looked, "STARTED"), (off, "CANCELLED")):
        spec.when(CASHIER.asks(DEARER, at=LATER)).then_refused(VisitNotComplete, status=status)
    new_visit.when(CASHIER.asks(DEARER)).then_refused(NotFound)
    same = CorrectVisitCost(travel=Money(amount="312.50", currency="CNY"), reason=REASON)
    DONE.when(CASHIER.asks(same, at=LATER)).then_refused(NothingCorrected)


@pytest.mark.parametrize(
    ("completed_at", "error"),
    [(SOON - timedelta(seconds=1), VisitBackwards), (LATER + timedelta(seconds=1), InTheFuture)],
)
def test_a_corrected_visit_ends_after_it_began_and_not_later_than_now(
    completed_at: datetime, error: type[DomainError]
) -> None:
    moved = CorrectVisitCost(completed_at=completed_at, reason=REASON)

    DONE.when(CASHIER.asks(moved, at=LATER)).then_refused(error)


# --- counting it ----------------------------------------------------------------------------


def test_what_a_visit_costs_in_all_can_be_written() -> None:
    most = Money(amount="999999999999.99")
    ending = COMPLETE.model_copy(
        update={"cost": VisitCost(travel=most, labour=most, material=most)}
    )

    looked.when(SERVICE.asks(ending, at=LATER)).then_refused(VisitCostTooLarge)
    DONE.when(CASHIER.asks(CorrectVisitCost(travel=most, reason=REASON), at=LATER)).then_refused(
        VisitCostTooLarge
    )


def test_a_complete_visit_is_a_cost_of_the_day_on_which_it_ended() -> None:
    house = House()
    case = feedback(house)
    sell(house, 10_000_00)

    visit = visited(house, case, 200_01)

    (recorded,) = house.happened(CostRecorded)
    assert (recorded.kind, recorded.amount_fen, recorded.on) == (CostKind.VISIT, 200_01, TODAY)
    assert (recorded.service_visit_id, recorded.visit_no) == (visit, "SV-2025-000001")
    assert (recorded.case_id, recorded.customer_id, recorded.voucher) == (
        case,
        "C01",
        "SV-2025-000001",
    )
    assert costs(house) == 200_01
    (alert,) = house.happened(CostRatioTargetExceeded)
    assert alert.decision.observed == 200_01
    row = house.row(COSTS_LEDGER, visit)
    assert (row.visit_no, row.recorded_by) == ("SV-2025-000001", "system")
    assert house.row(SERVICE_VISITS_LEDGER, visit).cost_no == row.cost_no


def test_the_signed_service_record_is_the_voucher() -> None:
    house = before_it_was_counted(complete=False)
    house.at = LATER
    house.asked(COMPLETE, SERVICE, ONE)

    (recorded,) = house.happened(CostRecorded)
    assert isinstance(recorded, CostRecorded)
    assert recorded.voucher == "SR-1"


def test_a_correction_of_the_visit_moves_the_figure_once() -> None:
    house = House()
    visit = visited(house, feedback(house), 300_00)

    visited_rather(house, visit, travel=money(250_00), material=money(1))
    assert costs(house) == 250_01
    visited_rather(house, visit, travel=money(0), labour=money(250_00))
    assert costs(house) == 250_01
    visited_rather(house, visit, labour=money(0), material=money(0))

    assert costs(house) == 0
    assert [(e.old_amount_fen, e.amount_fen) for e in house.happened(CostCorrected)] == [
        (300_00, 250_01),
        (250_01, 0),
    ]
    row = house.row(SERVICE_VISITS_LEDGER, visit)
    assert (row.cost, row.cost_corrected_because) == (0, REASON)


def test_a_visit_that_ended_a_day_earlier_costs_the_year_before() -> None:
    house = House(at=datetime(2024, 12, 31, 10, tzinfo=UTC))
    visit = visit_begun(house, feedback(house))
    house.at = datetime(2024, 12, 31, 16, tzinfo=UTC)
    visit_ended(house, visit, 80_00)
    assert (costs(house, "2024"), costs(house, "2025")) == (0, 80_00)

    visited_rather(house, visit, completed_at=datetime(2024, 12, 31, 15, 59, 59, tzinfo=UTC))

    assert (costs(house, "2024"), costs(house, "2025")) == (80_00, 0)


# --- not by hand ----------------------------------------------------------------------------


def test_what_a_visit_tells_is_not_entered_by_hand() -> None:
    house = House()
    case = feedback(house)
    going = visit_begun(house, case)
    refused(house, VisitCostCounted, service_visit_id=going, next="CompleteServiceVisit")
    visit_ended(house, going, 80_00)
    refused(house, VisitCostCounted, service_visit_id=going, next="CorrectVisitCost")
    refused(house, CostOfNothing, service_visit_id=case)

    assert costs(house) == 80_00


def test_a_cancelled_visit_has_its_cost_entered_once() -> None:
    house = House()
    case = feedback(house)
    visit = visit_begun(house, case)
    house.asked(CancelServiceVisit(reason=REASON), ENGINEER, visit)
    assert costs(house) == 0

    entry = spend(house, 60_00, TODAY, service_visit_id=visit)

    state = house.state_of(COST_ENTRY, entry)
    assert (state.case_id, state.visit_no, state.customer_id) == (case, "SV-2025-000001", "C01")
    refused(house, VisitCostCounted, service_visit_id=visit, next="CorrectCost")
    house.asked(CorrectCost(amount=money(50_00), reason=REASON), SECOND_CASHIER, entry)
    assert costs(house) == 50_00


def test_a_journey_to_a_case_with_visits_says_whether_it_is_one_of_them() -> None:
    house = House()
    case = feedback(house)
    spend(house, 10_00, TODAY, case_id=case)
    visit = visit_begun(house, case)
    refused(house, CostOfWhichVisit, case_id=case, visits=["SV-2025-000001"])
    spend(house, 5_00, TODAY, case_id=case, apart_from_visits=True)
    freight = RecordCost(
        kind=CostKind.FREIGHT, amount=money(1_00), on=TODAY, case_id=case, voucher="V-1"
    )
    house.asked(freight, CASHIER)

    house.asked(CancelServiceVisit(reason=REASON), ENGINEER, visit)
    spend(house, 2_00, TODAY, case_id=case)

    assert costs(house) == 18_00
    assert house.entry_in(VISITS_OF_CASE, case) is None


def test_the_entry_of_a_visit_is_corrected_at_the_visit_but_for_its_voucher() -> None:
    house = House()
    visit = visited(house, feedback(house), 80_00)
    for said in ({"amount": money(1)}, {"kind": CostKind.OTHER}, {"on": TODAY}):
        command = CorrectCost.model_validate(said | {"reason": REASON})
        with pytest.raises(VisitCostCounted) as refusal:
            house.asked(command, CASHIER, visit)
        assert refusal.value.details["next"] == "CorrectVisitCost"

    house.asked(CorrectCost(voucher="V-77", reason=REASON), CASHIER, visit)

    assert house.state_of(COST_ENTRY, visit).voucher == "V-77"
    assert costs(house) == 80_00


def test_a_visit_names_its_case_itself() -> None:
    body = {"kind": "VISIT", "amount": money(1), "on": TODAY, "voucher": "V-1"}
    for also in ({"case_id": CASE_ID}, {"apart_from_visits": True}):
        with pytest.raises(ValidationError, match="service_visit_id goes without"):
            RecordCost.model_validate(body | {"service_visit_id": ONE} | also)


# --- what was there before ------------------------------------------------------------------


def before_it_was_counted(*, complete: bool = True) -> House:
    """A visit of the time when its cost was entered by hand."""
    house = House()
    case = (CLERK.did(registered(), to=CASE_ID), CLERK.did(classified(), to=CASE_ID))
    house.told(FEEDBACK_CASE, case)
    history = [ENGINEER.did(dispatched()), SERVICE.did(STARTED), SERVICE.did(FOUND)]
    ended = [SERVICE.did(completed())] if complete else []
    house.told(SERVICE_VISIT, [*history, *ended])
    return house


def test_a_visit_completed_before_is_entered_by_hand_once_and_then_left_to_finance() -> None:
    house = before_it_was_counted()
    house.at = LATER
    house.asked(DEARER, CASHIER, ONE)
    assert house.happened(CostRecorded) == []
    by_hand = RecordCost(
        kind=CostKind.VISIT, amount=money(80_00), on=TODAY, voucher="V-1", service_visit_id=ONE
    )

    entry = house.asked(by_hand, CASHIER).to

    with pytest.raises(VisitCostCounted) as refusal:
        house.asked(by_hand, CASHIER)
    assert refusal.value.details["next"] == "CorrectCost"
    cheaper = CorrectVisitCost(travel=money(1), reason=REASON)
    house.asked(cheaper, CASHIER, ONE)
    assert house.state_of(COST_ENTRY, entry).amount == 80_00


def test_a_cost_recorded_before_names_no_visit() -> None:
    lifted = CostRecorded.upcast_v1_v2({"cost_no": "CE-2025-000001"})

    assert lifted == {
        "cost_no": "CE-2025-000001",
        "service_visit_id": None,
        "visit_no": None,
        "apart_from_visits": False,
    }


def refused(house: House, error: type[DomainError], **details: Any) -> None:  # noqa: ANN401
    """It is not entered by hand; the command announces why."""
    named = {key: details[key] for key in ("service_visit_id", "case_id") if key in details}
    with pytest.raises(error) as refusal:
        spend(house, 80_00, TODAY, **named)
    details.pop("case_id", None)
    if error is not CostOfNothing:
        details.pop("service_visit_id", None)
    assert details.items() <= refusal.value.details.items()
    assert error in RecordCost.refusals
