"""Correcting what was registered of a claim. Two persons stand by it. Clause 4.5.

What the customer wants paid is not corrected here: a corrected notice is claimed anew, and an
amount that stands is negotiated.
"""

from typing import ClassVar, TypeAlias

from app.domain.claim.facts import (
    ClaimCorrected,
    ClaimCorrectionProposed,
    ClaimCorrectionRejected,
    ClaimEvent,
)
from app.domain.claim.refusals import (
    AlreadySplit,
    ClaimAlreadySettled,
    ClaimIsOver,
    FailureAfterNotice,
)
from app.domain.claim.standing import heading, must_be_unsettled
from app.domain.claim.state import Claim
from app.domain.claim.words import ClaimChanges
from app.domain.corrections import (
    APPROVERS,
    PROPOSERS,
    CorrectionWaits,
    NoCorrectionWaits,
    NothingCorrected,
    SodCorrection,
    applied,
    changes_to,
    proposal_of_another,
)
from app.domain.decider import Asked, Command
from app.domain.errors import InTheFuture, NotFound
from app.domain.values import Actor, Reason, Role, shanghai_day


class ProposeClaimCorrection(Command):
    """Say what of a claim was registered wrongly, and why it was not so (提出索赔更正)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = PROPOSERS
    refusals = (
        NotFound,
        ClaimIsOver,
        ClaimAlreadySettled,
        AlreadySplit,
        CorrectionWaits,
        NothingCorrected,
        FailureAfterNotice,
        InTheFuture,
    )

    changes: ClaimChanges
    reason: Reason


class ApproveClaimCorrection(Command):
    """Stand by a correction of a claim that another person proposed (批准索赔更正)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = APPROVERS
    refusals = (
        NotFound,
        ClaimIsOver,
        ClaimAlreadySettled,
        AlreadySplit,
        NoCorrectionWaits,
        SodCorrection,
    )


class RejectClaimCorrection(Command):
    """Turn a correction of a claim down (驳回索赔更正)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = APPROVERS
    refusals = (NotFound, ClaimIsOver, ClaimAlreadySettled, NoCorrectionWaits, SodCorrection)

    reason: Reason


ClaimCorrectionCommand: TypeAlias = (
    ProposeClaimCorrection | ApproveClaimCorrection | RejectClaimCorrection
)


def propose_correction(
    asked: Asked[Command], command: ProposeClaimCorrection, claim: Claim
) -> list[ClaimEvent]:
    """Propose other days; once they have split the claim, it is too late.

    Raises:
        AlreadySplit: the days have decided which agreement counts.
        CorrectionWaits: one at a time.
        NothingCorrected: every value stands as it is.
        FailureAfterNotice, InTheFuture: days that cannot be.
    """
    _must_be_unsplit(claim)
    changes = changes_to(claim, command.changes)
    new = applied(changes, ClaimChanges)
    notice_on = shanghai_day(claim.notice_received_at)
    if new.get("failure_on", claim.failure_on) > notice_on:
        raise FailureAfterNotice(field="changes.failure_on", notice_on=notice_on.isoformat())
    delivered_on, today = new.get("delivered_on"), shanghai_day(asked.at)
    if delivered_on is not None and delivered_on > today:
        raise InTheFuture(field="changes.delivered_on", today=today.isoformat())
    proposed = ClaimCorrectionProposed(
        **heading(claim),
        corrects_event_id=claim.registered_event_id,
        changes=changes,
        reason=command.reason,
    )
    return [proposed]


def approve_correction(by: Actor, claim: Claim) -> list[ClaimEvent]:
    """Correct it."""
    _must_be_unsplit(claim)
    waits = proposal_of_another(claim.correction, by)
    corrected = ClaimCorrected(
        **heading(claim),
        **waits.stood_by(),
    )
    return [corrected]


def reject_correction(command: RejectClaimCorrection, by: Actor, claim: Claim) -> list[ClaimEvent]:
    """Leave all as it was registered."""
    must_be_unsettled(claim)
    proposal_of_another(claim.correction, by)
    return [ClaimCorrectionRejected(**heading(claim), reason=command.reason)]


def _must_be_unsplit(claim: Claim) -> None:
    must_be_unsettled(claim)
    if claim.split is not None:
        raise AlreadySplit(claim_no=claim.claim_no, split_by=claim.split.split_by)
