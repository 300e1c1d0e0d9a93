"""R3 《售后管理台账》: which claims customers made on us, and what became of them.

One row a claim. What the claim itself says is read from its state; what escalations and CAPA say
of it is folded from their events. Clauses 4.5 and 5.2.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from app.domain.capa.events import CapaIssued
from app.domain.claim.events import CLAIM, Claim, ClaimStatus
from app.domain.claim.words import (
    LineType,
    SettlementMethod,
    SharesSource,
    SpecPieces,
    VerificationMode,
)
from app.domain.escalation.events import (
    AccountabilityKind,
    AccountabilityRecorded,
    ClaimLinkedToEscalation,
    EscalationRaised,
    ReasonCode,
)
from app.domain.money import Shown
from app.domain.values import Department, Party, shanghai_day
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow


class ClaimShareEntry(BaseModel):
    """What one party bears."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: Party = Field(title="责任方")
    party_id: str | None = Field(title="责任方代码")
    bps: int = Field(title="比例(基点)", description="7000 is 70 %.")
    amount: Shown = Field(title="金额")


class AccountabilityEntry(BaseModel):
    """Who was held accountable, and what followed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: AccountabilityKind = Field(title="当事人/部门领导")
    person_id: str = Field(title="责任人")
    department: Department = Field(title="部门")
    measure: str = Field(title="措施")


class EscalationEntry(BaseModel):
    """An escalation that the claim is in; no reasons: it was linked to an open one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    escalation_id: str = Field(title="上报事项ID")
    escalation_no: str = Field(title="上报事项号")
    reasons: tuple[ReasonCode, ...] = Field(title="上报原因")


