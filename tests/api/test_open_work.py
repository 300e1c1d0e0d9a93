"""The ledgers that say what is open: CAPA reports, return lists, escalations."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.events.store import Log
from app.events.workings import Workings
from app.main import Plan
from app.projections.tables import fresh_rows
from tests.api.desk import Desk
from tests.api.stories import S_A, agree, confirmed, define_cause, feedback
from tests.api.test_scenarios import close_escalation


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """February 2025, with an agreement and a cause."""
    sandbox.at = "2025-02-03T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    return sandbox


async def test_the_general_manager_sees_what_is_open_and_what_it_lacks(desk: Desk) -> None:
    claim = (await confirmed(desk, "612.35"))["id"]
    claim_no = (await desk.get(f"/v1/claims/{claim}"))["state"]["claim_no"]
    at = "/v1/ledgers/escalations"

    (row,) = (await desk.get(at, open="true", missing="TRACE", reason="AMOUNT"))["data"]
    assert row["claim_nos"] == [claim_no]
    assert row["missing"] == ["TRACE", "CAPA", "ACCOUNTABILITY"]
    assert (row["missing_count"], row["status"]) == (3, "RAISED")
    assert row["acknowledge_by"] == "2025-02-04T02:00:00.000000Z"
    late = {"status": "RAISED", "acknowledge_by_to": "2025-02-04T02:00:00Z"}
    assert len((await desk.get(at, **late))["data"]) == 1

    await close_escalation(desk, row["escalation_id"])

    (row,) = (await desk.get(at, claim_no=claim_no))["data"]
    assert (row["is_open"], row["missing"], row["closed_on"]) == (False, [], "2025-02-03")
    assert {each["kind"] for each in row["accountability"]} == {"PERSON", "LEADER"}
    (capa,) = (await desk.get("/v1/ledgers/capas", source="ESCALATION"))["data"]
    assert [capa["capa_no"]] == row["capa_nos"]
    assert capa["accountability"] == row["accountability"]
    assert capa["row_version"] == len(capa["event_ids"])


async def test_what_others_say_of_a_row_is_the_same_when_it_is_folded_anew(
    desk: Desk, plan: Plan, house: Workings
) -> None:
    await confirmed(desk, "612.35")
    (row,) = (await desk.get("/v1/ledgers/escalations"))["data"]
    await close_escalation(desk, row["escalation_id"])

    connection = await plan.database.connect()
    try:
        log = Log(connection, house.codec)
        head = (await desk.get("/v1/events", limit=1))["head"]
        for name in ("capas_ledger", "escalations_ledger"):
            table = house.tables[name]
            fresh = await fresh_rows(log, house, table, head)
            kept: Mapping[str, Any] = await log.rows(table, list(fresh))
            assert kept == fresh
            assert fresh
    finally:
        await connection.close()


async def test_a_capa_report_is_found_by_what_is_due(desk: Desk) -> None:
    case = await feedback(desk)
    issued = {
        "source": {"kind": "CASE", "id": case},
        "problem": "Missing rubber at the lip.",
        "owner": "u.prod",
        "owner_department": "PRODUCTION",
        "due_on": "2025-03-01",
    }
    capa = (await desk.does("/v1/capas", issued, by="u.qa1"))["id"]
    at = "/v1/ledgers/capas"

    assert (await desk.get(at, open="true", due_to="2025-02-28"))["data"] == []
    (row,) = (await desk.get(at, open="true", due_to="2025-03-01"))["data"]
    assert (row["capa_id"], row["source"], row["status"]) == (capa, "CASE", "ISSUED")
    assert row["next_due_on"] == "2025-03-01"

    on = f"/v1/capas/{capa}"
    team = {"members": [{"person": "u.prod", "department": "PRODUCTION"}]}
    await desk.does(f"{on}/set-team", team, by="u.prod")
    contained = {"area": "WAREHOUSE", "lot_no": "L2501", "checked": 100, "nok": 3}
    await desk.does(f"{on}/record-containment", contained, by="u.prod")
    cause = {"occurrence_cause": "The knife was worn.", "escape_cause": "Nobody looked."}
    await desk.does(f"{on}/record-cause", cause, by="u.prod")
    plan = {"action": "Change the knife every shift.", "owner": "u.prod", "due_on": "2025-02-20"}
    await desk.does(f"{on}/plan-actions", {"actions": [plan]}, by="u.prod")
    (row,) = (await desk.get(at, status="ACTIONS_PLANNED", due_to="2025-02-20"))["data"]
    (action,) = row["actions"]
    assert (action["owner"], action["due_on"], action["done_on"]) == ("u.prod", "2025-02-20", None)

    done = {"action": action["number"], "effective_from": "2025-02-03", "lot_no": "L2506"}
    await desk.does(f"{on}/implement-action", done, by="u.prod")
    desk.at = "2025-03-10T02:00:00Z"
    checked = {"result": "EFFECTIVE", "lots_checked": ["L1", "L2", "L3"], "method": "100 % check."}
    await desk.does(f"{on}/check-effectiveness", checked, by="u.qam")
    learnt = {
        "measure": "The knife is in the control plan.",
        "documents": [{"kind": "CONTROL_PLAN", "doc_no": "CP-7", "revision": "B"}],
    }
    await desk.does(f"{on}/record-prevention", learnt, by="u.prod")
    await desk.does(f"{on}/close", {"summary": "No defect in three lots."}, by="u.qa1")
    (row,) = (await desk.get(at, open="false", result="EFFECTIVE"))["data"]
    assert (row["effective_from"], row["closed_on"]) == ("2025-02-03", "2025-03-10")
    assert (row["next_due_on"], row["checks"][0]["verifier"]) == (None, "u.qam")
    assert row["prevention"][0]["documents"][0]["doc_no"] == "CP-7"


async def test_a_return_list_shows_its_lines_its_findings_and_what_became_of_them(
    desk: Desk,
) -> None:
    case = await feedback(desk)
    line = {"line": 1, "spec_code": S_A, "lot_no": "L2501", "qty_announced": 2}
    announced = {
        "case_id": case,
        "customer_id": "C01",
        "reason": "To be analysed.",
        "lines": [line],
    }
    returned = (await desk.does("/v1/return-lists", announced, by="u.clerk"))["id"]
    at = f"/v1/return-lists/{returned}"
    await desk.does(f"{at}/authorize", {"authorisation_no": "RMA-9"}, by="u.qa1")
    came = {
        "carrier": "SF",
        "waybill": "SF-1",
        "location": "Q-01",
        "lines": [{"line": 1, "qty_received": 1}],
    }
    await desk.does(f"{at}/receive", came, by="u.store")
    tested = {
        "line": 1,
        "part": 1,
        "stage": "STANDARD",
        "result": "NOK",
        "criteria_ref": "TS-7",
        "evidence": ["PH-1"],
    }
    await desk.does(f"{at}/record-part-finding", tested, by="u.qa1")
    await desk.does(
        f"{at}/decide-disposition", {"line": 1, "outcome": "REPLACE", "qty": 1}, by="u.qa1"
    )

    ledger = "/v1/ledgers/return-lists"
    (row,) = (await desk.get(ledger, lot_no="L2501", finding="CONFIRMED_FAULT"))["data"]
    assert (row["return_list_id"], row["qty_announced"], row["qty_received"]) == (returned, 2, 1)
    assert (row["differs"], row["failure_mode"], row["location"]) == (True, "漏油", "Q-01")
    (entry,) = row["lines"]
    assert entry["findings"] == [{"part": 1, "finding": "CONFIRMED_FAULT"}]
    assert entry["disposition"] == [{"outcome": "REPLACE", "qty": 1}]
    assert len((await desk.get(ledger, replacement_owed_from=1, open="true"))["data"]) == 1
