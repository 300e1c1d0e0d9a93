"""Asking a ledger over PostgreSQL: every filter, every sort, page by page, and wrong questions."""

from typing import Any, Final

import pytest

from app.projections.claims_ledger import CLAIMS_LEDGER
from app.projections.feedback_ledger import FEEDBACK_LEDGER
from app.projections.ledger import AnyLedger
from tests.api.desk import Desk, Json
from tests.api.stories import (
    S_A,
    S_B,
    S_C,
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

CLAIMS: Final = "/v1/ledgers/claims"
FEEDBACK: Final = "/v1/ledgers/feedback"
Asked = list[tuple[str, str, list[int]]]
"""A parameter, its value, and the running numbers of the rows that it must answer."""


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """February 2025, with an agreement and a cause."""
    sandbox.at = "2025-02-03T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    return sandbox


async def numbers(desk: Desk, path: str, column: str, **asked: Any) -> list[int]:  # noqa: ANN401 - any parameter
    """The running numbers of the rows that are answered, rising."""
    answer = await desk.get(path, sort=column, **asked)
    return [int(row[column].rpartition("-")[2]) for row in answer["data"]]


# --- filters --------------------------------------------------------------------------------


async def three_claims(desk: Desk) -> None:
    """One is closed, one is escalated, one waits for its amount."""
    done = await split_claim(desk, "333.33", failure_on="2025-02-01")
    at = f"/v1/claims/{done['id']}"
    await desk.does(f"{at}/approve-execution", {}, by="u.td")
    settled = {"method": "CREDIT_NOTE", "voucher": "CN-1", "amount": cny("233.33")}
    await desk.does(f"{at}/settle", settled, by="u.fin")
    await desk.does(f"{at}/file", {"filing_no": "SH-2025-001"}, by="u.qa1")
    await desk.does(f"{at}/close", {}, by="u.qa1")
    desk.at = "2025-03-05T02:00:00Z"
    await confirmed(
        desk, "500.01", spec=S_B, customer="C02", failure_on="2025-03-01", notice_no="Q/7 & 8"
    )
    desk.at = "2025-04-10T02:00:00Z"
    await verified(desk, "80.00", spec=S_C, failure_on="2025-04-01")


OF_CLAIMS: Final[Asked] = [
    ("claim_no", "CL-2025-000002", [2]),
    ("claim_no", "CL-2025-00000", []),
    ("notice_no", "Q/7 & 8", [2]),
    ("filing_no", "SH-2025-001", [1]),
    ("filed", "true", [1]),
    ("filed", "false", [2, 3]),
    ("file_by_to", "2025-03-15T16:00:00Z", [1, 2]),
    ("file_by_to", "2025-03-16T00:00:00+08:00", [1, 2]),
    ("file_by_to", "2025-03-15T15:59:59.999999Z", [1]),
    ("customer_id", "C02", [2]),
    ("spec_code", S_C, [3]),
    ("spec_code", "TC", []),
    ("case_no", "FB-2025-000001", [1]),
    ("cause_code", "M01", [1]),
    ("status", "CLOSED", [1]),
    ("status", "VERIFIED", [3]),
    ("escalated", "true", [2]),
    ("escalated", "false", [1, 3]),
    ("notice_from", "2025-03-05", [2, 3]),
    ("notice_from", "2025-03-06", [3]),
    ("notice_to", "2025-03-05", [1, 2]),
    ("notice_to", "2025-03-04", [1]),
    ("failure_from", "2025-03-01", [2, 3]),
    ("failure_to", "2025-03-01", [1, 2]),
    ("confirmed_from", "2025-03-05", [2]),
    ("confirmed_to", "2025-03-05", [1, 2]),
]


async def test_the_claims_ledger_is_asked_by_each_of_its_filters(desk: Desk) -> None:
    await three_claims(desk)

    for name, value, found in OF_CLAIMS:
        assert await numbers(desk, CLAIMS, "claim_no", **{name: value}) == found, (name, value)
    assert {name for name, _, _ in OF_CLAIMS} == set(CLAIMS_LEDGER.filters)
    assert await numbers(desk, CLAIMS, "claim_no", status="CLOSED", customer_id="C02") == []
    overdue = {"filed": "false", "file_by_to": "2025-04-10T02:00:00Z"}
    assert await numbers(desk, CLAIMS, "claim_no", **overdue) == [2]


OF_CASES: Final[Asked] = [
    ("case_no", "FB-2025-000002", [2]),
    ("customer_id", "C02", [2]),
    ("customer_ref", "QN-1", [1]),
    ("category", "PACKAGING", [2]),
    ("category", "PRODUCT", [1]),
    ("severity", "SERIOUS", [2]),
    ("spec_code", S_B, [2]),
    ("lot_no", "L-1", [1]),
    ("life_phase", "ZERO_KM", [2]),
    ("cause_code", "M01", [1]),
    ("status", "RESPONSIBILITY_JUDGED", [1]),
    ("counted_cause", "M01", [1]),
    ("emergency_required", "false", [1, 2]),
    ("recurs", "false", [1, 2]),
    ("recurs", "true", []),
    ("recurrence", "NOT_TESTED", [1, 2]),
    ("recurrence_capa_no", "CA-2025-000001", []),
    ("earlier_case_no", "FB-2025-000001", []),
    ("risk_project_no", "RP-2025-000001", []),
    ("occurred_quarter", "2025Q1", [1, 2]),
    ("occurred_from", "2025-03-01", [2]),
    ("occurred_to", "2025-02-28", [1]),
    ("received_from", "2025-03-05T10:00:00+08:00", [2]),
    ("received_from", "2025-03-05T02:00:00.000001Z", []),
    ("received_to", "2025-03-05T02:00:00Z", [1, 2]),
    ("received_to", "2025-03-05T01:59:59Z", [1]),
]


async def test_the_feedback_ledger_is_asked_by_each_of_its_filters(desk: Desk) -> None:
    first = await feedback(desk, customer_ref="QN-1", lot_no="L-1", occurred_on="2025-02-01")
    await judged(desk, first)
    desk.at = "2025-03-05T02:00:00Z"
    second = await feedback(
        desk,
        "C02",
        spec_code=S_B,
        life_phase="ZERO_KM",
        occurred_on="2025-03-01",
        received_at="2025-03-05T10:00:00+08:00",
    )
    other = {"category": "PACKAGING", "severity": "SERIOUS", "reason": "The box was torn."}
    await desk.does(f"/v1/feedback-cases/{second}/reclassify", other, by="u.qa1")

    for name, value, found in OF_CASES:
        assert await numbers(desk, FEEDBACK, "case_no", **{name: value}) == found, (name, value)
    assert {name for name, _, _ in OF_CASES} == set(FEEDBACK_LEDGER.filters)


# --- wrong questions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        (CLAIMS, "status", "FOO"),
        (CLAIMS, "status", "closed"),
        (CLAIMS, "notice_from", "yesterday"),
        (CLAIMS, "notice_to", "2025-02-30"),
        (CLAIMS, "escalated", "maybe"),
        (CLAIMS, "filed", "2"),
        (CLAIMS, "file_by_to", "2025-03-15T16:00:00"),
        (CLAIMS, "claim_no", ""),
        (CLAIMS, "spec_code", "x" * 121),
        (CLAIMS, "sort", "status"),
        (CLAIMS, "limit", "0"),
        (CLAIMS, "limit", "201"),
        (CLAIMS, "cursor", "made-up"),
        (CLAIMS, "colour", "red"),
        (FEEDBACK, "category", "FOO"),
        (FEEDBACK, "received_from", "noon"),
        (FEEDBACK, "occurred_to", "31.12.2025"),
    ],
)
async def test_a_question_that_makes_no_sense_says_where(
    sandbox: Desk, path: str, name: str, value: str
) -> None:
    headers = {"Authorization": f"Bearer {sandbox.keys['u.aud']}"}
    answer = await sandbox.http.get(path, headers=headers, params={name: value})

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "MALFORMED"
    assert [each["pointer"] for each in problem["errors"]] == [f"query:{name}"]


