"""What can happen to a feedback case: the events."""

from datetime import date, datetime
from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field
from typing_extensions import override

from app.domain.corrections import SaysCorrection
from app.domain.decider import Event
from app.domain.feedback_case.counted import OccurrenceRecounted
from app.domain.feedback_case.shared import (
    QUALITY_CLASSES,
    QUALITY_LIMITS,
    REPLY_KEEPS,
    CaseEnded,
    CaseEvent,
)
from app.domain.feedback_case.state import (
    Area,
    CauseMethod,
    Channel,
    ClosedBecause,
    ContainmentAction,
    LifePhase,
    Outcome,
    ReplyStage,
    ResponsibilityShare,
    Severity,
    Vehicle,
)
from app.domain.feedback_case.transport import TransportPartyNamed
from app.domain.rules import Decision
from app.domain.values import (
    Category,
    CauseClass,
    Code,
    Count,
    CustomerId,
    Department,
    Evidence,
    Id,
    Party,
    Pieces,
    Reason,
    SpecCode,
    Text,
)

# --- the way in -----------------------------------------------------------------------------


class FeedbackRegistered(Event):
    """A customer told us of a failure or a complaint."""

    clause: ClassVar[str] = "4.2.1"
    numbered: ClassVar[str | None] = "case_no"

    case_no: Code
    customer_id: CustomerId
    customer_ref: Code | None
    source_system: Code | None
    external_ref: Code | None
    channel: Channel
    received_at: datetime
    occurred_on: date
    occurred_on_estimated: bool = Field(
        description="The day was not known: the day of receipt stands for it."
    )
    life_phase: LifePhase
    spec_code: SpecCode
    drawing_no: Code | None
    lot_no: Code | None
    produced_on: date | None
    failure_mode: Text
    qty_reported: Pieces
    vehicle: Vehicle | None
    customer_deadline: datetime | None
    description: Text
    late_reason: Reason | None
    possible_duplicate_of: Code | None = Field(
        description="The case_no of an earlier case of this customer with this customer_ref."
    )


class FeedbackClassified(CaseEvent):
    """The clerk said what kind of matter it is."""

    clause: ClassVar[str] = "4.2.1"

    category: Category
    severity: Severity


