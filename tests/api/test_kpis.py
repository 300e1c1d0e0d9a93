"""The KPIs of clause 3.7 over HTTP, with figures that were added up by hand."""

import pytest

from app.domain.values import Role
from app.projections.tables import fresh_rows
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
)


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """10 April 2025, with an agreement and two causes."""
    sandbox.at = "2025-04-10T02:00:00Z"
    await define_cause(sandbox)
    await define_cause(sandbox, "M02")
    await define_cause(sandbox, "N01", "NTF")
    await agree(sandbox)
    return sandbox


async def found(desk: Desk, case: str, cause: str = "M01", **said: str) -> Json:
    """Somebody determines the cause of a case."""
    body = {
        "cause_code": cause,
        "occurrence_cause": "The trimming knife was worn.",
        "method": "TEARDOWN",
        "evidence": ["P-1"],
    }
    return await desk.does(
        f"/v1/feedback-cases/{case}/determine-root-cause", body | said, by="u.qa1"
    )


async def occurred(desk: Desk, cause: str = "M01", on: str = "2025-04-02") -> str:
    """A case with a cause; its id."""
    case = await feedback(desk, occurred_on=on)
    await found(desk, case, cause)
    return case


async def frequency(desk: Desk, quarter: str) -> dict[str, tuple[int, str]]:
    """Count and status by cause."""
    read = await desk.get("/v1/kpis/cause-frequency", quarter=quarter)
    return {each["cause_code"]: (each["count"], each["status"]) for each in read["causes"]}


async def test_a14_ten_cases_of_a_cause_meet_the_target_and_the_eleventh_exceeds_it(
    desk: Desk,
) -> None:
    for _ in range(10):
        await occurred(desk)
    assert await frequency(desk, "2025Q2") == {"M01": (10, "MET")}
    (warned,) = await desk.events("CauseFrequencyEarlyWarned")
    assert (warned["data"]["decision"]["observed"], warned["clauses"]) == (8, ["3.7"])
    assert await desk.events("CauseFrequencyTargetExceeded") == []

    await occurred(desk)

    assert await frequency(desk, "2025Q2") == {"M01": (11, "EXCEEDED")}
    (alert,) = await desk.events("CauseFrequencyTargetExceeded")
    assert alert["stream"] == "target-R-01-2025Q2-M01"
    decision = alert["data"]["decision"]
    assert (decision["observed"], decision["operator"], decision["threshold"]) == (11, ">", 10)
    assert len(decision["evidence"]) == 11
    target = await desk.get("/v1/targets/R-01-2025Q2-M01")
    assert target["state"]["level"] == "EXCEEDED"


async def test_a16_a_late_fact_moves_the_quarter_in_which_it_occurred(desk: Desk) -> None:
    for _ in range(10):
        await occurred(desk, on="2025-03-15")
    desk.at = "2025-05-06T02:00:00Z"

    late = await occurred(desk, on="2025-03-28")

    assert await frequency(desk, "2025Q1") == {"M01": (11, "EXCEEDED")}
    assert await frequency(desk, "2025Q2") == {}
    before = (await desk.get("/v1/events", limit=1))["head"]
    read = await desk.get("/v1/kpis/cause-frequency", quarter="2025Q1")
    after = (await desk.get("/v1/events", limit=1))["head"]  # limits that are over are still told
    assert before <= read["position"] <= after
    (row,) = (await desk.get("/v1/ledgers/feedback", counted_cause="M01", sort="-case_no"))["data"][
        :1
    ]
    assert row["case_id"] == late
    assert row["case_no"] in read["causes"][0]["case_nos"]


async def test_a15_an_instant_is_counted_in_the_quarter_of_its_day_in_shanghai(desk: Desk) -> None:
    await occurred(desk, on="2025-03-31T15:59:59Z")
    await occurred(desk, "M02", on="2025-03-31T16:00:00Z")

    assert await frequency(desk, "2025Q1") == {"M01": (1, "MET")}
    assert await frequency(desk, "2025Q2") == {"M02": (1, "MET")}


