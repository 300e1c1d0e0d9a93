"""Clause 4.6.1 b-e over HTTP: recurrence, batch problems, the team's weeks, risk warnings."""

import pytest

from tests.api.desk import Desk, Json
from tests.api.stories import S_A, S_B, define_cause, feedback, improved, judged
from tests.api.test_time_limits import move_clock, said

PROJECTS = "/v1/risk-control-projects"


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """Monday 5 May 2025, ten o'clock in Shanghai, with a cause."""
    sandbox.at = "2025-05-05T02:00:00Z"
    await define_cause(sandbox)
    return sandbox


@pytest.fixture
async def capa_no(desk: Desk) -> str:
    """A measure against M01 on S-A is in place from 2025-04-01 on."""
    first = await feedback(desk, produced_on="2025-01-10")
    await judged(desk, first)
    return str((await improved(desk, first))["state"]["capa_no"])


async def failed_again(desk: Desk, produced_on: str | None, spec: str = S_A) -> str:
    """Another case of M01, on a part of that day; its id."""
    case = await feedback(desk, produced_on=produced_on, spec_code=spec)
    await judged(desk, case)
    return case


async def timeline(desk: Desk, case: str) -> list[str]:
    """What happened to a case and to what belongs to it."""
    history = await desk.get(f"/v1/feedback-cases/{case}/timeline")
    return [each["what"] for each in history["data"]]


# --- recurrence -----------------------------------------------------------------------------


async def test_a27_a_part_made_before_the_measure_is_linked_to_it_without_a_project(
    desk: Desk, capa_no: str
) -> None:
    case = await failed_again(desk, "2025-03-31")

    (known,) = await desk.events("KnownCauseBeforeMeasure")

    assert known["data"]["capa_no"] == capa_no
    assert known["data"]["decision"]["observed"] == -1
    history = await timeline(desk, case)
    assert {"KnownCauseBeforeMeasure", "CapaActionImplemented"} <= set(history)
    assert not await desk.events("RecurrenceDetected", "RiskControlProjectOpened")


async def test_a27_a_part_made_under_the_measure_opens_a_project(desk: Desk, capa_no: str) -> None:
    case = await failed_again(desk, "2025-04-01")

    (detected,) = await desk.events("RecurrenceDetected")

    assert detected["data"]["decision"]["rule_id"] == "R-08"
    assert (detected["data"]["capa_no"], detected["data"]["effective_from"]) == (
        capa_no,
        "2025-04-01",
    )
    (row,) = (await desk.get("/v1/ledgers/risk-projects", case_no="FB-2025-000002"))["data"]
    assert (row["project_no"], row["status"]) == ("RP-2025-000001", "OPENED")
    assert (row["origins"], row["capa_nos"]) == (["RECURRENCE"], [capa_no])
    assert row["missing"][:3] == ["MEMBER_QA", "MEMBER_TECH", "MEMBER_PRODUCTION"]
    assert {"RecurrenceDetected", "RiskControlProjectOpened"} <= set(await timeline(desk, case))
    (rule,) = [
        each["rule"]
        for each in (await desk.get(f"/v1/feedback-cases/{case}/timeline"))["data"]
        if each["what"] == "RecurrenceDetected"
    ]
    assert rule == "R-08"


async def test_the_feedback_ledger_says_what_recurred_and_which_project_it_belongs_to(
    desk: Desk, capa_no: str
) -> None:
    again = await failed_again(desk, "2025-04-01")
    unknown = await failed_again(desk, None)
    asked_at = (await desk.get("/v1/events", limit=1))["head"]
    waiting = await desk.get("/v1/ledgers/feedback", recurrence="TO_DECIDE")
    decision = {"verdict": "KNOWN_CAUSE_BEFORE_MEASURE", "reason": "The mark is of March."}
    await desk.does(f"/v1/recurrences/{unknown}/decide", decision, by="u.qam")

    (row,) = (await desk.get("/v1/ledgers/feedback", recurs="true"))["data"]

    assert (row["case_id"], row["recurrence"]) == (again, "RECURRENCE")
    assert (row["recurrence_capa_no"], row["earlier_case_nos"]) == (capa_no, ["FB-2025-000001"])
    assert row["risk_project_nos"] == ["RP-2025-000001"]
    assert [each["case_id"] for each in waiting["data"]] == [unknown]
    asked = {"earlier_case_no": "FB-2025-000001", "sort": "case_no"}
    rows = (await desk.get("/v1/ledgers/feedback", **asked))["data"]
    assert [each["recurs"] for each in rows] == [True, False]
    before = await desk.get("/v1/ledgers/feedback", **asked, as_of=str(asked_at))
    assert [each["recurrence"] for each in before["data"]] == ["RECURRENCE", "TO_DECIDE"]
    (project,) = (await desk.get("/v1/ledgers/feedback", risk_project_no="RP-2025-000001"))["data"]
    assert project["case_id"] == again


