"""R5 《纠正预防措施》: the 8D reports, from the problem to the proof that it is gone.

One row a report. What the report says is read from its state; who was held accountable is read
from the escalation that it answers. Clauses 4.2.3, 4.5 and 5.2.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from app.domain.capa.events import CAPA
from app.domain.capa.state import (
    Capa,
    CapaAction,
    CapaArea,
    CapaCheck,
    CapaSourceKind,
    CapaStatus,
    CheckResult,
    RevisedDocument,
    TeamMember,
)
from app.domain.escalation.events import AccountabilityRecorded, Escalation, EscalationCapaIssued
from app.domain.values import Department, shanghai_day
from app.events.recorded import Recorded
from app.projections.claims_ledger import AccountabilityEntry
from app.projections.ledger import Filter, Ledger, LedgerRow

DONE: Final = frozenset({CapaStatus.CLOSED, CapaStatus.CLOSED_UNVERIFIED})


class CapaContainmentEntry(BaseModel):
    """Where suspect pieces were looked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: CapaArea = Field(title="区域")
    lot_no: str | None = Field(title="批次")
    checked: int = Field(title="检查数", description="Pieces.")
    nok: int = Field(title="不合格数", description="Pieces.")


class CapaActionEntry(BaseModel):
    """A measure, and since when it is in place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(title="措施序号")
    round: int = Field(title="轮次")
    action: str = Field(title="措施")
    owner: str = Field(title="责任人")
    due_on: date = Field(title="计划完成日")
    done_on: date | None = Field(title="实际完成日", description="The day it was recorded.")
    effective_from: date | None = Field(title="生效生产日期")
    lot_no: str | None = Field(title="生效批次")


class CapaPreventionEntry(BaseModel):
    """Where the lesson went."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str = Field(title="预防措施")
    documents: tuple[RevisedDocument, ...] = Field(title="文件修订")
    similar_specs: tuple[str, ...] = Field(title="水平展开规格")


class CapaCheckEntry(BaseModel):
    """Whether it helped."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    round: int = Field(title="轮次")
    method: str = Field(title="验证方法")
    lots_checked: tuple[str, ...] = Field(title="验证批次")
    result: CheckResult = Field(title="验证结果")
    verifier: str = Field(title="验证人")
    checked_on: date = Field(title="验证日")


class CapasLedgerRow(LedgerRow):
    """One corrective and preventive action report."""

    capa_id: str = Field(title="纠正预防措施ID")
    capa_no: str = Field(title="编号")
    source: CapaSourceKind = Field(title="来源")
    escalation_no: str | None = Field(title="上报事项号")
    case_no: str | None = Field(title="反馈单号")
    claim_no: str | None = Field(title="索赔号")
    project_no: str | None = Field(title="风险管控项目编号")
    quarter: str | None = Field(title="季度", examples=["2025Q1"])
    spec_code: str | None = Field(title="规格")
    cause_code: str | None = Field(title="原因代码")
    problem: str = Field(title="问题描述", description="D2.")
    owner: str = Field(title="责任人")
    owner_department: Department = Field(title="责任部门")
    issued_on: date | None = Field(title="下达日")
    due_on: date | None = Field(title="要求完成日")
    team: tuple[TeamMember, ...] = Field(title="小组", description="D1.")
    containment: tuple[CapaContainmentEntry, ...] = Field(title="遏制", description="D3.")
    occurrence_cause: str | None = Field(title="发生原因", description="D4.")
    escape_cause: str | None = Field(title="流出原因", description="D4.")
    system_cause: str | None = Field(title="系统原因", description="D4.")
    actions: tuple[CapaActionEntry, ...] = Field(title="措施与实施", description="D5 and D6.")
    effective_from: date | None = Field(
        title="措施生效生产日期", description="From when all measures of the round are in place."
    )
    prevention: tuple[CapaPreventionEntry, ...] = Field(title="预防/水平展开", description="D7.")
    checks: tuple[CapaCheckEntry, ...] = Field(title="效果验证", description="D8.")
    result: CheckResult | None = Field(title="验证结果", description="Of the last check.")
    accountability: tuple[AccountabilityEntry, ...] = Field(
        default=(), title="责任追究", description="As the escalation records it."
    )
    round: int = Field(title="轮次")
    status: CapaStatus = Field(title="状态")
    is_open: bool = Field(title="未关闭")
    next_due_on: date | None = Field(
        title="下一到期日",
        description="The earliest day of what is still to be done; none: all is.",
    )
    closed_on: date | None = Field(title="关闭日")
    summary: str | None = Field(title="关闭说明")


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The reports that an event concerns."""
    event = recorded.event
    if isinstance(event, EscalationCapaIssued):
        return (event.capa_id,)
    if isinstance(event, AccountabilityRecorded):
        escalation: Escalation = recorded.state
        return dict.fromkeys(each.capa_id for each in escalation.capas)
    return (recorded.happened.to,)


def fold(row: CapasLedgerRow | None, recorded: Recorded, key: str) -> CapasLedgerRow | None:
    """The row after an event; a report comes before the escalation takes note of it."""
    if isinstance(recorded.event, EscalationCapaIssued | AccountabilityRecorded):
        return row and _accounted(row, recorded.state)
    return of_capa(key, recorded.state, row)


def _accounted(row: CapasLedgerRow, escalation: Escalation) -> CapasLedgerRow:
    people = tuple(
        AccountabilityEntry(
            kind=each.kind,
            person_id=each.person_id,
            department=each.department,
            measure=each.measure,
        )
        for each in escalation.accountability
    )
    return (
        row if people == row.accountability else row.model_copy(update={"accountability": people})
    )


