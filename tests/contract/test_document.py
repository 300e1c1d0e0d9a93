"""The OpenAPI document tells generators of clients what they need: what is always there."""

from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from typing import Any

from app.api.document import answers_of
from app.api.routes import ROUTERS
from app.api.schemas import referred_to
from app.main import create_app

LEFT_OUT = {"Problem": {"detail", "clause", "rule"}}
"""What an answer may lack: a problem says only what there is to say."""


@cache
def document() -> dict[str, Any]:
    """The document as it is served."""
    unopened: nullcontext[Any] = nullcontext()
    return create_app(unopened).openapi()


def operations() -> Iterator[dict[str, Any]]:
    """Everything that can be asked."""
    for item in document()["paths"].values():
        yield from item.values()


def reached_from(part: str) -> dict[str, Any]:
    """The components that bodies are sent in, or that answers come back in."""
    components = document()["components"]["schemas"]
    parts = {each["operationId"]: each.get(part, {}) for each in operations()}
    return {name: components[name] for name in referred_to(parts, components)}


def test_every_field_of_an_answer_is_required() -> None:
    for name, schema in reached_from("responses").items():
        fields = set(schema.get("properties", {}))
        assert set(schema.get("required", ())) == fields - LEFT_OUT.get(name, set()), name


def test_a_command_need_not_say_what_has_a_default() -> None:
    sent = reached_from("requestBody")

    assert "currency" not in sent["MoneyInput"]["required"]
    assert "vehicle" not in sent["RegisterFeedback"]["required"]
    assert not {"Money", "Vehicle"} & set(sent)


def test_every_query_answers_with_a_schema_of_ours() -> None:
    paths = document()["paths"]
    queries = {f"{method} {path}" for path, item in paths.items() for method in item}

    assert {name for name, *_ in answers_of(ROUTERS)} <= queries


def test_no_component_is_left_over_or_named_by_its_place() -> None:
    document_ = document()
    components = document_["components"]["schemas"]

    assert sorted(components) == referred_to(document_["paths"], components)
    assert all(name.isalnum() for name in components)
    assert components["AppealOutcome"]["properties"]["state"]
    assert components["RecurrenceRecord"]["properties"]["state"]["$ref"].endswith("/Recurrence")
    assert "verdicts" in components["Recurrence"]["properties"]
