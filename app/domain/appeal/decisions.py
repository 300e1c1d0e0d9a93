"""What an appeal statement answers."""

from collections.abc import Sequence
from typing import Any, Final, assert_never

from app.domain.appeal.commands import (
    AgreedAmountMismatch,
    AppealAlreadyApproved,
    AppealAlreadyReviewed,
    AppealAlreadySubmitted,
    AppealCommand,
    AppealIsOver,
    AppealNotApproved,
    AppealNotReviewed,
    AppealNotSubmitted,
    AppealRequestMismatch,
    AppealUnderWay,
    ApproveAppeal,
    ClaimNotAppealable,
    DraftAppeal,
    NothingReduced,
    RecordAppealAnswer,
    ReviewAppeal,
    ReviseAppeal,
    SodAppeal,
    SubmitAppeal,
    WithdrawAppeal,
    WriteStatement,
)
from app.domain.appeal.events import (
    APPEAL,
    AppealAnswered,
    AppealApproved,
    AppealDrafted,
    AppealEvent,
    AppealReviewed,
    AppealRevised,
    AppealSubmitted,
    AppealWithdrawn,
)
from app.domain.appeal.state import Appeal, AppealReply, AppealStatus, RequestedOutcome
from app.domain.claim.events import CLAIM, Claim, ClaimStatus
from app.domain.decider import Asked, Decider, World
from app.domain.errors import AlreadyExists, NotFound, ObjectionLapsed
from app.domain.money import written
from app.domain.registers.appeals import OPEN_APPEAL_OF_CLAIM
from app.domain.registers.numbers import next_no
from app.domain.values import Actor

OVER: Final = frozenset({AppealStatus.ANSWERED, AppealStatus.WITHDRAWN})
NO_APPEAL: Final = frozenset(
    {
        ClaimStatus.NOT_REGISTERED,
        ClaimStatus.SETTLED,
        ClaimStatus.CLOSED,
        ClaimStatus.REJECTED,
        ClaimStatus.CANCELLED,
        ClaimStatus.WITHDRAWN,
    }
)
"""Claims that nobody appeals against: there are none, or all is done."""


def decide(  # noqa: PLR0911 - a table of contents has as many lines as commands
    asked: Asked[AppealCommand], appeal: Appeal, world: World
) -> Sequence[AppealEvent]:
    """The table of contents: one line a command."""
    if isinstance(asked.command, DraftAppeal):
        return draft(asked.command, appeal, world)
    if appeal.status is AppealStatus.NOT_DRAFTED:
        raise NotFound
    if appeal.status in OVER:
        raise AppealIsOver(appeal_no=appeal.appeal_no, status=appeal.status)
    match asked.command:
        case ReviseAppeal() as command:
            return revise(command, appeal, world)
        case ReviewAppeal() as command:
            return review(command, asked.by, appeal)
        case ApproveAppeal():
            return approve(asked.by, appeal)
        case SubmitAppeal() as command:
            return submit(command, appeal, world)
        case RecordAppealAnswer() as command:
            return record_answer(command, appeal)
        case WithdrawAppeal(reason=reason):
            return [AppealWithdrawn(**_heading(appeal), reason=reason)]
        case _:
            assert_never(asked.command)


# --- writing --------------------------------------------------------------------------------


def draft(command: DraftAppeal, appeal: Appeal, world: World) -> list[AppealEvent]:
    """Draft it against a claim that is not paid and not over; one at a time.

    Raises:
        AlreadyExists: the id is taken.
        ClaimNotAppealable: no such claim, or it is settled or over.
        AppealUnderWay: another one is open.
        AppealRequestMismatch, NothingReduced: a request that makes no sense.
    """
    if appeal.status is not AppealStatus.NOT_DRAFTED:
        raise AlreadyExists(appeal_no=appeal.appeal_no)
    claim = _appealable(command.claim_id, world)
    known = world.entry_in(OPEN_APPEAL_OF_CLAIM, command.claim_id)
    if known is not None:
        raise AppealUnderWay(appeal_id=known.appeal_id, appeal_no=known.appeal_no)
    drafted = AppealDrafted(
        appeal_no=next_no(world, "AP"),
        claim_id=command.claim_id,
        claim_no=claim.claim_no,
        customer_id=claim.customer_id,
        notice_no=claim.notice_no,
        notice_received_at=claim.notice_received_at,
        objection_until=claim.objection_until,
        claimed_fen=claim.claimed,
        claimed_pieces=sum(each.pieces for each in claim.specs),
        **_statement(command, claim),
    )
    return [drafted]


def revise(command: ReviseAppeal, appeal: Appeal, world: World) -> list[AppealEvent]:
    """Write it anew, as long as the customer does not have it."""
    _must_be_ours(appeal)
    claim = _appealable(appeal.claim_id, world)
    statement = _statement(command, claim)
    return [AppealRevised(**_heading(appeal), revision=appeal.revision + 1, **statement)]


def _appealable(claim_id: str, world: World) -> Claim:
    claim = world.state_of(CLAIM, claim_id)
    if claim.status in NO_APPEAL or claim.settlement is not None:
        raise ClaimNotAppealable(field="claim_id", status=claim.status)
    return claim


