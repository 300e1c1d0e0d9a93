"""Auditors read everything and write nothing; that they read much is written down."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest

from app.api import meters
from app.api.commands import CommandRoute, command_routes
from app.api.meters import Meter, Read
from app.domain.aggregates import AGGREGATES
from app.events.database import Database
from app.main import Plan
from tests.api.desk import Desk, Json, open_desk
from tests.api.stories import define_cause, feedback
from tests.api.test_conventions import problem_of

NOON: Final = datetime(2025, 3, 3, 4, tzinfo=UTC)


@pytest.fixture
async def read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A log of which four events a minute are much."""
    await define_cause(desk)
    await feedback(desk)
    monkeypatch.setattr(meters, "ROWS_MAX", 4)
    return desk


async def accesses(desk: Desk) -> list[Json]:
    """What was written down, as another reader sees it."""
    page = await desk.get("/v1/ledgers/audit-accesses", by="u.qam", sort="access_no")
    found: list[Json] = page["data"]
    return found


def address_of(route: CommandRoute) -> str:
    """Where a command would be asked of some record."""
    return "/".join(
        str(uuid4()) if part.startswith("{") else part for part in route.path.split("/")
    )


async def test_an_auditors_key_is_refused_at_every_command(desk: Desk) -> None:
    head = (await desk.get("/v1/events"))["head"]

    for route in command_routes(AGGREGATES):
        answer = await desk.post(address_of(route), {}, by="u.aud")
        problem_of(answer, 403, "WRONG_ROLE")
        answer = await desk.post(
            address_of(route), {}, by="u.aud", headers={"Sanbao-On-Behalf-Of": "u.gm"}
        )
        problem_of(answer, 403, "WRONG_ROLE")

    assert (await desk.get("/v1/events"))["head"] == head


async def test_much_that_an_auditor_reads_is_written_down_before_it_is_answered(read: Desk) -> None:
    for after in (0, 2):
        await read.get("/v1/events", after=after, limit=2)
    assert await accesses(read) == []

    page = await read.get("/v1/events", after=1, limit=3)

    (row,) = await accesses(read)
    assert len(page["data"]) == 3
    assert (row["kind"], row["person"], row["role"]) == ("BULK_READ", "u.aud", "AUDITOR")
    assert (row["after"], row["up_to"], row["count"]) == (0, 4, 7)
    assert row["what"] == "/v1/events?after=1&limit=3"
    assert row["purpose"] is None
    (event,) = await read.events("AuditAccessRecorded")
    assert (event["person"], event["role"], event["client"]) == ("system", "SYSTEM", row["key_id"])


async def test_counting_begins_anew_behind_each_record(read: Desk) -> None:
    for _ in range(6):
        await read.get("/v1/events", limit=2)

    assert [row["count"] for row in await accesses(read)] == [6, 6]


async def test_rows_of_ledgers_have_no_positions(read: Desk) -> None:
    for _ in range(5):
        await read.get("/v1/ledgers/feedback")

    (row,) = await accesses(read)
    assert (row["what"], row["count"], row["after"]) == ("/v1/ledgers/feedback", 5, None)


