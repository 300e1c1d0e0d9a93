"""An event as it is recorded, and the bytes that are hashed.

The canonical bytes are the RFC 8785 form of the whole recorded event. They are stored as text
beside the columns, because jsonb reorders keys and rewrites numbers.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from app.domain.decider import Event, Happened, JsonObject

_encode: Final[Callable[[Any], str]] = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def canonical(value: JsonObject) -> str:
    """RFC 8785 for what events hold: text, whole numbers below 2**53, booleans, null, no floats.

    For these, the standard encoder with sorted keys writes the same bytes as RFC 8785 as long as
    keys are ASCII; a property test compares it with an implementation of the standard.
    """
    return _encode(value)


def written_at(instant: datetime) -> str:
    """An instant as the canonical bytes and the API spell it: `2025-03-03T04:00:00.000000Z`."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What happened, where it stands in its stream and in the log, and what came before it."""

    position: int
    stream: str
    version: int
    schema_version: int
    happened: Happened[Any]
    data: JsonObject
    command_id: str
    correlation_id: str
    causation_id: str | None
    clauses: tuple[str, ...]
    """The clauses of YTCXQP034 that the event is evidence of, as it was hashed with them."""
    rule_pack_version: int
    state: Any = None
    """What the event's aggregate adds up to after it; ledgers read it, the log does not keep it."""

    @property
    def event(self) -> Event:
        """The event itself."""
        event: Event = self.happened.event
        return event

    @property
    def type(self) -> str:
        """The event's name."""
        return type(self.happened.event).__name__

    @property
    def reason(self) -> str | None:
        """Why, where the person was asked for a reason."""
        return self.data.get("reason")

    def envelope(self) -> JsonObject:
        """The whole recorded event, as it is hashed and as the feed shows it."""
        by = self.happened.by
        return {
            "position": self.position,
            "stream": self.stream,
            "version": self.version,
            "event_id": self.happened.event_id,
            "type": self.type,
            "schema_version": self.schema_version,
            "data": self.data,
            "person": by.person,
            "role": str(by.role),
            "on_behalf_of": by.on_behalf_of,
            "client": by.client,
            "reason": self.reason,
            "recorded_at": written_at(self.happened.at),
            "command_id": self.command_id,
            "correlation_id": self.correlation_id,
            "causation_id": self.causation_id,
            "clauses": list(self.clauses),
            "rule_pack_version": self.rule_pack_version,
        }


def leaf_hash(canonical_text: str) -> bytes:
    """The leaf of the tree of hashes: SHA-256 of 0x00 and the canonical bytes (RFC 6962)."""
    return sha256(b"\x00" + canonical_text.encode()).digest()
