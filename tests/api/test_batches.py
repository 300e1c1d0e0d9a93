"""Many commands in one request: each answered as if it came alone; or all happen, or none."""

from collections.abc import Sequence

import httpx
import pytest

from app.domain.personal import SEALED
from app.domain.values import Role
from app.events.bulk import TOGETHER_MAX
from tests.api.desk import Desk, Json
from tests.api.personal import OTHER_VIN, VIN
from tests.api.test_conventions import problem_of
from tests.api.valid import UNKNOWN

PATH = "/v1/batches"
CASE: Json = {
    "customer_id": "C01",
    "channel": "PHONE",
    "life_phase": "FIELD",
    "spec_code": "TC 85×105×10 FKM",
    "failure_mode": "漏油",
    "qty_reported": 1,
    "description": "The crankshaft seal leaks.",
}
CAUSE: Json = {"code": "M01", "zh": "缺胶", "en": "rubber", "cause_class": "DESIGN"}
KIND: Json = {"category": "PRODUCT", "severity": "GENERAL"}


def item(
    key: str, command: str = "RegisterFeedback", body: Json | None = None, **more: str
) -> Json:
    """One command of a batch."""
    said = CASE if body is None else body
    return {"command": command, "idempotency_key": key, "body": said} | more


async def send(
    desk: Desk,
    *items: Json,
    by: str = "u.clerk",
    atomic: bool = False,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """A batch."""
    sent = {"Authorization": f"Bearer {desk.keys[by]}"} | (headers or {})
    return await desk.http.post(PATH, json={"items": items, "atomic": atomic}, headers=sent)


async def told(desk: Desk, *items: Json, by: str = "u.clerk", atomic: bool = False) -> list[Json]:
    """The results of a batch that fits."""
    answer = await send(desk, *items, by=by, atomic=atomic)
    assert answer.status_code == 207, answer.text
    results: list[Json] = answer.json()["results"]
    assert [each["index"] for each in results] == list(range(len(items)))
    assert answer.json()["accepted"] == sum(each["problem"] is None for each in results)
    assert answer.json()["refused"] == sum(each["problem"] is not None for each in results)
    return results


def codes(results: Sequence[Json]) -> list[str | int]:
    """The code of each problem, the status of what happened."""
    return [each["problem"]["code"] if each["problem"] else each["status"] for each in results]


async def head(desk: Desk) -> int:
    """Where the log ends."""
    return await desk.edge.reader.head()


async def test_each_item_is_answered_as_it_would_be_alone(desk: Desk) -> None:
    case = (await desk.does("/v1/feedback-cases", CASE, by="u.clerk"))["id"]
    before = await head(desk)

    results = await told(
        desk,
        item("a"),
        item("b", body=CASE | {"qty_reported": 0}),
        item("c", "ClassifyFeedback", KIND, id=case),
        item("d", "ClassifyFeedback", KIND, id=case, if_match="7"),
        item("e", "ClassifyFeedback", KIND, id=case, if_match="1"),
        item("f", "ClassifyFeedback", KIND, id=case, if_match='"2"'),
        item("g", "ClassifyFeedback", KIND, id="no-uuid", if_match="*"),
        item("h", "DefineCause", CAUSE),
        item("i", body=CASE | {"customer_id": "C02"}),
    )  # fmt: skip

    assert [each["status"] for each in results] == [201, 422, 428, 412, 200, 409, 404, 403, 201]
    assert results[0]["first_position"] == before + 1
    assert results[8]["position"] == await head(desk)
    assert [results[4]["id"], results[4]["revision"]] == [case, 2]
    assert results[3]["problem"]["details"]["events_since"] == []
    assert results[1]["problem"]["errors"][0]["pointer"] == "/items/1/body/qty_reported"
    assert results[7]["problem"]["code"] == "WRONG_ROLE"
    assert all(each["problem"]["instance"] == PATH for each in results if each["problem"])
    kept = await desk.get(f"/v1/feedback-cases/{results[8]['id']}", by="u.clerk")
    assert kept["state"]["customer_id"] == "C02"


async def test_a_refused_item_says_what_the_single_route_says(desk: Desk) -> None:
    wrong = CASE | {"qty_reported": 0, "channel": "SMOKE"}
    alone = (await desk.post("/v1/feedback-cases", wrong, by="u.clerk")).json()
    (in_batch,) = await told(desk, item("a", body=wrong))

    for own in ("instance", "request_id", "errors"):
        alone.pop(own), in_batch["problem"].pop(own)
    assert in_batch["problem"] == alone


async def test_a_key_tells_the_same_command_alone_and_in_a_batch(desk: Desk) -> None:
    before = await head(desk)
    first = await told(desk, item("k"), item("k"), item("k", body=CASE | {"qty_reported": 2}))
    grown = await head(desk)
    again = await told(desk, item("k"))
    alone = await desk.post("/v1/feedback-cases", CASE, by="u.clerk", key="k")
    other = await desk.post("/v1/feedback-cases", CASE | {"qty_reported": 3}, by="u.clerk", key="k")
    single = await desk.post("/v1/feedback-cases", CASE, by="u.clerk", key="s")
    repeated = await told(desk, item("s"))

    assert codes(first) == [201, 201, "KEY_REUSED"]
    assert [each["replayed"] for each in first] == [False, True, False]
    assert again == [first[1] | {"index": 0}]
    assert alone.headers["idempotency-replayed"] == "true"
    assert (alone.json()["id"], alone.json()["revision"]) == (first[0]["id"], 1)
    problem_of(other, 422, "KEY_REUSED")
    assert repeated[0]["id"] == single.json()["id"]
    assert repeated[0]["replayed"]
    assert await head(desk) == grown + len(single.json()["events"])
    assert grown == before + 1 + first[0]["position"] - first[0]["first_position"]


async def test_a_batch_whose_answer_was_lost_is_answered_again(desk: Desk) -> None:
    items = [item(f"k{n}") for n in range(150)]
    first = await told(desk, *items)
    grown = await head(desk)
    again = await told(desk, *items)

    assert again == [each | {"replayed": True} for each in first]
    assert await head(desk) == grown
    assert [each["position"] for each in first] == sorted({each["position"] for each in first})


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (item("w", body=CASE | {"qty_reported": 0}), "MALFORMED"),
        (item("w", "ClassifyFeedback", KIND, id=UNKNOWN, if_match="*"), "NOT_FOUND"),
        (item("a", body=CASE | {"qty_reported": 2}), "KEY_REUSED"),
        (item("w", "DefineCause", {}), "WRONG_ROLE"),
    ],
    ids=["its form", "the log", "its key", "its role"],
)
async def test_of_an_atomic_batch_nothing_happens_when_one_is_refused(
    desk: Desk, wrong: Json, code: str
) -> None:
    before = await head(desk)

    results = await told(desk, item("a"), item("b"), wrong, item("c"), atomic=True)

    nothing = "NOTHING_OF_THE_BATCH"
    assert codes(results) == [nothing, nothing, code, nothing]
    assert results[0]["status"] == 424
    assert results[0]["problem"]["details"] == {"refused": [2]}
    assert await head(desk) == before
    assert codes(await told(desk, item("a"), item("b"))) == [201, 201]
    assert (await desk.get("/v1/events", limit=1))["head"] == await head(desk)