async def test_a27_the_next_recurrence_is_linked_and_another_spec_is_none(
    desk: Desk, capa_no: str
) -> None:
    await failed_again(desk, "2025-04-01")
    case = await failed_again(desk, "2025-04-20")
    await failed_again(desk, "2025-04-20", spec=S_B)

    assert len(await desk.events("RiskControlProjectOpened")) == 1
    (linked,) = await desk.events("OccurrenceLinked")
    assert linked["data"]["occurrence"]["case_id"] == case
    assert "RiskControlProjectOpened" in await timeline(desk, case)
    (row,) = (await desk.get("/v1/ledgers/risk-projects", capa_no=capa_no))["data"]
    assert row["case_nos"] == ["FB-2025-000002", "FB-2025-000003"]


async def test_a27_where_nobody_knows_the_day_qa_decides(desk: Desk, capa_no: str) -> None:
    case = await failed_again(desk, None)
    (asked,) = await desk.events("RecurrenceToDecide")
    (limit,) = (await desk.get("/v1/ledgers/deadlines", time_limit="T23"))["data"]
    at = f"/v1/recurrences/{case}"

    early = await desk.post(f"{at}/decide", {"verdict": "RECURRENCE"}, by="u.qam")
    done = await desk.does(
        f"{at}/decide",
        {"verdict": "KNOWN_CAUSE_BEFORE_MEASURE", "reason": "The mould mark is of March."},
        by="u.qam",
    )

    assert asked["data"]["capa_no"] == capa_no
    assert (limit["roles"], limit["subject_id"], limit["due_on"]) == (
        ["QA_MANAGER"],
        case,
        "2025-06-04",
    )
    assert early.status_code == 422
    assert done["state"]["status"] == "KNOWN_CAUSE_BEFORE_MEASURE"
    assert (await desk.get(at))["state"]["verdicts"][0]["basis"] == "DECIDED"
    again = await desk.post(
        f"{at}/decide", {"verdict": "RECURRENCE", "reason": "Seen again."}, by="u.qam"
    )
    assert again.status_code == 409
    assert again.json()["code"] == "NOTHING_TO_DECIDE"
    assert not await desk.events("RiskControlProjectOpened")
    (met,) = (await desk.get("/v1/ledgers/deadlines", time_limit="T23"))["data"]
    assert met["status"] == "MET"


async def test_a27_what_nobody_decides_in_thirty_days_is_a_recurrence(
    desk: Desk, capa_no: str
) -> None:
    case = await failed_again(desk, None)
    await move_clock(desk, "2025-06-04T15:59:59Z")
    await move_clock(desk, "2025-06-04T16:00:00Z")

    (detected,) = await said(desk, "RecurrenceDetected")

    assert detected["stream"] == f"recurrence-{case}"
    assert (detected["data"]["basis"], detected["data"]["capa_no"]) == ("LAPSED", capa_no)
    assert detected["recorded_at"] == "2025-06-04T16:00:00.000000Z"
    assert len(await said(desk, "RiskControlProjectOpened")) == 1
    missed = await desk.events("DeadlineMissed")
    assert "T23" not in {each["data"]["limit"] for each in missed}


# --- batch problems -------------------------------------------------------------------------


async def contained(desk: Desk, checked: int, nok: int, lot_no: str = "L2505-03") -> str:
    """A case whose lot was inspected; its id."""
    case = await feedback(desk)
    found = {"area": "WAREHOUSE", "lot_no": lot_no, "checked": checked, "nok": nok}
    at = f"/v1/feedback-cases/{case}/record-containment"
    await desk.does(at, found | {"action": "SORT"}, by="u.qa1")
    return case


async def test_a29_five_of_a_hundred_are_a_batch_problem(desk: Desk) -> None:
    case = await contained(desk, 100, 5)

    (detected,) = await desk.events("BatchProblemDetected")

    assert detected["data"]["rate_permille"] == 50
    assert detected["data"]["decision"]["threshold"] == 50
    (row,) = (await desk.get("/v1/ledgers/risk-projects", lot_no="L2505-03"))["data"]
    assert row["origins"] == ["BATCH_DETECTED"]
    assert {"BatchProblemDetected", "RiskControlProjectOpened"} <= set(await timeline(desk, case))