async def test_what_is_not_ours_or_not_known_is_shown_beside_the_causes(desk: Desk) -> None:
    await feedback(desk, occurred_on="2025-04-02")
    await occurred(desk, "N01")
    ours, theirs = await feedback(desk), await feedback(desk)
    await judged(desk, ours, shares=[{"party": "COMPANY", "bps": 10_000}])
    await judged(desk, theirs, shares=[{"party": "CUSTOMER", "bps": 10_000}])

    read = await desk.get("/v1/kpis/cause-frequency", quarter="2025Q2")

    assert [(c["cause_code"], c["count"]) for c in read["causes"]] == [("M01", 1)]
    assert read["undetermined"] == {"count": 1, "case_nos": ["FB-2025-000001"]}
    assert read["excluded"] == {"count": 2, "case_nos": ["FB-2025-000002", "FB-2025-000004"]}


async def test_causes_that_are_merged_are_counted_as_one_before_and_after(desk: Desk) -> None:
    for _ in range(6):
        await occurred(desk, "M01")
        await occurred(desk, "M02")
    merge = {"code": "M02", "into": "M01", "reason": "Both mean missing rubber."}
    await desk.does("/v1/cause-catalogue/merge", merge, by="u.qam")

    read = await desk.get("/v1/kpis/cause-frequency", quarter="2025Q2")

    (cause,) = read["causes"]
    assert (cause["cause_code"], cause["count"], cause["status"]) == ("M01", 12, "EXCEEDED")
    assert cause["merged_codes"] == ["M02"]
    (alert,) = await desk.events("CauseFrequencyTargetExceeded")
    (merged,) = await desk.events("CauseMerged")
    assert alert["data"]["cause_event_id"] == merged["event_id"] == alert["causation_id"]
    rows = (await pareto(desk, "2025Q2", "cause"))["data"]
    assert [(row["key"], row["cases"]) for row in rows] == [("M01", 12)]


async def test_a13_a_case_that_falls_to_the_target_is_met_and_its_alert_is_kept(
    desk: Desk,
) -> None:
    await feedback(desk, qty_reported=3)
    four = await feedback(desk, qty_reported=5)
    above = await feedback(desk, qty_reported=4)
    body = {"qty_confirmed": 3, "basis": "Counted at the line."}
    await desk.does(f"/v1/feedback-cases/{four}/confirm-quantity", body, by="u.qa1")

    read = await desk.get("/v1/kpis/occurrence-quantity", quarter="2025Q2")

    assert (read["limit"], read["cases"], read["exceeded"]) == (3, 3, 1)
    assert [(r["case_id"], r["pieces"], r["status"], r["alerted"]) for r in read["data"]] == [
        (above, 4, "EXCEEDED", True),
        (four, 3, "MET", True),
    ]


async def pareto(desk: Desk, quarter: str, by: str) -> Json:
    """The desk keeps the word `by` for whoever asks."""
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    answer = await desk.http.get(f"/v1/kpis/pareto?quarter={quarter}&by={by}", headers=bearer)
    assert answer.status_code == 200, answer.text
    read: Json = answer.json()
    return read


async def cost(desk: Desk, amount: str, kind: str = "VISIT", **said: str) -> Json:
    """A cost of 8 April."""
    body = {"kind": kind, "amount": cny(amount), "on": "2025-04-08", "voucher": "V-1"}
    return await desk.does("/v1/cost-entries", body | said, by="u.fin")


async def sold(desk: Desk, month: int, amount: str) -> None:
    """The books closed a month."""
    body = {"month": month, "net_sales": cny(amount), "source_ref": f"GL-{month}"}
    await desk.does("/v1/sales-figures/2025/record-figure", body, by="u.fin")


async def test_a33_a34_two_percent_of_sales_is_a_pass_and_one_fen_more_is_not(desk: Desk) -> None:
    await sold(desk, 3, "10000.00")
    await cost(desk, "149.99")
    assert (await desk.get("/v1/kpis/cost-ratio", year="2025"))["warned"] is False
    await cost(desk, "0.01", "FREIGHT")
    await cost(desk, "50.00", "FREIGHT")
    read = await desk.get("/v1/kpis/cost-ratio", year="2025")
    assert (read["status"], read["warned"]) == ("MET", True)
    assert (read["ratio_permille"], read["ratio_percent"]) == (20, "2.0000")
    assert len(await desk.events("CostRatioEarlyWarned")) == 1
    assert await desk.events("CostRatioTargetExceeded") == []

    await cost(desk, "0.01", "SORTING")

    read = await desk.get("/v1/kpis/cost-ratio", year="2025")
    assert (read["status"], read["ratio_percent"]) == ("EXCEEDED", "2.0001")
    (alert,) = await desk.events("CostRatioTargetExceeded")
    decision = alert["data"]["decision"]
    assert (decision["observed"], decision["operator"], decision["threshold"]) == (
        200_01,
        ">",
        200_00,
    )
    assert len(decision["evidence"]) == 4