async def test_an_atomic_batch_happens_in_one_piece_and_once(desk: Desk) -> None:
    before = await head(desk)
    items = [item(f"k{n}", body=CASE | {"customer_id": f"C{n % 7}"}) for n in range(TOGETHER_MAX)]

    results = await told(desk, *items, atomic=True)
    again = await told(desk, *items, atomic=True)

    assert set(codes(results)) == {201}
    ends = [(each["first_position"], each["position"]) for each in results]
    assert [first for first, _ in ends] == [before + 1, *(last + 1 for _, last in ends[:-1])]
    assert await head(desk) == ends[-1][1]
    assert again == [each | {"replayed": True} for each in results]


async def test_what_happened_before_stays_when_the_rest_of_an_atomic_batch_is_refused(
    desk: Desk,
) -> None:
    (kept,) = await told(desk, item("a"))
    missing = item("w", "ClassifyFeedback", KIND, id=UNKNOWN, if_match="*")

    results = await told(desk, item("a"), missing, item("b"), item("b"), atomic=True)

    assert results[0] == kept | {"replayed": True}
    assert codes(results)[1:] == ["NOT_FOUND", "NOTHING_OF_THE_BATCH", "NOTHING_OF_THE_BATCH"]


async def test_items_see_what_happened_before_them(desk: Desk) -> None:
    case = (await desk.does("/v1/feedback-cases", CASE, by="u.clerk"))["id"]
    forward = {"to_departments": ["QA", "TECH"]}
    for atomic in (False, True):
        results = await told(
            desk,
            item(f"a{atomic}", "ClassifyFeedback", KIND, id=case, if_match="1"),
            item(f"b{atomic}", "ForwardFeedback", forward, id=case, if_match="2"),
            atomic=atomic,
        )
        case = (await desk.does("/v1/feedback-cases", CASE, by="u.clerk"))["id"]
        assert codes(results) == [200, 200]


