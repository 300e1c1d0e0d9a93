"""What a claim answers: the table of contents, and the way in."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import assert_never

from app.domain.claim.amounts import (
    approve_execution,
    confirm_amount,
    recount_cost,
    split_claim,
)
from app.domain.claim.commands import (
    ApproveClaimExecution,
    CheckClaim,
    ClaimCommand,
    CloseClaim,
    ConfirmClaimAmount,
    FileClaim,
    LinkCase,
    RecountClaim,
    RecountClaimCost,
    RegisterClaim,
    RejectClaim,
    SplitClaim,
    VerifyClaim,
    WithdrawClaim,
)
from app.domain.claim.corrections import (
    ApproveClaimCorrection,
    ProposeClaimCorrection,
    RejectClaimCorrection,
    approve_correction,
    propose_correction,
    reject_correction,
)
from app.domain.claim.disputes import (
    approve_proposal,
    conclude,
    consent,
    dispute,
    lapse,
    note_appeal,
    propose_adjustment,
    propose_cancellation,
    reject_proposal,
)
from app.domain.claim.endings import (
    close,
    file,
    receive_recovery,
    register_recovery,
    reject,
    settle,
    withdraw,
)
from app.domain.claim.events import (
    CLAIM,
    CaseLinked,
    Claim,
    ClaimEvent,
    ClaimRecounted,
    ClaimRegistered,
    ClaimStatus,
)
from app.domain.claim.facts import ClaimChecked, ClaimVerified
from app.domain.claim.notices import read_lines
from app.domain.claim.objections import (
    ApproveProposal,
    ConcludeNegotiation,
    ConsentToLateObjection,
    LapseObjection,
    NoteAppeal,
    ProposeAdjustment,
    ProposeCancellation,
    RaiseDispute,
    RejectProposal,
)
from app.domain.claim.payments import RecordRecoveryReceived, RegisterRecovery, SettleClaim
from app.domain.claim.refusals import (
    CaseAlreadyLinked,
    CaseNotClaimable,
    ClaimAlreadyConfirmed,
    ClaimNotChecked,
    ClaimOfAnotherCustomer,
    FailureAfterNotice,
    NoticeAlreadyClaimed,
    VerifiedBackwards,
)
from app.domain.claim.standing import (
    OVER,
    class_of,
    heading,
    must_be_unsettled,
    must_go_on,
)
from app.domain.claim.words import specs_of
from app.domain.decider import Asked, Decider, World
from app.domain.due import due, limits_of
from app.domain.errors import (
    AlreadyExists,
    InTheFuture,
    NotFound,
)
from app.domain.feedback_case.events import FEEDBACK_CASE, CaseStatus
from app.domain.limits import Due
from app.domain.registers.claim_references import CLAIM_BY_NOTICE, CLAIM_BY_SOURCE
from app.domain.registers.numbers import next_no
from app.domain.registers.sources import must_be_news, reference_key
from app.domain.rule_pack.events import pack_in_force
from app.domain.values import end_of_day, shanghai_day
from app.domain.warranty_agreement.events import agreement_of

NOT_CLAIMABLE = frozenset({CaseStatus.NOT_REGISTERED, CaseStatus.VOIDED, CaseStatus.MERGED})
"""Feedback cases that no claim is about."""


def decide(  # noqa: C901, PLR0911, PLR0912 - a table of contents has as many lines as commands
    asked: Asked[ClaimCommand], claim: Claim, world: World
) -> Sequence[ClaimEvent]:
    """The table of contents: one line a command."""
    by = asked.by
    if isinstance(asked.command, RegisterClaim):
        return register(asked, asked.command, claim, world)
    if claim.status is ClaimStatus.NOT_REGISTERED:
        raise NotFound
    match asked.command:
        case LinkCase() as command:
            return link_case(command, claim, world)
        case RecountClaim():
            return recount(claim, world)
        case RecountClaimCost():
            return recount_cost(claim)
        case CheckClaim() as command:
            return check(command, claim)
        case VerifyClaim() as command:
            return verify(asked, command, claim)
        case ConfirmClaimAmount() as command:
            return confirm_amount(command, by, claim, world)
        case SplitClaim():
            return split_claim(claim, world)
        case ApproveClaimExecution():
            return approve_execution(by, claim)
        case LapseObjection():
            return lapse(claim, world)
        case ConsentToLateObjection() as command:
            return consent(command, claim, world)
        case RaiseDispute() as command:
            return dispute(command, claim, world)
        case NoteAppeal() as command:
            return note_appeal(command, claim)
        case ConcludeNegotiation() as command:
            return conclude(command, claim)
        case ProposeAdjustment() as command:
            return propose_adjustment(command, claim, world)
        case ProposeCancellation() as command:
            return propose_cancellation(command, claim, world)
        case ApproveProposal():
            return approve_proposal(asked, claim, world)
        case RejectProposal() as command:
            return reject_proposal(command, by, claim)
        case SettleClaim() as command:
            return settle(command, by, claim)
        case RegisterRecovery() as command:
            return register_recovery(command, claim)
        case RecordRecoveryReceived() as command:
            return receive_recovery(command, claim)
        case FileClaim() as command:
            return file(command, claim, world)
        case CloseClaim():
            return close(claim)
        case RejectClaim() as command:
            return reject(command, claim)
        case WithdrawClaim() as command:
            return withdraw(command, claim)
        case ProposeClaimCorrection() as command:
            return propose_correction(asked, command, claim)
        case ApproveClaimCorrection():
            return approve_correction(by, claim)
        case RejectClaimCorrection() as command:
            return reject_correction(command, by, claim)
        case _:
            assert_never(asked.command)


# --- the way in -----------------------------------------------------------------------------


def register(
    asked: Asked[ClaimCommand], command: RegisterClaim, claim: Claim, world: World
) -> list[ClaimEvent]:
    """Give the notice a number, and say until when we can object.

    Raises:
        AlreadyExists: the id is taken.
        SourceIncomplete, AlreadyReported: half a natural key, or one that was used.
        NoticeAlreadyClaimed: the customer's notice is registered.
        InTheFuture, FailureAfterNotice: days that cannot be.
        whatever `read_lines` raises: lines or money that do not hold together.
        CaseNotClaimable, ClaimOfAnotherCustomer, CaseAlreadyLinked: cases that do not fit.
    """
    if claim.status is not ClaimStatus.NOT_REGISTERED:
        raise AlreadyExists(claim_no=claim.claim_no)
    _must_be_a_new_notice(command, world)
    must_be_news(command, CLAIM_BY_SOURCE, world)
    received_at = command.notice_received_at or asked.at
    _days_make_sense(command, received_at, asked.at)
    lines, foreign = read_lines(command, shanghai_day(asked.at))
    cases = tuple(
        _case_no(world, each, command.customer_id, command.case_ids[:index], f"case_ids.{index}")
        for index, each in enumerate(command.case_ids)
    )
    category, counts = class_of(world, command.case_ids)
    objection_until = _objection_until(command, received_at, world)
    registered = ClaimRegistered(
        claim_no=next_no(world, "CL"),
        customer_id=command.customer_id,
        notice_no=command.notice_no,
        notice_received_at=received_at,
        source_system=command.source_system,
        external_ref=command.external_ref,
        case_ids=command.case_ids,
        case_nos=cases,
        category=category,
        counts=counts,
        lines=lines,
        specs=specs_of(lines),
        claimed_fen=sum(each.amount_fen for each in lines),
        tax_included=command.tax_included,
        failure_on=command.failure_on,
        delivered_on=command.delivered_on,
        objection_until=objection_until,
        foreign=foreign,
        due=(
            Due(limit="T11", due_at=objection_until),
            due(world, "T12", limits_of(world).claim_check, received_at),
        ),
    )
    return [registered]


def _must_be_a_new_notice(command: RegisterClaim, world: World) -> None:
    known = world.entry_in(CLAIM_BY_NOTICE, reference_key(command.customer_id, command.notice_no))
    if known is not None:
        raise NoticeAlreadyClaimed(
            field="notice_no", claim_id=known.claim_id, claim_no=known.claim_no
        )


def _days_make_sense(command: RegisterClaim, received_at: datetime, now: datetime) -> None:
    if received_at > now:
        raise InTheFuture(field="notice_received_at", now=now.isoformat())
    notice_on = shanghai_day(received_at)
    if command.failure_on > notice_on:
        raise FailureAfterNotice(field="failure_on", notice_on=notice_on.isoformat())
    if command.delivered_on is not None and command.delivered_on > shanghai_day(now):
        raise InTheFuture(field="delivered_on", today=shanghai_day(now).isoformat())


def _objection_until(command: RegisterClaim, received_at: datetime, world: World) -> datetime:
    """The end of the last day on which we can object (T11), fixed once and for all."""
    version = agreement_of(world, command.customer_id).in_force(command.failure_on)
    days = (
        pack_in_force(world).figures.claim_objection_days_max
        if version is None
        else version.objection_days
    )
    return end_of_day(shanghai_day(received_at) + timedelta(days=days))


def _case_no(
    world: World, case_id: str, customer_id: str, earlier: tuple[str, ...], field: str
) -> str:
    """The number of a case that a claim of this customer may be about."""
    if case_id in earlier:
        raise CaseAlreadyLinked(field=field, case_id=case_id)
    case = world.state_of(FEEDBACK_CASE, case_id)
    if case.status in NOT_CLAIMABLE:
        raise CaseNotClaimable(field=field, status=case.status, merged_into=case.merged_into)
    if case.customer_id != customer_id:
        raise ClaimOfAnotherCustomer(field=field, case_customer_id=case.customer_id)
    return case.case_no


def link_case(command: LinkCase, claim: Claim, world: World) -> list[ClaimEvent]:
    """Link one more case; whether the claim still counts is looked at in the same turn."""
    must_be_unsettled(claim)
    case_no = _case_no(world, command.case_id, claim.customer_id, claim.case_ids, "case_id")
    return [CaseLinked(**heading(claim), case_id=command.case_id, case_no=case_no)]


def recount(claim: Claim, world: World) -> list[ClaimEvent]:
    """Say that its cases are of another class, if they are. One that is over counts no more."""
    category, counts = class_of(world, claim.case_ids)
    ended = claim.status in OVER and claim.status is not ClaimStatus.CLOSED
    if ended or (category, counts) == (claim.category, claim.counts):
        return []
    on: date | None = claim.confirmation.confirmed_on if claim.confirmation else None
    moved = claim.specs if counts != claim.counts else ()
    recounted = ClaimRecounted(
        **heading(claim), category=category, counts=counts, confirmed_on=on, specs=moved
    )
    return [recounted]


def check(command: CheckClaim, claim: Claim) -> list[ClaimEvent]:
    """Answer the three questions; until the amount stands they may be answered anew."""
    _must_be_unconfirmed(claim)
    return [ClaimChecked(**heading(claim), **dict(command))]


def verify(asked: Asked[ClaimCommand], command: VerifyClaim, claim: Claim) -> list[ClaimEvent]:
    """Record one look; there may be several."""
    _must_be_unconfirmed(claim)
    if claim.check is None:
        raise ClaimNotChecked(claim_no=claim.claim_no, next="CheckClaim")
    if command.to_at > asked.at:
        raise InTheFuture(field="to_at", now=asked.at.isoformat())
    if command.to_at < command.from_at:
        raise VerifiedBackwards(field="to_at", from_at=command.from_at.isoformat())
    return [ClaimVerified(**heading(claim), **dict(command))]


def _must_be_unconfirmed(claim: Claim) -> None:
    must_go_on(claim)
    if claim.confirmation is not None:
        raise ClaimAlreadyConfirmed(
            claim_no=claim.claim_no, confirmed_by=claim.confirmation.confirmed_by
        )


claim: Decider[ClaimCommand, Claim, ClaimEvent] = Decider(
    stream=CLAIM, decide=decide, collection="claims", label_zh="索赔"
)
