"""What can happen to a risk-control project, and how it adds up."""

from datetime import datetime
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field
from typing_extensions import override

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.risk_control_project.state import (
    DocumentReview,
    MilestoneNo,
    MilestoneNotice,
    PdcaPhase,
    ProgressChannel,
    ProjectDocument,
    ProjectMember,
    ProjectMilestone,
    ProjectOccurrence,
    ProjectProgress,
    ReviewResult,
    RiskControlProject,
    furthest_step,
    missing_duties,
)
from app.domain.values import Code, CustomerId, Department, Reason, SpecCode, Text

# --- what happens ---------------------------------------------------------------------------


class ProjectFact(Event):
    """What every event repeats: which project it is."""

    clause: ClassVar[str] = "4.6.1"

    project_no: Code


class RiskControlProjectOpened(ProjectFact):
    """QA, Engineering and Production are to work on a failure that recurs, or on a lot."""

    numbered: ClassVar[str | None] = "project_no"

    spec_code: SpecCode | None
    cause_code: Code | None
    lot_no: Code | None
    departments: tuple[Department, ...] = Field(description="Each must have a member.")
    occurrence: ProjectOccurrence | None = Field(description="None: a person opened it.")
    reason: Reason | None


class OccurrenceLinked(ProjectFact):
    """The same problem showed again while the project was open."""

    occurrence: ProjectOccurrence


class MemberAssigned(ProjectFact):
    """A person works on it for a department."""

    person: Code
    department: Department


class DocumentReviewed(ProjectFact):
    """A document was reviewed, and a second person verified the review."""

    document: ProjectDocument
    doc_no: Code | None
    revision_before: Code | None
    revision_after: Code | None
    result: ReviewResult
    reason: Reason | None
    verified_by: Code


class ProgressPublished(ProjectFact):
    """The week's PDCA progress was published; the next is due with the end of next week (T17)."""

    iso_week: Code = Field(examples=["2025-W10"])
    phase: PdcaPhase
    channel: ProgressChannel
    text: Text

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T17",)


class MilestoneReached(ProjectFact):
    """The project came to a milestone; customers concerned must be told (R-16)."""

    milestone: MilestoneNo
    text: Text
    customer_relevant: bool
    customers: tuple[CustomerId, ...] = Field(description="The customers concerned, where known.")


class CustomerNotified(ProjectFact):
    """A customer was told of a milestone (R-16)."""

    milestone: MilestoneNo
    customer_id: CustomerId
    doc_ref: Code


class ProjectVerified(ProjectFact):
    """A second person looked at what the project did."""

    findings: Text


class ProjectClosed(ProjectFact):
    """All is done."""

    summary: Text

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`."""
        return ("T17",)


RiskControlProjectEvent: TypeAlias = (
    RiskControlProjectOpened
    | OccurrenceLinked
    | MemberAssigned
    | DocumentReviewed
    | ProgressPublished
    | MilestoneReached
    | CustomerNotified
    | ProjectVerified
    | ProjectClosed
)

# --- how it adds up -------------------------------------------------------------------------


def evolve(
    project: RiskControlProject, happened: Happened[RiskControlProjectEvent]
) -> RiskControlProject:
    """Apply one event; status and what is missing follow from the facts."""
    changed = _applied(project, happened)
    return replace(changed, status=furthest_step(changed), missing=missing_duties(changed))


def _applied(  # noqa: PLR0911 - one line an event
    project: RiskControlProject, happened: Happened[RiskControlProjectEvent]
) -> RiskControlProject:
    by, at = happened.by.person, happened.at
    match happened.event:
        case RiskControlProjectOpened() as event:
            return _opened(event, by, at)
        case OccurrenceLinked(occurrence=occurrence):
            return replace(project, occurrences=(*project.occurrences, occurrence))
        case MemberAssigned(person=person, department=department):
            return replace(project, members=(*project.members, ProjectMember(person, department)))
        case DocumentReviewed() as event:
            return replace(project, reviews=(*project.reviews, _review(event, by, at)))
        case ProgressPublished() as event:
            told = ProjectProgress(event.iso_week, event.phase, event.channel, event.text, by, at)
            return replace(project, progress=(*project.progress, told))
        case MilestoneReached() as event:
            reached = ProjectMilestone(
                event.milestone, event.text, event.customer_relevant, event.customers, at
            )
            return replace(project, milestones=(*project.milestones, reached))
        case CustomerNotified() as event:
            return _notified(project, event, by, at)
        case ProjectVerified(findings=findings):
            return replace(project, verified_by=by, verified_at=at, findings=findings)
        case ProjectClosed(summary=summary):
            return replace(project, closed_by=by, closed_at=at, summary=summary)
        case unknown:
            assert_never(unknown)


def _opened(event: RiskControlProjectOpened, by: str, at: datetime) -> RiskControlProject:
    return RiskControlProject(
        project_no=event.project_no,
        spec_code=event.spec_code,
        cause_code=event.cause_code,
        lot_no=event.lot_no,
        departments=event.departments,
        occurrences=() if event.occurrence is None else (event.occurrence,),
        reason=event.reason,
        opened_by=by,
        opened_at=at,
    )


def _review(event: DocumentReviewed, by: str, at: datetime) -> DocumentReview:
    return DocumentReview(
        document=event.document,
        doc_no=event.doc_no,
        revision_before=event.revision_before,
        revision_after=event.revision_after,
        result=event.result,
        reason=event.reason,
        reviewed_by=by,
        verified_by=event.verified_by,
        reviewed_at=at,
    )


def _notified(
    project: RiskControlProject, event: CustomerNotified, by: str, at: datetime
) -> RiskControlProject:
    notice = MilestoneNotice(event.customer_id, event.doc_ref, by, at)
    milestones = (
        replace(each, notices=(*each.notices, notice)) if each.number == event.milestone else each
        for each in project.milestones
    )
    return replace(project, milestones=tuple(milestones))


RISK_CONTROL_PROJECT: Final = Stream(
    name="risk-control-project", initial=RiskControlProject(), evolve=evolve
)
