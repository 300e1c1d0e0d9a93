"""What can be asked of a feedback case."""

from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from app.domain.decider import Command
from app.domain.errors import (
    AlreadyExists,
    AlreadyReported,
    InTheFuture,
    NotFound,
    SourceIncomplete,
)
from app.domain.feedback_case.corrections import FeedbackCorrectionCommand
from app.domain.feedback_case.occurrences import RecountOccurrence
from app.domain.feedback_case.refusals import (
    AlreadyAcknowledged,
    AlreadyClassified,
    AlreadyJudged,
    BeforeReceipt,
    CaseIsOver,
    CaseNotClassified,
    CaseNotClosed,
    CauseAlreadyDetermined,
    CauseNotApproved,
    CauseNotHandedOver,
    CauseNotInUse,
    ClassUnchanged,
    CustomerNotSatisfied,
    DeadlineBeforeReceipt,
    DepartmentMismatch,
    LateReasonMissing,
    MergeAcrossCustomers,
    MergedIntoItself,
    MergeTargetUnusable,
    MoreNokThanChecked,
    NoCauseProposed,
    OccurredAfterReceived,
    PartyTwice,
    ProducedAfterOccurred,
    SharesMismatch,
    SodCause,
    SodJudge,
)
from app.domain.feedback_case.replies import RecordCustomerAnswer, ReplyToCustomer
from app.domain.feedback_case.state import (
    Area,
    CauseMethod,
    Channel,
    ContainmentAction,
    LifePhase,
    ResponsibilityShare,
    Severity,
    Vehicle,
)
from app.domain.feedback_case.transport import OpenTransportCase
from app.domain.values import (
    Category,
    Code,
    Count,
    CustomerId,
    Day,
    Department,
    Evidence,
    Id,
    Instant,
    Pieces,
    Reason,
    Role,
    SpecCode,
    Text,
)

# --- the way in -----------------------------------------------------------------------------


class RegisterFeedback(Command):
    """Register what a customer told us of a failure or a complaint (登记反馈)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_CLERK, Role.INTEGRATION})
    opens: ClassVar[bool] = True
    refusals = (
        AlreadyExists,
        SourceIncomplete,
        AlreadyReported,
        InTheFuture,
        LateReasonMissing,
        ProducedAfterOccurred,
        OccurredAfterReceived,
        DeadlineBeforeReceipt,
    )

    customer_id: CustomerId
    customer_ref: Code | None = Field(
        default=None, description="The customer's own complaint number (顾客投诉号)."
    )
    source_system: Code | None = Field(
        default=None, description="The system that reports, with external_ref.", examples=["CRM"]
    )
    external_ref: Code | None = Field(
        default=None, description="The number in source_system: unique there."
    )
    channel: Channel
    received_at: Instant | None = Field(
        default=None, description="When it reached us; now, when not given."
    )
    occurred_on: Day | None = Field(
        default=None,
        description="The day on which the customer found it, or an instant of that day (Asia/"
        "Shanghai). When not given, the day of receipt is taken and marked as an estimate.",
    )
    life_phase: LifePhase
    spec_code: SpecCode = Field(
        description="规格, or UNKNOWN_SPEC while nobody can tell.", examples=["TC 85×105×10 FKM"]
    )
    drawing_no: Code | None = Field(default=None, description="图号.")
    lot_no: Code | None = Field(default=None, description="生产批次.")
    produced_on: Day | None = None
    failure_mode: Text = Field(description="The symptom, not the cause (故障现象).")
    qty_reported: Pieces
    vehicle: Vehicle | None = None
    customer_deadline: Instant | None = Field(
        default=None, description="Until when the customer wants an answer (顾客准许期限)."
    )
    description: Text
    late_reason: Reason | None = Field(
        default=None, description="Why so late: needed for occurrences that are long past."
    )


class ClassifyFeedback(Command):
    """Say what kind of matter it is and how much it weighs (分类)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_CLERK})
    refusals = (NotFound, CaseIsOver, AlreadyClassified)

    category: Category
    severity: Severity


class ReclassifyFeedback(Command):
    """Change the class of a case (变更分类)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NotFound, CaseIsOver, CaseNotClassified, ClassUnchanged)

    category: Category
    severity: Severity
    reason: Reason


class ForwardFeedback(Command):
    """Pass the case on to the departments that its class asks for (传递)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_CLERK})
    refusals = (NotFound, CaseIsOver, CaseNotClassified, DepartmentMismatch)

    to_departments: tuple[Department, ...] = Field(min_length=1, max_length=len(Department))


class AcknowledgeFeedback(Command):
    """Tell the customer that we received it (受理确认)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_CLERK, Role.SALES_REP})
    refusals = (
        NotFound,
        CaseIsOver,
        CaseNotClassified,
        AlreadyAcknowledged,
        InTheFuture,
        BeforeReceipt,
    )

    channel: Channel
    acknowledged_at: Instant | None = Field(
        default=None, description="When the customer was told; now, when not given."
    )


# --- first aid ------------------------------------------------------------------------------


class StartEmergencyAction(Command):
    """Start emergency handling, because internal reasons keep us from answering (启动应急处置)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_CLERK, Role.QA_ENGINEER})
    refusals = (NotFound, CaseIsOver, CaseNotClassified)

    reason: Reason
    plan_ref: Code = Field(description="应急计划: the document number of the emergency plan.")
    action: Text
    owner: Code = Field(description="The person who sees to it (负责人).")


