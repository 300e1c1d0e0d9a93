"""How often a specification was claimed (同规格件次), as R-05 counts it. Clause 4.5.

A claim counts from the confirmation of its amount, on that day in Shanghai, once for each of its
specifications; it stops counting when it is cancelled, withdrawn or found to be no product matter.
Counts are kept by day, so that every window of a rule pack is answered from at most two entries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, TypeAlias, assert_never

from pydantic import BaseModel, ConfigDict

from app.domain.claim.events import (
    ClaimAmountConfirmed,
    ClaimCancelled,
    ClaimRecounted,
    ClaimWithdrawn,
)
from app.domain.decider import Happened, Register, World
from app.domain.rules import Figures
from app.domain.values import days_of_quarter, quarter_of

Counting: TypeAlias = ClaimAmountConfirmed | ClaimRecounted | ClaimCancelled | ClaimWithdrawn

NAMED_MAX: Final = 50
"""Claims of one day that are named as evidence; more are counted, not named."""
EVIDENCE_MAX: Final = 20
"""Claims that a decision names; the last ones."""
ROLLING_DAYS: Final = 365


class DayCount(BaseModel):
    """The claims of one day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claims: int
    pieces: int
    claim_nos: tuple[str, ...] = ()

    def plus(self, claim_no: str, pieces: int, sign: int) -> "DayCount":
        """One claim more, or one less."""
        named = tuple(each for each in self.claim_nos if each != claim_no)
        if sign > 0:
            named = (*named, claim_no)[:NAMED_MAX]
        return DayCount(
            claims=self.claims + sign, pieces=self.pieces + sign * pieces, claim_nos=named
        )


def spec_key(spec_code: str, year: int, customer_id: str | None) -> str:
    """All customers together, or one of them. No code contains a tab."""
    whose = "" if customer_id is None else f"\t{customer_id}"
    return f"{spec_code}\t{year}{whose}"


def _sign(event: Counting) -> int:
    """Whether it counts from now on, counts no longer, or nothing changes."""
    match event:
        case ClaimAmountConfirmed(counts=counts):
            return 1 if counts else 0
        case ClaimRecounted(counts=counts):
            return 1 if counts else -1
        case ClaimCancelled(counts=counts) | ClaimWithdrawn(counts=counts):
            return -1 if counts else 0
        case _:
            assert_never(event)


def _keys(happened: Happened[Counting]) -> list[str]:
    event = happened.event
    if event.confirmed_on is None or _sign(event) == 0:
        return []
    return [
        spec_key(spec.spec_code, event.confirmed_on.year, whose)
        for spec in event.specs
        for whose in (None, event.customer_id)
    ]


def _fold(
    days: dict[str, DayCount] | None, happened: Happened[Counting], key: str
) -> dict[str, DayCount]:
    event = happened.event
    day, spec_code = str(event.confirmed_on), key.split("\t", 1)[0]
    pieces = next(each.pieces for each in event.specs if each.spec_code == spec_code)
    before = (days or {}).get(day, DayCount(claims=0, pieces=0))
    return (days or {}) | {day: before.plus(event.claim_no, pieces, _sign(event))}


SPEC_CLAIMS: Final[Register[dict[str, DayCount]]] = Register(
    name="spec_claims",
    value_type=dict[str, DayCount],
    event_types=(ClaimAmountConfirmed, ClaimRecounted, ClaimCancelled, ClaimWithdrawn),
    keys=_keys,
    fold=_fold,
)
"""Counts by day in ISO form, by specification, year and, beside all, each customer."""


@dataclass(frozen=True, slots=True)
class Window:
    """In which time, of whom: its label is kept with a decision and says it all."""

    label: str

    @classmethod
    def around(cls, day: date, customer_id: str, figures: Figures) -> "Window":
        """The window of a rule pack that a day falls in."""
        head = {
            "AGREEMENT_YEAR": str(day.year),
            "QUARTER": quarter_of(day),
            "ROLLING_365D": f"{ROLLING_DAYS}D",
        }[figures.spec_claims_window]
        return cls(f"{head}/{customer_id}" if figures.spec_claims_per_customer else head)

    @property
    def customer_id(self) -> str | None:
        """Whose claims are counted; None is everybody's."""
        return self.label.partition("/")[2] or None

    @property
    def is_rolling(self) -> bool:
        """Whether it moves with the day."""
        return self.label.partition("/")[0].endswith("D")

    def up_to(self, day: date, today: date) -> date:
        """The last day that is counted for a claim of a day: today, or the end of its window."""
        return today if self.is_rolling else min(today, self.days(day)[1])

    def holds(self, day: date, up_to: date) -> bool:
        """Whether a claim of a day is counted in the window, when it is counted up to another."""
        return self.days(up_to)[0] <= day <= up_to

    def days(self, day: date) -> tuple[date, date]:
        """Its first and last day; a rolling one ends with the given day."""
        head = self.label.partition("/")[0]
        if self.is_rolling:
            return day - timedelta(days=ROLLING_DAYS - 1), day
        if "Q" in head:
            return days_of_quarter(head)
        return date(int(head), 1, 1), date(int(head), 12, 31)


@dataclass(frozen=True, slots=True)
class SpecCount:
    """How often, of how many pieces, and by which claims."""

    claims: int
    pieces: int
    evidence: tuple[str, ...]

    def observed(self, unit: str) -> int:
        """The figure that the rule pack counts."""
        return self.pieces if unit == "PIECES" else self.claims


def spec_count(world: World, spec_code: str, window: Window, day: date) -> SpecCount:
    """How often a specification was claimed in a window.

    Args:
        world: with every claim before, and the one in hand if it was folded already.
        spec_code: the specification.
        window: in which time, of whom.
        day: up to which it is counted.
    """
    counted = list(_counted(world, spec_code, window, day))
    named = tuple(claim_no for each in counted for claim_no in each.claim_nos)
    return SpecCount(
        claims=sum(each.claims for each in counted),
        pieces=sum(each.pieces for each in counted),
        evidence=named[-EVIDENCE_MAX:],
    )


def _counted(world: World, spec_code: str, window: Window, day: date) -> Iterator[DayCount]:
    first = window.days(day)[0]
    for year in range(first.year, day.year + 1):
        key = spec_key(spec_code, year, window.customer_id)
        days: dict[str, Any] = world.entry_in(SPEC_CLAIMS, key) or {}
        for each in sorted(days):
            if str(first) <= each <= str(day):
                yield days[each]
