"""Clause 4.5: which claims go to the general manager, and what becomes of it (R-04, R-05)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.claim.commands import ConfirmClaimAmount, WithdrawClaim
from app.domain.claim.events import ClaimAdjusted, ClaimAmountConfirmed
from app.domain.claim.objections import (
    ApproveProposal,
    ProposeAdjustment,
    ProposeCancellation,
    RaiseDispute,
)
from app.domain.claim.words import ShareRatio, SpecStanding
from app.domain.escalation.events import (
    ESCALATION,
    CapaRequested,
    ClaimLinkedToEscalation,
    Escalation,
    EscalationBasisChanged,
    EscalationRaised,
)
from app.domain.money import money
from app.domain.registers.escalations import ESCALATIONS_OF_CLAIM
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.values import Party
from tests.domain.claims import REASON, S_A, S_B
from tests.people import CLERK, DIRECTOR, GENERAL_MANAGER, SALES, SPECIALIST, TECHNICIAN
from tests.turns import House, claim_confirmed, claim_verified, close_escalation, noon_of


@pytest.fixture
def house() -> House:
    """February 2025, and the figures of the procedure as it was signed."""
    return House(at=noon_of(date(2025, 2, 3)))


def with_figures(**figures: Any) -> House:  # noqa: ANN401 - any figure
    """February 2025 under other figures."""
    return House(FIRST_FIGURES.model_copy(update=figures), noon_of(date(2025, 2, 3)))


def the_escalation(house: House) -> Escalation:
    """The only one."""
    (to,) = ids_of_escalations(house)
    return house.state_of(ESCALATION, to)


def ids_of_escalations(house: House) -> list[str]:
    """Of all that were raised, oldest first."""
    return [each.happened.to for each in house.events if isinstance(each.event, EscalationRaised)]


def told(house: House) -> list[tuple[Any, ...]]:
    """What escalations were told, in order: reason, old and new figure."""
    return [
        (each.reason, each.old_observed, each.new_observed)
        for each in house.happened(EscalationBasisChanged)
    ]


# --- the rules at their edges ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("confirmed_fen", "earlier_claims", "rules"),
    [
        pytest.param(500_00, 1, [], id="500.00 is not above 500.00"),
        pytest.param(500_01, 1, ["R-04"], id="one fen above"),
        pytest.param(1_00, 1, [], id="the second claim of the spec"),
        pytest.param(1_00, 2, ["R-05"], id="the third claim of the spec"),
        pytest.param(500_01, 2, ["R-04", "R-05"], id="both: one escalation, two reasons"),
    ],
)
def test_which_claims_go_to_the_general_manager(
    house: House, confirmed_fen: int, earlier_claims: int, rules: list[str]
) -> None:
    for _ in range(earlier_claims):
        claim_confirmed(house, 80_00)
    claim_confirmed(house, confirmed_fen)

    raised = house.happened(EscalationRaised)

    assert [reason.decision.rule_id for each in raised for reason in each.reasons] == rules
    assert len(raised) <= 1
    assert len(house.happened(CapaRequested)) == rules.count("R-05")


def test_what_counts_is_what_was_confirmed(house: House) -> None:
    to = claim_verified(house, 620_00)
    house.asked(ConfirmClaimAmount(confirmed_total=money(498_00)), SPECIALIST, to)

    assert house.happened(EscalationRaised) == []


def test_the_decision_says_what_it_saw(house: House) -> None:
    for fen in (80_00, 95_00, 612_35):
        claim_confirmed(house, fen)

    (raised,) = house.happened(EscalationRaised)
    amount, count = (each.decision for each in raised.reasons)
    assert (amount.observed, amount.operator, amount.threshold) == (612_35, ">", 500_00)
    assert (amount.unit, amount.clause, amount.rule_pack_version) == ("FEN", "4.5", 1)
    assert amount.evidence == ("CL-2025-000003",)
    assert (count.observed, count.operator, count.threshold) == (3, ">=", 3)
    assert (count.unit, count.fires) == ("CLAIMS", True)
    assert count.evidence == ("CL-2025-000001", "CL-2025-000002", "CL-2025-000003")
    (_, by_spec) = raised.reasons
    assert (by_spec.spec_code, by_spec.window) == (S_A, "2025")
    assert by_spec.counted_on == date(2025, 2, 3)
    assert raised.acknowledge_by == house.at + timedelta(hours=24)


def test_of_several_specifications_the_most_claimed_comes_first_and_each_asks_for_a_capa() -> None:
    house = with_figures(spec_claims_unit="PIECES")
    claim_confirmed(house, 80_00, S_A, pieces=1)
    claim_confirmed(house, 80_00, S_B, pieces=2)
    claim_confirmed(house, 80_00, S_A, S_B, pieces=2)

    (raised,) = house.happened(EscalationRaised)
    seen = [(each.spec_code, each.decision.observed) for each in raised.reasons]
    assert seen == [(S_B, 4), (S_A, 3)]
    assert raised.spec_code == S_B
    assert [each.spec_code for each in house.happened(CapaRequested)] == [S_B, S_A]


# --- what is counted, in which time, of whom ------------------------------------------------


def days_of(*days: str) -> list[date]:
    """Days in ISO form."""
    return [date.fromisoformat(each) for each in days]


@pytest.mark.parametrize(
    ("window", "days", "fires"),
    [
        pytest.param("AGREEMENT_YEAR", ["2025-01-01", "2025-06-01", "2025-12-31"], True, id="year"),
        pytest.param(
            "AGREEMENT_YEAR", ["2024-12-31", "2025-01-01", "2025-12-31"], False, id="next year"
        ),
        pytest.param("QUARTER", ["2025-01-01", "2025-02-01", "2025-03-31"], True, id="quarter"),
        pytest.param("QUARTER", ["2025-01-01", "2025-02-01", "2025-04-01"], False, id="next one"),
        pytest.param("QUARTER", ["2025-10-01", "2025-11-01", "2025-12-31"], True, id="the fourth"),
        pytest.param(
            "QUARTER", ["2025-11-01", "2025-12-31", "2026-01-01"], False, id="the year turns"
        ),
        pytest.param(
            "ROLLING_365D", ["2024-03-02", "2024-12-31", "2025-03-01"], True, id="365 days"
        ),
        pytest.param(
            "ROLLING_365D", ["2024-03-01", "2024-12-31", "2025-03-01"], False, id="a day longer"
        ),
    ],
)
def test_in_which_time_claims_are_counted(window: str, days: list[str], fires: bool) -> None:  # noqa: FBT001 - a column of the table
    house = with_figures(spec_claims_window=window)
    for day in days_of(*days):
        house.at = noon_of(day)
        claim_confirmed(house, 80_00)

    assert len(house.happened(EscalationRaised)) == int(fires)


@pytest.mark.parametrize(
    ("unit", "pieces", "observed"),
    [
        pytest.param("CLAIMS", [5, 5], None, id="two claims of ten pieces"),
        pytest.param("PIECES", [1, 1], None, id="two pieces"),
        pytest.param("PIECES", [3], 3, id="three pieces of one claim"),
        pytest.param("PIECES", [1, 2], 3, id="three pieces of two claims"),
        pytest.param("PIECES", [2, 5], 7, id="past the threshold at once"),
    ],
)
def test_claims_or_pieces_are_counted(
    unit: str, pieces: Sequence[int], observed: int | None
) -> None:
    house = with_figures(spec_claims_unit=unit)
    for each in pieces:
        claim_confirmed(house, 80_00, pieces=each)

    seen = [reason.decision for each in house.happened(EscalationRaised) for reason in each.reasons]
    assert [(each.observed, each.unit) for each in seen] == ([(observed, unit)] if observed else [])


@pytest.mark.parametrize(
    ("per_customer", "customers", "windows"),
    [
        pytest.param(False, ["C01", "C02", "C01"], ["2025"], id="everybody together"),
        pytest.param(True, ["C01", "C02", "C01"], [], id="each alone"),
        pytest.param(True, ["C01", "C02", "C01", "C01"], ["2025/C01"], id="the third of one"),
        pytest.param(
            True, ["C01", "C02"] * 3, ["2025/C01", "2025/C02"], id="one escalation a customer"
        ),
    ],
)
def test_everybody_or_each_customer_is_counted(
    per_customer: bool,  # noqa: FBT001 - a column of the table
    customers: list[str],
    windows: list[str],
) -> None:
    house = with_figures(spec_claims_per_customer=per_customer)
    for each in customers:
        claim_confirmed(house, 80_00, customer=each)

    raised = house.happened(EscalationRaised)
    assert [reason.window for each in raised for reason in each.reasons] == windows


# --- while it is open, and after ------------------------------------------------------------


def test_while_it_is_open_further_claims_are_linked(house: House) -> None:
    for _ in range(3):
        claim_confirmed(house, 80_00)
    (first,) = ids_of_escalations(house)
    house.at = noon_of(date(2025, 10, 2))
    fourth = claim_confirmed(house, 80_00, customer="C02")

    (linked,) = house.happened(ClaimLinkedToEscalation)
    assert ids_of_escalations(house) == [first]
    assert (linked.claim_id, linked.customer_id) == (fourth, "C02")
    assert (linked.decision.observed, linked.counted_on) == (4, date(2025, 10, 2))
    confirmed = house.happened(ClaimAmountConfirmed)[-1]
    assert confirmed.spec_standings == (
        SpecStanding(spec_code=S_A, window="2025", claims=4, pieces=4),
    )


def test_a_claim_that_is_linked_and_high_raises_one_more_for_its_amount(house: House) -> None:
    for fen in (80_00, 80_00, 80_00, 500_01):
        claim_confirmed(house, fen)

    _, by_amount = house.happened(EscalationRaised)
    assert [each.code for each in by_amount.reasons] == ["AMOUNT"]
    assert len(house.happened(ClaimLinkedToEscalation)) == 1


def test_a_claim_of_two_specifications_is_linked_for_both_and_is_in_it_once(house: House) -> None:
    *_, fourth = (claim_confirmed(house, 80_00, S_A, S_B) for _ in range(4))

    linked = house.happened(ClaimLinkedToEscalation)
    assert [each.spec_code for each in linked] == [S_A, S_B]
    known = house.entry_in(ESCALATIONS_OF_CLAIM, fourth) or []
    assert [each.escalation_id for each in known] == ids_of_escalations(house)


def test_after_the_close_the_next_claim_raises_a_new_one(house: House) -> None:
    for _ in range(4):
        claim_confirmed(house, 80_00)
    close_escalation(house, *ids_of_escalations(house))
    claim_confirmed(house, 80_00)

    first, second = house.happened(EscalationRaised)
    assert (first.reasons[0].decision.observed, second.reasons[0].decision.observed) == (3, 5)
    assert len(house.happened(ClaimLinkedToEscalation)) == 1


def test_in_the_next_window_it_begins_anew(house: House) -> None:
    for _ in range(3):
        claim_confirmed(house, 80_00)
    house.at = noon_of(date(2026, 1, 1))
    for _ in range(3):
        claim_confirmed(house, 80_00)

    windows = [each.reasons[0].window for each in house.happened(EscalationRaised)]
    assert windows == ["2025", "2026"]
    assert house.happened(ClaimLinkedToEscalation) == []


def test_a_claim_is_linked_to_an_open_one_also_when_fewer_are_left(house: House) -> None:
    first, second, _ = (claim_confirmed(house, 80_00) for _ in range(3))
    for each in (first, second):
        house.asked(WithdrawClaim(reason=REASON), CLERK, each)
    claim_confirmed(house, 80_00)

    (linked,) = house.happened(ClaimLinkedToEscalation)
    assert (linked.decision.observed, linked.decision.fires) == (2, False)
    assert the_escalation(house).reasons[0].observed_now == 2


# --- when its basis changes -----------------------------------------------------------------


def adjusts(house: House, to: str, fen: int, by: Any = GENERAL_MANAGER) -> None:  # noqa: ANN401 - a person
    """Engineering proposes another amount of a disputed claim, and somebody approves it."""
    house.asked(ProposeAdjustment(new_total=money(fen), reason=REASON), TECHNICIAN, to)
    house.asked(ApproveProposal(), by, to)


def disputed_claim(house: House, fen: int) -> str:
    """A confirmed claim that is negotiated; its id."""
    to = claim_confirmed(house, fen)
    house.asked(RaiseDispute(grounds="Towing is missing."), SALES, to)
    return to


def test_an_adjustment_may_raise_it(house: House) -> None:
    to = disputed_claim(house, 480_00)
    adjusts(house, to, 500_00, DIRECTOR)
    assert ids_of_escalations(house) == []
    adjusts(house, to, 500_01, DIRECTOR)

    (reason,) = the_escalation(house).reasons
    assert (reason.code, reason.observed_now) == ("AMOUNT", 500_01)


def test_an_adjustment_changes_the_basis_and_never_takes_it_back(house: House) -> None:
    to = disputed_claim(house, 520_00)
    adjusts(house, to, 300_00)
    adjusts(house, to, 600_00)

    assert told(house) == [("AMOUNT", 520_00, 300_00), ("AMOUNT", 300_00, 600_00)]
    assert the_escalation(house).reasons[0].decision.observed == 520_00


def test_a_closed_escalation_is_told_as_well(house: House) -> None:
    to = disputed_claim(house, 520_00)
    close_escalation(house, *ids_of_escalations(house))
    adjusts(house, to, 600_00)

    assert told(house) == [("AMOUNT", 520_00, 600_00)]
    assert len(ids_of_escalations(house)) == 1


def test_other_shares_of_the_same_amount_are_no_news(house: House) -> None:
    to = disputed_claim(house, 520_00)
    to_customer = ProposeAdjustment(
        shares=(ShareRatio(party=Party.CUSTOMER, bps=10_000),), reason=REASON
    )
    house.asked(to_customer, TECHNICIAN, to)
    house.asked(ApproveProposal(), GENERAL_MANAGER, to)

    assert len(house.happened(ClaimAdjusted)) == 1
    assert told(house) == []


@pytest.mark.parametrize("how", ["CANCELLED", "WITHDRAWN"])
def test_a_claim_that_ends_changes_both_figures(house: House, how: str) -> None:
    claim_confirmed(house, 80_00)
    claim_confirmed(house, 80_00)
    third = disputed_claim(house, 612_35)
    if how == "CANCELLED":
        house.asked(ProposeCancellation(reason=REASON), TECHNICIAN, third)
        house.asked(ApproveProposal(), GENERAL_MANAGER, third)
    else:
        house.asked(WithdrawClaim(reason=REASON), CLERK, third)

    assert told(house) == [("AMOUNT", 612_35, 0), ("SPEC_COUNT", 3, 2)]


def test_an_earlier_claim_that_ends_changes_the_count_of_those_it_was_counted_for(
    house: House,
) -> None:
    house.at = noon_of(date(2024, 12, 31))
    yesteryear = claim_confirmed(house, 80_00)
    house.at = noon_of(date(2025, 2, 3))
    first = claim_confirmed(house, 80_00)
    claim_confirmed(house, 80_00)
    claim_confirmed(house, 80_00)
    house.asked(WithdrawClaim(reason=REASON), CLERK, yesteryear)
    assert told(house) == []

    house.asked(WithdrawClaim(reason=REASON), CLERK, first)
    assert told(house) == [("SPEC_COUNT", 3, 2)]


def test_another_customers_claim_does_not_change_a_count_of_one_customer() -> None:
    house = with_figures(spec_claims_per_customer=True)
    other = claim_confirmed(house, 80_00, customer="C02")
    for _ in range(3):
        claim_confirmed(house, 80_00)
    house.asked(WithdrawClaim(reason=REASON), CLERK, other)

    assert told(house) == []


def test_a_claim_that_never_stood_changes_nothing(house: House) -> None:
    for _ in range(3):
        claim_confirmed(house, 80_00)
    unconfirmed = claim_verified(house, 80_00)
    house.asked(WithdrawClaim(reason=REASON), CLERK, unconfirmed)

    assert told(house) == []


def test_the_count_of_an_amount_escalation_is_not_told(house: House) -> None:
    high = claim_confirmed(house, 500_01)
    house.asked(WithdrawClaim(reason=REASON), CLERK, high)

    assert told(house) == [("AMOUNT", 500_01, 0)]
