"""What can happen to a feedback case, and how it adds up."""

from typing import Final, assert_never

from app.domain.corrections import CorrectionProposal, applied
from app.domain.decider import Happened, Stream
from app.domain.feedback_case.counted import OccurrenceRecounted
from app.domain.feedback_case.facts import (
    AlertBasisChanged,
    CaseClosed,
    CaseMerged,
    CaseReopened,
    CaseVoided,
    CauseEvent,
    ContainmentRecorded,
    CorrectionEvent,
    CustomerAnswered,
    CustomerReplied,
    EmergencyActionStarted,
    EndingEvent,
    FeedbackAcknowledged,
    FeedbackCaseEvent,
    FeedbackClassified,
    FeedbackCorrected,
    FeedbackCorrectionProposed,
    FeedbackCorrectionRejected,
    FeedbackForwarded,
    FeedbackReclassified,
    FeedbackRegistered,
    FirstAidEvent,
    IntakeEvent,
    OccurrenceQuantityTargetExceeded,
    QuantityConfirmed,
    ResponsibilityJudged,
    RootCauseApproved,
    RootCauseDetermined,
    RootCauseRejected,
)
from app.domain.feedback_case.state import (
    UNKNOWN_SPEC,
    CaseStatus,
    Containment,
    EmergencyAction,
    FeedbackCase,
    FeedbackChanges,
    Judgement,
    QuantityAlert,
    Reply,
    RootCause,
    furthest_step,
)
from app.domain.feedback_case.transport import TransportPartyNamed
from app.domain.replacing import replace

__all__ = [
    "FEEDBACK_CASE",
    "UNKNOWN_SPEC",
    "AlertBasisChanged",
    "CaseClosed",
    "CaseMerged",
    "CaseReopened",
    "CaseStatus",
    "CaseVoided",
    "ContainmentRecorded",
    "CustomerAnswered",
    "CustomerReplied",
    "EmergencyActionStarted",
    "FeedbackAcknowledged",
    "FeedbackCase",
    "FeedbackCaseEvent",
    "FeedbackClassified",
    "FeedbackCorrected",
    "FeedbackForwarded",
    "FeedbackReclassified",
    "FeedbackRegistered",
    "OccurrenceQuantityTargetExceeded",
    "OccurrenceRecounted",
    "QuantityConfirmed",
    "ResponsibilityJudged",
    "RootCauseApproved",
    "RootCauseDetermined",
    "RootCauseRejected",
    "TransportPartyNamed",
]


def evolve(case: FeedbackCase, happened: Happened[FeedbackCaseEvent]) -> FeedbackCase:
    """Apply one event; the status follows from the facts."""
    event = happened.event
    if isinstance(event, IntakeEvent):
        changed = _come_in(case, event, happened)
    elif isinstance(event, FirstAidEvent):
        changed = _helped(case, event, happened)
    elif isinstance(event, CauseEvent):
        changed = _explained(case, event, happened)
    elif isinstance(event, CorrectionEvent):
        changed = _corrected(case, event, happened)
    else:
        changed = _answered(case, event, happened)
    return replace(changed, status=furthest_step(changed))


def _come_in(
    case: FeedbackCase, event: IntakeEvent, happened: Happened[FeedbackCaseEvent]
) -> FeedbackCase:
    match event:
        case FeedbackRegistered():
            by, event_id = happened.by.person, happened.event_id
            said = event.said()
            return FeedbackCase(registered_by=by, registered_event_id=event_id, **said)
        case FeedbackClassified():
            return replace(case, category=event.category, severity=event.severity)
        case FeedbackReclassified():
            return replace(
                case,
                category=event.category,
                severity=event.severity,
                forwarded_to=(),
                forwarded_at=None,
            )
        case FeedbackForwarded():
            new = tuple(each for each in event.to_departments if each not in case.forwarded_to)
            first = case.forwarded_at or happened.at
            return replace(case, forwarded_to=case.forwarded_to + new, forwarded_at=first)
        case FeedbackAcknowledged():
            return replace(case, acknowledged_at=event.acknowledged_at)
        case TransportPartyNamed():
            return replace(
                case,
                candidate_third_party=event.carrier_id,
                delivery_id=event.delivery_id,
                delivery_no=event.delivery_no,
            )
        case unknown:
            assert_never(unknown)


