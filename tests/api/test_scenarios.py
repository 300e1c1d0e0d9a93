"""The scenarios of the procedure over HTTP, in a sandbox whose clock the tests turn."""

import pytest

from app.domain.values import Role
from tests.api.desk import Desk
from tests.api.stories import (
    S_A,
    S_B,
    agree,
    cny,
    confirmed,
    define_cause,
    feedback,
    judged,
    notice,
    split_claim,
    verified,
)


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """February 2025, with an agreement and a cause."""
    sandbox.at = "2025-02-03T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    return sandbox


async def test_a_leaking_seal_from_the_first_call_to_a_filed_claim_in_the_ledgers(
    desk: Desk,
) -> None:
    done = await split_claim(desk, "333.33")
    at = f"/v1/claims/{done['id']}"
    await desk.does(f"{at}/approve-execution", {}, by="u.td")
    settled = {"method": "CREDIT_NOTE", "voucher": "CN-1", "amount": cny("233.33")}
    await desk.does(f"{at}/settle", settled, by="u.fin")
    await desk.does(f"{at}/file", {"filing_no": "SH-2025-001"}, by="u.qa1")
    closed = await desk.does(f"{at}/close", {}, by="u.qa1")

    assert closed["state"]["status"] == "CLOSED"
    claims = await desk.get("/v1/ledgers/claims", status="CLOSED")
    assert [row["claim_id"] for row in claims["data"]] == [done["id"]]
    row = claims["data"][0]
    assert row["confirmed"] == cny("333.33")
    assert row["company_borne"] == cny("233.33")
    assert row["filing_no"] == "SH-2025-001"
    assert row["row_version"] == len(row["event_ids"])
    (case,) = (await desk.get("/v1/ledgers/feedback", cause_code="M01"))["data"]
    assert case["status"] == "RESPONSIBILITY_JUDGED"
    history = (await desk.get(f"{at}/timeline"))["data"]
    assert {"FeedbackRegistered", "ClaimRegistered", "ClaimSettled", "ClaimClosed"} <= {
        each["what"] for each in history
    }
    assert set(row["event_ids"]) <= {each["event_id"] for each in history}


async def test_a01_a02_the_amount_escalates_above_500_and_not_at_it(desk: Desk) -> None:
    await confirmed(desk, "500.00")
    assert await desk.events("EscalationRaised") == []

    done = await confirmed(desk, "500.01", spec=S_B)

    (raised,) = await desk.events("EscalationRaised")
    (reason,) = raised["data"]["reasons"]
    assert reason["code"] == "AMOUNT"
    decision = reason["decision"]
    assert (decision["rule_id"], decision["clause"]) == ("R-04", "4.5")
    assert (decision["observed"], decision["operator"], decision["threshold"]) == (
        500_01,
        ">",
        500_00,
    )
    assert raised["data"]["acknowledge_by"] == "2025-02-04T02:00:00Z"
    assert raised["causation_id"] == done["events"][0]["event_id"]
    assert raised["rule_pack_version"] == 1


async def test_a03_what_counts_is_what_was_confirmed(desk: Desk) -> None:
    await confirmed(desk, "498.00", claimed="620.00")

    assert await desk.events("EscalationRaised") == []


async def test_a06_a07_the_third_claim_of_a_spec_escalates_and_the_fourth_is_linked(
    desk: Desk,
) -> None:
    await confirmed(desk, "80.00")
    desk.at = "2025-05-20T02:00:00Z"
    await confirmed(desk, "95.00", customer="C02")
    assert await desk.events("EscalationRaised") == []
    desk.at = "2025-09-11T02:00:00Z"
    await confirmed(desk, "60.00")

    (raised,) = await desk.events("EscalationRaised")
    (reason,) = raised["data"]["reasons"]
    assert (reason["code"], reason["decision"]["observed"]) == ("SPEC_COUNT", 3)
    assert len(reason["decision"]["evidence"]) == 3
    assert len(await desk.events("CapaRequested")) == 1

    desk.at = "2025-10-02T02:00:00Z"
    await confirmed(desk, "70.00")
    assert len(await desk.events("EscalationRaised")) == 1
    assert len(await desk.events("ClaimLinkedToEscalation")) == 1

    await close_escalation(desk, raised["stream"].removeprefix("escalation-"))
    desk.at = "2025-10-20T02:00:00Z"
    await confirmed(desk, "75.00")
    assert len(await desk.events("EscalationRaised")) == 2


