"""The feed's filters: combinable, resumable, and never a walk through the whole log at once."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from app.events import reading
from tests.api.desk import Desk, Json
from tests.api.stories import agree, define_cause, feedback, verified
from tests.api.test_conventions import problem_of
from tests.api.test_delegations import confirm, lend


@pytest.fixture
async def busy(desk: Desk) -> Desk:
    """A log with a cause, two cases and a claim."""
    await define_cause(desk)
    await feedback(desk)
    await verified(desk, "120.00")
    return desk


async def all_of(desk: Desk, limit: int = 200, **asked: Any) -> list[Json]:  # noqa: ANN401
    """What a filter finds, page by page."""
    found: list[Json] = []
    after = asked.pop("after", 0)
    while True:
        page = await desk.get("/v1/events", after=after, limit=limit, **asked)
        found += page["data"]
        assert page["next_after"] > after or not page["has_more"]
        after = page["next_after"]
        if not page["has_more"]:
            return found


FILTERS: list[tuple[Json, Callable[[Json], bool]]] = [
    ({"kind": ["claim"]}, lambda e: e["stream"].startswith("claim-")),
    ({"kind": ["claim", "feedback-case"]}, lambda e: e["stream"].startswith(("claim-", "feed"))),
    ({"person": "u.clerk"}, lambda e: e["person"] == "u.clerk"),
    ({"clause": "4.5"}, lambda e: "4.5" in e["clauses"]),
    (
        {"person": "u.clerk", "kind": ["claim"], "type": ["ClaimRegistered", "CauseDefined"]},
        lambda e: e["person"] == "u.clerk" and e["type"] == "ClaimRegistered",
    ),
    ({"kind": ["claim"], "type": ["CauseDefined"]}, lambda _: False),
    ({"person": "nobody"}, lambda _: False),
]


@pytest.mark.parametrize(("asked", "holds"), FILTERS)
async def test_a_filter_finds_what_it_says_and_all_of_it(
    busy: Desk, asked: Json, holds: Callable[[Json], bool]
) -> None:
    every = await all_of(busy)

    assert await all_of(busy, **asked) == [each for each in every if holds(each)]
    assert await all_of(busy, limit=1, **asked) == [each for each in every if holds(each)]


async def test_every_filter_but_the_last_two_finds_something(busy: Desk) -> None:
    for asked, _ in FILTERS[:-2]:
        assert await all_of(busy, **asked), asked


async def test_instants_bound_the_log_on_both_sides_and_are_included(busy: Desk) -> None:
    every = await all_of(busy)
    first, last = every[1]["recorded_at"], every[-2]["recorded_at"]

    found = await all_of(busy, recorded_from=first, recorded_to=last)

    assert found == [each for each in every if first <= each["recorded_at"] <= last]
    assert await all_of(busy, recorded_to="2001-01-01T00:00:00Z") == every[:0]
    assert await all_of(busy, recorded_from="2999-01-01T00:00:00Z") == []


async def test_what_was_done_in_ones_name_is_found_by_ones_name(sandbox: Desk) -> None:
    sandbox.at = "2025-02-03T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    claim = await verified(sandbox, "80.00")
    await lend(sandbox, "u.rep")
    await confirm(sandbox, claim, by="u.rep")

    found = await all_of(sandbox, person="u.mkt", type=["ClaimAmountConfirmed"])

    assert [each["person"] for each in found] == ["u.rep"]
    assert found == await all_of(sandbox, person="u.rep", type=["ClaimAmountConfirmed"])


async def test_a_rare_event_is_looked_for_in_bounded_pieces(
    busy: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SCAN_POSITIONS_MAX", 2)
    every = await all_of(busy)

    page = await busy.get("/v1/events", person="nobody", after=1)

    assert page | {"head": 0} == {"data": [], "next_after": 3, "has_more": True, "head": 0}
    rare = await all_of(busy, type=["ClaimVerified"])
    assert rare == [each for each in every if each["type"] == "ClaimVerified"]


async def test_a_stream_is_found_through_its_index_in_one_page(
    busy: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = await all_of(busy, kind=["claim"])
    monkeypatch.setattr(reading, "SCAN_POSITIONS_MAX", 1)

    page = await busy.get("/v1/events", stream=claims[0]["stream"])

    assert page["data"] == claims
    assert page["has_more"] is False


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "claims"},
        {"type": "ClaimRegisterd"},
        {"clause": "4.55"},
        {"stream": ""},
        {"stream": "claim-\0"},
        {"recorded_from": "yesterday"},
        {"person": " x"},
        {"claus": "4"},
    ],
)
async def test_what_is_no_filter_is_refused_by_its_name(desk: Desk, asked: Json) -> None:
    headers = {"Authorization": f"Bearer {desk.keys['u.aud']}"}

    answer = await desk.http.get("/v1/events", params=asked, headers=headers)

    faults = problem_of(answer, 422, "MALFORMED")["errors"]
    assert {each["pointer"].partition(".")[0] for each in faults} == {f"query:{next(iter(asked))}"}


async def test_instants_at_the_ends_of_the_calendar_bound_nothing(busy: Desk) -> None:
    first, last = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"

    assert await all_of(busy, recorded_from=first, recorded_to=last) == await all_of(busy)


@pytest.mark.parametrize("last", ["4611686018427387905", "9" * 20, "x", "-1", "²"])
async def test_a_stream_is_resumed_at_a_position_that_there_can_be(desk: Desk, last: str) -> None:
    headers = {"Authorization": f"Bearer {desk.keys['u.aud']}", "Last-Event-ID": last}
    sent = {name.encode(): value.encode() for name, value in headers.items()}

    async with desk.http.stream("GET", "/v1/events/stream", headers=sent) as answer:
        await answer.aread()

    assert problem_of(answer, 422, "MALFORMED")["errors"][0]["pointer"] == "header:Last-Event-ID"


@pytest.mark.parametrize(
    "path", ["/v1/streams/claim-%00", "/v1/ledgers/claims/%00", "/v1/production-lots/a%00"]
)
async def test_an_address_with_a_nul_is_refused(desk: Desk, path: str) -> None:
    headers = {"Authorization": f"Bearer {desk.keys['u.aud']}"}

    problem_of(await desk.http.get(path, headers=headers), 422, "MALFORMED")


async def test_one_stream_is_read_by_version(busy: Desk) -> None:
    claims = await all_of(busy, kind=["claim"])
    path = f"/v1/streams/{claims[0]['stream']}"

    whole = await busy.get(path)
    first = await busy.get(path, limit=1)
    rest = await busy.get(path, after=first["next_after"])

    assert whole["data"] == claims == first["data"] + rest["data"]
    assert whole["revision"] == len(claims) == whole["next_after"]
    assert (whole["has_more"], first["has_more"], rest["has_more"]) == (False, True, False)


async def test_a_stream_that_is_named_by_a_code_may_hold_a_slash(desk: Desk) -> None:
    body = {"workshop": "W1", "spec_code": "TC 85", "qty": 500}
    body |= {"produced_on": "2025-01-14", "warehoused_on": "2025-01-15"}
    await desk.does(f"/v1/production-lots/{quote('L1/2', safe='')}/record", body, by="erp")
    found = (await desk.events())[-1]["stream"]

    page = await desk.get(f"/v1/streams/{quote(found, safe='')}")

    assert page["stream"] == found == "production-lot-L1/2"
    assert len(page["data"]) == 1


async def test_a_stream_that_never_was_is_not_found(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.keys['u.aud']}"}

    answer = await desk.http.get("/v1/streams/claim-none", headers=headers)

    problem_of(answer, 404, "NOT_FOUND")