async def test_the_form_of_a_batch_is_checked_before_anything_happens(desk: Desk) -> None:
    before = await head(desk)
    wrong = [
        item("a") | {"comand": "x"},
        item("b", "AddAttachment", {}),
        item("c", "IssueAccessKey", {}),
        item("d", "LeaveItBe", {}),
        item("e", "AdoptFirstRulePack", {}),
        item("f", if_match="W/3"),
        {"command": "RegisterFeedback", "body": []},
    ]
    problem = problem_of(await send(desk, item("z"), *wrong), 422, "MALFORMED")

    assert {each["pointer"]: each["code"] for each in problem["errors"]} == {
        "/items/1/comand": "extra_forbidden",
        "/items/2/command": "only_alone",
        "/items/3/command": "only_alone",
        "/items/4/command": "not_a_command",
        "/items/5/command": "not_a_command",
        "/items/6/if_match": "string_pattern_mismatch",
        "/items/7/idempotency_key": "missing",
        "/items/7/body": "dict_type",
    }
    assert await head(desk) == before


async def test_a_batch_has_limits(desk: Desk) -> None:
    small = item("k", "ClassifyFeedback", {}, id=UNKNOWN, if_match="*")
    at_most = await told(desk, *([small] * 500))
    answers = {
        "none": await send(desk),
        "many": await send(desk, *([small] * 501)),
        "together": await send(desk, *([small] * (TOGETHER_MAX + 1)), atomic=True),
        "large": await send(desk, item("k", body=CASE | {"description": "x" * 1_100_000})),
    }

    assert len(at_most) == 500
    problem_of(answers.pop("large"), 413, "TOO_LARGE")
    for each in answers.values():
        problem = problem_of(each, 422, "MALFORMED")
        assert [fault["pointer"] for fault in problem["errors"]] == ["/items"]


async def test_an_item_says_which_record_or_that_there_is_none_to_say(desk: Desk) -> None:
    results = await told(
        desk,
        item("a", "DetermineRootCause", {}, if_match="*"),
        item("b", "DefineCause", CAUSE, id="main"),
        item("c", "DefineCause", CAUSE),
        item("d", "DefineCause", CAUSE | {"code": ""}),
        by="u.qa1",
    )

    assert [each["status"] for each in results] == [422, 422, 200, 422]
    assert results[0]["problem"]["errors"][0]["pointer"] == "/items/0/id"
    assert results[1]["problem"]["errors"][0]["pointer"] == "/items/1/id"
    assert results[2]["id"] == "main"
    assert results[3]["problem"]["errors"][0]["pointer"] == "/items/3/body/code"


async def test_every_item_needs_its_own_role(desk: Desk) -> None:
    both = await desk.hat("u.both", Role.SALES_CLERK, Role.QA_ENGINEER)
    items = [item("a"), item("b", "DefineCause", CAUSE)]

    assert codes(await told(desk, *items, by="u.clerk")) == [201, "WRONG_ROLE"]
    assert codes(await told(desk, *items, by="u.qa1")) == ["WRONG_ROLE", 200]
    assert codes(await told(desk, *items, by=both))[0] == 201
    problem_of(await send(desk, *items, by="u.aud"), 403, "WRONG_ROLE")
    problem_of(await desk.http.post(PATH, json={"items": items}), 401, "UNAUTHENTICATED")


