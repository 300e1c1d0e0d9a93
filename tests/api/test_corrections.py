"""Correcting a recorded fact over HTTP: proposed, approved, and read beside what was recorded."""

from typing import Any

import httpx
import pytest

from tests.api.desk import Desk, Json
from tests.api.stories import define_cause, feedback


@pytest.fixture
async def classified(desk: Desk) -> tuple[str, Json]:
    """A case, and the event that classified it."""
    await define_cause(desk)
    case = await feedback(desk)
    (event,) = await desk.events("FeedbackForwarded")
    return case, event


def said(event: Json, **changes: Any) -> Json:  # noqa: ANN401
    """What was wrong with it."""
    body = {
        "event_id": event["event_id"],
        "stream": event["stream"],
        "field": "to_departments.1",
        "recorded": "TECH",
        "correct": "PRODUCTION",
        "reason": "It went to production, not to engineering.",
    }
    return body | changes


async def test_a_fact_is_corrected_by_two_people_and_both_can_be_read(
    desk: Desk, classified: tuple[str, Json]
) -> None:
    case, event = classified
    proposed = await desk.does("/v1/corrections", said(event), by="u.clerk")
    at = f"/v1/corrections/{proposed['id']}"
    before = await _entry(desk, case, event)
    await desk.does(f"{at}/approve", {}, by="u.qam")

    entry = await _entry(desk, case, event)
    assert before["corrections"] == []
    (told,) = entry["corrections"]
    assert (told["recorded"], told["correct"]) == ("TECH", "PRODUCTION")
    assert (told["proposed_by"], told["approved_by"]) == ("u.clerk", "u.qam")
    assert entry["data"]["to_departments"] == ["QA", "TECH"]
    assert (await desk.get(f"/v1/events/{event['event_id']}"))["data"] == event["data"]
    page = await desk.get("/v1/ledgers/corrections", event_id=event["event_id"])
    (row,) = page["data"]
    assert (row["correction_no"][:3], row["status"]) == ("CN-", "APPROVED")


async def _entry(desk: Desk, case: str, event: Json) -> Json:
    timeline = await desk.get(f"/v1/feedback-cases/{case}/timeline")
    (entry,) = [each for each in timeline["data"] if each["event_id"] == event["event_id"]]
    found: Json = entry
    return found


async def test_a_correction_that_is_turned_down_changes_nothing(
    desk: Desk, classified: tuple[str, Json]
) -> None:
    case, event = classified
    proposed = await desk.does("/v1/corrections", said(event), by="u.clerk")
    no = {"reason": "The file says engineering."}
    await desk.does(f"/v1/corrections/{proposed['id']}/reject", no, by="u.td")

    timeline = await desk.get(f"/v1/feedback-cases/{case}/timeline")
    assert all(each["corrections"] == [] for each in timeline["data"])
    assert timeline["data"][-1]["what"] == "CorrectionRejected"


async def test_it_names_an_event_of_the_log_as_it_was_recorded(
    desk: Desk, classified: tuple[str, Json]
) -> None:
    _, event = classified

    async def refused(**changes: Any) -> httpx.Response:  # noqa: ANN401
        return await desk.post("/v1/corrections", said(event, **changes), by="u.clerk")

    unknown = await refused(event_id="00000000-0000-7000-8000-00000000abcd")
    elsewhere = await refused(stream="claim-00000000-0000-7000-8000-00000000abcd")
    otherwise = await refused(recorded="QA")

    assert (unknown.status_code, unknown.json()["code"]) == (404, "CORRECTED_EVENT_NOT_FOUND")
    assert elsewhere.json()["code"] == "CORRECTED_EVENT_NOT_FOUND"
    assert (otherwise.status_code, otherwise.json()["code"]) == (422, "RECORDED_OTHERWISE")
    assert otherwise.json()["details"]["recorded"] == "TECH"
