"""What the customer is told, and how a case ends. Clause 4.2."""

from datetime import timedelta
from typing import Final

from app.domain.decider import World
from app.domain.feedback_case.causes import approved_cause
from app.domain.feedback_case.commands import CloseCase, MergeCase, ReopenCase, VoidCase
from app.domain.feedback_case.events import (
    FEEDBACK_CASE,
    CaseClosed,
    CaseMerged,
    CaseReopened,
    CaseVoided,
    CustomerAnswered,
    CustomerReplied,
    FeedbackCaseEvent,
)
from app.domain.feedback_case.refusals import (
    CaseNotClosed,
    CustomerNotSatisfied,
    MergeAcrossCustomers,
    MergedIntoItself,
    MergeTargetUnusable,
    NotReplied,
)
from app.domain.feedback_case.replies import RecordCustomerAnswer, ReplyToCustomer
from app.domain.feedback_case.standing import category_of, heading, must_be_open
from app.domain.feedback_case.state import CaseStatus, ClosedBecause, FeedbackCase, Outcome
from app.domain.rule_pack.events import pack_in_force
from app.domain.values import Category

WITHOUT_CAUSE: Final = frozenset({Category.DELIVERY, Category.SERVICE})
"""Classes that close without a failure cause."""
NOTHING_TO_MERGE_INTO: Final = frozenset(
    {CaseStatus.NOT_REGISTERED, CaseStatus.VOIDED, CaseStatus.MERGED}
)


def reply(command: ReplyToCustomer, case: FeedbackCase) -> list[FeedbackCaseEvent]:
    """Tell the customer; stages may be skipped and repeated."""
    category_of(case)
    return [CustomerReplied(**heading(case), **dict(command))]


def record_answer(command: RecordCustomerAnswer, case: FeedbackCase) -> list[FeedbackCaseEvent]:
    """Put the answer beside the last reply."""
    category_of(case)
    if not case.replies:
        raise NotReplied(case_no=case.case_no, next="ReplyToCustomer")
    stage = case.replies[-1].stage
    return [CustomerAnswered(**heading(case), stage=stage, outcome=command.outcome)]


def close(command: CloseCase, case: FeedbackCase, world: World) -> list[FeedbackCaseEvent]:
    """Close; claims may still be open.

    Raises:
        CauseNotApproved: a failure without an approved cause, or with another one proposed.
        CustomerNotSatisfied: no final reply, a rejected one, or one too young to count silence.
    """
    if category_of(case) not in WITHOUT_CAUSE:
        approved_cause(case)
    because = _satisfied(case, world)
    return [CaseClosed(**heading(case), closed_because=because, summary=command.summary)]


def _satisfied(case: FeedbackCase, world: World) -> ClosedBecause:
    """Why the customer needs nothing more: said so, or said nothing for long enough."""
    final, days = case.final_reply, pack_in_force(world).figures.silence_days_min
    if final is None:
        raise CustomerNotSatisfied(final_reply=None, next="ReplyToCustomer")
    if final.outcome is Outcome.ACCEPTED:
        return "ANSWER_ACCEPTED"
    silent_until = final.replied_at + timedelta(days=days)
    if final.outcome is Outcome.REJECTED or world.at < silent_until:
        raise CustomerNotSatisfied(
            final_reply=final.doc_ref,
            outcome=final.outcome,
            silence_days_min=days,
            silence_counts_from=silent_until.isoformat(),
        )
    return "SILENCE"


def reopen(command: ReopenCase, case: FeedbackCase) -> list[FeedbackCaseEvent]:
    """Open a closed case again."""
    if case.status is not CaseStatus.CLOSED:
        raise CaseNotClosed(case_no=case.case_no, status=case.status)
    return [CaseReopened(**heading(case), reason=command.reason)]


def void(command: VoidCase, case: FeedbackCase) -> list[FeedbackCaseEvent]:
    """Void an open case."""
    must_be_open(case)
    voided = CaseVoided(**heading(case), cause_code=case.current_cause_code, reason=command.reason)
    return [voided]


def merge(
    case_id: str, command: MergeCase, case: FeedbackCase, world: World
) -> list[FeedbackCaseEvent]:
    """Merge an open case into another one, open or closed, of the same customer."""
    must_be_open(case)
    if command.into == case_id:
        raise MergedIntoItself(field="into")
    other = world.state_of(FEEDBACK_CASE, command.into)
    if other.status in NOTHING_TO_MERGE_INTO:
        raise MergeTargetUnusable(field="into", status=other.status, merged_into=other.merged_into)
    if other.customer_id != case.customer_id:
        raise MergeAcrossCustomers(
            field="into", customer_id=case.customer_id, other_customer_id=other.customer_id
        )
    merged = CaseMerged(
        **heading(case),
        **dict(command),
        cause_code=case.current_cause_code,
        into_case_no=other.case_no,
    )
    return [merged]
