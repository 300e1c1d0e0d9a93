"""Cost entries: what after-sales service cost beside claims, corrected by another person."""

from datetime import date
from typing import Any, Final

from app.domain.claim.events import CLAIM, ClaimRegistered
from app.domain.corrections import NothingCorrected
from app.domain.cost_entry.decisions import (
    CorrectCost,
    CostOfNothing,
    RecordCost,
    SodCost,
    cost_entry,
)
from app.domain.cost_entry.events import COST_ENTRY, CostCorrected, CostKind, CostRecorded
from app.domain.errors import (
    AlreadyExists,
    AlreadyReported,
    InTheFuture,
    NotFound,
    SourceIncomplete,
    WrongRole,
)
from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.money import money
from app.domain.registers.costs import COST_BY_SOURCE, YEAR_COSTS, CostReference
from tests.domain.cases import CASE_NO, registered
from tests.domain.counting import SECOND_CASHIER
from tests.people import CASHIER, CLERK, ERP, NOON, ONE
from tests.spec import Around, Spec

REASON: Final = "The ticket was dearer."
CASE: Final = "00000000-0000-7000-8000-00000000000c"
CLAIM_ID: Final = "00000000-0000-7000-8000-00000000000d"
TWO: Final = "00000000-0000-7000-8000-000000000002"
NEW: Final = Spec(cost_entry)


def record(**said: Any) -> RecordCost:  # noqa: ANN401 - any field of the command
    """A visit of 1 March."""
    body = {"kind": "VISIT", "amount": money(80_00), "on": "2025-03-01", "voucher": "V-1"}
    return RecordCost.model_validate(body | said)


def recorded(**said: Any) -> CostRecorded:  # noqa: ANN401 - any field of the event
    """What `record` leads to."""
    body: dict[str, Any] = {
        "cost_no": "CE-2025-000001",
        "kind": CostKind.VISIT,
        "amount_fen": 80_00,
        "on": date(2025, 3, 1),
        "case_id": None,
        "case_no": None,
        "claim_id": None,
        "claim_no": None,
        "customer_id": None,
        "spec_code": None,
        "voucher": "V-1",
        "source_system": None,
        "external_ref": None,
        "service_visit_id": None,
        "visit_no": None,
        "apart_from_visits": False,
    }
    return CostRecorded(**(body | said))


def claimed() -> ClaimRegistered:
    """A claim of another customer."""
    return ClaimRegistered.model_validate(
        {
            "claim_no": "CL-2025-000001",
            "customer_id": "C02",
            "notice_no": "N-1",
            "notice_received_at": NOON,
            "source_system": None,
            "external_ref": None,
            "case_ids": (),
            "case_nos": (),
            "category": None,
            "counts": True,
            "lines": (),
            "specs": [{"spec_code": "O 30×2.65 NBR", "pieces": 1}],
            "claimed_fen": 1_00,
            "tax_included": True,
            "failure_on": date(2025, 3, 1),
            "delivered_on": None,
            "objection_until": NOON,
        }
    )


KNOWN: Final = NEW.given(CASHIER.did(recorded()))
BESIDE: Final = NEW.around(
    {
        FEEDBACK_CASE: (CLERK.did(registered(), to=CASE),),
        CLAIM: (CLERK.did(claimed(), to=CLAIM_ID),),
    }
)


def test_finance_and_the_books_record_what_was_spent() -> None:
    NEW.when(CASHIER.asks(record())).then(recorded())
    NEW.when(ERP.asks(record(source_system="ERP", external_ref="51"))).then(
        recorded(source_system="ERP", external_ref="51")
    )
    NEW.when(CLERK.asks(record())).then_refused(WrongRole)


def test_a_cost_of_today_is_recorded_and_one_of_tomorrow_is_not() -> None:
    NEW.when(CASHIER.asks(record(on="2025-03-03"))).then(recorded(on=date(2025, 3, 3)))
    NEW.when(CASHIER.asks(record(on="2025-03-04"))).then_refused(InTheFuture, today="2025-03-03")


