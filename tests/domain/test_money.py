"""Money: written and read without loss, split without losing a fen. A19."""

from itertools import permutations
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.domain.money import AMOUNT, Fen, Money, Shown, money, split, written
from app.domain.values import Party

FEN_MAX: Final = 10**14 - 1
COMPANY, CUSTOMER, THIRD_PARTY = Party
amounts: Final = st.integers(0, FEN_MAX)


# --- writing and reading --------------------------------------------------------------------


@given(amounts)
def test_what_is_written_is_read_back(fen: int) -> None:
    assert AMOUNT.fullmatch(written(fen))
    assert Money(amount=written(fen)).fen == money(fen).fen == fen


@given(st.from_regex(AMOUNT, fullmatch=True))
def test_an_amount_has_one_spelling(amount: str) -> None:
    assert written(Money(amount=amount).fen) == amount


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0.00"), (5, "0.05"), (100, "1.00"), (123_450, "1234.50"), (-5, "-0.05"), (-120, "-1.20")],
)
def test_fen_are_written_with_two_places(fen: int, text: str) -> None:
    assert written(fen) == text


NO_AMOUNTS: Final = (
    *("", "1", "1.0", "1.000", "01.00", ".50", "-1.00", "+1.00", "1,000.00", "1e3", "1.00\n"),
    *("\uff11.00", "1234567890123.00", 1, 1.5, None),
)


@pytest.mark.parametrize("amount", NO_AMOUNTS)
def test_anything_else_is_no_amount(amount: object) -> None:
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": amount, "currency": "CNY"})


def test_money_is_in_yuan() -> None:
    assert Money(amount="1.00").currency == "CNY"
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": "1.00", "currency": "USD"})


def test_whatever_an_event_stores_can_be_written() -> None:
    fen: TypeAdapter[int] = TypeAdapter(Fen)

    assert money(fen.validate_python(FEN_MAX)).amount == "999999999999.99"
    for outside in (FEN_MAX + 1, -1):
        with pytest.raises(ValidationError):
            fen.validate_python(outside)


def test_readers_see_fen_as_an_amount_of_money() -> None:
    class Seen(BaseModel):
        amount: Shown
        rest: Shown | None = None

    seen = Seen(amount=123_450)

    assert seen.amount == 123_450
    assert seen.model_dump(mode="json") == {
        "amount": {"amount": "1234.50", "currency": "CNY"},
        "rest": None,
    }
    assert Seen.model_validate_json(seen.model_dump_json()) == seen


# --- splitting ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "company", "customer"),
    [
        ("333.33", "233.33", "100.00"),
        ("501.15", "350.81", "150.34"),
        ("100.01", "70.01", "30.00"),
        ("0.05", "0.04", "0.01"),
        ("0.01", "0.01", "0.00"),
        ("1234.57", "864.20", "370.37"),
        ("999.99", "699.99", "300.00"),
    ],
)
def test_a19_seventy_to_thirty(total: str, company: str, customer: str) -> None:
    parts = split(Money(amount=total).fen, [(COMPANY, 7_000), (CUSTOMER, 3_000)])

    assert [written(part) for part in parts] == [company, customer]


def test_a_tie_goes_to_the_larger_share_and_then_in_the_order_of_parties() -> None:
    larger = [(COMPANY, 2_500), (CUSTOMER, 7_500)]
    thirds = [(THIRD_PARTY, 2_500), (CUSTOMER, 2_500), (COMPANY, 5_000)]

    assert split(1, [(CUSTOMER, 5_000), (COMPANY, 5_000)]) == [0, 1]
    assert split(2, larger) == [0, 2]  # half a fen each
    assert split(2, thirds) == [0, 1, 1]  # half a fen for two, and a whole one


tables: Final = (
    st.lists(st.integers(0, 10_000), min_size=2, max_size=2)
    .map(sorted)
    .map(lambda cuts: [cuts[0], cuts[1] - cuts[0], 10_000 - cuts[1]])
    .map(lambda bps: list(zip(Party, bps, strict=True)))
)


@given(amounts, tables)
def test_the_parts_of_a_split_add_up_and_none_is_a_fen_off(
    total: int, shares: list[tuple[Party, int]]
) -> None:
    parts = split(total, shares)

    assert sum(parts) == total
    assert min(parts) >= 0
    for part, (_, bps) in zip(parts, shares, strict=True):
        assert abs(part * 10_000 - total * bps) < 10_000
        assert part == 0 or bps > 0


@given(amounts, tables)
def test_the_order_in_which_shares_are_given_does_not_matter(
    total: int, shares: list[tuple[Party, int]]
) -> None:
    wanted = dict(zip(Party, split(total, shares), strict=True))

    for shuffled in permutations(shares):
        parts = split(total, shuffled)
        assert dict(zip((party for party, _ in shuffled), parts, strict=True)) == wanted
