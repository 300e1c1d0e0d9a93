"""What an approved change does to a claim: another amount, other shares, or nothing to pay."""

from typing import Any, Final

import pytest

from app.domain.claim.commands import ApproveClaimExecution, SplitClaim
from app.domain.claim.events import ClaimStatus
from app.domain.claim.objections import (
    ApproveProposal,
    NothingAdjusted,
    ProposalWaits,
    ProposeAdjustment,
)
from app.domain.claim.refusals import AlreadySplit, ClaimIsOver, ExecutionNotApproved
from app.domain.claim.words import Rounding, ShareRatio
from app.domain.errors import NotFound
from tests.domain.claims import (
    COMPANY,
    CONCLUDE,
    CONCLUDED,
    CUSTOMER,
    DISPUTE,
    DISPUTE_RAISED,
    EXECUTION_APPROVED,
    REASON,
    THIRD,
    by_third_party,
    claim_split,
    closed,
    confirmed,
    disputed,
    executed,
    new_claim,
    opened,
    part,
    proposed,
    settle,
    waiting,
)
from tests.domain.test_claim_negotiation import (
    CANCEL,
    CANCEL_PROPOSED,
    CANCELLED,
    CONSENT,
    EVEN,
    LESS,
    REJECT,
    adjusted,
)
from tests.people import CASHIER, DIRECTOR, GENERAL_MANAGER, SALES, TECHNICIAN, Person

APPROVE: Final = ApproveProposal()


def changed(fen: int, shares: tuple[ShareRatio, ...] | None) -> Any:  # noqa: ANN401 - a spec
    """A disputed claim with that proposal."""
    return disputed.given(TECHNICIAN.did(proposed(fen, shares=shares)))


def test_another_amount_is_shared_as_before() -> None:
    after = waiting.given(DIRECTOR.did(adjusted())).state()

    assert (after.amount, after.shares_source) == (300_00, "AGREEMENT")
    assert [each.amount for each in after.shares] == [210_00, 90_00]
    (adjustment,) = after.adjustments
    assert (adjustment.old_total, adjustment.new_total) == (333_33, 300_00)
    assert (adjustment.proposed_by, adjustment.approved_by) == ("He", "Guo")
    assert after.status is ClaimStatus.NEGOTIATING


def test_other_shares_split_the_amount_as_it_stands() -> None:
    even = part(COMPANY, 5_000, 166_67), part(CUSTOMER, 5_000, 166_66)
    told = adjusted(333_33, *even, shares_changed=True)

    changed(333_33, EVEN).when(DIRECTOR.asks(APPROVE)).then(told)
    after = changed(333_33, EVEN).given(DIRECTOR.did(told)).state()
    assert (after.shares_source, after.main_party) == ("NEGOTIATION", None)


def test_both_may_change_at_once() -> None:
    changed(0, EVEN).when(DIRECTOR.asks(APPROVE)).then(
        adjusted(0, part(COMPANY, 5_000, 0), part(CUSTOMER, 5_000, 0), shares_changed=True)
    )


def test_what_is_not_split_yet_is_adjusted_without_shares() -> None:
    unsplit = confirmed.given(
        SALES.did(DISPUTE_RAISED), SALES.did(opened("DISPUTE", None)), TECHNICIAN.did(proposed())
    )
    told = adjusted().model_copy(update={"shares": ()})

    unsplit.when(DIRECTOR.asks(APPROVE)).then(told)
    after = unsplit.given(DIRECTOR.did(told))
    assert (after.state().amount, after.state().shares) == (300_00, ())
    after.when(TECHNICIAN.asks(SplitClaim())).then(
        claim_split(
            part(COMPANY, 7_000, 210_00),
            part(CUSTOMER, 3_000, 90_00),
            total_fen=300_00,
            rounding=Rounding(leftover_to=()),
        )
    )


def test_shares_keep_the_name_of_the_third_party() -> None:
    carrier = (
        ShareRatio(party=COMPANY, bps=5_000),
        ShareRatio(party=THIRD, party_id="V-7", bps=5_000),
    )
    told = changed(200_00, carrier).when(DIRECTOR.asks(APPROVE)).answer()[0]
    after = changed(200_00, carrier).given(DIRECTOR.did(told))
    again = ProposeAdjustment(shares=carrier, reason=REASON)

    assert [each.party_id for each in after.state().shares] == [None, "V-7"]
    after.when(TECHNICIAN.asks(again)).then_refused(NothingAdjusted)


