"""风险管控项目台账: the risk-control projects, what they did and what they still lack.

One row a project, read from its state; a missed week is told by the clock (R-15). Clause 4.6.1.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from app.domain.deadline.events import DeadlineMissed
from app.domain.risk_control_project.events import RISK_CONTROL_PROJECT, ProgressPublished
from app.domain.risk_control_project.state import (
    OccurrenceKind,
    PdcaPhase,
    ProjectDocument,
    ProjectMilestone,
    ProjectStatus,
    ReviewResult,
    RiskControlProject,
)
from app.domain.values import Department, shanghai_day
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow


class ProjectMemberEntry(BaseModel):
    """A member of the team."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: str = Field(title="人员")
    department: Department = Field(title="部门")


class DocumentReviewEntry(BaseModel):
    """The last review of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: ProjectDocument = Field(title="文件")
    doc_no: str | None = Field(title="文件编号")
    revision_before: str | None = Field(title="原版本")
    revision_after: str | None = Field(title="新版本")
    result: ReviewResult = Field(title="评审结果")
    reviewed_by: str = Field(title="评审人")
    verified_by: str = Field(title="验证人")


class MilestoneEntry(BaseModel):
    """A milestone, and which customers know of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(title="节点号")
    text: str = Field(title="节点")
    reached_on: date = Field(title="达成日")
    customer_relevant: bool = Field(title="须通知顾客")
    customers_concerned: tuple[str, ...] = Field(title="相关方顾客")
    customers_told: tuple[str, ...] = Field(title="已通知顾客")


