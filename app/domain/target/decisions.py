"""The rules R-01 and R-03, what they are asked, and what they answer. Clause 3.7."""

from collections.abc import Sequence
from typing import ClassVar, Final, TypeAlias, assert_never

from app.domain.decider import Asked, Command, Decider, World
from app.domain.registers.costs import YEAR_COSTS, YearCost
from app.domain.registers.occurrences import CauseCount, cause_count
from app.domain.rule_pack.events import pack_in_force
from app.domain.rules import Decision, RulePack, decided
from app.domain.sales_figures.events import sales_of
from app.domain.target.events import (
    TARGET,
    AlertLevel,
    CauseFrequencyEarlyWarned,
    CauseFrequencyTargetExceeded,
    CostRatioEarlyWarned,
    CostRatioTargetExceeded,
    Target,
    TargetBasisChanged,
    TargetEvent,
)
from app.domain.values import Code, Role

# --- what can be asked ----------------------------------------------------------------------


class WatchCauseFrequency(Command):
    """Look how often a cause occurred in a quarter, now that it moved."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    quarter: str
    cause_code: Code
    cause_event_id: str


class WatchCostRatio(Command):
    """Look what share of its sales after-sales service cost a year, now that it moved."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    year: Code
    cause_event_id: str


TargetCommand: TypeAlias = WatchCauseFrequency | WatchCostRatio

# --- the rules ------------------------------------------------------------------------------


def cause_exceeded(count: CauseCount, pack: RulePack) -> Decision:
    """R-01: more occurrences than the target allows; exactly at it is a pass."""
    limit = pack.figures.cause_occurrences_quarter_max
    return decided("R-01", "3.7", pack, count.cases, ">", limit, "OCCURRENCES", count.evidence)


def cause_near(count: CauseCount, pack: RulePack) -> Decision:
    """R-01, early: at the figure from which it is warned of."""
    least = pack.figures.cause_occurrences_warning_min
    return decided("R-01", "3.7", pack, count.cases, ">=", least, "OCCURRENCES", count.evidence)


def cost_exceeded(costs: YearCost, net_sales_fen: int, pack: RulePack) -> Decision:
    """R-03: more than the share of sales; exactly at it is a pass.

    In whole fen, cost * 1000 > sales * permille says the same as cost > what is left of
    sales * permille / 1000 when the broken fen is cut off: nothing is rounded into the answer.
    """
    limit = net_sales_fen * pack.figures.cost_ratio_permille_max // 1000
    return decided("R-03", "3.7", pack, costs.total_fen, ">", limit, "FEN", costs.evidence)


def cost_near(costs: YearCost, net_sales_fen: int, pack: RulePack) -> Decision:
    """R-03, early: at the share from which it is warned of; a broken fen is a whole one."""
    least = -(-net_sales_fen * pack.figures.cost_ratio_warning_permille_min // 1000)
    return decided("R-03", "3.7", pack, costs.total_fen, ">=", least, "FEN", costs.evidence)


# --- what they answer -----------------------------------------------------------------------


def decide(asked: Asked[TargetCommand], target: Target, world: World) -> Sequence[TargetEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case WatchCauseFrequency() as command:
            return watch_cause(command, target, world)
        case WatchCostRatio() as command:
            return watch_cost(command, target, world)
        case _:
            assert_never(asked.command)


def watch_cause(command: WatchCauseFrequency, target: Target, world: World) -> list[TargetEvent]:
    """Warn, alert, or tell that the figure behind an alert moved."""
    pack = pack_in_force(world)
    count = cause_count(world, command.quarter, command.cause_code)
    exceeded, near = cause_exceeded(count, pack), cause_near(count, pack)
    said = dict(command)
    if exceeded.fires and target.level is not AlertLevel.EXCEEDED:
        return [CauseFrequencyTargetExceeded(decision=exceeded, **said)]
    if near.fires and target.level is AlertLevel.NONE:
        return [CauseFrequencyEarlyWarned(decision=near, **said)]
    seen = _of_the_alert(target, near, exceeded)
    if seen is None or (seen.observed, seen.threshold) == (target.observed, target.threshold):
        return []
    return [_moved(target, seen, command.cause_event_id)]


def watch_cost(command: WatchCostRatio, target: Target, world: World) -> list[TargetEvent]:
    """The same of a year, once any of its sales are known.

    Its cost moves with every claim, so that it is told only when the rule says something else.
    """
    sales = sales_of(world, command.year)
    if not sales.months:
        return []
    pack = pack_in_force(world)
    costs = world.entry_in(YEAR_COSTS, command.year) or YearCost()
    exceeded = cost_exceeded(costs, sales.net_sales_fen, pack)
    near = cost_near(costs, sales.net_sales_fen, pack)
    said = dict(command) | {"cost_fen": costs.total_fen, "net_sales_fen": sales.net_sales_fen}
    if exceeded.fires and target.level is not AlertLevel.EXCEEDED:
        return [CostRatioTargetExceeded(decision=exceeded, **said)]
    if near.fires and target.level is AlertLevel.NONE and costs.total_fen:
        return [CostRatioEarlyWarned(decision=near, **said)]
    seen = _of_the_alert(target, near, exceeded)
    if seen is None or seen.fires == target.fires:
        return []
    return [_moved(target, seen, command.cause_event_id)]


def _of_the_alert(target: Target, near: Decision, exceeded: Decision) -> Decision | None:
    """What the rule that raised the highest alert says now; nothing without an alert."""
    if target.level is AlertLevel.NONE:
        return None
    return exceeded if target.level is AlertLevel.EXCEEDED else near


def _moved(target: Target, seen: Decision, cause_event_id: str) -> TargetBasisChanged:
    return TargetBasisChanged(
        decision=seen,
        cause_event_id=cause_event_id,
        rule_id=seen.rule_id,
        period=target.period,
        cause_code=target.cause_code,
        old_observed=target.observed,
        new_observed=seen.observed,
        old_threshold=target.threshold,
    )


target: Final[Decider[TargetCommand, Target, TargetEvent]] = Decider(
    stream=TARGET,
    decide=decide,
    collection="targets",
    label_zh="目标",
    identity="code",
    code_name="target_no",
)