async def close_escalation(desk: Desk, escalation: str) -> None:
    """Everything that clause 4.5 wants, then the general manager is satisfied."""
    at = f"/v1/escalations/{escalation}"
    refused = await desk.post(f"{at}/close", {"summary": "Too early."}, by="u.gm")
    assert refused.status_code == 409
    await desk.does(f"{at}/acknowledge", {"instruction": "Screen the stock."}, by="u.gm")
    trace = {
        "lots": ["L-1"],
        "stock_checked": 300,
        "nok": 2,
        "findings": "Two seals with a torn lip.",
    }
    await desk.does(f"{at}/record-trace", trace, by="u.qa1")
    refused = await desk.post(f"{at}/close", {"summary": "Still too early."}, by="u.gm")
    assert refused.json()["code"] == "ESCALATION_INCOMPLETE"
    assert set(refused.json()["details"]["missing"]) == {"CAPA", "ACCOUNTABILITY"}
    capa = {
        "source": {"kind": "ESCALATION", "id": escalation},
        "problem": "The lip is torn in trimming.",
        "owner": "u.prod",
        "owner_department": "PRODUCTION",
        "due_on": "2025-12-01",
        "spec_code": S_A,
    }
    await desk.does("/v1/capas", capa, by="u.qa1")
    record = {
        "person_id": "P-77",
        "department": "PRODUCTION",
        "clause_text": "WI-12: knives are changed every shift.",
        "measure": "Training repeated.",
        "decision": "The knife was not changed.",
    }
    await desk.does(f"{at}/record-accountability", record | {"kind": "PERSON"}, by="u.gm")
    refused = await desk.post(f"{at}/close", {"summary": "Almost."}, by="u.gm")
    assert refused.json()["details"]["missing"] == ["ACCOUNTABILITY_LEADER"]
    await desk.does(f"{at}/record-accountability", record | {"kind": "LEADER"}, by="u.gm")
    await desk.does(f"{at}/close", {"summary": "All was done."}, by="u.gm")


async def test_a08_both_reasons_make_one_escalation(desk: Desk) -> None:
    await confirmed(desk, "80.00")
    await confirmed(desk, "95.00", customer="C02")
    await confirmed(desk, "612.35")

    (raised,) = await desk.events("EscalationRaised")
    assert {each["code"] for each in raised["data"]["reasons"]} == {"AMOUNT", "SPEC_COUNT"}


@pytest.mark.parametrize(
    ("total", "company", "customer"),
    [
        ("333.33", "233.33", "100.00"),
        ("501.15", "350.81", "150.34"),
        ("100.01", "70.01", "30.00"),
        ("0.05", "0.04", "0.01"),
        ("0.01", "0.01", "0.00"),
        ("1234.57", "864.20", "370.37"),
        ("999.99", "699.99", "300.00"),
    ],
)
async def test_a19_the_odd_fen_goes_to_the_largest_remainder(
    desk: Desk, total: str, company: str, customer: str
) -> None:
    done = await split_claim(desk, total)

    shares = {each["party"]: each["amount"] for each in done["state"]["shares"]}
    assert shares == {"COMPANY": cny(company), "CUSTOMER": cny(customer)}


@pytest.mark.parametrize(
    ("failure", "year", "company"),
    [
        ("2024-12-31T15:59:59Z", 2024, "600.00"),
        ("2024-12-31T16:00:00Z", 2025, "700.00"),
    ],
)
async def test_a21_the_agreement_of_the_failure_day_in_shanghai_splits(
    sandbox: Desk, failure: str, year: int, company: str
) -> None:
    sandbox.at = "2025-01-20T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox, year=2024, company=6000)
    await agree(sandbox, year=2025)

    done = await split_claim(sandbox, "1000.00", failure_on=failure)

    (event,) = await sandbox.events("ClaimSplitCalculated")
    assert event["data"]["agreement_year"] == year
    shares = {each["party"]: each["amount"] for each in done["state"]["shares"]}
    assert shares["COMPANY"] == cny(company)


