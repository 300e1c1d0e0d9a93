"""The feed, one event and the stream as CloudEvents 1.0, read by the standard's own library."""

import json
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat
from jsonschema import Draft202012Validator
from starlette.requests import Request

from app.api.cloud_events import SCHEMA
from app.api.negotiation import best_of, names
from tests.api.desk import Desk, Json
from tests.api.stories import agree, define_cause, split_claim

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


async def asked(desk: Desk, path: str, accept: str, **params: Any) -> httpx.Response:  # noqa: ANN401
    """A query in another form."""
    headers = {"Authorization": f"Bearer {desk.keys['u.aud']}", "Accept": accept}
    answer = await desk.http.get(path, headers=headers, params=params or None)
    assert answer.status_code == 200, answer.text
    return answer


async def fits(desk: Desk, told: Json, recorded: Json) -> None:
    """Whether the standard reads a CloudEvent, and it says what was recorded."""
    Draft202012Validator(SCHEMA).validate(told)
    message = HTTPMessage({"content-type": ONE}, json.dumps(told).encode())
    event = from_structured_event(message)
    assert event.get_id() == recorded["event_id"]
    assert event.get_source() == "sanbao/sanbao"
    assert event.get_type() == f"sanbao.{recorded['type']}.v{recorded['schema_version']}"
    assert event.get_subject() == recorded["stream"]
    time = event.get_time()
    assert time is not None
    assert f"{time:%Y-%m-%dT%H:%M:%S.%f}Z" == recorded["recorded_at"]
    assert event.get_data() == recorded["data"]
    assert event.get_extension("position") == str(recorded["position"])
    assert event.get_extension("clauses") == " ".join(recorded["clauses"])
    for name in ("person", "role", "client", "causation_id", "correlation_id", "on_behalf_of"):
        assert event.get_attributes().get(name.replace("_", "")) == recorded[name], name
    schema = await desk.http.get(str(event.get_dataschema()))
    Draft202012Validator(schema.json()).validate(recorded["data"])


async def test_every_event_of_a_story_is_a_cloud_event_whose_data_fits_its_schema(
    sandbox: Desk,
) -> None:
    desk = sandbox
    desk.at = "2025-02-03T02:00:00Z"
    await define_cause(desk)
    await agree(desk)
    await split_claim(desk, "812.00")
    recorded = (await desk.get("/v1/events", limit=200))["data"]

    answer = await asked(desk, "/v1/events", BATCH, limit=200)

    assert answer.headers["content-type"] == BATCH
    assert len(answer.json()) == len(recorded) > 10
    for told, each in zip(answer.json(), recorded, strict=True):
        await fits(desk, told, each)
    assert any("causationid" in told for told in answer.json())


async def test_a_batch_says_in_its_headers_where_to_read_on(desk: Desk) -> None:
    await define_cause(desk)

    first = await asked(desk, "/v1/events", ONE, limit=1)
    link = first.headers["link"].removeprefix("<").partition(">")[0]
    rest = await asked(desk, link, BATCH)

    assert first.headers["sanbao-has-more"] == "true"
    assert first.headers["sanbao-next-after"] == "1"
    assert first.headers["sanbao-head"] == "2"
    assert "Accept" in first.headers["vary"]
    assert [each["position"] for each in rest.json()] == ["2"]
    assert link == "/v1/events?limit=1&after=1"


async def test_one_event_is_a_cloud_event_of_its_own(desk: Desk) -> None:
    (recorded, *_) = (await desk.get("/v1/events"))["data"]

    answer = await asked(desk, f"/v1/events/{recorded['event_id']}", ONE)

    assert answer.headers["content-type"] == ONE
    await fits(desk, answer.json(), recorded)


async def test_the_stream_sends_cloud_events_to_whoever_names_them(desk: Desk) -> None:
    (recorded, *_) = (await desk.get("/v1/events"))["data"]
    headers = {"Authorization": f"Bearer {desk.keys['u.aud']}"}

    async def first(accept: str) -> Json:
        sent = headers | {"Accept": accept}
        async with desk.http.stream("GET", "/v1/events/stream", headers=sent) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    told: Json = json.loads(line.removeprefix("data: "))
                    return told
        raise AssertionError("the stream ended")

    await fits(desk, await first(f"text/event-stream, {ONE}"), recorded)
    assert await first("text/event-stream, */*") == recorded


JSON = "application/json"


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (BATCH, BATCH),
        (f"{BATCH}; charset=utf-8", BATCH),
        (f"{JSON};q=0.5, {BATCH}", BATCH),
        (f"{JSON}, {BATCH}", JSON),
        (f"{BATCH};q=0.2, */*;q=0.1", BATCH),
        (f"*/*, {JSON};q=0", BATCH),
        (f"{BATCH};q=0", JSON),
        ("text/html", JSON),
        ("no/such;;;q=x, ,/", JSON),
        (f"APPLICATION/JSON;Q=0.1, {BATCH};q=0.05", JSON),
    ],
)
def test_the_form_is_the_one_that_is_wanted_most(accept: str | None, best: str) -> None:
    headers = [] if accept is None else [(b"accept", accept.encode())]
    request = Request({"type": "http", "headers": headers})

    assert best_of(request, (JSON, BATCH)) == best
    assert names(request, BATCH) == (BATCH in (accept or "") and f"{BATCH};q=0" != accept)


def test_the_library_agrees_on_the_media_type() -> None:
    assert JSONFormat().get_content_type() == ONE
