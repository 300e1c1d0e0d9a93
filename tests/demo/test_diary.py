"""The diary: working days, office hours, never backwards."""

from datetime import date, time, timedelta

import pytest

from app.demo.chance import Chance
from app.demo.diary import CLOSES, OPENS, Diary, local, next_working_day, utc, works_on


@pytest.mark.parametrize(
    ("day", "works"),
    [
        pytest.param(date(2025, 3, 31), True, id="a Monday"),
        pytest.param(date(2025, 3, 30), False, id="a Sunday"),
        pytest.param(date(2025, 1, 28), False, id="spring festival begins"),
        pytest.param(date(2025, 2, 4), False, id="spring festival ends"),
        pytest.param(date(2025, 2, 5), True, id="the day after"),
    ],
)
def test_nobody_works_at_weekends_and_on_holidays(day: date, works: bool) -> None:  # noqa: FBT001
    assert works_on(day) is works


def test_days_off_are_not_counted() -> None:
    assert next_working_day(date(2025, 1, 27), 1) == date(2025, 2, 5)
    assert next_working_day(date(2025, 1, 25), 0) == date(2025, 1, 26)  # worked instead
    assert next_working_day(date(2025, 3, 31), 0) == date(2025, 3, 31)


def test_what_would_end_after_hours_is_done_the_next_morning() -> None:
    diary = Diary(Chance(42, "diary"), local(date(2025, 1, 27), 17, 20))

    later = diary.minutes(30, 30)

    assert later.date() == date(2025, 2, 5)
    assert OPENS <= later.time() < time(9, 30)


def test_a_diary_never_goes_back_and_keeps_office_hours() -> None:
    chance = Chance(42, "diary")
    diary = Diary(chance, local(date(2025, 1, 2), 8))

    kept = [diary.days(0, 2) if chance.happens(50) else diary.minutes(5, 400) for _ in range(300)]

    assert kept == sorted(kept)
    assert all(works_on(each.date()) and OPENS <= each.time() < CLOSES for each in kept)


def test_a_diary_can_wait() -> None:
    diary = Diary(Chance(42, "diary"), local(date(2025, 1, 2), 8))

    diary.not_before(local(date(2025, 1, 6), 9))
    diary.not_before(local(date(2025, 1, 3), 9))

    assert diary.at == local(date(2025, 1, 6), 9)
    assert diary.at + timedelta(minutes=5) == diary.minutes(5, 5)


def test_instants_are_sent_in_utc() -> None:
    assert utc(local(date(2025, 1, 1), 0)) == "2024-12-31T16:00:00Z"
