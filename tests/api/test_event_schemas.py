"""What an event means is served beside it, to whoever asks."""

import json
from pathlib import Path

from tests.api.desk import Desk
from tests.api.test_conventions import problem_of


async def test_the_schemas_are_served_without_a_key_as_they_are_checked_in(desk: Desk) -> None:
    listed = await desk.http.get("/v1/event-schemas")
    one = await desk.http.get("/v1/event-schemas/ReturnReceived/1")
    document = await desk.http.get("/asyncapi.json")

    assert listed.text == Path("openapi/event-schemas.json").read_text()
    assert document.text == Path("openapi/asyncapi.json").read_text()
    assert one.headers["content-type"] == "application/schema+json"
    told = {(e["type"], e["version"]): e["json_schema"] for e in listed.json()["data"]}
    assert json.loads(one.text) == told["ReturnReceived", 1]


async def test_a_schema_that_did_not_change_is_not_sent_again(desk: Desk) -> None:
    path = "/v1/event-schemas/ClaimVerified/1"
    first = await desk.http.get(path)

    again = await desk.http.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


async def test_a_version_that_never_was_has_no_schema(desk: Desk) -> None:
    for place in ("ReturnReceived/3", "Nothing/1"):
        problem_of(await desk.http.get(f"/v1/event-schemas/{place}"), 404, "NOT_FOUND")
    problem_of(await desk.http.get("/v1/event-schemas/ReturnReceived/x"), 422, "MALFORMED")
