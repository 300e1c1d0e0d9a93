"""Events as CloudEvents 1.0, in structured mode: for tools that know the standard and not us.

Attributes of a CloudEvent are text, booleans or whole numbers of 32 bits: `position`, which may
grow beyond, is text, and so are the clauses, with blanks between.
"""

import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request

from app.api.edge import edge_of
from app.api.event_schemas import address_of_schema
from app.domain.decider import JsonObject
from app.events.recorded import Recorded, written_at

ONE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"

_TEXT: Final[JsonObject] = {"type": "string"}
_NUMBER: Final[JsonObject] = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
SCHEMA: Final[JsonObject] = {
    "title": "CloudEvent",
    "description": "CloudEvents 1.0, structured mode, JSON format.",
    "type": "object",
    "required": ["specversion", "id", "source", "type", "subject", "time", "data", "position"],
    "properties": {
        "specversion": _TEXT | {"examples": ["1.0"]},
        "id": _TEXT | {"format": "uuid", "description": "`event_id`."},
        "source": _TEXT
        | {"format": "uri-reference", "description": "The log's name, as its checkpoints have it."},
        "type": _TEXT | {"examples": ["sanbao.ClaimRegistered.v1"]},
        "subject": _TEXT | {"description": "The stream."},
        "time": _TEXT | {"format": "date-time", "description": "When it was recorded, UTC."},
        "datacontenttype": _TEXT,
        "dataschema": _TEXT | {"format": "uri", "description": "JSON Schema of `data`."},
        "data": {"type": "object"},
        "position": _TEXT | {"description": "Its place in the log, in digits."},
        "streamversion": _NUMBER,
        "person": _TEXT,
        "role": _TEXT,
        "onbehalfof": _TEXT,
        "client": _TEXT,
        "commandid": _TEXT,
        "correlationid": _TEXT,
        "causationid": _TEXT | {"description": "Left out where no event set it off."},
        "clauses": _TEXT | {"description": "With blanks between.", "examples": ["3.4 4.5"]},
        "rulepackversion": _NUMBER,
    },
}
CONTENT: Final[dict[str, Any]] = {ONE: {"schema": SCHEMA}}
BATCH_CONTENT: Final[dict[str, Any]] = {BATCH: {"schema": {"type": "array", "items": SCHEMA}}}


def cloud_event(request: Request, recorded: Recorded) -> JsonObject:
    """A recorded event as a CloudEvent; what there is not is left out.

    Args:
        request: tells the log's name and where its schemas are read.
        recorded: the event.
    """
    happened, by = recorded.happened, recorded.happened.by
    name = type(happened.event).__name__
    schema = address_of_schema(name, recorded.schema_version).removeprefix("/")
    told = {
        "specversion": "1.0",
        "id": happened.event_id,
        "source": quote(edge_of(request).origin, safe="/:@!$&'()*,;=-._~%"),
        "type": f"sanbao.{name}.v{recorded.schema_version}",
        "subject": recorded.stream,
        "time": written_at(happened.at),
        "datacontenttype": JSON,
        "dataschema": f"{request.base_url}{schema}",
        "position": str(recorded.position),
        "streamversion": recorded.version,
        "person": by.person,
        "role": str(by.role),
        "onbehalfof": by.on_behalf_of,
        "client": by.client,
        "commandid": recorded.command_id,
        "correlationid": recorded.correlation_id,
        "causationid": recorded.causation_id,
        "clauses": " ".join(recorded.clauses) or None,
        "rulepackversion": recorded.rule_pack_version,
        "data": recorded.data,
    }
    return {attribute: value for attribute, value in told.items() if value is not None}


def batch(request: Request, events: Iterable[Recorded]) -> str:
    """A batch of CloudEvents as JSON."""
    return json.dumps([cloud_event(request, each) for each in events], ensure_ascii=False)
