"""R1 《故障信息反馈处置台账》: which failures customers told us of, and what became of them.

One row a feedback case. What the case itself says is read from its state; what its returns, CAPA,
recurrence and risk-control projects say is folded from their events. Clauses 4.6.1 and 5.2.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from app.domain.capa.events import CapaIssued
from app.domain.deadline.events import DeadlineMissed
from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.feedback_case.state import (
    Area,
    CaseStatus,
    Channel,
    ContainmentAction,
    FeedbackCase,
    LifePhase,
    Outcome,
    ResponsibilityShare,
    Severity,
)
from app.domain.recurrence.events import RECURRENCE, Recurrence, RecurrenceFact, RecurrenceStatus
from app.domain.return_list.events import DispositionDecided, ReturnAnnounced
from app.domain.risk_control_project.events import OccurrenceLinked, RiskControlProjectOpened
from app.domain.values import Category, Department, quarter_of, shanghai_day
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow

OWN_DEADLINE: Final = "T20"
"""The limit that the customer set."""
DONE: Final = frozenset(
    {CaseStatus.ANSWERED, CaseStatus.CLOSED, CaseStatus.VOIDED, CaseStatus.MERGED}
)


class ContainmentEntry(BaseModel):
    """Stock that was checked, and what was done with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: Area = Field(title="区域")
    checked: int = Field(title="检查数", description="Pieces.")
    nok: int = Field(title="不合格数", description="Pieces.")
    action: ContainmentAction = Field(title="措施")


class DispositionEntry(BaseModel):
    """What became of some pieces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: str = Field(title="处置")
    qty: int = Field(title="数量", description="Pieces.")


class FeedbackLedgerRow(LedgerRow):
    """One case in the failure feedback and disposition ledger."""

    seq: int = Field(title="序号", description="Running number within its year.")
    case_id: str = Field(title="反馈单ID")
    case_no: str = Field(title="反馈单号")
    received_at: Instant = Field(title="接收时间")
    channel: Channel = Field(title="反馈渠道")
    received_by: str = Field(title="接收人")
    customer_id: str = Field(title="顾客")
    customer_ref: str | None = Field(title="顾客投诉号")
    category: Category | None = Field(title="类别")
    severity: Severity | None = Field(title="等级")
    spec_code: str = Field(title="规格")
    drawing_no: str | None = Field(title="图号")
    lot_no: str | None = Field(title="生产批次")
    produced_on: date | None = Field(title="生产日期")
    vehicle_model: str | None = Field(title="装机车型/机型")
    mileage_km: int | None = Field(title="里程(km)")
    hours: int | None = Field(title="工时(h)")
    life_phase: LifePhase = Field(title="0公里/售后")
    failure_mode: str = Field(title="故障现象")
    occurred_on: date = Field(title="发生日期")
    occurred_on_estimated: bool = Field(title="发生日期为估计")
    occurred_quarter: str = Field(title="发生季度", examples=["2025Q1"])
    qty_reported: int = Field(title="报告数量", description="Pieces.")
    qty_confirmed: int | None = Field(title="确认数量", description="Pieces.")
    pieces: int = Field(title="件数", description="Confirmed, else reported.")
    quantity_alert: bool = Field(
        title="单次件数超标", description="R-02: once raised, an alert is kept."
    )
    customer_deadline: Instant | None = Field(title="顾客期限")
    acknowledged_at: Instant | None = Field(title="受理确认时间")
    customer_deadline_missed: bool = Field(default=False, title="顾客期限已超期")
    emergency: bool = Field(title="应急处置")
    emergency_required: bool = Field(
        title="须应急处置",
        description="R-11: the customer's deadline is over, or a department of ours was judged "
        "to blame before the final reply; nobody started an emergency action, and the customer "
        "has not accepted a reply.",
    )
    containment: tuple[ContainmentEntry, ...] = Field(title="遏制措施")
    forwarded_to: tuple[Department, ...] = Field(title="传递部门")
    forwarded_at: Instant | None = Field(title="传递时间")
    cause_code: str | None = Field(
        title="原因代码", description="Determined last and not rejected."
    )
    cause_approved: bool = Field(title="原因已批准")
    counted_cause: str | None = Field(
        title="计入原因",
        description="R-01: the cause that the case counts under; none: it does not count.",
    )
    responsibility_judged: bool = Field(title="责任已判定")
    responsibility: tuple[ResponsibilityShare, ...] = Field(
        title="责任", description="Empty where the warranty agreement's table decides."
    )
    replied_at: Instant | None = Field(title="回复时间", description="The last reply.")
    reply_outcome: Outcome | None = Field(title="回复结果")
    status: CaseStatus = Field(title="状态")
    closed_on: date | None = Field(title="关闭日")
    return_nos: tuple[str, ...] = Field(default=(), title="退货清单号")
    disposition: tuple[DispositionEntry, ...] = Field(default=(), title="处置")
    capa_nos: tuple[str, ...] = Field(default=(), title="CAPA号")
    recurs: bool = Field(
        default=False,
        title="是否重复发生",
        description="R-08: the last verdict says that it came back after its improvement.",
    )
    recurrence: RecurrenceStatus = Field(
        default=RecurrenceStatus.NOT_TESTED,
        title="重复发生判定",
        description="NOT_TESTED: no measure is against its cause.",
    )
    recurrence_capa_no: str | None = Field(
        default=None,
        title="重复发生对应CAPA号",
        description="The measure that it is compared with.",
    )
    earlier_case_nos: tuple[str, ...] = Field(
        default=(), title="此前反馈单号", description="The cases that this measure was taken for."
    )
    risk_project_nos: tuple[str, ...] = Field(
        default=(), title="风险管控项目编号", description="The projects that the case belongs to."
    )


BESIDE: Final = (
    "return_nos",
    "disposition",
    "capa_nos",
    "recurs",
    "recurrence",
    "recurrence_capa_no",
    "earlier_case_nos",
    "risk_project_nos",
)
"""What others say of a case: its own events leave it as it is."""


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The case that an event concerns."""
    event = recorded.event
    if isinstance(event, DeadlineMissed):
        return (event.subject_id,) if event.limit == OWN_DEADLINE else ()
    if isinstance(event, ReturnAnnounced | DispositionDecided):
        return (event.case_id,)
    if isinstance(event, CapaIssued):
        return () if event.case_id is None else (event.case_id,)
    if isinstance(event, RiskControlProjectOpened | OccurrenceLinked):
        about = event.occurrence
        return () if about is None or about.case_id is None else (about.case_id,)
    return (recorded.happened.to,)


