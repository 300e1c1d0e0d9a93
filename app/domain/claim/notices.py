"""The cost lines of a notice: that they hold together, and what they come to in CNY. Clause 4.5."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from app.domain.claim.commands import RegisterClaim
from app.domain.claim.refusals import (
    ClaimLineTwice,
    ConvertedTooLarge,
    CurrencyMismatch,
    ExchangeRateMismatch,
    LineMismatch,
    SpecMissing,
    SumMismatch,
)
from app.domain.claim.words import (
    CostLine,
    ExchangeRate,
    ForeignLine,
    ForeignNotice,
    LineType,
    NoticeLine,
)
from app.domain.errors import InTheFuture
from app.domain.money import FEN_MAX, Amount, converted, converted_lines, written

CNY = "CNY"


def read_lines(
    command: RegisterClaim, today: date
) -> tuple[tuple[CostLine, ...], ForeignNotice | None]:
    """The lines in fen; of a notice in another currency also what it says itself.

    Raises:
        CurrencyMismatch, ExchangeRateMismatch, InTheFuture: a currency or rate that does not fit.
        ClaimLineTwice, SpecMissing, LineMismatch, SumMismatch: lines that do not hold together.
        ConvertedTooLarge: more than can be written.
    """
    rate = _rate_of(command, today)
    _must_add_up(command)
    if rate is None:
        return tuple(_in_cny(each) for each in command.lines), None
    return _converted(command, rate), _as_it_says(command, rate)


def _rate_of(command: RegisterClaim, today: date) -> ExchangeRate | None:
    for field, amount in _amounts(command):
        if amount.currency not in {None, command.currency}:
            raise CurrencyMismatch(
                field=field, currency=amount.currency, notice_currency=command.currency
            )
    if (command.fx is None) != (command.currency == CNY):
        raise ExchangeRateMismatch(field="fx", currency=command.currency)
    if command.fx is not None and command.fx.on > today:
        raise InTheFuture(field="fx.on", today=today.isoformat())
    return command.fx


def _amounts(command: RegisterClaim) -> Iterator[tuple[str, Amount]]:
    yield "claimed_total", command.claimed_total
    for index, each in enumerate(command.lines):
        yield f"lines.{index}.amount", each.amount
        if each.unit_price is not None:
            yield f"lines.{index}.unit_price", each.unit_price


def _must_add_up(command: RegisterClaim) -> None:
    numbers = [each.line for each in command.lines]
    for index, each in enumerate(command.lines):
        if each.line in numbers[:index]:
            raise ClaimLineTwice(field=f"lines.{index}.line", line=each.line)
        if each.type is LineType.MATERIAL and each.spec_code is None:
            raise SpecMissing(field=f"lines.{index}.spec_code")
        _must_multiply(each, index)
    if all(each.spec_code is None for each in command.lines):
        raise SpecMissing(field="lines.0.spec_code")
    total = sum(each.amount.hundredths for each in command.lines)
    if total != command.claimed_total.hundredths:
        raise SumMismatch(
            field="claimed_total",
            lines_total=written(total),
            claimed_total=command.claimed_total.amount,
            difference=written(command.claimed_total.hundredths - total),
        )


def _must_multiply(line: NoticeLine, index: int) -> None:
    """Quantity times price is the amount; systems round the odd half fen either way."""
    if line.quantity is None and line.unit_price is None:
        return
    if line.quantity is None or line.unit_price is None:
        missing = "quantity" if line.quantity is None else "unit_price"
        raise LineMismatch(field=f"lines.{index}.{missing}", line=line.line)
    product = Decimal(line.quantity) * line.unit_price.hundredths
    if abs(product - line.amount.hundredths) >= 1:
        raise LineMismatch(
            field=f"lines.{index}.amount",
            line=line.line,
            product=written(int(product.to_integral_value())),
            amount=line.amount.amount,
        )


def _in_cny(line: NoticeLine) -> CostLine:
    return _cost_line(
        line,
        unit_price_fen=None if line.unit_price is None else line.unit_price.hundredths,
        amount_fen=line.amount.hundredths,
    )


def _converted(command: RegisterClaim, fx: ExchangeRate) -> tuple[CostLine, ...]:
    """The lines in fen, adding up to the converted total; unit prices each by itself."""
    amounts = converted_lines([each.amount.hundredths for each in command.lines], fx.rate)
    prices = [
        None if each.unit_price is None else converted(each.unit_price.hundredths, fx.rate)
        for each in command.lines
    ]
    largest = max(sum(amounts), *(each or 0 for each in prices))
    if largest > FEN_MAX:
        raise ConvertedTooLarge(field="fx.rate", in_cny=written(largest), at_most=written(FEN_MAX))
    return tuple(
        _cost_line(each, unit_price_fen=price, amount_fen=amount)
        for each, price, amount in zip(command.lines, prices, amounts, strict=True)
    )


def _cost_line(line: NoticeLine, *, unit_price_fen: int | None, amount_fen: int) -> CostLine:
    return CostLine(
        line=line.line,
        spec_code=line.spec_code,
        pieces=line.pieces,
        type=line.type,
        quantity=line.quantity,
        unit_price_fen=unit_price_fen,
        amount_fen=amount_fen,
    )


def _as_it_says(command: RegisterClaim, fx: ExchangeRate) -> ForeignNotice:
    return ForeignNotice(
        currency=command.currency,
        rate=fx.rate,
        rate_on=fx.on,
        source_ref=fx.source_ref,
        claimed_total=command.claimed_total.amount,
        lines=tuple(
            ForeignLine(
                line=each.line,
                unit_price=None if each.unit_price is None else each.unit_price.amount,
                amount=each.amount.amount,
            )
            for each in command.lines
        ),
    )
