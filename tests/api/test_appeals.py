"""Appeals over HTTP: from the draft to an answer that changes the claim, and one too late."""

import pytest

from tests.api.desk import Desk, Json
from tests.api.stories import agree, cny, define_cause, notice, split_claim
from tests.api.test_time_limits import move_clock, said

STATEMENT: Json = {
    "received_pieces": 1,
    "tests": "Standard test and under load.",
    "findings": "The lip was cut at mounting.",
    "verdict": "CUSTOMER",
    "grounds": [{"code": "ASSEMBLY_DAMAGE", "text": "Cut by the shaft's edge."}],
    "evidence": ["TR-12"],
    "requested": "REDUCE_TO",
    "reduce_to": cny("100.00"),
}


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """February 2025, with an agreement and a cause."""
    sandbox.at = "2025-02-03T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    return sandbox


async def approved(desk: Desk, claim: str) -> str:
    """An appeal that three people stand by; its address."""
    body = STATEMENT | {"claim_id": claim}
    appeal = (await desk.does("/v1/appeals", body, by="u.qa1"))["id"]
    at = f"/v1/appeals/{appeal}"
    await desk.does(f"{at}/review", {}, by="u.qam")
    await desk.does(f"{at}/approve", {}, by="u.td")
    return at


async def test_an_appeal_from_the_draft_to_an_answer_that_adjusts_the_claim(desk: Desk) -> None:
    claim = (await split_claim(desk, "333.33"))["id"]
    at = await approved(desk, claim)
    second = await desk.post("/v1/appeals", STATEMENT | {"claim_id": claim}, by="u.qa1")
    assert (second.status_code, second.json()["code"]) == (409, "APPEAL_UNDER_WAY")
    (row,) = (await desk.get("/v1/ledgers/appeals", open="true", ground="ASSEMBLY_DAMAGE"))["data"]
    assert (row["status"], row["objection_due"]) == ("APPROVED", "2025-02-10T16:00:00.000000Z")

    sent = await desk.does(f"{at}/submit", {"doc_ref": "AP-1"}, by="u.rep")
    assert [each["type"] for each in sent["events"]] == [
        "AppealSubmitted",
        "DisputeRaised",
        "NegotiationOpened",
    ]
    state = (await desk.get(f"/v1/claims/{claim}"))["state"]
    assert state["status"] == "NEGOTIATING"
    assert state["negotiations"][0]["grounds"] == "AP-2025-000001: ASSEMBLY_DAMAGE"
    (limit,) = (await desk.get("/v1/ledgers/deadlines", time_limit="T11"))["data"]
    assert (limit["subject_id"], limit["status"]) == (claim, "MET")

    answer = {"outcome": "ACCEPTED", "doc_ref": "MAIL-7"}
    answered = await desk.does(f"{at}/record-answer", answer, by="u.rep")
    assert answered["state"]["answer"]["agreed"] == cny("100.00")
    on = f"/v1/claims/{claim}"
    change = {"new_total": cny("100.00"), "reason": "The customer accepted the appeal."}
    await desk.does(f"{on}/propose-adjustment", change, by="u.tech")
    await desk.does(f"{on}/approve-proposal", {}, by="u.td")
    minutes = {"minutes_ref": "M-1", "agreed": "100.00 is paid."}
    done = await desk.does(f"{on}/conclude-negotiation", minutes, by="u.tech")

    assert done["state"]["amount"] == cny("100.00")
    (row,) = (await desk.get("/v1/ledgers/appeals", customer_answer="ACCEPTED"))["data"]
    assert (row["result"], row["is_open"]) == (cny("100.00"), False)
    assert (row["prepared_by"], row["reviewed_by"], row["approved_by"]) == (
        ["u.qa1"],
        "u.qam",
        "u.td",
    )
    history = (await desk.get(f"{on}/timeline"))["data"]
    assert {"AppealDrafted", "AppealAnswered"} <= {each["what"] for each in history}


async def test_an_appeal_that_comes_too_late_needs_the_general_manager(desk: Desk) -> None:
    body = notice("800.00", failure_on="2025-02-01")
    claim = (await desk.does("/v1/claims", body, by="u.clerk"))["id"]
    at = await approved(desk, claim)
    await move_clock(desk, "2025-02-10T16:00:00Z")
    await said(desk, "ClaimObjectionLapsed")

    late = await desk.post(f"{at}/submit", {"doc_ref": "AP-1"}, by="u.rep")
    assert (late.status_code, late.json()["code"]) == (409, "OBJECTION_LAPSED")
    assert late.json()["clause"] == "4.5"

    consent = {"reason": "The parts came back late."}
    await desk.does(f"/v1/claims/{claim}/consent-to-late-objection", consent, by="u.gm")
    await desk.does(f"{at}/submit", {"doc_ref": "AP-1"}, by="u.rep")
    state = (await desk.get(f"/v1/claims/{claim}"))["state"]
    assert state["status"] == "NEGOTIATING"


async def test_an_appeal_in_time_keeps_an_unconfirmed_claim_from_lapsing(desk: Desk) -> None:
    claim = (await desk.does("/v1/claims", notice("800.00"), by="u.clerk"))["id"]
    at = await approved(desk, claim)
    await desk.does(f"{at}/submit", {"doc_ref": "AP-1"}, by="u.rep")

    await move_clock(desk, "2025-02-11T02:00:00Z")
    await said(desk, "DeadlineMissed")

    assert await desk.events("ClaimObjectionLapsed") == []


async def test_a_claim_in_euro_is_converted_once_and_shows_what_it_said(desk: Desk) -> None:
    line = notice("10.00")["lines"][0]
    lines = [
        line | {"line": number, "unit_price": euro(amount), "amount": euro(amount)}
        for number, amount in enumerate(("33.33", "33.33", "33.34"), start=1)
    ]
    body = notice("100.00", lines=lines, claimed_total=euro("100.00"), currency="EUR")
    refused = await desk.post("/v1/claims", body, by="u.clerk")
    assert (refused.status_code, refused.json()["code"]) == (422, "EXCHANGE_RATE_MISMATCH")
    body["fx"] = {"rate": "7.5155", "on": "2025-02-03", "source_ref": "CFETS"}

    done = await desk.does("/v1/claims", body, by="u.clerk")

    assert done["state"]["claimed"] == cny("751.55")
    assert [each["amount"]["amount"] for each in done["state"]["lines"]] == [
        "250.49",
        "250.49",
        "250.57",
    ]
    assert done["state"]["foreign"]["lines"][2]["amount"] == "33.34"
    (row,) = (await desk.get("/v1/ledgers/claims"))["data"]
    assert (row["claimed"], row["material"]) == (cny("751.55"), cny("751.55"))
    assert (row["foreign_currency"], row["foreign_claimed"], row["exchange_rate"]) == (
        "EUR",
        "100.00",
        "7.5155",
    )


def euro(amount: str) -> Json:
    """An amount in euro as the API takes it."""
    return {"amount": amount, "currency": "EUR"}