def test_a_cost_says_what_it_was_spent_on() -> None:
    BESIDE.when(CASHIER.asks(record(case_id=CASE))).then(
        recorded(case_id=CASE, case_no=CASE_NO, customer_id="C01", spec_code="TC 85×105×10 FKM")
    )
    BESIDE.when(CASHIER.asks(record(claim_id=CLAIM_ID))).then(
        recorded(
            claim_id=CLAIM_ID,
            claim_no="CL-2025-000001",
            customer_id="C02",
            spec_code="O 30×2.65 NBR",
        )
    )


def test_a_cost_belongs_to_nothing_that_is_not_there() -> None:
    NEW.when(CASHIER.asks(record(case_id=CASE))).then_refused(CostOfNothing, case_id=CASE)
    NEW.when(CASHIER.asks(record(claim_id=CLAIM_ID))).then_refused(CostOfNothing, claim_id=CLAIM_ID)


def test_the_books_report_a_cost_once() -> None:
    told = recorded(source_system="ERP", external_ref="51")
    once = NEW.around({COST_ENTRY: (ERP.did(told, to=TWO),)})

    once.when(ERP.asks(record(source_system="ERP", external_ref="51"))).then_refused(
        AlreadyReported, cost_no="CE-2025-000001"
    )
    once.when(ERP.asks(record(source_system="ERP"))).then_refused(SourceIncomplete)
    once.when(ERP.asks(record(external_ref="51"))).then_refused(SourceIncomplete)
    KNOWN.when(ERP.asks(record())).then_refused(AlreadyExists)


def test_another_person_of_finance_corrects_a_cost() -> None:
    command = CorrectCost(amount=money(90_00), on=date(2024, 12, 31), reason=REASON)
    corrected = CostCorrected(
        cost_no="CE-2025-000001",
        old_kind=CostKind.VISIT,
        kind=CostKind.VISIT,
        old_amount_fen=80_00,
        amount_fen=90_00,
        old_on=date(2025, 3, 1),
        on=date(2024, 12, 31),
        voucher="V-1",
        reason=REASON,
    )

    KNOWN.when(SECOND_CASHIER.asks(command)).then(corrected)
    KNOWN.when(CASHIER.asks(command)).then_refused(SodCost, person="Tang")
    NEW.when(SECOND_CASHIER.asks(command)).then_refused(NotFound)
    state = KNOWN.given(SECOND_CASHIER.did(corrected)).state()
    assert (state.amount, state.on, state.corrected_because) == (
        90_00,
        date(2024, 12, 31),
        (REASON,),
    )


def test_a_correction_changes_something_that_can_be() -> None:
    same = CorrectCost(kind=CostKind.VISIT, voucher="V-1", reason=REASON)
    KNOWN.when(SECOND_CASHIER.asks(same)).then_refused(NothingCorrected)
    late = CorrectCost(on=date(2025, 3, 4), reason=REASON)
    KNOWN.when(SECOND_CASHIER.asks(late)).then_refused(InTheFuture)


def test_registers_follow_a_cost_from_year_to_year() -> None:
    told = recorded(source_system="ERP", external_ref="51")
    moved = CostCorrected(
        cost_no="CE-2025-000001",
        old_kind=CostKind.VISIT,
        kind=CostKind.VISIT,
        old_amount_fen=80_00,
        amount_fen=90_00,
        old_on=date(2025, 3, 1),
        on=date(2024, 12, 31),
        voucher="V-1",
        reason=REASON,
    )
    world = Around(
        NOON,
        (
            (COST_ENTRY.name, ERP.did(told)),
            (COST_ENTRY.name, ERP.did(told, to=TWO)),
            (COST_ENTRY.name, SECOND_CASHIER.did(moved)),
        ),
    )

    before, after = world.entry_in(YEAR_COSTS, "2024"), world.entry_in(YEAR_COSTS, "2025")
    assert before is not None
    assert after is not None
    assert (before.total_fen, before.evidence) == (90_00, ("CE-2025-000001",))
    assert (after.total_fen, after.evidence) == (80_00, ())
    assert world.entry_in(COST_BY_SOURCE, "ERP\t51") == CostReference(
        cost_entry_id=ONE, cost_no="CE-2025-000001"
    )
