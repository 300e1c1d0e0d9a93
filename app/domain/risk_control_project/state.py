"""The words of a risk-control project, and what it adds up to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.values import Code, CustomerId, Department, Id

OccurrenceKind = Literal["RECURRENCE", "BATCH_DETECTED", "BATCH_DECLARED"]
"""What a project is about (立项原因): R-08, R-09, or QA's declaration."""
ProjectDocument = Literal["DFMEA", "PROCESS_FLOW", "PFMEA", "CONTROL_PLAN"]
"""A document that every project must review: 设计FMEA、工艺流程、过程FMEA、控制计划."""
ReviewResult = Literal["NO_CHANGE", "CHANGED", "NOT_APPLICABLE"]
"""What a review says (评审结果)."""
PdcaPhase = Literal["P", "D", "C", "A"]
"""Plan, do, check, act (PDCA 阶段)."""
ProgressChannel = Literal["BOARD", "MORNING_MEETING"]
"""Where progress is published: 看板、早会."""
MilestoneNo = Annotated[int, Field(ge=1, le=1_000, strict=True, description="As numbered by us.")]

DEPARTMENTS: Final = (Department.QA, Department.TECH, Department.PRODUCTION)
"""Every project has members of these. Clause 4.6.1."""
DOCUMENTS: Final[tuple[ProjectDocument, ...]] = ("DFMEA", "PROCESS_FLOW", "PFMEA", "CONTROL_PLAN")


class ProjectStatus(StrEnum):
    """The furthest step that stands (状态)."""

    NOT_OPENED = "NOT_OPENED"
    OPENED = "OPENED"
    RUNNING = "RUNNING"
    VERIFIED = "VERIFIED"
    CLOSED = "CLOSED"


class ProjectOccurrence(BaseModel):
    """A problem that a project is about (问题来源)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: OccurrenceKind
    event_id: Code = Field(description="The event that told of it.")
    case_id: Id | None = None
    case_no: Code | None = None
    customer_id: CustomerId | None = None
    capa_id: Id | None = None
    capa_no: Code | None = None


# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProjectMember:
    """Who belongs to the team, for which department."""

    person: str
    department: Department


@dataclass(frozen=True, slots=True)
class DocumentReview:
    """One review of a document; the last one of a document counts."""

    document: ProjectDocument
    doc_no: str | None
    revision_before: str | None
    revision_after: str | None
    result: ReviewResult
    reason: str | None
    reviewed_by: str
    verified_by: str
    reviewed_at: datetime


@dataclass(frozen=True, slots=True)
class ProjectProgress:
    """What was published in one week."""

    iso_week: str
    phase: PdcaPhase
    channel: ProgressChannel
    text: str
    published_by: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class MilestoneNotice:
    """What a customer was told of a milestone."""

    customer_id: str
    doc_ref: str
    told_by: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class ProjectMilestone:
    """A milestone, and who was told of it."""

    number: int
    text: str
    customer_relevant: bool
    customers: tuple[str, ...]
    """The customers concerned, as far as known when it was reached."""
    reached_at: datetime
    notices: tuple[MilestoneNotice, ...] = ()

    @property
    def is_told(self) -> bool:
        """Whether every customer concerned knows; where none is known, whether anyone was told."""
        if not self.customer_relevant:
            return True
        told = {each.customer_id for each in self.notices}
        return bool(told) and told.issuperset(self.customers)


@dataclass(frozen=True, slots=True)
class RiskControlProject:
    """A project as it stands."""

    status: ProjectStatus = ProjectStatus.NOT_OPENED
    project_no: str = ""
    spec_code: str | None = None
    cause_code: str | None = None
    lot_no: str | None = None
    departments: tuple[Department, ...] = DEPARTMENTS
    """Each must have a member."""
    occurrences: tuple[ProjectOccurrence, ...] = ()
    reason: str | None = None
    """Why a person opened it; none, where a rule did."""
    opened_by: str = ""
    opened_at: datetime | None = None
    members: tuple[ProjectMember, ...] = ()
    reviews: tuple[DocumentReview, ...] = ()
    progress: tuple[ProjectProgress, ...] = ()
    milestones: tuple[ProjectMilestone, ...] = ()
    verified_by: str | None = None
    verified_at: datetime | None = None
    findings: str | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    summary: str | None = None
    missing: tuple[str, ...] = ()
    """What must be done before it can be closed."""

    @property
    def customers(self) -> tuple[str, ...]:
        """The customers of the cases it is about."""
        known = (each.customer_id for each in self.occurrences if each.customer_id is not None)
        return tuple(dict.fromkeys(known))

    @property
    def departments_missing(self) -> tuple[Department, ...]:
        """The departments that have no member yet."""
        present = {each.department for each in self.members}
        return tuple(each for each in self.departments if each not in present)

    @property
    def documents(self) -> tuple[DocumentReview, ...]:
        """The last review of each document, in the order of the clause."""
        last = {each.document: each for each in self.reviews}
        return tuple(last[each] for each in DOCUMENTS if each in last)

    def milestone(self, number: int) -> ProjectMilestone | None:
        """The milestone of that number."""
        return next((each for each in self.milestones if each.number == number), None)


def missing_work(project: RiskControlProject) -> tuple[str, ...]:
    """What clause 4.6.1 c asks for before a project is verified: its team and its documents."""
    reviewed = {each.document for each in project.reviews}
    return (
        *(f"MEMBER_{each}" for each in project.departments_missing),
        *(f"DOCUMENT_{each}" for each in DOCUMENTS if each not in reviewed),
    )


def missing_duties(project: RiskControlProject) -> tuple[str, ...]:
    """What is still to be done before a project is closed; a notice has its milestone's number."""
    untold = (each.number for each in project.milestones if not each.is_told)
    return (
        *missing_work(project),
        *(f"CUSTOMER_NOTICE_{number}" for number in untold),
        *(() if project.verified_at else ("VERIFICATION",)),
    )


def furthest_step(project: RiskControlProject) -> ProjectStatus:
    """The furthest step that the facts of an opened project support."""
    steps = (
        (ProjectStatus.CLOSED, project.closed_at is not None),
        (ProjectStatus.VERIFIED, project.verified_at is not None),
        (ProjectStatus.RUNNING, not project.departments_missing),
    )
    return next((status for status, stands in steps if stands), ProjectStatus.OPENED)
