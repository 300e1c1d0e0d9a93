"""What a risk-control project answers."""

from collections.abc import Sequence
from typing import Final, assert_never

from app.domain.cause_catalogue.events import cause_in_use
from app.domain.decider import Asked, Decider, World
from app.domain.errors import AlreadyExists, NotFound
from app.domain.limits import Due
from app.domain.registers.numbers import next_no
from app.domain.registers.risk_projects import failure_keys, lot_key, open_project
from app.domain.risk_control_project.commands import (
    AssignMember,
    CloseProject,
    LinkOccurrence,
    NotifyCustomer,
    OpenRiskControlProject,
    PublishProgress,
    RaiseRiskControlProject,
    ReachMilestone,
    ReviewDocument,
    RiskControlProjectCommand,
    VerifyProject,
)
from app.domain.risk_control_project.events import (
    RISK_CONTROL_PROJECT,
    CustomerNotified,
    DocumentReviewed,
    MemberAssigned,
    MilestoneReached,
    OccurrenceLinked,
    ProgressPublished,
    ProjectClosed,
    ProjectVerified,
    RiskControlProjectEvent,
    RiskControlProjectOpened,
)
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
    DEPARTMENTS,
    ProjectMember,
    ProjectStatus,
    RiskControlProject,
    missing_work,
)
from app.domain.values import end_of_week, iso_week_of, shanghai_day

Opening = RaiseRiskControlProject | OpenRiskControlProject


def decide(  # noqa: C901, PLR0911 - a table of contents has as many lines as commands
    asked: Asked[RiskControlProjectCommand], project: RiskControlProject, world: World
) -> Sequence[RiskControlProjectEvent]:
    """The table of contents: one line a command."""
    if isinstance(asked.command, Opening):
        return open_(asked.command, project, world)
    if project.status is ProjectStatus.NOT_OPENED:
        raise NotFound
    if project.status is ProjectStatus.CLOSED:
        raise ProjectIsClosed(project_no=project.project_no)
    match asked.command:
        case LinkOccurrence(occurrence=occurrence):
            return [OccurrenceLinked(project_no=project.project_no, occurrence=occurrence)]
        case AssignMember() as command:
            return assign(command, project)
        case ReviewDocument() as command:
            return review(asked.by.person, command, project)
        case PublishProgress() as command:
            return publish(command, project, world)
        case ReachMilestone() as command:
            return reach(command, project)
        case NotifyCustomer() as command:
            return notify(command, project)
        case VerifyProject() as command:
            return verify(asked.by.person, command, project)
        case CloseProject() as command:
            return close(command, project)
        case _:
            assert_never(asked.command)


def open_(
    command: Opening, project: RiskControlProject, world: World
) -> list[RiskControlProjectEvent]:
    """Open it; its first progress is due with the end of this week (T17).

    Raises:
        AlreadyExists: the id is taken.
        ProjectSubjectMissing: a person says neither a lot nor a cause on a specification.
        ProjectCauseNotInUse: the catalogue has no such active cause.
        ProjectOpenAlready: another project about the same problem is open.
    """
    if project.status is not ProjectStatus.NOT_OPENED:
        raise AlreadyExists(project_no=project.project_no)
    if isinstance(command, OpenRiskControlProject):
        _must_be_a_new_subject(command, world)
    occurrence = command.occurrence if isinstance(command, RaiseRiskControlProject) else None
    reason = command.reason if isinstance(command, OpenRiskControlProject) else None
    opened = RiskControlProjectOpened(
        project_no=next_no(world, "RP"),
        spec_code=command.spec_code,
        cause_code=command.cause_code,
        lot_no=command.lot_no,
        departments=DEPARTMENTS,
        occurrence=occurrence,
        reason=reason,
        due=(Due(limit="T17", due_at=end_of_week(world.at)),),
    )
    return [opened]


def _must_be_a_new_subject(command: OpenRiskControlProject, world: World) -> None:
    keys = [] if command.lot_no is None else [lot_key(command.lot_no)]
    if command.cause_code is not None:
        if cause_in_use(world, command.cause_code) is None:
            raise ProjectCauseNotInUse(field="cause_code", cause_code=command.cause_code)
        if command.spec_code is None:
            raise ProjectSubjectMissing(field="spec_code")
        keys += failure_keys(world, command.cause_code, command.spec_code)
    if not keys:
        raise ProjectSubjectMissing(field="lot_no")
    known = open_project(world, keys)
    if known is not None:
        raise ProjectOpenAlready(project_id=known.project_id, project_no=known.project_no)