async def test_the_cost_of_a_year_by_kind_and_by_month(desk: Desk) -> None:
    case = await feedback(desk, occurred_on="2025-02-01")
    await judged(desk, case)
    claim = await confirmed(desk, "333.33", cases=(case,), failure_on="2025-02-01")
    await confirmed(desk, "100.00", spec=S_B)
    whole = await desk.get("/v1/kpis/cost-ratio", year="2025")
    assert (whole["cost"], whole["status"]) == (cny("433.33"), "UNKNOWN")
    assert (whole["ratio_permille"], whole["ratio_percent"]) == (None, None)
    await desk.does(f"/v1/claims/{claim['id']}/split", {}, by="u.tech")
    entry = await cost(desk, "60.00", case_id=case)
    await desk.does(
        f"/v1/cost-entries/{entry['id']}/correct",
        {"amount": cny("66.67"), "on": "2025-03-30", "reason": "The ticket was dearer."},
        by=await desk.hat("u.fin2", Role.FINANCE),
    )
    await sold(desk, 3, "30000.00")
    await sold(desk, 4, "10000.00")

    read = await desk.get("/v1/kpis/cost-ratio", year="2025")

    assert (read["cost"], read["net_sales"]) == (cny("400.00"), cny("40000.00"))
    assert [(k["kind"], k["amount"]["amount"]) for k in read["by_kind"]] == [
        ("CLAIM", "333.33"),
        ("VISIT", "66.67"),
    ]
    assert read["by_kind"][0]["nos"] == ["CL-2025-000001", "CL-2025-000002"]
    assert read["months_known"] == [3, 4]
    march, april = read["by_month"][2:4]
    assert (march["cost"], march["ratio_permille_to_date"]) == (cny("66.67"), 2)
    assert (april["claims"], april["cost_to_date"]) == (cny("333.33"), cny("400.00"))
    assert april["ratio_permille_to_date"] == 10
    assert read["by_month"][4]["net_sales"] is None

    by_cause = await desk.get("/v1/kpis/pareto", quarter="2025Q2")
    assert [(r["key"], r["cost"]["amount"]) for r in by_cause["data"]] == [
        ("M01", "233.33"),
        (None, "100.00"),
    ]
    first = await pareto(desk, "2025Q1", "customer")
    (row,) = first["data"]
    assert (row["key"], row["cases"], row["cost"]) == ("C01", 1, cny("66.67"))
    assert (row["case_nos"], row["cost_nos"]) == (["FB-2025-000001"], ["CE-2025-000001"])
    rows = (await desk.get("/v1/ledgers/costs", case_no="FB-2025-000001"))["data"]
    assert [(r["amount"], r["spec_code"]) for r in rows] == [(cny("66.67"), S_A)]


async def test_what_figures_are_read_from_equals_a_fresh_fold_of_the_log(desk: Desk) -> None:
    case, other = await occurred(desk), await occurred(desk, "M02", "2025-03-31")
    await found(desk, case, "M02", supersedes_reason="The lip was seen again.")
    await desk.does(f"/v1/feedback-cases/{other}/void", {"reason": "Told twice."}, by="u.qam")
    await confirmed(desk, "100.00", cases=(case,))
    await cost(desk, "60.00", case_id=case)
    await sold(desk, 3, "1000.00")
    names = (
        "occurrences",
        "quarters_of_cause",
        "year_costs",
        "feedback_ledger",
        "claims_ledger",
        "costs_ledger",
    )

    async with desk.edge.reader.log() as log:
        for name in names:
            table = desk.edge.workings.tables[name]
            fresh = await fresh_rows(log, desk.edge.workings, table, await desk.edge.reader.head())
            assert fresh
            assert await log.rows(table, list(fresh)) == fresh


