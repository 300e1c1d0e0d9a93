"""What a stranger with curl meets: one shape of refusal, and what to do next in each."""

import asyncio
import json
import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import httpx
import pytest

from app.api.bodies import BODY_BYTES_MAX
from app.api.problems import POINTER_MAX
from tests.api.desk import Desk
from tests.api.stories import S_A, define_cause, feedback, notice

CAUSE = {"code": "M01", "zh": "缺胶", "en": "missing rubber", "cause_class": "MANUFACTURING"}
CASE = {
    "customer_id": "C01",
    "channel": "PHONE",
    "life_phase": "FIELD",
    "spec_code": S_A,
    "failure_mode": "漏油",
    "qty_reported": 1,
    "description": "It leaks.",
}


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, which has the shape of every other."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{code}"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["title"]
    assert problem["title_zh"]
    return problem


async def test_a_wrong_amount_names_the_place_and_the_figures(desk: Desk) -> None:
    wrong = notice("80.00", failure_on="2026-01-05")
    wrong["claimed_total"] = {"amount": "81.00", "currency": "CNY"}

    problem = problem_of(await desk.post("/v1/claims", wrong, by="u.clerk"), 422, "SUM_MISMATCH")

    assert "80.00" in json.dumps(problem["details"])
    assert "81.00" in json.dumps(problem["details"])
    assert problem["errors"]


@pytest.mark.parametrize("amount", [80, 80.5, "80", "80.0", "1e2", "-1.00", "８０.00", "NaN", None])
async def test_money_is_a_decimal_string_and_nothing_else(desk: Desk, amount: Any) -> None:  # noqa: ANN401
    wrong = notice("80.00", failure_on="2026-01-05")
    wrong["claimed_total"] = {"amount": amount, "currency": "CNY"}

    problem = problem_of(await desk.post("/v1/claims", wrong, by="u.clerk"), 422, "MALFORMED")

    assert problem["errors"][0]["pointer"] == "/claimed_total/amount"


async def test_a_wrong_role_is_told_which_roles_may(desk: Desk) -> None:
    answer = await desk.post("/v1/feedback-cases", CASE, by="u.aud")

    problem = problem_of(answer, 403, "WRONG_ROLE")

    assert problem["details"] == {"role": "AUDITOR", "allowed": ["INTEGRATION", "SALES_CLERK"]}


async def test_a_stale_revision_is_told_what_happened_since(desk: Desk) -> None:
    case = await feedback(desk)
    answer = await desk.post(
        f"/v1/feedback-cases/{case}/acknowledge", {"channel": "PHONE"}, by="u.clerk", if_match='"1"'
    )

    problem = problem_of(answer, 412, "STALE_REVISION")

    assert problem["details"] == {
        "expected": 1,
        "current": 3,
        "events_since": ["FeedbackClassified", "FeedbackForwarded"],
    }
    assert answer.headers["etag"] == '"3"'


async def test_of_two_who_decided_upon_one_revision_one_is_told(desk: Desk) -> None:
    """A43."""
    case = await feedback(desk)
    answers = await asyncio.gather(
        *(
            desk.post(
                f"/v1/feedback-cases/{case}/acknowledge",
                {"channel": "PHONE"},
                by="u.clerk",
                if_match='"3"',
            )
            for _ in range(2)
        )
    )

    assert sorted(each.status_code for each in answers) == [200, 412]


async def test_the_same_key_twice_is_one_event_and_the_same_bytes(desk: Desk) -> None:
    """A42."""
    first = await desk.post("/v1/feedback-cases", CASE, by="u.clerk", key="k-1")
    await define_cause(desk)
    again = await desk.post("/v1/feedback-cases", CASE, by="u.clerk", key='"k-1"')

    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(await desk.events("FeedbackRegistered")) == 1


async def test_the_same_key_with_another_body_is_refused(desk: Desk) -> None:
    await desk.post("/v1/feedback-cases", CASE, by="u.clerk", key="k-1")
    answer = await desk.post(
        "/v1/feedback-cases", CASE | {"qty_reported": 2}, by="u.clerk", key="k-1"
    )

    problem_of(answer, 422, "KEY_REUSED")


