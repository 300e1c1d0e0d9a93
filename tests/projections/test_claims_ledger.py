"""R3 《售后管理台账》 without a database: a row after a whole life, and on the way there."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.domain.claim.commands import WithdrawClaim
from app.domain.claim.events import ClaimStatus
from app.domain.claim.objections import ApproveProposal, ProposeCancellation, RaiseDispute
from app.domain.claim.words import SpecPieces
from app.domain.values import Department, Party
from app.projections.claims_ledger import (
    CLAIMS_LEDGER,
    ClaimShareEntry,
    ClaimsLedgerRow,
)
from tests.domain.claims import S_B
from tests.people import CLERK, DIRECTOR, SALES, TECHNICIAN
from tests.projections.lives import REASON, Lived, empty_columns, whole_lives
from tests.turns import S_A, House, claim_confirmed, claim_verified


@pytest.fixture(scope="module")
def lived() -> Lived:
    """A whole life, once for all tests of the file."""
    return whole_lives()


@pytest.fixture
def row(lived: Lived) -> ClaimsLedgerRow:
    """The claim's row at its end."""
    found: ClaimsLedgerRow = lived.house.row(CLAIMS_LEDGER, lived.claim)
    return found


def row_of(house: House, claim: str) -> ClaimsLedgerRow:
    """The row of a claim as it stands."""
    found: ClaimsLedgerRow = house.row(CLAIMS_LEDGER, claim)
    return found


def test_after_a_whole_life_no_column_is_empty(row: ClaimsLedgerRow) -> None:
    of_foreign_notices = {"foreign_currency", "foreign_claimed", "exchange_rate"}
    assert set(empty_columns(row)) == {"tax_included", *of_foreign_notices}
    assert row.tax_included is False


def test_the_notice_stands_as_it_came(row: ClaimsLedgerRow) -> None:
    assert (row.claim_no, row.notice_no) == ("CL-2025-000003", "SQ-2025-0418")
    assert (row.customer_id, row.case_nos) == ("C01", ("FB-2025-000001",))
    assert (row.notice_on, row.failure_on) == (date(2025, 3, 3), date(2025, 3, 1))
    assert row.objection_until == datetime(2025, 3, 10, 16, tzinfo=UTC)
    assert row.specs == (SpecPieces(spec_code=S_A, pieces=2),)
    assert row.spec_codes == (S_A,)


def test_each_kind_of_cost_has_its_column_as_claimed(row: ClaimsLedgerRow) -> None:
    costs = (
        row.material,
        row.labour,
        row.auxiliary,
        row.freight,
        row.travel,
        row.line_stop,
        row.management_fee,
        row.other,
    )
    assert costs == (310_00, 20_00, 30_00, 40_00, 50_00, 60_00, 70_00, 80_00)
    assert sum(costs) == row.claimed == 660_00


def test_the_amount_is_told_from_confirmed_to_settled(row: ClaimsLedgerRow) -> None:
    assert (row.verification_mode, row.verified_by) == ("UNANNOUNCED_VISIT", "Zhao")
    assert (row.confirmed, row.confirmed_by) == (640_00, "Zhao")
    assert (row.confirmed_on, row.verified_on) == (date(2025, 3, 3), date(2025, 3, 3))
    assert (row.amount, row.adjusted_from) == (600_00, 640_00)
    assert (row.change_reason, row.change_approved_by) == (REASON, "Chen")
    assert row.shares == (
        ClaimShareEntry(party=Party.COMPANY, party_id=None, bps=3_000, amount=180_00),
        ClaimShareEntry(party=Party.THIRD_PARTY, party_id="V-7", bps=7_000, amount=420_00),
    )
    assert (row.shares_source, row.company_borne) == ("NEGOTIATION", 180_00)
    assert (row.agreement_version, row.cause_code) == ("AG-C01-2025 v1", "M01")
    assert (row.settled, row.recovered) == (600_00, 400_00)
    assert (row.settlement_method, row.settlement_voucher) == ("TRANSFER", "V-1")


def test_what_escalation_and_capa_say_stands_beside_it(row: ClaimsLedgerRow) -> None:
    (entry,) = row.escalations
    assert row.escalated
    assert (entry.escalation_no, entry.reasons) == ("ES-2025-000001", ("AMOUNT", "SPEC_COUNT"))
    assert row.spec_count == 3
    assert row.capa_nos == ("CA-2025-000001",)
    kinds = [(each.kind, each.department) for each in row.accountability]
    assert kinds == [("PERSON", Department.PRODUCTION), ("LEADER", Department.PRODUCTION)]


