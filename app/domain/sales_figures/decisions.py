"""What can be asked of the sales figures of a year, why they may say no, and what they answer."""

import re
from typing import ClassVar, Final, TypeAlias, assert_never

from app.domain.corrections import NothingCorrected
from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import Forbidden, Invalid, Refused
from app.domain.money import Money, written
from app.domain.sales_figures.events import (
    SALES_FIGURES,
    Month,
    SalesFigureCorrected,
    SalesFigureRecorded,
    SalesFigures,
    SalesFiguresEvent,
)
from app.domain.values import Code, Reason, Role, shanghai_day

_YEAR: Final = re.compile(r"[12][0-9]{3}")

# --- why they may say no --------------------------------------------------------------------


class NotAYear(Invalid):
    """A year is written with four digits.

    「年份须为四位数字。」
    """


class MonthNotBegun(Invalid):
    """The month has not begun: nothing can have been sold in it.

    「该月份尚未开始。」
    """


class MonthAlreadyRecorded(Refused):
    """The net sales of this month are recorded.

    If they are wrong, another person of finance corrects them.

    「该月销售额已登记。」
    """


class MonthNotRecorded(Refused):
    """The net sales of this month are not recorded yet.

    「该月销售额尚未登记。」
    """


class SodSalesFigure(Forbidden):
    """Whoever recorded a figure does not correct it.

    「销售额的登记人与更正人不能为同一人。」
    """

    clause = "3.7"


# --- what can be asked ----------------------------------------------------------------------


class RecordSalesFigure(Command):
    """Record the net sales of a month (登记销售额)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.INTEGRATION, Role.FINANCE})
    refusals = (NotAYear, MonthNotBegun, MonthAlreadyRecorded)

    month: Month
    net_sales: Money
    source_ref: Code


class CorrectSalesFigure(Command):
    """Say that the net sales of a month were others (更正销售额)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})
    refusals = (MonthNotRecorded, SodSalesFigure, NothingCorrected)

    month: Month
    net_sales: Money
    source_ref: Code
    reason: Reason


SalesFiguresCommand: TypeAlias = RecordSalesFigure | CorrectSalesFigure

# --- what they answer -----------------------------------------------------------------------


def decide(
    asked: Asked[SalesFiguresCommand], sales: SalesFigures, _: World
) -> list[SalesFiguresEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case RecordSalesFigure() as command:
            return record(asked, command, sales)
        case CorrectSalesFigure() as command:
            return correct(asked, command, sales)
        case _:
            assert_never(asked.command)


def record(
    asked: Asked[SalesFiguresCommand], command: RecordSalesFigure, sales: SalesFigures
) -> list[SalesFiguresEvent]:
    """Record a month once; the running month may be recorded as it stands.

    Raises:
        NotAYear: the address names none.
        MonthNotBegun: it lies in the future.
        MonthAlreadyRecorded: a figure stands.
    """
    if not _YEAR.fullmatch(asked.to):
        raise NotAYear(year=asked.to)
    today = shanghai_day(asked.at)
    if (int(asked.to), command.month) > (today.year, today.month):
        raise MonthNotBegun(field="month", today=today.isoformat())
    known = sales.months.get(command.month)
    if known is not None:
        raise MonthAlreadyRecorded(
            field="month", net_sales=written(known.net_sales), next="CorrectSalesFigure"
        )
    recorded = SalesFigureRecorded(
        year=asked.to,
        month=command.month,
        net_sales_fen=command.net_sales.fen,
        source_ref=command.source_ref,
    )
    return [recorded]


def correct(
    asked: Asked[SalesFiguresCommand], command: CorrectSalesFigure, sales: SalesFigures
) -> list[SalesFiguresEvent]:
    """Correct a month.

    Raises:
        MonthNotRecorded: no figure stands.
        SodSalesFigure: the same person recorded it.
        NothingCorrected: it is the figure that stands.
    """
    known = sales.months.get(command.month)
    if known is None:
        raise MonthNotRecorded(field="month", next="RecordSalesFigure")
    if asked.by.person == known.recorded_by:
        raise SodSalesFigure(person=asked.by.person)
    if command.net_sales.fen == known.net_sales:
        raise NothingCorrected(field="net_sales")
    corrected = SalesFigureCorrected(
        year=sales.year,
        month=command.month,
        old_net_sales_fen=known.net_sales,
        net_sales_fen=command.net_sales.fen,
        source_ref=command.source_ref,
        reason=command.reason,
    )
    return [corrected]


sales_figures: Decider[SalesFiguresCommand, SalesFigures, SalesFiguresEvent] = Decider(
    stream=SALES_FIGURES,
    decide=decide,
    collection="sales-figures",
    label_zh="销售额",
    identity="code",
    code_name="year",
)
