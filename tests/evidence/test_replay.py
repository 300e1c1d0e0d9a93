"""A past in a schema of its own: what it shows, and that nothing can happen in it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from app.api import meters
from app.boot import WrongMode, prepare
from app.domain.personal import ERASED
from app.events.database import Database
from app.events.person_keys_schema import HOLDS_KEYS
from app.events.workings import Workings
from app.evidence.replay import CannotReplay, dropping, replay
from app.main import Plan, create_app, edge_at
from tests.api.desk import Desk, Json
from tests.api.personal import VIN, erase, subject_of
from tests.api.stories import define_cause, feedback
from tests.evidence.conftest import Line

BETWEEN = datetime(2025, 2, 5, tzinfo=UTC)
"""After the first claim was filed, before the second came."""


@asynccontextmanager
async def opened(plan: Plan, key: str) -> AsyncIterator[httpx.AsyncClient]:
    """A past that is served, and somebody with a key of the plant."""
    unopened: nullcontext[Any] = nullcontext()
    async with edge_at(plan) as edge:
        app = create_app(unopened, mode=plan.mode)
        app.state.edge = edge
        transport = httpx.ASGITransport(app)
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://past", headers=headers
        ) as http:
            yield http


async def test_a_past_shows_what_was_known_then_and_takes_no_command(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    done = await replay(plan.database, house, to=BETWEEN, into="past")
    past = Database(plan.database.url, "past")
    then = await lived.get("/v1/ledgers/claims", as_of=done.position)
    checksum = await lived.get("/v1/projections/claims_ledger/checksum", as_of=done.position)
    assert len(then["data"]) == 1 < len((await lived.get("/v1/ledgers/claims"))["data"])

    mode = await prepare(past, "live")

    assert (mode, done.at) == ("replay", datetime(2025, 2, 3, 2, tzinfo=UTC))
    async with opened(replace(plan, database=past, mode=mode), lived.keys["u.qa1"]) as http:
        read = (await http.get("/v1/ledgers/claims")).json()
        assert read["data"] == then["data"]
        assert (await http.get("/v1/projections/claims_ledger/checksum")).json() == checksum
        events: Json = (await http.get("/v1/events", params={"after": done.position})).json()
        assert (events["data"], events["head"]) == ([], done.position)
        assert (await http.get("/readyz")).json()["mode"] == "replay"
        refused = await http.post("/v1/cause-catalogue/define", json={})
        assert (refused.status_code, refused.json()["code"]) == (409, "REPLAYED_PAST")
    connection = await past.connect()
    for statement in (
        "INSERT INTO events SELECT * FROM sanbao.events",
        "UPDATE log_head SET position = 0",
        "DELETE FROM claims_ledger",
        "DELETE FROM registers",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_a_past_tells_of_people_as_long_as_the_plant_does(
    sandbox: Desk, plan: Plan, house: Workings
) -> None:
    sandbox.at = "2025-03-03T02:00:00Z"
    await define_cause(sandbox)
    case = await feedback(sandbox, vehicle={"model": "WD615", "vin": VIN})
    await replay(plan.database, house, to=await sandbox.edge.reader.head(), into="past")
    past = Database(plan.database.url, "past")
    mode = await prepare(past, "live")

    async with opened(replace(plan, database=past, mode=mode), sandbox.keys["u.aud"]) as http:
        before = (await http.get(f"/v1/feedback-cases/{case}")).json()
        await erase(sandbox, await subject_of(sandbox, VIN))
        after = (await http.get(f"/v1/feedback-cases/{case}")).json()

    assert before["state"]["vehicle"]["vin"] == VIN
    assert after["state"]["vehicle"]["vin"] == ERASED
    owner = await past.connect_as_owner()
    assert not await owner.fetchval(HOLDS_KEYS.format(keys="past_keys"))
    async with past.keys_pool(connections_max=1) as keys:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await keys.execute("INSERT INTO person_keys SELECT * FROM person_keys")
    await owner.execute(dropping("past"))
    await owner.execute("CREATE SCHEMA past_keys; CREATE TABLE past_keys.person_keys ()")
    await owner.close()
    with pytest.raises(CannotReplay, match="past_keys holds keys of persons"):
        await replay(plan.database, house, to=1, into="past")


async def test_a_past_is_read_without_a_record_and_never_taken_out(
    lived: Desk, plan: Plan, house: Workings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "ROWS_MAX", 4)
    await replay(plan.database, house, to=20, into="past")
    past = Database(plan.database.url, "past")
    mode = await prepare(past, "live")

    async with opened(replace(plan, database=past, mode=mode), lived.keys["u.aud"]) as http:
        read = await http.get("/v1/events")
        taken = await http.get("/v1/events/export")

    assert (read.status_code, len(read.json()["data"])) == (200, 20)
    assert (taken.status_code, taken.json()["code"]) == (409, "REPLAYED_PAST")


async def test_the_head_of_a_past_is_the_head_of_then(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    connection = await plan.database.connect()
    head = await lived.edge.reader.head()
    tree = await connection.fetchval("SELECT tree FROM log_head")
    await replay(plan.database, house, to=head, into="past")

    assert await connection.fetchval("SELECT tree FROM past.log_head") == tree
    nothing = await replay(plan.database, house, to=0, into="nothing_yet")
    assert (nothing.position, nothing.at) == (0, None)
    assert await connection.fetchval("SELECT count(*) FROM nothing_yet.events") == 0
    await connection.close()


async def test_a_past_has_its_own_place_and_can_be_taken_up(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    head = await lived.edge.reader.head()
    with pytest.raises(CannotReplay, match="did not happen yet"):
        await replay(plan.database, house, to=head + 1, into="past")
    for into in ("sanbao", "public"):
        with pytest.raises(CannotReplay):
            await replay(plan.database, house, to=5, into=into)
    await replay(plan.database, house, to=5, into="past")
    past = Database(plan.database.url, "past")
    owner = await past.connect_as_owner()
    await owner.execute("DELETE FROM read_tables WHERE name = 'claims_ledger'")
    await owner.close()
    with pytest.raises(WrongMode, match="not finished"):
        await prepare(past, "live")

    assert (await replay(plan.database, house, to=5, into="past")).position == 5
    assert await prepare(past, "live") == "replay"
    with pytest.raises(CannotReplay, match="--afresh"):
        await replay(plan.database, house, to=6, into="past")
    assert (await replay(plan.database, house, to=6, into="past", afresh=True)).position == 6
    with pytest.raises(WrongMode):
        await prepare(past, "sandbox")


async def test_both_are_asked_for_on_the_line(lived: Desk, plan: Plan, line: Line) -> None:
    head = await lived.edge.reader.head()

    async def told(*words: str) -> Any:  # noqa: ANN401 - JSON
        result = await line(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    checked = await told("rebuild", "--all", "--check")
    assert {each["difference"] for each in checked} == {None}
    (built,) = await told("rebuild", "claims_ledger")
    assert (built["name"], built["position"]) == ("claims_ledger", head + 1)  # that it was checked
    past = await told("replay", "--to", "7", "--into", "past")
    assert (past["schema"], past["position"]) == ("past", 7)
    assert (await line("rebuild", "nothing")).exit_code == 2
    assert (await line("replay", "--to", "yesterday", "--into", "past")).exit_code == 2
    assert (await line("replay", "--to", "8", "--into", "past")).exit_code == 1
    connection = await plan.database.connect()
    await connection.execute("UPDATE registers SET value = '7' WHERE register = 'numbers'")
    await connection.close()
    differs = await line("rebuild", "numbers", "--check")
    assert (differs.exit_code, "DIFFERS" in differs.output) == (1, True)
