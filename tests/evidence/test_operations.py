"""What-if over HTTP and on the line: long work with progress, a result, and an end."""

import asyncio
import json
from typing import Final

import httpx

from app.domain.values import Role
from app.evidence.operations import OPERATIONS_MAX
from app.main import Plan
from tests.api.desk import Desk, Json
from tests.api.test_conventions import problem_of
from tests.evidence.conftest import Line

LOWER: Final = {"single_claim_fen_max": 300_00}


async def ask(desk: Desk, changes: Json, by: str = "u.aud") -> tuple[int, Json, str]:
    """The status, the body, and where to look on."""
    headers = {"Authorization": f"Bearer {desk.keys[by]}"}
    answer = await desk.http.post("/v1/what-if", json={"changes": changes}, headers=headers)
    return answer.status_code, answer.json(), answer.headers.get("location", "")


async def done(desk: Desk, path: str) -> Json:
    """The operation, once it is over."""
    while True:
        operation = await desk.get(path)
        if operation["status"] != "RUNNING":
            return operation
        await asyncio.sleep(0.05)


async def running(plan: Plan, number: int = 1) -> list[str]:
    """Operations that a process elsewhere works on."""
    connection = await plan.database.connect()
    rows = await connection.fetch(
        """
        INSERT INTO operations
            (operation_id, kind, asked_by, request, status, started_at, seen_at)
        SELECT uuidv7(), 'what-if', 'u.aud', '{}', 'RUNNING', now(), now()
        FROM generate_series(1, $1) RETURNING operation_id::text
        """,
        number,
    )
    await connection.close()
    return [row[0] for row in rows]


async def test_an_auditor_asks_and_reads_the_answer(lived: Desk) -> None:
    head = await lived.edge.reader.head() + 1  # that it is asked is an event itself

    status, begun, location = await ask(lived, LOWER)

    assert (status, begun["status"], begun["kind"]) == (202, "RUNNING", "what-if")
    assert location == f"/v1/operations/{begun['id']}"
    operation = await done(lived, location)
    assert (operation["status"], operation["problem"]) == ("DONE", None)
    assert operation["progress"] == {"done": head, "total": head, "unit": "EVENTS"}
    result = operation["result"]
    (first,) = result["appear"]
    assert (first["rule_id"], first["decision"]["observed"]) == ("R-04", 333_33)
    assert (result["changes"], result["position"]) == (LOWER, head)
    assert await lived.edge.reader.head() == head


async def test_who_may_not_ask_and_what_is_no_figure(lived: Desk) -> None:
    clerk, _, _ = await ask(lived, LOWER, by="u.clerk")
    status, refused, _ = await ask(lived, {"time_limits": {"claim_check": 3}}, by="u.qam")

    assert clerk == 403
    assert (status, refused["code"]) == (422, "MALFORMED")
    assert refused["errors"][0]["pointer"] == "/changes/time_limits/claim_check"


async def test_no_more_than_a_few_run_at_once_and_one_can_be_stopped(
    lived: Desk, plan: Plan
) -> None:
    first, *_ = await running(plan, OPERATIONS_MAX)
    headers = {"Authorization": f"Bearer {lived.keys['u.aud']}"}

    status, refused, _ = await ask(lived, LOWER)
    assert (status, refused["code"]) == (429, "TOO_MANY_OPERATIONS")

    stopped = await lived.http.delete(f"/v1/operations/{first}", headers=headers)
    assert (stopped.status_code, stopped.json()["status"]) == (200, "CANCELLED")
    status, _, location = await ask(lived, LOWER)
    assert status == 202
    over = await done(lived, location)
    again = await lived.http.delete(location, headers=headers)
    assert (over["status"], again.json()["status"]) == ("DONE", "DONE")


async def test_only_whoever_asked_and_who_has_authority_over_it_stops_long_work(
    lived: Desk, plan: Plan
) -> None:
    first, second, third = await running(plan, 3)  # as u.aud asked for
    other = await lived.hat("u.aud2", Role.AUDITOR)

    async def stops(operation: str, by: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {lived.keys[by]}"}
        return await lived.http.delete(f"/v1/operations/{operation}", headers=headers)

    refused = problem_of(await stops(first, other), 403, "OPERATION_NOT_YOURS")
    problem_of(await stops(first, "u.clerk"), 403, "WRONG_ROLE")
    assert refused["details"] == {"asked_by": "u.aud"}
    assert (await lived.get(f"/v1/operations/{first}"))["status"] == "RUNNING"
    for operation, by in ((first, "u.aud"), (second, "u.qam"), (third, "u.admin")):
        stopped = await stops(operation, by)
        assert (stopped.status_code, stopped.json()["status"]) == (200, "CANCELLED"), by

    _, _, location = await ask(lived, LOWER)
    await done(lived, location)
    over = location.rpartition("/")[2]
    assert (await stops(over, "u.admin")).json()["result"] is None  # he reads no record
    assert (await stops(over, "u.qam")).json()["result"]["changes"] == LOWER


async def test_what_is_lost_is_given_up_and_what_never_was_is_not_found(
    lived: Desk, plan: Plan
) -> None:
    (lost,) = await running(plan)
    connection = await plan.database.connect()
    await connection.execute("UPDATE operations SET seen_at = now() - interval '1 hour'")
    await connection.close()

    operation = await lived.get(f"/v1/operations/{lost}")
    assert (operation["status"], operation["problem"]) == ("FAILED", "LOST")
    headers = {"Authorization": f"Bearer {lived.keys['u.aud']}"}
    path = "/v1/operations/00000000-0000-7000-8000-000000000000"
    assert (await lived.http.get(path, headers=headers)).status_code == 404
    assert (await lived.http.delete(path, headers=headers)).status_code == 404


async def test_it_is_asked_on_the_line_too(lived: Desk, line: Line) -> None:
    assert await lived.edge.reader.head()

    shown = await line("what-if", "--set", "single_claim_fen_max=30000")
    assert (shown.exit_code, "+ R-04 ESCALATION CL-2025-000001" in shown.output) == (0, True)
    span = {"amount": 1, "unit": "HOURS"}
    said = f"time_limits.claim_check={json.dumps(span)}"
    answer = await line("what-if", "--set", said, "--json")
    assert json.loads(answer.stdout)["changes"] == {"time_limits": {"claim_check": span}}
    assert (await line("what-if", "--set", "nothing=1")).exit_code == 2
    assert (await line("what-if", "--set", "nothing")).exit_code == 2
