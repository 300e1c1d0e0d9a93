"""Service and customer visits over HTTP, and the ledgers that people find them in."""

import pytest

from tests.api.desk import Desk
from tests.api.stories import S_A, cny, define_cause, feedback, judged
from tests.api.test_time_limits import move_clock, said


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """Monday 3 March 2025, ten o'clock in Shanghai."""
    sandbox.at = "2025-03-03T02:00:00Z"
    await define_cause(sandbox)
    return sandbox


async def dispatched(desk: Desk, case: str) -> str:
    """Somebody goes, within the province; the visit's id."""
    body = {
        "case_id": case,
        "person": "u.field",
        "place": "Jinan",
        "province": "SAME",
        "bring": "Ten seals",
        "purpose": "See the leak.",
    }
    return str((await desk.does("/v1/service-visits", body, by="u.qa1"))["id"])


async def test_a_visit_that_begins_late_and_is_signed(desk: Desk) -> None:
    case = await feedback(desk)
    visit = await dispatched(desk, case)
    at = f"/v1/service-visits/{visit}"
    plan = (await desk.get("/v1/ledgers/deadlines", time_limit="T4"))["data"]
    assert [(row["subject_id"], row["status"]) for row in plan] == [(case, "MET")]

    await move_clock(desk, "2025-03-04T02:00:00Z")
    missed = await said(desk, "DeadlineMissed", 3)
    assert {
        (each["data"]["limit"], each["data"]["subject_kind"], each["data"]["subject_no"])
        for each in missed
    } >= {("T5", "service-visit", "SV-2025-000001")}
    (row,) = (await desk.get("/v1/ledgers/service-visits", began_late="true", open="true"))["data"]
    assert (row["service_visit_id"], row["status"]) == (visit, "DISPATCHED")

    await desk.does(f"{at}/start", {}, by="u.field")
    found = {"work": "SORT", "findings": "Two of forty leak.", "qty": 40}
    await desk.does(f"{at}/record-finding", found, by="u.field")
    done = {
        "customer_signature": {
            "name": "Zhou",
            "signed_at": "2025-03-04T02:00:00Z",
            "doc_ref": "SR-1",
        },
        "cost": {"travel": cny("312.50"), "labour": cny("200.00"), "material": cny("0.00")},
    }
    completed = await desk.does(f"{at}/complete", done, by="u.field")

    assert completed["state"]["status"] == "COMPLETED"
    (row,) = (await desk.get("/v1/ledgers/service-visits", work="SORT"))["data"]
    assert (row["cost"], row["signed_by"], row["began_late"]) == (cny("512.50"), "Zhou", True)
    assert row["row_version"] == len(row["event_ids"]) == 6
    assert row["cost_no"] == "CE-2025-000001"
    (limit,) = (await desk.get("/v1/ledgers/deadlines", time_limit="T5"))["data"]
    assert limit["status"] == "LATE"
    history = (await desk.get(f"/v1/feedback-cases/{case}/timeline"))["data"]
    assert "ServiceVisitCompleted" in {each["what"] for each in history}


async def completed(desk: Desk, case: str, travel: str) -> str:
    """A visit with nothing but the way to pay for; its id."""
    visit = await dispatched(desk, case)
    at = f"/v1/service-visits/{visit}"
    await desk.does(f"{at}/start", {}, by="u.field")
    found = {"work": "ANALYSIS", "findings": "The lip is torn.", "qty": 1}
    await desk.does(f"{at}/record-finding", found, by="u.field")
    cost = {"travel": cny(travel), "labour": cny("0.00"), "material": cny("0.00")}
    done = {"not_signed_because": "Nobody was there to sign.", "cost": cost}
    await desk.does(f"{at}/complete", done, by="u.field")
    return visit


async def ratio(desk: Desk, **asked: str) -> tuple[str, str]:
    """What the year cost, and how that stands to its sales (KPI-3)."""
    read = await desk.get("/v1/kpis/cost-ratio", year="2025", **asked)
    return read["cost"]["amount"], read["status"]


async def test_what_a_visit_cost_is_in_the_years_cost_once_whoever_tells_it_again(
    desk: Desk,
) -> None:
    sold = {"month": 2, "net_sales": cny("10000.00"), "source_ref": "GL-2"}
    await desk.does("/v1/sales-figures/2025/record-figure", sold, by="u.fin")
    case = await feedback(desk)
    visit = await completed(desk, case, "200.01")
    assert await ratio(desk) == ("200.01", "EXCEEDED")
    assert len(await desk.events("CostRatioTargetExceeded")) == 1
    before = str((await desk.get("/v1/events", limit=1))["head"])

    by_hand = {"kind": "VISIT", "amount": cny("200.01"), "on": "2025-03-03", "voucher": "V-1"}
    for named, code in (
        ({"service_visit_id": visit}, "VISIT_COST_COUNTED"),
        ({"case_id": case}, "COST_OF_WHICH_VISIT"),
    ):
        answer = await desk.post("/v1/cost-entries", by_hand | named, by="u.fin")
        assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
    entry = await desk.post(
        f"/v1/cost-entries/{visit}/correct",
        {"amount": cny("1.00"), "reason": "The ticket was cheaper."},
        by="u.fin",
    )
    assert entry.json()["code"] == "VISIT_COST_COUNTED", entry.text
    assert await ratio(desk) == ("200.01", "EXCEEDED")

    dearer = {"travel": cny("150.00"), "material": cny("49.99"), "reason": "The seals were new."}
    moved = await desk.does(f"/v1/service-visits/{visit}/correct-cost", dearer, by="u.fin")
    assert moved["state"]["cost"] == cny("199.99")
    assert await ratio(desk) == ("199.99", "MET")
    assert await ratio(desk, as_of=before) == ("200.01", "EXCEEDED")
    (row,) = (await desk.get("/v1/ledgers/costs", visit_no="SV-2025-000001"))["data"]
    assert (row["kind"], row["amount"], row["case_no"]) == (
        "VISIT",
        cny("199.99"),
        "FB-2025-000001",
    )
    assert row["corrected_because"] == "The seals were new."
    (visited,) = (await desk.get("/v1/ledgers/service-visits", cost_no=row["cost_no"]))["data"]
    assert (visited["cost"], visited["material"]) == (cny("199.99"), cny("49.99"))


