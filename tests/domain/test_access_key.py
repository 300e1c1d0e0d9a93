"""Access keys: who is given which, by whom, for how long, and which roles stand alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app.domain.access_key.decisions import (
    AccessKeyIsOver,
    AccessKeyNotAhead,
    AccessKeyNotRecorded,
    AccessKeyNotYours,
    AccessKeyTooLong,
    IssueAccessKey,
    PersonReserved,
    RevokeAccessKey,
    RoleNotGiven,
    RolesStandAlone,
    RotateAccessKey,
    SodAccessKey,
    TakeOverAccessKey,
    TwoKeysOpen,
    access_key,
)
from app.domain.access_key.events import (
    ACCESS_KEY,
    AccessKeyIssued,
    AccessKeyRevoked,
    AccessKeyRotated,
)
from app.domain.decider import Happened
from app.domain.errors import AlreadyExists, WrongRole
from app.domain.policies.hand_over_keys import react
from app.domain.registers.access_keys import KEYS_OF_PERSON
from app.domain.values import Role
from tests.people import (
    ADMINISTRATOR,
    CLERK,
    ENGINEER,
    ERP,
    GENERAL_MANAGER,
    NOON,
    POLICY,
)
from tests.spec import Around, Spec

KEY, NEXT, OTHER = "3f6c2e8b1a47", "90aa17c4d2be", "0123456789ab"
YEAR = NOON + timedelta(days=365)
new_key = Spec(access_key)
WHY = "The laptop was lost."


def asks(*roles: Role, person: str = ENGINEER.name, **said: Any) -> IssueAccessKey:  # noqa: ANN401
    """A key for somebody."""
    return IssueAccessKey(
        person=person, in_roles=roles or (Role.QA_ENGINEER,), label="His laptop", **said
    )


def issued(
    *roles: Role,
    person: str = ENGINEER.name,
    key: str = KEY,
    expires_at: datetime | None = YEAR,
    rotated_from: str | None = None,
) -> AccessKeyIssued:
    """He has it."""
    return AccessKeyIssued(
        key_id=key,
        person=person,
        roles=roles or (Role.QA_ENGINEER,),
        label="His laptop",
        expires_at=expires_at,
        rotated_from=rotated_from,
    )


def rotated(until: datetime, *, end: datetime | None = YEAR) -> AccessKeyRotated:
    """Another one takes over."""
    return AccessKeyRotated(
        key_id=KEY,
        person=ENGINEER.name,
        successor=NEXT,
        until=until,
        successor_expires_at=end,
    )


REVOKED = AccessKeyRevoked(key_id=KEY, person=ENGINEER.name, reason=WHY)
GIVEN = new_key.given(ADMINISTRATOR.did(issued(), to=KEY))
REVOKE = RevokeAccessKey(reason=WHY)


def test_an_administrator_gives_a_person_a_key_for_a_year() -> None:
    new_key.when(ADMINISTRATOR.asks(asks(), to=KEY)).then(issued())
    twice = asks(Role.QA_ENGINEER, Role.QA_MANAGER, Role.QA_ENGINEER)
    new_key.when(ADMINISTRATOR.asks(twice, to=KEY)).then(issued(Role.QA_ENGINEER, Role.QA_MANAGER))
    new_key.when(CLERK.asks(asks(), to=KEY)).then_refused(WrongRole)
    GIVEN.when(ADMINISTRATOR.asks(asks(), to=KEY)).then_refused(AlreadyExists)


@pytest.mark.parametrize(
    ("end", "refusal"),
    [
        pytest.param(NOON, AccessKeyNotAhead, id="now is too late"),
        pytest.param(NOON + timedelta(microseconds=1), None, id="the next instant"),
        pytest.param(NOON + timedelta(days=400), None, id="the last day"),
        pytest.param(NOON + timedelta(days=400, microseconds=1), AccessKeyTooLong, id="beyond"),
    ],
)
def test_a_persons_key_ends_within_400_days(end: datetime, refusal: Any) -> None:  # noqa: ANN401
    wish = new_key.when(ADMINISTRATOR.asks(asks(expires_at=end), to=KEY))
    if refusal is None:
        wish.then(issued(expires_at=end))
    else:
        wish.then_refused(refusal)


def test_a_systems_key_may_go_on_without_end_or_as_long_as_is_said() -> None:
    far = NOON + timedelta(days=4000)
    for end in (None, far):
        wish = asks(Role.INTEGRATION, person="erp", expires_at=end)
        new_key.when(ADMINISTRATOR.asks(wish, to=KEY)).then(
            issued(Role.INTEGRATION, person="erp", expires_at=end)
        )


def test_at_the_end_of_the_calendar_a_key_ends_with_it() -> None:
    last = datetime(9999, 12, 31, tzinfo=UTC)
    answer = new_key.when(ADMINISTRATOR.asks(asks(), to=KEY, at=last)).answer()
    assert answer == [issued(expires_at=datetime.max.replace(tzinfo=UTC))]


def test_an_administrator_gives_himself_nothing_but_the_same() -> None:
    mine = ADMINISTRATOR.name
    new_key.when(ADMINISTRATOR.asks(asks(person=mine), to=KEY)).then_refused(SodAccessKey)
    both = asks(Role.ADMINISTRATOR, Role.QA_MANAGER, person=mine)
    new_key.when(ADMINISTRATOR.asks(both, to=KEY)).then_refused(SodAccessKey)
    again = asks(Role.ADMINISTRATOR, person=mine)
    new_key.when(ADMINISTRATOR.asks(again, to=KEY)).then(issued(Role.ADMINISTRATOR, person=mine))


@pytest.mark.parametrize("alone", [Role.ADMINISTRATOR, Role.AUDITOR, Role.INTEGRATION])
def test_some_roles_stand_alone_on_a_key_and_on_a_person(alone: Role) -> None:
    wish = ADMINISTRATOR.asks(asks(Role.FINANCE, alone), to=KEY)
    new_key.when(wish).then_refused(RolesStandAlone, alone=alone)

    earlier = ADMINISTRATOR.did(issued(alone, key=OTHER, expires_at=YEAR), to=OTHER)
    holds = new_key.around({ACCESS_KEY: (earlier,)})
    holds.when(ADMINISTRATOR.asks(asks(), to=KEY)).then_refused(RolesStandAlone, holds=[alone])
    later = NOON + timedelta(days=365)
    holds.when(ADMINISTRATOR.asks(asks(), to=KEY, at=later)).then(
        issued(expires_at=later + timedelta(days=365))
    )


def test_nobody_is_the_service_or_its_operator() -> None:
    new_key.when(ADMINISTRATOR.asks(asks(Role.SYSTEM), to=KEY)).then_refused(RoleNotGiven)
    for name in ("system", "operator:root"):
        wish = ADMINISTRATOR.asks(asks(person=name), to=KEY)
        new_key.when(wish).then_refused(PersonReserved)


def test_a_successor_takes_over_and_the_old_key_goes_on_for_a_while() -> None:
    wish = RotateAccessKey(overlap_hours=24).model_copy(update={"successor": NEXT})
    GIVEN.when(ADMINISTRATOR.asks(wish, to=KEY)).then(rotated(NOON + timedelta(hours=24)))
    at_its_end = YEAR - timedelta(hours=1)
    GIVEN.when(ADMINISTRATOR.asks(wish, to=KEY, at=at_its_end)).then(
        rotated(YEAR, end=at_its_end + timedelta(days=365))
    )
    endless = new_key.given(ADMINISTRATOR.did(issued(expires_at=None), to=KEY))
    endless.when(ADMINISTRATOR.asks(wish, to=KEY)).then(rotated(NOON + timedelta(hours=24)))
    GIVEN.when(ENGINEER.asks(wish, to=KEY)).then_refused(WrongRole)


def test_what_has_ended_or_was_never_recorded_is_not_rotated() -> None:
    wish = RotateAccessKey(overlap_hours=0)
    new_key.when(ADMINISTRATOR.asks(wish, to=KEY)).then_refused(AccessKeyNotRecorded)
    GIVEN.when(ADMINISTRATOR.asks(wish, to=KEY, at=YEAR)).then_refused(AccessKeyIsOver)
    GIVEN.given(ADMINISTRATOR.did(rotated(YEAR), to=KEY)).when(
        ADMINISTRATOR.asks(wish, to=KEY)
    ).then_refused(AccessKeyIsOver, successor=NEXT)
    GIVEN.given(ADMINISTRATOR.did(REVOKED, to=KEY)).when(
        ADMINISTRATOR.asks(wish, to=KEY)
    ).then_refused(AccessKeyIsOver)


def test_there_are_never_three_keys() -> None:
    until = NOON + timedelta(hours=24)
    before = (ADMINISTRATOR.did(issued(), to=KEY), ADMINISTRATOR.did(rotated(until), to=KEY))
    second = issued(key=NEXT, rotated_from=KEY)
    spec = new_key.given(POLICY.did(second, to=NEXT)).around({ACCESS_KEY: before})
    wish = RotateAccessKey(overlap_hours=1).model_copy(update={"successor": OTHER})

    spec.when(ADMINISTRATOR.asks(wish, to=NEXT)).then_refused(TwoKeysOpen, key_id=KEY)
    (event,) = spec.when(ADMINISTRATOR.asks(wish, to=NEXT, at=until)).answer()
    assert isinstance(event, AccessKeyRotated)
    assert event.successor == OTHER


def test_an_administrator_revokes_anybodys_and_a_person_his_own() -> None:
    for by in (ADMINISTRATOR, ENGINEER, ENGINEER.wearing(Role.QA_MANAGER)):
        GIVEN.when(by.asks(REVOKE, to=KEY)).then(REVOKED)
    assert REVOKE.hats() == {Role.ADMINISTRATOR}
    GIVEN.when(GENERAL_MANAGER.asks(REVOKE, to=KEY)).then_refused(AccessKeyNotYours)
    in_his_name = ENGINEER.standing_in_for(GENERAL_MANAGER)
    GIVEN.when(in_his_name.asks(REVOKE, to=KEY)).then_refused(AccessKeyNotYours)
    GIVEN.when(ERP.asks(REVOKE, to=KEY)).then_refused(WrongRole)
    GIVEN.given(ADMINISTRATOR.did(REVOKED, to=KEY)).when(
        ADMINISTRATOR.asks(REVOKE, to=KEY)
    ).then_refused(AccessKeyIsOver, revoked_by=ADMINISTRATOR.name)


def test_a_key_of_the_first_start_is_revoked_by_an_administrator() -> None:
    unknown = AccessKeyRevoked(key_id=KEY, person=None, reason=WHY)
    new_key.when(ADMINISTRATOR.asks(REVOKE, to=KEY)).then(unknown)
    new_key.when(ENGINEER.asks(REVOKE, to=KEY)).then_refused(AccessKeyNotYours)


def test_the_successor_is_for_the_same_person_in_the_same_roles() -> None:
    history = (ADMINISTRATOR.did(issued(), to=KEY), ADMINISTRATOR.did(rotated(YEAR), to=KEY))
    world = Around(NOON, tuple((ACCESS_KEY.name, each) for each in history))
    happened: Happened[Any] = history[1]

    (order,) = react(happened, world)

    assert (order.decider, order.to) == ("access-key", NEXT)
    assert isinstance(order.command, TakeOverAccessKey)
    new_key.when(POLICY.asks(order.command, to=NEXT)).then(issued(key=NEXT, rotated_from=KEY))
    new_key.given(POLICY.did(issued(key=NEXT), to=NEXT)).when(
        POLICY.asks(order.command, to=NEXT)
    ).then_refused(AlreadyExists)


def test_the_name_of_the_successor_is_not_sent_from_outside() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        RotateAccessKey.model_validate_json('{"overlap_hours": 1, "successor": "3f6c2e8b1a47"}')
    assert RotateAccessKey(overlap_hours=1, successor=NEXT).successor == NEXT
    assert "successor" not in RotateAccessKey.model_json_schema()["properties"]


def test_what_a_person_holds_is_known_until_it_ends() -> None:
    until = NOON + timedelta(hours=24)
    second = POLICY.did(issued(key=NEXT, rotated_from=KEY), to=NEXT)
    history = [ADMINISTRATOR.did(issued(), to=KEY), ADMINISTRATOR.did(rotated(until), to=KEY)]

    def held(*events: Happened[Any], at: datetime = NOON) -> list[str]:
        world = Around(at, tuple((ACCESS_KEY.name, each) for each in events))
        known = world.entry_in(KEYS_OF_PERSON, ENGINEER.name) or []
        return [each.key_id for each in known if each.opens(at)]

    third = ADMINISTRATOR.did(issued(key=OTHER), to=OTHER, at=until)
    assert held(*history, second) == [KEY, NEXT]
    assert held(*history, second, at=until) == [NEXT]
    assert held(*history, second, third, at=until) == [NEXT, OTHER]
    assert held(history[0], ADMINISTRATOR.did(REVOKED, to=KEY)) == []
    unknown = AccessKeyRevoked(key_id=KEY, person=None, reason=WHY)
    assert held(history[0], ADMINISTRATOR.did(unknown, to=KEY)) == [KEY]
    rotating_another = rotated(until).model_copy(update={"key_id": OTHER})
    assert held(history[0], ADMINISTRATOR.did(rotating_another, to=OTHER)) == [KEY]
