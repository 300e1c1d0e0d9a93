"""Clauses 4.1 to 4.4 and 4.6.1: what must come first, and what no more is let through."""

from typing import Any

import pytest

from app.domain.values import Role
from tests.api.desk import Desk, Json
from tests.api.stories import S_A, agree, cny, confirmed, define_cause, feedback, judged
from tests.api.test_deliveries import released, reported
from tests.api.test_kpi_analysis import put_to_test

CASE: Json = {
    "customer_id": "C01",
    "channel": "PHONE",
    "life_phase": "FIELD",
    "spec_code": S_A,
    "failure_mode": "少货",
    "qty_reported": 20,
    "description": "Twenty are missing.",
}


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """Monday 10 February 2025, ten o'clock in Shanghai, with an agreement and two causes."""
    sandbox.at = "2025-02-10T02:00:00Z"
    await define_cause(sandbox)
    await define_cause(sandbox, "L01", "LOGISTICS")
    await agree(sandbox)
    return sandbox


async def refused(desk: Desk, path: str, by: str, **body: Any) -> str:  # noqa: ANN401
    """The code of a refusal."""
    answer = await desk.post(path, body, by=by)
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["code"])


async def test_4_1_5_the_carrier_pays_and_no_target_of_ours_moves(desk: Desk) -> None:
    at = await released(desk, 500)
    await desk.does(f"{at}/dispatch", {"waybill": "SF-77"}, by="u.ship")
    assert await refused(desk, f"{at}/return-proof", "u.rep", doc_ref="QS-1") == (
        "DELIVERY_NOT_SIGNED"
    )
    more: Json = {"line": 1, "qty": 501, "discovered": "PHONE", "description": "外箱压溃。"}
    assert await refused(desk, f"{at}/report-transport-damage", "u.rep", **more) == (
        "MORE_DAMAGED_THAN_DELIVERED"
    )
    await reported(desk, at)
    (row,) = (await desk.get("/v1/ledgers/feedback", category="TRANSPORT"))["data"]
    carrier = [{"party": "THIRD_PARTY", "party_id": "SF", "bps": 10_000}]
    await judged(desk, row["case_id"], cause="L01", shares=carrier)

    done = await confirmed(desk, "700.00", cases=(row["case_id"],))
    claim = f"/v1/claims/{done['id']}"
    await desk.does(f"{claim}/split", {}, by="u.tech")
    minutes = {"minutes_ref": "M-1", "agreed": "The carrier pays."}
    await desk.does(f"{claim}/conclude-negotiation", minutes, by="u.tech")
    await desk.does(f"{claim}/approve-execution", {}, by="u.td")
    advance = {"method": "TRANSFER", "voucher": "V-1", "amount": cny("700.00")}
    await desk.does(f"{claim}/settle", advance, by="u.fin")
    above: Json = {"party_id": "SF", "amount": cny("700.01")}
    assert await refused(desk, f"{claim}/register-recovery", "u.fin", **above) == "NOT_RECOVERABLE"
    asked = {"party_id": "SF", "amount": cny("700.00")}
    await desk.does(f"{claim}/register-recovery", asked, by="u.fin")
    paid = {"party_id": "SF", "amount": cny("300.00"), "voucher": "R-1"}
    await desk.does(f"{claim}/record-recovery-received", paid, by="u.fin")

    ratio = await desk.get("/v1/kpis/cost-ratio", year="2025")
    assert (ratio["cost"], ratio["recovered"]) == (cny("0.00"), cny("300.00"))
    assert (await desk.get("/v1/kpis/cause-frequency", quarter="2025Q1"))["causes"] == []
    (raised,) = await desk.events("EscalationRaised")
    assert [each["code"] for each in raised["data"]["reasons"]] == ["AMOUNT"]


async def test_4_2_1_nothing_comes_before_the_class_and_silence_lasts_seven_days(
    desk: Desk,
) -> None:
    at = f"/v1/feedback-cases/{(await desk.does('/v1/feedback-cases', CASE, by='u.clerk'))['id']}"
    final: Json = {"stage": "FINAL", "doc_ref": "M-1"}
    stock: Json = {"area": "WAREHOUSE", "checked": 10, "nok": 0, "action": "SORT"}
    for what, by, body in (
        ("forward", "u.clerk", {"to_departments": ["SALES"]}),
        ("record-containment", "u.qa1", stock),
        ("reply-to-customer", "u.rep", final),
    ):
        assert await refused(desk, f"{at}/{what}", by, **body) == "CASE_NOT_CLASSIFIED"
    kind = {"category": "DELIVERY", "severity": "OCCASIONAL"}
    await desk.does(f"{at}/classify", kind, by="u.clerk")
    assert await refused(desk, f"{at}/classify", "u.clerk", **kind) == "ALREADY_CLASSIFIED"
    assert await refused(desk, f"{at}/forward", "u.clerk", to_departments=["QA"]) == (
        "DEPARTMENT_MISMATCH"
    )
    await desk.does(f"{at}/reply-to-customer", final, by="u.rep")
    desk.at = "2025-02-17T01:59:59Z"
    assert await refused(desk, f"{at}/close", "u.qa1") == "CUSTOMER_NOT_SATISFIED"
    desk.at = "2025-02-17T02:00:00Z"

    done = await desk.does(f"{at}/close", {}, by="u.qa1")

    assert done["state"]["status"] == "CLOSED"


