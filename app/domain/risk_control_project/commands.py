"""What can be asked of a risk-control project."""

from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from app.domain.decider import Command
from app.domain.errors import AlreadyExists, NotFound
from app.domain.risk_control_project.refusals import (
    MemberAssignedAlready,
    NoSuchMilestone,
    ProjectCauseNotInUse,
    ProjectIncomplete,
    ProjectIsClosed,
    ProjectNotReady,
    ProjectOpenAlready,
    ProjectSubjectMissing,
    ProjectVerifiedAlready,
    ReviewReasonMissing,
    RevisionsMismatch,
    SodDocumentReview,
    SodProjectVerification,
)
from app.domain.risk_control_project.state import (
    MilestoneNo,
    PdcaPhase,
    ProgressChannel,
    ProjectDocument,
    ProjectOccurrence,
    ReviewResult,
)
from app.domain.values import Code, CustomerId, Department, Reason, Role, SpecCode, Text

TEAM_ROLES: frozenset[Role] = frozenset(
    {
        Role.QA_ENGINEER,
        Role.QA_MANAGER,
        Role.TECH_ENGINEER,
        Role.TECH_DIRECTOR,
        Role.PRODUCTION,
    }
)
"""The hats of the three departments. Clause 4.6.1."""


class RaiseRiskControlProject(Command):
    """Have the three departments work on a recurrence or a batch problem."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists,)

    spec_code: SpecCode
    cause_code: Code | None = None
    lot_no: Code | None = None
    occurrence: ProjectOccurrence


class OpenRiskControlProject(Command):
    """Open a project that no rule asked for (风险管控立项)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists, ProjectSubjectMissing, ProjectCauseNotInUse, ProjectOpenAlready)

    spec_code: SpecCode | None = None
    cause_code: Code | None = None
    lot_no: Code | None = Field(default=None, description="生产批次.")
    reason: Reason


class LinkOccurrence(Command):
    """Add one more occurrence of the problem to its open project."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NotFound, ProjectIsClosed)

    occurrence: ProjectOccurrence


class AssignMember(Command):
    """Put a person into the team, for a department (指定小组成员)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (NotFound, ProjectIsClosed, MemberAssignedAlready)

    person: Code
    department: Department


class ReviewDocument(Command):
    """Record the review of a document, verified by a second person (文件评审验证)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = TEAM_ROLES
    refusals = (
        NotFound,
        ProjectIsClosed,
        ReviewReasonMissing,
        RevisionsMismatch,
        SodDocumentReview,
    )

    document: ProjectDocument
    doc_no: Code | None = Field(default=None, description="Needed unless it does not apply.")
    revision_before: Code | None = Field(default=None, description="原版本.")
    revision_after: Code | None = Field(default=None, description="新版本: where it changed.")
    result: ReviewResult
    reason: Reason | None = Field(default=None, description="Needed where it does not apply.")
    verified_by: Code = Field(description="The person who verified it; never the one who asks.")


class PublishProgress(Command):
    """Publish the PDCA progress of this week (公布 PDCA 进度)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = TEAM_ROLES
    refusals = (NotFound, ProjectIsClosed)

    phase: PdcaPhase
    channel: ProgressChannel
    text: Text


class ReachMilestone(Command):
    """Record a milestone, and whether customers must be told of it (重要节点)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (NotFound, ProjectIsClosed)

    text: Text
    customer_relevant: Annotated[bool, Field(strict=True)]


class NotifyCustomer(Command):
    """Record that a customer was told of a milestone (通知相关方顾客)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset(
        {Role.SALES_REP, Role.SALES_CLERK, Role.QA_MANAGER}
    )
    refusals = (NotFound, ProjectIsClosed, NoSuchMilestone)

    milestone: MilestoneNo
    customer_id: CustomerId
    doc_ref: Code = Field(description="The document that tells the customer.")


class VerifyProject(Command):
    """Stand by what the project did, as a second person (项目验证)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER, Role.TECH_DIRECTOR})
    refusals = (
        NotFound,
        ProjectIsClosed,
        ProjectVerifiedAlready,
        ProjectNotReady,
        SodProjectVerification,
    )

    findings: Text


class CloseProject(Command):
    """Close a project of which nothing is missing (关闭风险管控项目)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (NotFound, ProjectIsClosed, ProjectIncomplete)

    summary: Text


RiskControlProjectCommand: TypeAlias = (
    RaiseRiskControlProject
    | OpenRiskControlProject
    | LinkOccurrence
    | AssignMember
    | ReviewDocument
    | PublishProgress
    | ReachMilestone
    | NotifyCustomer
    | VerifyProject
    | CloseProject
)
