"""R2 《售后调查申诉书》台账: what we told customers about claims that should not stand as they are.

One row an appeal statement, read from its state. Clauses 4.4, 4.5 and 5.2.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from pydantic import Field

from app.domain.appeal.events import APPEAL
from app.domain.appeal.state import (
    Appeal,
    AppealGround,
    AppealReply,
    AppealStatus,
    AppealVerdict,
    GroundCode,
    RequestedOutcome,
)
from app.domain.money import Shown
from app.domain.values import shanghai_day
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow

DONE: Final = frozenset({AppealStatus.ANSWERED, AppealStatus.WITHDRAWN})


class AppealsLedgerRow(LedgerRow):
    """One investigation and appeal statement."""

    appeal_id: str = Field(title="申诉书ID")
    appeal_no: str = Field(title="申诉书号")
    claim_id: str = Field(title="索赔ID")
    claim_no: str = Field(title="索赔号")
    customer_id: str = Field(title="顾客")
    notice_no: str = Field(title="索赔通知号")
    notice_received_at: Instant = Field(title="索赔通知日")
    objection_due: Instant = Field(title="申诉截止")
    claimed: Shown = Field(title="索赔金额")
    claimed_pieces: int = Field(title="涉及件数")
    received_pieces: int = Field(title="收到件数")
    tests: str = Field(title="分析方法")
    findings: str = Field(title="分析结果")
    photos: tuple[str, ...] = Field(title="照片")
    verdict: AppealVerdict = Field(title="判定")
    grounds: tuple[AppealGround, ...] = Field(title="申诉理由")
    ground_codes: tuple[GroundCode, ...] = Field(title="申诉理由代码")
    evidence: tuple[str, ...] = Field(title="证据")
    requested: RequestedOutcome = Field(title="要求")
    reduce_to: Shown | None = Field(title="要求减至")
    company_bps: int | None = Field(title="要求我方比例(基点)", description="7000 is 70 %.")
    revision: int = Field(title="修改次数", description="1 is the first draft.")
    prepared_by: tuple[str, ...] = Field(title="编制")
    reviewed_by: str | None = Field(title="审核")
    approved_by: str | None = Field(title="批准")
    submitted_at: Instant | None = Field(title="提交日")
    submitted_by: str | None = Field(title="提交人")
    customer_answer: AppealReply | None = Field(title="顾客答复")
    answered_at: Instant | None = Field(title="答复时间")
    answered_on: date | None = Field(title="答复日", description="The day in Shanghai.")
    result: Shown | None = Field(
        title="结果", description="What is still to be paid, where both sides agreed on it."
    )
    withdrawn_because: str | None = Field(title="撤回原因")
    status: AppealStatus = Field(title="状态")
    is_open: bool = Field(title="未结", description="Neither answered nor withdrawn.")


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The appeal that an event concerns."""
    return (recorded.happened.to,)


def fold(_row: AppealsLedgerRow | None, recorded: Recorded, key: str) -> AppealsLedgerRow:
    """The row after an event."""
    appeal: Appeal = recorded.state
    answer = appeal.answer
    return AppealsLedgerRow(
        appeal_id=key,
        appeal_no=appeal.appeal_no,
        claim_id=appeal.claim_id,
        claim_no=appeal.claim_no,
        customer_id=appeal.customer_id,
        notice_no=appeal.notice_no,
        notice_received_at=appeal.notice_received_at,
        objection_due=appeal.objection_until,
        claimed=appeal.claimed,
        claimed_pieces=appeal.claimed_pieces,
        received_pieces=appeal.received_pieces,
        tests=appeal.tests,
        findings=appeal.findings,
        photos=appeal.photos,
        verdict=appeal.verdict,
        grounds=appeal.grounds,
        ground_codes=tuple(dict.fromkeys(each.code for each in appeal.grounds)),
        evidence=appeal.evidence,
        requested=appeal.requested,
        reduce_to=appeal.reduce_to,
        company_bps=appeal.company_bps,
        revision=appeal.revision,
        prepared_by=appeal.prepared_by,
        reviewed_by=appeal.reviewed_by,
        approved_by=appeal.approved_by,
        submitted_at=appeal.submitted_at,
        submitted_by=appeal.submitted_by,
        customer_answer=answer.outcome if answer else None,
        answered_at=answer.answered_at if answer else None,
        answered_on=shanghai_day(answer.answered_at) if answer else None,
        result=answer.agreed if answer else None,
        withdrawn_because=appeal.withdrawn_because,
        status=appeal.status,
        is_open=appeal.status not in DONE,
    )


APPEALS_LEDGER: Final = Ledger[AppealsLedgerRow](
    name="appeals_ledger",
    version=3,
    title="Investigation and appeal statements",
    title_zh="售后调查申诉书台账",
    clauses=("4.4", "4.5", "5.2"),
    row_type=AppealsLedgerRow,
    event_types=APPEAL.event_types,
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "appeal_no": "text",
        "claim_no": "text",
        "customer_id": "text",
        "notice_no": "text",
        "objection_due": "text",
        "verdict": "text",
        "ground_codes": "codes",
        "requested": "text",
        "submitted_at": "text",
        "customer_answer": "text",
        "status": "text",
        "is_open": "text",
    },
    sorts=("appeal_no", "objection_due"),
    filters={
        "appeal_no": Filter("appeal_no", "=", "申诉书号."),
        "claim_no": Filter("claim_no", "=", "索赔号."),
        "customer_id": Filter("customer_id", "=", "顾客."),
        "notice_no": Filter("notice_no", "=", "索赔通知号."),
        "verdict": Filter("verdict", "=", "判定."),
        "ground": Filter("ground_codes", "any", "申诉理由: appeals that name it."),
        "requested": Filter("requested", "=", "要求."),
        "customer_answer": Filter("customer_answer", "=", "顾客答复."),
        "status": Filter("status", "=", "状态."),
        "open": Filter("is_open", "=", "未结."),
        "objection_due_to": Filter("objection_due", "<=", "申诉截止, up to this instant."),
        "submitted_from": Filter("submitted_at", ">=", "提交日, from this instant on."),
        "submitted_to": Filter("submitted_at", "<=", "提交日, up to this instant."),
    },
)