async def test_4_2_2_a_lot_is_bad_from_five_in_a_hundred_on_however_small_the_check(
    desk: Desk,
) -> None:
    for checked, nok, bad in ((1000, 49, 0), (1000, 50, 1), (21, 1, 0), (20, 1, 1), (1, 1, 1)):
        case = await feedback(desk, lot_no=f"L-{checked}-{nok}")
        at = f"/v1/feedback-cases/{case}/record-containment"
        stock = {"area": "WAREHOUSE", "lot_no": f"L-{checked}-{nok}", "action": "SORT"}
        above: Json = stock | {"checked": checked, "nok": checked + 1}
        assert await refused(desk, at, "u.qa1", **above) == "MORE_NOK_THAN_CHECKED"
        before = len(await desk.events("BatchProblemDetected"))
        await desk.does(at, stock | {"checked": checked, "nok": nok}, by="u.qa1")
        assert len(await desk.events("BatchProblemDetected")) - before == bad, (checked, nok)


async def test_4_4_parts_are_tested_in_order_and_disposed_of_as_they_were_counted(
    desk: Desk,
) -> None:
    case = await feedback(desk)
    line = {"line": 1, "spec_code": S_A, "qty_announced": 3}
    body = {"case_id": case, "customer_id": "C01", "reason": "To be seen.", "lines": [line]}
    assert await refused(desk, "/v1/return-lists", "u.clerk", **(body | {"reason": ""})) == (
        "MALFORMED"
    )
    to = (await desk.does("/v1/return-lists", body, by="u.clerk"))["id"]
    at = f"/v1/return-lists/{to}"
    here: Json = {"location": "Q-1", "lines": [{"line": 1, "qty_received": 2}], "final": True}
    assert await refused(desk, f"{at}/receive", "u.store", **here) == "RETURN_NOT_AUTHORIZED"
    await desk.does(f"{at}/authorize", {"authorisation_no": "RMA-1"}, by="u.qa1")
    done = await desk.does(f"{at}/receive", here, by="u.store")
    assert [each["type"] for each in done["events"]] == [
        "ReturnReceived",
        "ReturnDiscrepancyFound",
    ]
    test: Json = {"line": 1, "part": 1, "stage": "LOAD", "result": "OK"}
    test |= {"criteria_ref": "TC-7", "evidence": ["IMG-1"]}
    found = f"{at}/record-part-finding"
    assert await refused(desk, found, "u.qa1", **test) == "PART_TEST_OUT_OF_ORDER"
    assert await refused(desk, found, "u.qa1", **(test | {"part": 3})) == "NO_SUCH_PART"
    ntf: Json = {"line": 1, "part": 1, "result": "NTF", "criteria_ref": "TC-7"}
    ntf |= {"customer_agreed": True}
    assert await refused(desk, f"{at}/conclude-ntf", "u.qa1", **ntf) == "NTF_NOT_PENDING"
    await put_to_test(desk, to, 1, "OK", "OK")
    await desk.does(f"{at}/conclude-ntf", ntf, by="u.qa1")
    await put_to_test(desk, to, 2, "NOK")
    assert await refused(desk, f"{at}/close", "u.qa1") == "PIECES_NOT_DISPOSED"
    replace: Json = {"line": 1, "outcome": "REPLACE", "qty": 3}
    assert await refused(desk, f"{at}/decide-disposition", "u.qa1", **replace) == (
        "MORE_DISPOSED_THAN_RECEIVED"
    )
    await desk.does(f"{at}/decide-disposition", replace | {"qty": 1}, by="u.qa1")
    sent: Json = {"delivery_no": "DL-9", "line": 1, "qty": 2}
    assert await refused(desk, f"{at}/ship-replacement", "u.store", **sent) == (
        "MORE_SHIPPED_THAN_REPLACED"
    )


async def test_3_4_nobody_judges_his_own_department_or_approves_his_own_cause(desk: Desk) -> None:
    case = await feedback(desk)
    at = f"/v1/feedback-cases/{case}"
    why = {"cause_code": "M01", "occurrence_cause": "Worn.", "method": "TEARDOWN"}
    judgement: Json = {"grounds": "Seen on the photos.", "blamed_department": "TECH"}
    await desk.does(f"{at}/determine-root-cause", why | {"evidence": ["P-1"]}, by="u.qa1")
    early = await refused(desk, f"{at}/judge-responsibility", "u.tech", **judgement)
    same = await desk.hat("u.qa1", Role.QA_MANAGER)
    own = await refused(desk, f"{at}/approve-root-cause", same)
    await desk.does(f"{at}/approve-root-cause", {}, by="u.qam")
    blamed = await refused(desk, f"{at}/judge-responsibility", "u.tech", **judgement)

    assert (early, own, blamed) == ("CAUSE_NOT_APPROVED", "SOD_CAUSE", "SOD_JUDGE")
    await desk.does(f"{at}/judge-responsibility", judgement, by="u.td")