def assign(command: AssignMember, project: RiskControlProject) -> list[RiskControlProjectEvent]:
    """Assign a member; one person may stand for two departments."""
    if ProjectMember(command.person, command.department) in project.members:
        raise MemberAssignedAlready(field="person", person=command.person)
    return [MemberAssigned(project_no=project.project_no, **dict(command))]


def review(
    person: str, command: ReviewDocument, project: RiskControlProject
) -> list[RiskControlProjectEvent]:
    """Review a document, or review it anew.

    Raises:
        SodDocumentReview: the reviewer would verify the review.
        ReviewReasonMissing: it does not apply, and nothing says why.
        RevisionsMismatch: the revisions say something else than the result.
    """
    if command.verified_by == person:
        raise SodDocumentReview(field="verified_by", person=person)
    if command.result == "NOT_APPLICABLE" and command.reason is None:
        raise ReviewReasonMissing(field="reason")
    if command.result != "NOT_APPLICABLE" and command.doc_no is None:
        raise RevisionsMismatch(field="doc_no", result=command.result)
    new = command.revision_after not in {None, command.revision_before}
    if new != (command.result == "CHANGED"):
        raise RevisionsMismatch(field="revision_after", result=command.result)
    return [DocumentReviewed(project_no=project.project_no, **dict(command))]


def publish(
    command: PublishProgress, project: RiskControlProject, world: World
) -> list[RiskControlProjectEvent]:
    """Publish for this week, as often as needed; the next week's is due with its end (T17)."""
    next_week = end_of_week(world.at)
    published = ProgressPublished(
        project_no=project.project_no,
        iso_week=iso_week_of(shanghai_day(world.at)),
        **dict(command),
        due=(Due(limit="T17", due_at=end_of_week(next_week)),),
    )
    return [published]


def reach(command: ReachMilestone, project: RiskControlProject) -> list[RiskControlProjectEvent]:
    """Record a milestone; the customers concerned are those of the project's cases so far."""
    reached = MilestoneReached(
        project_no=project.project_no,
        milestone=len(project.milestones) + 1,
        customers=project.customers if command.customer_relevant else (),
        **dict(command),
    )
    return [reached]


def notify(command: NotifyCustomer, project: RiskControlProject) -> list[RiskControlProjectEvent]:
    """Record a notice; one that nobody asked for does no harm."""
    if project.milestone(command.milestone) is None:
        numbers = [each.number for each in project.milestones]
        raise NoSuchMilestone(field="milestone", milestones=numbers)
    return [CustomerNotified(project_no=project.project_no, **dict(command))]


def verify(
    person: str, command: VerifyProject, project: RiskControlProject
) -> list[RiskControlProjectEvent]:
    """Verify it once, when the team is complete and every document is reviewed.

    Raises:
        ProjectVerifiedAlready: somebody did before.
        ProjectNotReady: a member or a review is missing.
        SodProjectVerification: the same person opened it.
    """
    if project.verified_at is not None:
        raise ProjectVerifiedAlready(verified_by=project.verified_by)
    missing = missing_work(project)
    if missing:
        raise ProjectNotReady(project_no=project.project_no, missing=list(missing))
    if person == project.opened_by:
        raise SodProjectVerification(person=person)
    return [ProjectVerified(project_no=project.project_no, findings=command.findings)]


def close(command: CloseProject, project: RiskControlProject) -> list[RiskControlProjectEvent]:
    """Close it when nothing is missing (R-16)."""
    if project.missing:
        raise ProjectIncomplete(
            project_no=project.project_no, status=project.status, missing=list(project.missing)
        )
    return [ProjectClosed(project_no=project.project_no, summary=command.summary)]


risk_control_project: Final[
    Decider[RiskControlProjectCommand, RiskControlProject, RiskControlProjectEvent]
] = Decider(
    stream=RISK_CONTROL_PROJECT,
    decide=decide,
    collection="risk-control-projects",
    label_zh="风险管控项目",
)
