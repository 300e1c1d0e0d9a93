"""Money: a decimal string at the edge, whole fen inside, never a float. Clause 4.5."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from app.domain.values import Party

FEN_MAX: Final = 10**14 - 1
RATE_PLACES: Final = 8
AMOUNT: Final = re.compile(r"(0|[1-9][0-9]{0,11})\.[0-9]{2}")
TOTAL: Final = re.compile(r"(0|[1-9][0-9]{0,15})\.[0-9]{2}")

Fen = Annotated[
    int, Field(ge=0, le=FEN_MAX, description="Money in whole fen: 50000 is CNY 500.00.")
]
"""What an event stores: as much as `Money` can write."""
TotalFen = Annotated[int, Field(ge=0, le=2**53 - 1, description="A sum of money in whole fen.")]
"""What amounts add up to: as much as every reader of JSON takes for a whole number."""


AmountText = Annotated[
    str,
    Field(
        strict=True,
        pattern=rf"^{AMOUNT.pattern}$",
        description="Decimal string with exactly two places; no sign, no separators.",
        examples=["1280.00"],
    ),
]
Currency = Annotated[
    str,
    Field(pattern="^[A-Z]{3}$", description="币种, as ISO 4217 writes it.", examples=["CNY"]),
]


def _above_zero(rate: str) -> str:
    if Decimal(rate) == 0:
        raise ValueError("a rate is above zero")
    return rate


Rate = Annotated[
    str,
    Field(
        strict=True,
        pattern=rf"^(0|[1-9][0-9]{{0,5}})(\.[0-9]{{1,{RATE_PLACES}}})?$",
        description="CNY for one unit of the currency, as a decimal string (汇率).",
        examples=["7.1234"],
    ),
    AfterValidator(_above_zero),  # after the pattern: it reads a number
]


class Amount(BaseModel):
    """An amount in the currency of the paper that it stands on (原币金额)."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"amount": "1280.00", "currency": "EUR"}]},
    )

    amount: AmountText
    currency: Currency | None = Field(
        default=None, description="That of the whole paper, when not given."
    )

    @property
    def hundredths(self) -> int:
        """The amount in hundredths of its currency's unit."""
        return int(Decimal(self.amount) * 100)


class Money(Amount):
    """An amount of money as people and other systems write it (金额)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"amount": "1280.00", "currency": "CNY"}]},
    )

    currency: Literal["CNY"] = "CNY"

    @property
    def fen(self) -> int:
        """The amount in whole fen."""
        return self.hundredths


class Total(Money):
    """What several amounts add up to (合计金额). It is only ever read."""

    amount: Annotated[
        str,
        Field(
            pattern=rf"^{TOTAL.pattern}$",
            description="Decimal string with exactly two places; it may be longer than an amount.",
            examples=["1280.00"],
        ),
    ]


def written(fen: int) -> str:
    """`123450` is `1234.50`; a difference may be negative."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def money(fen: int) -> Money:
    """Fen as an amount of money."""
    return Money(amount=written(fen))


def total(fen: int) -> Total:
    """Fen of several amounts as what they add up to."""
    return Total(amount=written(fen))


def _shown(fen: int | None) -> dict[str, Any] | None:
    return None if fen is None else {"amount": written(fen), "currency": "CNY"}


def _fen(value: Any) -> Any:  # noqa: ANN401 - whatever stands there; the type checks it next
    return Money.model_validate(value).fen if isinstance(value, dict) else value


Shown = Annotated[
    int,
    BeforeValidator(_fen),
    PlainSerializer(_shown, when_used="json"),
    WithJsonSchema(Money.model_json_schema(), mode="serialization"),
]
"""Fen in a state that readers see: whole fen to decide with, an amount of money in JSON."""


def split(total_fen: int, shares: Sequence[tuple[Party, int]]) -> list[int]:
    """Split an amount by basis points so that the parts always add up.

    Whole fen are cut off first; what is left over goes, one fen each, to the largest remainder;
    of equal remainders to the larger share, then in the order COMPANY, CUSTOMER, THIRD_PARTY.

    Args:
        total_fen: what is split, in fen.
        shares: parties with basis points that add up to 10 000.

    Returns:
        Fen for each share, in the order given.
    """
    parts = [total_fen * bps // 10_000 for _, bps in shares]
    order = list(Party)
    by_remainder = sorted(
        range(len(shares)),
        key=lambda i: (
            -(total_fen * shares[i][1] % 10_000),
            -shares[i][1],
            order.index(shares[i][0]),
        ),
    )
    for i in by_remainder[: total_fen - sum(parts)]:
        parts[i] += 1
    return parts


def converted(hundredths: int, rate: str) -> int:
    """An amount of another currency in fen, half a fen rounded up; whole numbers throughout."""
    units = int(Decimal(rate).scaleb(RATE_PLACES))
    one = 10**RATE_PLACES
    return (2 * hundredths * units + one) // (2 * one)


def converted_lines(hundredths: Sequence[int], rate: str) -> list[int]:
    """Amounts of another currency in fen, so that they add up to their converted sum.

    Each is rounded by itself; what the sum differs by goes to the largest, and what that cannot
    bear, because nothing is less than nothing, to the next largest.
    """
    fen = [converted(each, rate) for each in hundredths]
    left = converted(sum(hundredths), rate) - sum(fen)
    for index in sorted(range(len(fen)), key=lambda i: -hundredths[i]):
        taken = max(left, -fen[index])
        fen[index] += taken
        left -= taken
    return fen
