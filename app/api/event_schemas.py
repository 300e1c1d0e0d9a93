"""JSON Schemas of the events' data: one for every version that ever was, for ever the same.

A field that has a default need not be there: it was added without a new version, and events that
were recorded before lack it. The schemas are as open as the OpenAPI document: whoever is
handed an event may look up what it means.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.api.queries import NOT_FOUND, NoParameters
from app.domain.aggregates import AGGREGATES
from app.domain.decider import Event, JsonObject
from app.domain.errors import NotFound

router: Final = APIRouter(prefix="/v1/event-schemas", tags=["events"])

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

ADDED: Final[Mapping[tuple[str, int], Sequence[str]]] = {
    ("CapaIssued", 2): ("source", "project_id", "project_no", "quarter"),
    ("CostRecorded", 2): ("service_visit_id", "visit_no", "apart_from_visits"),
    ("KnownCauseBeforeMeasure", 2): ("earlier_case_nos",),
    ("RecurrenceDetected", 2): ("earlier_case_nos",),
    ("RecurrenceQuestionDropped", 2): ("earlier_case_nos",),
    ("RecurrenceToDecide", 2): ("earlier_case_nos",),
    ("ReturnReceived", 2): (
        "customer_id",
        "arrived_at",
        "register_by",
        "registered_late",
        "lines.spec_code",
        "lines.lot_no",
    ),
}
"""What a version has that the one before it had not, as its `upcast` step puts it in. A test
compares the schemas with the shapes in tests/events/shapes."""


class EventSchema(BaseModel):
    """The shape of one version of an event's `data` (事件结构)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(examples=["ClaimRegistered"])
    version: int
    kind: str = Field(description="The kind of stream it stands in.", examples=["claim"])
    latest: bool = Field(description="Whether events of this type are recorded so today.")
    href: str = Field(examples=["/v1/event-schemas/ClaimRegistered/1"])
    json_schema: dict[str, Any] = Field(description="JSON Schema, draft 2020-12.")


class EventSchemas(BaseModel):
    """Every version of every event, in the order of the catalogue."""

    model_config = ConfigDict(extra="forbid")

    data: list[EventSchema]


def address_of_schema(type_: str, version: int) -> str:
    """Where a schema is read."""
    return f"/v1/event-schemas/{type_}/{version}"


@cache
def event_schemas() -> Mapping[tuple[str, int], EventSchema]:
    """Every schema there is, by type and version."""
    return {
        (each.type, each.version): each
        for decider in AGGREGATES
        for event_type in decider.stream.event_types
        for each in _versions(event_type, decider.name)
    }


def _versions(event_type: type[Event], kind: str) -> Iterator[EventSchema]:
    """A type's schemas, the latest first: each older one lacks what came after it."""
    name = event_type.__name__
    schema = TypeAdapter(event_type).json_schema(mode="serialization")
    for version in range(event_type.schema_version, 0, -1):
        href = address_of_schema(name, version)
        yield EventSchema(
            type=name,
            version=version,
            kind=kind,
            latest=version == event_type.schema_version,
            href=href,
            json_schema={"$schema": DIALECT, "$id": href} | schema,
        )
        schema = _without(schema, ADDED.get((name, version), ()))


def _without(schema: JsonObject, paths: Sequence[str]) -> JsonObject:
    """A schema without some fields: `lines.spec_code` is one of each line."""
    changed = deepcopy(schema)
    for path in paths:
        *outer, field = path.split(".")
        place = changed
        for part in outer:
            place = _resolved(place["properties"][part]["items"], changed)
        del place["properties"][field]
        if field in place.get("required", ()):
            place["required"].remove(field)
    used = json.dumps(changed)
    defs = changed.get("$defs", {})
    for name in [each for each in defs if f'"#/$defs/{each}"' not in used]:
        del defs[name]
    return changed


def _resolved(schema: JsonObject, root: JsonObject) -> JsonObject:
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    return root["$defs"][name] if name else schema


@cache
def listing() -> str:
    """Every schema, as it is served and checked in."""
    whole = EventSchemas(data=list(event_schemas().values()))
    return json.dumps(whole.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


@router.get("", response_model=EventSchemas)
async def list_event_schemas(request: Request, _: NoParameters) -> Response:
    """Read the JSON Schema of every version of every event (事件结构). No key is needed."""
    return _answer(request, listing(), "application/json")


@router.get(
    "/{type}/{version}",
    responses=NOT_FOUND
    | {200: {"content": {"application/schema+json": {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def get_event_schema(
    request: Request,
    type_: Annotated[str, Path(alias="type", max_length=80, examples=["ClaimRegistered"])],
    version: Annotated[int, Path(ge=1, le=10_000)],
    _: NoParameters,
) -> Response:
    """Read the JSON Schema of one version of an event's `data`. No key is needed."""
    found = event_schemas().get((type_, version))
    if found is None:
        raise NotFound(kind="event-schema", id=f"{type_}/{version}")
    text = json.dumps(found.json_schema, ensure_ascii=False)
    return _answer(request, text, "application/schema+json")


def _answer(request: Request, text: str, media_type: str) -> Response:
    headers = {
        "ETag": f'"{sha256(text.encode()).hexdigest()[:32]}"',
        "Cache-Control": "public, max-age=3600",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers, media_type=media_type)
