"""What can happen to a target, and what it adds up to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.decider import Event, Happened, Stream
from app.domain.money import TotalFen
from app.domain.replacing import replace
from app.domain.rules import Decision
from app.domain.values import Code

# --- what happens ---------------------------------------------------------------------------


class TargetFact(Event):
    """What every event says: of which figure, on which grounds, and what moved it."""

    clause: ClassVar[str] = "3.7"

    decision: Decision
    cause_event_id: str = Field(description="The event that moved the figure.")


class CauseFrequencyFact(TargetFact):
    """It is about a cause in a quarter."""

    quarter: str = Field(examples=["2025Q2"])
    cause_code: Code


class CauseFrequencyEarlyWarned(CauseFrequencyFact):
    """A cause comes near to the times that the target allows in a quarter (R-01)."""


class CauseFrequencyTargetExceeded(CauseFrequencyFact):
    """A cause occurred more often in a quarter than the target allows (R-01)."""


class CostRatioFact(TargetFact):
    """It is about the cost of a year."""

    year: Code
    cost_fen: TotalFen
    net_sales_fen: TotalFen


class CostRatioEarlyWarned(CostRatioFact):
    """After-sales cost comes near to the share of sales that the target allows (R-03)."""


class CostRatioTargetExceeded(CostRatioFact):
    """After-sales cost is a larger share of sales than the target allows (R-03)."""


class TargetBasisChanged(TargetFact):
    """The figure that raised an alert is another one now; the alert is kept.

    Of occurrences every change is told; of a year's cost, which moves with every claim, only that
    the rule says something else to it now.
    """

    rule_id: Code
    period: str = Field(description="The quarter or the year.", examples=["2025Q2"])
    cause_code: Code | None
    old_observed: Annotated[int, Field(ge=0)]
    new_observed: Annotated[int, Field(ge=0)]
    old_threshold: Annotated[int, Field(ge=0)]


TargetEvent: TypeAlias = (
    CauseFrequencyEarlyWarned
    | CauseFrequencyTargetExceeded
    | CostRatioEarlyWarned
    | CostRatioTargetExceeded
    | TargetBasisChanged
)

# --- what it adds up to ---------------------------------------------------------------------


class AlertLevel(StrEnum):
    """The highest alert that was ever raised (预警级别)."""

    NONE = "NONE"
    WARNED = "WARNED"
    EXCEEDED = "EXCEEDED"


@dataclass(frozen=True, slots=True)
class Target:
    """The alerts of one figure, and the figure as its last alert has it."""

    rule_id: str = ""
    period: str = ""
    cause_code: str | None = None
    level: AlertLevel = AlertLevel.NONE
    observed: int = 0
    threshold: int = 0
    unit: str = ""
    fires: bool = False
    """What the rule said to the figure."""
    warned_at: datetime | None = None
    exceeded_at: datetime | None = None
    rule_pack_version: int = 0


def evolve(target: Target, happened: Happened[TargetEvent]) -> Target:
    """Apply one event."""
    event = happened.event
    seen = replace(
        target,
        rule_id=event.decision.rule_id,
        observed=event.decision.observed,
        threshold=event.decision.threshold,
        unit=event.decision.unit,
        fires=event.decision.fires,
        rule_pack_version=event.decision.rule_pack_version,
    )
    match event:
        case TargetBasisChanged():
            return seen
        case CauseFrequencyEarlyWarned(quarter=period, cause_code=cause_code):
            return _warned(replace(seen, period=period, cause_code=cause_code), happened.at)
        case CostRatioEarlyWarned(year=period):
            return _warned(replace(seen, period=period), happened.at)
        case CauseFrequencyTargetExceeded(quarter=period, cause_code=cause_code):
            return _exceeded(replace(seen, period=period, cause_code=cause_code), happened.at)
        case CostRatioTargetExceeded(year=period):
            return _exceeded(replace(seen, period=period), happened.at)
        case unknown:
            assert_never(unknown)


def _warned(target: Target, at: datetime) -> Target:
    return replace(target, level=AlertLevel.WARNED, warned_at=at)


def _exceeded(target: Target, at: datetime) -> Target:
    return replace(target, level=AlertLevel.EXCEEDED, exceeded_at=at)


TARGET: Final = Stream(name="target", initial=Target(), evolve=evolve)


def cause_target_no(quarter: str, cause_code: str) -> str:
    """The target of a cause in a quarter (R-01)."""
    return f"R-01-{quarter}-{cause_code}"


def cost_target_no(year: str) -> str:
    """The target of the cost of a year (R-03)."""
    return f"R-03-{year}"
