"""The schemas of the OpenAPI document: what is sent in, and what comes back.

What comes back always has all of its fields, those with defaults too; a client need not ask
whether they are there. So a class that is both sent and answered may have two schemas: `Money`
comes back, `MoneyInput` is sent.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, TypeAlias

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema
from typing_extensions import override

from app.domain.decider import JsonObject
from app.domain.labels import code_list_of

TEMPLATE: Final = "#/components/schemas/{model}"
_PREFIX: Final = TEMPLATE.format(model="")

Named: TypeAlias = tuple[str, Literal["validation", "serialization"], TypeAdapter[Any]]
"""A name of ours, whether it is sent or answered, and what reads or writes it."""


class Schemas(GenerateJsonSchema):
    """Pydantic's schemas, but a field that is always answered is required in answers."""

    @override
    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        """Whether a field must be sent, or is always answered."""
        if self.mode == "serialization":
            return field.get("serialization_exclude_if") is None
        return super().field_is_required(field, total)


def schemas_of(
    wanted: Iterable[Named], generator: type[GenerateJsonSchema] = Schemas
) -> tuple[dict[str, JsonObject], JsonObject]:
    """The schemas that commands take and answers have.

    Args:
        wanted: which.
        generator: what makes them.

    Returns:
        Those that were wanted, by their names, and the components that they refer to.
    """
    found, definitions = TypeAdapter.json_schemas(
        list(wanted), ref_template=TEMPLATE, schema_generator=generator
    )
    definitions = definitions.get("$defs", {})
    components = {_spoken(name): schema for name, schema in definitions.items()}
    if len(components) < len(definitions):
        raise AssertionError("two classes would have one name in the document")
    schemas = {name: schema for (name, _), schema in found.items()}
    each_part((schemas, components), _speak)
    return schemas, components


def _spoken(name: str) -> str:
    """A class's own name; of two classes of one name, each is called by its room, too.

    `Money-Output` is `Money`, and `Money-Input` is `MoneyInput`;
    `app__domain__claim__state__Proposal` is `ClaimProposal`.
    """
    *place, own = name.removesuffix("-Output").replace("-Input", "Input").split("__")
    if not place:
        return own
    room = place[2] if place[:2] == ["app", "domain"] else place[-1]
    prefix = "".join(part.title() for part in room.split("_"))
    return own if own.startswith(prefix) else prefix + own


def _speak(schema: JsonObject) -> None:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        schema["$ref"] = _PREFIX + _spoken(reference.removeprefix(_PREFIX))


def referred_to(paths: JsonObject, components: JsonObject) -> list[str]:
    """The components that the paths refer to, directly or through others, by name."""
    found: set[str] = set()
    waiting: list[Any] = [paths]

    def look(schema: JsonObject) -> None:
        name = str(schema.get("$ref", "")).removeprefix(_PREFIX)
        if name and name not in found:
            found.add(name)
            waiting.append(components[name])

    while waiting:
        each_part(waiting.pop(), look)
    return sorted(found)


def outcome_schema(name: str, state: JsonObject) -> JsonObject:
    """What every command of an aggregate answers."""
    return {
        "title": f"{name}Outcome",
        "type": "object",
        "required": ["id", "revision", "position", "recorded_at", "events", "state"],
        "properties": {
            "id": {"type": "string", "title": "Id"},
            "revision": {"type": "integer", "title": "Revision", "description": "Also the ETag."},
            "position": {
                "type": "integer",
                "title": "Position",
                "description": "Of its last event in the log.",
            },
            "recorded_at": {"type": "string", "format": "date-time", "title": "Recorded At"},
            "events": {
                "type": "array",
                "title": "Events",
                "items": {"$ref": TEMPLATE.format(model="EventBrief")},
            },
            "state": state,
        },
    }


NEW_KEY: Final = "NewAccessKey"


def new_key_schema(outcome: JsonObject) -> JsonObject:
    """What a command answers that leads to a new access key."""
    key = {
        "type": ["string", "null"],
        "title": "Key",
        "description": "The text of the new key, this once: `sk_<id>_<secret>`. Null when the "
        "command was sent before under the same idempotency key. 密钥仅显示一次。",
    }
    return outcome | {
        "title": NEW_KEY,
        "required": [*outcome["required"], "key"],
        "properties": outcome["properties"] | {"key": key},
    }


def record_schema(name: str, state: JsonObject) -> JsonObject:
    """What reading one aggregate answers."""
    return {
        "title": f"{name}Record",
        "type": "object",
        "required": ["id", "revision", "state"],
        "properties": {
            "id": {"type": "string", "title": "Id"},
            "revision": {"type": "integer", "title": "Revision", "description": "Also the ETag."},
            "state": state,
        },
    }


EVENT_BRIEF: Final[JsonObject] = {
    "title": "EventBrief",
    "type": "object",
    "required": ["position", "event_id", "type", "stream", "version"],
    "properties": {
        "position": {"type": "integer", "title": "Position"},
        "event_id": {"type": "string", "format": "uuid", "title": "Event Id"},
        "type": {"type": "string", "title": "Type", "examples": ["ClaimRegistered"]},
        "stream": {"type": "string", "title": "Stream"},
        "version": {"type": "integer", "title": "Version"},
    },
}


def name_code_lists(document: JsonObject) -> None:
    """Say at every enumeration where its labels are read."""

    def name(schema: JsonObject) -> None:
        if isinstance(schema.get("enum"), list) and schema.get("type") == "string":
            codes = code_list_of(schema["enum"], schema.get("title"))
            if codes is not None:
                schema["x-labels"] = f"/v1/labels/{codes.name}"

    each_part(document, name)


def each_part(document: Any, change: Callable[[JsonObject], None]) -> None:  # noqa: ANN401 - any JSON
    """Change every object of a document in its place, from the outside in."""
    if isinstance(document, dict):
        change(document)
        for part in list(document.values()):
            each_part(part, change)
    elif isinstance(document, list | tuple):
        for part in document:
            each_part(part, change)
