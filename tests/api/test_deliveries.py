"""Deliveries over HTTP: the gate, the signed list, and what becomes of a damage."""

from typing import Any

import pytest

from tests.api.desk import Desk, Json
from tests.api.stories import S_A, S_B, agree, define_cause
from tests.api.test_time_limits import move_clock, said

LOT = "L2501"
SIGNATURES = [
    {"role": "SHIPPER", "name": "钱伟"},
    {"role": "KEEPER", "name": "孙丽"},
    {"role": "CARRIER", "name": "孔师傅"},
]


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """Monday 3 March 2025, ten o'clock in Shanghai."""
    sandbox.at = "2025-03-03T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    return sandbox


def lines(*pieces: int) -> list[Json]:
    """One line a figure, of the same lot of two specs in turn."""
    return [
        {"line": number, "spec_code": (S_A, S_B)[(number - 1) % 2], "lot_no": LOT, "qty": qty}
        for number, qty in enumerate(pieces, start=1)
    ]


def papers(*pieces: int, **more: Any) -> Json:  # noqa: ANN401 - any field of the body
    """Everything that the gate asks for."""
    whole = {
        "inspection_report_no": "CJ-88",
        "certificate_no": "HG-88",
        "packing_list_no": "ZX-88",
        "packing_list": lines(*pieces),
        "shipping_list": lines(*pieces),
        "signatures": SIGNATURES,
    }
    return whole | more


async def prepared(desk: Desk, *pieces: int, **more: Any) -> str:  # noqa: ANN401
    """A delivery to C01; its address."""
    body = {
        "customer_id": "C01",
        "contract_ref": "HT-7",
        "carrier_id": "SF",
        "lines": lines(*pieces),
    }
    done = await desk.does("/v1/deliveries", body | more, by="u.ship")
    return f"/v1/deliveries/{done['id']}"


async def released(desk: Desk, *pieces: int) -> str:
    """A delivery that passed the gate; its address."""
    at = await prepared(desk, *pieces)
    await desk.does(f"{at}/release", papers(*pieces), by="u.ship")
    return at


async def test_a35_the_gate_names_its_clause_and_unequal_lists_their_figures(desk: Desk) -> None:
    at = await prepared(desk, 500)

    bare = await desk.post(f"{at}/release", papers(500, inspection_report_no=None), by="u.ship")
    assert bare.status_code == 422
    problem = bare.json()
    assert (problem["code"], problem["clause"], problem["rule"]) == ("GATE_4_1_3", "4.1.3", "R-12")
    assert problem["details"]["missing"] == ["inspection_report_no"]
    assert problem["errors"][0]["pointer"] == "/inspection_report_no"
    empty = await desk.post(f"{at}/release", {}, by="u.ship")
    assert empty.json()["code"] == "GATE_4_1_3"
    unequal = await desk.post(f"{at}/release", papers(500, shipping_list=lines(480)), by="u.ship")
    assert unequal.status_code == 422
    problem = unequal.json()
    assert (problem["code"], problem["clause"]) == ("LIST_MISMATCH", "4.1.3")
    assert (problem["details"]["packing_list"], problem["details"]["shipping_list"]) == (500, 480)

    done = await desk.does(f"{at}/release", papers(500), by="u.ship")
    assert done["state"]["status"] == "RELEASED"


async def test_a_delivery_from_the_packed_boxes_to_the_signed_list_in_the_ledger(
    desk: Desk,
) -> None:
    at = await released(desk, 500, 200)
    await desk.does(f"{at}/dispatch", {"waybill": "SF-77"}, by="u.ship")
    call = {"kind": "PHONE_CALL", "note": "已到济南。", "place": "济南"}
    await desk.does(f"{at}/track", call, by="u.rep")
    await desk.does(f"{at}/record-signed", {"signed_by": "周敏", "doc_ref": "QS-88"}, by="u.rep")
    (due,) = (await desk.get("/v1/ledgers/deadlines", time_limit="T19"))["data"]
    assert (due["status"], due["due_on"], due["roles"]) == ("OPEN", "2025-03-10", ["SALES_REP"])
    await desk.does(f"{at}/return-proof", {"doc_ref": "QS-88"}, by="u.rep")

    page = await desk.get(
        "/v1/ledgers/deliveries", lot_no=LOT, proof_returned=True, released_from="2025-03-03"
    )
    (row,) = page["data"]
    assert (row["status"], row["qty"], row["waybill"]) == ("POD_RETURNED", 700, "SF-77")
    assert (row["shipper"], row["keeper"], row["carrier"]) == ("钱伟", "孙丽", "孔师傅")
    assert row["row_version"] == len(row["event_ids"]) == 6
    (due,) = (await desk.get("/v1/ledgers/deadlines", subject_no=row["delivery_no"]))["data"]
    assert due["status"] == "MET"
    assert (await desk.get("/v1/ledgers/deliveries", damaged=True))["data"] == []