class FeedbackReclassified(CaseEvent):
    """QA found that it is another kind of matter; it must be forwarded anew."""

    clause: ClassVar[str] = "4.2.1"

    category: Category
    severity: Severity
    old_category: Category
    old_severity: Severity
    cause_code: Code | None = Field(description="The cause that the case is counted under.")
    reason: Reason

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`. Only a matter of quality has these limits."""
        return () if self.category in QUALITY_CLASSES else QUALITY_LIMITS


class FeedbackForwarded(CaseEvent):
    """The departments that the class asks for know of it."""

    clause: ClassVar[str] = "4.2.1"

    category: Category
    to_departments: tuple[Department, ...]

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T2",)


class FeedbackAcknowledged(CaseEvent):
    """The customer knows that we received it."""

    clause: ClassVar[str] = "4.2.1"

    acknowledged_at: datetime
    channel: Channel

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T1",)


class FeedbackCorrectionProposed(CaseEvent, SaysCorrection):
    """Somebody says that it was registered wrongly; a second person has yet to agree."""

    clause: ClassVar[str] = "4.2.1"


class FeedbackCorrected(CaseEvent, SaysCorrection):
    """Two persons stand by other values than were registered. The heading has the old ones."""

    clause: ClassVar[str] = "4.2.1"

    proposed_by: Code
    cause_code: Code | None = Field(description="The cause that the case is counted under.")


class FeedbackCorrectionRejected(CaseEvent):
    """A second person does not agree; all stays as it was registered."""

    clause: ClassVar[str] = "4.2.1"

    reason: Reason


# --- first aid ------------------------------------------------------------------------------


class EmergencyActionStarted(CaseEvent):
    """Internal reasons keep us from answering in time: emergency handling began at once."""

    clause: ClassVar[str] = "4.2.1"

    reason: Reason
    plan_ref: Code
    action: Text
    owner: Code


class ContainmentRecorded(CaseEvent):
    """Stock was checked, and suspect pieces were kept from doing harm."""

    clause: ClassVar[str] = "4.2.2"

    area: Area
    lot_no: Code | None
    checked: Count
    nok: Count
    action: ContainmentAction


class QuantityConfirmed(CaseEvent):
    """QA stands by a number of failed pieces."""

    clause: ClassVar[str] = "3.7"

    qty_before: Count
    qty_confirmed: Count
    basis: Text


class OccurrenceQuantityTargetExceeded(CaseEvent):
    """More pieces failed in one occurrence than the target allows (R-02)."""

    clause: ClassVar[str] = "3.7"

    decision: Decision


class AlertBasisChanged(CaseEvent):
    """The figure that raised an alert is another one now; the alert is kept."""

    clause: ClassVar[str] = "3.7"

    rule_id: Code
    old_observed: Annotated[int, Field(ge=0)]
    new_observed: Annotated[int, Field(ge=0)]
    decision: Decision = Field(description="What the rule says to the new figure.")


# --- cause and responsibility ---------------------------------------------------------------


class RootCauseDetermined(CaseEvent):
    """Somebody found why it failed; a second person has yet to approve."""

    clause: ClassVar[str] = "3.4"

    category: Category
    produced_on: date | None
    cause_code: Code
    cause_class: CauseClass
    occurrence_cause: Text
    escape_cause: Text | None
    system_cause: Text | None
    method: CauseMethod
    evidence: Evidence
    supersedes: Code | None = Field(description="The cause that stood before.")
    supersedes_reason: Reason | None

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T4",)


class RootCauseApproved(CaseEvent):
    """A second person stands by the cause."""

    clause: ClassVar[str] = "3.4"

    category: Category
    produced_on: date | None
    lot_no: Code | None
    cause_code: Code
    cause_class: CauseClass
    replaces: Code | None = Field(description="The approved cause that stood before.")

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T7",)


class RootCauseRejected(CaseEvent):
    """A second person does not believe the cause."""

    clause: ClassVar[str] = "3.4"

    cause_code: Code
    stands_again: Code | None = Field(description="The cause approved before, which stands on.")
    reason: Reason


class ResponsibilityJudged(CaseEvent):
    """Engineering judged who is responsible."""

    clause: ClassVar[str] = "3.4"

    cause_code: Code
    cause_class: CauseClass
    shares: tuple[ResponsibilityShare, ...] | None = Field(
        description="None: the warranty agreement's table for the cause class splits claims."
    )
    main_party: Party | None = Field(
        description="The party with the largest share; none on a tie or when the agreement splits."
    )
    grounds: Text
    blamed_department: Department | None
    agreement_ref: Code | None
    supersedes_reason: Reason | None


# --- the way out ----------------------------------------------------------------------------


class CustomerReplied(CaseEvent):
    """The customer was told something."""

    clause: ClassVar[str] = "4.2.3"

    stage: ReplyStage
    doc_ref: Code

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`. A later stage says what the earlier ones would have said."""
        return REPLY_KEEPS[self.stage]


class CustomerAnswered(CaseEvent):
    """The customer said something to our last reply, or nothing."""

    clause: ClassVar[str] = "4.2.1"

    stage: ReplyStage
    outcome: Outcome


class CaseClosed(CaseEnded):
    """Everything was done and the customer is answered."""

    clause: ClassVar[str] = "4.2.3"

    closed_because: ClosedBecause
    summary: Text | None


class CaseReopened(CaseEvent):
    """A closed case is worked on again; it needs another final reply."""

    clause: ClassVar[str] = "4.2.3"

    reason: Reason


class CaseVoided(CaseEnded):
    """It was no case; it does not count anywhere."""

    clause: ClassVar[str] = "4.2.1"

    cause_code: Code | None = Field(description="The cause that the case was counted under.")
    reason: Reason


class CaseMerged(CaseEnded):
    """It tells of the same matter as another case, which alone counts."""

    clause: ClassVar[str] = "4.2.1"

    cause_code: Code | None = Field(description="The cause that the case was counted under.")
    into: Id
    into_case_no: Code
    reason: Reason


IntakeEvent: TypeAlias = (
    FeedbackRegistered
    | FeedbackClassified
    | FeedbackReclassified
    | FeedbackForwarded
    | FeedbackAcknowledged
    | TransportPartyNamed
)
FirstAidEvent: TypeAlias = (
    EmergencyActionStarted
    | ContainmentRecorded
    | QuantityConfirmed
    | OccurrenceQuantityTargetExceeded
    | AlertBasisChanged
)
CauseEvent: TypeAlias = (
    RootCauseDetermined
    | RootCauseApproved
    | RootCauseRejected
    | ResponsibilityJudged
    | OccurrenceRecounted
)
EndingEvent: TypeAlias = (
    CustomerReplied | CustomerAnswered | CaseClosed | CaseReopened | CaseVoided | CaseMerged
)
CorrectionEvent: TypeAlias = (
    FeedbackCorrectionProposed | FeedbackCorrected | FeedbackCorrectionRejected
)
FeedbackCaseEvent: TypeAlias = (
    IntakeEvent | FirstAidEvent | CauseEvent | EndingEvent | CorrectionEvent
)
