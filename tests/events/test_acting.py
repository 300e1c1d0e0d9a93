"""Acting in another's name, in real turns: whose role, and whose heads it is decided for."""

from contextlib import nullcontext
from datetime import timedelta
from itertools import permutations, product
from typing import Any, Final

import pytest

from app.domain.claim.commands import ConfirmClaimAmount
from app.domain.claim.refusals import SodClaim
from app.domain.cost_entry.decisions import CorrectCost, RecordCost, SodCost
from app.domain.delegation.acting import Deputy, NotDelegated, further_heads
from app.domain.delegation.decisions import (
    DelegationNotPassedOn,
    GrantDelegation,
    RevokeDelegation,
)
from app.domain.money import money
from app.domain.values import Actor, Role
from app.events.memory import Standing
from app.events.turn import Accepted
from tests.people import CASHIER, CLERK, GENERAL_MANAGER, SPECIALIST, Person
from tests.turns import WORKINGS, House, claim_verified

WEEK: Final = timedelta(days=7)
COLLEAGUE: Final = Person("Zhou", Role.SALES_REP)
CONFIRM: Final = ConfirmClaimAmount(confirmed_total=money(80_00))


@pytest.fixture
def house() -> House:
    """A house with a rule pack."""
    return House()


def lend(house: House, by: Person, to: Person, *commands: str, **said: Any) -> str:  # noqa: ANN401
    """From now on, for a week; the delegation's id."""
    body = {
        "to_person": to.name,
        "role": by.role,
        "from_at": house.at,
        "until_at": house.at + WEEK,
        "commands": commands or None,
        "reason": "Two weeks of leave.",
    }
    return house.asked(GrantDelegation.model_validate(body | said), by).to


def cost(house: House, by: Person) -> str:
    """Somebody records a cost; its id."""
    body = {"kind": "VISIT", "amount": money(80_00), "on": house.at.date(), "voucher": "V-1"}
    return house.asked(RecordCost.model_validate(body), by).to


def correct(fen: int) -> CorrectCost:
    """It was another amount."""
    return CorrectCost(amount=money(fen), reason="The ticket was dearer.")


def by_whom(done: Accepted) -> Actor:
    """Who did what the command led to first."""
    return done.events[0].happened.by


def test_what_is_done_in_anothers_name_keeps_both_heads_and_the_lent_role(house: House) -> None:
    claim = claim_verified(house, 80_00)
    lend(house, SPECIALIST, COLLEAGUE)

    done = house.asked(CONFIRM, COLLEAGUE.standing_in_for(SPECIALIST), claim)

    by = by_whom(done)
    assert (by.person, by.role) == (COLLEAGUE.name, Role.MARKET_SPECIALIST)
    assert by.on_behalf_of == SPECIALIST.name


def test_what_was_not_lent_is_not_done_in_anothers_name(house: House) -> None:
    claim = claim_verified(house, 80_00)
    deputy = COLLEAGUE.standing_in_for(SPECIALIST)
    lend(house, COLLEAGUE, SPECIALIST)
    lend(house, SPECIALIST, COLLEAGUE, "VerifyClaim")
    before = len(house.events)

    with pytest.raises(NotDelegated) as refusal:
        house.asked(CONFIRM, deputy, claim)

    assert refusal.value.details == {
        "grantor": SPECIALIST.name,
        "roles": sorted(CONFIRM.roles),
        "command": "ConfirmClaimAmount",
    }
    assert len(house.events) == before


def test_the_oldest_delegation_that_fits_lends_the_role(house: House) -> None:
    claim = claim_verified(house, 80_00)
    lend(house, SPECIALIST.wearing(Role.FINANCE), COLLEAGUE)
    lend(house, SPECIALIST, COLLEAGUE, "VerifyClaim")
    lend(house, SPECIALIST, COLLEAGUE, "ConfirmClaimAmount")

    done = house.asked(CONFIRM, COLLEAGUE.standing_in_for(SPECIALIST), claim)

    assert by_whom(done).role is Role.MARKET_SPECIALIST


def test_it_is_lent_from_its_first_instant_to_before_its_last(house: House) -> None:
    claim = claim_verified(house, 80_00)
    deputy = COLLEAGUE.standing_in_for(SPECIALIST)
    begins, ends = house.at + WEEK, house.at + 2 * WEEK
    lend(house, SPECIALIST, COLLEAGUE, from_at=begins, until_at=ends)

    for at in (begins - timedelta(microseconds=1), ends):
        house.at = at
        with pytest.raises(NotDelegated):
            house.asked(CONFIRM, deputy, claim)
    house.at = begins
    done = house.asked(CONFIRM, deputy, claim)

    assert by_whom(done).on_behalf_of == SPECIALIST.name


@pytest.mark.parametrize("by", [SPECIALIST, GENERAL_MANAGER])
def test_what_was_taken_back_is_not_lent_any_more(house: House, by: Person) -> None:
    claim = claim_verified(house, 80_00)
    lent = lend(house, SPECIALIST, COLLEAGUE)
    house.asked(RevokeDelegation(reason="Back from leave."), by, lent)

    with pytest.raises(NotDelegated):
        house.asked(CONFIRM, COLLEAGUE.standing_in_for(SPECIALIST), claim)


def test_what_was_lent_is_not_passed_on(house: House) -> None:
    lend(house, SPECIALIST, COLLEAGUE)

    with pytest.raises(DelegationNotPassedOn):
        lend(house, COLLEAGUE.standing_in_for(SPECIALIST), CASHIER)


