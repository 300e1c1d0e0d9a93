"""What can happen to the sales figures of a year, and what they add up to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.decider import Event, Happened, Stream, World
from app.domain.money import Fen, Shown
from app.domain.values import Code, Reason

Month = Annotated[int, Field(ge=1, le=12, strict=True, description="月份, 1 to 12.")]


class SalesFigureRecorded(Event):
    """The net sales of a month are known."""

    clause: ClassVar[str] = "3.7"

    year: Code
    month: Month
    net_sales_fen: Fen
    source_ref: Code


class SalesFigureCorrected(Event):
    """The net sales of a month were others; another person stands by it."""

    clause: ClassVar[str] = "3.7"

    year: Code
    month: Month
    old_net_sales_fen: Fen
    net_sales_fen: Fen
    source_ref: Code
    reason: Reason


SalesFiguresEvent: TypeAlias = SalesFigureRecorded | SalesFigureCorrected


@dataclass(frozen=True, slots=True)
class MonthOfSales:
    """The net sales of one month, and who recorded them first."""

    month: int
    net_sales: Shown
    source_ref: str
    recorded_by: str
    corrections: int = 0


@dataclass(frozen=True, slots=True)
class SalesFigures:
    """The sales of a year, as far as they are known."""

    year: str = ""
    months: Mapping[int, MonthOfSales] = field(default_factory=dict)

    @property
    def net_sales_fen(self) -> int:
        """Of all months that are known."""
        return sum(each.net_sales for each in self.months.values())


def evolve(sales: SalesFigures, happened: Happened[SalesFiguresEvent]) -> SalesFigures:
    """Apply one event."""
    match happened.event:
        case SalesFigureRecorded() as event:
            known = MonthOfSales(
                event.month, event.net_sales_fen, event.source_ref, happened.by.person
            )
        case SalesFigureCorrected() as event:
            before = sales.months[event.month]
            known = MonthOfSales(
                event.month,
                event.net_sales_fen,
                event.source_ref,
                before.recorded_by,
                before.corrections + 1,
            )
        case unknown:
            assert_never(unknown)
    months = sorted({**sales.months, event.month: known}.items())
    return SalesFigures(year=event.year, months=dict(months))


SALES_FIGURES: Final = Stream(name="sales-figures", initial=SalesFigures(), evolve=evolve)


def sales_of(world: World, year: str) -> SalesFigures:
    """The sales of a year as they are known."""
    return world.state_of(SALES_FIGURES, year)
