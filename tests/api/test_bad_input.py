"""Whatever is sent, the answer is a problem that says where, and nothing of it is in the log."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import httpx
import pytest

from app.api.commands import CommandRoute
from app.boot import FIRST_PEOPLE
from app.domain.values import Role
from app.main import Plan
from tests.api.desk import Desk, open_desk
from tests.api.valid import ROUTES, address, body_of, leaves, put

PERSON_OF: Final[dict[Role, str]] = {role: person for person, role in FIRST_PEOPLE}
SHARDS: Final = 4
VALUES_A_PLACE: Final = 5
CALLERS: Final = 8

HOSTILE: Final = (
    '"\\ud800"', '"a\\udc00b"', '"\\u0000"', '"a\\u0000"', '"a\\u202eb"',
    '"\\ufeff"', '"\u0130\u0345"',
    "NaN", "-Infinity", "1e400", "-1e400", "1" * 5_000, "-" + "9" * 40, str(2**63), str(2**31),
    "-0", "-1", "0", "1.5", "1.0", "1e2", "true", "null", "[]", "{}", '""', '" "', '"\\n"', '"C01"',
    '"' + "x" * 100_000 + '"', '"' + "\\ud83d\\ude00" * 64 + '"',
    '"' + "é" * 64 + '"', '"sealed:1:x"',
    '"0001-01-01"', '"9999-12-31"', '"9999-12-31T23:59:59-14:00"', '"0001-01-01T00:00:00+14:00"',
    '"2025-02-30"', '"2025-W09-1"', '"1e400"', '"NaN"', '"999999999999.99"', '"0.00"', '"%00"',
    '"=cmd|\'/c calc\'!A0"', '"\'; DROP TABLE events; --"', '"../../etc/passwd"', '"${7*7}"',
    "[" * 40 + "]" * 40, '{"a": 1, "a": 2}', '["a", "a"]', "[1" + ", 1" * 5_000 + "]",
    '"00000000-0000-0000-0000-000000000000"',
)  # fmt: skip
"""JSON texts, most of which fit nowhere and some of which fit in odd places."""


def must_be_a_problem(answer: httpx.Response) -> None:
    """A refusal of ours, whoever raised it."""
    assert answer.status_code < 500, (answer.request.url, answer.request.content[:300], answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["request_id"] == answer.headers["x-request-id"]
        assert len(answer.content) < 100_000


def texts(route: CommandRoute, turn: int) -> Iterable[str]:
    """Bodies with one hostile value each: every place, a few values in each, all values in turn."""
    body, mark = body_of(route), "\ue000"
    for place in leaves(body):
        spoilt = json.dumps(put(body, place, mark))
        for _ in range(VALUES_A_PLACE):
            turn += 1
            yield spoilt.replace(json.dumps(mark), HOSTILE[turn % len(HOSTILE)])


async def send(desk: Desk, route: CommandRoute, text: str) -> httpx.Response:
    """A command in the hat that may ask for it."""
    by = PERSON_OF[min(route.command.roles & PERSON_OF.keys())]
    return await desk.post(address(route), by=by, content=text.encode())


@pytest.mark.parametrize("shard", range(SHARDS))
async def test_a_hostile_value_in_any_field_of_any_command_is_refused_or_kept(
    plan: Plan, shard: int
) -> None:
    async with open_desk(replace(plan, clock_is_given=True)) as desk:  # no limit is watched
        before = (await desk.get("/v1/events", limit=1))["head"]
        waiting = [
            (route, text)
            for number, route in enumerate(ROUTES)
            if number % SHARDS == shard
            for text in texts(route, number)
        ]
        happened, statuses = 0, Counter[int]()

        async def ask() -> None:
            nonlocal happened
            while waiting:
                route, text = waiting.pop()
                answer = await send(desk, route, text)
                must_be_a_problem(answer)
                statuses[answer.status_code] += 1
                if answer.status_code < 300:
                    happened += len(answer.json()["events"])

        await asyncio.gather(*(ask() for _ in range(CALLERS)))

        assert (await desk.get("/v1/events", limit=1))["head"] == before + happened
        assert statuses[422] > 300
        assert set(statuses) <= {200, 201, 400, 403, 404, 409, 422}


def test_every_body_that_is_built_fits() -> None:
    assert all(body_of(route) is not None for route in ROUTES)
