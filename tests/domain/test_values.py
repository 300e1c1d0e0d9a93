"""The common words at their edges: days in Shanghai, codes of one spelling. A15."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.domain.values import (
    SHANGHAI,
    Code,
    Day,
    Instant,
    end_of_day,
    end_of_week,
    iso_week_of,
    quarter_of,
    shanghai_day,
)

DAY: Final[TypeAdapter[date]] = TypeAdapter(Day)
CODE: Final[TypeAdapter[str]] = TypeAdapter(Code)

# --- days -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "week", "end"),
    [
        pytest.param("2025-03-02T15:59:59Z", "2025-W09", "2025-03-02T16:00Z", id="Sunday's end"),
        pytest.param("2025-03-02T16:00:00Z", "2025-W10", "2025-03-09T16:00Z", id="Monday 00:00"),
        pytest.param("2024-12-30T00:00:00Z", "2025-W01", "2025-01-05T16:00Z", id="of next year"),
        pytest.param("2027-01-01T00:00:00Z", "2026-W53", "2027-01-03T16:00Z", id="of last year"),
    ],
)
def test_a_week_begins_on_monday_in_shanghai(instant: str, week: str, end: str) -> None:
    at = datetime.fromisoformat(instant)

    assert iso_week_of(shanghai_day(at)) == week
    assert end_of_week(at) == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    ("written", "day", "quarter"),
    [
        pytest.param("2025-03-31T15:59:59Z", date(2025, 3, 31), "2025Q1", id="a second before"),
        pytest.param("2025-03-31T16:00:00Z", date(2025, 4, 1), "2025Q2", id="midnight in Shanghai"),
        pytest.param("2025-03-31", date(2025, 3, 31), "2025Q1", id="a day is a day"),
        pytest.param("2024-12-31T16:00:00Z", date(2025, 1, 1), "2025Q1", id="New Year"),
        pytest.param("2025-03-31T00:00:00+09:00", date(2025, 3, 30), "2025Q1", id="Tokyo"),
        pytest.param("2025-03-31t16:00:00.5z", date(2025, 4, 1), "2025Q2", id="small letters"),
        pytest.param("2025-03-31 23:59-0800", date(2025, 4, 1), "2025Q2", id="the other side"),
    ],
)
def test_a15_an_instant_counts_on_its_day_in_shanghai(
    written: str, day: date, quarter: str
) -> None:
    assert DAY.validate_json(f'"{written}"') == DAY.validate_python(written) == day
    assert quarter_of(day) == quarter


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2025, 1, 1), "2025Q1"),
        (date(2025, 6, 30), "2025Q2"),
        (date(2025, 7, 1), "2025Q3"),
        (date(2025, 9, 30), "2025Q3"),
        (date(2025, 10, 1), "2025Q4"),
        (date(2025, 12, 31), "2025Q4"),
    ],
)
def test_a_quarter_is_three_months(day: date, quarter: str) -> None:
    assert quarter_of(day) == quarter


NO_DAYS: Final = (
    *("0", "1743379200", "1e9", "true", "null", "[]", '"1743379200"', '""', '"20250331"'),
    *('"2025-3-31"', '"2025-02-30"', '"2025-03-31\\n"', '"\uff12025-03-31"'),
    *('"2025-03-31T10:00:00"', '"2025-03-31T00:00:00"', '"2025-03-31T25:00:00Z"'),
    *('"9999-12-31T16:00:00Z"', '"0001-01-01T00:00:00+14:00"'),
)


@pytest.mark.parametrize("written", NO_DAYS)
def test_anything_else_is_no_day(written: str) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_json(written)


def test_a_day_is_taken_from_what_python_knows() -> None:
    instant = datetime(2025, 3, 31, 16, tzinfo=UTC)

    assert DAY.validate_python(date(2025, 3, 31)) == date(2025, 3, 31)
    assert DAY.validate_python(instant) == date(2025, 4, 1)
    with pytest.raises(ValidationError):
        DAY.validate_python(instant.replace(tzinfo=None))


@given(st.dates(max_value=date(9999, 12, 30)))
def test_a_day_is_itself_from_its_first_instant_to_its_last(day: date) -> None:
    end = end_of_day(day)
    first = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)

    assert end - first == timedelta(days=1)
    assert shanghai_day(first) == day == shanghai_day(end - timedelta(microseconds=1))
    assert shanghai_day(end) == day + timedelta(days=1)
    assert DAY.validate_json(DAY.dump_json(day)) == day


def test_the_document_offers_a_day_or_an_instant() -> None:
    taken = DAY.json_schema()["anyOf"]

    assert [each["format"] for each in taken] == ["date", "date-time"]
    assert DAY.json_schema(mode="serialization")["format"] == "date"


# --- codes ----------------------------------------------------------------------------------

COMPOSED: Final = "\u00e9"
DECOMPOSED: Final = "e\u0301"
GROWS: Final = "\u0958"
"""A letter of which the one spelling has two characters."""


def test_a_code_has_one_spelling() -> None:
    assert CODE.validate_python(f"C-{DECOMPOSED}") == f"C-{COMPOSED}"
    assert CODE.validate_python("TC 85×105×10 FKM") == "TC 85×105×10 FKM"


NO_CODES: Final = (
    *("", " ", " C01", "C01 ", "C01\n", "\tC01", "C\x0001", "C\n01", "C\x7f01", "\u3000C01"),
    *("C" * 65, 1, None, b"C01"),
)


@pytest.mark.parametrize("code", NO_CODES)
def test_a_code_has_neither_outer_blanks_nor_control_characters(code: object) -> None:
    with pytest.raises(ValidationError):
        CODE.validate_python(code, strict=True)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        pytest.param("ＴＣ 85×105×10 ＦＫＭ", "TC 85×105×10 FKM", id="full width"),
        pytest.param("TC  85×105×10\u3000FKM", "TC 85×105×10 FKM", id="other blanks"),
        pytest.param("TC\u00a085×105×10 FKM", "TC 85×105×10 FKM", id="a hard blank"),
        pytest.param("tc 85x105x10", "tc 85x105x10", id="letters are as they are"),
    ],
)
def test_a_code_that_looks_the_same_is_the_same(written: str, kept: str) -> None:
    assert CODE.validate_python(written) == kept


def test_a_code_is_measured_in_the_spelling_that_is_stored() -> None:
    assert CODE.validate_python(DECOMPOSED * 64) == COMPOSED * 64
    assert len(CODE.validate_python(GROWS * 32)) == 64
    with pytest.raises(ValidationError):
        CODE.validate_python(GROWS * 33)


@given(st.text(min_size=1, max_size=64))
def test_what_was_once_a_code_stays_one(text: str) -> None:
    try:
        code = CODE.validate_python(text)
    except ValidationError:
        return

    assert CODE.validate_python(code) == code


INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)


def test_an_instant_is_kept_as_utc_however_it_was_written() -> None:
    at = datetime(2025, 3, 31, 15, 59, 59, tzinfo=UTC)

    for written in ("2025-03-31T15:59:59Z", "2025-03-31T23:59:59+08:00", at):
        read = INSTANT.validate_python(written)
        assert (read, read.tzinfo) == (at, UTC)


@pytest.mark.parametrize(
    "odd", [0, 1.5, "1743436799", "2025-03-31", "2025-03-31T15:59:59", "9999-12-31T23:00:00-14:00"]
)
def test_what_names_no_single_instant_is_none(odd: object) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(odd)
