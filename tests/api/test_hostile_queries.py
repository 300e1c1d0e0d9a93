"""Whatever stands in an address, the answer is a page or a problem, never a failure."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from app.domain.values import Role
from app.main import Plan
from tests.api.desk import Desk, Json, open_desk
from tests.api.stories import feedback
from tests.api.test_bad_input import must_be_a_problem

CALLERS: Final = 4
"""As many as may export at once."""
SHARE: Final = 16
"""One in so many values is put in each parameter; there are some 700 parameters."""
ENDLESS: Final = {"/v1/events/stream"}


def cursor(place: Any) -> str:  # noqa: ANN401 - any JSON
    """A cursor as ours are made, of something else."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


VALUES: Final = (
    "", " ", "-1", "0", "1", "201", "1e9", "1000000000", str(2**31), str(2**62), str(2**63),
    str(2**70), "9" * 5_000, "-" + "9" * 40, "1.5", "NaN", "true", "null", "[]", "x", "x" * 3_000,
    "1_0", "１", "0x10", "é" * 60, "\u202e", "\ufeff", "\U0001f600" * 30, "\x01", "\n", "'", '"',
    "\\", "%", "*", "{}", "=cmd()", "'; DROP TABLE events; --", "sealed:1:x",
    "0001-01-01", "9999-12-31", "2025-02-30", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999-14:00", "2025-01-01T00:00:00", "1000Q1", "2999Q4", "1000", "2999",
    "2025Q1", "2025", "-sort", "AUDITOR", "claims", "feedback_ledger",
)  # fmt: skip
CURSORS: Final = (
    "x", "====", "bnVsbA", "W10", base64.urlsafe_b64encode(b"\xff" * 30).decode(), cursor([]),
    cursor(["a"]), cursor(["a", "b"]), cursor(["a\x00", "b"]), cursor(["\ud800", "b"]),
    cursor(["a", "\x00"]), cursor([2**63, "b"]), cursor([10**400, "b"]), cursor([-1, "b"]),
    cursor([True, "b"]), cursor([1.5, "b"]), cursor([None, "b"]), cursor([["a"], "b"]),
    cursor({"a": 1}), cursor("ab"), cursor(["x" * 1_400, "b"]), cursor([[[[["a"]]]], "b"]),
)  # fmt: skip
REQUIRED: Final = {
    "quarter": "2025Q1", "year": "2025", "role": "AUDITOR", "ledger": "claims", "since": "0",
    "position": "1", "first": "0",
}  # fmt: skip


def addresses(doc: Json, case: str) -> Iterator[str]:
    """Every query with one hostile value in each of its parameters, in turn."""
    known = {"feedback_case_id": case, "level": "0", "place": "000", "version": "1", "number": "1"}
    turn = 0
    for path, item in doc["paths"].items():
        if "get" not in item or path in ENDLESS:
            continue
        parameters = item["get"].get("parameters", [])
        fits = known | REQUIRED | {"id": case}
        asked = {p["name"]: fits.get(p["name"], "x") for p in parameters if p.get("required")}
        for each in parameters:
            if each["in"] == "header":
                continue
            for value in tried(each["name"], turn):
                sent = asked | {each["name"]: value}
                yield written(path, parameters, sent)
            turn += 1


def tried(name: str, turn: int) -> list[str]:
    """What is put in a parameter: some of the values, so that kin of it take all in turn."""
    values = ["", *CURSORS] if name == "cursor" else list(VALUES)
    if name == "min_position":  # a position that is not there yet is waited for
        values = ["0", *(each for each in VALUES if not each[:1].isdigit())]
    return values[turn % SHARE :: SHARE]


def written(path: str, parameters: list[Json], sent: dict[str, str]) -> str:
    """An address as it is sent."""
    within = {each["name"] for each in parameters if each["in"] == "path"}
    for name in within:
        path = path.replace(f"{{{name}}}", quote(sent[name], safe="") or "%20")
    query = [f"{k}={quote(v, safe='')}" for k, v in sent.items() if k not in within]
    return f"{path}?{'&'.join(query)}" if query else path


async def test_a_hostile_value_in_any_parameter_of_any_query_is_answered(plan: Plan) -> None:
    async with open_desk(replace(plan, clock_is_given=True)) as desk:
        case = await feedback(desk)
        doc = (await desk.http.get("/openapi.json")).json()
        waiting = list(addresses(doc, case))
        asked, statuses = len(waiting), Counter[int]()

        async def ask(person: str) -> None:  # each of his own: a key may have few exports at once
            name = await desk.hat(person, Role.QA_MANAGER)
            bearer = {"Authorization": f"Bearer {desk.keys[name]}"}
            while waiting:
                answer = await desk.http.get(waiting.pop(), headers=bearer)
                must_be_a_problem(answer)
                statuses[answer.status_code] += 1

        await asyncio.gather(*(ask(f"u.{n}") for n in range(CALLERS)))

        assert sum(statuses.values()) == asked > 1_000
        assert set(statuses) <= {200, 304, 400, 403, 404, 409, 422}
        assert statuses[422] > asked / 3


async def test_a_follower_that_resumes_behind_every_position_is_refused(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    for odd in ("-1", "x", "1.5", "9" * 20, "９", ""):
        headers = [(k.encode(), v.encode()) for k, v in bearer.items()]
        headers.append((b"Last-Event-ID", odd.encode()))
        answer = await desk.http.get("/v1/events/stream", headers=headers)
        must_be_a_problem(answer)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"].lower() == "header:last-event-id"


async def test_a_moment_that_is_none_is_told_by_its_own_name(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    for name, others in (("since", ""), ("until", "&since=0")):
        address = f"/v1/changes?ledger=claims&{name}=soon{others}"
        answer = await desk.http.get(address, headers=bearer)
        assert answer.json()["errors"][0]["pointer"] == f"query:{name}"


async def test_a_value_that_could_be_several_things_is_told_by_where_it_stands(desk: Desk) -> None:
    answer = await desk.post("/v1/corrections", {"correct": 1.5, "recorded": []}, by="u.clerk")

    assert answer.status_code == 422
    assert {"/correct", "/recorded", "/event_id"} <= {
        each["pointer"] for each in answer.json()["errors"]
    }
    assert not [each for each in answer.json()["errors"] if each["pointer"].count("/") > 1]
