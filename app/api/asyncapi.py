"""The AsyncAPI 3.0 document: every event as a message, made from the catalogue of events."""

import json
from copy import deepcopy
from functools import cache
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from app.api.event_schemas import EventSchema, event_schemas
from app.api.events import RecordedEvent
from app.api.queries import NoParameters
from app.api.schemas import TEMPLATE, Named, each_part, schemas_of
from app.domain.aggregates import AGGREGATES
from app.domain.decider import JsonObject
from app.events.codec import Codec

router: Final = APIRouter(tags=["events"])

DESCRIPTION: Final = (
    "Everything that happens is an event of the log, in the order of `position`, without gaps. "
    "Followers poll `/v1/events` or keep `/v1/events/stream` open; both resume by position. "
    "With `Accept: application/cloudevents+json` the same events come as CloudEvents 1.0. "
    "事件按 position 顺序记录,无间断。"
)

_CODEC: Final = Codec(each.stream for each in AGGREGATES)

CHANNELS: Final = (
    ("feed", "/v1/events", "Pages of the log, read on with `after=`. 分页读取。", "readEvents"),
    (
        "stream",
        "/v1/events/stream",
        "Server-sent events; resumed by `Last-Event-ID`. 服务器推送。",
        "streamEvents",
    ),
)


@cache
def asyncapi(version: str) -> str:
    """The document, as it is served and checked in.

    Args:
        version: of the service.
    """
    known = event_schemas().values()
    envelope: Named = ("RecordedEvent", "serialization", TypeAdapter(RecordedEvent))
    wanted = [envelope, *(_named(each) for each in known if each.latest)]
    data, schemas = schemas_of(wanted, GenerateJsonSchema)
    for each in known:
        if not each.latest:
            schemas[_name(each)] = _hoisted(each, schemas)
            data[_name(each)] = {"$ref": TEMPLATE.format(model=_name(each))}
    messages = {_name(each): _message(each, data[_name(each)]) for each in known}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Sanbao 三包", "version": version, "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {
            name: {
                "address": address,
                "description": words,
                "messages": {each: {"$ref": f"#/components/messages/{each}"} for each in messages},
            }
            for name, address, words, _ in CHANNELS
        },
        "operations": {
            operation: {
                "action": "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": words,
                "security": [{"$ref": "#/components/securitySchemes/key"}],
                "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
            }
            for name, _, words, operation in CHANNELS
        },
        "components": {
            "messages": messages,
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _name(schema: EventSchema) -> str:
    return f"{schema.type}.v{schema.version}"


def _named(schema: EventSchema) -> Named:
    event_type = _CODEC.event_types[schema.type]
    return (_name(schema), "serialization", TypeAdapter(event_type))


def _message(schema: EventSchema, data: JsonObject) -> JsonObject:
    """One version of an event: the envelope of all, with this data."""
    told = {
        "type": {"const": schema.type},
        "schema_version": {"const": schema.version},
        "data": data,
    }
    return {
        "name": f"sanbao.{_name(schema)}",
        "title": schema.type,
        "summary": schema.json_schema.get("description", "").split("\n", 1)[0],
        "contentType": "application/json",
        "tags": [{"name": schema.kind}],
        "payload": {
            "type": "object",
            "allOf": [{"$ref": TEMPLATE.format(model="RecordedEvent")}, {"properties": told}],
        },
    }


def _hoisted(schema: EventSchema, schemas: JsonObject) -> JsonObject:
    """An older shape, whose definitions go among the components under its own name."""
    own = deepcopy(schema.json_schema)
    place, owner = "#/$defs/", _name(schema)

    def refer(part: JsonObject) -> None:
        reference = str(part.get("$ref", ""))
        if reference.startswith(place):
            part["$ref"] = TEMPLATE.format(model=f"{owner}.{reference.removeprefix(place)}")

    each_part(own, refer)
    for name, definition in own.pop("$defs", {}).items():
        schemas[f"{owner}.{name}"] = definition
    return {name: part for name, part in own.items() if name not in {"$schema", "$id"}}


@router.get("/asyncapi.json", include_in_schema=False)
async def get_asyncapi(request: Request, _: NoParameters) -> Response:
    """The AsyncAPI document. No key is needed."""
    return Response(asyncapi(request.app.version), media_type="application/json")
