"""Extreme values in commands to records that have a life behind them: refused, or kept."""

import asyncio
import json
from collections.abc import AsyncIterator
from random import Random
from typing import Final
from urllib.parse import quote, urlsplit
from uuid import uuid4

import asyncpg
import pytest

from app.api.commands import CommandRoute
from app.domain.values import Role
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.main import Plan
from tests.api.desk import open_desk
from tests.api.test_bad_input import must_be_a_problem
from tests.api.valid import ROUTES, address, body_of, leaves, put
from tests.demo.conftest import PEPPER, Told

ASKED: Final = 2_000
CALLERS: Final = 8
EXTREME: Final = (
    "9999-12-31", "9999-12-30T00:00:00Z", "0001-01-01", "0001-01-02", "2999-12-31",
    "999999999999.99", "0.01", 1, 999_999, 1_000_000, "C01", None,
)  # fmt: skip
"""Values that many fields take, at the ends of what can be said."""


def records(told: Told, route: CommandRoute) -> list[str]:
    """The ids of the records that a command can be sent to."""
    kind = f"{route.decider.name}-"
    found = {each["stream"] for each in told.events if each["stream"].startswith(kind)}
    return sorted(each.removeprefix(kind) for each in found)


def commands(told: Told, chance: Random) -> list[tuple[str, str]]:
    """Every command, with one extreme value in each of its fields, to records of every state."""
    found = []
    for route in ROUTES:
        ids, body = records(told, route), body_of(route)
        for place in [(), *leaves(body)]:
            for to in chance.sample(ids, min(2, len(ids))) or [""]:
                sent = put(body, place, chance.choice(EXTREME)) if place else body
                found.append((address(route, quote(to, safe="")), json.dumps(sent)))
    return found


@pytest.fixture
async def copied(server: EmbeddedPostgres, told: Told) -> AsyncIterator[Database]:
    """The demo once more: others read it as it was told."""
    name = f"hostile_{uuid4().hex[:12]}"
    connection = await asyncpg.connect(server.dsn)
    from_ = urlsplit(told.database.url).path.removeprefix("/")
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {from_} STRATEGY wal_log")
    try:
        yield Database(server.url(name))
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()


async def test_an_extreme_value_in_a_command_to_a_record_with_a_life_is_answered(
    told: Told, copied: Database
) -> None:
    chance = Random(24)  # noqa: S311 - the same sample each time
    every = commands(told, chance)
    waiting = chance.sample(every, min(ASKED, len(every)))
    plan = Plan(database=copied, pepper=PEPPER, clock_is_given=True)
    async with open_desk(plan) as desk:
        by = await desk.hat("u.all", *(role for role in Role if role is not Role.SYSTEM))

        async def ask() -> None:
            while waiting:
                path, text = waiting.pop()
                must_be_a_problem(await desk.post(path, by=by, content=text.encode()))

        await asyncio.gather(*(ask() for _ in range(CALLERS)))
