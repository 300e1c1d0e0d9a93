"""Access keys over HTTP: given and taken by events, told once, kept as a hash."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import asyncpg
import httpx
import pytest

from app.domain.values import Role
from app.main import Plan
from tests.api.desk import Desk, Json, open_desk

HIS = {"person": "chen.yan", "in_roles": ["SALES_CLERK"], "label": "业务部电脑"}
LEAK = {
    "customer_id": "C01",
    "channel": "PHONE",
    "life_phase": "FIELD",
    "spec_code": "TC 85×105×10 FKM",
    "failure_mode": "漏油",
    "qty_reported": 1,
    "description": "Oil at the rear crankshaft seal.",
}
LOST = {"reason": "电脑遗失,密钥可能泄露。"}
Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def owner(plan: Plan) -> AsyncIterator[Owner]:
    """Somebody who sees every table."""
    connection = await plan.database.connect_as_owner()
    yield connection
    await connection.close()


async def issued(desk: Desk, name: str = "new", **said: object) -> Json:
    """A key that an administrator gave, to ask by under a name."""
    done = await desk.does("/v1/access-keys", HIS | said, by="u.admin")
    desk.keys[name] = done["key"]
    return done


async def who(desk: Desk, by: str) -> httpx.Response:
    """What the door says to a key."""
    return await desk.http.get("/v1/whoami", headers={"Authorization": f"Bearer {desk.keys[by]}"})


async def test_a_key_opens_from_its_event_on_and_is_told_once(desk: Desk, owner: Owner) -> None:
    done = await issued(desk)

    me = (await who(desk, "new")).json()
    assert (me["person"], me["roles"], me["client"]) == ("chen.yan", ["SALES_CLERK"], done["id"])
    assert done["key"].startswith(f"sk_{done['id']}_")
    (event,) = await desk.events("AccessKeyIssued")
    assert (event["person"], event["role"]) == ("u.admin", "ADMINISTRATOR")
    assert event["data"]["key_id"] == done["id"]
    secret = done["key"].split("_", 2)[2]
    for table in ("events", "api_keys", "idempotency", "registers"):
        stored = await owner.fetch(f"SELECT t::text FROM {table} AS t")  # noqa: S608 - our own
        assert not [row for row in stored if secret in row[0]], table
    asked = await desk.post("/v1/feedback-cases", {}, by="new")
    assert asked.status_code == 422, "the clerk may ask; only the body is none"


async def test_a_repeated_command_tells_the_outcome_and_no_key(desk: Desk) -> None:
    first = await desk.post("/v1/access-keys", HIS, by="u.admin", key="once")
    again = await desk.post("/v1/access-keys", HIS, by="u.admin", key="once")

    assert first.status_code == again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json() | {"key": None}
    assert len(await desk.events("AccessKeyIssued")) == 1
    other = await desk.post("/v1/access-keys", HIS | {"label": "x"}, by="u.admin", key="once")
    assert other.json()["code"] == "KEY_REUSED"


async def test_a_refused_key_and_one_that_nobody_was_given_open_nothing(desk: Desk) -> None:
    made = await desk.edge.keyring.make()
    desk.keys["made"] = made.text
    refused = await desk.post("/v1/access-keys", HIS | {"person": "system"}, by="u.admin")

    assert refused.json()["code"] == "PERSON_RESERVED"
    assert (await who(desk, "made")).status_code == 401
    listed = (await desk.get("/v1/access-keys", by="u.aud", limit=200))["data"]
    assert made.key_id not in {row["key_id"] for row in listed}
    answer = await desk.post(f"/v1/access-keys/{made.key_id}/revoke", LOST, by="u.admin")
    assert answer.status_code == 404


async def test_a_successor_takes_over_while_the_old_key_goes_on(desk: Desk) -> None:
    old = await issued(desk, "old")

    done = await desk.does(
        f"/v1/access-keys/{old['id']}/rotate", {"overlap_hours": 1}, by="u.admin"
    )
    desk.keys["young"] = done["key"]

    assert [each["type"] for each in done["events"]] == ["AccessKeyRotated", "AccessKeyIssued"]
    young = (await who(desk, "young")).json()
    assert (young["person"], young["client"]) == ("chen.yan", done["state"]["rotated_to"])
    ends = datetime.fromisoformat((await who(desk, "old")).json()["expires_at"])
    assert timedelta(minutes=59) < ends - datetime.now(UTC) <= timedelta(hours=1)
    third = await desk.post(
        f"/v1/access-keys/{young['client']}/rotate", {"overlap_hours": 1}, by="u.admin"
    )
    assert third.json()["code"] == "TWO_KEYS_OPEN"
    rows = (await desk.get("/v1/access-keys", by="u.admin", person="chen.yan"))["data"]
    assert [row["rotated_from"] for row in rows] == [old["id"], None]


async def test_without_an_overlap_the_old_key_ends_at_once(desk: Desk) -> None:
    old = await issued(desk, "old")
    assert (await who(desk, "old")).status_code == 200

    done = await desk.does(
        f"/v1/access-keys/{old['id']}/rotate", {"overlap_hours": 0}, by="u.admin"
    )
    desk.keys["young"] = done["key"]

    assert (await who(desk, "old")).status_code == 401
    assert (await who(desk, "young")).status_code == 200


async def test_a_command_that_is_sent_again_with_the_successor_happens_once(desk: Desk) -> None:
    old = await issued(desk, "old")
    first = await desk.post("/v1/feedback-cases", LEAK, by="old", key="k-1")
    done = await desk.does(
        f"/v1/access-keys/{old['id']}/rotate", {"overlap_hours": 1}, by="u.admin"
    )
    desk.keys["young"] = done["key"]

    again = await desk.post("/v1/feedback-cases", LEAK, by="young", key="k-1")

    assert first.status_code == 201, first.text
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")


async def test_of_two_who_rotate_at_once_one_is_told(desk: Desk) -> None:
    old = await issued(desk, "old")
    at = f"/v1/access-keys/{old['id']}/rotate"

    answers = await asyncio.gather(
        *(desk.post(at, {"overlap_hours": 1}, by="u.admin") for _ in range(2))
    )

    assert sorted(each.status_code for each in answers) == [200, 409]
    (refused,) = [each.json() for each in answers if each.status_code == 409]
    assert refused["code"] == "ACCESS_KEY_IS_OVER"
    assert len(await desk.events("AccessKeyIssued")) == 2


async def test_a_revoked_key_opens_nothing_from_the_answer_on(desk: Desk) -> None:
    done = await issued(desk)
    assert (await who(desk, "new")).status_code == 200
    at = f"/v1/access-keys/{done['id']}/revoke"
    other = await desk.post(at, LOST, by="u.gm")
    assert (other.status_code, other.json()["code"]) == (403, "ACCESS_KEY_NOT_YOURS")

    await desk.does(at, LOST, by="new")  # by himself

    answer = await who(desk, "new")
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="sanbao", error="invalid_token"'
    (event,) = await desk.events("AccessKeyRevoked")
    assert (event["person"], event["reason"]) == ("chen.yan", LOST["reason"])
    again = await desk.post(at, LOST, by="u.admin")
    assert again.json()["code"] == "ACCESS_KEY_IS_OVER"


async def test_a_revocation_is_heard_of_in_other_processes(
    desk: Desk, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.keys.REMEMBER_SECONDS", 0.0)
    done = await issued(desk)
    async with open_desk(plan) as other:
        other.keys["new"] = done["key"]
        assert (await who(other, "new")).status_code == 200
        await desk.does(f"/v1/access-keys/{done['id']}/revoke", LOST, by="u.admin")
        assert (await who(other, "new")).status_code == 401


async def test_a_key_of_the_first_start_is_listed_and_can_be_revoked(desk: Desk) -> None:
    rows = (await desk.get("/v1/access-keys", by="u.admin", person="u.clerk"))["data"]
    (row,) = rows
    at = f"/v1/access-keys/{row['key_id']}"

    rotated = await desk.post(f"{at}/rotate", {"overlap_hours": 1}, by="u.admin")
    await desk.does(f"{at}/revoke", LOST, by="u.admin")

    assert rotated.json()["code"] == "ACCESS_KEY_NOT_RECORDED"
    assert (await who(desk, "u.clerk")).status_code == 401
    (event,) = await desk.events("AccessKeyRevoked")
    assert event["data"]["person"] is None
    closed = await desk.get("/v1/access-keys", by="u.aud", opens=False)
    assert [each["key_id"] for each in closed["data"]] == [row["key_id"]]


async def test_a_key_ends_by_itself_as_the_clock_says(sandbox: Desk) -> None:
    sandbox.at = "2025-03-03T02:00:00Z"
    end = {"expires_at": "2025-03-04T02:00:00Z"}
    await issued(sandbox, **end)
    assert (await who(sandbox, "new")).json()["expires_at"] == "2025-03-04T02:00:00.000000Z"

    sandbox.at = "2025-03-04T01:59:59Z"
    await issued(sandbox, "other", person="zhou.hao")
    assert (await who(sandbox, "new")).status_code == 200
    sandbox.at = "2025-03-04T02:00:00Z"
    await issued(sandbox, "third", person="ma.lin")
    assert (await who(sandbox, "new")).status_code == 401


async def test_it_is_known_when_a_key_was_last_used(desk: Desk, owner: Owner) -> None:
    done = await issued(desk)
    before = datetime.now(UTC) - timedelta(seconds=5)
    await who(desk, "new")

    await desk.edge.keyring.noted()
    (row,) = (await desk.get("/v1/access-keys", by="u.aud", key_id=done["id"]))["data"]
    assert before < datetime.fromisoformat(row["last_used_at"]) <= datetime.now(UTC)
    marked = await owner.fetchval("SELECT xmin::text FROM api_keys WHERE key_id = $1", done["id"])
    await who(desk, "new")
    await desk.edge.keyring.noted()
    now = await owner.fetchval("SELECT xmin::text FROM api_keys WHERE key_id = $1", done["id"])
    assert now == marked, "at most once a minute"


async def test_keys_are_listed_page_by_page_for_administrators_and_auditors(desk: Desk) -> None:
    found: list[str] = []
    params: Json = {"limit": 4}
    while True:
        page = await desk.get("/v1/access-keys", by="u.aud", **params)
        found += [row["key_id"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert len(found) == len(set(found)) == 16
    assert "hash" not in str(page)
    headers = {"Authorization": f"Bearer {desk.keys['u.gm']}"}
    refused = await desk.http.get("/v1/access-keys", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "WRONG_ROLE")
    odd = await desk.http.get(
        "/v1/access-keys?cursor=WyJ4IiwieSJd",
        headers={"Authorization": f"Bearer {desk.keys['u.aud']}"},
    )
    assert odd.status_code == 422


async def test_an_administrator_does_nothing_else(desk: Desk) -> None:
    for path in ("/v1/feedback-cases", "/v1/delegations", "/v1/claims"):
        answer = await desk.post(path, by="u.admin")
        assert (answer.status_code, answer.json()["code"]) == (403, "WRONG_ROLE")
    own = await desk.post("/v1/access-keys", HIS | {"person": "u.admin"}, by="u.admin")
    assert (own.status_code, own.json()["code"]) == (403, "SOD_ACCESS_KEY")
    mixed = HIS | {"in_roles": ["AUDITOR", "FINANCE"]}
    answer = await desk.post("/v1/access-keys", mixed, by="u.admin")
    assert (answer.status_code, answer.json()["code"]) == (422, "ROLES_STAND_ALONE")
    named = HIS | {"successor": "0123456789ab"}
    assert (await desk.post("/v1/access-keys", named, by="u.admin")).status_code == 422


async def test_whoami_says_in_whose_name_one_may_ask(desk: Desk) -> None:
    now = datetime.now(UTC)
    lending = {
        "to_person": "u.rep",
        "role": "MARKET_SPECIALIST",
        "from_at": now.isoformat(),
        "until_at": (now + timedelta(days=1)).isoformat(),
        "reason": "出差一天,由同事代办。",
    }
    await desk.does("/v1/delegations", lending, by="u.mkt")

    me = (await who(desk, "u.rep")).json()

    assert (me["person"], me["roles"], me["expires_at"]) == ("u.rep", ["SALES_REP"], None)
    assert [each["grantor"] for each in me["delegations"]] == ["u.mkt"]
    assert (await who(desk, "u.clerk")).json()["delegations"] == []


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Basic dTpw", "Bearer sk_short", "bearer\tx", "Bearer é"],
)
async def test_what_proves_nothing_is_turned_away_and_counted(desk: Desk, shown: str) -> None:
    before = desk.edge.door.turned_away.count.total()

    answer = await desk.http.get("/v1/whoami", headers=[(b"Authorization", shown.encode())])

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="sanbao"')
    assert desk.edge.door.turned_away.count.total() == before + 1


async def test_two_headers_prove_nothing_even_when_both_are_good(desk: Desk) -> None:
    shown = f"Bearer {desk.keys['u.clerk']}"
    answer = await desk.http.get(
        "/v1/whoami", headers=[("Authorization", shown), ("Authorization", shown)]
    )
    assert answer.status_code == 422  # read one way here, it could be another one elsewhere
    key = desk.keys["u.clerk"]
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    headers = {"Authorization": f"Bearer {wrong}"}
    assert (await desk.http.get("/v1/whoami", headers=headers)).status_code == 401
    assert desk.edge.door.turned_away.count == {"wrong_secret": 1}


async def test_the_service_itself_cannot_change_a_key(desk: Desk, plan: Plan) -> None:
    connection = await plan.database.connect()
    for statement in (
        "UPDATE api_keys SET revoked_at = NULL",
        "UPDATE api_keys SET roles = '{GENERAL_MANAGER}'",
        "DELETE FROM api_keys",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.execute("UPDATE api_keys SET last_used_at = now()")
    await connection.close()
    hat = await desk.hat("u.two", Role.AUDITOR)
    assert (await who(desk, hat)).status_code == 200


async def test_a_past_knows_the_keys_and_writes_nothing_of_them(plan: Plan) -> None:
    async with open_desk(plan) as desk:
        done = await issued(desk)
    owner = await plan.database.connect_as_owner()
    await owner.execute("UPDATE log_head SET mode = 'replay'")
    await owner.close()
    async with open_desk(replace(plan, mode="replay")) as past:
        past.keys["new"] = done["key"]
        assert (await who(past, "new")).status_code == 200
        answer = await past.post("/v1/access-keys", HIS, by="u.admin")
        assert answer.json()["code"] == "REPLAYED_PAST"
