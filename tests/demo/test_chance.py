"""Chance: the numbers that were written down, and streams that leave each other alone."""

from collections import Counter

import pytest

from app.demo.chance import Chance, u


@pytest.mark.parametrize(
    ("i", "number"),
    [(0, 0.511039966), (1, 0.228182861), (2, 0.707907234), (3, 0.743867414)],
)
def test_the_numbers_of_a_stream_are_those_written_down(i: int, number: float) -> None:
    assert u(42, "case", i) == pytest.approx(number, abs=5e-10)


def test_a_stream_draws_one_number_after_the_other() -> None:
    chance = Chance(42, "case")

    assert [chance.draw() for _ in range(4)] == [u(42, "case", i) for i in range(4)]


def test_a_stream_does_not_care_what_others_draw() -> None:
    alone, beside = Chance(42, "one"), Chance(42, "one")
    other = Chance(42, "other")

    first = [alone.draw() for _ in range(3)]
    second = [(other.draw(), beside.draw())[1] for _ in range(3)]

    assert first == second


def test_whole_numbers_keep_both_ends() -> None:
    chance = Chance(42, "whole")

    assert {chance.whole(1, 4) for _ in range(200)} == {1, 2, 3, 4}


def test_weights_are_kept() -> None:
    chance = Chance(42, "weights")

    counted = Counter(chance.weighted({"often": 90, "seldom": 10, "never": 0}) for _ in range(1000))

    assert 860 < counted["often"] < 940
    assert counted["never"] == 0


def test_long_tails_have_their_median_where_it_belongs() -> None:
    chance = Chance(42, "tails")

    drawn = sorted(chance.lognormal(31_000, 0.8) for _ in range(999))

    assert 28_000 < drawn[499] < 34_000
    assert all(chance.weibull(1.3, 14) >= 0 for _ in range(100))
