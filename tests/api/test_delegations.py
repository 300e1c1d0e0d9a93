"""Acting in another's name over HTTP: scenario A40 through delegation, and what is not lent."""

from typing import Any

import httpx
import pytest

from app.domain.values import Role
from tests.api.desk import Desk, Json
from tests.api.stories import agree, cny, define_cause, notice, verified

BODY = {"confirmed_total": cny("80.00")}
FOR_SPECIALIST = {"Sanbao-On-Behalf-Of": "u.mkt"}


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """February 2025, with an agreement and a cause."""
    sandbox.at = "2025-02-03T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    return sandbox


def lending(to: str, **said: Any) -> Json:  # noqa: ANN401 - any field of the command
    """The specialist's role for a week from now on."""
    body = {
        "to_person": to,
        "role": "MARKET_SPECIALIST",
        "from_at": "2025-02-03T02:00:00Z",
        "until_at": "2025-02-10T02:00:00Z",
        "reason": "出差一周,由同事代办。",
    }
    return body | said


async def lend(desk: Desk, to: str, *, by: str = "u.mkt", **said: Any) -> str:  # noqa: ANN401
    """The delegation's id."""
    return str((await desk.does("/v1/delegations", lending(to, **said), by=by))["id"])


async def confirm(
    desk: Desk, claim: str, *, by: str, on_behalf_of: str = "u.mkt"
) -> httpx.Response:
    """Somebody confirms the amount in another's name."""
    headers = {"Sanbao-On-Behalf-Of": on_behalf_of}
    return await desk.post(f"/v1/claims/{claim}/confirm-amount", BODY, by=by, headers=headers)


def refused(answer: httpx.Response, status: int, code: str) -> Json:
    """The problem, as it must be."""
    problem: Json = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    return problem


async def test_a_colleague_confirms_in_the_specialists_name_and_the_log_keeps_both(
    desk: Desk,
) -> None:
    claim = await verified(desk, "80.00")
    await lend(desk, "u.rep")

    done = await confirm(desk, claim, by="u.rep")

    assert done.status_code == 200, done.text
    (confirmed,) = await desk.events("ClaimAmountConfirmed")
    assert confirmed["person"] == "u.rep"
    assert confirmed["role"] == "MARKET_SPECIALIST"
    assert confirmed["on_behalf_of"] == "u.mkt"
    history = (await desk.get(f"/v1/claims/{claim}/timeline"))["data"]
    (entry,) = [each for each in history if each["what"] == "ClaimAmountConfirmed"]
    assert (entry["who"], entry["on_behalf_of"]) == ("u.rep", "u.mkt")


async def test_a40_the_clerk_does_not_confirm_in_the_specialists_name(desk: Desk) -> None:
    claim = await verified(desk, "80.00")
    await lend(desk, "u.clerk")
    before = await desk.get(f"/v1/claims/{claim}")

    refused(await confirm(desk, claim, by="u.clerk"), 403, "SOD_CLAIM")

    assert await desk.get(f"/v1/claims/{claim}") == before


async def test_a40_nobody_confirms_in_the_clerks_name(desk: Desk) -> None:
    claim = await verified(desk, "80.00")
    both = await desk.hat("u.clerk", Role.SALES_CLERK, Role.MARKET_SPECIALIST)
    await lend(desk, "u.rep", by=both)
    before = await desk.get(f"/v1/claims/{claim}")

    refused(await confirm(desk, claim, by="u.rep", on_behalf_of="u.clerk"), 403, "SOD_CLAIM")

    assert await desk.get(f"/v1/claims/{claim}") == before


@pytest.mark.parametrize("by", ["u.mkt", "u.gm"])
async def test_a_revoked_delegation_lends_nothing(desk: Desk, by: str) -> None:
    claim = await verified(desk, "80.00")
    lent = await lend(desk, "u.rep")
    at = f"/v1/delegations/{lent}/revoke"
    refused(await desk.post(at, {"reason": "提前返回。"}, by="u.rep"), 403, "DELEGATION_NOT_YOURS")

    await desk.does(at, {"reason": "提前返回。"}, by=by)

    problem = refused(await confirm(desk, claim, by="u.rep"), 403, "NOT_DELEGATED")
    assert problem["details"]["grantor"] == "u.mkt"
    assert problem["details"]["roles"] == ["MARKET_SPECIALIST"]


