"""上报事项台账: what went to the general manager, what is open and what it still lacks.

One row an escalation, read from its state. Clause 4.5.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.escalation.events import (
    ESCALATION,
    Duty,
    Escalation,
    EscalationStatus,
    Ground,
    ReasonCode,
)
from app.domain.values import shanghai_day
from app.events.recorded import Recorded
from app.projections.claims_ledger import AccountabilityEntry
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow


class EscalationReasonEntry(BaseModel):
    """A rule that fired, what it saw, and what there is to see now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: ReasonCode = Field(title="上报原因")
    rule_id: str = Field(title="规则")
    observed: int = Field(title="判定值", description="In `unit`.")
    threshold: int = Field(title="限值", description="In `unit`.")
    observed_now: int = Field(title="现值", description="In `unit`.")
    unit: str = Field(title="单位", description="FEN: 50000 is CNY 500.00.")
    spec_code: str | None = Field(title="规格")
    window: str | None = Field(title="统计区间")


class TraceEntry(BaseModel):
    """One round of tracing and screening."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lots: tuple[str, ...] = Field(title="批次")
    stock_checked: int = Field(title="排查数", description="Pieces.")
    nok: int = Field(title="不合格数", description="Pieces.")
    findings: str = Field(title="排查结果")
    recorded_on: date = Field(title="记录日")


class EscalationsLedgerRow(LedgerRow):
    """One escalation."""

    escalation_id: str = Field(title="上报事项ID")
    escalation_no: str = Field(title="上报事项号")
    raised_at: Instant | None = Field(title="上报时间")
    claim_id: str = Field(title="索赔ID")
    claim_no: str = Field(title="索赔号", description="The claim that raised it.")
    customer_id: str = Field(title="顾客")
    spec_code: str | None = Field(title="规格")
    reasons: tuple[EscalationReasonEntry, ...] = Field(title="上报原因")
    reason_codes: tuple[Literal["AMOUNT", "SPEC_COUNT"], ...] = Field(title="上报原因代码")
    linked_claim_nos: tuple[str, ...] = Field(title="关联索赔", description="Added while open.")
    claim_nos: tuple[str, ...] = Field(title="全部索赔")
    acknowledge_by: Instant | None = Field(title="确认期限", description="T13.")
    acknowledged_at: Instant | None = Field(title="总经理确认时间")
    acknowledged_by: str | None = Field(title="确认人")
    instruction: str | None = Field(title="批示")
    traces: tuple[TraceEntry, ...] = Field(title="追溯和排查")
    capa_requested_for: tuple[str, ...] = Field(title="要求纠正预防措施的规格")
    capa_nos: tuple[str, ...] = Field(title="CAPA号")
    accountability: tuple[AccountabilityEntry, ...] = Field(title="责任追究")
    missing: tuple[Duty, ...] = Field(
        title="尚缺", description="What must be done before it can be closed."
    )
    missing_count: int = Field(title="尚缺项数")
    status: EscalationStatus = Field(title="状态")
    is_open: bool = Field(title="未关闭")
    closed_at: Instant | None = Field(title="关闭时间")
    closed_on: date | None = Field(title="关闭日")
    summary: str | None = Field(title="关闭说明")


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The escalation that an event concerns."""
    return (recorded.happened.to,)


def fold(_row: EscalationsLedgerRow | None, recorded: Recorded, key: str) -> EscalationsLedgerRow:
    """The row after an event."""
    escalation: Escalation = recorded.state
    linked = tuple(each.claim_no for each in escalation.linked_claims)
    closed_at = escalation.closed_at
    return EscalationsLedgerRow(
        escalation_id=key,
        escalation_no=escalation.escalation_no,
        raised_at=escalation.raised_at,
        claim_id=escalation.claim_id,
        claim_no=escalation.claim_no,
        customer_id=escalation.customer_id,
        spec_code=escalation.spec_code,
        reasons=tuple(_reason(each) for each in escalation.reasons),
        reason_codes=tuple(dict.fromkeys(each.code for each in escalation.reasons)),
        linked_claim_nos=linked,
        claim_nos=tuple(dict.fromkeys((escalation.claim_no, *linked))),
        acknowledge_by=escalation.acknowledge_by,
        acknowledged_at=escalation.acknowledged_at,
        acknowledged_by=escalation.acknowledged_by,
        instruction=escalation.instruction,
        traces=tuple(
            TraceEntry(
                lots=each.lots,
                stock_checked=each.stock_checked,
                nok=each.nok,
                findings=each.findings,
                recorded_on=shanghai_day(each.recorded_at),
            )
            for each in escalation.traces
        ),
        capa_requested_for=escalation.capa_requested_for,
        capa_nos=tuple(each.capa_no for each in escalation.capas),
        accountability=tuple(
            AccountabilityEntry(
                kind=each.kind,
                person_id=each.person_id,
                department=each.department,
                measure=each.measure,
            )
            for each in escalation.accountability
        ),
        missing=escalation.missing,
        missing_count=len(escalation.missing),
        status=escalation.status,
        is_open=escalation.status is not EscalationStatus.CLOSED,
        closed_at=closed_at,
        closed_on=shanghai_day(closed_at) if closed_at else None,
        summary=escalation.summary,
    )


def _reason(ground: Ground) -> EscalationReasonEntry:
    return EscalationReasonEntry(
        code=ground.code,
        rule_id=ground.decision.rule_id,
        observed=ground.decision.observed,
        threshold=ground.decision.threshold,
        observed_now=ground.observed_now,
        unit=ground.decision.unit,
        spec_code=ground.spec_code,
        window=ground.window,
    )


ESCALATIONS_LEDGER: Final = Ledger[EscalationsLedgerRow](
    name="escalations_ledger",
    version=3,
    title="Escalations to the general manager",
    title_zh="上报事项台账",
    clauses=("4.5",),
    row_type=EscalationsLedgerRow,
    event_types=ESCALATION.event_types,
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "escalation_no": "text",
        "raised_at": "text",
        "customer_id": "text",
        "spec_code": "text",
        "reason_codes": "codes",
        "claim_nos": "codes",
        "capa_nos": "codes",
        "acknowledge_by": "text",
        "missing": "codes",
        "missing_count": "number",
        "status": "text",
        "is_open": "text",
    },
    sorts=("escalation_no", "raised_at", "acknowledge_by", "missing_count"),
    filters={
        "escalation_no": Filter("escalation_no", "=", "上报事项号."),
        "customer_id": Filter("customer_id", "=", "顾客."),
        "spec_code": Filter("spec_code", "=", "规格."),
        "reason": Filter("reason_codes", "any", "上报原因: AMOUNT or SPEC_COUNT."),
        "claim_no": Filter("claim_nos", "any", "索赔: escalations that it raised or is linked to."),
        "capa_no": Filter("capa_nos", "any", "CAPA号."),
        "missing": Filter(
            "missing",
            "any",
            "尚缺: TRACE, CAPA, ACCOUNTABILITY, ACCOUNTABILITY_PERSON or ACCOUNTABILITY_LEADER.",
        ),
        "missing_count_to": Filter(
            "missing_count", "<=", "尚缺项数; with 0 and open=true those that can be closed."
        ),
        "status": Filter("status", "=", "状态."),
        "open": Filter("is_open", "=", "未关闭."),
        "acknowledge_by_to": Filter(
            "acknowledge_by",
            "<=",
            "确认期限, up to this instant; with status=RAISED the overdue ones (T13).",
        ),
        "raised_from": Filter("raised_at", ">=", "上报时间, from this instant on."),
        "raised_to": Filter("raised_at", "<=", "上报时间, up to this instant."),
    },
)
