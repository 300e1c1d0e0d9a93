"""How long the analysis of returned parts took, and what it found. Clauses 3.2 and 4.4.

One row a return list. It is analysed when everything is here and every piece has its result.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from pydantic import Field

from app.domain.return_list.events import (
    NtfConcluded,
    PartFindingRecorded,
    ReturnReceived,
)
from app.domain.return_list.state import PartStatus, ReturnList
from app.domain.values import quarter_of, shanghai_day
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow

HOUR: Final = timedelta(hours=1)


class PartAnalysisRow(LedgerRow):
    """The analysis of one return list."""

    return_id: str = Field(title="退货清单ID")
    return_no: str = Field(title="清单号")
    case_no: str = Field(title="反馈单号")
    customer_id: str = Field(title="顾客")
    received_at: Instant = Field(title="首次到货时间")
    received: int = Field(title="实收件数", description="Pieces.")
    concluded: int = Field(title="已有结论件数", description="Pieces.")
    no_trouble_found: int = Field(title="未发现故障件数", description="Pieces (NTF).")
    analysed_at: Instant | None = Field(title="分析完成时间")
    analysed_quarter: str | None = Field(title="分析完成季度")
    lead_hours: int | None = Field(
        title="分析周期(小时)", description="Whole hours from the first receipt to the end."
    )


def keys(recorded: Recorded) -> Iterable[str]:
    """The return list that an event concerns."""
    return (recorded.happened.to,)


def fold(row: PartAnalysisRow | None, recorded: Recorded, key: str) -> PartAnalysisRow:
    """The row after an event; once analysed, a list keeps its instant while nothing comes after."""
    returned: ReturnList = recorded.state
    statuses = [part.status for line in returned.lines for part in line.parts]
    since = row.received_at if row else recorded.happened.at
    done = returned.fully_received and all(each.is_analysed for each in returned.lines)
    before = row.analysed_at if row else None
    analysed_at = (before or recorded.happened.at) if done and statuses else None
    return PartAnalysisRow(
        return_id=key,
        return_no=returned.return_no,
        case_no=returned.case_no,
        customer_id=returned.customer_id,
        received_at=since,
        received=returned.qty_received,
        concluded=sum(each in {PartStatus.NTF, PartStatus.CONFIRMED_FAULT} for each in statuses),
        no_trouble_found=statuses.count(PartStatus.NTF),
        analysed_at=analysed_at,
        analysed_quarter=quarter_of(shanghai_day(analysed_at)) if analysed_at else None,
        lead_hours=(analysed_at - since) // HOUR if analysed_at else None,
    )


PART_ANALYSES_LEDGER: Final = Ledger[PartAnalysisRow](
    name="part_analyses",
    version=3,
    title="Analyses of returned parts",
    title_zh="退回件分析台账",
    clauses=("3.2", "4.4"),
    row_type=PartAnalysisRow,
    event_types=(ReturnReceived, PartFindingRecorded, NtfConcluded),
    keys_of=keys,
    fold_row=fold,
    columns={
        "return_no": "text",
        "case_no": "text",
        "customer_id": "text",
        "received_at": "text",
        "analysed_quarter": "text",
        "concluded": "number",
        "no_trouble_found": "number",
        "lead_hours": "number",
    },
    sorts=("return_no", "received_at"),
    filters={
        "return_no": Filter("return_no", "=", "清单号."),
        "case_no": Filter("case_no", "=", "反馈单号."),
        "customer_id": Filter("customer_id", "=", "顾客."),
        "analysed_quarter": Filter("analysed_quarter", "=", "分析完成季度."),
    },
)