async def test_timelines_streams_and_changes_count_too(
    read: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = (await read.get("/v1/ledgers/feedback", by="u.qam"))["data"]
    case = row["case_id"]
    asked = (
        f"/v1/feedback-cases/{case}/timeline",
        f"/v1/streams/feedback-case-{case}",
        "/v1/changes?ledger=feedback&since=0",
    )
    headers = {name: {"Authorization": f"Bearer {read.keys[name]}"} for name in ("u.qam", "u.aud")}
    read_by_others = [await read.http.get(each, headers=headers["u.qam"]) for each in asked]
    rows = [len(each.json()["data"]) for each in read_by_others]
    assert all(rows)
    monkeypatch.setattr(meters, "ROWS_MAX", sum(rows) - 1)

    for each in asked:
        await read.http.get(each, headers=headers["u.aud"])

    (access,) = await accesses(read)
    assert (access["what"], access["count"]) == (asked[-1], sum(rows))


async def test_following_the_log_counts_as_reading_it(read: Desk) -> None:
    headers = {"Authorization": f"Bearer {read.keys['u.aud']}", "Sanbao-Purpose": "ISO 9001"}
    last = (await read.get("/v1/events", by="u.qam"))["head"]

    async with read.http.stream("GET", "/v1/events/stream", headers=headers) as following:
        async for line in following.aiter_lines():
            if line == f"id: {last + 1}":
                break

    (row,) = await accesses(read)
    assert (row["kind"], row["purpose"], row["up_to"]) == ("BULK_READ", "ISO 9001", last)


async def test_what_others_read_for_their_work_is_not_written_down(read: Desk) -> None:
    for _ in range(5):
        await read.get("/v1/events", by="u.qam")

    assert await accesses(read) == []


async def counted(meter: Meter, key: str, rows: int, seconds: int, *positions: int) -> Read | None:
    """What is to be written down, which then is."""
    at, span = (
        NOON + timedelta(seconds=seconds),
        (positions[0], positions[1]) if positions else None,
    )
    async with meter.counting(key, rows, at, span) as read:
        return read


@pytest.fixture
async def meter(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Meter]:
    """A meter for which ten rows are much."""
    monkeypatch.setattr(meters, "ROWS_MAX", 9)
    async with database.pool(connections_max=4) as pool:
        yield Meter(pool)


async def test_a_key_is_counted_within_a_minute(meter: Meter) -> None:
    assert await counted(meter, "a", 9, 0, 0, 9) is None
    assert await counted(meter, "b", 9, 0) is None
    assert await counted(meter, "a", 9, 61, 10, 19) is None

    assert await counted(meter, "a", 1, 90, 19, 20) == Read(10, 10, 20)

    assert await counted(meter, "a", 9, 91) is None
    assert await counted(meter, "a", 1, 92, 7, 8) == Read(10, 7, 8)


async def test_what_was_not_written_down_is_still_to_be(meter: Meter) -> None:
    assert await counted(meter, "a", 9, 0, 0, 9) is None

    async def lost() -> None:
        async with meter.counting("a", 3, NOON, (9, 12)) as read:
            assert read == Read(12, 0, 12)
            raise OSError("the log is gone")

    with pytest.raises(OSError, match="the log is gone"):
        await lost()

    assert await counted(meter, "a", 3, 1, 9, 12) == Read(15, 0, 12)


async def test_every_row_that_many_read_at_once_is_written_down_once(meter: Meter) -> None:
    found = await asyncio.gather(*(counted(meter, "a", 2, 0) for _ in range(50)))

    assert [each.rows for each in found if each] == [10] * 10


async def test_what_a_key_reads_of_several_processes_is_one_count(read: Desk, plan: Plan) -> None:
    bearer = {"Authorization": f"Bearer {read.keys['u.aud']}"}
    async with open_desk(plan) as other:
        for desk in (read, other, read):
            answer = await desk.http.get("/v1/events", params={"limit": 2}, headers=bearer)
            assert answer.status_code == 200

    assert [row["count"] for row in await accesses(read)] == [6]


async def test_records_that_are_read_one_by_one_are_read_too(read: Desk) -> None:
    (event, *_) = (await read.get("/v1/events", by="u.qam", kind=["feedback-case"]))["data"]
    case = event["stream"].removeprefix("feedback-case-")
    for path in (
        f"/v1/events/{event['event_id']}",
        f"/v1/events/{event['event_id']}/explanation",
        f"/v1/feedback-cases/{case}",
        f"/v1/ledgers/feedback/{case}",
    ):
        await read.get(path)
    assert await accesses(read) == []

    await read.get("/v1/work-list", role="QA_MANAGER")
    await read.get(f"/v1/events/{event['event_id']}")

    assert [row["count"] for row in await accesses(read)] in ([5], [6])


async def test_nobody_escapes_by_a_purpose_that_is_none(read: Desk) -> None:
    none = {"Authorization": f"Bearer {read.keys['u.aud']}", "Sanbao-Purpose": ""}
    for _ in range(2):
        await read.get("/v1/events", limit=2)
        for path in ("/v1/events", "/v1/events/stream"):
            answer = await read.http.get(path, params={"after": 0}, headers=none)
            fault = problem_of(answer, 422, "MALFORMED")["errors"][0]
            assert fault["pointer"] == "header:Sanbao-Purpose"
    await read.get("/v1/events", limit=1)

    assert [row["count"] for row in await accesses(read)] == [5]


async def test_what_was_asked_is_kept_as_it_was_sent(
    read: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "ROWS_MAX", -1)
    body = {"workshop": "W1", "spec_code": "TC 85", "qty": 500}
    body |= {"produced_on": "2025-01-14", "warehoused_on": "2025-01-15"}
    await read.does("/v1/production-lots/L%231/record", body, by="erp")
    sealed = f"sealed:1:{uuid4()}:{'a' * 50}"
    bearer = {"Authorization": f"Bearer {read.keys['u.aud']}"}
    asked = ("/v1/streams/production-lot-L%231?after=0", f"/v1/events?limit=1&stream={sealed}")

    for each in asked:
        assert (await read.http.get(each, headers=bearer)).status_code == 200
    refused = await read.http.get(
        "/v1/events", headers=bearer | {"Sanbao-Purpose": f"For {sealed}"}
    )

    problem_of(refused, 422, "MALFORMED")
    opened = [row["what"] for row in await accesses(read)]
    assert opened == [asked[0], "/v1/events?limit=1&stream=sealed"]


async def test_a_dossier_and_a_what_if_are_reading_much_too(read: Desk) -> None:
    case = (await read.get("/v1/ledgers/feedback", by="u.qam"))["data"][0]["case_id"]
    bearer = {"Authorization": f"Bearer {read.keys['u.aud']}"}
    at = f"/v1/feedback-cases/{case}/dossier"
    for _ in range(3):
        assert (await read.http.get(at, headers=bearer)).status_code == 200
    changes = {"changes": {"single_claim_fen_max": 30_000}}
    asked = await read.http.post("/v1/what-if", headers=bearer, json=changes)
    assert asked.status_code == 202, asked.text

    found = await accesses(read)

    assert {each["kind"] for each in found} == {"BULK_READ", "WHAT_IF"}
    assert {each["person"] for each in found} == {"u.aud"}
    assert at in {each["what"] for each in found}
