"""How well failures were understood in a quarter, over HTTP."""

import pytest

from app.projections.tables import fresh_rows
from tests.api.desk import Desk, Json
from tests.api.stories import S_A, confirmed, define_cause, feedback, judged, verified


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """10 April 2025, with a cause."""
    sandbox.at = "2025-04-10T02:00:00Z"
    await define_cause(sandbox)
    return sandbox


async def returned(desk: Desk, case: str, pieces: int) -> str:
    """Parts that came back; the list's id."""
    line = {"line": 1, "spec_code": S_A, "qty_announced": pieces}
    body = {
        "case_id": case,
        "customer_id": "C01",
        "reason": "The lip is to be seen.",
        "lines": [line],
    }
    to = (await desk.does("/v1/return-lists", body, by="u.clerk"))["id"]
    at = f"/v1/return-lists/{to}"
    await desk.does(f"{at}/authorize", {"authorisation_no": "RMA-1"}, by="u.qa1")
    here = {"location": "Q-1", "lines": [{"line": 1, "qty_received": pieces}], "final": True}
    await desk.does(f"{at}/receive", here, by="u.store")
    return str(to)


async def put_to_test(desk: Desk, to: str, part: int, *results: str) -> None:
    """One part, stage by stage."""
    for stage, result in zip(("STANDARD", "LOAD"), results, strict=False):
        body = {
            "line": 1,
            "part": part,
            "stage": stage,
            "result": result,
            "criteria_ref": "TC-7",
            "evidence": ["IMG-1"],
        }
        await desk.does(f"/v1/return-lists/{to}/record-part-finding", body, by="u.qa1")


async def capa_with_measure(desk: Desk, case: str) -> str:
    """A report on the case whose measure is in place since 20 March."""
    body = {
        "source": {"kind": "CASE", "id": case},
        "problem": "The lip is torn in trimming.",
        "owner": "u.prod",
        "owner_department": "PRODUCTION",
        "due_on": "2025-06-01",
        "spec_code": S_A,
        "cause_code": "M01",
    }
    to = (await desk.does("/v1/capas", body, by="u.qa1"))["id"]
    at = f"/v1/capas/{to}"
    team = {"members": [{"person": "u.prod", "department": "PRODUCTION"}]}
    await desk.does(f"{at}/set-team", team, by="u.prod")
    blocked = {"area": "WAREHOUSE", "checked": 100, "nok": 1}
    await desk.does(f"{at}/record-containment", blocked, by="u.prod")
    why = {"occurrence_cause": "The knife was worn.", "escape_cause": "Seen by eye only."}
    await desk.does(f"{at}/record-cause", why, by="u.prod")
    action = {"action": "Change the knife.", "owner": "u.prod", "due_on": "2025-05-01"}
    await desk.does(f"{at}/plan-actions", {"actions": [action]}, by="u.prod")
    done = {"action": 1, "effective_from": "2025-03-20"}
    await desk.does(f"{at}/implement-action", done, by="u.prod")
    return str(to)


async def test_a_quarter_without_anything_divides_by_nothing(desk: Desk) -> None:
    read = await desk.get("/v1/kpis/analysis", quarter="2025Q2")

    assert read["part_analysis"]["average_lead_hours"] is None
    assert read["verification"]["on_site_permille"] is None
    assert read["effectiveness"]["effective_permille"] is None
    assert read["recurrences"] == []


async def test_lead_time_and_parts_without_a_fault(desk: Desk) -> None:
    case = await feedback(desk)
    to = await returned(desk, case, 2)
    desk.at = "2025-04-12T05:59:00Z"
    await put_to_test(desk, to, 1, "NOK")
    await put_to_test(desk, to, 2, "OK", "OK")
    first = (await desk.get("/v1/kpis/analysis", quarter="2025Q2"))["part_analysis"]
    assert first["analyses"] == 0
    ntf: Json = {"line": 1, "part": 2, "result": "NTF", "criteria_ref": "TC-7"}
    ntf |= {"customer_agreed": True}
    await desk.does(f"/v1/return-lists/{to}/conclude-ntf", ntf, by="u.qa1")

    read = (await desk.get("/v1/kpis/analysis", quarter="2025Q2"))["part_analysis"]

    assert read == {
        "analyses": 1,
        "average_lead_hours": 51,
        "longest_lead_hours": 51,
        "pieces": 2,
        "no_trouble_found": 1,
        "no_trouble_found_permille": 500,
        "return_nos": ["RT-2025-000001"],
    }
    (row,) = (await desk.get("/v1/ledgers/part-analyses", analysed_quarter="2025Q2"))["data"]
    assert (row["case_no"], row["received"]) == ("FB-2025-000001", 2)


async def test_how_many_claims_somebody_went_to_see(desk: Desk) -> None:
    await confirmed(desk, "80.00")
    claim = await verified(desk, "90.00")
    visit = {
        "mode": "UNANNOUNCED_VISIT",
        "place": "Jinan",
        "from_at": "2025-04-09T01:00:00Z",
        "to_at": "2025-04-09T02:00:00Z",
        "findings": "Oil at the seal.",
        "evidence": ["IMG-2"],
        "parts_seen": 1,
    }
    await desk.does(f"/v1/claims/{claim}/verify", visit, by="u.mkt")
    amount = {"confirmed_total": {"amount": "90.00", "currency": "CNY"}}
    await desk.does(f"/v1/claims/{claim}/confirm-amount", amount, by="u.mkt")

    read = (await desk.get("/v1/kpis/analysis", quarter="2025Q2"))["verification"]

    assert (read["claims"], read["on_site"], read["unannounced"]) == (2, 1, 1)
    assert (read["on_site_permille"], read["remote_claim_nos"]) == (500, ["CL-2025-000001"])


async def test_a_measure_that_helped_and_a_part_that_failed_although_it_was_made_under_it(
    desk: Desk,
) -> None:
    first = await feedback(desk)
    await judged(desk, first)
    to = await capa_with_measure(desk, first)
    check = {"result": "EFFECTIVE", "lots_checked": ["L1", "L2", "L3"], "method": "Three lots."}
    await desk.does(f"/v1/capas/{to}/check-effectiveness", check, by="u.qam")
    before = await feedback(desk, produced_on="2025-03-19")
    await judged(desk, before)
    after = await feedback(desk, produced_on="2025-03-20")
    await judged(desk, after)

    read = await desk.get("/v1/kpis/analysis", quarter="2025Q2")

    effect = read["effectiveness"]
    assert (effect["checked"], effect["effective"], effect["effective_permille"]) == (1, 1, 1000)
    (again,) = read["recurrences"]
    assert again == {
        "case_no": "FB-2025-000003",
        "cause_code": "M01",
        "spec_code": S_A,
        "produced_on": "2025-03-20",
        "measure_no": "CA-2025-000001/1",
        "effective_from": "2025-03-20",
    }
    async with desk.edge.reader.log() as log:
        table = desk.edge.workings.tables["measures"]
        fresh = await fresh_rows(log, desk.edge.workings, table, await desk.edge.reader.head())
        assert await log.rows(table, list(fresh)) == fresh
    (row,) = (await desk.get("/v1/ledgers/measures", cause_code="M01"))["data"]
    assert (row["result"], row["checked_on"]) == ("EFFECTIVE", "2025-04-10")
