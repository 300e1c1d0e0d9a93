"""Clause 3.7: whenever a figure that has a target moves, its rule looks. Rules R-01 and R-03.

When causes are merged, every quarter in which the merged one counted is looked at: its own alerts
stay, with nothing left to count, and the cause that it went into may be above the target now.
"""

from collections.abc import Sequence
from typing import Final, assert_never

from app.domain.cause_catalogue.events import CauseMerged
from app.domain.claim.events import ClaimCostRecounted
from app.domain.cost_entry.events import CostCorrected, CostRecorded
from app.domain.decider import Happened, Order, Policy, World
from app.domain.feedback_case.events import OccurrenceRecounted
from app.domain.registers.costs import years_of
from app.domain.registers.occurrences import catalogue_of, quarters_of
from app.domain.sales_figures.events import SalesFigureCorrected, SalesFigureRecorded
from app.domain.target.decisions import WatchCauseFrequency, WatchCostRatio
from app.domain.target.events import TARGET, cause_target_no, cost_target_no

FigureMoved = (
    OccurrenceRecounted
    | CauseMerged
    | ClaimCostRecounted
    | CostRecorded
    | CostCorrected
    | SalesFigureRecorded
    | SalesFigureCorrected
)


def react(happened: Happened[FigureMoved], world: World) -> Sequence[Order]:
    """Have the rules look at every figure that the event moves."""
    event = happened.event
    match event:
        case OccurrenceRecounted(was=was, now=now):
            catalogue = catalogue_of(world)
            places = [(o.quarter, catalogue.head_of(o.cause_code)) for o in (was, now) if o]
        case CauseMerged(code=code, into=into):
            quarters = quarters_of(world, code)
            places = [(quarter, cause) for quarter in quarters for cause in (code, into)]
        case ClaimCostRecounted() | CostRecorded() | CostCorrected():
            return [_cost(year, happened) for year in years_of(event)]
        case SalesFigureRecorded(year=year) | SalesFigureCorrected(year=year):
            return [_cost(year, happened)]
        case _:
            assert_never(event)
    return [_cause(quarter, cause, happened) for quarter, cause in dict.fromkeys(places)]


def _cause(quarter: str, cause_code: str, happened: Happened[FigureMoved]) -> Order:
    command = WatchCauseFrequency(
        quarter=quarter, cause_code=cause_code, cause_event_id=happened.event_id
    )
    return Order(TARGET.name, command, to=cause_target_no(quarter, cause_code))


def _cost(year: str, happened: Happened[FigureMoved]) -> Order:
    command = WatchCostRatio(year=year, cause_event_id=happened.event_id)
    return Order(TARGET.name, command, to=cost_target_no(year))


watch_targets: Final = Policy(
    name="watch_targets",
    event_types=(
        OccurrenceRecounted,
        CauseMerged,
        ClaimCostRecounted,
        CostRecorded,
        CostCorrected,
        SalesFigureRecorded,
        SalesFigureCorrected,
    ),
    react=react,
)
