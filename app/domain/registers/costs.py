"""What after-sales service cost the company in a year, as R-03 counts it. Clause 3.7.

A claim costs what the company bears of it, in the year of its confirmation; anything else in the
year in which it arose. Every event that moves the sum carries the figure before and after it.
"""

from typing import Final, TypeAlias, assert_never

from pydantic import BaseModel, ConfigDict

from app.domain.claim.events import ClaimCostRecounted
from app.domain.cost_entry.events import CostCorrected, CostRecorded
from app.domain.decider import Happened, Register
from app.domain.registers.sources import source_keys

Costing: TypeAlias = ClaimCostRecounted | CostRecorded | CostCorrected

EVIDENCE_MAX: Final = 20
"""Claims and entries that a decision names; those that moved the sum last."""


class YearCost(BaseModel):
    """The costs of one year in whole fen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claims_fen: int = 0
    entries_fen: int = 0
    evidence: tuple[str, ...] = ()

    @property
    def total_fen(self) -> int:
        """Claims and everything else."""
        return self.claims_fen + self.entries_fen


class CostReference(BaseModel):
    """Which entry it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cost_entry_id: str
    cost_no: str


def years_of(event: Costing) -> list[str]:
    """The years whose sums an event moves."""
    match event:
        case ClaimCostRecounted(confirmed_on=day):
            return [str(day.year)]
        case CostRecorded(on=day):
            return [str(day.year)]
        case CostCorrected(old_on=old, on=new):
            return list(dict.fromkeys((str(old.year), str(new.year))))
        case _:
            assert_never(event)


def _moved(event: Costing, year: str) -> tuple[str, int, int]:
    """The number of what moved, and what it costs in that year: before, and now."""
    match event:
        case ClaimCostRecounted():
            return event.claim_no, event.old_cost_fen, event.cost_fen
        case CostRecorded():
            return event.cost_no, 0, event.amount_fen
        case CostCorrected():
            was = event.old_amount_fen if str(event.old_on.year) == year else 0
            now = event.amount_fen if str(event.on.year) == year else 0
            return event.cost_no, was, now
        case _:
            assert_never(event)


def _keys(happened: Happened[Costing]) -> list[str]:
    return years_of(happened.event)


def _fold(costs: YearCost | None, happened: Happened[Costing], key: str) -> YearCost:
    before = costs or YearCost()
    number, was, now = _moved(happened.event, key)
    others = tuple(each for each in before.evidence if each != number)
    is_claim = isinstance(happened.event, ClaimCostRecounted)
    return YearCost(
        claims_fen=before.claims_fen + (now - was if is_claim else 0),
        entries_fen=before.entries_fen + (0 if is_claim else now - was),
        evidence=(*others, number)[-EVIDENCE_MAX:] if now else others,
    )


def _visit_keys(happened: Happened[CostRecorded]) -> list[str]:
    service_visit_id = happened.event.service_visit_id
    return [] if service_visit_id is None else [service_visit_id]


def _first(
    earlier: CostReference | None, happened: Happened[CostRecorded], _: str
) -> CostReference:
    return earlier or CostReference(cost_entry_id=happened.to, cost_no=happened.event.cost_no)


YEAR_COSTS: Final[Register[YearCost]] = Register(
    name="year_costs",
    value_type=YearCost,
    event_types=(ClaimCostRecounted, CostRecorded, CostCorrected),
    keys=_keys,
    fold=_fold,
)
"""By the year in four digits."""

COST_BY_SOURCE: Final[Register[CostReference]] = Register(
    name="cost_by_source",
    value_type=CostReference,
    event_types=(CostRecorded,),
    keys=source_keys,
    fold=_first,
)
"""The cost entry by (source_system, external_ref): its natural key."""

COST_OF_VISIT: Final[Register[CostReference]] = Register(
    name="cost_of_visit",
    value_type=CostReference,
    event_types=(CostRecorded,),
    keys=_visit_keys,
    fold=_first,
)
"""The cost entry of a service visit by the visit's id: there is one at most."""