async def test_a29_four_of_a_hundred_are_none_until_qa_declares_it(desk: Desk) -> None:
    await contained(desk, 100, 4)
    assert not await desk.events("BatchProblemDetected", "RiskControlProjectOpened")
    at = "/v1/lot-qualities/L2505-03/declare-batch-problem"
    reason = {"reason": "The defect is one of function."}

    refused = await desk.post(at, {"spec_code": S_A}, by="u.qam")
    done = await desk.does(at, {"spec_code": S_A} | reason, by="u.qam")

    assert refused.status_code == 422
    assert (done["state"]["checked"], done["state"]["nok"]) == (100, 4)
    (row,) = (await desk.get("/v1/ledgers/risk-projects", origin="BATCH_DECLARED"))["data"]
    assert (row["lot_no"], row["spec_code"]) == ("L2505-03", S_A)
    again = await desk.post(at, {"spec_code": S_A} | reason, by="u.qam")
    assert again.json()["code"] == "BATCH_PROBLEM_DECLARED_ALREADY"


# --- the project ----------------------------------------------------------------------------


async def project(desk: Desk) -> str:
    """A project about a batch problem; its id."""
    await contained(desk, 100, 5)
    (row,) = (await desk.get("/v1/ledgers/risk-projects"))["data"]
    return str(row["project_id"])


async def test_a_project_issues_a_report_that_stands_in_the_ledger_and_the_timeline(
    desk: Desk,
) -> None:
    case = await contained(desk, 100, 5)
    (row,) = (await desk.get("/v1/ledgers/risk-projects"))["data"]
    report = {
        "source": {"kind": "RISK_PROJECT", "id": row["project_id"]},
        "problem": "Five of a hundred lips are torn.",
        "owner": "Ma",
        "owner_department": "PRODUCTION",
        "due_on": "2025-12-31",
    }
    await desk.does("/v1/capas", report, by="u.qa1")

    (told,) = (await desk.get("/v1/ledgers/capas", project_no="RP-2025-000001"))["data"]

    assert (told["source"], told["quarter"], told["case_no"]) == ("RISK_PROJECT", None, None)
    assert "CapaIssued" in await timeline(desk, case)
    early = report | {"source": {"kind": "QUARTER", "id": "2025Q2"}}
    answer = await desk.post("/v1/capas", early, by="u.qa1")
    assert (answer.status_code, answer.json()["code"]) == (404, "CAPA_SOURCE_NOT_FOUND")


async def row_of(desk: Desk, project_id: str) -> Json:
    """Its row in the ledger."""
    return await desk.get(f"/v1/ledgers/risk-projects/{project_id}")


async def test_a_week_without_progress_is_missed_once(desk: Desk) -> None:
    at = f"{PROJECTS}/{await project(desk)}"
    (limit,) = (await desk.get("/v1/ledgers/deadlines", time_limit="T17"))["data"]
    assert (limit["due_at"], limit["subject_no"]) == (
        "2025-05-11T16:00:00.000000Z",
        "RP-2025-000001",
    )
    progress = {"phase": "P", "channel": "BOARD", "text": "The trial is planned."}
    await desk.does(f"{at}/publish-progress", progress, by="u.tech")
    await move_clock(desk, "2025-05-11T16:00:00Z")
    await move_clock(desk, "2025-05-18T16:00:00Z")

    missed = [
        each for each in await said(desk, "DeadlineMissed", 4) if each["data"]["limit"] == "T17"
    ]

    assert [(each["data"]["due_at"], each["data"]["rule_id"]) for each in missed] == [
        ("2025-05-18T16:00:00Z", "R-15")
    ]
    (row,) = (await desk.get("/v1/ledgers/risk-projects", overdue="true"))["data"]
    assert (row["last_progress_week"], row["pdca_phase"]) == ("2025-W19", "P")
    done = progress | {"phase": "D", "channel": "MORNING_MEETING"}
    await desk.does(f"{at}/publish-progress", done, by="u.qam")
    row = await row_of(desk, row["project_id"])
    assert (row["overdue"], row["pdca_phase"], row["last_progress_week"]) == (
        False,
        "D",
        "2025-W21",
    )
    assert row["progress_due_at"] == "2025-06-01T16:00:00.000000Z"
    await move_clock(desk, "2025-05-26T02:00:00Z")
    missed = [
        each for each in await desk.events("DeadlineMissed") if each["data"]["limit"] == "T17"
    ]
    assert len(missed) == 1


