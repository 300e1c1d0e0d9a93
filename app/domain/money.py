"""Money: a decimal string at the edge, whole fen inside, never a float. Clause 4.5."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from app.domain.values import Party

AMOUNT: Final = re.compile(r"(0|[1-9][0-9]{0,11})\.[0-9]{2}")

Fen = Annotated[
    int, Field(ge=0, le=10**14 - 1, description="Money in whole fen: 50000 is CNY 500.00.")
]
"""What an event stores: as much as `Money` can write."""


class Money(BaseModel):
    """An amount of money as people and other systems write it (金额)."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"amount": "1280.00", "currency": "CNY"}]},
    )

    amount: Annotated[
        str,
        Field(
            strict=True,
            pattern=rf"^{AMOUNT.pattern}$",
            description="Decimal string with exactly two places; no sign, no separators.",
            examples=["1280.00"],
        ),
    ]
    currency: Literal["CNY"] = "CNY"

    @property
    def fen(self) -> int:
        """The amount in whole fen."""
        return int(Decimal(self.amount) * 100)


def written(fen: int) -> str:
    """`123450` is `1234.50`; a difference may be negative."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def money(fen: int) -> Money:
    """Fen as an amount of money."""
    return Money(amount=written(fen))


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