def _helped(
    case: FeedbackCase, event: FirstAidEvent, happened: Happened[FeedbackCaseEvent]
) -> FeedbackCase:
    match event:
        case EmergencyActionStarted():
            action = EmergencyAction(
                event.reason, event.plan_ref, event.action, event.owner, happened.at
            )
            return replace(case, emergency_actions=(*case.emergency_actions, action))
        case ContainmentRecorded():
            containment = Containment(
                area=event.area,
                lot_no=event.lot_no,
                checked=event.checked,
                nok=event.nok,
                action=event.action,
                recorded_at=happened.at,
                recorded_by=happened.by.person,
            )
            return replace(case, containments=(*case.containments, containment))
        case QuantityConfirmed():
            return replace(case, qty_confirmed=event.qty_confirmed)
        case OccurrenceQuantityTargetExceeded(decision=seen) | AlertBasisChanged(decision=seen):
            raised_at = case.quantity_alert.raised_at if case.quantity_alert else happened.at
            alert = QuantityAlert(seen.rule_id, seen.observed, seen.threshold, raised_at)
            return replace(case, quantity_alert=alert)
        case unknown:
            assert_never(unknown)


def _explained(
    case: FeedbackCase, event: CauseEvent, happened: Happened[FeedbackCaseEvent]
) -> FeedbackCase:
    by, proposal = happened.by.person, case.proposed_cause
    match event:
        case RootCauseDetermined():
            cause = RootCause(
                cause_code=event.cause_code,
                cause_class=event.cause_class,
                occurrence_cause=event.occurrence_cause,
                escape_cause=event.escape_cause,
                system_cause=event.system_cause,
                method=event.method,
                evidence=event.evidence,
                determined_by=by,
                determined_at=happened.at,
            )
            return replace(case, proposed_cause=cause)
        case RootCauseApproved():
            approved = case.cause if proposal is None else replace(proposal, verdict_by=by)
            return replace(case, cause=approved, proposed_cause=None, judgement=None)
        case RootCauseRejected(reason=why):
            gone = () if proposal is None else (replace(proposal, verdict_by=by),)
            rejected = tuple(replace(each, rejected_because=why) for each in gone)
            return replace(
                case, proposed_cause=None, rejected_causes=case.rejected_causes + rejected
            )
        case ResponsibilityJudged():
            judgement = Judgement(
                cause_code=event.cause_code,
                shares=event.shares,
                main_party=event.main_party,
                grounds=event.grounds,
                blamed_department=event.blamed_department,
                agreement_ref=event.agreement_ref,
                judged_by=by,
                judged_at=happened.at,
            )
            return replace(case, judgement=judgement)
        case OccurrenceRecounted(now=now):
            return replace(case, counted_as=now)
        case unknown:
            assert_never(unknown)


def _answered(
    case: FeedbackCase, event: EndingEvent, happened: Happened[FeedbackCaseEvent]
) -> FeedbackCase:
    match event:
        case CustomerReplied():
            reply = Reply(event.stage, event.doc_ref, happened.at, happened.by.person)
            return replace(case, replies=(*case.replies, reply))
        case CustomerAnswered(outcome=outcome):
            last = tuple(replace(reply, outcome=outcome) for reply in case.replies[-1:])
            return replace(case, replies=case.replies[:-1] + last)
        case CaseClosed():
            return replace(case, closed_at=happened.at, closed_because=event.closed_because)
        case CaseReopened(reason=reason):
            return replace(
                case,
                closed_at=None,
                closed_because=None,
                reopened_because=(*case.reopened_because, reason),
                earlier_replies=case.earlier_replies + case.replies,
                replies=(),
            )
        case CaseVoided(reason=reason):
            return replace(case, voided_because=reason)
        case CaseMerged(into=into):
            return replace(case, merged_into=into)
        case unknown:
            assert_never(unknown)


def _corrected(
    case: FeedbackCase, event: CorrectionEvent, happened: Happened[FeedbackCaseEvent]
) -> FeedbackCase:
    match event:
        case FeedbackCorrectionProposed():
            return replace(case, correction=CorrectionProposal.of(event, happened))
        case FeedbackCorrectionRejected():
            return replace(case, correction=None)
        case FeedbackCorrected(changes=changes):
            new = applied(changes, FeedbackChanges)
            if "occurred_on" in new:
                new["occurred_on_estimated"] = False
            corrections = (*case.corrections, happened.event_id)
            return replace(case, correction=None, corrections=corrections, **new)
        case unknown:
            assert_never(unknown)


FEEDBACK_CASE: Final = Stream(name="feedback-case", initial=FeedbackCase(), evolve=evolve)