def fold(row: FeedbackLedgerRow | None, recorded: Recorded, _key: str) -> FeedbackLedgerRow | None:
    """The row after an event; a case comes before what others say of it."""
    if isinstance(recorded.event, FEEDBACK_CASE.event_types):
        return of_case(recorded.happened.to, recorded.state, row)
    return row and row.model_copy(update=_told(row, recorded))


def _told(row: FeedbackLedgerRow, recorded: Recorded) -> dict[str, Any]:
    """The columns that an event of another record moves."""
    event = recorded.event
    match event:
        case ReturnAnnounced():
            return {"return_nos": (*row.return_nos, event.return_no)}
        case DispositionDecided():
            entry = DispositionEntry(outcome=event.outcome, qty=event.qty)
            return {"disposition": (*row.disposition, entry)}
        case CapaIssued():
            return {"capa_nos": (*row.capa_nos, event.capa_no)}
        case RecurrenceFact():
            return _recurrence(recorded.state)
        case RiskControlProjectOpened() | OccurrenceLinked():
            projects = dict.fromkeys((*row.risk_project_nos, event.project_no))
            return {"risk_project_nos": tuple(projects)}
        case _:  # the customer's deadline was missed
            late = not row.emergency and row.status not in DONE
            return {"customer_deadline_missed": True, "emergency_required": late}


def _recurrence(recurrence: Recurrence) -> dict[str, Any]:
    """How the question stands: dropped, there is nothing that it is compared with."""
    ground = recurrence.ground
    return {
        "recurs": recurrence.status is RecurrenceStatus.RECURRENCE,
        "recurrence": recurrence.status,
        "recurrence_capa_no": ground.capa_no if ground else None,
        "earlier_case_nos": recurrence.earlier_case_nos if ground else (),
    }


def of_case(case_id: str, case: FeedbackCase, row: FeedbackLedgerRow | None) -> FeedbackLedgerRow:
    """What a case itself says, beside what others said of it."""
    vehicle, judgement = case.vehicle, case.judgement
    missed = _deadline_missed(case, row)
    last = case.replies[-1] if case.replies else None
    return FeedbackLedgerRow(
        seq=int(case.case_no.rpartition("-")[2]),
        case_id=case_id,
        case_no=case.case_no,
        received_at=case.received_at,
        channel=case.channel,
        received_by=case.registered_by,
        customer_id=case.customer_id,
        customer_ref=case.customer_ref,
        category=case.category,
        severity=case.severity,
        spec_code=case.spec_code,
        drawing_no=case.drawing_no,
        lot_no=case.lot_no,
        produced_on=case.produced_on,
        vehicle_model=vehicle.model if vehicle else None,
        mileage_km=vehicle.mileage_km if vehicle else None,
        hours=vehicle.hours if vehicle else None,
        life_phase=case.life_phase,
        failure_mode=case.failure_mode,
        occurred_on=case.occurred_on,
        occurred_on_estimated=case.occurred_on_estimated,
        occurred_quarter=quarter_of(case.occurred_on),
        qty_reported=case.qty_reported,
        qty_confirmed=case.qty_confirmed,
        pieces=case.pieces,
        quantity_alert=case.quantity_alert is not None,
        customer_deadline=case.customer_deadline,
        acknowledged_at=case.acknowledged_at,
        customer_deadline_missed=missed,
        emergency=bool(case.emergency_actions),
        emergency_required=_emergency_required(case, missed=missed),
        containment=_containment(case),
        forwarded_to=case.forwarded_to,
        forwarded_at=case.forwarded_at,
        cause_code=case.current_cause_code,
        cause_approved=case.cause is not None and case.proposed_cause is None,
        counted_cause=case.counted_as.cause_code if case.counted_as else None,
        responsibility_judged=judgement is not None,
        responsibility=(judgement.shares or ()) if judgement else (),
        replied_at=last.replied_at if last else None,
        reply_outcome=last.outcome if last else None,
        status=case.status,
        closed_on=shanghai_day(case.closed_at) if case.closed_at else None,
        **({name: getattr(row, name) for name in BESIDE} if row else {}),
    )