# --- cancelling -----------------------------------------------------------------------------


def test_a_cancelled_claim_has_no_amount_and_no_shares_and_is_over() -> None:
    cancelling = disputed.given(TECHNICIAN.did(CANCEL_PROPOSED))

    cancelling.when(DIRECTOR.asks(APPROVE)).then(CANCELLED)
    state = cancelling.given(DIRECTOR.did(CANCELLED)).state()
    assert state.status is ClaimStatus.CANCELLED
    assert (state.amount, state.shares, state.shares_source) == (None, (), None)
    assert state.ending is not None
    assert (state.ending.reason, state.ending.ended_by) == (REASON, DIRECTOR.name)


@pytest.mark.parametrize(
    ("who", "command"),
    [
        (GENERAL_MANAGER, CONSENT),
        (SALES, DISPUTE),
        (TECHNICIAN, CONCLUDE),
        (TECHNICIAN, LESS),
        (TECHNICIAN, CANCEL),
        (DIRECTOR, APPROVE),
        (DIRECTOR, REJECT),
    ],
)
def test_nothing_is_negotiated_about_a_claim_that_is_over(who: Person, command: Any) -> None:  # noqa: ANN401 - commands differ
    cancelled = disputed.given(TECHNICIAN.did(CANCEL_PROPOSED), DIRECTOR.did(CANCELLED))

    for spec in (cancelled, closed):
        spec.when(who.asks(command)).then_refused(ClaimIsOver)
    new_claim.when(who.asks(command)).then_refused(NotFound)


# --- what an approval is worth --------------------------------------------------------------


def test_an_approval_falls_away_with_a_dispute_that_comes_after_it() -> None:
    doubted = executed.given(SALES.did(DISPUTE_RAISED), SALES.did(opened("DISPUTE", COMPANY)))
    concluded = doubted.given(TECHNICIAN.did(CONCLUDED))

    assert executed.state().status is ClaimStatus.APPROVED
    for spec in (doubted, concluded):
        assert spec.state().approved_by is None
        spec.when(CASHIER.asks(settle(233_33))).then_refused(
            ExecutionNotApproved, next="ApproveClaimExecution"
        )
    concluded.when(DIRECTOR.asks(ApproveClaimExecution())).then(EXECUTION_APPROVED)


APPROVED_BY_THIRD: Final = EXECUTION_APPROVED.model_copy(update={"company_fen": 66_67})
"""The carrier is to blame, the negotiation is over, the director approved."""
approved: Final = by_third_party.given(TECHNICIAN.did(CONCLUDED), DIRECTOR.did(APPROVED_BY_THIRD))


def test_an_approval_falls_away_with_an_adjustment_that_comes_after_it() -> None:
    less = approved.given(TECHNICIAN.did(proposed()))
    told = less.when(DIRECTOR.asks(APPROVE)).answer()[0]

    assert less.state().status is ClaimStatus.APPROVED
    after = less.given(DIRECTOR.did(told)).state()
    assert (after.status, after.approved_by) == (ClaimStatus.SPLIT, None)
    assert [each.amount for each in after.shares] == [60_00, 240_00]


def test_nothing_is_paid_while_a_proposal_waits() -> None:
    approved.given(TECHNICIAN.did(proposed())).when(CASHIER.asks(settle(66_67))).then_refused(
        ProposalWaits, kind="ADJUSTMENT", proposed_by=TECHNICIAN.name
    )


def test_what_was_negotiated_is_not_split_again() -> None:
    negotiated = changed(480_00, EVEN).given(
        DIRECTOR.did(changed(480_00, EVEN).when(DIRECTOR.asks(APPROVE)).answer()[0])
    )

    assert negotiated.state().shares_source == "NEGOTIATION"
    negotiated.when(TECHNICIAN.asks(SplitClaim())).then_refused(
        AlreadySplit, shares_source="NEGOTIATION"
    )
