"""Clause 4.5 at its edges: which claim is the third, whose share, by which agreement and pack."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.domain.values import Role
from tests.api.desk import Desk, Json
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

FIGURES: Json = json.loads(Path("app/domain/rule_pack/v1.json").read_text())
SUPPLIER = [
    {"party": "THIRD_PARTY", "party_id": "SUP-1", "bps": 8000},
    {"party": "COMPANY", "bps": 2000},
]


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """Monday 10 February 2025, ten o'clock in Shanghai, with an agreement and three causes."""
    sandbox.at = "2025-02-10T02:00:00Z"
    await define_cause(sandbox)
    await define_cause(sandbox, "S01", "SUPPLIER")
    await define_cause(sandbox, "N01", "NTF")
    await agree(sandbox)
    return sandbox


async def asked(desk: Desk, claim: str, what: str, by: str, **body: Any) -> Json:  # noqa: ANN401
    """Something is asked of a claim."""
    return await desk.does(f"/v1/claims/{claim}/{what}", body, by=by)


async def refused(desk: Desk, claim: str, what: str, by: str, **body: Any) -> str:  # noqa: ANN401
    """The code of a refusal."""
    answer = await desk.post(f"/v1/claims/{claim}/{what}", body, by=by)
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["code"])


async def raised(desk: Desk) -> list[list[str]]:
    """The escalations there are, by their reasons."""
    events = await desk.events("EscalationRaised")
    return [[reason["code"] for reason in each["data"]["reasons"]] for each in events]


async def in_force(desk: Desk, at: str, **changes: Any) -> None:  # noqa: ANN401 - any figure
    """Other figures from an instant on."""
    body = {"procedure_revision": "A1", "effective_from": at, "figures": FIGURES | changes}
    await desk.does("/v1/rule-packs/propose", body | {"reason": "Costs rise."}, by="u.qam")
    await desk.does("/v1/rule-packs/approve", {"version": 2}, by="u.gm")


def shares(state: Json) -> list[tuple[str, str]]:
    """Who bears how much."""
    return [(each["party"], each["amount"]["amount"]) for each in state["shares"]]


# --- the third claim ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "reasons"),
    [
        pytest.param("2025-12-31T15:59:59Z", [["SPEC_COUNT"]], id="last second of the year"),
        pytest.param("2025-12-31T16:00:00Z", [], id="first second of the next"),
    ],
)
async def test_r05_the_third_claim_belongs_to_the_year_in_which_it_was_confirmed(
    desk: Desk, at: str, reasons: list[list[str]]
) -> None:
    desk.at = "2025-12-31T15:00:00Z"
    for _ in range(2):
        await confirmed(desk, "80.00")
    third = await verified(desk, "80.00")
    desk.at = at

    await asked(desk, third, "confirm-amount", "u.mkt", confirmed_total=cny("80.00"))

    assert await raised(desk) == reasons


async def test_r05_a_claim_that_was_taken_back_is_none_and_later_changes_the_basis(
    desk: Desk,
) -> None:
    why = {"reason": "The customer took it back."}
    await confirmed(desk, "80.00")
    gone = await confirmed(desk, "81.00")
    await asked(desk, gone["id"], "withdraw", "u.clerk", **why)
    await confirmed(desk, "82.00")
    assert await raised(desk) == []
    third = await confirmed(desk, "83.00")
    assert await raised(desk) == [["SPEC_COUNT"]]

    await asked(desk, third["id"], "raise-dispute", "u.rep", grounds="It is not our part.")
    await asked(desk, third["id"], "propose-cancellation", "u.tech", reason="Not our part.")
    assert await refused(desk, third["id"], "approve-proposal", "u.td") == "NEEDS_GENERAL_MANAGER"
    await asked(desk, third["id"], "approve-proposal", "u.gm")

    (changed,) = await desk.events("EscalationBasisChanged")
    assert (changed["data"]["old_observed"], changed["data"]["new_observed"]) == (3, 2)
    await confirmed(desk, "84.00")
    assert await raised(desk) == [["SPEC_COUNT"]]
    assert len(await desk.events("ClaimLinkedToEscalation")) == 1


async def test_r05_a_claim_counts_once_and_only_while_it_is_about_the_product(desk: Desk) -> None:
    await confirmed(desk, "80.00", pieces=5)
    await confirmed(desk, "80.00")
    case = await feedback(desk)
    at = f"/v1/feedback-cases/{case}/reclassify"
    wet = {"category": "TRANSPORT", "severity": "GENERAL", "reason": "The box was wet."}
    await desk.does(at, wet, by="u.qa1")
    await confirmed(desk, "80.00", cases=(case,))
    assert await raised(desk) == []

    dry = {"category": "PRODUCT", "severity": "GENERAL", "reason": "The lip was torn before."}
    await desk.does(at, dry, by="u.qa1")

    assert await raised(desk) == [["SPEC_COUNT"]]


