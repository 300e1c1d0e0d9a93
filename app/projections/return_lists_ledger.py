"""R6 《退货清单》: which parts came back, what was found in them and what became of them.

One row a list with its lines, read from its state. Clauses 3.2, 4.4 and 5.2.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from app.domain.return_list.events import RETURN_LIST
from app.domain.return_list.state import (
    DispositionOutcome,
    PartStatus,
    ReturnLine,
    ReturnList,
    ReturnStatus,
)
from app.domain.values import Party, shanghai_day
from app.events.recorded import Recorded
from app.projections.feedback_ledger import DispositionEntry
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow


class PartFindingEntry(BaseModel):
    """What the tests say of one part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    part: int = Field(title="件序号")
    finding: PartStatus = Field(title="检验结果", description="Or the test that comes next.")


class ReturnLineEntry(BaseModel):
    """One line of a return list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int = Field(title="行号")
    spec_code: str = Field(title="规格")
    lot_no: str | None = Field(title="批次")
    produced_on: date | None = Field(title="生产日期")
    part_id: str | None = Field(title="件号/追溯码")
    qty_announced: int = Field(title="通知数量", description="Pieces.")
    qty_received: int = Field(title="实收数量", description="Pieces.")
    findings: tuple[PartFindingEntry, ...] = Field(
        title="检验结果", description="Of every part that was tested."
    )
    disposition: tuple[DispositionEntry, ...] = Field(title="处置")


class ReturnListsLedgerRow(LedgerRow):
    """One return list."""

    return_list_id: str = Field(title="退货清单ID")
    return_no: str = Field(title="清单号")
    case_id: str = Field(title="反馈单ID")
    case_no: str = Field(title="反馈单号")
    customer_id: str = Field(title="顾客")
    reason: str = Field(title="退货原因")
    authorisation_no: str | None = Field(title="授权号")
    carriers: tuple[str, ...] = Field(title="承运商")
    waybills: tuple[str, ...] = Field(title="运单")
    qty_announced: int = Field(title="通知数量", description="Pieces on all lines.")
    qty_received: int = Field(title="实收数量", description="Pieces on all lines.")
    differs: bool = Field(title="数量差异", description="More or fewer came than announced.")
    mileage_km: int | None = Field(title="里程(km)")
    hours: int | None = Field(title="使用时间(h)")
    failure_mode: str | None = Field(title="故障现象")
    lines: tuple[ReturnLineEntry, ...] = Field(title="明细")
    spec_codes: tuple[str, ...] = Field(title="规格")
    lot_nos: tuple[str, ...] = Field(title="批次")
    location: str | None = Field(title="隔离位置")
    first_received_at: Instant | None = Field(title="首次到货时间")
    fully_received: bool = Field(title="已收齐")
    findings: tuple[PartStatus, ...] = Field(title="检验结果", description="Each once.")
    outcomes: tuple[DispositionOutcome, ...] = Field(title="处置", description="Each once.")
    replacement_deliveries: tuple[str, ...] = Field(title="换货发运单")
    qty_replacement_owed: int = Field(title="待换货数量", description="Decided and not shipped.")
    responsibility: Party | None = Field(
        title="责任", description="The main party, as judged at the last disposition or the close."
    )
    status: ReturnStatus = Field(title="状态")
    is_open: bool = Field(title="未关闭")
    closed_on: date | None = Field(title="关闭日")


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The list that an event concerns."""
    return (recorded.happened.to,)