async def test_a_pareto_says_what_part_of_all_cases_comes_from_the_most_frequent(
    desk: Desk,
) -> None:
    for _ in range(3):
        await feedback(desk, qty_reported=2)
    await feedback(desk, spec_code=S_B)

    read = await pareto(desk, "2025Q2", "spec")

    assert (read["cases"], read["pieces"]) == (4, 7)
    assert [
        (r["key"], r["cases"], r["pieces"], r["share_permille"], r["cumulative_permille"])
        for r in read["data"]
    ] == [(S_A, 3, 6, 750, 750), (S_B, 1, 1, 250, 1000)]


async def test_time_limits_that_were_kept_late_or_missed(desk: Desk) -> None:
    kept, late = await feedback(desk), await feedback(desk)
    told = {"channel": "PHONE"}
    await desk.does(f"/v1/feedback-cases/{kept}/acknowledge", told, by="u.clerk")
    desk.at = "2025-04-10T07:00:00Z"
    await desk.does(f"/v1/feedback-cases/{late}/acknowledge", told, by="u.clerk")

    read = await desk.get("/v1/kpis/on-time", quarter="2025Q2")

    figures = {each["time_limit"]: each for each in read["data"]}
    assert figures["T1"] == {
        "time_limit": "T1",
        "what": "Acknowledge the receipt to the customer",
        "what_zh": "向顾客确认受理",
        "due": 2,
        "met": 1,
        "late": 1,
        "missed": 0,
        "dropped": 0,
        "open": 0,
        "on_time_permille": 500,
        "not_on_time_nos": ["FB-2025-000002"],
    }
    assert (figures["T2"]["met"], figures["T2"]["on_time_permille"]) == (2, 1000)
    assert figures["T8"]["open"] == 2
    assert (read["due"], read["met"], read["on_time_permille"]) == (4, 3, 750)


async def test_a01_what_is_one_step_from_a_limit(desk: Desk) -> None:
    for _ in range(9):
        await occurred(desk)
    exact = await confirmed(desk, "500.00")
    await confirmed(desk, "449.99", spec=S_B, customer="C02")
    await confirmed(desk, "50.02", spec=S_B, customer="C02")
    await confirmed(desk, "300.00", spec="X", customer="C02")

    read = await desk.get("/v1/kpis/near-miss")

    assert read["on"] == "2025-04-10"
    assert [(c["claim_id"], c["amount"], c["limit"]) for c in read["claims"]] == [
        (exact["id"], cny("500.00"), cny("500.00"))
    ]
    assert [(c["cause_code"], c["count"]) for c in read["causes"]] == [("M01", 9)]
    (spec,) = read["specs"]
    assert (spec["spec_code"], spec["observed"], spec["threshold"]) == (S_B, 2, 3)
    assert spec["claim_nos"] == ["CL-2025-000002", "CL-2025-000003"]
    (split,) = read["splitting"]
    assert (split["customer_id"], split["total"]) == ("C02", cny("500.01"))
    assert split["claim_nos"] == ["CL-2025-000002", "CL-2025-000003"]
    before = await desk.get("/v1/kpis/near-miss", on="2024-12-31")
    assert (before["claims"], before["specs"], before["splitting"]) == ([], [], [])


async def test_notices_further_apart_than_a_week_are_no_split_claim(desk: Desk) -> None:
    for day in ("01", "08", "16"):
        body = notice("300.00", notice_received_at=f"2025-03-{day}T02:00:00Z")
        await desk.does("/v1/claims", body, by="u.clerk")

    (split,) = (await desk.get("/v1/kpis/near-miss"))["splitting"]

    assert split["claim_nos"] == ["CL-2025-000001", "CL-2025-000002"]
    assert split["total"] == cny("600.00")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("cause-frequency", {"quarter": "2025Q5"}),
        ("cause-frequency", {}),
        ("cost-ratio", {"year": "0000"}),
        ("pareto", {"quarter": "2025Q1", "by": "colour"}),
        ("near-miss", {"on": "0001-01-01"}),
        ("near-miss", {"colour": "red"}),
    ],
)
async def test_a_question_that_makes_no_sense_is_malformed(
    desk: Desk, path: str, query: dict[str, str]
) -> None:
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    answer = await desk.http.get(f"/v1/kpis/{path}", headers=bearer, params=query)

    assert (answer.status_code, answer.json()["code"]) == (422, "MALFORMED")
