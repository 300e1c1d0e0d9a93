"""Correcting what was registered of a feedback case. Two persons stand by it. Clause 4.2.1."""

from typing import ClassVar, TypeAlias

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
from app.domain.decider import Asked, Command, World
from app.domain.errors import InTheFuture, NotFound
from app.domain.feedback_case.facts import (
    AlertBasisChanged,
    FeedbackCaseEvent,
    FeedbackCorrected,
    FeedbackCorrectionProposed,
    FeedbackCorrectionRejected,
    OccurrenceQuantityTargetExceeded,
)
from app.domain.feedback_case.quantity import asked_again
from app.domain.feedback_case.refusals import (
    CaseIsOver,
    DeadlineBeforeReceipt,
    OccurredAfterReceived,
    ProducedAfterOccurred,
)
from app.domain.feedback_case.standing import (
    heading,
    must_be_ahead,
    must_be_in_order,
    must_be_open,
)
from app.domain.feedback_case.state import FeedbackCase, FeedbackChanges
from app.domain.values import Actor, Reason, Role, shanghai_day


class ProposeFeedbackCorrection(Command):
    """Say what was registered wrongly, and why it was not so (提出反馈更正)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = PROPOSERS
    refusals = (
        NotFound,
        CaseIsOver,
        CorrectionWaits,
        NothingCorrected,
        InTheFuture,
        ProducedAfterOccurred,
        OccurredAfterReceived,
        DeadlineBeforeReceipt,
    )

    changes: FeedbackChanges
    reason: Reason


class ApproveFeedbackCorrection(Command):
    """Stand by a correction that another person proposed (批准反馈更正)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = APPROVERS
    refusals = (NotFound, CaseIsOver, NoCorrectionWaits, SodCorrection)


class RejectFeedbackCorrection(Command):
    """Turn a correction down (驳回反馈更正)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = APPROVERS
    refusals = (NotFound, CaseIsOver, NoCorrectionWaits, SodCorrection)

    reason: Reason


FeedbackCorrectionCommand: TypeAlias = (
    ProposeFeedbackCorrection | ApproveFeedbackCorrection | RejectFeedbackCorrection
)


def propose_correction(
    asked: Asked[Command], command: ProposeFeedbackCorrection, case: FeedbackCase
) -> list[FeedbackCaseEvent]:
    """Propose new values that make sense together with those that stay.

    Raises:
        CorrectionWaits: one at a time.
        NothingCorrected: every value stands as it is.
        InTheFuture, ProducedAfterOccurred, OccurredAfterReceived: days that cannot be.
        DeadlineBeforeReceipt: a limit that was over before it began.
    """
    must_be_open(case)
    changes = changes_to(case, command.changes)
    new = applied(changes, FeedbackChanges)
    occurred_on = new.get("occurred_on", case.occurred_on)
    today = shanghai_day(asked.at)
    if occurred_on > today:
        raise InTheFuture(field="changes.occurred_on", today=today.isoformat())
    produced_on = new.get("produced_on", case.produced_on)
    must_be_in_order(produced_on, occurred_on, case.received_at, field="changes.")
    must_be_ahead(new.get("customer_deadline"), case.received_at, field="changes.")
    proposed = FeedbackCorrectionProposed(
        **heading(case),
        corrects_event_id=case.registered_event_id,
        changes=changes,
        reason=command.reason,
    )
    return [proposed]


def approve_correction(by: Actor, case: FeedbackCase, world: World) -> list[FeedbackCaseEvent]:
    """Correct it; R-02 is asked again when the reported pieces are others now."""
    must_be_open(case)
    waits = proposal_of_another(case.correction, by)
    corrected = FeedbackCorrected(
        **heading(case),
        **waits.stood_by(),
        cause_code=case.current_cause_code,
    )
    pieces = applied(waits.changes, FeedbackChanges).get("qty_reported")
    if pieces is None or case.qty_confirmed is not None:
        return [corrected]
    again: list[OccurrenceQuantityTargetExceeded | AlertBasisChanged] = asked_again(
        pieces, case, world
    )
    return [corrected, *again]


def reject_correction(
    command: RejectFeedbackCorrection, by: Actor, case: FeedbackCase
) -> list[FeedbackCaseEvent]:
    """Leave all as it was registered."""
    must_be_open(case)
    proposal_of_another(case.correction, by)
    return [FeedbackCorrectionRejected(**heading(case), reason=command.reason)]
