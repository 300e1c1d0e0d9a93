"""更正台账: which recorded facts were corrected, by whom and why. Clause 5.2.

One row a correction of one field. Facts with a correction of their own (cases, claims, sales
figures, costs) stand in their own ledgers.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

from pydantic import Field

from app.domain.correction.events import CORRECTION, Correction, CorrectionStatus, Value
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow


class CorrectionsLedgerRow(LedgerRow):
    """One correction."""

    correction_id: str = Field(title="更正ID")
    correction_no: str = Field(title="更正号")
    status: CorrectionStatus = Field(title="状态")
    event_id: str = Field(title="被更正事件")
    stream: str = Field(title="流", description="The record whose event it is.")
    field: str = Field(title="字段")
    recorded: Value = Field(title="记录值")
    correct: Value = Field(title="正确值")
    reason: str = Field(title="更正原因")
    proposed_by: str = Field(title="提出人")
    proposed_at: Instant = Field(title="提出时间")
    decided_by: str | None = Field(title="批准/驳回人")
    decided_at: Instant | None = Field(title="批准/驳回时间")
    rejected_because: str | None = Field(title="驳回原因")


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The correction that an event concerns."""
    return (recorded.happened.to,)


def fold(_: CorrectionsLedgerRow | None, recorded: Recorded, key: str) -> CorrectionsLedgerRow:
    """The row after an event: what the correction says."""
    correction: Correction = recorded.state
    return CorrectionsLedgerRow.model_validate({"correction_id": key, **asdict(correction)})


CORRECTIONS_LEDGER: Final = Ledger[CorrectionsLedgerRow](
    name="corrections_ledger",
    version=3,
    title="Ledger of corrections",
    title_zh="更正台账",
    clauses=("5.2",),
    row_type=CorrectionsLedgerRow,
    event_types=CORRECTION.event_types,
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "correction_no": "text",
        "proposed_at": "text",
        "status": "text",
        "event_id": "text",
        "stream": "text",
        "proposed_by": "text",
    },
    sorts=("correction_no", "proposed_at"),
    filters={
        "correction_no": Filter("correction_no", "=", "更正号."),
        "status": Filter("status", "=", "状态: PROPOSED waits for a second person."),
        "event_id": Filter("event_id", "=", "被更正事件."),
        "stream": Filter("stream", "=", "流: corrections of this record."),
        "proposed_by": Filter("proposed_by", "=", "提出人."),
        "proposed_from": Filter("proposed_at", ">=", "提出时间, from this instant on."),
        "proposed_to": Filter("proposed_at", "<=", "提出时间, up to this instant."),
    },
)
