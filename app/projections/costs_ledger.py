"""What after-sales service cost beside claims: visits, freight, sorting. Clause 3.7, R-03.

One row a cost entry, read from its state.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from pydantic import Field

from app.domain.cost_entry.events import COST_ENTRY, CostEntry, CostKind
from app.domain.money import Shown
from app.domain.values import quarter_of
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Ledger, LedgerRow


class CostRow(LedgerRow):
    """One cost."""

    cost_entry_id: str = Field(title="费用ID")
    cost_no: str = Field(title="费用号")
    kind: CostKind = Field(title="费用类别")
    amount: Shown = Field(title="金额")
    arisen_on: date = Field(title="发生日期", description="It decides the year.")
    quarter: str = Field(title="季度")
    case_no: str | None = Field(title="反馈单号")
    claim_no: str | None = Field(title="索赔号")
    customer_id: str | None = Field(title="顾客")
    spec_code: str | None = Field(title="规格")
    visit_no: str | None = Field(
        title="现场服务单号", description="The visit that it was spent on; counted by itself."
    )
    voucher: str = Field(title="凭证号")
    recorded_by: str = Field(title="登记人")
    corrected_because: str | None = Field(title="更正原因", description="Of the last correction.")


def keys(recorded: Recorded) -> Iterable[str]:
    """The entry that an event concerns."""
    return (recorded.happened.to,)


def fold(_: CostRow | None, recorded: Recorded, key: str) -> CostRow:
    """The row after an event."""
    entry: CostEntry = recorded.state
    return CostRow(
        cost_entry_id=key,
        cost_no=entry.cost_no,
        kind=entry.kind,
        amount=entry.amount,
        arisen_on=entry.on,
        quarter=quarter_of(entry.on),
        case_no=entry.case_no,
        claim_no=entry.claim_no,
        customer_id=entry.customer_id,
        spec_code=entry.spec_code,
        visit_no=entry.visit_no,
        voucher=entry.voucher,
        recorded_by=entry.recorded_by,
        corrected_because=entry.corrected_because[-1] if entry.corrected_because else None,
    )


COSTS_LEDGER: Final = Ledger[CostRow](
    name="costs_ledger",
    version=4,
    title="After-sales costs",
    title_zh="售后费用台账",
    clauses=("3.7",),
    row_type=CostRow,
    event_types=COST_ENTRY.event_types,
    keys_of=keys,
    fold_row=fold,
    columns={
        "cost_no": "text",
        "arisen_on": "text",
        "quarter": "text",
        "kind": "text",
        "case_no": "text",
        "claim_no": "text",
        "customer_id": "text",
        "spec_code": "text",
        "visit_no": "text",
        "voucher": "text",
        "amount": "money",
    },
    sorts=("cost_no", "arisen_on"),
    filters={
        "cost_no": Filter("cost_no", "=", "费用号."),
        "kind": Filter("kind", "=", "费用类别."),
        "quarter": Filter("quarter", "=", "季度."),
        "case_no": Filter("case_no", "=", "反馈单号."),
        "claim_no": Filter("claim_no", "=", "索赔号."),
        "customer_id": Filter("customer_id", "=", "顾客."),
        "spec_code": Filter("spec_code", "=", "规格."),
        "visit_no": Filter("visit_no", "=", "现场服务单号."),
        "voucher": Filter("voucher", "=", "凭证号."),
        "arisen_from": Filter("arisen_on", ">=", "发生日期, from this day on."),
        "arisen_to": Filter("arisen_on", "<=", "发生日期, up to and including this day."),
    },
)