async def test_a_general_correction_of_a_visits_cost_sends_to_its_own(desk: Desk) -> None:
    await completed(desk, await feedback(desk), "80.00")
    (event,) = await desk.events("ServiceVisitCompleted")
    wrong = {
        "event_id": event["event_id"],
        "stream": event["stream"],
        "field": "travel_fen",
        "recorded": 8000,
        "correct": 1,
        "reason": "It was free.",
    }

    answer = await desk.post("/v1/corrections", wrong, by="u.fin")

    assert answer.json()["code"] == "HAS_ITS_OWN_CORRECTION"
    assert answer.json()["details"]["next"] == "CorrectVisitCost"


async def test_a_customer_visit_stands_in_the_timeline_of_its_case(desk: Desk) -> None:
    case = await feedback(desk)
    body = {
        "customer_id": "C01",
        "case_ids": [case],
        "visited_on": "2025-03-03",
        "findings": "No leak any more.",
        "satisfaction": "SATISFIED",
    }
    await desk.does("/v1/customer-visits", body, by="u.rep")

    (row,) = (await desk.get("/v1/ledgers/customer-visits", case_no="FB-2025-000001"))["data"]
    assert (row["visit_no"], row["channel"]) == ("CV-2025-000001", "VISIT")
    history = (await desk.get(f"/v1/feedback-cases/{case}/timeline"))["data"]
    assert "CustomerVisitRecorded" in {each["what"] for each in history}


async def test_r11_a_missed_customer_deadline_without_emergency_action_is_visible(
    desk: Desk,
) -> None:
    first = await feedback(desk, customer_deadline="2025-03-03T03:00:00Z")
    second = await feedback(desk, customer_deadline="2025-03-03T03:00:00Z")
    asked = {"emergency_required": "true", "sort": "case_no"}
    assert (await desk.get("/v1/ledgers/feedback", **asked))["data"] == []

    await move_clock(desk, "2025-03-03T03:00:00Z")
    await said(desk, "DeadlineMissed", 4)
    rows = (await desk.get("/v1/ledgers/feedback", **asked))["data"]
    assert [row["case_id"] for row in rows] == [first, second]
    assert all(row["customer_deadline_missed"] for row in rows)

    action = {
        "reason": "The press is down.",
        "plan_ref": "EP-3",
        "action": "Deliver from C-stock.",
        "owner": "u.clerk",
    }
    at = f"/v1/feedback-cases/{first}"
    await desk.does(f"{at}/start-emergency-action", action, by="u.clerk")
    reply = {"stage": "FINAL", "doc_ref": "RE-1"}
    other = f"/v1/feedback-cases/{second}"
    await desk.does(f"{other}/reply-to-customer", reply, by="u.clerk")
    rows = (await desk.get("/v1/ledgers/feedback", **asked))["data"]
    assert [row["case_id"] for row in rows] == [second]
    await desk.does(f"{other}/record-customer-answer", {"outcome": "ACCEPTED"}, by="u.clerk")
    assert (await desk.get("/v1/ledgers/feedback", **asked))["data"] == []


async def test_r11_a_department_to_blame_before_the_final_reply_asks_for_emergency_action(
    desk: Desk,
) -> None:
    case = await feedback(desk, customer_deadline="2025-03-10T03:00:00Z")
    at = f"/v1/feedback-cases/{case}"
    await judged(desk, case)
    row = (await desk.get("/v1/ledgers/feedback", spec_code=S_A))["data"][0]
    assert row["emergency_required"] is False

    blamed = {
        "grounds": "The last check was skipped.",
        "blamed_department": "PRODUCTION",
        "supersedes_reason": "Seen on the second look.",
    }
    await desk.does(f"{at}/judge-responsibility", blamed, by="u.tech")
    (row,) = (await desk.get("/v1/ledgers/feedback", emergency_required="true"))["data"]
    assert (row["case_id"], row["customer_deadline_missed"]) == (case, False)
    await desk.does(f"{at}/reply-to-customer", {"stage": "FINAL", "doc_ref": "RE-1"}, by="u.clerk")
    assert (await desk.get("/v1/ledgers/feedback", emergency_required="true"))["data"] == []
