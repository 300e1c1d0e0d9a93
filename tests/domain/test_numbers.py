"""Numbers that people call things by: they run within a year and a kind."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decider import Event, Happened
from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.registers.numbers import NUMBERS, next_no
from app.domain.return_list.events import RETURN_LIST
from tests.domain.cases import registered
from tests.domain.returns import ANNOUNCED, AUTHORIZED
from tests.people import CLERK, NOON
from tests.spec import Around

NEW_YEAR: Final = datetime(2025, 12, 31, 16, tzinfo=UTC)
"""New Year 2026 in Shanghai."""
Told = tuple[str, Happened[Any]]


def numbered(no: str) -> Told:
    """A return list or a feedback case got a number."""
    if no.startswith("RT"):
        return RETURN_LIST.name, CLERK.did(ANNOUNCED.model_copy(update={"return_no": no}))
    return FEEDBACK_CASE.name, CLERK.did(registered().model_copy(update={"case_no": no}))


def test_the_first_number_of_a_year_is_one() -> None:
    assert next_no(Around(NOON), "RT") == "RT-2025-000001"


@pytest.mark.parametrize(
    ("at", "no"),
    [
        pytest.param(NOON, "RT-2025-000008", id="the same year"),
        pytest.param(NEW_YEAR.replace(hour=15, minute=59), "RT-2025-000008", id="New Year's Eve"),
        pytest.param(NEW_YEAR, "RT-2026-000001", id="New Year in Shanghai"),
    ],
)
def test_numbers_run_within_a_year_of_the_companys_calendar(at: datetime, no: str) -> None:
    assert next_no(Around(at, (numbered("RT-2025-000007"),)), "RT") == no


def test_a_number_has_more_than_six_digits_when_it_must() -> None:
    world = Around(NOON, (numbered("RT-2025-999999"),))

    assert next_no(world, "RT") == "RT-2025-1000000"
    further = Around(NOON, (numbered("RT-2025-1000000"),))
    assert next_no(further, "RT") == "RT-2025-1000001"


def test_only_the_event_that_opens_an_aggregate_bears_its_number() -> None:
    later: Happened[Event] = CLERK.did(AUTHORIZED)

    assert AUTHORIZED.return_no
    assert list(NUMBERS.keys(later)) == []


@given(st.lists(st.tuples(st.sampled_from(["RT", "FB"]), st.sampled_from([NOON, NEW_YEAR]))))
def test_each_kind_and_year_counts_on_its_own_without_a_gap(
    openings: list[tuple[str, datetime]],
) -> None:
    told: tuple[Told, ...] = ()
    given_out: list[str] = []
    for kind, at in openings:
        no = next_no(Around(at, told), kind)
        told += (numbered(no),)
        given_out.append(no)

    for series, numbers in groupby(sorted(given_out), key=lambda no: no.rpartition("-")[0]):
        own = list(numbers)
        assert own == [f"{series}-{count:06d}" for count in range(1, len(own) + 1)]
