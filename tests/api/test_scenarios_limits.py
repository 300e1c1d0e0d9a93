"""The time limits of the procedure at their edges: make-up days, midnights, year's ends."""

from typing import Any

import pytest

from tests.api.desk import Desk, Json
from tests.api.stories import S_B, agree, confirmed, define_cause, feedback, improved, notice
from tests.api.test_kpi_analysis import returned
from tests.api.test_time_limits import move_clock, said


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """Monday 10 February 2025, ten o'clock in Shanghai, with an agreement and a cause."""
    sandbox.at = "2025-02-10T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    return sandbox


async def due(desk: Desk, limit: str, **asked: Any) -> list[str]:  # noqa: ANN401 - any filter
    """The last days of a limit, in Shanghai, the first that began first."""
    page = await desk.get("/v1/ledgers/deadlines", time_limit=limit, sort="started_at", **asked)
    return [row["due_on"] for row in page["data"]]


async def missed(desk: Desk, limit: str) -> Json:
    """What is said when nobody kept a limit."""
    count = 1
    while True:
        events = await said(desk, "DeadlineMissed", count)
        found: list[Json] = [each for each in events if each["data"]["limit"] == limit]
        if found:
            return found[0]
        count = len(events) + 1


async def claimed(desk: Desk, at: str | None = None, **more: Any) -> str:  # noqa: ANN401
    """A notice comes in; the claim's id."""
    desk.at = at or desk.at
    body = notice("80.00", failure_on="2025-02-01", **more)
    return str((await desk.does("/v1/claims", body, by="u.clerk"))["id"])


async def test_t12_counts_working_days_with_holidays_and_make_up_days(desk: Desk) -> None:
    await claimed(desk, "2025-09-26T02:00:00Z")  # a Friday; Sunday 28 is made up for
    await claimed(desk, "2025-09-30T02:00:00Z")  # then eight days off; Saturday 11 is worked
    await claimed(desk, "2025-12-31T02:00:00Z")  # three days off, Sunday 4 is worked

    assert await due(desk, "T12") == ["2025-09-30", "2025-10-11", "2026-01-06"]


async def test_t12_follows_a_notice_of_the_plant_and_never_moves_afterwards(desk: Desk) -> None:
    async def declare(*days: tuple[str, bool], notice_no: str) -> None:
        said = [{"day": day, "working": working} for day, working in days]
        body = {"days": said, "source_ref": notice_no}
        await desk.does("/v1/work-calendar/declare-workdays", body, by="u.qam")

    await declare(("2025-02-11", False), ("2025-02-15", True), notice_no="N-1")
    await claimed(desk)
    await declare(("2025-02-12", False), notice_no="N-2")
    await claimed(desk)

    assert sorted(await due(desk, "T12")) == ["2025-02-14", "2025-02-15"]


async def test_t11_ends_with_the_seventh_day_in_shanghai(desk: Desk) -> None:
    before = await claimed(desk, notice_received_at="2025-02-09T15:59:59Z")
    after = await confirmed(desk, "80.00", notice_received_at="2025-02-09T16:00:00Z")
    last = await confirmed(desk, "80.00", notice_received_at="2025-02-09T16:00:00Z", spec=S_B)
    until = [
        (await desk.get(f"/v1/claims/{each}"))["state"]["objection_until"]
        for each in (before, after["id"])
    ]
    assert until == ["2025-02-16T16:00:00Z", "2025-02-17T16:00:00Z"]

    objection = {"grounds": "The lip was cut at mounting."}
    desk.at = "2025-02-17T15:59:59Z"
    await desk.does(f"/v1/claims/{after['id']}/raise-dispute", objection, by="u.rep")
    desk.at = "2025-02-17T16:00:00Z"
    late = await desk.post(f"/v1/claims/{last['id']}/raise-dispute", objection, by="u.rep")

    assert (late.status_code, late.json()["code"]) == (409, "OBJECTION_LAPSED")