async def test_r05_may_count_pieces_of_each_customer_when_the_pack_says_so(desk: Desk) -> None:
    await in_force(
        desk, "2025-02-10T02:00:00Z", spec_claims_unit="PIECES", spec_claims_per_customer=True
    )
    await agree(desk, "C02")
    await confirmed(desk, "80.00", pieces=2)
    await confirmed(desk, "80.00", pieces=2, customer="C02")
    assert await raised(desk) == []

    await confirmed(desk, "80.00")

    assert await raised(desk) == [["SPEC_COUNT"]]


# --- the amount -----------------------------------------------------------------------------


async def test_r04_a_pack_counts_from_its_instant_on_and_equal_is_not_above(desk: Desk) -> None:
    await in_force(desk, "2025-03-01T00:00:00Z", single_claim_fen_max=300_00)
    desk.at = "2025-02-28T23:59:59Z"
    await confirmed(desk, "400.00", spec="W")
    desk.at = "2025-03-01T00:00:00Z"
    await confirmed(desk, "300.00", spec="X")
    assert await raised(desk) == []

    await confirmed(desk, "300.01", spec="Y")

    (event,) = await desk.events("EscalationRaised")
    decision = event["data"]["reasons"][0]["decision"]
    assert (decision["threshold"], decision["rule_pack_version"]) == (300_00, 2)
    assert event["rule_pack_version"] == 2


async def test_r04_looks_at_the_converted_amount_and_at_more_than_was_claimed(desk: Desk) -> None:
    for rate, total in (("5.0000", "500.00"), ("5.0001", "500.01")):
        foreign = {"amount": "100.00", "currency": "USD"}
        line = notice("1.00", spec=rate)["lines"][0] | {"unit_price": foreign, "amount": foreign}
        fx = {"rate": rate, "on": "2025-02-10", "source_ref": "PBOC"}
        said = {"lines": [line], "claimed_total": foreign, "currency": "USD", "fx": fx}
        claim = await verified(desk, "1.00", **said)
        done = await asked(desk, claim, "confirm-amount", "u.mkt", confirmed_total=cny(total))
        assert done["state"]["claimed"] == cny(total)
    assert await raised(desk) == [["AMOUNT"]]

    claim = await verified(desk, "500.00", spec="Z")
    more: Json = {"confirmed_total": cny("500.01")}
    assert await refused(desk, claim, "confirm-amount", "u.mkt", **more) == "MORE_THAN_CLAIMED"
    await asked(desk, claim, "confirm-amount", "u.mkt", **more, reason="The towing was proved.")
    assert await raised(desk) == [["AMOUNT"], ["AMOUNT"]]


# --- the split ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure_on", "company"),
    [
        ("2025-06-30", "700.00"),
        ("2025-06-30T15:59:59Z", "700.00"),
        ("2025-06-30T16:00:00Z", "650.00"),
        ("2025-07-01", "650.00"),
    ],
)
async def test_r18_the_version_of_the_failure_day_splits_within_the_year(
    desk: Desk, failure_on: str, company: str
) -> None:
    desk.at = "2025-08-01T02:00:00Z"
    await agree(desk, company=6500, start="2025-07-01")

    done = await split_claim(desk, "1000.00", failure_on=failure_on)

    assert shares(done["state"])[0] == ("COMPANY", company)


async def test_odd_fen_of_two_halves_and_of_three_parties_always_add_up(desk: Desk) -> None:
    case = await feedback(desk, occurred_on="2025-02-01")
    await judged(desk, case, cause="N01")
    done = await confirmed(desk, "100.01", cases=(case,))
    half = await asked(desk, done["id"], "split", "u.tech")
    assert shares(half["state"]) == [("COMPANY", "50.01"), ("CUSTOMER", "50.00")]
    assert await desk.events("NegotiationOpened") == []  # an even table that was agreed

    await asked(desk, done["id"], "raise-dispute", "u.rep", grounds="Not a half.")
    thirds = [
        {"party": "COMPANY", "bps": 3333},
        {"party": "CUSTOMER", "bps": 3333},
        {"party": "THIRD_PARTY", "party_id": "SUP-1", "bps": 3334},
    ]
    why = {"new_total": cny("100.00"), "shares": thirds, "reason": "Agreed by mail."}
    await asked(desk, done["id"], "propose-adjustment", "u.tech", **why)
    adjusted = await asked(desk, done["id"], "approve-proposal", "u.td")
    assert [amount for _, amount in shares(adjusted["state"])] == ["33.33", "33.33", "33.34"]


