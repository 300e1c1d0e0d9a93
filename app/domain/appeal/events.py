"""What can happen to an appeal statement, and how it adds up. Money is whole fen."""

from datetime import datetime
from typing import Any, ClassVar, Final, TypeAlias, assert_never

from pydantic import Field
from typing_extensions import override

from app.domain.appeal.state import (
    Appeal,
    AppealAnswer,
    AppealGround,
    AppealReply,
    AppealStatus,
    AppealVerdict,
    RequestedOutcome,
)
from app.domain.decider import Event, Happened, Stream, Subject
from app.domain.money import Fen
from app.domain.replacing import replace
from app.domain.values import Basis, Code, Count, CustomerId, Evidence, Id, Reason, Text

# --- what happens ---------------------------------------------------------------------------


class AppealFact(Event):
    """What every event says, so that readers need no other stream."""

    clause: ClassVar[str] = "4.5"

    appeal_no: Code
    claim_id: Id
    claim_no: Code
    customer_id: CustomerId


class StatementWritten(AppealFact):
    """The statement as it was written: drafted or revised."""

    clause: ClassVar[str] = "4.4"

    received_pieces: Count = Field(description="Pieces that came back to be looked at.")
    tests: Text
    findings: Text
    photos: tuple[Code, ...]
    verdict: AppealVerdict
    grounds: tuple[AppealGround, ...]
    evidence: Evidence
    requested: RequestedOutcome
    reduce_to_fen: Fen | None = Field(description="With REDUCE_TO.")
    company_bps: Basis | None = Field(description="With SHARE: what we would bear.")


class AppealDrafted(StatementWritten):
    """QA writes down what was found and why a claim should not stand."""

    numbered: ClassVar[str | None] = "appeal_no"

    notice_no: Code
    notice_received_at: datetime
    objection_until: datetime = Field(description="Until when it is to be submitted (T11).")
    claimed_fen: Fen
    claimed_pieces: Count


class AppealRevised(StatementWritten):
    """The statement was written anew; it is to be reviewed and approved anew."""

    revision: int


class AppealReviewed(AppealFact):
    """The quality manager read it and stands by it."""

    revision: int
    remark: Text | None


class AppealApproved(AppealFact):
    """The technical director lets it go to the customer."""

    revision: int


class AppealSubmitted(AppealFact):
    """The statement went to the customer: it is an objection to the claim."""

    doc_ref: Code
    grounds: tuple[AppealGround, ...]

    @override
    def stops_of(self) -> tuple[tuple[Subject, str], ...]:
        """See `Event.stops_of`: whoever appeals objects (T11)."""
        return ((Subject("claim", self.claim_id), "T11"),)


class AppealAnswered(AppealFact):
    """The customer said something to it."""

    outcome: AppealReply
    agreed_fen: Fen | None = Field(description="What is still to be paid, where agreed on.")
    doc_ref: Code


class AppealWithdrawn(AppealFact):
    """We do not appeal any more."""

    reason: Reason


AppealEvent: TypeAlias = (
    AppealDrafted
    | AppealRevised
    | AppealReviewed
    | AppealApproved
    | AppealSubmitted
    | AppealAnswered
    | AppealWithdrawn
)

# --- how it adds up -------------------------------------------------------------------------


def evolve(appeal: Appeal, happened: Happened[AppealEvent]) -> Appeal:
    """Apply one event; the status follows from the facts."""
    changed = _applied(appeal, happened)
    return replace(changed, status=furthest_step(changed))


def _applied(  # noqa: PLR0911 - one line an event
    appeal: Appeal, happened: Happened[AppealEvent]
) -> Appeal:
    by, at = happened.by.person, happened.at
    match happened.event:
        case AppealDrafted() as event:
            said = _said(event)
            return Appeal(claimed=said.pop("claimed_fen"), prepared_by=(by,), **said)
        case AppealRevised() as event:
            writers = (*(each for each in appeal.prepared_by if each != by), by)
            nobody: dict[str, Any] = dict.fromkeys(
                ("reviewed_by", "reviewed_at", "approved_by", "approved_at")
            )
            return replace(appeal, prepared_by=writers, **_said(event), **nobody)
        case AppealReviewed():
            return replace(appeal, reviewed_by=by, reviewed_at=at)
        case AppealApproved():
            return replace(appeal, approved_by=by, approved_at=at)
        case AppealSubmitted(doc_ref=doc_ref):
            return replace(appeal, submitted_by=by, submitted_at=at, submitted_doc_ref=doc_ref)
        case AppealAnswered() as event:
            answer = AppealAnswer(event.outcome, event.agreed_fen, event.doc_ref, at, by)
            return replace(appeal, answer=answer)
        case AppealWithdrawn(reason=reason):
            return replace(appeal, withdrawn_because=reason, withdrawn_at=at)
        case unknown:
            assert_never(unknown)


def _said(event: StatementWritten) -> dict[str, Any]:
    said = event.said()
    return said | {"reduce_to": said.pop("reduce_to_fen")}


def furthest_step(appeal: Appeal) -> AppealStatus:
    """The furthest step that the facts of a drafted appeal support."""
    steps = (
        (AppealStatus.WITHDRAWN, appeal.withdrawn_at is not None),
        (AppealStatus.ANSWERED, appeal.answer is not None),
        (AppealStatus.SUBMITTED, appeal.submitted_at is not None),
        (AppealStatus.APPROVED, appeal.approved_at is not None),
        (AppealStatus.REVIEWED, appeal.reviewed_at is not None),
    )
    return next((status for status, stands in steps if stands), AppealStatus.DRAFTED)


APPEAL: Final = Stream(name="appeal", initial=Appeal(), evolve=evolve)
