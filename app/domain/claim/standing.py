"""What several decisions of a claim ask first, and what all its events repeat."""

from typing import Any, Final

from app.domain.claim.objections import ProposalWaits
from app.domain.claim.refusals import ClaimAlreadySettled, ClaimIsOver, ClaimNotConfirmed
from app.domain.claim.state import Claim, Confirmation
from app.domain.claim.words import ClaimStatus
from app.domain.decider import World
from app.domain.feedback_case.events import FEEDBACK_CASE, FeedbackCase
from app.domain.feedback_case.state import CaseStatus
from app.domain.values import Category

OVER: Final = frozenset(
    {ClaimStatus.CLOSED, ClaimStatus.REJECTED, ClaimStatus.CANCELLED, ClaimStatus.WITHDRAWN}
)


def must_go_on(claim: Claim) -> None:
    """Nothing is done to a claim that is over.

    Raises:
        ClaimIsOver: it is closed, rejected, cancelled or withdrawn.
    """
    if claim.status in OVER:
        raise ClaimIsOver(claim_no=claim.claim_no, status=claim.status)


def must_be_unsettled(claim: Claim) -> None:
    """Nothing is changed in a claim that was paid.

    Raises:
        ClaimIsOver: it is over.
        ClaimAlreadySettled: it is paid.
    """
    must_go_on(claim)
    if claim.settlement is not None:
        raise ClaimAlreadySettled(claim_no=claim.claim_no, voucher=claim.settlement.voucher)


def must_not_wait(claim: Claim) -> None:
    """Nothing is approved, paid or proposed on top of a proposal.

    Raises:
        ProposalWaits: a second person has yet to approve or reject it.
    """
    if claim.proposal is not None:
        raise ProposalWaits(kind=claim.proposal.kind, proposed_by=claim.proposal.proposed_by)


def confirmation_of(claim: Claim) -> Confirmation:
    """The confirmation of a claim.

    Raises:
        ClaimNotConfirmed: there is none yet.
    """
    if claim.confirmation is None:
        raise ClaimNotConfirmed(
            claim_no=claim.claim_no, status=claim.status, next="ConfirmClaimAmount"
        )
    return claim.confirmation


def heading(claim: Claim) -> dict[str, Any]:
    """The fields of `ClaimFact`."""
    return {"claim_no": claim.claim_no, "customer_id": claim.customer_id}


def leaving(claim: Claim) -> dict[str, Any]:
    """What counters need to know of a claim that ends: since when and for what it counted."""
    return {
        "confirmed_on": claim.confirmation.confirmed_on if claim.confirmation else None,
        "counts": claim.counts,
        "specs": claim.specs,
    }


def case_as_it_counts(world: World, case_id: str) -> FeedbackCase:
    """A feedback case, or the one that it was merged into."""
    case = world.state_of(FEEDBACK_CASE, case_id)
    while case.status is CaseStatus.MERGED and case.merged_into is not None:
        case = world.state_of(FEEDBACK_CASE, case.merged_into)
    return case


def class_of(world: World, case_ids: tuple[str, ...]) -> tuple[Category | None, bool]:
    """The class of a claim's cases, and whether it counts against its specifications (R-05).

    Only product matters count. A claim counts while no case says otherwise: one that is not
    linked, or whose cases are not classified yet, is taken as a product matter.
    """
    classes = [case_as_it_counts(world, each).category for each in case_ids]
    known = [each for each in classes if each is not None]
    category = Category.PRODUCT if Category.PRODUCT in known else next(iter(known), None)
    return category, category in {None, Category.PRODUCT}
