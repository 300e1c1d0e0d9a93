"""现场服务台账 and 用户回访台账: who went to a customer, what was found and what came of it.

One row a visit, read from its state; that a service visit did not begin in time is folded from
the clock's event, and where its cost is counted from the cost entry. Clauses 3.4, 3.6 and 4.3.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from app.domain.cost_entry.events import CostRecorded
from app.domain.customer_visit.events import CUSTOMER_VISIT, CustomerVisit, Satisfaction
from app.domain.deadline.events import DeadlineMissed
from app.domain.feedback_case.state import Channel
from app.domain.money import Shown
from app.domain.service_visit.events import SERVICE_VISIT
from app.domain.service_visit.state import (
    ServiceVisit,
    ServiceWork,
    VisitProvince,
    VisitStatus,
)
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow

BEGIN_LIMIT: Final = "T5"
DONE: Final = frozenset({VisitStatus.COMPLETED, VisitStatus.CANCELLED})


class ServiceFindingEntry(BaseModel):
    """What was seen and done on the spot."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    work: ServiceWork = Field(title="服务内容")
    findings: str = Field(title="情况")
    qty: int = Field(title="件数", description="Pieces.")
    photos: tuple[str, ...] = Field(title="照片")
    recorded_by: str = Field(title="记录人")


class ServiceVisitsLedgerRow(LedgerRow):
    """One service visit."""

    service_visit_id: str = Field(title="现场服务ID")
    visit_no: str = Field(title="现场服务单号")
    case_id: str = Field(title="反馈单ID")
    case_no: str = Field(title="反馈单号")
    customer_id: str = Field(title="顾客")
    spec_code: str = Field(title="规格")
    person: str = Field(title="服务人员")
    place: str = Field(title="服务地点")
    province: VisitProvince = Field(title="省内/省外")
    purpose: str = Field(title="服务目的")
    bring: str | None = Field(title="携带物品")
    dispatched_by: str = Field(title="派出人")
    dispatched_at: Instant | None = Field(title="派出时间")
    start_by: Instant | None = Field(title="开始期限", description="T5.")
    started_at: Instant | None = Field(title="开始时间")
    began_late: bool = Field(default=False, title="未按期开始", description="T5 was missed.")
    findings: tuple[ServiceFindingEntry, ...] = Field(title="服务记录")
    works: tuple[ServiceWork, ...] = Field(title="服务内容", description="Each once.")
    completed_at: Instant | None = Field(title="完成时间")
    signed_by: str | None = Field(title="顾客签字人")
    signed_at: Instant | None = Field(title="签字时间")
    signed_doc_ref: str | None = Field(title="服务记录单号")
    not_signed_because: str | None = Field(title="未签字原因")
    travel: Shown | None = Field(title="差旅费")
    labour: Shown | None = Field(title="人工费")
    material: Shown | None = Field(title="材料费")
    cost: Shown | None = Field(title="费用合计")
    cost_corrected_because: str | None = Field(
        title="费用更正原因", description="Of the last correction."
    )
    cost_no: str | None = Field(
        default=None, title="费用号", description="The cost entry that counts it (R-03)."
    )
    cancelled_because: str | None = Field(title="取消原因")
    status: VisitStatus = Field(title="状态")
    is_open: bool = Field(title="未结")


def service_keys(recorded: Recorded) -> Iterable[str]:
    """The visit that an event concerns."""
    event = recorded.event
    if isinstance(event, DeadlineMissed):
        return (event.subject_id,) if event.limit == BEGIN_LIMIT else ()
    if isinstance(event, CostRecorded):
        return () if event.service_visit_id is None else (event.service_visit_id,)
    return (recorded.happened.to,)


def fold_service(
    row: ServiceVisitsLedgerRow | None, recorded: Recorded, key: str
) -> ServiceVisitsLedgerRow | None:
    """The row after an event; a visit comes before its limit is missed and its cost counted."""
    event = recorded.event
    if isinstance(event, DeadlineMissed):
        return row and row.model_copy(update={"began_late": True})
    if isinstance(event, CostRecorded):
        return row and row.model_copy(update={"cost_no": event.cost_no})
    visit: ServiceVisit = recorded.state
    signature = visit.customer_signature
    return ServiceVisitsLedgerRow(
        service_visit_id=key,
        visit_no=visit.visit_no,
        case_id=visit.case_id,
        case_no=visit.case_no,
        customer_id=visit.customer_id,
        spec_code=visit.spec_code,
        person=visit.person,
        place=visit.place,
        province=visit.province,
        purpose=visit.purpose,
        bring=visit.bring,
        dispatched_by=visit.dispatched_by,
        dispatched_at=visit.dispatched_at,
        start_by=visit.start_by,
        started_at=visit.started_at,
        began_late=row.began_late if row else False,
        findings=tuple(
            ServiceFindingEntry(
                work=each.work,
                findings=each.findings,
                qty=each.qty,
                photos=each.photos,
                recorded_by=each.recorded_by,
            )
            for each in visit.findings
        ),
        works=tuple(dict.fromkeys(each.work for each in visit.findings)),
        completed_at=visit.completed_at,
        signed_by=signature.name if signature else None,
        signed_at=signature.signed_at if signature else None,
        signed_doc_ref=signature.doc_ref if signature else None,
        not_signed_because=visit.not_signed_because,
        travel=visit.travel,
        labour=visit.labour,
        material=visit.material,
        cost=visit.cost,
        cost_corrected_because=next(reversed(visit.cost_corrected_because), None),
        cost_no=row.cost_no if row else None,
        cancelled_because=visit.cancelled_because,
        status=visit.status,
        is_open=visit.status not in DONE,
    )


