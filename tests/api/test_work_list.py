"""The work list of a role over HTTP: late, due, to decide, and what blocks a close."""

import pytest

from app.domain.aggregates import AGGREGATES
from app.projections.work_list import WAITS, Wait
from tests.api.desk import Desk, Json
from tests.api.stories import agree, confirmed, define_cause, feedback


async def work_of(desk: Desk, role: str) -> Json:
    """What the role has to do."""
    return await desk.get("/v1/work-list", role=role)


@pytest.mark.parametrize("wait", WAITS, ids=lambda each: each.command)
def test_whoever_is_waited_for_may_ask_the_command(wait: Wait) -> None:
    (command,) = [
        each
        for one in AGGREGATES
        for each in one.command_types
        if each.__name__ == wait.command and one.stream is wait.stream
    ]
    assert command.roles == set(wait.roles)


async def test_a_cause_waits_for_two_roles_until_one_approves_it(sandbox: Desk) -> None:
    sandbox.at = "2025-03-20T02:00:00Z"
    await define_cause(sandbox)
    case = await feedback(sandbox)
    found = {
        "cause_code": "M01",
        "occurrence_cause": "The trimming knife was worn.",
        "method": "TEARDOWN",
        "evidence": ["P-1"],
    }
    at = f"/v1/feedback-cases/{case}"
    await sandbox.does(f"{at}/determine-root-cause", found, by="u.qa1")

    for role in ("QA_MANAGER", "TECH_DIRECTOR"):
        (item,) = (await work_of(sandbox, role))["to_decide"]
        assert (item["command"], item["subject_id"]) == ("ApproveRootCause", case)
        assert item["set_off_by"] == "u.qa1"
    assert (await work_of(sandbox, "QA_ENGINEER"))["to_decide"] == []
    due = [each["time_limit"] for each in (await work_of(sandbox, "SALES_CLERK"))["due"]]
    assert due == ["T1", "T3", "T8"]

    before = await work_of(sandbox, "QA_MANAGER")
    await sandbox.does(f"{at}/approve-root-cause", {}, by="u.td")
    assert (await work_of(sandbox, "QA_MANAGER"))["to_decide"] == []
    then = await sandbox.get("/v1/work-list", role="QA_MANAGER", as_of=before["position"])
    assert then == before


async def test_an_escalation_says_what_keeps_it_open(sandbox: Desk) -> None:
    sandbox.at = "2025-03-20T02:00:00Z"
    await agree(sandbox)
    await confirmed(sandbox, "600.00")

    work = await work_of(sandbox, "GENERAL_MANAGER")
    (item,) = work["blocked"]
    escalation = item["subject_id"]
    assert item["command"] == "CloseEscalation"
    assert {"TRACE", "CAPA"} <= set(item["missing"])
    assert [each["time_limit"] for each in work["due"]] == ["T13"]

    at = f"/v1/escalations/{escalation}"
    await sandbox.does(f"{at}/acknowledge", {"instruction": "Trace it."}, by="u.gm")
    trace = {"lots": ["L1"], "stock_checked": 10, "nok": 0, "findings": "Nothing was found."}
    await sandbox.does(f"{at}/record-trace", trace, by="u.qa1")
    (after,) = (await work_of(sandbox, "GENERAL_MANAGER"))["blocked"]
    assert set(after["missing"]) == set(item["missing"]) - {"TRACE"}
    assert (after["since"], after["row_version"]) == (item["since"], 2)


async def test_a_correction_waits_for_its_approvers(sandbox: Desk) -> None:
    sandbox.at = "2025-03-20T02:00:00Z"
    case = await feedback(sandbox)
    (event,) = await sandbox.events("FeedbackForwarded")
    said = {
        "event_id": event["event_id"],
        "stream": f"feedback-case-{case}",
        "field": "to_departments.1",
        "recorded": "TECH",
        "correct": "PRODUCTION",
        "reason": "It went to production.",
    }
    proposed = await sandbox.does("/v1/corrections", said, by="u.clerk")

    items = (await work_of(sandbox, "TECH_DIRECTOR"))["to_decide"]
    assert [each["subject_id"] for each in items] == [proposed["id"]]
    await sandbox.does(f"/v1/corrections/{proposed['id']}/approve", {}, by="u.td")
    assert (await work_of(sandbox, "TECH_DIRECTOR"))["to_decide"] == []
    page = await sandbox.get("/v1/ledgers/work-items")
    assert page["data"] == []