async def test_r13_a_signed_list_that_does_not_come_back_is_missed_after_seven_days(
    desk: Desk,
) -> None:
    at = await released(desk, 500)
    await desk.does(f"{at}/record-signed", {"signed_by": "周敏", "doc_ref": "QS-88"}, by="u.rep")
    await move_clock(desk, "2025-03-10T16:00:00Z")

    (missed,) = await said(desk, "DeadlineMissed")

    assert (missed["data"]["limit"], missed["data"]["rule_id"]) == ("T19", "R-13")
    assert missed["data"]["roles"] == ["SALES_REP"]


async def reported(desk: Desk, at: str, qty: int = 3) -> Json:
    """A damage of the first line; the answer."""
    body = {
        "line": 1,
        "qty": qty,
        "discovered": "DELIVERY_POINT",
        "description": "外箱压溃。",
    }
    return await desk.does(f"{at}/report-transport-damage", body, by="u.rep")


async def test_r10_a_damage_opens_a_case_and_the_leader_who_says_nothing_is_late(
    desk: Desk,
) -> None:
    at = await released(desk, 500)
    done = await reported(desk, at)

    assert [each["type"] for each in done["events"]] == [
        "TransportDamageReported",
        "FeedbackRegistered",
        "FeedbackClassified",
        "TransportPartyNamed",
        "TransportCaseLinked",
    ]
    assert done["state"]["status"] == "RELEASED"
    (damage,) = done["state"]["damages"]
    case = await desk.get(f"/v1/feedback-cases/{damage['case_id']}")
    assert case["state"]["category"] == "TRANSPORT"
    assert case["state"]["candidate_third_party"] == "SF"
    assert case["state"]["source_system"] == "SANBAO"
    assert case["state"]["external_ref"] == damage["damage_no"]
    (row,) = (await desk.get("/v1/ledgers/feedback", category="TRANSPORT"))["data"]
    assert row["case_no"] == damage["case_no"]
    (due,) = (await desk.get("/v1/ledgers/deadlines", role="TECH_DIRECTOR"))["data"]
    assert (due["time_limit"], due["due_at"]) == ("T15", "2025-03-04T02:00:00.000000Z")
    assert due["subject_no"] == done["state"]["delivery_no"]

    desk.at = "2025-03-04T02:00:00Z"
    await desk.does(f"{at}/track", {"kind": "PHONE_CALL", "note": "无人答复。"}, by="u.rep")
    missed = await said(desk, "DeadlineMissed", 4)
    (leader,) = [each for each in missed if each["data"]["limit"] == "T15"]
    assert (leader["data"]["rule_id"], leader["data"]["subject_kind"]) == ("R-10", "delivery")
    assert leader["data"]["roles"] == ["TECH_DIRECTOR"]


async def test_a_leader_who_acknowledges_in_time_is_not_late_and_the_timeline_has_it_all(
    desk: Desk,
) -> None:
    at = await released(desk, 500)
    done = await reported(desk, at, qty=40)
    desk.at = "2025-03-04T01:59:59Z"
    told = await desk.does(
        f"{at}/acknowledge-transport-damage", {"instruction": "补发40件。"}, by="u.td"
    )
    await desk.does(f"{at}/track", {"kind": "PHONE_CALL", "note": "已补发。"}, by="u.rep")

    assert told["state"]["damages"][0]["acknowledged_by"] == "u.td"
    (due,) = (await desk.get("/v1/ledgers/deadlines", role="TECH_DIRECTOR"))["data"]
    assert due["status"] == "MET"
    case_no = done["state"]["damages"][0]["case_no"]
    (row,) = (await desk.get("/v1/ledgers/deliveries", damaged=True, case_no=case_no))["data"]
    assert (row["damaged_qty"], row["damages_unacknowledged"]) == (40, 0)
    history = (await desk.get(f"{at}/timeline"))["data"]
    seen = [each["what"] for each in history]
    assert seen[:2] == ["DeliveryPrepared", "DeliveryReleased"]
    assert {"FeedbackRegistered", "TransportDamageAcknowledged"} <= set(seen)
    (named,) = [each for each in history if each["what"] == "TransportPartyNamed"]
    assert (named["rule"], named["role"], named["clause"]) == ("R-10", "SYSTEM", "4.1.5")


