"""Nothing that is sent in may be of any length, and every refusal is one that is explained."""

import ast
import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from app.api.document import ROLES
from app.api.kinds import (
    BUSY,
    DOOR,
    KINDS,
    MALFORMED,
    RATE_LIMITED,
    UNAVAILABLE,
)
from app.api.problems import (
    MEDIA_TYPE,
)
from app.api.service import explanations
from tests.contract.test_document import document

SHORT_BY_FORM: Final = {"date", "date-time", "uuid"}
"""Formats whose texts have an end, and which are checked before anything is kept."""

Place = tuple[str, dict[str, Any]]


def parts(name: str, schema: dict[str, Any], seen: set[str]) -> Iterator[Place]:
    """Every schema within one that is sent in, each component once."""
    if "$ref" in schema:
        component = schema["$ref"].rpartition("/")[2]
        if component not in seen:
            seen.add(component)
            yield from parts(component, document()["components"]["schemas"][component], seen)
        return
    yield name, schema
    for several in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(several, ()):
            yield from parts(name, each, seen)
    for inner in ("items", "additionalProperties"):
        if isinstance(schema.get(inner), dict):
            yield from parts(f"{name}[]", schema[inner], seen)
    for field, each in schema.get("properties", {}).items():
        yield from parts(f"{name}.{field}", each, seen)


def sent() -> Iterator[Place]:
    """Every schema of a body or of a parameter."""
    seen: set[str] = set()
    for path, item in document()["paths"].items():
        for operation in item.values():
            body = operation.get("requestBody", {"content": {}})["content"]
            for media in body.values():
                yield from parts(operation["operationId"], media["schema"], seen)
            for each in operation.get("parameters", ()):
                if each["in"] != "path":  # an address as a whole has a limit
                    yield from parts(f"{path} {each['name']}", each["schema"], seen)


def is_bounded(schema: dict[str, Any]) -> bool:
    """Whether whatever fits the schema has an end."""
    has = schema.keys()
    match schema.get("type"):
        case "string" if schema.get("format") == "binary":
            bounded = (
                True  # a file: as large as the setting says, see tests/api/test_attachments.py
            )
        case "string":
            short = "maxLength" in has or schema.get("format") in SHORT_BY_FORM
            bounded = short or ends(schema.get("pattern", "*"))
        case "array":
            bounded = "maxItems" in has
        case "integer" | "number":
            low = {"minimum", "exclusiveMinimum"} & has
            bounded = bool(low and {"maximum", "exclusiveMaximum"} & has)
        case "object":
            bounded = schema.get("additionalProperties", True) is False or "maxProperties" in has
        case kind:
            bounded = kind in {"boolean", "null"} or bool({"anyOf", "oneOf", "allOf"} & has)
    return bounded or bool({"enum", "const"} & has)


def ends(pattern: str) -> bool:
    """Whether a pattern is anchored and repeats nothing without a limit."""
    anchored = pattern.startswith("^") and pattern.endswith("$")
    return anchored and not {"*", "+"} & set(pattern) and ",}" not in pattern


def test_everything_that_is_sent_in_has_a_limit() -> None:
    unbounded = [(name, json.dumps(schema)) for name, schema in sent() if not is_bounded(schema)]

    assert not unbounded


def test_every_refusal_of_the_document_is_a_problem() -> None:
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            for status, response in operation["responses"].items():
                if status[0] in "45":
                    assert list(response["content"]) == [MEDIA_TYPE], (path, method, status)


def test_every_code_of_the_document_is_explained_with_its_status() -> None:
    known = explanations()
    for path, item in document()["paths"].items():
        for operation in item.values():
            for status, response in operation["responses"].items():
                for line in response["description"].splitlines():
                    if line.startswith("- `"):
                        code = line.split("`")[1]
                        assert known[code].status == int(status), (path, code)


def test_whatever_needs_a_key_tells_how_the_door_refuses() -> None:
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if ROLES in operation:
                for kind in (*DOOR, MALFORMED, RATE_LIMITED, BUSY, UNAVAILABLE):
                    told = operation["responses"][str(kind.status)]["description"]
                    assert f"- `{kind.code}` " in told, (path, method)


def test_every_kind_of_problem_stands_in_its_catalogue_under_a_status_that_there_is() -> None:
    raised = {
        node.args[0].id
        for file in Path("app").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "ProtocolError"
        and isinstance(node.args[0], ast.Name)
    }
    defined = {
        target.id: node.value
        for node in ast.parse(Path("app/api/kinds.py").read_text()).body
        if isinstance(node, ast.AnnAssign)
        and isinstance(target := node.target, ast.Name)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "Kind"
    }

    assert {name for name in raised if name.isupper()} <= defined.keys()
    assert len(defined) == len(KINDS)
    for kind in KINDS:
        assert HTTPStatus(kind.status)
        assert kind.advice