async def test_a_key_is_required_and_so_is_a_revision(desk: Desk) -> None:
    case = await feedback(desk)
    path = f"/v1/feedback-cases/{case}/acknowledge"
    body = {"channel": "PHONE"}

    no_key = await desk.post(path, body, by="u.clerk", headers={"Idempotency-Key": ""})
    no_match = await desk.post(path, body, by="u.clerk", if_match=None)
    odd_match = await desk.post(path, body, by="u.clerk", if_match="three")

    problem_of(no_key, 400, "IDEMPOTENCY_KEY_MISSING")
    problem_of(no_match, 428, "IF_MATCH_MISSING")
    assert problem_of(odd_match, 422, "MALFORMED")["errors"][0]["pointer"] == "header:If-Match"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{broken", 400, "NOT_JSON"),
        (b"", 400, "NOT_JSON"),
        (b'{"code": "\xff"}', 400, "NOT_JSON"),
        (b'{"code": "\\ud800"}', 400, "NOT_JSON"),
        (b"[" * 50_000, 400, "NOT_JSON"),
        (b"[]", 422, "MALFORMED"),
        (b"null", 422, "MALFORMED"),
        (b"{}", 422, "MALFORMED"),
        (b'{"code": NaN}', 400, "NOT_JSON"),
        (json.dumps(CAUSE | {"en": "a\x00b"}).encode(), 422, "MALFORMED"),
        (json.dumps(CAUSE | {"more": 1}).encode(), 422, "MALFORMED"),
        (b" " * (BODY_BYTES_MAX + 1), 413, "TOO_LARGE"),
    ],
)
async def test_a_body_that_does_not_fit_is_told_why(
    desk: Desk, content: bytes, status: int, code: str
) -> None:
    answer = await desk.post("/v1/cause-catalogue/define", by="u.qa1", content=content)

    problem_of(answer, status, code)
    assert await desk.events("CauseDefined") == []


async def test_a_body_of_unknown_length_ends_at_the_limit(desk: Desk) -> None:
    async def endless() -> Any:  # noqa: ANN401
        for _ in range(40):
            yield b" " * 65_536

    headers = {
        "Authorization": f"Bearer {desk.keys['u.qa1']}",
        "Idempotency-Key": "k",
        "Content-Type": "application/json",
    }
    answer = await desk.http.post("/v1/cause-catalogue/define", headers=headers, content=endless())

    problem_of(answer, 413, "TOO_LARGE")


