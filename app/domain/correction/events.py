"""What can happen to a correction, and what it adds up to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from pydantic import Field, StrictBool, StringConstraints

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.values import Code, Id, Reason

StreamName = Annotated[
    str,
    StringConstraints(max_length=120, pattern=r"^[a-z]+(-[a-z]+)*-\S(.{0,78}\S)?$"),
    Field(description="Where the event is recorded.", examples=["return-list-0194f3a2-…"]),
]
FieldPath = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$", max_length=120),
    Field(description="字段: the place in the event, dotted.", examples=["lines.0.pieces"]),
]
Value: TypeAlias = (
    StrictBool
    | Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
    | Annotated[str, StringConstraints(max_length=4_000)]
    | None
)
"""One value of a record, as its JSON has it: money in whole fen, days in ISO form."""


class CorrectionStatus(StrEnum):
    """Whether a second person stands by it (状态)."""

    NOT_PROPOSED = "NOT_PROPOSED"
    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class CorrectionFact(Event):
    """What every event says: which event of which record is corrected, and in what."""

    correction_no: Code
    event_id: Id
    stream: StreamName
    field: FieldPath
    recorded: Value
    correct: Value
    reason: Reason


class CorrectionProposed(CorrectionFact):
    """Somebody says that a recorded fact was another one, and why."""

    clause: ClassVar[str] = "5.2"
    numbered: ClassVar[str | None] = "correction_no"


class FactCorrected(CorrectionFact):
    """A second person stands by it: read the fact as corrected from now on."""

    clause: ClassVar[str] = "5.2"

    proposed_by: str


class CorrectionRejected(CorrectionFact):
    """The fact stands as it was recorded; `reason` is why the correction was turned down."""

    clause: ClassVar[str] = "5.2"


CorrectionEvent: TypeAlias = CorrectionProposed | FactCorrected | CorrectionRejected


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction as it stands."""

    status: CorrectionStatus = CorrectionStatus.NOT_PROPOSED
    correction_no: str = ""
    event_id: str = ""
    stream: str = ""
    field: str = ""
    recorded: Value = None
    correct: Value = None
    reason: str = ""
    proposed_by: str = ""
    proposed_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    rejected_because: str | None = None


def evolve(correction: Correction, happened: Happened[CorrectionEvent]) -> Correction:
    """Apply one event."""
    by, at = happened.by.person, happened.at
    match happened.event:
        case CorrectionProposed() as event:
            return Correction(
                status=CorrectionStatus.PROPOSED, proposed_by=by, proposed_at=at, **event.said()
            )
        case FactCorrected():
            return replace(
                correction, status=CorrectionStatus.APPROVED, decided_by=by, decided_at=at
            )
        case CorrectionRejected(reason=reason):
            return replace(
                correction,
                status=CorrectionStatus.REJECTED,
                decided_by=by,
                decided_at=at,
                rejected_because=reason,
            )
        case _:
            assert_never(happened.event)


CORRECTION: Final = Stream(name="correction", initial=Correction(), evolve=evolve)