def fold(_row: ReturnListsLedgerRow | None, recorded: Recorded, key: str) -> ReturnListsLedgerRow:
    """The row after an event."""
    returned: ReturnList = recorded.state
    lines = returned.lines
    parts = (part.status for line in lines for part in line.parts)
    outcomes = (each.outcome for line in lines for each in line.dispositions)
    return ReturnListsLedgerRow(
        return_list_id=key,
        return_no=returned.return_no,
        case_id=returned.case_id,
        case_no=returned.case_no,
        customer_id=returned.customer_id,
        reason=returned.reason,
        authorisation_no=returned.authorisation_no,
        carriers=tuple(dict.fromkeys(returned.carriers)),
        waybills=returned.waybills,
        qty_announced=sum(each.qty_announced for each in lines),
        qty_received=returned.qty_received,
        differs=bool(returned.discrepancies),
        mileage_km=returned.mileage_km,
        hours=returned.hours,
        failure_mode=returned.failure_mode,
        lines=tuple(_line(each) for each in lines),
        spec_codes=tuple(dict.fromkeys(each.spec_code for each in lines)),
        lot_nos=tuple(dict.fromkeys(each.lot_no for each in lines if each.lot_no)),
        location=returned.location,
        first_received_at=returned.first_received_at,
        fully_received=returned.fully_received,
        findings=tuple(dict.fromkeys(parts)),
        outcomes=tuple(dict.fromkeys(outcomes)),
        replacement_deliveries=returned.replacement_deliveries,
        qty_replacement_owed=sum(each.qty_to_replace - each.qty_replaced for each in lines),
        responsibility=returned.main_party,
        status=returned.status,
        is_open=returned.status is not ReturnStatus.CLOSED,
        closed_on=shanghai_day(returned.closed_at) if returned.closed_at else None,
    )


def _line(line: ReturnLine) -> ReturnLineEntry:
    return ReturnLineEntry(
        line=line.line,
        spec_code=line.spec_code,
        lot_no=line.lot_no,
        produced_on=line.produced_on,
        part_id=line.part_id,
        qty_announced=line.qty_announced,
        qty_received=line.qty_received,
        findings=tuple(PartFindingEntry(part=p.part, finding=p.status) for p in line.parts),
        disposition=tuple(
            DispositionEntry(outcome=d.outcome, qty=d.qty) for d in line.dispositions
        ),
    )


RETURN_LISTS_LEDGER: Final = Ledger[ReturnListsLedgerRow](
    name="return_lists_ledger",
    version=3,
    title="Return lists",
    title_zh="退货清单",
    clauses=("3.2", "4.4", "5.2"),
    row_type=ReturnListsLedgerRow,
    event_types=RETURN_LIST.event_types,
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "return_no": "text",
        "case_no": "text",
        "customer_id": "text",
        "authorisation_no": "text",
        "location": "text",
        "first_received_at": "text",
        "differs": "text",
        "spec_codes": "codes",
        "lot_nos": "codes",
        "waybills": "codes",
        "findings": "codes",
        "outcomes": "codes",
        "qty_replacement_owed": "number",
        "responsibility": "text",
        "status": "text",
        "is_open": "text",
    },
    sorts=("return_no",),
    filters={
        "return_no": Filter("return_no", "=", "清单号."),
        "case_no": Filter("case_no", "=", "反馈单号."),
        "customer_id": Filter("customer_id", "=", "顾客."),
        "authorisation_no": Filter("authorisation_no", "=", "授权号."),
        "waybill": Filter("waybills", "any", "运单."),
        "location": Filter("location", "=", "隔离位置."),
        "spec_code": Filter("spec_codes", "any", "规格: lists with a line of it."),
        "lot_no": Filter("lot_nos", "any", "批次: lists with a line of it."),
        "finding": Filter("findings", "any", "检验结果: lists with a part of it."),
        "outcome": Filter("outcomes", "any", "处置: lists with pieces of it."),
        "responsibility": Filter("responsibility", "=", "责任."),
        "differs": Filter("differs", "=", "数量差异."),
        "replacement_owed_from": Filter(
            "qty_replacement_owed", ">=", "待换货数量, from so many pieces on."
        ),
        "status": Filter("status", "=", "状态."),
        "open": Filter("is_open", "=", "未关闭."),
        "received_from": Filter("first_received_at", ">=", "首次到货时间, from this instant on."),
        "received_to": Filter("first_received_at", "<=", "首次到货时间, up to this instant."),
    },
)
