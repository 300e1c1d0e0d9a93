"""Bodies that fit the document: built from its schemas, so that no command is forgotten."""

import re
from collections.abc import Iterator
from typing import Any, Final

from app.api.commands import CommandRoute, command_routes, parameter_of
from app.api.uploads import UPLOADS
from app.domain.aggregates import AGGREGATES

ROUTES: Final = [each for each in command_routes(AGGREGATES) if each.command not in UPLOADS]
"""Files are sent as their bytes: see tests/api/test_attachments.py."""
UNKNOWN: Final = "01a20b70-2aff-75f7-9e95-aa836d0a05b2"

WORDS: Final = (
    "C01", "1280.00", UNKNOWN, "2025Q1", "2025", "0.05", "CNY", "ClaimRegistered", "3",
    "description", f"claim-{UNKNOWN}", "A text of several words.",
)  # fmt: skip
"""Something for each pattern there is; the first that fits is taken."""

LEFT_OUT: Final = {"RecordCost": ["service_visit_id"]}
"""Optional fields that do not go with the others."""

Path = tuple[str | int, ...]


def body_of(route: CommandRoute) -> dict[str, Any]:
    """A body that the document allows, every optional field included."""
    schema = route.body.json_schema()
    body: dict[str, Any] = built(schema, schema.get("$defs", {}))
    for name in LEFT_OUT.get(route.command.__name__, ()):
        del body[name]
    route.body.validate_python(body)
    return body


def built(schema: dict[str, Any], defs: dict[str, Any]) -> Any:  # noqa: ANN401, PLR0911 - any JSON
    """A value that a schema allows."""
    if "$ref" in schema:
        return built(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return built(schema[several][0], defs)
    match schema.get("type"):
        case "object":
            named = {k: built(each, defs) for k, each in schema.get("properties", {}).items()}
            more = schema.get("additionalProperties")
            return named or ({"a": built(more, defs)} if isinstance(more, dict) else {})
        case "array":
            return [built(schema["items"], defs)] * max(1, schema.get("minItems", 1))
        case "string":
            return _text(schema)
        case "boolean":
            return True
        case "integer" | "number":
            return max(1, schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
        case _:
            return 1


def _text(schema: dict[str, Any]) -> str:
    if schema.get("format") in {"date", "date-time"}:
        return {"date": "2025-03-03", "date-time": "2025-03-03T04:00:00Z"}[schema["format"]]
    pattern = schema.get("pattern", "")
    fits = (
        each
        for each in WORDS
        if re.search(pattern, each) and len(each) >= schema.get("minLength", 0)
    )
    return next(fits)


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:  # noqa: ANN401 - any JSON
    """Where strings, numbers and truths stand, and every list and object around them."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*path, index))


def put(value: Any, path: Path, part: Any) -> Any:  # noqa: ANN401 - any JSON
    """A copy with another part at a place."""
    if not path:
        return part
    head, *rest = path
    if isinstance(value, dict):
        return {k: put(v, tuple(rest), part) if k == head else v for k, v in value.items()}
    return [put(v, tuple(rest), part) if i == head else v for i, v in enumerate(value)]


def address(route: CommandRoute, to: str = "") -> str:
    """Where a command is sent: to an aggregate, of which there is none unless it is named."""
    name = parameter_of(route.decider)
    return route.path if name is None else route.path.replace(f"{{{name}}}", to or _id(route))


def _id(route: CommandRoute) -> str:
    if route.decider.identity == "uuid":
        return UNKNOWN
    return {"quarter": "2025Q1", "year": "2025"}.get(route.decider.code_name, "X1")