class RecordContainment(Command):
    """Record a check of stock and what was done with suspect pieces (记录遏制措施)."""

    clause: ClassVar[str] = "4.2.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER, Role.PRODUCTION})
    refusals = (NotFound, CaseIsOver, CaseNotClassified, MoreNokThanChecked)

    area: Area
    lot_no: Code | None = Field(default=None, description="The lot that was checked (批次).")
    checked: Count = Field(description="Pieces checked.")
    nok: Count = Field(description="Faulty pieces among them.")
    action: ContainmentAction


class ConfirmQuantity(Command):
    """Stand by a number of failed pieces (确认数量)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NotFound, CaseIsOver, CaseNotClassified)

    qty_confirmed: Count
    basis: Text = Field(description="How it was counted.")


# --- cause and responsibility ---------------------------------------------------------------


class DetermineRootCause(Command):
    """Say why it failed, with evidence (判定根本原因)."""

    clause: ClassVar[str] = "3.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER, Role.TECH_ENGINEER})
    refusals = (
        NotFound,
        CaseIsOver,
        CaseNotClassified,
        CauseNotHandedOver,
        CauseAlreadyDetermined,
        CauseNotInUse,
    )

    cause_code: Code = Field(description="An active cause of the catalogue (原因代码).")
    occurrence_cause: Text = Field(description="Why it came to be (发生原因).")
    escape_cause: Text | None = Field(
        default=None, description="Why nobody noticed before it left (流出原因)."
    )
    system_cause: Text | None = Field(
        default=None, description="Why our way of working allowed it (系统原因)."
    )
    method: CauseMethod
    evidence: Evidence
    supersedes_reason: Reason | None = Field(
        default=None, description="Needed when a cause stands already: why this one supersedes it."
    )


class ApproveRootCause(Command):
    """Stand by a cause that another person determined (批准原因)."""

    clause: ClassVar[str] = "3.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER, Role.TECH_DIRECTOR})
    refusals = (NotFound, CaseIsOver, CaseNotClassified, NoCauseProposed, SodCause)


class RejectRootCause(Command):
    """Turn down a cause that another person determined (驳回原因)."""

    clause: ClassVar[str] = "3.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER, Role.TECH_DIRECTOR})
    refusals = (NotFound, CaseIsOver, CaseNotClassified, NoCauseProposed, SodCause)

    reason: Reason


class JudgeResponsibility(Command):
    """Judge who is responsible for a failure with an approved cause (责任判定)."""

    clause: ClassVar[str] = "3.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_ENGINEER, Role.TECH_DIRECTOR})
    refusals = (
        NotFound,
        CaseIsOver,
        CaseNotClassified,
        CauseNotApproved,
        AlreadyJudged,
        SodJudge,
        PartyTwice,
        SharesMismatch,
    )

    shares: (
        Annotated[tuple[ResponsibilityShare, ...], Field(min_length=1, max_length=10)] | None
    ) = Field(
        default=None,
        description="Who bears what; adds up to 10 000. When not given, claims are split as the "
        "warranty agreement says for the class of the cause.",
    )
    grounds: Text
    blamed_department: Department | None = Field(
        default=None, description="The department of ours that is to blame, if one is."
    )
    agreement_ref: Code | None = Field(
        default=None, description="The agreement that the judgement leans on."
    )
    supersedes_reason: Reason | None = Field(
        default=None, description="Needed when responsibility is judged already."
    )


# --- the way out ----------------------------------------------------------------------------


class CloseCase(Command):
    """Close a case of which everything is done (关闭反馈单)."""

    clause: ClassVar[str] = "4.2.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NotFound, CaseIsOver, CaseNotClassified, CauseNotApproved, CustomerNotSatisfied)

    summary: Text | None = None


class ReopenCase(Command):
    """Work on a closed case again (重新打开反馈单)."""

    clause: ClassVar[str] = "4.2.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER, Role.QA_MANAGER})
    refusals = (NotFound, CaseNotClosed)

    reason: Reason


class VoidCase(Command):
    """Declare that it was no case (作废反馈单)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (NotFound, CaseIsOver)

    reason: Reason


class MergeCase(Command):
    """Count the case as part of another one of the same customer (合并反馈单)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (
        NotFound,
        CaseIsOver,
        MergedIntoItself,
        MergeTargetUnusable,
        MergeAcrossCustomers,
    )

    into: Id = Field(description="The id of the case that goes on.")
    reason: Reason


FeedbackCaseCommand: TypeAlias = (
    RegisterFeedback
    | OpenTransportCase
    | ClassifyFeedback
    | ReclassifyFeedback
    | ForwardFeedback
    | AcknowledgeFeedback
    | StartEmergencyAction
    | RecordContainment
    | ConfirmQuantity
    | DetermineRootCause
    | ApproveRootCause
    | RejectRootCause
    | JudgeResponsibility
    | ReplyToCustomer
    | RecordCustomerAnswer
    | CloseCase
    | ReopenCase
    | VoidCase
    | MergeCase
    | RecountOccurrence
    | FeedbackCorrectionCommand
)
