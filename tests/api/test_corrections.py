"""Correcting a recorded fact over HTTP: proposed, approved, and read beside what was recorded."""

from typing import Any

import httpx
import pytest

from app.domain.values import Role
from tests.api.desk import Desk, Json
from tests.api.stories import cny, define_cause, feedback


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
    (fact,) = await desk.events("FactCorrected")
    read = await desk.get(f"/v1/events/{event['event_id']}")
    assert read == event | {
        "corrections": [
            {
                "event_id": fact["event_id"],
                "type": "FactCorrected",
                "at": fact["recorded_at"],
                "proposed_by": "u.clerk",
                "approved_by": "u.qam",
                "role": "QA_MANAGER",
                "on_behalf_of": None,
                "reason": "It went to production, not to engineering.",
                "changes": [{"field": "to_departments.1", "old": "TECH", "new": "PRODUCTION"}],
                "links": {"event": f"/v1/events/{fact['event_id']}", "record": at},
            }
        ]
    }
    for link in read["corrections"][0]["links"].values():
        await desk.get(link)
    (page,) = await desk.events("FeedbackForwarded")
    assert page == event
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
    assert (await desk.get(f"/v1/events/{event['event_id']}"))["corrections"] == []


async def test_an_event_shows_the_corrections_that_figures_follow_from(desk: Desk) -> None:
    await define_cause(desk)
    case = await feedback(desk)
    at = f"/v1/feedback-cases/{case}"
    changes = {"changes": {"lot_no": "L-2"}, "reason": "The label says so."}
    await desk.does(f"{at}/propose-correction", changes, by="u.clerk")
    waiting = await corrections(desk, "FeedbackRegistered")
    await desk.does(f"{at}/approve-correction", {}, by="u.qam")
    other = await desk.hat("u.fin2", Role.FINANCE)
    cost = {"kind": "FREIGHT", "amount": cny("1.00"), "on": "2025-01-08", "voucher": "V-1"}
    entry = await desk.does("/v1/cost-entries", cost, by="u.fin")
    corrected = {"amount": cny("2.00"), "on": "2025-01-07", "reason": "It was dearer."}
    await desk.does(f"/v1/cost-entries/{entry['id']}/correct", corrected, by=other)
    sales = "/v1/sales-figures/2025"
    for month in (1, 2):
        sold = {"month": month, "net_sales": cny("10.00"), "source_ref": f"GL-{month}"}
        await desk.does(f"{sales}/record-figure", sold, by="u.fin")
    closed = {"month": 1, "net_sales": cny("9.00"), "source_ref": "GL-9", "reason": "A return."}
    await desk.does(f"{sales}/correct-figure", closed, by=other)

    (case_correction,) = await corrections(desk, "FeedbackRegistered")
    (cost_correction,) = await corrections(desk, "CostRecorded")
    first, second = await desk.events("SalesFigureRecorded")

    assert waiting == []
    assert case_correction["changes"] == [{"field": "lot_no", "old": None, "new": "L-2"}]
    assert (case_correction["proposed_by"], case_correction["approved_by"]) == ("u.clerk", "u.qam")
    assert case_correction["links"]["record"] == at
    assert cost_correction["changes"] == [
        {"field": "amount_fen", "old": 100, "new": 200},
        {"field": "on", "old": "2025-01-08", "new": "2025-01-07"},
    ]
    assert (cost_correction["proposed_by"], cost_correction["approved_by"]) == (None, "u.fin2")
    (of_january,) = (await desk.get(f"/v1/events/{first['event_id']}"))["corrections"]
    assert of_january["changes"] == [{"field": "net_sales_fen", "old": 1000, "new": 900}]
    assert (await desk.get(f"/v1/events/{second['event_id']}"))["corrections"] == []


async def corrections(desk: Desk, type_: str) -> list[Json]:
    """The corrections of the one event of a type."""
    (event,) = await desk.events(type_)
    found: list[Json] = (await desk.get(f"/v1/events/{event['event_id']}"))["corrections"]
    return found


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
