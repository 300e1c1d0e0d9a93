"""The quarterly report and the management review over HTTP: frozen, live, restated. A16."""

import pytest

from tests.api.desk import Desk, Json
from tests.api.stories import S_A, agree, confirmed, define_cause, feedback, judged, notice
from tests.api.test_time_limits import move_clock, said

Q1 = "/v1/quarterly-reports/2025Q1"


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """March 2025, with an agreement and a cause."""
    sandbox.at = "2025-03-20T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    return sandbox


async def m01(desk: Desk, **asked: str) -> tuple[int, str]:
    """How often M01 occurred in the quarter, and how that stands to the target."""
    answer = await desk.get("/v1/kpis/cause-frequency", quarter="2025Q1", **asked)
    (cause,) = [each for each in answer["causes"] if each["cause_code"] == "M01"]
    return cause["count"], cause["status"]


async def ten_cases(desk: Desk) -> None:
    """As many as the target lets pass."""
    for _ in range(10):
        await judged(desk, await feedback(desk, occurred_on="2025-03-15"))


async def closed_and_issued(desk: Desk) -> None:
    """Frozen on 15 April, and sent to two departments."""
    desk.at = "2025-04-15T02:00:00Z"
    await desk.does(f"{Q1}/close-quarter", {}, by="u.qa1")
    issue = {"suggestions": "Change the knife every shift.", "departments": ["QA", "PRODUCTION"]}
    await desk.does(f"{Q1}/issue", issue, by="u.qam")
    await desk.does(f"{Q1}/acknowledge", {}, by="u.prod")


def lines_of(version: Json) -> dict[str, int]:
    """The causes of a version, and how often they occurred."""
    causes = version["figures"]["cause_frequency"]["causes"]
    return {each["cause_code"]: each["count"] for each in causes}


async def test_a16_a_late_fact_moves_the_live_quarter_and_never_a_version(desk: Desk) -> None:
    await ten_cases(desk)
    await closed_and_issued(desk)
    assert await m01(desk) == (10, "MET")

    desk.at = "2025-05-06T02:00:00Z"
    late = await feedback(desk, occurred_on="2025-03-28")
    await judged(desk, late)

    assert await m01(desk) == (11, "EXCEEDED")
    assert await m01(desk, as_of="2025-04-30T00:00:00Z") == (10, "MET")
    first = await desk.get(f"{Q1}/versions/1")
    assert lines_of(first) == {"M01": 10}
    assert first["restated"] == []
    (line,) = await waiting_lines(desk)
    recounted = await desk.events("OccurrenceRecounted")
    (moved,) = [each for each in recounted if each["recorded_at"] > "2025-05-01"]
    assert line == {
        "line": "cause_frequency/M01",
        "old": "10",
        "new": "11",
        "event_ids": [moved["event_id"]],
    }

    await desk.does(f"{Q1}/restate-quarter", {"reason": "A case of 28 March came."}, by="u.qa1")
    second = await desk.get(f"{Q1}/versions/2")
    assert lines_of(second) == {"M01": 11}
    assert second["restated"] == [line]
    assert lines_of(await desk.get(f"{Q1}/versions/1")) == {"M01": 10}
    assert await waiting_lines(desk) == []


async def waiting_lines(desk: Desk) -> list[Json]:
    """What a restatement would say."""
    found: list[Json] = await desk.get(f"{Q1}/restated")  # type: ignore[assignment]  # a list
    return found


async def test_a_report_says_what_the_quarter_was_like(desk: Desk) -> None:
    case = await feedback(desk, occurred_on="2025-03-01", qty_reported=5)
    await judged(desk, case)
    await confirmed(desk, "600.00", cases=(case,), failure_on="2025-03-01")
    figures = await desk.get(f"{Q1}/figures")

    assert figures["by_category"] == [{"category": "PRODUCT", "cases": 1, "pieces": 5}]
    assert [each["key"] for each in figures["by_cause"]["data"]] == ["M01"]
    assert figures["occurrence_quantity"]["exceeded"] == 1
    assert figures["cost_ratio"]["cost"]["amount"] == "600.00"
    assert figures["escalations"]["total"] == figures["escalations"]["open"] == 1
    assert figures["on_time"]["quarter"] == "2025Q1"
    assert figures["position"] > 0