def test_a_deputys_own_delegation_lends_nothing_of_his_principals(house: House) -> None:
    claim = claim_verified(house, 80_00)
    lend(house, SPECIALIST, COLLEAGUE)
    lend(house, COLLEAGUE, CASHIER)

    with pytest.raises(NotDelegated):
        house.asked(CONFIRM, CASHIER.standing_in_for(SPECIALIST), claim)
    with pytest.raises(NotDelegated):
        house.asked(CONFIRM, CASHIER.standing_in_for(COLLEAGUE), claim)


# --- segregation of duties ------------------------------------------------------------------


def test_a_deputy_does_not_do_in_anothers_name_what_he_may_not_do_himself(house: House) -> None:
    claim = claim_verified(house, 80_00)
    lend(house, SPECIALIST, CLERK)

    with pytest.raises(SodClaim):
        house.asked(CONFIRM, CLERK.standing_in_for(SPECIALIST), claim)


def test_nobody_has_another_do_in_his_name_what_he_may_not_do_himself(house: House) -> None:
    claim = claim_verified(house, 80_00)
    both = CLERK.wearing(Role.MARKET_SPECIALIST)
    lend(house, both, COLLEAGUE)

    with pytest.raises(SodClaim):
        house.asked(CONFIRM, COLLEAGUE.standing_in_for(both), claim)


def test_nobody_approves_what_was_done_in_his_name(house: House) -> None:
    lend(house, CASHIER, COLLEAGUE)
    entry = cost(house, COLLEAGUE.standing_in_for(CASHIER))

    with pytest.raises(SodCost):
        house.asked(correct(90_00), CASHIER, entry)


def test_nor_does_a_second_deputy_of_the_same_person(house: House) -> None:
    lend(house, CASHIER, COLLEAGUE)
    lend(house, CASHIER, CLERK)
    entry = cost(house, COLLEAGUE.standing_in_for(CASHIER))

    with pytest.raises(SodCost):
        house.asked(correct(90_00), CLERK.standing_in_for(CASHIER), entry)


def test_a_third_person_does(house: House) -> None:
    lend(house, CASHIER, COLLEAGUE)
    entry = cost(house, COLLEAGUE.standing_in_for(CASHIER))

    done = house.asked(correct(90_00), SPECIALIST.wearing(Role.FINANCE), entry)

    assert by_whom(done) == Actor(SPECIALIST.name, Role.FINANCE)


def test_a_deputy_answers_for_himself_in_other_records(house: House) -> None:
    lend(house, CASHIER, COLLEAGUE)
    cost(house, COLLEAGUE.standing_in_for(CASHIER))
    entry = cost(house, COLLEAGUE.wearing(Role.FINANCE))

    done = house.asked(correct(90_00), CASHIER, entry)

    assert by_whom(done).person == CASHIER.name


def test_no_head_is_on_both_sides_whoever_acts_in_whose_name(house: House) -> None:
    people = [Person(name, Role.FINANCE) for name in ("A", "B", "C", "D")]
    for grantor, delegate in permutations(people, 2):
        lend(house, grantor, delegate)
    askers = people + [one.standing_in_for(other) for one, other in permutations(people, 2)]

    for recorder, corrector in product(askers, repeat=2):
        entry = cost(house, recorder)
        apart = heads_of(recorder).isdisjoint(heads_of(corrector))
        with nullcontext() if apart else pytest.raises(SodCost):
            house.asked(correct(90_00), corrector, entry)


def heads_of(asker: Person) -> set[str | None]:
    """Himself and his principal."""
    return {asker.name, asker.principal} - {None}


def test_who_acted_for_whom_is_known_also_from_the_log(house: House) -> None:
    lend(house, CASHIER, COLLEAGUE)
    entry = cost(house, COLLEAGUE.standing_in_for(CASHIER))
    name = f"cost-entry-{entry}"
    remembered = house.memory.streams[name]

    assert remembered.deputies == {Deputy(COLLEAGUE.name, CASHIER.name)}
    assert WORKINGS.state_after(name, [e for e in house.events if e.stream == name]) == remembered


@pytest.mark.parametrize(
    ("by", "heads"),
    [
        (Actor("A", Role.FINANCE), ["B"]),
        (Actor("B", Role.FINANCE), []),
        (Actor("C", Role.FINANCE), ["B", "D"]),
        (Actor("E", Role.FINANCE), []),
        (Actor("E", Role.FINANCE, "A"), ["A", "B"]),
        (Actor("A", Role.FINANCE, "E"), ["B", "E"]),
        (Actor("B", Role.FINANCE, "A"), ["A"]),
        (Actor("A", Role.FINANCE, "C"), ["B", "C", "D"]),
    ],
)
def test_everybody_counts_as_himself_as_his_principal_and_as_their_deputies(
    by: Actor, heads: list[str]
) -> None:
    deputies = frozenset({Deputy("B", "A"), Deputy("B", "C"), Deputy("D", "C")})

    assert [each.person for each in further_heads(by, deputies)] == heads


def test_a_standing_remembers_deputies_once() -> None:
    own, lent = Actor("A", Role.FINANCE), Actor("B", Role.FINANCE, "A")
    standing = Standing(0, None)

    assert standing.then(1, None, own) == Standing(1, None)
    assert standing.then(1, None, lent).then(2, None, lent).then(3, None, own) == Standing(
        3, None, frozenset({Deputy("B", "A")})
    )