async def test_in_another_name_items_are_asked_as_alone(desk: Desk) -> None:
    sent = await send(desk, item("a"), headers={"Sanbao-On-Behalf-Of": "u.rep"})

    assert codes(sent.json()["results"]) == ["NOT_DELEGATED"]


async def test_personal_data_of_items_are_sealed_and_nothing_sealed_is_opened_by_sending_it(
    desk: Desk,
) -> None:
    with_vin = CASE | {"vehicle": {"model": "WD615", "vin": VIN}}
    await told(desk, *(item(f"k{n}", body=with_vin) for n in range(3)))
    async with desk.edge.reader.log() as log:
        kept = str(await log.between(0, await head(desk), 100))
    sealed = SEALED.search(kept)
    assert sealed is not None
    assert VIN not in kept
    alone = await desk.post("/v1/feedback-cases", with_vin, by="u.clerk", key="k0")
    back = await told(
        desk,
        item("a", body=CASE | {"vehicle": {"model": "WD615", "vin": sealed[0]}}),
        item("b", "ClassifyFeedback", KIND, id=sealed[0], if_match="*"),
    )

    assert alone.headers["idempotency-replayed"] == "true"
    assert alone.json()["state"]["vehicle"]["vin"] == VIN
    assert codes(back) == ["MALFORMED", "NOT_FOUND"]
    assert VIN not in str(back)


async def test_every_item_keeps_its_own_person(desk: Desk) -> None:
    vins = [VIN, None, OTHER_VIN, None, VIN, "LZZ5CCND0KA100777"]
    said = [{} if vin is None else {"vehicle": {"model": "WD615", "vin": vin}} for vin in vins]

    results = await told(desk, *(item(f"k{n}", body=CASE | each) for n, each in enumerate(said)))

    for result, vin in zip(results, vins, strict=True):
        kept = await desk.get(f"/v1/feedback-cases/{result['id']}", by="u.clerk")
        vehicle = kept["state"]["vehicle"]
        assert (vehicle and vehicle["vin"]) == vin


async def test_a_key_that_is_revoked_in_a_batch_opens_nothing_from_the_answer_on(
    desk: Desk,
) -> None:
    his = {"person": "chen.yan", "in_roles": ["SALES_CLERK"], "label": "业务部电脑"}
    new = await desk.does("/v1/access-keys", his, by="u.admin")
    desk.keys["new"] = new["key"]
    await told(desk, item("a"), by="new")
    lost = {"reason": "电脑遗失,密钥可能泄露。"}
    revoke = item("r", "RevokeAccessKey", lost, id=new["id"])
    nobodys = item("u", "RevokeAccessKey", lost, id="0" * 12)

    results = await told(desk, revoke, nobodys, by="u.admin")

    assert codes(results) == [200, "NOT_FOUND"]
    problem_of(await send(desk, item("b"), by="new"), 401, "UNAUTHENTICATED")


async def test_an_item_of_a_sandbox_has_its_own_time(sandbox: Desk) -> None:
    sandbox.at = "2025-03-03T02:00:00Z"
    results = await told(
        sandbox,
        item("a", at="2025-03-03T03:00:00Z"),
        item("b", at="2025-03-03T02:30:00Z"),
        item("c", at="soon"),
        item("d", at="2025-03-04T03:00:00Z"),
    )
    kept = await sandbox.get("/v1/events", after=results[3]["position"] - 1)

    assert codes(results) == [201, "TIME_WENT_BACK", "MALFORMED", 201]
    assert results[2]["problem"]["errors"][0]["pointer"] == "/items/2/at"
    assert kept["data"][0]["recorded_at"].startswith("2025-03-04T03:00:00")


async def test_only_a_sandbox_takes_the_time_of_an_item(desk: Desk) -> None:
    assert codes(await told(desk, item("a", at="2025-03-03T03:00:00Z"))) == ["NOT_A_SANDBOX"]
