"""Which measures were taken against which cause, since when, and whether they helped. Clause 4.2.3.

One row a round of a CAPA report: a measure that did not help is followed by the next round.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from pydantic import Field

from app.domain.capa.events import (
    CapaActionImplemented,
    CapaActionsPlanned,
    CapaEffectivenessChecked,
)
from app.domain.capa.state import CheckResult
from app.domain.values import quarter_of, shanghai_day
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Ledger, LedgerRow


class MeasureRow(LedgerRow):
    """One measure: the actions of one round."""

    measure_no: str = Field(title="措施号", examples=["CA-2025-000001/1"])
    capa_id: str = Field(title="纠正预防措施ID")
    capa_no: str = Field(title="CAPA号")
    round: int = Field(title="轮次")
    spec_code: str | None = Field(title="规格")
    cause_code: str | None = Field(title="原因代码")
    effective_from: date | None = Field(
        title="生效生产日期", description="Parts produced from that day on are made under it."
    )
    result: CheckResult | None = Field(title="效果")
    checked_on: date | None = Field(title="验证日")
    checked_quarter: str | None = Field(title="验证季度")


def keys(recorded: Recorded) -> Iterable[str]:
    """The round that an event concerns."""
    event = recorded.event
    if isinstance(event, CapaActionsPlanned | CapaEffectivenessChecked):
        return (f"{recorded.happened.to}-{event.round}",)
    return (f"{recorded.happened.to}-{recorded.state.round}",)


def fold(row: MeasureRow | None, recorded: Recorded, key: str) -> MeasureRow | None:
    """The row after an event; actions are planned before anything else."""
    event = recorded.event
    if isinstance(event, CapaActionsPlanned):
        return row or MeasureRow(
            measure_no=f"{event.capa_no}/{event.round}",
            capa_id=recorded.happened.to,
            capa_no=event.capa_no,
            round=event.round,
            spec_code=event.spec_code,
            cause_code=event.cause_code,
            effective_from=None,
            result=None,
            checked_on=None,
            checked_quarter=None,
        )
    if row is not None and isinstance(event, CapaEffectivenessChecked):
        day = shanghai_day(recorded.happened.at)
        how = {"result": event.result, "checked_on": day, "checked_quarter": quarter_of(day)}
        return row.model_copy(update=how)
    if row is not None and isinstance(event, CapaActionImplemented):
        known = {
            "effective_from": event.measure_effective_from,
            "cause_code": event.cause_code,
            "spec_code": event.spec_code,
        }
        return row.model_copy(update=known)
    raise AssertionError(f"nothing was planned: {key}")


MEASURES_LEDGER: Final = Ledger[MeasureRow](
    name="measures",
    version=3,
    title="Measures and their effect",
    title_zh="改善措施台账",
    clauses=("4.2.3", "4.6.1"),
    row_type=MeasureRow,
    event_types=(CapaActionsPlanned, CapaActionImplemented, CapaEffectivenessChecked),
    keys_of=keys,
    fold_row=fold,
    columns={
        "measure_no": "text",
        "capa_no": "text",
        "cause_code": "text",
        "spec_code": "text",
        "effective_from": "text",
        "result": "text",
        "checked_quarter": "text",
    },
    sorts=("measure_no",),
    filters={
        "capa_no": Filter("capa_no", "=", "CAPA号."),
        "cause_code": Filter("cause_code", "=", "原因代码."),
        "spec_code": Filter("spec_code", "=", "规格."),
        "result": Filter("result", "=", "效果."),
        "checked_quarter": Filter("checked_quarter", "=", "验证季度."),
        "effective_from": Filter("effective_from", ">=", "生效生产日期, from this day on."),
    },
)
