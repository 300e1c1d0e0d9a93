"""What moved between two moments of a quarter, line by line, and which events moved it.

Clauses 3.7 and 4.6.1.
"""

from collections.abc import Iterable
from typing import Any, Final

from pydantic import Field

from app.projections.kpis.ground import Ground, Part
from app.projections.reports.quarterly import QuarterlyFigures

EVENTS_MAX: Final = 200
MOVERS: Final[dict[str, tuple[str, ...]]] = {
    "cause_frequency": ("OccurrenceRecounted", "CauseMerged"),
    "cost": ("ClaimCostRecounted", "CostRecorded", "CostCorrected"),
    "net_sales": ("SalesFigureRecorded", "SalesFigureCorrected"),
    "occurrence_quantity": ("FeedbackRegistered", "QuantityConfirmed", "FeedbackCorrected"),
}
"""Which events move which kind of line."""

SELECT_MOVED: Final = """
    SELECT event_id::text AS event_id, type, data::text AS text FROM events
    WHERE position > $1 AND position <= $2 AND type = ANY($3::text[]) ORDER BY position
"""


class RestatedLine(Part):
    """One figure that is another one now (重述项)."""

    line: str = Field(title="项目", examples=["cause_frequency/M01"])
    old: str = Field(title="原值", examples=["10"])
    new: str = Field(title="现值", examples=["11"])
    event_ids: tuple[str, ...] = Field(
        title="事件", description=f"The events that moved it; at most {EVENTS_MAX}."
    )


async def restated_lines(
    ground: Ground, before: QuarterlyFigures, after: QuarterlyFigures
) -> tuple[RestatedLine, ...]:
    """The lines that differ between two reports of one quarter.

    Args:
        ground: to ask the log.
        before: the report at the earlier position.
        after: the report at the later one.
    """
    old, new = dict(_lines(before)), dict(_lines(after))
    moved = sorted({line for line in old | new if old.get(line) != new.get(line)})
    if not moved:
        return ()
    kinds = sorted({type_ for line in moved for type_ in MOVERS[line.partition("/")[0]]})
    events = await ground.fetch(SELECT_MOVED, before.position, after.position, kinds)
    return tuple(
        RestatedLine(
            line=line,
            old=old.get(line, "0"),
            new=new.get(line, "0"),
            event_ids=tuple(_movers(line, before.quarter, events))[:EVENTS_MAX],
        )
        for line in moved
    )


def _lines(figures: QuarterlyFigures) -> Iterable[tuple[str, str]]:
    for cause in figures.cause_frequency.causes:
        yield f"cause_frequency/{cause.cause_code}", str(cause.count)
    for case in figures.occurrence_quantity.data:
        yield f"occurrence_quantity/{case.case_no}", str(case.pieces)
    yield f"cost/{figures.cost_ratio.year}", figures.cost_ratio.cost.amount
    yield f"net_sales/{figures.cost_ratio.year}", figures.cost_ratio.net_sales.amount


def _movers(line: str, quarter: str, events: Iterable[dict[str, Any]]) -> Iterable[str]:
    """The events of the line's kind that name what the line is about."""
    kind, _, about = line.partition("/")
    for each in events:
        if each["type"] not in MOVERS[kind]:
            continue
        names = {
            "cause_frequency": (f'"{about}"', f'"{quarter}"'),
            "occurrence_quantity": (f'"{about}"',),
        }.get(kind, ())
        if each["type"] == "CauseMerged" or all(name in each["text"] for name in names):
            yield each["event_id"]
