"""Auditors read everything and write nothing; that they read much is written down."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest

from app.api import meters
from app.api.commands import CommandRoute, command_routes
from app.api.meters import Meter
from app.domain.aggregates import AGGREGATES
from tests.api.desk import Desk, Json
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


def test_a_key_is_counted_within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meters, "ROWS_MAX", 10)
    meter = Meter()

    assert meter.add("a", 10, NOON, (0, 10)) is None
    assert meter.add("b", 10, NOON, None) is None
    assert meter.add("a", 10, NOON + timedelta(seconds=61), (10, 20)) is None
    much = meter.add("a", 1, NOON + timedelta(seconds=90), (20, 21))

    assert much is not None
    assert (much.rows, much.after, much.up_to) == (11, 10, 21)
    assert meter.add("a", 10, NOON + timedelta(seconds=91), None) is None


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