async def test_r06_a_supplier_to_blame_is_negotiated_with_and_what_is_cancelled_costs_nothing(
    desk: Desk,
) -> None:
    case = await feedback(desk, occurred_on="2025-02-01")
    await judged(desk, case, cause="S01", shares=SUPPLIER)
    claim = (await confirmed(desk, "1000.01", cases=(case,)))["id"]
    split = await asked(desk, claim, "split", "u.tech")
    assert shares(split["state"]) == [("THIRD_PARTY", "800.01"), ("COMPANY", "200.00")]
    assert "NegotiationOpened" in [each["type"] for each in split["events"]]
    assert await refused(desk, claim, "approve-execution", "u.td") == "NEGOTIATION_UNDER_WAY"
    assert (await desk.get("/v1/kpis/cost-ratio", year="2025"))["cost"] == cny("200.00")

    await asked(desk, claim, "propose-cancellation", "u.tech", reason="The supplier pays.")
    await asked(desk, claim, "approve-proposal", "u.gm")

    assert (await desk.get(f"/v1/claims/{claim}"))["state"]["status"] == "CANCELLED"
    assert (await desk.get("/v1/kpis/cost-ratio", year="2025"))["cost"] == cny("0.00")
    await asked(desk, claim, "file", "u.qa1", filing_no="A-1")  # every claim is filed


# --- who may --------------------------------------------------------------------------------


async def test_five_people_stand_between_a_notice_and_its_money(desk: Desk) -> None:
    claim = (await split_claim(desk, "333.33"))["id"]
    pay: Json = {"method": "TRANSFER", "voucher": "V-1", "amount": cny("233.33")}
    assert await refused(desk, claim, "settle", "u.fin", **pay) == "EXECUTION_NOT_APPROVED"
    same = await desk.hat("u.mkt", Role.TECH_DIRECTOR)
    assert await refused(desk, claim, "approve-execution", same) == "SOD_EXECUTION"
    await asked(desk, claim, "approve-execution", "u.td")
    same = await desk.hat("u.td", Role.FINANCE)
    assert await refused(desk, claim, "settle", same, **pay) == "SOD_SETTLEMENT"
    less = pay | {"amount": cny("233.32")}
    assert await refused(desk, claim, "settle", "u.fin", **less) == "SETTLEMENT_MISMATCH"
    await asked(desk, claim, "settle", "u.fin", **pay)
    assert await refused(desk, claim, "settle", "u.fin", **pay) == "CLAIM_ALREADY_SETTLED"
    assert await refused(desk, claim, "close", "u.qa1") == "CLAIM_NOT_FILED"
    await asked(desk, claim, "file", "u.qa1", filing_no="A-1")
    await asked(desk, claim, "close", "u.qa1")

    other = (await split_claim(desk, "10.00"))["id"]
    assert await refused(desk, other, "file", "u.qa1", filing_no="A-1") == "FILING_NO_TAKEN"


async def test_what_a_deputy_registered_neither_he_nor_his_principal_confirms(desk: Desk) -> None:
    lent = {
        "to_person": "u.rep",
        "role": "SALES_CLERK",
        "from_at": "2025-02-10T02:00:00Z",
        "until_at": "2025-02-17T02:00:00Z",
        "reason": "A week of holidays.",
    }
    await desk.does("/v1/delegations", lent, by="u.clerk")
    in_name = {"Sanbao-On-Behalf-Of": "u.clerk"}
    answer = await desk.post("/v1/claims", notice("90.00", spec=S_B), by="u.rep", headers=in_name)
    claim = answer.json()["id"]
    checked = {"logic": True, "accuracy": True, "conformity": True, "notes": "All in order."}
    await asked(desk, claim, "check", "u.qa1", **checked)
    seen = {
        "mode": "UNANNOUNCED_VISIT",
        "place": "Jinan",
        "from_at": "2025-02-09T01:00:00Z",
        "to_at": "2025-02-09T02:00:00Z",
        "findings": "Oil at the seal.",
        "evidence": ["IMG-1"],
        "parts_seen": 1,
    }
    await asked(desk, claim, "verify", "u.mkt", **seen)

    for person in ("u.rep", "u.clerk"):
        hat = await desk.hat(person, Role.MARKET_SPECIALIST)
        amount: Json = {"confirmed_total": cny("90.00")}
        assert await refused(desk, claim, "confirm-amount", hat, **amount) == "SOD_CLAIM"
    await asked(desk, claim, "confirm-amount", "u.mkt", confirmed_total=cny("90.00"))


async def test_a_corrected_failure_day_splits_by_the_agreement_of_the_year_before(
    desk: Desk,
) -> None:
    await agree(desk, year=2024, company=6000)
    case = await feedback(desk, occurred_on="2024-12-31")
    await judged(desk, case)
    claim = (await confirmed(desk, "80.00", spec=S_A, cases=(case,)))["id"]
    why = {"changes": {"failure_on": "2024-12-31"}, "reason": "It failed on New Year's Eve."}
    await asked(desk, claim, "propose-correction", "u.clerk", **why)
    assert await refused(desk, claim, "approve-correction", "u.clerk") == "SOD_CORRECTION"
    await asked(desk, claim, "approve-correction", "u.qa1")

    done = await asked(desk, claim, "split", "u.tech")

    assert shares(done["state"])[0] == ("COMPANY", "48.00")