SERVICE_VISITS_LEDGER: Final = Ledger[ServiceVisitsLedgerRow](
    name="service_visits_ledger",
    version=4,
    title="Service visits",
    title_zh="现场服务台账",
    clauses=("3.2", "3.6", "4.3"),
    row_type=ServiceVisitsLedgerRow,
    event_types=(*SERVICE_VISIT.event_types, DeadlineMissed, CostRecorded),
    keys_of=service_keys,
    fold_row=fold_service,
    columns={
        "visit_no": "text",
        "case_no": "text",
        "customer_id": "text",
        "spec_code": "text",
        "person": "text",
        "province": "text",
        "dispatched_at": "text",
        "start_by": "text",
        "began_late": "text",
        "works": "codes",
        "completed_at": "text",
        "cost_no": "text",
        "status": "text",
        "is_open": "text",
    },
    sorts=("visit_no", "dispatched_at", "start_by"),
    filters={
        "visit_no": Filter("visit_no", "=", "现场服务单号."),
        "case_no": Filter("case_no", "=", "反馈单号."),
        "customer_id": Filter("customer_id", "=", "顾客."),
        "spec_code": Filter("spec_code", "=", "规格."),
        "person": Filter("person", "=", "服务人员."),
        "province": Filter("province", "=", "省内/省外."),
        "work": Filter("works", "any", "服务内容: visits with such work."),
        "cost_no": Filter("cost_no", "=", "费用号."),
        "began_late": Filter("began_late", "=", "未按期开始 (T5)."),
        "status": Filter("status", "=", "状态."),
        "open": Filter("is_open", "=", "未结."),
        "start_by_to": Filter("start_by", "<=", "开始期限, up to this instant."),
        "dispatched_from": Filter("dispatched_at", ">=", "派出时间, from this instant on."),
        "dispatched_to": Filter("dispatched_at", "<=", "派出时间, up to this instant."),
        "completed_from": Filter("completed_at", ">=", "完成时间, from this instant on."),
        "completed_to": Filter("completed_at", "<=", "完成时间, up to this instant."),
    },
)


class CustomerVisitsLedgerRow(LedgerRow):
    """One customer visit."""

    customer_visit_id: str = Field(title="用户回访ID")
    visit_no: str = Field(title="回访单号")
    customer_id: str = Field(title="顾客")
    case_nos: tuple[str, ...] = Field(title="反馈单号")
    visited_on: date = Field(title="回访日期")
    channel: Channel = Field(title="回访方式")
    place: str | None = Field(title="地点")
    participants: tuple[str, ...] = Field(title="参加人")
    findings: str = Field(title="回访情况")
    satisfaction: Satisfaction | None = Field(title="满意程度")
    technical_service: str | None = Field(title="技术服务")
    follow_up: str | None = Field(title="后续事项")
    doc_ref: str | None = Field(title="记录单号")
    recorded_by: str = Field(title="记录人")


def customer_keys(recorded: Recorded) -> Iterable[str]:
    """The visit that an event concerns."""
    return (recorded.happened.to,)


def fold_customer(
    _row: CustomerVisitsLedgerRow | None, recorded: Recorded, key: str
) -> CustomerVisitsLedgerRow:
    """The row after the one event."""
    visit: CustomerVisit = recorded.state
    return CustomerVisitsLedgerRow(
        customer_visit_id=key,
        visit_no=visit.visit_no,
        customer_id=visit.customer_id,
        case_nos=visit.case_nos,
        visited_on=visit.visited_on,
        channel=visit.channel,
        place=visit.place,
        participants=visit.participants,
        findings=visit.findings,
        satisfaction=visit.satisfaction,
        technical_service=visit.technical_service,
        follow_up=visit.follow_up,
        doc_ref=visit.doc_ref,
        recorded_by=visit.recorded_by,
    )


CUSTOMER_VISITS_LEDGER: Final = Ledger[CustomerVisitsLedgerRow](
    name="customer_visits_ledger",
    version=3,
    title="Customer visits",
    title_zh="用户回访台账",
    clauses=("3.4",),
    row_type=CustomerVisitsLedgerRow,
    event_types=CUSTOMER_VISIT.event_types,
    keys_of=customer_keys,
    fold_row=fold_customer,
    columns={
        "visit_no": "text",
        "customer_id": "text",
        "case_nos": "codes",
        "visited_on": "text",
        "channel": "text",
        "satisfaction": "text",
    },
    sorts=("visit_no", "visited_on"),
    filters={
        "visit_no": Filter("visit_no", "=", "回访单号."),
        "customer_id": Filter("customer_id", "=", "顾客."),
        "case_no": Filter("case_nos", "any", "反馈单号: visits that were about it."),
        "channel": Filter("channel", "=", "回访方式."),
        "satisfaction": Filter("satisfaction", "=", "满意程度."),
        "visited_from": Filter("visited_on", ">=", "回访日期, from this day on."),
        "visited_to": Filter("visited_on", "<=", "回访日期, up to and including this day."),
    },
)
