"""Which version of an agreement is in force on a day, and what it says then. D8."""

import json
from datetime import date
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.domain.decider import Happened
from app.domain.errors import NotFound
from app.domain.values import CauseClass, Role
from app.domain.warranty_agreement.commands import (
    AgreementVersionNotWaiting,
    AgreementVersionsOverlap,
    SodAgreement,
)
from app.domain.warranty_agreement.events import (
    WARRANTY_AGREEMENT,
    AgreementVersionStatus,
    WarrantyAgreement,
    agreement_of,
)
from tests.domain.test_warranty_agreement import (
    APPROVE,
    CUSTOMER,
    FROM_JULY,
    MANUFACTURING,
    NTF,
    REASON,
    REJECT,
    TODAY,
    WHOLE_YEAR,
    asks,
    draft,
    drafted,
    history,
    in_force,
    new,
    rejected,
    scenario,
    shared,
    waiting,
)
from tests.people import DIRECTOR, NOON, SALES, SPECIALIST
from tests.spec import Around

# --- by its days ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "in_force_then"),
    [
        pytest.param(date(2023, 12, 31), None, id="before anything was agreed"),
        pytest.param(date(2024, 1, 1), "2024 v1", id="the first day"),
        pytest.param(date(2024, 12, 31), "2024 v1", id="New Year's Eve"),
        pytest.param(date(2025, 1, 1), "2025 v1", id="New Year"),
        pytest.param(date(2025, 6, 30), "2025 v1", id="the last day before v2"),
        pytest.param(date(2025, 7, 1), "2025 v2", id="v2 supersedes"),
        pytest.param(date(2025, 12, 31), "2025 v2", id="the last day"),
        pytest.param(date(2026, 1, 1), None, id="nothing agreed for the new year"),
    ],
)
def test_which_version_is_in_force(on: date, in_force_then: str | None) -> None:
    version = scenario.state().in_force(on)

    assert (version.label if version else None) == in_force_then


def test_a_version_that_waits_or_was_rejected_is_never_in_force() -> None:
    assert waiting.state().in_force(TODAY) is None
    assert waiting.given(DIRECTOR.did(rejected(), to=CUSTOMER)).state().in_force(TODAY) is None
    after_july = in_force.given(SALES.did(FROM_JULY, to=CUSTOMER)).state()
    assert after_july.in_force(date(2025, 7, 1)) == after_july.version_of(2025, 1)


def test_when_a_short_version_is_over_the_one_that_still_runs_is_in_force_again() -> None:
    summer = drafted(2, draft(starts=date(2025, 7, 1), effective_to=date(2025, 8, 31)))
    state = in_force.given(*history(summer)).state()

    assert state.in_force(date(2025, 8, 31)) == state.version_of(2025, 2)
    assert state.in_force(date(2025, 9, 1)) == state.version_of(2025, 1)


def test_the_order_of_approval_does_not_matter() -> None:
    whole_year, its_approval = history(WHOLE_YEAR)
    from_july, july_approval = history(FROM_JULY)
    state = new.given(whole_year, from_july, july_approval, its_approval).state()

    assert state.in_force(date(2025, 7, 1)) == state.version_of(2025, 2)


# --- what it says ---------------------------------------------------------------------------


def test_shares_are_read_by_cause_class_and_ntf_has_its_own() -> None:
    version = scenario.state().in_force(date(2025, 7, 1))

    assert version is not None
    assert version.shares_for(MANUFACTURING) == shared(6_500)
    assert version.shares_for(NTF) == shared(5_000)
    assert version.shares_for(CauseClass.DESIGN) is None


def test_a_version_knows_its_people() -> None:
    version = waiting.state().versions[0]
    assert (version.status, version.drafted_by, version.drafted_at) == ("DRAFT", "Gao", NOON)
    assert version.decided_by is None

    decided = in_force.state().versions[0]
    assert (decided.status, decided.decided_by, decided.decided_at) == ("APPROVED", "Guo", NOON)
    refused = waiting.given(DIRECTOR.did(rejected(), to=CUSTOMER)).state().versions[0]
    assert (refused.status, refused.rejected_because) == ("REJECTED", REASON)


def test_others_find_the_agreement_under_the_customers_code() -> None:
    told = tuple((WARRANTY_AGREEMENT.name, each) for each in history(WHOLE_YEAR))
    world = Around(NOON, told)

    assert agreement_of(world, CUSTOMER) == in_force.state()
    assert agreement_of(world, "C02").in_force(TODAY) is None


def test_readers_see_the_agreement_as_json() -> None:
    seen = json.loads(TypeAdapter(WarrantyAgreement).dump_json(in_force.state()))

    assert (seen["customer_id"], seen["customer_name"]) == (CUSTOMER, "鲁岳重型汽车")
    (version,) = seen["versions"]
    assert version["agreement_no"] == "AG-C01-2025"
    assert version["effective_to"] == "2025-12-31"
    assert version["ntf_shares"][0] == {"party": "COMPANY", "bps": 5_000}


# --- what holds for every history -----------------------------------------------------------

days: Final = st.dates(date(2025, 1, 1), date(2025, 12, 31))
wishes: Final = st.lists(
    st.one_of(
        st.builds(
            lambda who, ends: asks(who, draft(starts=min(ends), effective_to=max(ends))),
            st.sampled_from([SALES, SPECIALIST]),
            st.tuples(days, days),
        ),
        st.builds(
            lambda who, command, version: asks(
                who.wearing(Role.TECH_DIRECTOR), command.model_copy(update={"version": version})
            ),
            st.sampled_from([SALES, SPECIALIST, DIRECTOR]),
            st.sampled_from([APPROVE, APPROVE, REJECT]),
            st.integers(1, 4),
        ),
    ),
    max_size=14,
)
REFUSALS: Final = (NotFound, AgreementVersionNotWaiting, AgreementVersionsOverlap, SodAgreement)


@given(wishes, days)
def test_at_most_one_version_is_in_force_and_two_people_stand_behind_it(
    wished: list[Any], on: date
) -> None:
    spec = new
    for wish in wished:
        try:
            told = spec.when(wish).answer()
        except REFUSALS:
            continue
        spec = spec.given(*(Happened(each, to=CUSTOMER, by=wish.by, at=NOON) for each in told))

    state = spec.state()
    stands = [each for each in state.versions if each.status is AgreementVersionStatus.APPROVED]
    assert len({each.effective_from for each in stands}) == len(stands)
    assert all(each.drafted_by != each.decided_by for each in stands)
    assert [each.version for each in state.versions] == list(range(1, len(state.versions) + 1))
    covering = [each for each in stands if each.covers(on)]
    found = state.in_force(on)
    assert (found is None) == (not covering)
    assert found is None or all(each.effective_from <= found.effective_from for each in covering)