def test_the_way_out_is_told_in_days(row: ClaimsLedgerRow) -> None:
    today = date(2025, 3, 3)

    assert (row.settled_on, row.filed_on, row.closed_on) == (today, today, today)
    assert (row.filed, row.filing_no) == (True, "SH-2025-001")
    assert row.file_by == datetime(2025, 3, 13, 16, tzinfo=UTC)
    assert row.status is ClaimStatus.CLOSED


def test_the_row_names_every_event_it_was_built_from(row: ClaimsLedgerRow, lived: Lived) -> None:
    house = lived.house
    (escalation,) = row.escalations
    beside = {"EscalationRaised", "AccountabilityRecorded"}
    wanted = [
        each.happened.event_id
        for each in house.events
        if each.happened.to == lived.claim
        or (each.happened.to == escalation.escalation_id and each.type in beside)
        or (each.type == "CapaIssued" and each.data["claim_id"] == lived.claim)
    ]

    assert list(row.event_ids) == wanted
    assert row.row_version == len(wanted)


def test_a_row_is_read_back_as_it_was_written(row: ClaimsLedgerRow) -> None:
    body = CLAIMS_LEDGER.encode(row)

    assert CLAIMS_LEDGER.decode(body) == row
    assert CLAIMS_LEDGER.encode(CLAIMS_LEDGER.decode(body)) == body
    assert '"objection_until":"2025-03-10T16:00:00.000000Z"' in body
    assert '"claimed":{"amount":"660.00","currency":"CNY"}' in body


def test_every_row_of_a_life_is_read_back_as_it_was_written() -> None:
    house = House()
    claim = claim_verified(house, 500_01)
    for told in (claim, claim_confirmed(house, 500_01, S_A, S_B)):
        row = row_of(house, told)
        assert CLAIMS_LEDGER.decode(CLAIMS_LEDGER.encode(row)) == row


# --- on the way -----------------------------------------------------------------------------


def test_what_did_not_happen_yet_is_empty() -> None:
    house = House()
    row = row_of(house, claim_verified(house, 80_00))

    assert row.status is ClaimStatus.VERIFIED
    assert (row.confirmed, row.amount, row.company_borne, row.spec_count) == (None,) * 4
    assert (row.escalated, row.filed, row.recovered) == (False, False, 0)


def test_a_claim_that_is_linked_says_so_without_reasons_and_once() -> None:
    house = House()
    claims = [claim_confirmed(house, 80_00, S_A, S_B) for _ in range(4)]

    assert [row_of(house, each).escalated for each in claims] == [False, False, True, True]
    (entry,) = row_of(house, claims[3]).escalations
    assert entry.reasons == ()
    raised = row_of(house, claims[2]).escalations[0]
    assert (raised.escalation_id, raised.reasons) == (entry.escalation_id, ("SPEC_COUNT",))
    assert row_of(house, claims[3]).row_version == 6


def disputed(house: House) -> str:
    """A claim that is negotiated; its id."""
    claim = claim_confirmed(house, 80_00)
    house.asked(RaiseDispute(grounds="It was paid."), SALES, claim)
    return claim


def test_a_cancelled_claim_says_why_and_bears_nothing() -> None:
    house = House()
    claim = disputed(house)
    house.asked(ProposeCancellation(reason=REASON), TECHNICIAN, claim)
    house.asked(ApproveProposal(), DIRECTOR, claim)

    row = row_of(house, claim)
    assert (row.status, row.amount, row.company_borne) == (ClaimStatus.CANCELLED, None, None)
    assert (row.change_reason, row.change_approved_by) == (REASON, DIRECTOR.name)
    assert (row.confirmed, row.adjusted_from) == (80_00, None)


def test_a_withdrawn_claim_says_why() -> None:
    house = House()
    claim = disputed(house)
    house.asked(WithdrawClaim(reason=REASON), CLERK, claim)

    row = row_of(house, claim)
    assert (row.status, row.change_reason) == (ClaimStatus.WITHDRAWN, REASON)


def test_an_event_of_nobodys_claim_concerns_no_row(lived: Lived) -> None:
    for_case: list[Any] = [
        each
        for each in lived.house.events
        if each.type == "CapaIssued" and each.data["claim_id"] is None
    ]

    assert [list(CLAIMS_LEDGER.keys(each)) for each in for_case] == [[]]
