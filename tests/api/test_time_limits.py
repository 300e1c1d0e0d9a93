"""Time limits over HTTP: the work list of a role, and what is said when nobody came."""

import asyncio

import pytest

from tests.api.desk import Desk, Json
from tests.api.stories import agree, define_cause, feedback, notice

WAIT_SECONDS = 20


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """Monday 3 March 2025, ten o'clock in Shanghai."""
    sandbox.at = "2025-03-03T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    return sandbox


async def said(desk: Desk, kind: str, count: int = 1) -> list[Json]:
    """Events of a kind, as soon as there are so many: the clock is a follower like any other."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            found = await desk.events(kind)
            if len(found) >= count:
                return found
            head = (await desk.get("/v1/events", limit=1))["head"]
            bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
            await desk.http.get(
                "/v1/ledgers/deadlines", headers=bearer, params={"min_position": head + 1}
            )


async def move_clock(desk: Desk, at: str) -> None:
    """In a sandbox the clock moves with a command."""
    desk.at = at
    await define_cause(desk, code=f"X{at[5:7]}{at[8:10]}{at[11:13]}{at[14:16]}")


async def test_the_work_list_of_a_role_says_what_is_due_and_until_when(desk: Desk) -> None:
    case = await feedback(desk)

    rows = (await desk.get("/v1/ledgers/deadlines", role="SALES_CLERK", sort="due_at"))["data"]

    assert [(row["time_limit"], row["status"]) for row in rows] == [
        ("T1", "OPEN"),
        ("T2", "MET"),
        ("T3", "OPEN"),
        ("T8", "OPEN"),
    ]
    assert {row["subject_id"] for row in rows} == {case}
    assert rows[0]["due_at"] == "2025-03-03T06:00:00.000000Z"
    assert rows[0]["what_zh"] == "向顾客确认受理"
    assert rows[3]["due_on"] == "2025-03-17"


async def test_what_nobody_did_in_time_is_said_once(desk: Desk) -> None:
    await feedback(desk)
    await move_clock(desk, "2025-03-03T05:59:59Z")
    await move_clock(desk, "2025-03-03T06:00:00Z")

    (missed,) = await said(desk, "DeadlineMissed")

    assert missed["data"]["limit"] == "T1"
    assert missed["data"]["due_at"] == "2025-03-03T06:00:00Z"
    assert missed["recorded_at"] == "2025-03-03T06:00:00.000000Z"
    assert missed["person"] == "system"
    await move_clock(desk, "2025-03-03T07:00:00Z")
    await move_clock(desk, "2025-03-04T02:00:00Z")
    assert [each["data"]["limit"] for each in await said(desk, "DeadlineMissed", 2)] == ["T1", "T3"]
    (row,) = (await desk.get("/v1/ledgers/deadlines", limit=5, status="MISSED"))["data"][-1:]
    assert row["missed_at"] is not None


async def test_what_was_done_late_stays_late(desk: Desk) -> None:
    case = await feedback(desk)
    await move_clock(desk, "2025-03-03T08:00:00Z")
    await said(desk, "DeadlineMissed")
    await desk.does(f"/v1/feedback-cases/{case}/acknowledge", {"channel": "PHONE"}, by="u.clerk")

    (row,) = (await desk.get("/v1/ledgers/deadlines", status="LATE"))["data"]

    assert (row["time_limit"], row["subject_id"]) == ("T1", case)


async def test_the_time_to_object_lapses_and_then_the_general_manager_must_consent(
    desk: Desk,
) -> None:
    body = notice("80.00", failure_on="2025-02-20")
    claim = (await desk.does("/v1/claims", body, by="u.clerk"))["id"]
    assert (await desk.get(f"/v1/claims/{claim}"))["state"]["objection_until"] == (
        "2025-03-10T16:00:00Z"
    )

    await move_clock(desk, "2025-03-10T16:00:00Z")
    (lapsed,) = await said(desk, "ClaimObjectionLapsed")

    assert lapsed["stream"] == f"claim-{claim}"
    assert lapsed["data"]["due_at"] == "2025-03-10T16:00:00Z"
    assert [each["data"]["limit"] for each in await desk.events("DeadlineMissed")] == ["T12"]


async def test_a_limit_of_working_days_shows_the_calendar_that_it_was_fixed_with(
    desk: Desk,
) -> None:
    body = notice("80.00", failure_on="2025-02-20")
    first = (await desk.does("/v1/claims", body, by="u.clerk"))["id"]
    declared = {"days": [{"day": "2025-03-04", "working": False}], "source_ref": "N-2025-7"}
    await desk.does("/v1/work-calendar/declare-workdays", declared, by="u.qam")
    later = notice("90.00", failure_on="2025-02-20")
    second = (await desk.does("/v1/claims", later, by="u.clerk"))["id"]
    await feedback(desk)

    rows = (await desk.get("/v1/ledgers/deadlines", time_limit="T12", sort="due_at"))["data"]

    assert [row["subject_id"] for row in rows] == [first, second]
    by_library, by_notice = (row["calendar"] for row in rows)
    assert by_library.startswith("CN holidays ")
    assert by_notice == f"{by_library}; declared N-2025-7"
    counted = await desk.get("/v1/ledgers/deadlines", calendar=by_notice)
    assert [row["subject_id"] for row in counted["data"]] == [second]
    (hours,) = (await desk.get("/v1/ledgers/deadlines", time_limit="T1"))["data"]
    assert hours["calendar"] is None
