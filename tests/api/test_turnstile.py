"""One caller may ask much, not everything: rates, shares, streams; others do not feel it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx
import pytest

from app.api import turnstile
from app.api.turnstile import Allowances, Buckets, Rate, Visit, address_of, units_of
from app.main import Plan
from tests.api.desk import Desk, Json, open_desk

SLOWLY = 0.001
WRONG = {"Authorization": f"Bearer sk_{'0' * 12}_{'x' * 43}"}
STRICT = Allowances(
    key=Rate(SLOWLY, 30),
    keyless=Rate(SLOWLY, 30),
    at_once_per_key_max=8,
    worked_on_max=4,
    worked_on_per_key_max=2,
    streams_max=3,
    streams_per_key_max=2,
)


@pytest.fixture
async def desk(plan: Plan) -> AsyncIterator[Desk]:
    """A desk where nobody may ask much."""
    async with open_desk(replace(plan, allowances=STRICT)) as one:
        yield one


def as_(desk: Desk, person: str) -> dict[str, str]:
    """The header of somebody's key."""
    return {"Authorization": f"Bearer {desk.keys[person]}"}


def problem(answer: httpx.Response) -> Json:
    """The problem document that an answer must be."""
    assert answer.headers["content-type"] == "application/problem+json"
    told: Json = answer.json()
    return told


async def test_a_key_that_asks_too_much_is_told_when_to_come_again(desk: Desk) -> None:
    path = "/v1/events?limit=1"
    answers = [await desk.http.get(path, headers=as_(desk, "u.aud")) for _ in range(32)]

    assert [each.status_code for each in answers] == [200] * 30 + [429] * 2
    assert answers[0].headers["ratelimit-policy"] == '"requests";q=30;w=30000'
    assert answers[0].headers["ratelimit"].startswith('"requests";r=29;t=')
    refused = answers[-1]
    assert (problem(refused)["code"], problem(refused)["details"]) == (
        "RATE_LIMITED",
        {"policy": "requests"},
    )
    assert refused.headers["ratelimit"].startswith('"requests";r=0;t=')
    assert 900 < int(refused.headers["retry-after"]) <= 1000
    assert await desk.get("/v1/events", by="u.clerk")
    assert (await desk.http.get("/readyz", headers=as_(desk, "u.aud"))).status_code == 200


async def test_without_a_key_an_address_is_counted_and_a_key_from_it_is_not(desk: Desk) -> None:
    answers = [await desk.http.get("/v1/labels") for _ in range(32)]

    assert [each.status_code for each in answers] == [401] * 30 + [429] * 2
    assert problem(answers[-1])["details"] == {"policy": "keyless"}
    assert answers[0].headers["ratelimit"].startswith('"keyless";r=29;t=')
    assert await desk.get("/v1/events", by="u.clerk")
    assert (await desk.http.get("/v1/labels", headers=WRONG)).status_code == 401
    assert (await desk.http.get("/livez")).status_code == 200


async def test_wrong_keys_are_counted_and_a_right_one_still_gets_in(desk: Desk) -> None:
    answers = [await desk.http.get("/v1/labels", headers=WRONG) for _ in range(32)]

    assert [each.status_code for each in answers] == [401] * 30 + [429] * 2
    assert problem(answers[-1])["details"] == {"policy": "wrong-keys"}
    assert await desk.get("/v1/events", by="u.clerk")


async def test_so_are_questions_at_addresses_that_there_are_not(desk: Desk) -> None:
    answers = [await desk.http.get("/v1/no-such", headers=WRONG) for _ in range(32)]

    assert [each.status_code for each in answers] == [404] * 30 + [429] * 2
    await desk.get("/v1/events", by="u.clerk")  # looked up for the first time
    ours = await desk.http.get("/v1/no-such", headers=as_(desk, "u.clerk"))
    assert problem(ours)["code"] == "NO_SUCH_ROUTE"


async def test_of_a_crowd_of_one_key_some_wait_and_some_are_refused(desk: Desk) -> None:
    body = {"code": "M1", "zh": "缺胶", "en": "missing rubber", "cause_class": "DESIGN"}
    path = "/v1/cause-catalogue/define"
    crowd = [desk.post(path, body | {"code": f"M{n}"}, by="u.qa1") for n in range(24)]
    answers, _ = await asyncio.gather(asyncio.gather(*crowd), desk.get("/v1/events", by="u.clerk"))

    refused = [each for each in answers if each.status_code == 429]
    assert {each.status_code for each in answers} <= {200, 429}
    assert refused
    assert problem(refused[0])["details"] == {"policy": "at-once"}
    assert refused[0].headers["retry-after"] == "1"
    assert 'qu="concurrent-requests"' in refused[0].headers["ratelimit-policy"]


