"""Sealing: the same value is the same text, another one never is, and only its key opens it."""

from collections.abc import AsyncIterator
from hashlib import shake_256

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.personal import SEALED, UNREADABLE, PersonalKind
from app.events.database import Database
from app.events.person_keys import PersonKey, PersonKeys, Value, WrongPersonKey, drawn
from tests.people import ONE

MASTER = b"a master key for tests, never for people that matter"
VIN = Value(PersonalKind.VEHICLE, "", "LZZ5CLSB8NA123456")
KEY = PersonKey(ONE, bytes(range(64)))


@given(st.text(min_size=1, max_size=64), st.text(min_size=1, max_size=64))
def test_a_sealed_text_says_what_was_sealed_and_is_the_same_for_the_same(
    one: str, other: str
) -> None:
    sealed = KEY.seal(one)
    part = SEALED.fullmatch(sealed)

    assert part is not None
    assert part[1] == ONE
    assert KEY.open(part[2]) == one
    assert (KEY.seal(other) == sealed) == (other == one)
    assert sealed != PersonKey(ONE, bytes(64)).seal(one)
    assert PersonKey(ONE, bytes(64)).open(part[2]) == UNREADABLE


@pytest.fixture
async def persons(database: Database) -> AsyncIterator[PersonKeys]:
    """The keys of an empty plant."""
    async with database.keys_pool(connections_max=2) as pool:
        keys = PersonKeys(pool, MASTER, drawn)
        await keys.begin()
        yield keys


async def test_people_of_one_name_at_two_customers_are_two(persons: PersonKeys) -> None:
    wei = [Value(PersonalKind.CUSTOMER_PERSON, owner, "王伟") for owner in ("C01", "C02")]
    spelt = Value(PersonalKind.CUSTOMER_PERSON, "C01", "王 伟")

    one, two, same, again = await persons.seal([*wei, spelt, wei[0]])

    ids = [str(SEALED.fullmatch(each)[1]) for each in (one, two, same)]  # type: ignore[index]
    assert ids[0] == ids[2] != ids[1]
    assert one == again != same
    assert await persons.open([one, two, same]) == {one: "王伟", two: "王伟", same: "王 伟"}
    assert await persons.find(spelt) == ids[0]


async def test_a_text_of_nobody_and_a_changed_text_are_not_readable(persons: PersonKeys) -> None:
    (sealed,) = await persons.seal([VIN])
    changed = sealed[:-2] + ("AA" if sealed[-2:] != "AA" else "BB")

    opened = await persons.open([KEY.seal("x"), changed])

    assert set(opened.values()) == {UNREADABLE}


async def test_another_master_key_is_told_at_the_start(
    persons: PersonKeys, database: Database
) -> None:
    await persons.seal([VIN])
    async with database.keys_pool(connections_max=1) as pool:
        with pytest.raises(WrongPersonKey, match="SANBAO_PERSON_KEY"):
            await PersonKeys(pool, b"another", drawn).begin()


async def test_keys_that_are_drawn_alike_seal_alike(database: Database) -> None:
    def draw(label: str, size: int) -> bytes:
        return shake_256(label.encode()).digest(size)

    sealed = []
    for master in (MASTER, b"another"):
        connection = await asyncpg.connect(database.url)
        await connection.execute("TRUNCATE sanbao_keys.person_keys, sanbao_keys.subject_secret")
        await connection.close()
        async with database.keys_pool(connections_max=1) as pool:
            keys = PersonKeys(pool, master, draw)
            await keys.begin()
            sealed += await keys.seal([VIN])

    assert sealed[0] == sealed[1]
