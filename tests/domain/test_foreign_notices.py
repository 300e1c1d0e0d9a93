"""A notice in another currency: converted once, line by line, so that lines always add up."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.claim.commands import RegisterClaim
from app.domain.claim.decisions import claim
from app.domain.claim.events import ClaimRegistered
from app.domain.claim.refusals import (
    ClaimLineTwice,
    ConvertedTooLarge,
    CurrencyMismatch,
    ExchangeRateMismatch,
    LineMismatch,
    SpecMissing,
    SumMismatch,
)
from app.domain.claim.words import ExchangeRate, ForeignLine, ForeignNotice, LineType, NoticeLine
from app.domain.errors import DomainError, InTheFuture
from app.domain.money import Amount, Money, converted, converted_lines, written
from tests.people import CLERK
from tests.spec import Spec

TODAY = date(2025, 3, 3)
SPEC_CODE = "TC 85×105×10 FKM"


def euro(hundredths: int) -> Amount:
    """So many cents."""
    return Amount(amount=written(hundredths), currency="EUR")


def rate(value: str = "7.8123", on: date = TODAY) -> ExchangeRate:
    """A published rate."""
    return ExchangeRate(rate=value, on=on, source_ref="CFETS 2025-03-03")


def notice(*cents: int, **said: Any) -> RegisterClaim:  # noqa: ANN401 - any field of the command
    """A line of material for each amount, all in euro."""
    lines = tuple(
        NoticeLine(line=number, spec_code=SPEC_CODE, type=LineType.MATERIAL, amount=euro(each))
        for number, each in enumerate(cents, start=1)
    )
    whole: dict[str, Any] = {
        "customer_id": "C01",
        "notice_no": "N-1",
        "lines": lines,
        "claimed_total": euro(sum(cents)),
        "currency": "EUR",
        "fx": rate(),
        "failure_on": date(2025, 2, 20),
    }
    return RegisterClaim(**(whole | said))


def registered(command: RegisterClaim) -> ClaimRegistered:
    """What it leads to."""
    (event,) = Spec(claim).when(CLERK.asks(command)).answer()
    assert isinstance(event, ClaimRegistered)
    return event


def test_a_notice_is_converted_once_and_keeps_what_it_said() -> None:
    line = NoticeLine(
        line=1,
        spec_code=SPEC_CODE,
        type=LineType.MATERIAL,
        quantity="3",
        unit_price=euro(33_33),
        amount=euro(99_99),
    )
    event = registered(notice(99_99, lines=(line,)))

    assert event.claimed_fen == 781_15  # 99.99 x 7.8123 = 781.1518...
    assert [(each.unit_price_fen, each.amount_fen) for each in event.lines] == [(260_38, 781_15)]
    assert event.foreign == ForeignNotice(
        currency="EUR",
        rate="7.8123",
        rate_on=TODAY,
        source_ref="CFETS 2025-03-03",
        claimed_total="99.99",
        lines=(ForeignLine(line=1, unit_price="33.33", amount="99.99"),),
    )
    state = Spec(claim).given(CLERK.did(event)).state()
    assert (state.claimed, state.foreign) == (781_15, event.foreign)


def test_a_notice_in_cny_looks_as_it_always_did() -> None:
    line = NoticeLine(
        line=1,
        spec_code=SPEC_CODE,
        type=LineType.MATERIAL,
        amount=Money(amount="80.00"),
    )
    event = registered(
        notice(lines=(line,), claimed_total=Money(amount="80.00"), currency="CNY", fx=None)
    )

    assert (event.claimed_fen, event.lines[0].amount_fen, event.foreign) == (80_00, 80_00, None)
    assert "foreign" not in event.model_dump(mode="json")


def test_an_amount_without_a_currency_is_in_that_of_the_notice() -> None:
    plain = NoticeLine(
        line=1, spec_code=SPEC_CODE, type=LineType.MATERIAL, amount=Amount(amount="10.00")
    )

    assert registered(notice(10_00, lines=(plain,))).claimed_fen == 78_12


@pytest.mark.parametrize(
    ("said", "error", "field"),
    [
        pytest.param({"fx": None}, ExchangeRateMismatch, "fx", id="no rate"),
        pytest.param(
            {
                "currency": "CNY",
                "claimed_total": Money(amount="10.00"),
                "lines": (
                    NoticeLine(
                        line=1,
                        spec_code=SPEC_CODE,
                        type=LineType.MATERIAL,
                        amount=Money(amount="10.00"),
                    ),
                ),
            },
            ExchangeRateMismatch,
            "fx",
            id="a rate for CNY",
        ),
        pytest.param({"currency": "USD"}, CurrencyMismatch, "claimed_total", id="another total"),
        pytest.param(
            {"claimed_total": Amount(amount="10.00"), "currency": "USD"},
            CurrencyMismatch,
            "lines.0.amount",
            id="another line",
        ),
        pytest.param({"fx": rate(on=date(2025, 3, 4))}, InTheFuture, "fx.on", id="tomorrow's rate"),
        pytest.param(
            {"claimed_total": euro(10_01)}, SumMismatch, "claimed_total", id="a cent more"
        ),
    ],
)
def test_a_notice_that_is_not_understood_is_refused(
    said: dict[str, Any], error: type[DomainError], field: str
) -> None:
    asked = Spec(claim).when(CLERK.asks(notice(10_00, **said)))

    asked.then_refused(error)
    with pytest.raises(error) as refusal:
        asked.answer()
    assert refusal.value.field == field


def test_a_unit_price_is_in_the_currency_of_the_notice_too() -> None:
    def line(price: Amount) -> NoticeLine:
        return NoticeLine(
            line=1,
            spec_code=SPEC_CODE,
            type=LineType.MATERIAL,
            quantity="1",
            unit_price=price,
            amount=euro(10_00),
        )

    for price, error in ((Money(amount="10.00"), CurrencyMismatch), (euro(11_00), LineMismatch)):
        command = notice(10_00, lines=(line(price),))
        Spec(claim).when(CLERK.asks(command)).then_refused(error)


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        pytest.param(({}, {"line": 1}), ClaimLineTwice, "lines.1.line", id="a number twice"),
        pytest.param(({"spec_code": None},), SpecMissing, "lines.0.spec_code", id="no spec"),
        pytest.param(
            ({"spec_code": None, "type": LineType.TRAVEL},),
            SpecMissing,
            "lines.0.spec_code",
            id="no line names a spec",
        ),
        pytest.param(({"quantity": "2"},), LineMismatch, "lines.0.unit_price", id="no price"),
        pytest.param(
            ({"unit_price": euro(10_00)},), LineMismatch, "lines.0.quantity", id="no quantity"
        ),
    ],
)
def test_lines_hold_together(
    changes: tuple[dict[str, Any], ...], error: type[DomainError], field: str
) -> None:
    whole = {"spec_code": SPEC_CODE, "type": LineType.MATERIAL, "amount": euro(10_00)}
    lines = tuple(
        NoticeLine.model_validate({"line": number} | whole | each)
        for number, each in enumerate(changes, start=1)
    )
    command = notice(lines=lines, claimed_total=euro(10_00 * len(lines)))
    asked = Spec(claim).when(CLERK.asks(command))

    asked.then_refused(error)
    with pytest.raises(error) as refusal:
        asked.answer()
    assert refusal.value.field == field


def test_what_cannot_be_written_in_cny_is_refused() -> None:
    huge = 10**14 - 1

    Spec(claim).when(CLERK.asks(notice(huge, fx=rate("1.0001")))).then_refused(ConvertedTooLarge)
    assert registered(notice(huge, fx=rate("1"))).claimed_fen == huge


@pytest.mark.parametrize("value", ["0", "0.00", "07.1", "-7.1", "7,1", "1e3", "7.", "7.123456789"])
def test_a_rate_is_a_decimal_above_zero(value: str) -> None:
    with pytest.raises(ValidationError):
        rate(value)


@pytest.mark.parametrize(
    ("hundredths", "value", "fen"),
    [
        pytest.param(1, "0.5", 1, id="half a fen is rounded up"),
        pytest.param(1, "0.49999999", 0, id="less than half is cut"),
        pytest.param(3, "0.5", 2, id="also above"),
        pytest.param(100_00, "7.1234", 712_34, id="nothing to round"),
        pytest.param(0, "7.1234", 0, id="nothing at all"),
    ],
)
def test_half_a_fen_is_rounded_up(hundredths: int, value: str, fen: int) -> None:
    assert converted(hundredths, value) == fen


@pytest.mark.parametrize(
    ("hundredths", "value", "fen"),
    [
        pytest.param([1, 1, 3], "0.5", [1, 1, 1], id="the largest bears the difference"),
        pytest.param([1, 3, 3], "0.5", [1, 1, 2], id="of equals the first"),
        pytest.param([1, 1, 1, 1], "0.5", [0, 0, 1, 1], id="and the next what it cannot bear"),
        pytest.param([33, 33], "0.01", [1, 0], id="a fen more"),
    ],
)
def test_the_largest_line_bears_what_is_left(
    hundredths: list[int], value: str, fen: list[int]
) -> None:
    assert converted_lines(hundredths, value) == fen


rates = st.builds(
    lambda whole, part: f"{whole}.{part:08d}", st.integers(0, 999), st.integers(1, 10**8 - 1)
)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60), rates)
def test_lines_add_up_in_both_currencies(cents: list[int], value: str) -> None:
    event = registered(notice(*cents, fx=rate(value)))

    assert event.foreign is not None
    original = [Amount(amount=each.amount).hundredths for each in event.foreign.lines]
    assert original == cents
    assert sum(original) == Amount(amount=event.foreign.claimed_total).hundredths
    assert sum(each.amount_fen for each in event.lines) == event.claimed_fen
    assert event.claimed_fen == converted(sum(cents), value)
    assert min(each.amount_fen for each in event.lines) >= 0
