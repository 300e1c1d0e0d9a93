"""R1 《故障信息反馈处置台账》 without a database: a row after a whole life and on its way."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.feedback_case.state import Area, CaseStatus, ContainmentAction
from app.domain.recurrence.events import RECURRENCE, RecurrenceStatus
from app.domain.values import Category, Department, Party
from app.projections.feedback_ledger import (
    FEEDBACK_LEDGER,
    ContainmentEntry,
    DispositionEntry,
    FeedbackLedgerRow,
    of_case,
)
from tests.domain.recurrences import said
from tests.people import NOON, QUALITY_MANAGER
from tests.projections.lives import Lived, empty_columns, whole_lives
from tests.turns import House, feedback, reclassified


@pytest.fixture(scope="module")
def lived() -> Lived:
    """A whole life, once for all tests of the file."""
    return whole_lives()


@pytest.fixture
def row(lived: Lived) -> FeedbackLedgerRow:
    """The case's row at its end."""
    found: FeedbackLedgerRow = lived.house.row(FEEDBACK_LEDGER, lived.case)
    return found


def test_after_a_whole_life_no_column_is_empty(row: FeedbackLedgerRow) -> None:
    beside = ["occurred_on_estimated", "customer_deadline_missed", "emergency_required"]
    of_a_recurrence = ["recurs", "recurrence_capa_no", "earlier_case_nos"]
    assert empty_columns(row) == [*beside, *of_a_recurrence]


def test_the_report_stands_as_it_came(row: FeedbackLedgerRow) -> None:
    assert (row.seq, row.case_no, row.received_by) == (1, "FB-2025-000001", "Lin")
    assert row.received_at == datetime(2025, 3, 3, 1, 30, tzinfo=UTC)
    assert row.customer_deadline == datetime(2025, 3, 10, 8, tzinfo=UTC)
    assert (row.occurred_on, row.produced_on) == (date(2025, 3, 1), date(2025, 1, 15))
    assert (row.vehicle_model, row.mileage_km, row.hours) == ("WD615", 12_000, 410)


def test_first_aid_cause_and_judgement_stand_beside_it(row: FeedbackLedgerRow) -> None:
    assert (row.qty_reported, row.qty_confirmed, row.quantity_alert) == (5, 4, True)
    assert row.containment == (
        ContainmentEntry(area=Area.WAREHOUSE, checked=100, nok=5, action=ContainmentAction.SORT),
    )
    assert row.forwarded_to == (Department.QA, Department.TECH)
    assert (row.forwarded_at, row.acknowledged_at, row.replied_at) == (NOON, NOON, NOON)
    assert (row.cause_code, row.cause_approved, row.responsibility_judged) == ("M01", True, True)
    assert [each.party for each in row.responsibility] == [Party.COMPANY, Party.THIRD_PARTY]


def test_returns_and_capa_are_folded_from_their_own_events(row: FeedbackLedgerRow) -> None:
    assert row.return_nos == ("RT-2025-000001",)
    assert row.disposition == (DispositionEntry(outcome="SCRAP", qty=2),)
    assert row.capa_nos == ("CA-2025-000002",)
    assert row.risk_project_nos == ("RP-2025-000001",)
    assert (row.status, row.closed_on) == (CaseStatus.CLOSED, date(2025, 3, 3))


def test_the_row_names_every_event_it_was_built_from(row: FeedbackLedgerRow, lived: Lived) -> None:
    beside = {"ReturnAnnounced", "DispositionDecided", "CapaIssued"}
    wanted = [
        each.happened.event_id
        for each in lived.house.events
        if each.happened.to == lived.case
        or (each.type in beside and each.data["case_id"] == lived.case)
        or each.type == "RiskControlProjectOpened"
    ]

    assert list(row.event_ids) == wanted
    assert row.row_version == len(wanted)


def test_a_row_is_read_back_as_it_was_written(row: FeedbackLedgerRow) -> None:
    body = FEEDBACK_LEDGER.encode(row)

    assert FEEDBACK_LEDGER.decode(body) == row
    assert FEEDBACK_LEDGER.encode(FEEDBACK_LEDGER.decode(body)) == body
    assert '"received_at":"2025-03-03T01:30:00.000000Z"' in body
    assert '"customer_deadline":"2025-03-10T08:00:00.000000Z"' in body


def test_what_did_not_happen_yet_is_empty() -> None:
    house = House()
    case = feedback(house)
    reclassified(house, case, Category.PACKAGING)

    row: FeedbackLedgerRow = house.row(FEEDBACK_LEDGER, case)
    assert (row.category, row.status) == (Category.PACKAGING, CaseStatus.CLASSIFIED)
    assert (row.return_nos, row.capa_nos, row.responsibility) == ((), (), ())
    assert (row.occurred_on, row.occurred_on_estimated) == (date(2025, 3, 3), True)


def test_what_recurred_names_the_measure_its_cases_and_the_project_and_keeps_them(
    lived: Lived, row: FeedbackLedgerRow
) -> None:
    told = lived.house.events[-1]
    detected = QUALITY_MANAGER.did(said("RECURRENCE", "DECIDED"), to=lived.case)
    state = RECURRENCE.evolve(RECURRENCE.initial, detected)
    event = replace(told, happened=detected, state=state)

    after = FEEDBACK_LEDGER.fold(row, event, lived.case)

    assert after is not None
    assert (after.recurs, after.recurrence_capa_no) == (True, "CA-2025-000001")
    assert after.earlier_case_nos == ("FB-2025-000007",)
    dropped = replace(event, state=replace(state, status=RecurrenceStatus.DROPPED, ground=None))
    gone = FEEDBACK_LEDGER.fold(after, dropped, lived.case)
    assert gone is not None
    assert (gone.recurs, gone.recurrence_capa_no, gone.earlier_case_nos) == (False, None, ())
    kept = of_case(lived.case, lived.house.state_of(FEEDBACK_CASE, lived.case), after)
    assert (kept.recurs, kept.earlier_case_nos) == (True, ("FB-2025-000007",))


def test_a_report_for_a_claim_concerns_no_case(lived: Lived) -> None:
    issued = [each for each in lived.house.events if each.type == "CapaIssued"]

    keys = [list(FEEDBACK_LEDGER.keys(each)) for each in issued]
    assert keys == [[], [lived.case]]
