"""How a claim ends: settled, recovered, filed, closed; or rejected, or withdrawn. Clause 4.5."""

from app.domain.claim.commands import FileClaim, RejectClaim, WithdrawClaim
from app.domain.claim.events import Claim, ClaimEvent, ClaimFiled, ClaimSettled, ClaimWithdrawn
from app.domain.claim.facts import (
    ClaimClosed,
    ClaimRejected,
    RecoveryReceived,
    RecoveryRegistered,
)
from app.domain.claim.payments import RecordRecoveryReceived, RegisterRecovery, SettleClaim
from app.domain.claim.refusals import (
    ClaimAlreadyConfirmed,
    ClaimAlreadyFiled,
    ClaimNotFiled,
    ClaimNotSettled,
    ClaimNotSplit,
    ExecutionNotApproved,
    FilingNoTaken,
    MoreReceivedThanOwed,
    NotRecoverable,
    RecoveryUnknown,
    SettlementMismatch,
    SodSettlement,
)
from app.domain.claim.standing import (
    confirmation_of,
    heading,
    leaving,
    must_be_unsettled,
    must_go_on,
    must_not_wait,
)
from app.domain.decider import World
from app.domain.money import written
from app.domain.registers.claim_references import CLAIM_BY_FILING
from app.domain.values import Actor, Party


def settle(command: SettleClaim, by: Actor, claim: Claim) -> list[ClaimEvent]:
    """Pay what the company bears, and perhaps what it advances for a third party.

    Raises:
        ExecutionNotApproved: the technical director has not said so.
        ProposalWaits: it may still change.
        SodSettlement: whoever approved does not pay.
        SettlementMismatch: another amount.
    """
    must_be_unsettled(claim)
    if claim.approved_by is None:
        raise ExecutionNotApproved(claim_no=claim.claim_no, next="ApproveClaimExecution")
    must_not_wait(claim)
    if by.person == claim.approved_by:
        raise SodSettlement(person=by.person)
    company, third = claim.share_of(Party.COMPANY), claim.share_of(Party.THIRD_PARTY)
    if command.amount.fen not in {company, company + third}:
        raise SettlementMismatch(
            field="amount",
            company_borne=written(company),
            with_third_party=written(company + third),
        )
    settled = ClaimSettled(
        **heading(claim),
        method=command.method,
        voucher=command.voucher,
        amount_fen=command.amount.fen,
        advanced_fen=command.amount.fen - company,
    )
    return [settled]


def register_recovery(command: RegisterRecovery, claim: Claim) -> list[ClaimEvent]:
    """Ask a third party for what it bears; the claim itself may be closed by then."""
    if claim.ending is not None:
        must_go_on(claim)
    if not claim.shares:
        raise ClaimNotSplit(claim_no=claim.claim_no, next="SplitClaim")
    third = claim.share_of(Party.THIRD_PARTY)
    asked = sum(each.amount for each in claim.recoveries)
    twice = command.party_id in {each.party_id for each in claim.recoveries}
    if twice or asked + command.amount.fen > third:
        raise NotRecoverable(
            field="party_id" if twice else "amount",
            third_party_bears=written(third),
            registered=written(asked),
        )
    return [
        RecoveryRegistered(
            **heading(claim), party_id=command.party_id, amount_fen=command.amount.fen
        )
    ]


def receive_recovery(command: RecordRecoveryReceived, claim: Claim) -> list[ClaimEvent]:
    """Record what came back, in one sum or several."""
    owed = next((each for each in claim.recoveries if each.party_id == command.party_id), None)
    if owed is None:
        raise RecoveryUnknown(
            field="party_id", registered=[each.party_id for each in claim.recoveries]
        )
    if owed.received + command.amount.fen > owed.amount:
        raise MoreReceivedThanOwed(
            field="amount", owed=written(owed.amount), received=written(owed.received)
        )
    received = RecoveryReceived(
        **heading(claim),
        party_id=command.party_id,
        amount_fen=command.amount.fen,
        voucher=command.voucher,
    )
    return [received]


def file(command: FileClaim, claim: Claim, world: World) -> list[ClaimEvent]:
    """File it once, under a number of its own; a cancelled claim is filed like any other."""
    confirmation_of(claim)
    if claim.filing is not None:
        raise ClaimAlreadyFiled(filing_no=claim.filing.filing_no)
    taken = world.entry_in(CLAIM_BY_FILING, command.filing_no)
    if taken is not None:
        raise FilingNoTaken(field="filing_no", claim_no=taken.claim_no)
    return [ClaimFiled(**heading(claim), filing_no=command.filing_no)]


def close(claim: Claim) -> list[ClaimEvent]:
    """Close what is settled and filed (R-07)."""
    must_go_on(claim)
    if claim.settlement is None:
        raise ClaimNotSettled(claim_no=claim.claim_no, next="SettleClaim")
    if claim.filing is None:
        raise ClaimNotFiled(claim_no=claim.claim_no, next="FileClaim")
    return [ClaimClosed(**heading(claim))]


def reject(command: RejectClaim, claim: Claim) -> list[ClaimEvent]:
    """Reject it before an amount stands; afterwards it is negotiated."""
    must_go_on(claim)
    if claim.confirmation is not None:
        raise ClaimAlreadyConfirmed(next="RaiseDispute")
    return [ClaimRejected(**heading(claim), reason=command.reason)]


def withdraw(command: WithdrawClaim, claim: Claim) -> list[ClaimEvent]:
    """Take it back before it is paid."""
    must_be_unsettled(claim)
    withdrawn = ClaimWithdrawn(
        **heading(claim),
        amount_released_fen=claim.amount or 0,
        reason=command.reason,
        **leaving(claim),
    )
    return [withdrawn]