async def test_a_report_names_the_lots_that_turned_out_to_be_bad(desk: Desk) -> None:
    case = await feedback(desk)
    found = {"area": "WAREHOUSE", "lot_no": "L2503-01", "checked": 100, "nok": 5}
    at = f"/v1/feedback-cases/{case}/record-containment"
    await desk.does(at, found | {"action": "SORT"}, by="u.qa1")
    reason = {"spec_code": S_A, "reason": "The defect is one of function."}
    await desk.does("/v1/lot-qualities/L2503-02/declare-batch-problem", reason, by="u.qam")
    (detected,) = await desk.events("BatchProblemDetected")
    desk.at = "2025-04-01T02:00:00Z"
    await desk.does("/v1/lot-qualities/L2503-03/declare-batch-problem", reason, by="u.qam")

    figures = await desk.get(f"{Q1}/figures")
    next_one = await desk.get("/v1/quarterly-reports/2025Q2/figures")
    before = await desk.get(f"{Q1}/figures", as_of=str(detected["position"]))

    assert figures["batch_problems"] == {"lots": 2, "lot_nos": ["L2503-01", "L2503-02"]}
    assert next_one["batch_problems"]["lot_nos"] == ["L2503-03"]
    assert before["batch_problems"]["lot_nos"] == ["L2503-01"]


async def test_whoever_froze_it_does_not_issue_it_and_nothing_is_issued_twice(
    desk: Desk,
) -> None:
    early = await desk.post(f"{Q1}/close-quarter", {}, by="u.qa1")
    assert early.json()["code"] == "QUARTER_NOT_OVER"
    await closed_and_issued(desk)

    again = await desk.post(f"{Q1}/issue", {"suggestions": "None."}, by="u.qam")
    unknown = await desk.post("/v1/quarterly-reports/2025Q9/close-quarter", {}, by="u.qa1")

    assert again.json()["code"] == "NO_VERSION_WAITS"
    assert (unknown.status_code, unknown.json()["code"]) == (404, "NO_SUCH_QUARTER")
    state = (await desk.get(Q1))["state"]
    assert state["status"] == "ISSUED"
    assert state["versions"][0]["acknowledged"] == ["PRODUCTION"]


async def test_the_review_pack_shows_the_year_as_it_was_known_on_the_day(desk: Desk) -> None:
    await judged(desk, await feedback(desk, occurred_on="2025-03-01"))
    prepared = await desk.does(
        "/v1/management-reviews/2025/prepare-pack", {"review_on": "2026-01-20"}, by="u.qam"
    )
    await judged(desk, await feedback(desk, occurred_on="2025-03-02"))

    pack = await desk.get("/v1/management-reviews/2025/packs/1")
    live = await desk.get("/v1/management-reviews/2025/figures")

    assert pack["about"]["position"] < prepared["position"]
    assert _first_quarter(pack["figures"]) == 1
    assert _first_quarter(live) == 2
    clauses = {each["clause"]: each["events"] for each in live["clause_coverage"]}
    assert clauses["4.2.1"] >= 2
    assert clauses["4.6.2"] == 1
    assert clauses["4.1.3"] == 0


def _first_quarter(figures: Json) -> int:
    (cause,) = figures["quarters"][0]["cause_frequency"]["causes"]
    return int(cause["count"])


async def test_before_anything_was_known_there_are_no_figures(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    for path in (f"{Q1}/figures", f"{Q1}/versions/1", "/v1/management-reviews/2025/packs/1"):
        params = {"as_of": "0"} if path.endswith("figures") else {}
        answer = await desk.http.get(path, headers=bearer, params=params)
        assert answer.status_code == 404, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_clause_coverage_counts_the_events_of_a_year(desk: Desk) -> None:
    await feedback(desk)
    coverage = await desk.get("/v1/clause-coverage", year="2025")

    found = {each["clause"]: each for each in coverage["data"]}
    assert found["4.2.1"]["events"] == 3
    assert found["4.2.1"]["first_position"] < found["4.2.1"]["last_position"]
    assert found["4.2.1"]["title_zh"].startswith("业务内勤接收售后质量信息")
    assert found["5.2"]["events"] == 0
    assert (await desk.get("/v1/clause-coverage", year="2024"))["data"][0]["events"] == 0


async def test_a_missed_limit_is_evidence_of_its_own_clause(desk: Desk) -> None:
    async def found() -> dict[str, int]:
        coverage = await desk.get("/v1/clause-coverage", year="2025")
        return {each["clause"]: each["events"] for each in coverage["data"]}

    await feedback(desk)
    await desk.does("/v1/claims", notice("80.00", failure_on="2025-03-01"), by="u.clerk")
    before = await found()
    await move_clock(desk, "2025-03-26T02:00:00Z")
    await said(desk, "DeadlineMissed", 4)

    missed = await desk.events("DeadlineMissed")
    after = await found()

    assert {each["data"]["limit"]: each["clauses"] for each in missed} == {
        "T1": ["4.2.1"],
        "T3": ["4.2.2"],
        "T4": ["4.2.2"],
        "T12": ["4.5"],
    }
    for clause, more in (("4.2.1", 1), ("4.2.2", 2), ("4.5", 1)):
        assert after[clause] == before[clause] + more, clause
    assert after["4.2"] == sum(after[each] for each in ("4.2.1", "4.2.2", "4.2.3"))