async def test_another_media_type_is_refused(desk: Desk) -> None:
    answer = await desk.post(
        "/v1/cause-catalogue/define", CAUSE, by="u.qa1", headers={"Content-Type": "text/plain"}
    )

    problem_of(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer sk_1_2", "Basic dTpw", "Bearer sk_000000000000_" + "A" * 43],
)
async def test_nobody_comes_in_without_a_key(desk: Desk, authorization: str) -> None:
    for path in ("/v1/events", "/v1/ledgers/feedback", "/v1/cause-catalogue"):
        answer = await desk.http.get(path, headers={"Authorization": authorization})
        problem_of(answer, 401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_what_is_not_there_is_a_problem_too(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    unknown = "01a20b70-2aff-75f7-9e95-aa836d0a05b2"

    problem_of(await desk.http.get("/nowhere"), 404, "NO_SUCH_ROUTE")
    for path in (f"/v1/claims/{unknown}", "/v1/claims/CL-2025-000001", f"/v1/events/{unknown}"):
        answer = await desk.http.get(path, headers=bearer)
        assert answer.status_code in {404, 422}
        assert answer.headers["content-type"] == "application/problem+json"
    wrong = await desk.http.delete(f"/v1/claims/{unknown}", headers=bearer)
    problem_of(wrong, 405, "METHOD_NOT_ALLOWED")
    assert wrong.headers["allow"] == "GET, HEAD, OPTIONS"
    there = await desk.http.get("/v1/claims", headers=bearer)
    assert problem_of(there, 405, "METHOD_NOT_ALLOWED")
    assert there.headers["allow"] == "OPTIONS, POST"
    answer = await desk.post(f"/v1/feedback-cases/{unknown}/void", {"reason": "Typo."}, by="u.qam")
    problem_of(answer, 404, "NOT_FOUND")


async def test_an_unknown_query_parameter_is_refused(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    for path in ("/v1/events", "/v1/ledgers/feedback", "/v1/cause-catalogue"):
        answer = await desk.http.get(path, headers=bearer, params={"colour": "red"})
        faults = problem_of(answer, 422, "MALFORMED")["errors"]
        assert faults[0]["pointer"] == "query:colour"


async def test_a_long_parameter_is_told_alike_wherever_it_is_unknown(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    name = "c" * 1_000
    told = [
        await desk.http.get(f"/v1/events?{name}=red", headers=bearer),
        await desk.http.get(f"/v1/cause-catalogue?{name}=red", headers=bearer),
        await desk.post(f"/v1/feedback-cases?{name}=red", CASE, by="u.clerk"),
    ]

    pointers = [problem_of(each, 422, "MALFORMED")["errors"][0]["pointer"] for each in told]
    assert pointers == [f"query:{name}"[:POINTER_MAX] + "…"] * 3


async def test_a_request_id_that_is_well_formed_comes_back_and_is_recorded(desk: Desk) -> None:
    answer = await desk.post(
        "/v1/feedback-cases", CASE, by="u.clerk", headers={"X-Request-Id": "erp-2026-11-23:17"}
    )
    odd = await desk.http.get("/livez", headers={"X-Request-Id": "no\tgood"})

    assert answer.headers["x-request-id"] == "erp-2026-11-23:17"
    assert odd.headers["x-request-id"] != "no\tgood"
    (event,) = await desk.events("FeedbackRegistered")
    assert event["correlation_id"] == "erp-2026-11-23:17"
    assert (event["person"], event["role"]) == ("u.clerk", "SALES_CLERK")


async def test_a_record_that_has_not_changed_is_not_sent_again(desk: Desk) -> None:
    case = await feedback(desk)
    path = f"/v1/feedback-cases/{case}"
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    read = await desk.http.get(path, headers=bearer)

    again = await desk.http.get(path, headers=bearer | {"If-None-Match": read.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""


async def test_pages_of_a_ledger_hold_each_row_once_in_order(desk: Desk) -> None:
    for customer in ("C01", "C02") * 4:
        await feedback(desk, customer)
    seen: list[str] = []
    cursor = None
    while True:
        asked: dict[str, Any] = {"limit": 3, "customer_id": "C01"} | (
            {"cursor": cursor} if cursor else {}
        )
        page = await desk.get("/v1/ledgers/feedback", **asked)
        seen += [row["case_no"] for row in page["data"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break

    assert len(seen) == 4
    assert seen == sorted(seen, reverse=True)
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    for odd in ("x", "bnVsbA", "W10"):
        answer = await desk.http.get("/v1/ledgers/feedback?cursor=" + odd, headers=bearer)
        assert problem_of(answer, 422, "MALFORMED")["errors"][0]["pointer"] == "query:cursor"


async def test_a_query_waits_for_a_position_that_is_coming_and_tells_of_one_that_is_not(
    desk: Desk,
) -> None:
    case = await feedback(desk)
    head = (await desk.get("/v1/events", limit=1))["head"]
    body = {"channel": "PHONE"}
    acknowledging = asyncio.create_task(
        desk.does(f"/v1/feedback-cases/{case}/acknowledge", body, by="u.clerk")
    )

    row = await desk.get(f"/v1/ledgers/feedback/{case}", min_position=head + 1)

    assert row["acknowledged_at"] is not None
    assert (await acknowledging)["position"] == head + 1
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    for path in (f"/v1/feedback-cases/{case}", "/v1/ledgers/feedback"):
        late = await desk.http.get(path, headers=bearer, params={"min_position": head + 1000})
        problem_of(late, 503, "NOT_THERE_YET")
        assert late.headers["retry-after"] == "1"
    odd = await desk.http.get(
        f"/v1/feedback-cases/{case}", headers=bearer, params={"min_position": "soon"}
    )
    assert problem_of(odd, 422, "MALFORMED")["errors"][0]["pointer"] == "query:min_position"


async def test_every_problem_explains_itself(desk: Desk) -> None:
    explained = (await desk.http.get("/problems/SUM_MISMATCH")).json()

    assert explained["status"] == 422
    assert explained["title_zh"]


async def test_alive_and_ready_say_so_without_a_key(desk: Desk) -> None:
    assert (await desk.http.get("/livez")).json() == {"status": "alive"}
    ready = (await desk.http.get("/readyz")).json()

    assert ready["status"] == "ready"
    assert ready["sandbox"] is False
    assert ready["checks"]["append_only"]["ok"]


async def test_a_page_says_what_it_may_load_and_answers_load_nothing(desk: Desk) -> None:
    answer = await desk.http.get("/docs")
    policy = answer.headers["Content-Security-Policy"]
    (script,) = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "http" not in policy
    loaded = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert len(loaded) == 3
    for each in loaded:
        assert (await desk.http.get(each)).status_code == 200, each
    assert "on" not in {
        each.split("=")[0][:2] for each in re.findall(r"<[a-z]+ (\S+)", answer.text)
    }

    for path in ("/livez", "/v1/nowhere", "/openapi.json"):
        headers = (await desk.http.get(path)).headers
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]


async def test_the_docs_page_asks_nobody_else(desk: Desk) -> None:
    page = (await desk.http.get("/docs")).text

    assert "https://" not in page
    assert "http://" not in page
    assert (await desk.http.get("/openapi.json")).json()["openapi"] == "3.1.0"
