"""The targets of clause 3.7 at their edges: what counts, in which quarter, and what moves it."""

from typing import Any

import pytest

from tests.api.desk import Desk, Json
from tests.api.stories import define_cause, feedback, judged
from tests.api.test_kpis import found, frequency, occurred

CUSTOMER_ALL = [{"party": "CUSTOMER", "bps": 10_000}]
ONE_POINT = [{"party": "CUSTOMER", "bps": 9_999}, {"party": "COMPANY", "bps": 1}]


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """10 April 2025, with causes of four classes."""
    sandbox.at = "2025-04-10T02:00:00Z"
    await define_cause(sandbox)
    await define_cause(sandbox, "M02")
    await define_cause(sandbox, "K01", "PACKAGING")
    await define_cause(sandbox, "L01", "LOGISTICS")
    await define_cause(sandbox, "N01", "NTF")
    return sandbox


async def asked(desk: Desk, case: str, what: str, by: str, **body: Any) -> Json:  # noqa: ANN401
    """Something is asked of a case."""
    return await desk.does(f"/v1/feedback-cases/{case}/{what}", body, by=by)


async def of_class(desk: Desk, category: str, cause: str) -> str:
    """A case of a class, with a cause; its id."""
    case = await feedback(desk, occurred_on="2025-04-02")
    if category != "PRODUCT":
        kind = {"category": category, "severity": "GENERAL", "reason": "Seen at the gate."}
        await asked(desk, case, "reclassify", "u.qa1", **kind)
    await found(desk, case, cause)
    return case


async def moves(desk: Desk) -> list[tuple[int, int]]:
    """How the figure behind an alert moved, from and to."""
    events = await desk.events("TargetBasisChanged")
    return [(each["data"]["old_observed"], each["data"]["new_observed"]) for each in events]


async def test_packaging_counts_and_what_happened_on_the_road_does_not(desk: Desk) -> None:
    await of_class(desk, "PACKAGING", "K01")
    await of_class(desk, "TRANSPORT", "L01")
    await of_class(desk, "PRODUCT", "N01")
    read = await desk.get("/v1/kpis/cause-frequency", quarter="2025Q2")

    assert [(each["cause_code"], each["count"]) for each in read["causes"]] == [("K01", 1)]
    assert read["excluded"]["case_nos"] == ["FB-2025-000002", "FB-2025-000003"]
    assert read["undetermined"]["count"] == 0


async def test_the_eleventh_case_that_turns_out_to_be_another_lowers_the_count_and_keeps_the_alert(
    desk: Desk,
) -> None:
    cases = [await occurred(desk) for _ in range(11)]
    await asked(desk, cases[0], "merge", "u.qa1", into=cases[1], reason="The same truck.")
    assert await frequency(desk, "2025Q2") == {"M01": (10, "MET")}

    await asked(desk, cases[2], "void", "u.qam", reason="Told by mistake.")
    kind = {"category": "TRANSPORT", "severity": "GENERAL", "reason": "The box was wet."}
    await asked(desk, cases[3], "reclassify", "u.qa1", **kind)
    changes = {"occurred_on": "2025-03-31"}
    await asked(
        desk, cases[4], "propose-correction", "u.clerk", changes=changes, reason="A day before."
    )
    await asked(desk, cases[4], "approve-correction", "u.qa1")

    assert await frequency(desk, "2025Q2") == {"M01": (7, "MET")}
    assert await frequency(desk, "2025Q1") == {"M01": (1, "MET")}
    assert len(await desk.events("CauseFrequencyTargetExceeded")) == 1
    assert (await moves(desk))[-4:] == [(11, 10), (10, 9), (9, 8), (8, 7)]


async def test_one_basis_point_of_ours_counts_and_none_does_not(desk: Desk) -> None:
    case = await feedback(desk, occurred_on="2025-04-02")
    await judged(desk, case, shares=CUSTOMER_ALL)
    assert await frequency(desk, "2025Q2") == {}

    why = {"grounds": "Seen again.", "supersedes_reason": "New evidence came."}
    await asked(desk, case, "judge-responsibility", "u.tech", shares=ONE_POINT, **why)

    assert await frequency(desk, "2025Q2") == {"M01": (1, "MET")}


async def test_causes_merged_in_mid_quarter_count_as_one_by_whatever_way_they_were_merged(
    desk: Desk,
) -> None:
    await define_cause(desk, "M03")
    for cause in ("M01", "M02", "M03"):
        for _ in range(4):
            await occurred(desk, cause)
    for code, into in (("M03", "M02"), ("M02", "M01")):
        merge = {"code": code, "into": into, "reason": "Both mean missing rubber."}
        await desk.does("/v1/cause-catalogue/merge", merge, by="u.qam")

    assert await frequency(desk, "2025Q2") == {"M01": (12, "EXCEEDED")}
    case = await feedback(desk, occurred_on="2025-04-02")
    why = {"occurrence_cause": "Worn.", "method": "TEARDOWN", "evidence": ["P-1"]}
    at = f"/v1/feedback-cases/{case}/determine-root-cause"
    unused = await desk.post(at, why | {"cause_code": "M02"}, by="u.qa1")
    assert (unused.status_code, unused.json()["code"]) == (409, "CAUSE_NOT_IN_USE")