class ClaimsLedgerRow(LedgerRow):
    """One claim in the after-sales management ledger."""

    claim_id: str = Field(title="索赔ID")
    claim_no: str = Field(title="索赔号")
    filing_no: str | None = Field(title="归档号")
    filed: bool = Field(title="已归档")
    filed_on: date | None = Field(title="归档日")
    file_by: Instant | None = Field(title="归档期限", description="R-07; none: not confirmed.")
    notice_no: str = Field(title="索赔通知号")
    notice_on: date = Field(title="通知日", description="The day in Shanghai.")
    objection_until: Instant = Field(title="异议截止")
    customer_id: str = Field(title="顾客")
    failure_on: date = Field(title="故障日期")
    agreement_version: str | None = Field(
        title="协议版本", description="By which it was split.", examples=["AG-C01-2025 v1"]
    )
    case_nos: tuple[str, ...] = Field(title="反馈单号")
    specs: tuple[SpecPieces, ...] = Field(title="规格/数量")
    spec_codes: tuple[str, ...] = Field(title="规格")
    cause_code: str | None = Field(title="故障原因")
    material: Shown = Field(title="材料费", description="As claimed, like every cost column.")
    labour: Shown = Field(title="工时费")
    auxiliary: Shown = Field(title="辅料费")
    freight: Shown = Field(title="运费")
    travel: Shown = Field(title="差旅费")
    line_stop: Shown = Field(title="停线费")
    management_fee: Shown = Field(title="管理费")
    other: Shown = Field(title="其他费用")
    claimed: Shown = Field(title="索赔金额")
    foreign_currency: str | None = Field(
        title="原币币种", description="Where the notice is in another currency than CNY."
    )
    foreign_claimed: str | None = Field(title="原币索赔金额")
    exchange_rate: str | None = Field(title="汇率", description="CNY for one unit.")
    tax_included: bool = Field(title="含税")
    verification_mode: VerificationMode | None = Field(title="飞行确认方式")
    verified_by: str | None = Field(title="飞行确认人")
    verified_on: date | None = Field(title="飞行确认日")
    confirmed: Shown | None = Field(title="确认金额")
    confirmed_by: str | None = Field(title="金额确认人")
    confirmed_on: date | None = Field(title="确认日", description="It decides the agreement year.")
    amount: Shown | None = Field(
        title="现行金额", description="Confirmed, then adjusted; none: not confirmed, or cancelled."
    )
    shares: tuple[ClaimShareEntry, ...] = Field(title="责任比例")
    shares_source: SharesSource | None = Field(title="比例来源")
    company_borne: Shown | None = Field(title="我方承担")
    cost: Shown = Field(
        title="计入费用",
        description="R-03: what the year of its confirmation counts; all of it until it is split.",
    )
    counts: bool = Field(
        title="计入件次", description="R-05: whether it counts against its specifications."
    )
    adjusted_from: Shown | None = Field(title="调整前金额", description="Of the last adjustment.")
    change_reason: str | None = Field(
        title="调整/取消原因", description="Of the last adjustment, or why the claim ended."
    )
    change_approved_by: str | None = Field(title="调整/取消批准人")
    spec_count: int | None = Field(
        title="同规格累计",
        description="Claims of its most claimed specification in the window, when confirmed.",
    )
    escalated: bool = Field(title="是否上报")
    escalations: tuple[EscalationEntry, ...] = Field(title="上报事项")
    capa_nos: tuple[str, ...] = Field(title="CAPA号")
    accountability: tuple[AccountabilityEntry, ...] = Field(title="责任追究")
    settled_on: date | None = Field(title="结算日")
    settlement_method: SettlementMethod | None = Field(title="结算方式")
    settlement_voucher: str | None = Field(title="结算凭证号")
    settled: Shown | None = Field(title="结算金额")
    recovered: Shown = Field(title="已追偿金额", description="Paid back by third parties.")
    status: ClaimStatus = Field(title="状态")
    closed_on: date | None = Field(title="关闭日")


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The claim that an event concerns."""
    event = recorded.event
    if isinstance(event, EscalationRaised | ClaimLinkedToEscalation | AccountabilityRecorded):
        return (event.claim_id,)
    if isinstance(event, CapaIssued):
        return () if event.claim_id is None else (event.claim_id,)
    return (recorded.happened.to,)


def fold(row: ClaimsLedgerRow | None, recorded: Recorded, _key: str) -> ClaimsLedgerRow | None:
    """The row after an event; a claim comes before its escalations."""
    event = recorded.event
    if row is not None and isinstance(event, EscalationRaised | ClaimLinkedToEscalation):
        if any(each.escalation_id == recorded.happened.to for each in row.escalations):
            return row  # linked for one more of its specifications
        entry = _escalation_entry(recorded.happened.to, event)
        return row.model_copy(update={"escalated": True, "escalations": (*row.escalations, entry)})
    if row is not None and isinstance(event, AccountabilityRecorded):
        person = AccountabilityEntry(
            kind=event.kind,
            person_id=event.person_id,
            department=event.department,
            measure=event.measure,
        )
        return row.model_copy(update={"accountability": (*row.accountability, person)})
    if row is not None and isinstance(event, CapaIssued):
        return row.model_copy(update={"capa_nos": (*row.capa_nos, event.capa_no)})
    return of_claim(recorded.happened.to, recorded.state, row)


def _escalation_entry(
    escalation_id: str, event: EscalationRaised | ClaimLinkedToEscalation
) -> EscalationEntry:
    reasons: tuple[ReasonCode, ...] = ()
    if isinstance(event, EscalationRaised):
        reasons = tuple(dict.fromkeys(each.code for each in event.reasons))
    return EscalationEntry(
        escalation_id=escalation_id, escalation_no=event.escalation_no, reasons=reasons
    )


def of_claim(claim_id: str, claim: Claim, row: ClaimsLedgerRow | None) -> ClaimsLedgerRow:
    """What a claim itself says, beside what others said of it."""
    said = (
        {"claim_id": claim_id}
        | _notice(claim)
        | _costs(claim)
        | _confirmed(claim)
        | _shared(claim)
        | _ended(claim)
    )
    beside = {
        "escalated": row.escalated if row else False,
        "escalations": row.escalations if row else (),
        "capa_nos": row.capa_nos if row else (),
        "accountability": row.accountability if row else (),
    }
    return ClaimsLedgerRow.model_validate(said | beside)


def _notice(claim: Claim) -> dict[str, object]:
    filing = claim.filing
    return {
        "claim_no": claim.claim_no,
        "filing_no": filing.filing_no if filing else None,
        "filed": filing is not None,
        "filed_on": shanghai_day(filing.filed_at) if filing else None,
        "notice_no": claim.notice_no,
        "notice_on": shanghai_day(claim.notice_received_at),
        "objection_until": claim.objection_until,
        "customer_id": claim.customer_id,
        "failure_on": claim.failure_on,
        "case_nos": claim.case_nos,
        "specs": claim.specs,
        "spec_codes": tuple(each.spec_code for each in claim.specs),
        "tax_included": claim.tax_included,
        "status": claim.status,
    }


COST_COLUMNS: Final = {
    LineType.MATERIAL: "material",
    LineType.LABOUR: "labour",
    LineType.AUXILIARY: "auxiliary",
    LineType.FREIGHT: "freight",
    LineType.TRAVEL: "travel",
    LineType.LINE_STOP: "line_stop",
    LineType.MGMT_FEE: "management_fee",
    LineType.OTHER: "other",
}


def _costs(claim: Claim) -> dict[str, object]:
    sums = dict.fromkeys(COST_COLUMNS.values(), 0)
    for each in claim.lines:
        sums[COST_COLUMNS[each.type]] += each.amount
    foreign = claim.foreign
    return {
        **sums,
        "claimed": claim.claimed,
        "foreign_currency": foreign.currency if foreign else None,
        "foreign_claimed": foreign.claimed_total if foreign else None,
        "exchange_rate": foreign.rate if foreign else None,
    }


def _confirmed(claim: Claim) -> dict[str, object]:
    confirmation = claim.confirmation
    last = claim.verifications[-1] if claim.verifications else None
    standings = confirmation.spec_standings if confirmation else ()
    return {
        "verification_mode": last.mode if last else None,
        "verified_by": last.verified_by if last else None,
        "verified_on": shanghai_day(last.to_at) if last else None,
        "confirmed": confirmation.amount if confirmation else None,
        "confirmed_by": confirmation.confirmed_by if confirmation else None,
        "confirmed_on": confirmation.confirmed_on if confirmation else None,
        "file_by": confirmation.file_by if confirmation else None,
        "spec_count": max((each.claims for each in standings), default=None),
        "amount": claim.amount,
    }


def _shared(claim: Claim) -> dict[str, object]:
    split = claim.split
    return {
        "agreement_version": f"{split.agreement_no} v{split.agreement_version}" if split else None,
        "cause_code": split.cause_code if split else None,
        "shares": tuple(
            ClaimShareEntry(
                party=each.party, party_id=each.party_id, bps=each.bps, amount=each.amount
            )
            for each in claim.shares
        ),
        "shares_source": claim.shares_source,
        "cost": claim.counted_cost,
        "counts": claim.counts,
        "company_borne": claim.share_of(Party.COMPANY) if claim.shares else None,
    }


def _ended(claim: Claim) -> dict[str, object]:
    last = claim.adjustments[-1] if claim.adjustments else None
    ending, settlement = claim.ending, claim.settlement
    reason = ending.reason if ending else last.reason if last else None
    approver = ending.ended_by if ending else last.approved_by if last else None
    return {
        "adjusted_from": last.old_total if last else None,
        "change_reason": reason,
        "change_approved_by": approver,
        "settled_on": shanghai_day(settlement.settled_at) if settlement else None,
        "settlement_method": settlement.method if settlement else None,
        "settlement_voucher": settlement.voucher if settlement else None,
        "settled": settlement.amount if settlement else None,
        "recovered": sum(each.received for each in claim.recoveries),
        "closed_on": shanghai_day(claim.closed_at) if claim.closed_at else None,
    }


CLAIMS_LEDGER: Final = Ledger[ClaimsLedgerRow](
    name="claims_ledger",
    version=4,
    title="After-sales management ledger",
    title_zh="售后管理台账",
    clauses=("4.5", "5.2"),
    row_type=ClaimsLedgerRow,
    event_types=(
        *CLAIM.event_types,
        EscalationRaised,
        ClaimLinkedToEscalation,
        AccountabilityRecorded,
        CapaIssued,
    ),
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "claim_no": "text",
        "notice_no": "text",
        "filing_no": "text",
        "notice_on": "text",
        "failure_on": "text",
        "confirmed_on": "text",
        "file_by": "text",
        "filed": "text",
        "customer_id": "text",
        "cause_code": "text",
        "status": "text",
        "escalated": "text",
        "cost": "money",
        "amount": "money",
        "claimed": "money",
        "recovered": "money",
        "spec_codes": "codes",
        "case_nos": "codes",
    },
    sorts=("claim_no", "notice_on", "failure_on"),
    filters={
        "claim_no": Filter("claim_no", "=", "索赔号."),
        "notice_no": Filter("notice_no", "=", "索赔通知号."),
        "filing_no": Filter("filing_no", "=", "归档号."),
        "filed": Filter("filed", "=", "已归档."),
        "file_by_to": Filter(
            "file_by",
            "<=",
            "归档期限, up to this instant; with filed=false the overdue ones (R-07).",
        ),
        "customer_id": Filter("customer_id", "=", "顾客."),
        "spec_code": Filter("spec_codes", "any", "规格: claims that are about it."),
        "case_no": Filter("case_nos", "any", "反馈单号: claims that are about it."),
        "cause_code": Filter("cause_code", "=", "故障原因."),
        "status": Filter("status", "=", "状态."),
        "escalated": Filter("escalated", "=", "是否上报."),
        "notice_from": Filter("notice_on", ">=", "通知日, from this day on."),
        "notice_to": Filter("notice_on", "<=", "通知日, up to and including this day."),
        "failure_from": Filter("failure_on", ">=", "故障日期, from this day on."),
        "failure_to": Filter("failure_on", "<=", "故障日期, up to and including this day."),
        "confirmed_from": Filter("confirmed_on", ">=", "确认日, from this day on."),
        "confirmed_to": Filter("confirmed_on", "<=", "确认日, up to and including this day."),
    },
)