async def test_t13_t14_t18_an_escalation_begins_the_limits_of_three_roles(desk: Desk) -> None:
    for _ in range(3):
        await confirmed(desk, "80.00")
    (raised,) = await desk.events("EscalationRaised")
    at = f"/v1/escalations/{raised['stream'].removeprefix('escalation-')}"
    assert (await due(desk, "T13"), await due(desk, "T18")) == (["2025-02-11"], ["2025-02-11"])
    assert await due(desk, "T14") == []

    await desk.does(f"{at}/acknowledge", {"instruction": "Screen the stock."}, by="u.gm")

    assert await due(desk, "T14", status="OPEN") == ["2025-02-17"]
    assert await due(desk, "T13", status="MET") == ["2025-02-11"]
    await move_clock(desk, "2025-02-17T16:00:00Z")
    assert (await missed(desk, "T14"))["data"]["roles"] == ["QA_ENGINEER", "PRODUCTION"]


async def test_t9_t10_a_report_has_thirty_days_for_measures_and_sixty_for_their_effect(
    desk: Desk,
) -> None:
    await improved(desk, await feedback(desk), effective_from="2025-02-10")

    assert await due(desk, "T9", status="MET") == ["2025-03-12"]
    assert await due(desk, "T10", status="OPEN") == ["2025-04-11"]
    await move_clock(desk, "2025-04-11T16:00:00Z")
    assert (await missed(desk, "T10"))["data"]["roles"] == ["QA_MANAGER"]


async def test_t7_ends_ten_working_days_after_the_part_and_two_weeks_after_the_case(
    desk: Desk,
) -> None:
    early, late = await feedback(desk), await feedback(desk)
    await returned(desk, early, 1)
    desk.at = "2025-02-20T02:00:00Z"
    await returned(desk, late, 1)

    assert await due(desk, "T7") == ["2025-02-24", "2025-02-24"]


async def test_t6_a_part_that_is_booked_in_late_says_so(desk: Desk) -> None:
    case = await feedback(desk)
    line = {"line": 1, "spec_code": "TC 85×105×10 FKM", "qty_announced": 1}
    body = {"case_id": case, "customer_id": "C01", "reason": "To be seen.", "lines": [line]}
    at = f"/v1/return-lists/{(await desk.does('/v1/return-lists', body, by='u.clerk'))['id']}"
    await desk.does(f"{at}/authorize", {"authorisation_no": "RMA-1"}, by="u.qa1")
    here: Json = {"location": "Q-1", "lines": [{"line": 1, "qty_received": 1}], "final": True}
    here["arrived_at"] = "2025-02-06T02:00:00Z"  # a Thursday: due with Friday's end

    await desk.does(f"{at}/receive", here, by="u.store")

    (received,) = await desk.events("ReturnReceived")
    assert received["data"]["register_by"] == "2025-02-07T16:00:00Z"
    assert received["data"]["registered_late"] is True


async def test_r14_t16_a_quarter_that_nobody_reports_on_is_late(desk: Desk) -> None:
    early = await desk.post("/v1/quarterly-reports/2025Q1/close-quarter", {}, by="u.qa1")
    assert early.json()["code"] == "QUARTER_NOT_OVER"
    await move_clock(desk, "2025-03-31T16:00:00Z")
    (ended,) = await said(desk, "QuarterEnded")
    assert ended["stream"] == "quarterly-report-2025Q1"

    assert await due(desk, "T16") == ["2025-04-15"]  # Friday 4 April is a holiday
    await move_clock(desk, "2025-04-15T16:00:00Z")
    late = await missed(desk, "T16")
    assert (late["data"]["rule_id"], late["data"]["roles"]) == (
        "R-14",
        ["QA_ENGINEER", "QA_MANAGER"],
    )


async def test_r17_t22_a_year_that_nobody_prepares_for_review_is_late(desk: Desk) -> None:
    await move_clock(desk, "2025-12-31T16:00:00Z")
    await said(desk, "YearEnded")

    assert await due(desk, "T22") == ["2026-03-04"]
    await move_clock(desk, "2026-03-04T16:00:00Z")
    assert (await missed(desk, "T22"))["data"]["rule_id"] == "R-17"