def _containment(case: FeedbackCase) -> tuple[ContainmentEntry, ...]:
    return tuple(
        ContainmentEntry(area=c.area, checked=c.checked, nok=c.nok, action=c.action)
        for c in case.containments
    )


def _deadline_missed(case: FeedbackCase, row: FeedbackLedgerRow | None) -> bool:
    """Whether the deadline that stands was missed; one that was corrected is another one."""
    if row is None or row.customer_deadline != case.customer_deadline:
        return False
    return row.customer_deadline_missed


def _emergency_required(case: FeedbackCase, *, missed: bool) -> bool:
    """R-11: nothing was started although the customer cannot be answered in time."""
    if case.emergency_actions or case.status in DONE:
        return False
    internal = case.judgement is not None and case.judgement.blamed_department is not None
    waits = case.customer_deadline is not None and case.final_reply is None
    return missed or (internal and waits)


FEEDBACK_LEDGER: Final = Ledger[FeedbackLedgerRow](
    name="feedback_ledger",
    version=5,
    title="Failure feedback and disposition ledger",
    title_zh="故障信息反馈处置台账",
    clauses=("3.1", "3.3", "4.2.1", "4.2.2", "4.2.3", "4.6.1", "5.2"),
    row_type=FeedbackLedgerRow,
    event_types=(
        *FEEDBACK_CASE.event_types,
        ReturnAnnounced,
        DispositionDecided,
        CapaIssued,
        DeadlineMissed,
        *RECURRENCE.event_types,
        RiskControlProjectOpened,
        OccurrenceLinked,
    ),
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "case_no": "text",
        "received_at": "text",
        "occurred_on": "text",
        "customer_id": "text",
        "customer_ref": "text",
        "category": "text",
        "severity": "text",
        "spec_code": "text",
        "lot_no": "text",
        "life_phase": "text",
        "cause_code": "text",
        "occurred_quarter": "text",
        "counted_cause": "text",
        "pieces": "number",
        "status": "text",
        "emergency_required": "text",
        "recurs": "text",
        "recurrence": "text",
        "recurrence_capa_no": "text",
        "earlier_case_nos": "codes",
        "risk_project_nos": "codes",
    },
    sorts=("case_no", "received_at", "occurred_on"),
    filters={
        "case_no": Filter("case_no", "=", "反馈单号."),
        "customer_id": Filter("customer_id", "=", "顾客."),
        "customer_ref": Filter("customer_ref", "=", "顾客投诉号."),
        "category": Filter("category", "=", "类别."),
        "severity": Filter("severity", "=", "等级."),
        "spec_code": Filter("spec_code", "=", "规格."),
        "lot_no": Filter("lot_no", "=", "生产批次."),
        "life_phase": Filter("life_phase", "=", "0公里/售后."),
        "cause_code": Filter("cause_code", "=", "原因代码."),
        "counted_cause": Filter("counted_cause", "=", "计入原因: as R-01 counts."),
        "occurred_quarter": Filter("occurred_quarter", "=", "发生季度."),
        "status": Filter("status", "=", "状态."),
        "emergency_required": Filter("emergency_required", "=", "须应急处置 (R-11)."),
        "recurs": Filter("recurs", "=", "是否重复发生 (R-08)."),
        "recurrence": Filter("recurrence", "=", "重复发生判定; TO_DECIDE waits for QA."),
        "recurrence_capa_no": Filter(
            "recurrence_capa_no", "=", "重复发生对应CAPA号: cases compared with this measure."
        ),
        "earlier_case_no": Filter(
            "earlier_case_nos", "any", "此前反馈单号: cases compared with the measure of this one."
        ),
        "risk_project_no": Filter(
            "risk_project_nos", "any", "风险管控项目编号: the cases of a project."
        ),
        "occurred_from": Filter("occurred_on", ">=", "发生日期, from this day on."),
        "occurred_to": Filter("occurred_on", "<=", "发生日期, up to and including this day."),
        "received_from": Filter("received_at", ">=", "接收时间, from this instant on."),
        "received_to": Filter("received_at", "<=", "接收时间, up to this instant."),
    },
)
