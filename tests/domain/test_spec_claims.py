"""How often a specification was claimed: counted by day, asked for by window (R-05)."""

from datetime import date, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim.events import CLAIM, ClaimCancelled, ClaimRecounted, ClaimWithdrawn
from app.domain.claim.words import SpecPieces
from app.domain.registers.spec_claims import (
    EVIDENCE_MAX,
    NAMED_MAX,
    SPEC_CLAIMS,
    DayCount,
    SpecCount,
    Window,
    spec_count,
    spec_key,
)
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.rules import Figures
from app.domain.values import Category
from tests.domain.claims import REASON, S_A, S_B, TODAY, claim_confirmed
from tests.people import CLERK, DIRECTOR, NOON, POLICY, SPECIALIST
from tests.spec import Around

YEAR: Final = Window("2025")
TWO_SPECS: Final = (SpecPieces(spec_code=S_A, pieces=2), SpecPieces(spec_code=S_B, pieces=1))


def confirmed(number: int, on: date = TODAY, **said: Any) -> Any:  # noqa: ANN401 - any field
    """A claim of that number counts from that day."""
    no = f"CL-2025-{number:06d}"
    event = claim_confirmed(claim_no=no, confirmed_on=on, **said)
    return SPECIALIST.did(event, to=no)


def ended(
    number: int, on: date | None = TODAY, *, counts: bool = True, cancelled: bool = True
) -> Any:  # noqa: ANN401 - events differ
    """It ended."""
    no = f"CL-2025-{number:06d}"
    said: dict[str, Any] = {
        "claim_no": no,
        "customer_id": "C01",
        "amount_released_fen": 333_33,
        "reason": REASON,
        "confirmed_on": on,
        "counts": counts,
        "specs": (SpecPieces(spec_code=S_A, pieces=2),),
    }
    if cancelled:
        return DIRECTOR.did(ClaimCancelled(**said, proposed_by="He"), to=no)
    return CLERK.did(ClaimWithdrawn(**said), to=no)


def recounted(number: int, *, counts: bool, on: date | None = TODAY) -> Any:  # noqa: ANN401 - an event
    """It is of another class."""
    no = f"CL-2025-{number:06d}"
    event = ClaimRecounted(
        claim_no=no,
        customer_id="C01",
        category=Category.PRODUCT if counts else Category.SERVICE,
        counts=counts,
        confirmed_on=on,
        specs=(SpecPieces(spec_code=S_A, pieces=2),),
    )
    return POLICY.did(event, to=no)


def count(*history: Any, window: Window = YEAR, day: date = TODAY, spec: str = S_A) -> SpecCount:  # noqa: ANN401 - events differ
    """What is counted after that history."""
    world = Around(NOON, tuple((CLAIM.name, each) for each in history))
    return spec_count(world, spec, window, day)


# --- what counts ----------------------------------------------------------------------------


def test_a_confirmed_claim_counts_once_for_each_of_its_specifications() -> None:
    of_two = confirmed(1, specs=TWO_SPECS)

    assert count(of_two) == SpecCount(1, 2, ("CL-2025-000001",))
    assert count(of_two, spec=S_B) == SpecCount(1, 1, ("CL-2025-000001",))
    assert count(of_two, spec="O 30×2.65 NBR") == SpecCount(0, 0, ())
    assert count() == SpecCount(0, 0, ())


def test_it_counts_for_everybody_and_for_its_customer() -> None:
    history = confirmed(1), confirmed(2, customer_id="C02")

    assert count(*history).claims == 2
    assert count(*history, window=Window("2025/C01")).evidence == ("CL-2025-000001",)
    assert count(*history, window=Window("2025/C02")).evidence == ("CL-2025-000002",)


@pytest.mark.parametrize(
    ("history", "claims"),
    [
        pytest.param([confirmed(1), confirmed(2)], 2, id="two"),
        pytest.param([confirmed(1, counts=False)], 0, id="no product matter"),
        pytest.param([confirmed(1), ended(1)], 0, id="cancelled"),
        pytest.param([confirmed(1), ended(1, cancelled=False)], 0, id="withdrawn"),
        pytest.param([confirmed(1), confirmed(2), ended(1)], 1, id="one of two"),
        pytest.param(
            [confirmed(1, counts=False), ended(1, counts=False)], 0, id="it never counted"
        ),
        pytest.param([ended(1, None)], 0, id="it was not confirmed"),
        pytest.param([confirmed(1), recounted(1, counts=False)], 0, id="found to be none"),
        pytest.param(
            [confirmed(1), recounted(1, counts=False), recounted(1, counts=True)], 1, id="and back"
        ),
        pytest.param(
            [confirmed(1, counts=False), recounted(1, counts=True)], 1, id="found to be one"
        ),
        pytest.param([recounted(1, counts=True, on=None)], 0, id="before it was confirmed"),
    ],
)
def test_how_many_claims_count(history: list[Any], claims: int) -> None:
    counted = count(*history)

    assert (counted.claims, counted.pieces) == (claims, 2 * claims)
    assert len(counted.evidence) == claims


def test_the_last_claims_of_the_window_are_named() -> None:
    history = [confirmed(n, TODAY + timedelta(days=n)) for n in range(1, EVIDENCE_MAX + 2)]

    counted = count(*history, day=date(2025, 12, 31))

    assert counted.claims == EVIDENCE_MAX + 1
    assert len(counted.evidence) == EVIDENCE_MAX
    assert counted.evidence[0] == "CL-2025-000002"