async def test_streams_are_few_a_key_and_few_in_all(desk: Desk) -> None:
    async with AsyncExitStack() as stack:
        for person in ("u.aud", "u.aud", "u.qa1"):
            headers = as_(desk, person)
            opened = desk.http.stream("GET", "/v1/events/stream", headers=headers)
            assert (await stack.enter_async_context(opened)).status_code == 200
        mine = await desk.http.get("/v1/events/stream", headers=as_(desk, "u.aud"))
        others = await desk.http.get("/v1/events/stream", headers=as_(desk, "u.clerk"))

    assert (mine.status_code, problem(mine)["code"]) == (429, "TOO_MANY_STREAMS")
    assert (others.status_code, problem(others)["code"]) == (503, "BUSY")
    assert mine.headers["retry-after"] == others.headers["retry-after"] == "15"


async def test_followers_read_the_log_together(desk: Desk) -> None:
    async def follow(person: str, until: int) -> list[str]:
        headers = as_(desk, person) | {"Last-Event-ID": "1"}
        found: list[str] = []
        async with desk.http.stream("GET", "/v1/events/stream", headers=headers) as stream:
            async for line in stream.aiter_lines():
                found += [line] if line.startswith("id: ") else []
                if line == f"id: {until}":
                    return found
        return found

    people = ("u.aud", "u.qa1", "u.clerk")
    following = [asyncio.create_task(follow(each, 11)) for each in people]
    while desk.edge.streams.taken < len(people):
        await desk.get("/v1/events", limit=1, by="u.rep")
    for number in range(10):
        await desk.does(
            "/v1/cause-catalogue/define",
            {"code": f"M{number}", "zh": "缺胶", "en": "x", "cause_class": "DESIGN"},
            by="u.qam" if number % 2 else "u.qa1",
        )

    assert await asyncio.gather(*following) == [[f"id: {n}" for n in range(2, 12)]] * 3


def test_buckets_are_bounded_and_push_out_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "REMEMBERED_MAX", 3)
    buckets = Buckets("keyless", Rate(SLOWLY, 10))
    for number in range(5):
        buckets.take(f"address {number}", 4, Visit())

    assert [round(buckets.level(f"address {n}")) for n in range(5)] == [10, 10, 6, 6, 6]


def test_a_network_of_addresses_is_one_caller() -> None:
    def seen(host: str) -> str:
        return address_of({"client": (host, 1)})

    assert seen("2001:db8:1:2:3::4") == seen("2001:db8:1:2:ffff::1") == "2001:db8:1:2::"
    assert seen("2001:db8:1:3::4") != seen("2001:db8:1:2::4")
    assert seen("192.0.2.1") == "192.0.2.1"
    assert address_of({"client": None}) == address_of({}) == "local"


@pytest.mark.parametrize(
    ("path", "query", "units"),
    [
        ("/v1/ledgers/claims", b"", 1),
        ("/v1/ledgers/claims", b"limit=50", 1),
        ("/v1/ledgers/claims", b"limit=0", 1),
        ("/v1/ledgers/claims", b"after=3&limit=200", 4),
        ("/v1/ledgers/claims", b"limit=3&as_of=5", 2),
        ("/v1/ledgers/claims", b"as_of=5&limit=51", 4),
        ("/v1/changes", b"", 5),
        ("/v1/claims/x/dossier", b"", 10),
        ("/v1/events/export", b"", 20),
        ("/v1/what-if", b"", 50),
    ],
)
def test_what_costs_more_counts_for_more(path: str, query: bytes, units: int) -> None:
    assert units_of({"path": path, "query_string": query}) == units


async def test_a_batch_is_counted_by_its_items_and_none_of_it_happens_when_it_is_too_much(
    desk: Desk,
) -> None:
    body = {
        "customer_id": "C01",
        "channel": "PHONE",
        "life_phase": "FIELD",
        "spec_code": "TC 85×105×10 FKM",
        "failure_mode": "leak",
        "qty_reported": 1,
        "description": "Oil at the rear crankshaft seal.",
    }
    items = [
        {"command": "RegisterFeedback", "idempotency_key": f"k{number}", "body": body}
        for number in range(500)
    ]

    async def ask(count: int) -> httpx.Response:
        batch = {"items": items[:count]}
        return await desk.http.post("/v1/batches", json=batch, headers=as_(desk, "u.clerk"))

    first = await ask(500)
    head = await desk.edge.reader.head()
    second = await ask(120)
    third = await ask(80)

    assert (first.status_code, first.json()["accepted"]) == (207, 500)
    assert first.headers["ratelimit"].startswith('"requests";r=5;')
    assert problem(second)["code"] == "RATE_LIMITED"
    assert (third.status_code, third.json()["results"][79]["replayed"]) == (207, True)
    assert third.headers["ratelimit"].startswith('"requests";r=0;')
    assert await desk.edge.reader.head() == head
