"""An event is read as it was recorded, whatever this version would write of it today."""

from datetime import UTC, datetime
from json import loads
from pathlib import Path
from typing import Any
from uuid import UUID

from app.domain.deadline.events import DEADLINE, DeadlineMissed
from app.events.codec import Codec
from app.events.store import recorded_of

SHAPE = Path(__file__).parent / "shapes" / "DeadlineMissed.v1.json"
AT = datetime(2025, 3, 3, 6, tzinfo=UTC)


def test_an_event_keeps_the_clauses_that_it_was_hashed_with() -> None:
    row: dict[str, Any] = {
        "position": 7,
        "stream": "deadline-T1-1",
        "version": 1,
        "event_id": UUID(int=1),
        "type": DeadlineMissed.__name__,
        "schema_version": 1,
        "data": loads(SHAPE.read_text()),
        "person": "system",
        "role": "SYSTEM",
        "on_behalf_of": None,
        "client": None,
        "recorded_at": AT,
        "command_id": UUID(int=2),
        "correlation_id": "clock-T1-1",
        "causation_id": None,
        "clauses": ["4.2"],
        "rule_pack_version": 1,
    }

    recorded = recorded_of(row, Codec([DEADLINE]))

    assert recorded.envelope()["clauses"] == ["4.2"]
    assert recorded.event.evidence_of() != ("4.2",)