def test_of_one_day_so_many_are_named_and_all_are_counted() -> None:
    day = DayCount(claims=0, pieces=0)
    for number in range(NAMED_MAX + 1):
        day = day.plus(f"CL-{number}", 2, 1)

    assert (day.claims, day.pieces) == (NAMED_MAX + 1, 2 * NAMED_MAX + 2)
    assert len(day.claim_nos) == NAMED_MAX
    fewer = day.plus("CL-0", 2, -1)
    assert (fewer.claims, len(fewer.claim_nos)) == (NAMED_MAX, NAMED_MAX - 1)


def test_the_key_of_a_customer_is_none_of_everybody() -> None:
    assert spec_key(S_A, 2025, None) != spec_key(S_A, 2025, "C01")
    assert {*SPEC_CLAIMS.keys(confirmed(1))} == {
        spec_key(S_A, 2025, None),
        spec_key(S_A, 2025, "C01"),
    }


@pytest.mark.parametrize(("unit", "observed"), [("CLAIMS", 3), ("PIECES", 7)])
def test_claims_or_pieces_are_observed(unit: str, observed: int) -> None:
    assert SpecCount(claims=3, pieces=7, evidence=()).observed(unit) == observed


# --- windows --------------------------------------------------------------------------------


def figures(**said: Any) -> Figures:  # noqa: ANN401 - any figure
    """The first figures, changed."""
    return FIRST_FIGURES.model_copy(update=said)


@pytest.mark.parametrize(
    ("kind", "day", "label", "first", "last"),
    [
        ("AGREEMENT_YEAR", "2025-03-03", "2025", "2025-01-01", "2025-12-31"),
        ("QUARTER", "2025-01-01", "2025Q1", "2025-01-01", "2025-03-31"),
        ("QUARTER", "2025-06-30", "2025Q2", "2025-04-01", "2025-06-30"),
        ("QUARTER", "2025-09-30", "2025Q3", "2025-07-01", "2025-09-30"),
        ("QUARTER", "2025-12-31", "2025Q4", "2025-10-01", "2025-12-31"),
        ("QUARTER", "2024-02-29", "2024Q1", "2024-01-01", "2024-03-31"),
        ("ROLLING_365D", "2025-03-03", "365D", "2024-03-04", "2025-03-03"),
        ("ROLLING_365D", "2024-12-31", "365D", "2024-01-02", "2024-12-31"),
    ],
)
def test_the_days_of_a_window(kind: str, day: str, label: str, first: str, last: str) -> None:
    on = date.fromisoformat(day)
    window = Window.around(on, "C01", figures(spec_claims_window=kind))

    assert window == Window(label)
    assert window.days(on) == (date.fromisoformat(first), date.fromisoformat(last))
    assert window.customer_id is None


def test_a_window_of_one_customer_says_whose_it_is() -> None:
    by_customer = figures(spec_claims_per_customer=True, spec_claims_window="ROLLING_365D")
    window = Window.around(TODAY, "Q-7D/East", by_customer)

    assert window.customer_id == "Q-7D/East"
    assert window.days(TODAY)[1] == TODAY


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.sampled_from(["C01", "Q1D", "D"]))
def test_a_day_lies_in_the_window_around_it(day: date, customer: str) -> None:
    for kind in ("AGREEMENT_YEAR", "QUARTER", "ROLLING_365D"):
        for alone in (False, True):
            said = figures(spec_claims_window=kind, spec_claims_per_customer=alone)
            first, last = Window.around(day, customer, said).days(day)
            assert first <= day <= last
            length = (last - first).days + 1
            assert (
                length
                in {
                    "AGREEMENT_YEAR": {365, 366},
                    "QUARTER": {90, 91, 92},
                    "ROLLING_365D": {365},
                }[kind]
            )


@pytest.mark.parametrize(
    ("label", "today", "up_to"),
    [
        pytest.param("2025", "2025-06-01", "2025-06-01", id="today"),
        pytest.param("2025", "2026-01-01", "2025-12-31", id="the end of its year"),
        pytest.param("2025Q1", "2025-06-01", "2025-03-31", id="the end of its quarter"),
        pytest.param("365D/C01", "2026-06-01", "2026-06-01", id="a rolling one ends today"),
    ],
)
def test_up_to_which_day_a_claim_of_march_is_counted(label: str, today: str, up_to: str) -> None:
    assert Window(label).up_to(TODAY, date.fromisoformat(today)) == date.fromisoformat(up_to)


@pytest.mark.parametrize(
    ("label", "up_to", "held"),
    [
        pytest.param("2025", "2025-03-02", False, id="it came later"),
        pytest.param("2025", "2025-03-03", True, id="it was the last one"),
        pytest.param("365D", "2026-03-02", True, id="the last day of a rolling window"),
        pytest.param("365D", "2026-03-03", False, id="a day later"),
    ],
)
def test_whether_a_claim_of_march_is_counted(label: str, up_to: str, held: bool) -> None:  # noqa: FBT001 - a column of the table
    assert Window(label).holds(TODAY, date.fromisoformat(up_to)) is held


@given(st.lists(st.dates(date(2024, 1, 1), date(2026, 12, 31)), max_size=20))
def test_a_rolling_window_counts_what_lies_in_its_365_days(days: list[date]) -> None:
    history = [confirmed(number, day) for number, day in enumerate(days)]

    counted = count(*history, window=Window("365D"), day=TODAY)

    assert counted.claims == sum(1 for day in days if 0 <= (TODAY - day).days < 365)