async def test_of_several_roles_the_one_that_a_delegation_needs_is_worn(desk: Desk) -> None:
    several = await desk.hat("u.chief", Role.SALES_REP, Role.FINANCE, Role.GENERAL_MANAGER)
    lent = await lend(desk, "u.rep", by=several, role="FINANCE")
    other = await lend(desk, "u.rep")

    for each in (lent, other):
        await desk.does(f"/v1/delegations/{each}/revoke", {"reason": "提前返回。"}, by=several)

    roles = [each["role"] for each in await desk.events("DelegationGranted", "DelegationRevoked")]
    assert roles == ["FINANCE", "MARKET_SPECIALIST", "GENERAL_MANAGER", "GENERAL_MANAGER"]


async def test_a_delegation_ends_by_itself(desk: Desk) -> None:
    claim = await verified(desk, "80.00")
    await lend(desk, "u.rep")
    desk.at = "2025-02-10T02:00:00Z"

    refused(await confirm(desk, claim, by="u.rep"), 403, "NOT_DELEGATED")


async def test_what_the_delegation_does_not_name_is_not_lent(desk: Desk) -> None:
    claim = await verified(desk, "80.00")
    await lend(desk, "u.rep", commands=["VerifyClaim"])

    refused(await confirm(desk, claim, by="u.rep"), 403, "NOT_DELEGATED")


async def test_what_was_lent_is_not_passed_on(desk: Desk) -> None:
    await lend(desk, "u.rep")

    answer = await desk.post(
        "/v1/delegations", lending("u.fin"), by="u.rep", headers=FOR_SPECIALIST
    )

    refused(answer, 403, "DELEGATION_NOT_PASSED_ON")


async def test_a_role_that_the_key_does_not_have_is_not_lent(desk: Desk) -> None:
    answer = await desk.post("/v1/delegations", lending("u.fin"), by="u.rep")

    refused(answer, 403, "DELEGATION_NOT_OWN_ROLE")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.INTEGRATION])
async def test_auditors_and_machines_stand_in_for_nobody(desk: Desk, role: Role) -> None:
    claim = await verified(desk, "80.00")
    other = await desk.hat("u.other", role)
    await lend(desk, "u.other")

    refused(await confirm(desk, claim, by=other), 403, "WRONG_ROLE")


@pytest.mark.parametrize("odd", [b"", b"x" * 65, b"a\tb", b"\xff"])
async def test_an_odd_header_names_nobody(desk: Desk, odd: bytes) -> None:
    headers: Any = {"Sanbao-On-Behalf-Of": odd}

    answer = await desk.post("/v1/delegations", lending("u.rep"), by="u.mkt", headers=headers)

    problem = refused(answer, 422, "MALFORMED")
    assert problem["errors"][0]["pointer"] == "header:Sanbao-On-Behalf-Of"


async def test_a_header_that_stands_twice_names_nobody(desk: Desk) -> None:
    answer = await desk.http.post(
        "/v1/delegations",
        json=lending("u.rep"),
        headers=[
            ("Authorization", f"Bearer {desk.keys['u.rep']}"),
            ("Idempotency-Key", "k-1"),
            ("Sanbao-On-Behalf-Of", "u.mkt"),
            ("Sanbao-On-Behalf-Of", "u.clerk"),
        ],
    )

    problem = refused(answer, 422, "MALFORMED")
    assert problem["errors"][0]["pointer"] == "header:Sanbao-On-Behalf-Of"


async def test_a_name_in_chinese_is_sent_as_utf_8(desk: Desk) -> None:
    claim = await verified(desk, "80.00")
    grantor = await desk.hat("赵敏", Role.MARKET_SPECIALIST)
    await lend(desk, "u.rep", by=grantor)
    headers: Any = {"Sanbao-On-Behalf-Of": "赵敏".encode()}

    answer = await desk.post(
        f"/v1/claims/{claim}/confirm-amount", BODY, by="u.rep", headers=headers
    )

    assert answer.status_code == 200, answer.text
    (confirmed,) = await desk.events("ClaimAmountConfirmed")
    assert confirmed["on_behalf_of"] == "赵敏"


