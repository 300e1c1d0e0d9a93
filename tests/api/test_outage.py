"""The database goes away, by refusing or in silence, and comes back: told at once, nothing lost."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest

from app.events.database import Database
from app.events.pulse import SILENT_SECONDS_MAX
from app.main import Plan
from tests.api.desk import Desk, open_desk
from tests.api.proxy import Proxy
from tests.api.stories import S_C

CASE = {
    "customer_id": "C01",
    "channel": "PHONE",
    "life_phase": "FIELD",
    "spec_code": S_C,
    "failure_mode": "漏油",
    "qty_reported": 1,
    "description": "It leaks.",
}
AT_ONCE_SECONDS = 2.0
"""What a caller waits for a 503 while the database is known to be gone, with room to spare."""


@pytest.fixture
async def wire(database: Database) -> AsyncIterator[Proxy]:
    """The wire between the service and its database."""
    async with Proxy(database.url) as one:
        yield one


@pytest.fixture
async def desk(wire: Proxy, database: Database, plan: Plan) -> AsyncIterator[Desk]:
    """A desk whose database is at the other end of the wire."""
    async with open_desk(replace(plan, database=replace(database, url=wire.url))) as one:
        yield one


async def eventually(desk: Desk, status: int) -> httpx.Response:
    """Ask whether it is ready until the answer is this one."""
    async with asyncio.timeout(30):
        while True:
            answer = await desk.http.get("/readyz")
            if answer.status_code == status:
                return answer


async def register(desk: Desk, key: str) -> httpx.Response:
    """One case under a key of its own."""
    return await desk.post(
        "/v1/feedback-cases", CASE | {"customer_ref": key}, by="u.clerk", key=key
    )


@pytest.mark.parametrize("way", ["refused", "silent"])
async def test_an_outage_is_told_at_once_and_is_over_without_a_restart(
    desk: Desk, wire: Proxy, way: str
) -> None:
    before = await register(desk, "before")
    under_way = [asyncio.create_task(register(desk, f"during-{n}")) for n in range(8)]
    under_way += [
        asyncio.create_task(desk.http.get("/v1/ledgers/feedback", headers=bearer(desk)))
        for _ in range(24)
    ]
    await asyncio.sleep(0)
    if way == "refused":
        await wire.cut()
    else:
        wire.silence()

    began = time.monotonic()
    cut_off = await asyncio.gather(*under_way)
    waited = time.monotonic() - began
    await eventually(desk, 503)
    began = time.monotonic()
    told = await asyncio.gather(
        *(register(desk, f"told-{n}") for n in range(16)),
        *(desk.http.get(path, headers=bearer(desk)) for path in ("/v1/events", "/v1/work-list")),
    )
    answered_within = time.monotonic() - began
    alive = await desk.http.get("/livez")
    await wire.restore()
    await eventually(desk, 200)
    again = await asyncio.gather(*(register(desk, f"during-{n}") for n in range(8)))
    after = await register(desk, "after")

    assert alive.status_code == 200
    assert {each.status_code for each in told} == {503}
    assert {each.headers["content-type"] for each in told} == {"application/problem+json"}
    assert all(int(each.headers["retry-after"]) > 0 for each in told)
    assert {each.status_code for each in cut_off} <= {200, 201, 503}
    assert answered_within < AT_ONCE_SECONDS
    assert waited < SILENT_SECONDS_MAX + 5
    assert {each.status_code for each in (before, *again, after)} == {201}
    registered = await desk.events("FeedbackRegistered")
    refs = [each["data"]["customer_ref"] for each in registered]
    assert len(refs) == len(set(refs))
    assert set(refs) == {"before", "after", *(f"during-{n}" for n in range(8))}
    done = {r.json()["id"] for r in cut_off if r.status_code == 201}
    assert done <= {r.json()["id"] for r in again}


async def test_a_log_that_cannot_be_written_is_told_and_read_and_goes_on_by_itself(
    desk: Desk, database: Database
) -> None:
    """As on a full disk, or behind an address whose standby is not promoted yet."""
    await register(desk, "before")
    owner = await database.connect_as_owner()
    name = await owner.fetchval("SELECT current_database()")
    cut = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'sanbao' AND datname = current_database()
    """

    await owner.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await owner.execute(cut)
    async with asyncio.timeout(30):
        while (refused := await register(desk, "during")).status_code != 503 or (
            await desk.http.get("/readyz")
        ).json()["checks"].get("writer", {"ok": True})["ok"]:
            pass
    told = (await desk.http.get("/readyz")).json()["checks"]["writer"]
    read = await desk.http.get("/v1/ledgers/feedback", headers=bearer(desk))
    await owner.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await owner.execute(cut)
    await owner.close()
    async with asyncio.timeout(30):
        while (done := await register(desk, "during")).status_code == 503:
            pass
    await eventually(desk, 200)

    assert refused.headers["content-type"] == "application/problem+json"
    assert told == {"ok": False, "error": "ReadOnlySQLTransactionError"}
    assert read.status_code == 200
    assert done.status_code == 201
    assert len(await desk.events("FeedbackRegistered")) == 2


async def test_who_follows_the_events_misses_none_and_gets_none_twice(
    desk: Desk, wire: Proxy
) -> None:
    await register(desk, "before")
    last, seen, first = "0", list[str](), asyncio.Event()

    async def follow() -> None:
        """As a browser does: whenever the stream ends, on from the last id."""
        nonlocal last
        while True:
            headers = bearer(desk) | {"Last-Event-ID": last}
            with suppress(httpx.HTTPError):
                async with desk.http.stream("GET", "/v1/events/stream", headers=headers) as stream:
                    async for line in stream.aiter_lines():
                        if line.startswith("id:"):
                            last = line.removeprefix("id:").strip()
                            seen.append(last)
                            first.set()
                        if "after" in line:
                            return

    following = asyncio.create_task(follow())
    await first.wait()
    await wire.cut()
    await eventually(desk, 503)
    await wire.restore()
    await eventually(desk, 200)
    await register(desk, "after")
    async with asyncio.timeout(30):
        await following

    assert len(seen) == len(set(seen))
    assert len(await desk.events("FeedbackRegistered")) == 2
    assert seen == [str(each["position"]) for each in await desk.events()][: len(seen)]


def bearer(desk: Desk) -> dict[str, str]:
    """The auditor's key."""
    return {"Authorization": f"Bearer {desk.keys['u.aud']}"}
