"""Delegations: granted and revoked by whom they belong to, live while they say."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from pydantic import ValidationError

from app.domain.delegation.decisions import (
    GRANTS_MAX,
    LENDERS,
    DelegationIsRevoked,
    DelegationNotAhead,
    DelegationNotOwnRole,
    DelegationNotPassedOn,
    DelegationNotYours,
    DelegationTooLong,
    DelegationToOneself,
    GrantDelegation,
    RevokeDelegation,
    TooManyDelegations,
    delegation,
)
from app.domain.delegation.events import (
    DELEGATION,
    DelegationGranted,
    DelegationRevoked,
    DelegationStatus,
)
from app.domain.errors import AlreadyExists, DomainError, NotFound, WrongRole
from app.domain.registers.delegations import DELEGATIONS, Grant, delegation_key
from app.domain.values import Role
from tests.people import CLERK, GENERAL_MANAGER, NOON, ONE, SPECIALIST, Person
from tests.spec import Around, Spec

REASON: Final = "Two weeks of leave."
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
NONE_YET: Final = Spec(delegation)
KEY: Final = delegation_key(SPECIALIST.name, CLERK.name)
REVOKE: Final = RevokeDelegation(reason="Back from leave.")


def grant(**said: Any) -> GrantDelegation:  # noqa: ANN401 - any field of the command
    """The specialist's role for the clerk, from now on for a week."""
    body = {
        "to_person": CLERK.name,
        "role": "MARKET_SPECIALIST",
        "from_at": NOON,
        "until_at": NOON + WEEK,
        "reason": REASON,
    }
    return GrantDelegation.model_validate(body | said)


def granted(number: int = 1, **said: Any) -> DelegationGranted:  # noqa: ANN401 - any field of the event
    """What `grant` leads to."""
    no = f"DG-2025-{number:06d}"
    return DelegationGranted(delegation_no=no, grantor=SPECIALIST.name, **dict(grant(**said)))


REVOKED: Final = DelegationRevoked(
    delegation_no="DG-2025-000001",
    grantor=SPECIALIST.name,
    to_person=CLERK.name,
    role=Role.MARKET_SPECIALIST,
    reason="Back from leave.",
)
GRANTED: Final = NONE_YET.given(SPECIALIST.did(granted()))


def grants_at(at: datetime, *history: Any) -> list[str]:  # noqa: ANN401 - what happened
    """The numbers of the delegations that the register knows after a history."""
    world = Around(at, tuple((DELEGATION.name, each) for each in history))
    return [each.delegation_no for each in world.entry_in(DELEGATIONS, KEY) or []]


def test_a_role_is_lent_to_another_person_for_a_time() -> None:
    NONE_YET.when(SPECIALIST.asks(grant())).then(granted())


def test_a_delegation_may_name_the_commands_that_are_lent() -> None:
    some = ("ConfirmClaimAmount", "VerifyClaim")

    NONE_YET.when(SPECIALIST.asks(grant(commands=some))).then(granted(commands=some))


@pytest.mark.parametrize("commands", [(), ("confirm-amount",), ("X",), ("A" * 65,)])
def test_commands_are_named_by_their_class_names(commands: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        grant(commands=commands)


@pytest.mark.parametrize("role", sorted(LENDERS))
def test_everybody_who_acts_may_lend_his_own_role(role: Role) -> None:
    lender = SPECIALIST.wearing(role)

    NONE_YET.when(lender.asks(grant(role=role))).then(granted(role=role))


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.INTEGRATION, Role.AUDITOR, Role.ADMINISTRATOR])
def test_machines_auditors_and_administrators_lend_nothing(role: Role) -> None:
    lender = SPECIALIST.wearing(role)

    NONE_YET.when(lender.asks(grant(role=role))).then_refused(WrongRole)
    assert grant(role=role).hats() == frozenset()


def test_nobody_lends_a_role_that_he_does_not_ask_with() -> None:
    NONE_YET.when(CLERK.asks(grant(to_person="Zhou"))).then_refused(
        DelegationNotOwnRole, asked_with=Role.SALES_CLERK
    )


def test_nobody_lends_to_himself() -> None:
    himself = grant(to_person=SPECIALIST.name)

    NONE_YET.when(SPECIALIST.asks(himself)).then_refused(DelegationToOneself)


def test_what_was_lent_is_neither_passed_on_nor_taken_back_in_the_grantors_name() -> None:
    deputy = CLERK.standing_in_for(SPECIALIST)

    NONE_YET.when(deputy.asks(grant(to_person="Zhou"))).then_refused(
        DelegationNotPassedOn, on_behalf_of=SPECIALIST.name
    )
    GRANTED.when(deputy.asks(REVOKE)).then_refused(DelegationNotPassedOn)