async def test_the_same_key_in_another_name_is_another_request(desk: Desk) -> None:
    deputy = await desk.hat("u.two", Role.SALES_CLERK)
    await desk.does("/v1/delegations", lending("u.two", role="SALES_CLERK"), by="u.clerk")
    body, in_name = notice("80.00"), {"Sanbao-On-Behalf-Of": "u.clerk"}

    first = await desk.post("/v1/claims", body, by=deputy, key="k-1", headers=in_name)
    again = await desk.post("/v1/claims", body, by=deputy, key="k-1", headers=in_name)
    in_his_own = await desk.post("/v1/claims", body, by=deputy, key="k-1")
    in_anothers = await desk.post("/v1/claims", body, by=deputy, key="k-1", headers=FOR_SPECIALIST)

    assert first.status_code == 201, first.text
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    refused(in_his_own, 422, "KEY_REUSED")
    refused(in_anothers, 422, "KEY_REUSED")
    assert len(await desk.events("ClaimRegistered")) == 1


QUESTIONS = {"/v1/what-if", "/v1/personal-data/find"}
"""They are sent with a body, but nothing is asked to happen, in nobody's name."""


async def test_every_command_documents_the_header(desk: Desk) -> None:
    paths = (await desk.http.get("/openapi.json")).json()["paths"]
    posts = {
        path: item["post"]
        for path, item in paths.items()
        if "post" in item and path not in QUESTIONS
    }

    assert posts
    for path, each in posts.items():
        assert "Sanbao-On-Behalf-Of" in [one["name"] for one in each["parameters"]]
        refused_there = path == "/v1/batches"  # it answers 207, and tells it of each item
        assert refused_there or "`NOT_DELEGATED`" in each["responses"]["403"]["description"]


async def test_the_ledger_says_who_lent_which_role_to_whom_and_who_took_it_back(
    desk: Desk,
) -> None:
    taken_back = await lend(desk, "u.rep", commands=["VerifyClaim"])
    stands = await lend(desk, "u.two", from_at="2025-02-05T02:00:00Z")
    head = (await desk.get("/v1/events", limit=1))["head"]
    desk.at = "2025-02-06T02:00:00Z"
    at = f"/v1/delegations/{taken_back}/revoke"
    await desk.does(at, {"reason": "提前返回。"}, by="u.gm")

    rows = (await desk.get("/v1/ledgers/delegations", grantor="u.mkt"))["data"]

    assert [row["delegation_id"] for row in rows] == [stands, taken_back]
    one, other = rows
    assert (one["to_person"], one["role"], one["commands"]) == ("u.two", "MARKET_SPECIALIST", None)
    assert (one["status"], one["revoked_at"]) == ("GRANTED", None)
    assert one["granted_at"] == "2025-02-03T02:00:00.000000Z"
    assert (one["from_at"], one["until_at"]) == (
        "2025-02-05T02:00:00.000000Z",
        "2025-02-10T02:00:00.000000Z",
    )
    assert (other["commands"], other["reason"]) == (["VerifyClaim"], "出差一周,由同事代办。")
    assert (other["status"], other["revoked_by"], other["revoked_because"]) == (
        "REVOKED",
        "u.gm",
        "提前返回。",
    )
    assert other["revoked_at"] == "2025-02-06T02:00:00.000000Z"
    (before,) = (await desk.get("/v1/ledgers/delegations", to_person="u.rep", as_of=str(head)))[
        "data"
    ]
    assert (before["status"], before["revoked_by"]) == ("GRANTED", None)


@pytest.mark.parametrize(
    ("instant", "lent"),
    [
        pytest.param("2025-02-05T01:59:59Z", ["u.rep"], id="only the first has begun"),
        pytest.param("2025-02-05T02:00:00Z", ["u.rep", "u.two"], id="the second begins"),
        pytest.param("2025-02-06T01:59:59Z", ["u.rep", "u.two"], id="not taken back yet"),
        pytest.param("2025-02-06T02:00:00Z", ["u.two"], id="taken back"),
        pytest.param("2025-02-10T01:59:59.999999Z", ["u.two"], id="the last instant"),
        pytest.param("2025-02-10T02:00:00Z", [], id="over"),
    ],
)
async def test_the_ledger_is_asked_what_was_lent_at_an_instant(
    desk: Desk, instant: str, lent: list[str]
) -> None:
    first = await lend(desk, "u.rep")
    await lend(desk, "u.two", from_at="2025-02-05T02:00:00Z")
    desk.at = "2025-02-06T02:00:00Z"
    await desk.does(f"/v1/delegations/{first}/revoke", {"reason": "提前返回。"}, by="u.mkt")

    asked = {"lent_at": instant, "sort": "delegation_no"}
    page = await desk.get("/v1/ledgers/delegations", **asked)

    assert [row["to_person"] for row in page["data"]] == lent