async def test_a_project_is_closed_when_team_documents_notices_and_verification_are_there(
    desk: Desk,
) -> None:
    project_id = await project(desk)
    at = f"{PROJECTS}/{project_id}"
    for department, person in (("QA", "Wang"), ("TECH", "He"), ("PRODUCTION", "Ma")):
        body = {"department": department, "person": person}
        await desk.does(f"{at}/assign-member", body, by="u.qam")
    for document in ("DFMEA", "PROCESS_FLOW", "PFMEA", "CONTROL_PLAN"):
        body = {"document": document, "doc_no": f"{document}-085", "result": "NO_CHANGE"}
        body |= {"revision_before": "B", "verified_by": "u.td"}
        await desk.does(f"{at}/review-document", body, by="u.tech")
    own = {"document": "PFMEA", "doc_no": "P", "result": "NO_CHANGE", "verified_by": "u.tech"}
    assert (await desk.post(f"{at}/review-document", own, by="u.tech")).status_code == 403
    milestone = {"text": "The first good lot.", "customer_relevant": True}
    await desk.does(f"{at}/reach-milestone", milestone, by="u.qam")
    await desk.does(f"{at}/verify", {"findings": "Three good lots."}, by="u.td")

    refused = await desk.post(f"{at}/close", {"summary": "All done."}, by="u.qam")
    assert refused.status_code == 409
    assert refused.json()["code"] == "PROJECT_INCOMPLETE"
    assert refused.json()["details"]["missing"] == ["CUSTOMER_NOTICE_1"]
    notice = {"milestone": 1, "customer_id": "C01", "doc_ref": "LT-1"}
    await desk.does(f"{at}/notify-customer", notice, by="u.rep")
    closed = await desk.does(f"{at}/close", {"summary": "All done."}, by="u.qam")

    assert closed["state"]["status"] == "CLOSED"
    row = await row_of(desk, project_id)
    assert (row["closed_on"], row["missing"], row["progress_due_at"]) == ("2025-05-05", [], None)
    assert [each["document"] for each in row["documents"]] == [
        "DFMEA",
        "PROCESS_FLOW",
        "PFMEA",
        "CONTROL_PLAN",
    ]
    assert row["milestones"][0]["customers_told"] == ["C01"]
    assert row["row_version"] == len(row["event_ids"])


async def test_qa_opens_a_project_of_its_own(desk: Desk) -> None:
    body = {"spec_code": S_A, "cause_code": "M01", "reason": "Three near misses in a month."}

    done = await desk.does(PROJECTS, body, by="u.qam")

    refused = await desk.post(PROJECTS, body, by="u.qam")
    assert refused.json()["code"] == "PROJECT_OPEN_ALREADY"
    assert refused.json()["details"]["project_id"] == done["id"]
    await desk.does(
        f"{PROJECTS}/{done['id']}/assign-member", {"person": "Wang", "department": "QA"}, by="u.qam"
    )


# --- warnings and meetings ------------------------------------------------------------------


async def test_warnings_are_asked_for_by_the_day_on_which_they_are_valid(desk: Desk) -> None:
    project_id = await project(desk)
    body = {"medium": "BOARD", "station": "TRIM-02", "cause_code": "M01", "text": "Look twice."}
    first = await desk.does("/v1/risk-warnings", body | {"valid_until": "2025-05-31"}, by="u.qa1")
    desk.at = "2025-05-10T02:00:00Z"
    second = await desk.does(
        "/v1/risk-warnings",
        body | {"valid_until": "2025-12-31", "project_id": project_id, "medium": "MANUAL"},
        by="u.qam",
    )
    desk.at = "2025-05-20T02:00:00Z"
    await desk.does(
        f"/v1/risk-warnings/{first['id']}/withdraw", {"reason": "It trims itself."}, by="u.qam"
    )

    async def valid_on(day: str) -> list[str]:
        page = await desk.get("/v1/ledgers/risk-warnings", valid_on=day, sort="warning_no")
        return [row["warning_no"] for row in page["data"]]

    assert await valid_on("2025-05-04") == []
    assert await valid_on("2025-05-05") == ["RW-2025-000001"]
    assert await valid_on("2025-05-19") == ["RW-2025-000001", "RW-2025-000002"]
    assert await valid_on("2025-05-20") == ["RW-2025-000002"]
    assert await valid_on("2025-12-31") == ["RW-2025-000002"]
    assert await valid_on("2026-01-01") == []
    (row,) = (await desk.get("/v1/ledgers/risk-warnings", status="WITHDRAWN"))["data"]
    assert (row["valid_until"], row["valid_to"]) == ("2025-05-31", "2025-05-19")
    assert second["state"]["project_no"] == "RP-2025-000001"


async def test_an_analysis_meeting_is_called_and_recorded(desk: Desk) -> None:
    body = {"planned_on": "2025-05-08", "departments": ["SALES", "TECH"], "agenda": "Quarter 1"}
    meeting = (await desk.does("/v1/analysis-meetings", body, by="u.qam"))["id"]
    action = {"action": "Revise it.", "owner": "Wang", "department": "QA", "due_on": "2025-05-31"}

    done = await desk.does(
        f"/v1/analysis-meetings/{meeting}/record",
        {"minutes_ref": "MIN-7", "actions": [action]},
        by="u.qam",
    )

    assert (done["state"]["status"], done["state"]["held_on"]) == ("RECORDED", "2025-05-05")