class RiskProjectRow(LedgerRow):
    """One project in the ledger of risk-control projects."""

    project_id: str = Field(title="项目ID")
    project_no: str = Field(title="项目编号")
    status: ProjectStatus = Field(title="状态")
    origins: tuple[OccurrenceKind, ...] = Field(
        title="立项原因", description="Empty where a person opened it."
    )
    spec_code: str | None = Field(title="规格")
    cause_code: str | None = Field(title="原因代码")
    lot_no: str | None = Field(title="生产批次")
    case_nos: tuple[str, ...] = Field(title="反馈单号")
    capa_nos: tuple[str, ...] = Field(title="CAPA号")
    customers: tuple[str, ...] = Field(title="相关方顾客")
    opened_on: date = Field(title="立项日")
    opened_by: str = Field(title="立项人")
    members: tuple[ProjectMemberEntry, ...] = Field(title="小组成员")
    documents: tuple[DocumentReviewEntry, ...] = Field(title="文件评审验证")
    last_progress_week: str | None = Field(title="最近进度周")
    pdca_phase: PdcaPhase | None = Field(title="PDCA阶段")
    progress_due_at: Instant | None = Field(
        title="进度截止时间", description="T17: until when the next progress must be published."
    )
    overdue: bool = Field(title="进度超期", description="R-15: a week without progress.")
    milestones: tuple[MilestoneEntry, ...] = Field(title="重要节点")
    missing: tuple[str, ...] = Field(title="未完成事项")
    verified_by: str | None = Field(title="验证人")
    closed_on: date | None = Field(title="关闭日")


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The project that an event concerns."""
    event = recorded.event
    if not isinstance(event, DeadlineMissed):
        return (recorded.happened.to,)
    return (event.subject_id,) if event.subject_kind == RISK_CONTROL_PROJECT.name else ()


def fold(row: RiskProjectRow | None, recorded: Recorded, _key: str) -> RiskProjectRow | None:
    """The row after an event; a project comes before its missed weeks."""
    event = recorded.event
    if isinstance(event, DeadlineMissed):
        return row and row.model_copy(update={"overdue": True})
    changed = of_project(recorded.happened.to, recorded.state, row)
    if event.due:
        changed = changed.model_copy(update={"progress_due_at": event.due[0].due_at})
    if isinstance(event, ProgressPublished):
        changed = changed.model_copy(update={"overdue": False})
    return changed


def of_project(
    project_id: str, project: RiskControlProject, row: RiskProjectRow | None
) -> RiskProjectRow:
    """What a project itself says, beside what the clock said of it."""
    about = project.occurrences
    last = project.progress[-1] if project.progress else None
    closed = project.closed_at is not None
    return RiskProjectRow(
        project_id=project_id,
        project_no=project.project_no,
        status=project.status,
        origins=tuple(dict.fromkeys(each.kind for each in about)),
        spec_code=project.spec_code,
        cause_code=project.cause_code,
        lot_no=project.lot_no,
        case_nos=tuple(dict.fromkeys(each.case_no for each in about if each.case_no)),
        capa_nos=tuple(dict.fromkeys(each.capa_no for each in about if each.capa_no)),
        customers=project.customers,
        opened_on=shanghai_day(project.opened_at) if project.opened_at else date.min,
        opened_by=project.opened_by,
        members=tuple(
            ProjectMemberEntry(person=each.person, department=each.department)
            for each in project.members
        ),
        documents=tuple(
            DocumentReviewEntry(
                document=each.document,
                doc_no=each.doc_no,
                revision_before=each.revision_before,
                revision_after=each.revision_after,
                result=each.result,
                reviewed_by=each.reviewed_by,
                verified_by=each.verified_by,
            )
            for each in project.documents
        ),
        last_progress_week=last.iso_week if last else None,
        pdca_phase=last.phase if last else None,
        progress_due_at=row.progress_due_at if row and not closed else None,
        overdue=row is not None and row.overdue and not closed,
        milestones=tuple(_milestone(each) for each in project.milestones),
        missing=project.missing,
        verified_by=project.verified_by,
        closed_on=shanghai_day(project.closed_at) if project.closed_at else None,
    )


def _milestone(milestone: ProjectMilestone) -> MilestoneEntry:
    return MilestoneEntry(
        number=milestone.number,
        text=milestone.text,
        reached_on=shanghai_day(milestone.reached_at),
        customer_relevant=milestone.customer_relevant,
        customers_concerned=milestone.customers,
        customers_told=tuple(dict.fromkeys(each.customer_id for each in milestone.notices)),
    )


RISK_PROJECTS_LEDGER: Final = Ledger[RiskProjectRow](
    name="risk_projects",
    version=3,
    title="Ledger of risk-control projects",
    title_zh="风险管控项目台账",
    clauses=("4.6.1", "4.6.2"),
    row_type=RiskProjectRow,
    event_types=(*RISK_CONTROL_PROJECT.event_types, DeadlineMissed),
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "project_no": "text",
        "opened_on": "text",
        "status": "text",
        "spec_code": "text",
        "cause_code": "text",
        "lot_no": "text",
        "overdue": "text",
        "pdca_phase": "text",
        "origins": "codes",
        "case_nos": "codes",
        "capa_nos": "codes",
        "customers": "codes",
    },
    sorts=("project_no", "opened_on"),
    filters={
        "project_no": Filter("project_no", "=", "项目编号."),
        "status": Filter("status", "=", "状态."),
        "origin": Filter("origins", "any", "立项原因: RECURRENCE, BATCH_DETECTED, BATCH_DECLARED."),
        "spec_code": Filter("spec_code", "=", "规格."),
        "cause_code": Filter("cause_code", "=", "原因代码."),
        "lot_no": Filter("lot_no", "=", "生产批次."),
        "case_no": Filter("case_nos", "any", "反馈单号."),
        "capa_no": Filter("capa_nos", "any", "CAPA号."),
        "customer_id": Filter("customers", "any", "相关方顾客."),
        "pdca_phase": Filter("pdca_phase", "=", "PDCA阶段: P, D, C or A."),
        "overdue": Filter("overdue", "=", "进度超期."),
        "opened_from": Filter("opened_on", ">=", "立项日, from this day on."),
        "opened_to": Filter("opened_on", "<=", "立项日, up to and including this day."),
    },
)
