"""What can happen to the question whether a failure recurred, and what it adds up to."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Final, Literal, TypeAlias, assert_never

from pydantic import Field
from typing_extensions import override

from app.domain.decider import Event, Happened, JsonObject, Stream, Subject
from app.domain.replacing import replace
from app.domain.rules import Decision
from app.domain.values import Code, CustomerId, Id, Reason, SpecCode

Verdict = Literal["RECURRENCE", "KNOWN_CAUSE_BEFORE_MEASURE"]
"""What is said of a failure whose cause was met by a measure."""
Basis = Literal["PRODUCTION_DATE", "DECIDED", "LAPSED"]
"""Why: the production day says so, QA does, or nobody did in time (T23)."""


class RecurrenceStatus(StrEnum):
    """How it stands (状态)."""

    NOT_TESTED = "NOT_TESTED"
    TO_DECIDE = "TO_DECIDE"
    RECURRENCE = "RECURRENCE"
    KNOWN_CAUSE_BEFORE_MEASURE = "KNOWN_CAUSE_BEFORE_MEASURE"
    DROPPED = "DROPPED"


# --- what happens ---------------------------------------------------------------------------


class RecurrenceFact(Event):
    """Which failure, and which measure was to prevent it."""

    clause: ClassVar[str] = "4.6.1"
    schema_version: ClassVar[int] = 2

    case_id: Id
    case_no: Code
    customer_id: CustomerId
    spec_code: SpecCode
    cause_code: Code
    produced_on: date | None
    capa_id: Id
    capa_no: Code
    effective_from: date
    earlier_case_nos: tuple[Code, ...] = Field(
        description="The cases that the measure was taken for: of the CAPA, or of its claim."
    )

    @staticmethod
    def upcast_v1_v2(data: JsonObject) -> JsonObject:
        """The first version named the measure only."""
        return data | {"earlier_case_nos": []}

    @override
    def subject(self) -> Subject:
        """See `Event.subject`: the limit is the feedback case's."""
        return Subject("feedback-case", self.case_id)


class RecurrenceVerdict(RecurrenceFact):
    """What both verdicts say."""

    basis: Basis
    decision: Decision | None = Field(description="What R-08 saw, where the production day spoke.")
    reason: Reason | None = Field(description="Why, where a person decided.")

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return () if self.basis == "LAPSED" else ("T23",)

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`. Nobody misses the time to decide: it lapses."""
        return ("T23",) if self.basis == "LAPSED" else ()


class RecurrenceDetected(RecurrenceVerdict):
    """A part made under the measure failed from the cause that the measure was against (R-08)."""


class KnownCauseBeforeMeasure(RecurrenceVerdict):
    """The part was made before the measure: a statement to the customer suffices."""


class RecurrenceToDecide(RecurrenceFact):
    """Nobody knows when the part was made: QA is to decide in time (T23)."""


class RecurrenceQuestionDropped(RecurrenceFact):
    """There is nothing to decide any more."""

    because: Literal["CASE_ENDED", "NO_MEASURE"] = Field(
        description="The case was voided or merged, or no measure is against what it is now."
    )

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`."""
        return ("T23",)


RecurrenceEvent: TypeAlias = (
    RecurrenceDetected | KnownCauseBeforeMeasure | RecurrenceToDecide | RecurrenceQuestionDropped
)

# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecurrenceGround:
    """The failure and the measure that are compared."""

    spec_code: str
    cause_code: str
    produced_on: date | None
    capa_id: str
    capa_no: str
    effective_from: date


@dataclass(frozen=True, slots=True)
class SaidVerdict:
    """A verdict, on what ground and by whom."""

    verdict: Verdict
    basis: Basis
    ground: RecurrenceGround
    reason: str | None
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Recurrence:
    """What is known and said."""

    status: RecurrenceStatus = RecurrenceStatus.NOT_TESTED
    case_no: str = ""
    customer_id: str = ""
    ground: RecurrenceGround | None = None
    """What was looked at last."""
    earlier_case_nos: tuple[str, ...] = ()
    """The cases that the measure was taken for. No part of the ground: they decide nothing."""
    decide_by: datetime | None = None
    verdicts: tuple[SaidVerdict, ...] = ()
    """Oldest first; the last one counts while nothing is to be decided."""


def evolve(recurrence: Recurrence, happened: Happened[RecurrenceEvent]) -> Recurrence:
    """Apply one event."""
    event = happened.event
    seen = replace(
        recurrence,
        case_no=event.case_no,
        customer_id=event.customer_id,
        ground=ground_of(event),
        earlier_case_nos=event.earlier_case_nos,
        decide_by=None,
    )
    match event:
        case RecurrenceDetected():
            return _said(seen, "RECURRENCE", event, happened)
        case KnownCauseBeforeMeasure():
            return _said(seen, "KNOWN_CAUSE_BEFORE_MEASURE", event, happened)
        case RecurrenceToDecide():
            ends = next((each.due_at for each in event.due), None)
            return replace(seen, status=RecurrenceStatus.TO_DECIDE, decide_by=ends)
        case RecurrenceQuestionDropped():
            return replace(seen, status=RecurrenceStatus.DROPPED, ground=None)
        case unknown:
            assert_never(unknown)


def ground_of(event: RecurrenceFact) -> RecurrenceGround:
    """What an event compares."""
    return RecurrenceGround(
        spec_code=event.spec_code,
        cause_code=event.cause_code,
        produced_on=event.produced_on,
        capa_id=event.capa_id,
        capa_no=event.capa_no,
        effective_from=event.effective_from,
    )


def _said(
    seen: Recurrence,
    verdict: Verdict,
    event: RecurrenceVerdict,
    happened: Happened[RecurrenceEvent],
) -> Recurrence:
    said = SaidVerdict(
        verdict=verdict,
        basis=event.basis,
        ground=ground_of(event),
        reason=event.reason,
        said_by=happened.by.person,
        said_at=happened.at,
    )
    return replace(seen, status=RecurrenceStatus(verdict), verdicts=(*seen.verdicts, said))


RECURRENCE: Final = Stream(name="recurrence", initial=Recurrence(), evolve=evolve)
