"""Every version of every event has a schema that its shape fits, and the documents are valid."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from app.api.event_schemas import event_schemas, listing
from app.catalogues import CATALOGUES
from tests.events.test_shapes import SHAPES

STANDARDS = Path(__file__).parent / "standards"


def shape_of(type_: str, version: int) -> Any:  # noqa: ANN401 - any JSON
    """The data of an event as that version had it."""
    return json.loads((SHAPES / f"{type_}.v{version}.json").read_text())


def test_every_version_that_has_a_shape_has_a_schema() -> None:
    known = {f"{type_}.v{version}.json" for type_, version in event_schemas()}

    assert known == {each.name for each in SHAPES.iterdir()}


@pytest.mark.parametrize("one", event_schemas(), ids=lambda one: f"{one[0]}.v{one[1]}")
def test_the_shape_of_a_version_fits_its_schema(one: tuple[str, int]) -> None:
    schema = event_schemas()[one].json_schema
    Draft202012Validator.check_schema(schema)

    Draft202012Validator(schema).validate(shape_of(*one))


OLD = [(each.type, each.version) for each in event_schemas().values() if not each.latest]


@pytest.mark.parametrize("one", OLD)
def test_the_schema_of_an_older_version_knows_nothing_of_a_newer_one(one: tuple[str, int]) -> None:
    type_, version = one
    older, newer = (event_schemas()[type_, each].json_schema for each in (version, version + 1))

    assert not Draft202012Validator(older).is_valid(shape_of(type_, version + 1))
    assert not Draft202012Validator(newer).is_valid(shape_of(type_, version))


def test_what_is_checked_in_is_what_is_served() -> None:
    told = json.loads(listing())["data"]

    assert {(each["type"], each["version"]) for each in told} == set(event_schemas())
    assert CATALOGUES["event-schemas.json"]() == listing()


def test_the_asyncapi_document_is_valid_and_tells_of_every_version() -> None:
    document = json.loads(CATALOGUES["asyncapi.json"]())
    standard = json.loads((STANDARDS / "asyncapi-3.0.0.json").read_text())

    errors = [each.message[:200] for each in Draft7Validator(standard).iter_errors(document)]

    assert not errors
    assert len(document["components"]["messages"]) == len(event_schemas())


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads(CATALOGUES["asyncapi.json"]())

    def look(part: Any) -> None:  # noqa: ANN401 - any JSON
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                place = document
                for step in part["$ref"].removeprefix("#/").split("/"):
                    place = place[step]
            for each in part.values():
                look(each)
        elif isinstance(part, list):
            for each in part:
                look(each)

    look(document)


@pytest.mark.parametrize(
    "one", [("ReturnReceived", 1), ("ReturnReceived", 2), ("ClaimVerified", 1)]
)
def test_a_message_fits_what_is_recorded(one: tuple[str, int]) -> None:
    document = json.loads(CATALOGUES["asyncapi.json"]())
    type_, version = one
    payload = document["components"]["messages"][f"{type_}.v{version}"]["payload"]
    recorded = {
        "position": 7,
        "stream": "return-list-0194f3a2-7c1e-7b53-9d0a-3f6c2e8b1a47",
        "version": 1,
        "event_id": "0194f3a2-7c1e-7b53-9d0a-3f6c2e8b1a48",
        "type": type_,
        "schema_version": version,
        "data": shape_of(type_, version),
        "person": "u.store",
        "role": "WAREHOUSE",
        "on_behalf_of": None,
        "client": None,
        "reason": None,
        "recorded_at": "2025-03-03T04:00:00.000000Z",
        "command_id": "0194f3a2-7c1e-7b53-9d0a-3f6c2e8b1a49",
        "correlation_id": "request-1",
        "causation_id": None,
        "clauses": ["3.2"],
        "rule_pack_version": 1,
    }

    schema = payload | {"components": document["components"]}

    Draft7Validator(schema).validate(recorded)
    assert not Draft7Validator(schema).is_valid(recorded | {"data": {}})
    assert not Draft7Validator(schema).is_valid(recorded | {"schema_version": 9})