async def test_a_cause_does_not_disappear_by_being_merged_into_no_fault(desk: Desk) -> None:
    await occurred(desk)
    merge = {"code": "M01", "into": "N01", "reason": "Nothing was found."}

    refused = await desk.post("/v1/cause-catalogue/merge", merge, by="u.qam")

    assert (refused.status_code, refused.json()["code"]) == (409, "CAUSE_CLASSES_DIFFER")
    assert await frequency(desk, "2025Q2") == {"M01": (1, "MET")}


async def test_causes_merged_after_the_close_leave_the_version_and_restate_by_the_merge(
    desk: Desk,
) -> None:
    for cause in ("M01", "M02"):
        for _ in range(6):
            await occurred(desk, cause, on="2025-03-31")
    report = "/v1/quarterly-reports/2025Q1"
    await desk.does(f"{report}/close-quarter", {}, by="u.qa1")
    await desk.does(f"{report}/issue", {"suggestions": "Change the knife."}, by="u.qam")
    merge = {"code": "M02", "into": "M01", "reason": "Both mean missing rubber."}
    await desk.does("/v1/cause-catalogue/merge", merge, by="u.qam")

    version = await desk.get(f"{report}/versions/1")
    causes = version["figures"]["cause_frequency"]["causes"]
    lines: Any = await desk.get(f"{report}/restated")
    (merged,) = await desk.events("CauseMerged")

    assert [(each["cause_code"], each["count"]) for each in causes] == [("M01", 6), ("M02", 6)]
    assert await frequency(desk, "2025Q1") == {"M01": (12, "EXCEEDED")}
    assert [(each["line"], each["old"], each["new"]) for each in lines] == [
        ("cause_frequency/M01", "6", "12"),
        ("cause_frequency/M02", "6", "0"),
    ]
    assert {tuple(each["event_ids"]) for each in lines} == {(merged["event_id"],)}


@pytest.mark.parametrize(
    ("now", "occurred_on", "day", "quarter"),
    [
        ("2025-03-31T15:59:59Z", None, "2025-03-31", "2025Q1"),
        ("2025-03-31T16:00:00Z", None, "2025-04-01", "2025Q2"),
        ("2025-12-31T16:00:00Z", "2025-12-31T23:59:59.999+08:00", "2025-12-31", "2025Q4"),
        ("2028-02-28T16:00:00Z", "2028-02-29", "2028-02-29", "2028Q1"),
    ],
    ids=["last second of a quarter", "first second of the next", "year's end", "leap day"],
)
async def test_a_case_belongs_to_its_day_in_shanghai(
    sandbox: Desk, now: str, occurred_on: str | None, day: str, quarter: str
) -> None:
    sandbox.at = now
    said = {} if occurred_on is None else {"occurred_on": occurred_on}
    case = await feedback(sandbox, **said)

    (row,) = (await sandbox.get("/v1/ledgers/feedback", occurred_quarter=quarter))["data"]

    assert (row["case_id"], row["occurred_on"]) == (case, day)
    state = (await sandbox.get(f"/v1/feedback-cases/{case}"))["state"]
    assert state["occurred_on_estimated"] is (occurred_on is None)


CANNOT_BE: tuple[tuple[Json, str], ...] = (
    ({"occurred_on": "2025-04-10T16:00:00Z"}, "IN_THE_FUTURE"),
    ({"received_at": "2025-04-10T02:00:01Z"}, "IN_THE_FUTURE"),
    ({"occurred_on": "2024-03-05"}, "LATE_REASON_MISSING"),
    ({"occurred_on": "2024-03-06", "produced_on": "2024-03-07"}, "PRODUCED_AFTER_OCCURRED"),
    (
        {"occurred_on": "2025-04-05", "received_at": "2025-04-04T15:59:59Z"},
        "OCCURRED_AFTER_RECEIVED",
    ),
    ({"customer_deadline": "2025-04-09T00:00:00Z"}, "DEADLINE_BEFORE_RECEIPT"),
    ({"occurred_on": "2025-02-29"}, "MALFORMED"),
    ({"occurred_on": "２０２５-04-01"}, "MALFORMED"),
    ({"occurred_on": 1743465600}, "MALFORMED"),
    ({"received_at": "2025-04-10T01:00:00"}, "MALFORMED"),
    ({"qty_reported": 0}, "MALFORMED"),
    ({"qty_reported": "１"}, "MALFORMED"),
    ({"qty_reported": 1.0}, "MALFORMED"),
)


async def test_a_fact_that_cannot_be_is_told_where(desk: Desk) -> None:
    body = {
        "customer_id": "C01",
        "channel": "PHONE",
        "life_phase": "FIELD",
        "spec_code": "TC 85×105×10 FKM",
        "failure_mode": "漏油",
        "qty_reported": 1,
        "description": "The seal leaks.",
    }
    for said, code in CANNOT_BE:
        refused = await desk.post("/v1/feedback-cases", body | said, by="u.clerk")

        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (422, code), said
        assert problem["errors"][0]["pointer"].strip("/") in {*said, "late_reason"}
    assert await desk.events("FeedbackRegistered") == []
