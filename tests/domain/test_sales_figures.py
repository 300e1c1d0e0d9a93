"""Sales figures: a month once, corrected by another person."""

from typing import Final

import pytest

from app.domain.corrections import NothingCorrected
from app.domain.errors import WrongRole
from app.domain.money import money
from app.domain.sales_figures.decisions import (
    CorrectSalesFigure,
    MonthAlreadyRecorded,
    MonthNotBegun,
    MonthNotRecorded,
    NotAYear,
    RecordSalesFigure,
    SodSalesFigure,
    sales_figures,
)
from app.domain.sales_figures.events import SalesFigureCorrected, SalesFigureRecorded
from tests.domain.counting import SECOND_CASHIER
from tests.people import CASHIER, CLERK, ERP
from tests.spec import Spec

REASON: Final = "A credit note was booked twice."
NO_FIGURE: Final = Spec(sales_figures, to="2025")


def record(month: int = 2, fen: int = 1_000_00) -> RecordSalesFigure:
    """What the books say."""
    return RecordSalesFigure(month=month, net_sales=money(fen), source_ref="GL-2")


def recorded(month: int = 2, fen: int = 1_000_00) -> SalesFigureRecorded:
    """What `record` leads to."""
    return SalesFigureRecorded(year="2025", month=month, net_sales_fen=fen, source_ref="GL-2")


def correct(month: int = 2, fen: int = 900_00) -> CorrectSalesFigure:
    """What the books say rather."""
    return CorrectSalesFigure(month=month, net_sales=money(fen), source_ref="GL-2R", reason=REASON)


CORRECTED: Final = SalesFigureCorrected(
    year="2025",
    month=2,
    old_net_sales_fen=1_000_00,
    net_sales_fen=900_00,
    source_ref="GL-2R",
    reason=REASON,
)
KNOWN: Final = NO_FIGURE.given(CASHIER.did(recorded(), to="2025"))


@pytest.mark.parametrize("month", [1, 2, 3])
def test_a_month_that_has_begun_is_recorded_by_finance_or_by_the_books(month: int) -> None:
    NO_FIGURE.when(CASHIER.asks(record(month), to="2025")).then(recorded(month))
    NO_FIGURE.when(ERP.asks(record(month), to="2025")).then(recorded(month))


def test_nobody_else_records_sales() -> None:
    NO_FIGURE.when(CLERK.asks(record(), to="2025")).then_refused(WrongRole)


def test_a_month_that_has_not_begun_has_no_sales() -> None:
    NO_FIGURE.when(CASHIER.asks(record(4), to="2025")).then_refused(
        MonthNotBegun, today="2025-03-03"
    )
    NO_FIGURE.when(CASHIER.asks(record(1), to="2026")).then_refused(MonthNotBegun)


@pytest.mark.parametrize("year", ["25", "2025Q1", "year", "0999"])
def test_a_year_has_four_digits(year: str) -> None:
    NO_FIGURE.when(CASHIER.asks(record(), to=year)).then_refused(NotAYear, year=year)


def test_a_month_is_recorded_once() -> None:
    KNOWN.when(CASHIER.asks(record(), to="2025")).then_refused(
        MonthAlreadyRecorded, net_sales="1000.00"
    )


def test_another_person_corrects_a_figure() -> None:
    KNOWN.when(SECOND_CASHIER.asks(correct(), to="2025")).then(CORRECTED)
    KNOWN.when(CASHIER.asks(correct(), to="2025")).then_refused(SodSalesFigure, person="Tang")


def test_only_what_is_recorded_and_wrong_is_corrected() -> None:
    KNOWN.when(SECOND_CASHIER.asks(correct(1), to="2025")).then_refused(MonthNotRecorded)
    KNOWN.when(SECOND_CASHIER.asks(correct(fen=1_000_00), to="2025")).then_refused(NothingCorrected)


def test_the_sales_of_a_year_add_up_in_the_order_of_its_months() -> None:
    sales = KNOWN.given(
        CASHIER.did(recorded(1, 50_00), to="2025"), SECOND_CASHIER.did(CORRECTED, to="2025")
    ).state()

    assert list(sales.months) == [1, 2]
    assert sales.net_sales_fen == 950_00
    assert (sales.months[2].recorded_by, sales.months[2].corrections) == ("Tang", 1)