def of_capa(capa_id: str, capa: Capa, row: CapasLedgerRow | None) -> CapasLedgerRow:
    """What a report itself says, beside what its escalation said."""
    cause, last = capa.cause, capa.checks[-1] if capa.checks else None
    return CapasLedgerRow(
        capa_id=capa_id,
        capa_no=capa.capa_no,
        source=capa.source,
        escalation_no=capa.escalation_no,
        case_no=capa.case_no,
        claim_no=capa.claim_no,
        project_no=capa.project_no,
        quarter=capa.quarter,
        spec_code=capa.spec_code,
        cause_code=capa.cause_code,
        problem=capa.problem,
        owner=capa.owner,
        owner_department=capa.owner_department,
        issued_on=shanghai_day(capa.issued_at) if capa.issued_at else None,
        due_on=capa.due_on,
        team=capa.team,
        containment=_containment(capa),
        occurrence_cause=cause.occurrence_cause if cause else None,
        escape_cause=cause.escape_cause if cause else None,
        system_cause=cause.system_cause if cause else None,
        actions=tuple(_action(each) for each in capa.actions),
        effective_from=capa.effective_from,
        prevention=_prevention(capa),
        checks=tuple(_check(each) for each in capa.checks),
        result=last.result if last else None,
        accountability=row.accountability if row else (),
        round=capa.round,
        status=capa.status,
        is_open=capa.status not in DONE,
        next_due_on=_next_due_on(capa),
        closed_on=shanghai_day(capa.closed_at) if capa.closed_at else None,
        summary=capa.summary,
    )


def _containment(capa: Capa) -> tuple[CapaContainmentEntry, ...]:
    return tuple(
        CapaContainmentEntry(area=c.area, lot_no=c.lot_no, checked=c.checked, nok=c.nok)
        for c in capa.containments
    )


def _prevention(capa: Capa) -> tuple[CapaPreventionEntry, ...]:
    return tuple(
        CapaPreventionEntry(
            measure=each.measure, documents=each.documents, similar_specs=each.similar_specs
        )
        for each in capa.preventions
    )


def _check(check: CapaCheck) -> CapaCheckEntry:
    return CapaCheckEntry(
        round=check.round,
        method=check.method,
        lots_checked=check.lots_checked,
        result=check.result,
        verifier=check.checked_by,
        checked_on=shanghai_day(check.checked_at),
    )


def _action(action: CapaAction) -> CapaActionEntry:
    done_at = action.implemented_at
    return CapaActionEntry(
        number=action.number,
        round=action.round,
        action=action.action,
        owner=action.owner,
        due_on=action.due_on,
        done_on=shanghai_day(done_at) if done_at else None,
        effective_from=action.effective_from,
        lot_no=action.lot_no,
    )


def _next_due_on(capa: Capa) -> date | None:
    """The earliest measure of the round that is not in place, or the day of the whole report."""
    if capa.status in DONE:
        return None
    waiting = [each.due_on for each in capa.actions_of_the_round if each.effective_from is None]
    return min(waiting, default=capa.due_on)


CAPAS_LEDGER: Final = Ledger[CapasLedgerRow](
    name="capas_ledger",
    version=4,
    title="Corrective and preventive action reports",
    title_zh="纠正预防措施",
    clauses=("4.2.3", "4.5", "5.2"),
    row_type=CapasLedgerRow,
    event_types=(*CAPA.event_types, EscalationCapaIssued, AccountabilityRecorded),
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "capa_no": "text",
        "source": "text",
        "escalation_no": "text",
        "case_no": "text",
        "claim_no": "text",
        "project_no": "text",
        "quarter": "text",
        "spec_code": "text",
        "cause_code": "text",
        "owner": "text",
        "owner_department": "text",
        "issued_on": "text",
        "next_due_on": "text",
        "effective_from": "text",
        "result": "text",
        "status": "text",
        "is_open": "text",
    },
    sorts=("capa_no",),
    filters={
        "capa_no": Filter("capa_no", "=", "编号."),
        "source": Filter("source", "=", "来源: ESCALATION, CASE, RISK_PROJECT or QUARTER."),
        "escalation_no": Filter("escalation_no", "=", "上报事项号."),
        "case_no": Filter("case_no", "=", "反馈单号."),
        "claim_no": Filter("claim_no", "=", "索赔号."),
        "project_no": Filter("project_no", "=", "风险管控项目编号."),
        "quarter": Filter("quarter", "=", "季度: reports for what this quarter showed."),
        "spec_code": Filter("spec_code", "=", "规格."),
        "cause_code": Filter("cause_code", "=", "原因代码."),
        "owner": Filter("owner", "=", "责任人."),
        "owner_department": Filter("owner_department", "=", "责任部门."),
        "result": Filter("result", "=", "验证结果: EFFECTIVE, INEFFECTIVE or NOT_VERIFIABLE."),
        "status": Filter("status", "=", "状态."),
        "open": Filter("is_open", "=", "未关闭."),
        "due_to": Filter("next_due_on", "<=", "下一到期日, up to and including this day."),
        "issued_from": Filter("issued_on", ">=", "下达日, from this day on."),
        "issued_to": Filter("issued_on", "<=", "下达日, up to and including this day."),
        "effective_to": Filter(
            "effective_from", "<=", "措施生效生产日期, up to and including this day."
        ),
    },
)