def _statement(command: WriteStatement, claim: Claim) -> dict[str, Any]:
    """The fields of `StatementWritten`, when what is asked for makes sense."""
    needs = {
        RequestedOutcome.CANCEL: (False, False),
        RequestedOutcome.REDUCE_TO: (True, False),
        RequestedOutcome.SHARE: (False, True),
    }[command.requested]
    if (command.reduce_to is not None, command.company_bps is not None) != needs:
        wrong = "reduce_to" if (command.reduce_to is not None) != needs[0] else "company_bps"
        raise AppealRequestMismatch(field=wrong, requested=command.requested)
    stands_at = claim.claimed if claim.amount is None else claim.amount
    if command.reduce_to is not None and command.reduce_to.fen >= stands_at:
        raise NothingReduced(field="reduce_to", stands_at=written(stands_at))
    said = {name: getattr(command, name) for name in WriteStatement.model_fields}
    reduce_to = said.pop("reduce_to")
    return said | {"reduce_to_fen": None if reduce_to is None else reduce_to.fen}


# --- three people ---------------------------------------------------------------------------


def review(command: ReviewAppeal, by: Actor, appeal: Appeal) -> list[AppealEvent]:
    """Stand by what others wrote.

    Raises:
        AppealAlreadySubmitted, AppealAlreadyReviewed: too late, or once is enough.
        SodAppeal: whoever wrote on it does not review it.
    """
    _must_be_ours(appeal)
    if appeal.reviewed_by is not None:
        raise AppealAlreadyReviewed(reviewed_by=appeal.reviewed_by)
    if by.person in appeal.prepared_by:
        raise SodAppeal(person=by.person, prepared_by=appeal.prepared_by)
    reviewed = AppealReviewed(**_heading(appeal), revision=appeal.revision, remark=command.remark)
    return [reviewed]


def approve(by: Actor, appeal: Appeal) -> list[AppealEvent]:
    """Let it go, as a third person.

    Raises:
        AppealAlreadySubmitted, AppealAlreadyApproved: too late, or once is enough.
        AppealNotReviewed: the second person comes first.
        SodAppeal: whoever wrote or reviewed it does not approve it.
    """
    _must_be_ours(appeal)
    if appeal.reviewed_by is None:
        raise AppealNotReviewed(appeal_no=appeal.appeal_no, next="ReviewAppeal")
    if appeal.approved_by is not None:
        raise AppealAlreadyApproved(approved_by=appeal.approved_by)
    if by.person in {*appeal.prepared_by, appeal.reviewed_by}:
        raise SodAppeal(
            person=by.person, prepared_by=appeal.prepared_by, reviewed_by=appeal.reviewed_by
        )
    return [AppealApproved(**_heading(appeal), revision=appeal.revision)]


# --- to the customer and back ---------------------------------------------------------------


def submit(command: SubmitAppeal, appeal: Appeal, world: World) -> list[AppealEvent]:
    """Send it while there is time to object, or with the general manager's consent (T11).

    Raises:
        AppealAlreadySubmitted, AppealNotApproved: it is there, or not allowed to go.
        ClaimNotAppealable: meanwhile the claim is settled or over.
        ObjectionLapsed: the time is over, and nobody consented.
    """
    _must_be_ours(appeal)
    if appeal.approved_by is None:
        raise AppealNotApproved(appeal_no=appeal.appeal_no, next="ApproveAppeal")
    claim = _appealable(appeal.claim_id, world)
    if world.at >= claim.objection_until and claim.late_objection_consented_by is None:
        raise ObjectionLapsed(
            objection_until=claim.objection_until.isoformat(),
            claim_id=appeal.claim_id,
            next="ConsentToLateObjection",
        )
    submitted = AppealSubmitted(**_heading(appeal), doc_ref=command.doc_ref, grounds=appeal.grounds)
    return [submitted]


def record_answer(command: RecordAppealAnswer, appeal: Appeal) -> list[AppealEvent]:
    """Record the answer; one that is accepted in full agrees to what was asked for.

    Raises:
        AppealNotSubmitted: there is nothing to answer.
        AgreedAmountMismatch: partly without an amount, or rejected with one.
    """
    if appeal.submitted_at is None:
        raise AppealNotSubmitted(appeal_no=appeal.appeal_no, next="SubmitAppeal")
    agreed = None if command.agreed_amount is None else command.agreed_amount.fen
    partly = command.outcome is AppealReply.PARTLY
    rejected = command.outcome is AppealReply.REJECTED
    if (partly and agreed is None) or (rejected and agreed is not None):
        raise AgreedAmountMismatch(field="agreed_amount", outcome=command.outcome)
    if command.outcome is AppealReply.ACCEPTED and agreed is None:
        agreed = 0 if appeal.requested is RequestedOutcome.CANCEL else appeal.reduce_to
    answered = AppealAnswered(
        **_heading(appeal), outcome=command.outcome, agreed_fen=agreed, doc_ref=command.doc_ref
    )
    return [answered]


def _must_be_ours(appeal: Appeal) -> None:
    """What the customer has is not written on any more."""
    if appeal.submitted_at is not None:
        raise AppealAlreadySubmitted(appeal_no=appeal.appeal_no)


def _heading(appeal: Appeal) -> dict[str, Any]:
    """The fields of `AppealFact`."""
    return {
        "appeal_no": appeal.appeal_no,
        "claim_id": appeal.claim_id,
        "claim_no": appeal.claim_no,
        "customer_id": appeal.customer_id,
    }


appeal: Decider[AppealCommand, Appeal, AppealEvent] = Decider(
    stream=APPEAL,
    decide=decide,
    collection="appeals",
    label_zh="售后调查申诉书",
)