async def test_r18_no_split_without_an_agreement_in_force(desk: Desk) -> None:
    case = await feedback(desk, "C09", occurred_on="2025-01-10")
    await judged(desk, case)
    done = await confirmed(desk, "80.00", customer="C09", cases=(case,), failure_on="2025-01-10")

    refused = await desk.post(f"/v1/claims/{done['id']}/split", {}, by="u.tech")

    assert refused.status_code == 409
    problem = refused.json()
    assert (problem["code"], problem["rule"]) == ("AGREEMENT_NOT_IN_FORCE", "R-18")


async def test_a40_one_head_under_two_hats_does_not_register_and_confirm(desk: Desk) -> None:
    both = await desk.hat("u.both", Role.SALES_CLERK, Role.MARKET_SPECIALIST)
    registered = await desk.does("/v1/claims", notice("80.00"), by=both)
    claim = registered["id"]
    checked = {"logic": True, "accuracy": True, "conformity": True, "notes": "All in order."}
    await desk.does(f"/v1/claims/{claim}/check", checked, by="u.qa1")
    seen = {
        "mode": "REMOTE_EVIDENCE",
        "place": "Jinan",
        "from_at": "2025-01-15T01:00:00Z",
        "to_at": "2025-01-15T02:00:00Z",
        "findings": "Oil at the seal.",
        "evidence": ["IMG-1"],
        "parts_seen": 0,
    }
    before = await desk.does(f"/v1/claims/{claim}/verify", seen, by=both)

    refused = await desk.post(
        f"/v1/claims/{claim}/confirm-amount", {"confirmed_total": cny("80.00")}, by=both
    )

    assert refused.status_code == 403
    assert refused.json()["code"] == "SOD_CLAIM"
    assert (await desk.get(f"/v1/claims/{claim}"))["revision"] == before["revision"]


async def test_a15_an_occurrence_belongs_to_the_day_in_shanghai(desk: Desk) -> None:
    desk.at = "2025-04-02T02:00:00Z"
    for instant, day in (
        ("2025-03-31T15:59:59Z", "2025-03-31"),
        ("2025-03-31T16:00:00Z", "2025-04-01"),
        ("2025-03-31", "2025-03-31"),
    ):
        case = await feedback(desk, occurred_on=instant)
        assert (await desk.get(f"/v1/feedback-cases/{case}"))["state"]["occurred_on"] == day


async def test_a04_a05_adjustments_move_the_escalation(desk: Desk) -> None:
    claim = await verified(desk, "480.00")
    at = f"/v1/claims/{claim}"
    await desk.does(f"{at}/confirm-amount", {"confirmed_total": cny("480.00")}, by="u.mkt")
    more = {"new_total": cny("520.00"), "reason": "The customer proved the towing cost."}
    refused = await desk.post(f"{at}/propose-adjustment", more, by="u.tech")
    assert refused.json()["code"] == "NO_GROUNDS_4_5"

    await desk.does(f"{at}/raise-dispute", {"grounds": "Towing is missing."}, by="u.rep")
    await desk.does(f"{at}/propose-adjustment", more, by="u.tech")
    await desk.does(f"{at}/approve-proposal", {}, by="u.td")
    assert len(await desk.events("EscalationRaised")) == 1

    less = {"new_total": cny("300.00"), "reason": "The towing was paid by the insurer."}
    await desk.does(f"{at}/propose-adjustment", less, by="u.tech")
    refused = await desk.post(f"{at}/approve-proposal", {}, by="u.td")
    assert refused.json()["code"] == "NEEDS_GENERAL_MANAGER"
    await desk.does(f"{at}/approve-proposal", {}, by="u.gm")

    assert len(await desk.events("EscalationRaised")) == 1
    (changed,) = await desk.events("EscalationBasisChanged")
    assert (changed["data"]["old_observed"], changed["data"]["new_observed"]) == (520_00, 300_00)