@pytest.mark.parametrize(
    ("begins", "ends", "error"),
    [
        (-12 * HOUR, WEEK, None),  # midnight in Shanghai: still today
        (-12 * HOUR - timedelta(seconds=1), WEEK, DelegationNotAhead),
        (-HOUR, timedelta(0), DelegationNotAhead),
        (-HOUR, timedelta(seconds=1), None),
        (DAY, DAY, DelegationNotAhead),
        (DAY, HOUR, DelegationNotAhead),
        (DAY, DAY + timedelta(seconds=1), None),
        (DAY, 367 * DAY, None),
        (DAY, 367 * DAY + timedelta(seconds=1), DelegationTooLong),
    ],
)
def test_it_begins_today_or_later_and_ends_within_366_days(
    begins: timedelta, ends: timedelta, error: type[DomainError] | None
) -> None:
    wish = grant(from_at=NOON + begins, until_at=NOON + ends)
    asked = NONE_YET.when(SPECIALIST.asks(wish))

    if error is None:
        asked.then(granted(from_at=NOON + begins, until_at=NOON + ends))
    else:
        asked.then_refused(error)


def test_there_are_not_more_than_twenty_live_ones_between_two_people() -> None:
    live = tuple(
        SPECIALIST.did(granted(number), to=f"dg-{number}") for number in range(1, GRANTS_MAX + 1)
    )
    wish = grant(from_at=NOON + WEEK, until_at=NOON + 2 * WEEK)

    NONE_YET.around({DELEGATION: live[1:]}).when(SPECIALIST.asks(grant())).then(
        granted(GRANTS_MAX + 1)
    )
    NONE_YET.around({DELEGATION: live}).when(SPECIALIST.asks(grant())).then_refused(
        TooManyDelegations
    )
    NONE_YET.around({DELEGATION: live}).when(SPECIALIST.asks(wish, at=NOON + WEEK)).then(
        granted(GRANTS_MAX + 1, from_at=NOON + WEEK, until_at=NOON + 2 * WEEK)
    )


def test_a_delegation_is_granted_once() -> None:
    GRANTED.when(SPECIALIST.asks(grant())).then_refused(AlreadyExists)


@pytest.mark.parametrize("by", [SPECIALIST, SPECIALIST.wearing(Role.SALES_CLERK), GENERAL_MANAGER])
def test_the_grantor_and_the_general_manager_take_it_back(by: Person) -> None:
    GRANTED.when(by.asks(REVOKE)).then(REVOKED)


def test_others_do_not_take_it_back_and_nobody_twice() -> None:
    GRANTED.when(CLERK.asks(REVOKE)).then_refused(DelegationNotYours, grantor=SPECIALIST.name)
    NONE_YET.when(GENERAL_MANAGER.asks(REVOKE)).then_refused(NotFound)
    revoked = GRANTED.given(GENERAL_MANAGER.did(REVOKED))
    revoked.when(SPECIALIST.asks(REVOKE)).then_refused(
        DelegationIsRevoked, revoked_by=GENERAL_MANAGER.name
    )


def test_the_record_says_who_lent_what_and_who_took_it_back() -> None:
    state = GRANTED.given(GENERAL_MANAGER.did(REVOKED, at=NOON + DAY)).state()

    assert state.status is DelegationStatus.REVOKED
    assert (state.grantor, state.to_person) == (SPECIALIST.name, CLERK.name)
    assert (state.from_at, state.until_at) == (NOON, NOON + WEEK)
    assert (state.revoked_by, state.revoked_at) == (GENERAL_MANAGER.name, NOON + DAY)
    assert state.revoked_because == "Back from leave."


def test_the_register_drops_what_was_taken_back_and_what_has_ended() -> None:
    first = SPECIALIST.did(granted(1))
    second = SPECIALIST.did(granted(2, until_at=NOON + 2 * WEEK), to="dg-2", at=NOON + DAY)
    third = SPECIALIST.did(granted(3, until_at=NOON + 2 * WEEK), to="dg-3", at=NOON + WEEK)
    back = GENERAL_MANAGER.did(REVOKED, at=NOON + DAY)

    assert grants_at(NOON, first, second) == ["DG-2025-000001", "DG-2025-000002"]
    assert grants_at(NOON, first, second, back) == ["DG-2025-000002"]
    assert grants_at(NOON, first, back) == []
    assert grants_at(NOON, first, second, third) == ["DG-2025-000002", "DG-2025-000003"]


@pytest.mark.parametrize(
    ("commands", "command", "after", "covered"),
    [
        (None, "ConfirmClaimAmount", timedelta(0), True),
        (None, "ConfirmClaimAmount", timedelta(microseconds=-1), False),
        (None, "ConfirmClaimAmount", WEEK - timedelta(microseconds=1), True),
        (None, "ConfirmClaimAmount", WEEK, False),
        (("ConfirmClaimAmount",), "ConfirmClaimAmount", HOUR, True),
        (("ConfirmClaimAmount",), "VerifyClaim", HOUR, False),
    ],
)
def test_a_grant_covers_its_commands_from_its_first_instant_to_before_its_last(
    commands: tuple[str, ...] | None, command: str, after: timedelta, *, covered: bool
) -> None:
    one = Grant(
        delegation_id=ONE,
        delegation_no="DG-2025-000001",
        role=Role.MARKET_SPECIALIST,
        from_at=NOON,
        until_at=NOON + WEEK,
        commands=commands,
    )

    assert one.covers(command, NOON + after) is covered