async def test_a_case_under_the_damages_own_number_does_not_stand_in_the_way(desk: Desk) -> None:
    at = await released(desk, 500)
    no = (await desk.get(at))["state"]["delivery_no"]
    early = {
        "customer_id": "C01",
        "source_system": "SANBAO",
        "external_ref": f"{no}/1",
        "channel": "PHONE",
        "life_phase": "ZERO_KM",
        "spec_code": S_A,
        "failure_mode": "外箱压溃",
        "qty_reported": 1,
        "description": "The customer called.",
    }
    case = await desk.does("/v1/feedback-cases", early, by="u.clerk")

    done = await reported(desk, at)

    assert [each["type"] for each in done["events"]] == [
        "TransportDamageReported",
        "TransportCaseLinked",
    ]
    assert done["state"]["damages"][0]["case_id"] == case["id"]


async def test_a_lot_of_the_erp_is_delivered_and_more_of_it_comes_back(desk: Desk) -> None:
    lot = {
        "spec_code": S_A,
        "produced_on": "2025-01-15",
        "workshop": "二车间",
        "qty": 5000,
        "warehoused_on": "2025-01-16",
    }
    recorded = await desk.does(f"/v1/production-lots/{LOT}/record", lot, by="erp")
    assert recorded["state"]["lot_no"] == LOT
    again = await desk.post(f"/v1/production-lots/{LOT}/record", lot, by="erp")
    assert again.json()["code"] == "ALREADY_EXISTS"
    names = ("identification", "water", "sun", "rust", "ventilation")
    look = {"place": "A-03", "checks": dict.fromkeys(names, "PASS")}
    await desk.does(f"/v1/production-lots/{LOT}/record-storage-condition", look, by="u.store")
    await released(desk, 2)
    case = (await reported(desk, await released(desk, 1), qty=1))["state"]["damages"][0]["case_id"]

    announced = await desk.does(
        "/v1/return-lists",
        {
            "case_id": case,
            "customer_id": "C01",
            "reason": "Crushed in transport.",
            "lines": [{"line": 1, "spec_code": S_A, "lot_no": LOT, "qty_announced": 4}],
        },
        by="u.clerk",
    )
    at = f"/v1/return-lists/{announced['id']}"
    await desk.does(f"{at}/authorize", {"authorisation_no": "RMA-1"}, by="u.qa1")
    desk.at = "2025-03-05T02:00:00Z"
    done = await desk.does(
        f"{at}/receive",
        {
            "arrived_at": "2025-03-03T09:00:00Z",
            "location": "Q-01",
            "lines": [{"line": 1, "qty_received": 4}],
        },
        by="u.store",
    )

    assert [each["type"] for each in done["events"]] == ["ReturnReceived", "ReturnExceedsDelivery"]
    assert done["state"]["excesses"] == [
        {"spec_code": S_A, "lot_no": LOT, "delivered": 3, "returned": 4}
    ]
    assert done["state"]["register_by"] == "2025-03-04T16:00:00Z"
    assert done["state"]["registered_late"] is True


async def test_the_erps_own_number_opens_one_delivery_and_a_cancelled_one_stays_here(
    desk: Desk,
) -> None:
    key = {"source_system": "ERP", "external_ref": "SO-9"}
    at = await prepared(desk, 5, **key)
    body = {"customer_id": "C01", "contract_ref": "HT-7", "carrier_id": "SF", "lines": lines(5)}
    again = await desk.post("/v1/deliveries", body | key, by="erp")
    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_REPORTED")

    await desk.does(f"{at}/cancel", {"reason": "The order was withdrawn."}, by="u.ship")

    (row,) = (await desk.get("/v1/ledgers/deliveries", status="CANCELLED"))["data"]
    assert row["external_ref"] == "SO-9"