# --- pages ----------------------------------------------------------------------------------

DAYS: Final = ("2025-01-20", "2025-01-10", "2025-01-20", "2025-01-10", "2025-01-20", "2025-01-15")


async def six_notices(desk: Desk) -> None:
    """Claims that came on three days, in no order, with failures on one day."""
    for day in DAYS:
        body = notice("80.00", failure_on="2025-01-02", notice_received_at=f"{day}T04:00:00Z")
        await desk.does("/v1/claims", body, by="u.clerk")


async def six_reports(desk: Desk) -> None:
    """Cases that came on three days, in no order, of failures of one day."""
    for day in DAYS:
        await feedback(desk, received_at=f"{day}T04:00:00Z", occurred_on="2025-01-02")


async def read_through(desk: Desk, path: str, sort: str, limit: int) -> list[Json]:
    """Page by page from the first to the last."""
    rows: list[Json] = []
    cursor: dict[str, str] = {}
    while True:
        page = await desk.get(path, sort=sort, limit=limit, **cursor)
        assert len(page["data"]) == limit or not page["has_more"]
        rows += page["data"]
        if not page["has_more"]:
            assert page["next_cursor"] is None
            return rows
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize("ledger", [FEEDBACK_LEDGER, CLAIMS_LEDGER], ids=lambda each: each.name)
async def test_pages_hold_each_row_once_with_ties_in_both_directions(
    desk: Desk, ledger: AnyLedger
) -> None:
    claims = ledger is CLAIMS_LEDGER
    await (six_notices if claims else six_reports)(desk)
    path, row_id = (CLAIMS, "claim_id") if claims else (FEEDBACK, "case_id")

    for column in ledger.sorts:
        for sign, falling in (("", False), ("-", True)):
            for limit in (1, 2, 3, 6, 7):
                rows = await read_through(desk, path, f"{sign}{column}", limit)
                places = [(row[column], row[row_id]) for row in rows]
                assert len(set(places)) == len(DAYS)
                assert places == sorted(places, reverse=falling), (sign, column, limit)
    whole = await desk.get(path)
    newest_first = [row[ledger.sorts[0]] for row in whole["data"]]
    assert newest_first == sorted(newest_first, reverse=True)


async def test_a_filter_holds_on_every_page_and_a_new_row_does_not_shift_them(desk: Desk) -> None:
    await six_notices(desk)
    asked = {"notice_from": "2025-01-15", "sort": "notice_on", "limit": "2"}
    first = await desk.get(CLAIMS, **asked)
    early = notice("80.00", failure_on="2025-01-02", notice_received_at="2025-01-15T01:00:00Z")
    await desk.does("/v1/claims", early, by="u.clerk")
    second = await desk.get(CLAIMS, **asked, cursor=first["next_cursor"])

    seen = [row["claim_no"] for row in (*first["data"], *second["data"])]
    assert len(seen) == len(set(seen)) == 4
    assert all(row["notice_on"] >= "2025-01-15" for row in (*first["data"], *second["data"]))


async def test_one_specification_of_several_is_enough(desk: Desk) -> None:
    body = notice("80.00")
    second = body["lines"][0] | {"line": 2, "spec_code": S_B}
    both = body | {"lines": [*body["lines"], second], "claimed_total": cny("160.00")}
    await desk.does("/v1/claims", both, by="u.clerk")

    for spec in (S_A, S_B):
        assert await numbers(desk, CLAIMS, "claim_no", spec_code=spec) == [1]
