"""Events to JSON and back, old versions lifted to today's shape on the way in."""

from collections.abc import Iterable
from typing import Any

from app.domain.decider import Event, JsonObject, Stream


class UnknownEvent(Exception):
    """The log holds an event that this version of the service does not know: stop, never skip."""


class Codec:
    """Knows every event that the given streams can evolve; there is no list to keep."""

    def __init__(self, streams: Iterable[Stream[Any, Any]]) -> None:
        self.event_types: dict[str, type[Event]] = {}
        self.stream_of: dict[str, str] = {}
        """The kind of stream in which an event stands, by the event's name."""
        for stream in streams:
            for event_type in stream.event_types:
                self.event_types[event_type.__name__] = event_type
                self.stream_of[event_type.__name__] = stream.name

    def encode(self, event: Event) -> JsonObject:
        """The event's data, always in today's shape."""
        return event.model_dump(mode="json")

    def decode(self, type_: str, schema_version: int, data: JsonObject) -> Event:
        """Lift the data step by step, `upcast_v1_v2` and so on, then check it whole.

        Raises:
            UnknownEvent: the type, or a version newer than ours, is not known here.
        """
        event_type = self.event_types.get(type_)
        if event_type is None or schema_version > event_type.schema_version:
            raise UnknownEvent(f"{type_} v{schema_version}")
        for version in range(schema_version, event_type.schema_version):
            data = getattr(event_type, f"upcast_v{version}_v{version + 1}")(dict(data))
        return event_type.model_validate(data)
