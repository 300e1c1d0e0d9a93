"""What can happen to an escalation, and what it adds up to."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, Literal, TypeAlias, assert_never

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.rules import Decision
from app.domain.values import Code, Count, CustomerId, Department, Id, SpecCode, Text

ReasonCode = Literal["AMOUNT", "SPEC_COUNT"]
"""Why a claim goes to the general manager: R-04 or R-05."""
AccountabilityKind = Literal["PERSON", "LEADER"]
"""Who is held accountable: the person responsible (当事人) or the leader (部门领导)."""
Duty = Literal["TRACE", "CAPA", "ACCOUNTABILITY", "ACCOUNTABILITY_PERSON", "ACCOUNTABILITY_LEADER"]
"""What an escalation may still lack. ACCOUNTABILITY: neither person nor leader is recorded."""


class EscalationStatus(StrEnum):
    """How far it is (状态). Between acknowledgement and close the order is free."""

    NOT_RAISED = "NOT_RAISED"
    RAISED = "RAISED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    CLOSED = "CLOSED"


class EscalationReason(BaseModel):
    """A rule that fired, and what it saw (上报原因). A spec's reason names spec and window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: ReasonCode
    decision: Decision
    spec_code: SpecCode | None = None
    window: str | None = Field(
        default=None, description="In which time it was counted, of whom.", examples=["2025"]
    )
    counted_on: date | None = Field(default=None, description="The day up to which it was counted.")


# --- what can happen ------------------------------------------------------------------------


class EscalationRaised(Event):
    """A claim must go to the general manager, who is to acknowledge it in time (R-04, R-05)."""

    clause: ClassVar[str] = "4.5"
    numbered: ClassVar[str | None] = "escalation_no"

    escalation_no: Code
    claim_id: Id
    claim_no: Code
    customer_id: CustomerId
    reasons: tuple[EscalationReason, ...]
    spec_code: SpecCode | None
    acknowledge_by: datetime


class EscalationFact(Event):
    """What every later event repeats, so that the claim ledger need not look it up."""

    clause: ClassVar[str] = "4.5"

    escalation_no: Code
    claim_id: Id
    claim_no: Code


class CapaRequested(EscalationFact):
    """The same spec was claimed too often: a CAPA report must be issued for it (R-05)."""

    spec_code: SpecCode


class ClaimLinkedToEscalation(EscalationFact):
    """One more claim of the spec, while its escalation is open. It names the claim linked."""

    customer_id: CustomerId
    spec_code: SpecCode
    counted_on: date
    decision: Decision


class EscalationBasisChanged(EscalationFact):
    """What a reason rests on is not what it was. It names the claim that changed."""

    reason: ReasonCode
    spec_code: SpecCode | None
    old_observed: int
    new_observed: int
    unit: Literal["FEN", "PIECES", "CLAIMS"]
    cause_event_id: str


class EscalationAcknowledged(EscalationFact):
    """The general manager knows and gives an instruction."""

    instruction: Text

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T13",)


class TraceRecorded(EscalationFact):
    """Lots were traced and stock was screened (追溯和排查)."""

    lots: tuple[Code, ...]
    stock_checked: Count
    nok: Count
    findings: Text

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T14",)


class EscalationCapaIssued(EscalationFact):
    """A CAPA report was issued for it."""

    capa_id: Id
    capa_no: Code

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T18",)


class AccountabilityRecorded(EscalationFact):
    """Somebody was held accountable; what it means for pay is not told here (追究责任)."""

    person_id: Code
    department: Department
    kind: AccountabilityKind
    clause_text: Text
    measure: Text
    decision: Text


class EscalationClosed(EscalationFact):
    """Every duty is done; the general manager closes it."""

    summary: Text

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`."""
        return ("T13", "T14", "T18")


EscalationEvent: TypeAlias = (
    EscalationRaised
    | CapaRequested
    | ClaimLinkedToEscalation
    | EscalationBasisChanged
    | EscalationAcknowledged
    | TraceRecorded
    | EscalationCapaIssued
    | AccountabilityRecorded
    | EscalationClosed
)

# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason as it was decided, and what its basis is now; fen, pieces or claims as it says."""

    code: ReasonCode
    decision: Decision
    spec_code: str | None
    window: str | None
    counted_on: date | None
    observed_now: int


@dataclass(frozen=True, slots=True)
class LinkedClaim:
    """One more claim of the spec, and what the rule saw."""

    claim_id: str
    claim_no: str
    customer_id: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Trace:
    """One round of tracing and screening."""

    lots: tuple[str, ...]
    stock_checked: int
    nok: int
    findings: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class CapaLink:
    """A CAPA report of the escalation."""

    capa_id: str
    capa_no: str


@dataclass(frozen=True, slots=True)
class Accountability:
    """Who was held accountable, for what and how."""

    person_id: str
    department: Department
    kind: AccountabilityKind
    clause_text: str
    measure: str
    decision: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Escalation:
    """An escalation as it stands."""

    status: EscalationStatus = EscalationStatus.NOT_RAISED
    escalation_no: str = ""
    claim_id: str = ""
    claim_no: str = ""
    customer_id: str = ""
    spec_code: str | None = None
    reasons: tuple[Ground, ...] = ()
    raised_at: datetime | None = None
    acknowledge_by: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    instruction: str | None = None
    linked_claims: tuple[LinkedClaim, ...] = ()
    capa_requested_for: tuple[str, ...] = ()
    """The specs that were claimed too often."""
    traces: tuple[Trace, ...] = ()
    capas: tuple[CapaLink, ...] = ()
    accountability: tuple[Accountability, ...] = ()
    missing: tuple[Duty, ...] = field(default=())
    """What must be done before it can be closed."""
    closed_at: datetime | None = None
    closed_by: str | None = None
    summary: str | None = None

    def ground(self, code: ReasonCode, spec_code: str | None) -> Ground | None:
        """The reason of that kind, for that spec."""
        found = (each for each in self.reasons if (each.code, each.spec_code) == (code, spec_code))
        return next(found, None)


def missing_duties(escalation: Escalation) -> tuple[Duty, ...]:
    """What clause 4.5 still asks for."""
    kinds = {each.kind for each in escalation.accountability}
    duties: tuple[tuple[Duty, bool], ...] = (
        ("TRACE", not escalation.traces),
        ("CAPA", not escalation.capas),
        ("ACCOUNTABILITY", not kinds),
        ("ACCOUNTABILITY_PERSON", kinds == {"LEADER"}),
        ("ACCOUNTABILITY_LEADER", kinds == {"PERSON"}),
    )
    return tuple(duty for duty, is_missing in duties if is_missing)


def evolve(escalation: Escalation, happened: Happened[EscalationEvent]) -> Escalation:
    """Apply one event."""
    changed = _apply(escalation, happened)
    return replace(changed, missing=missing_duties(changed))


def _apply(  # noqa: PLR0911 - one line an event
    escalation: Escalation, happened: Happened[EscalationEvent]
) -> Escalation:
    at, by = happened.at, happened.by.person
    match happened.event:
        case EscalationRaised() as event:
            return _raised(event, at)
        case CapaRequested(spec_code=spec_code):
            requested = (*escalation.capa_requested_for, spec_code)
            return replace(escalation, capa_requested_for=requested)
        case ClaimLinkedToEscalation() as event:
            return _linked(escalation, event)
        case EscalationBasisChanged() as event:
            now = {"observed_now": event.new_observed}
            return _with_ground(escalation, event.reason, event.spec_code, now)
        case EscalationAcknowledged(instruction=instruction):
            return replace(
                escalation,
                status=EscalationStatus.ACKNOWLEDGED,
                acknowledged_at=at,
                acknowledged_by=by,
                instruction=instruction,
            )
        case TraceRecorded() as event:
            trace = Trace(event.lots, event.stock_checked, event.nok, event.findings, by, at)
            return replace(escalation, traces=(*escalation.traces, trace))
        case EscalationCapaIssued() as event:
            link = CapaLink(event.capa_id, event.capa_no)
            return replace(escalation, capas=(*escalation.capas, link))
        case AccountabilityRecorded() as event:
            return replace(
                escalation,
                accountability=(*escalation.accountability, _accountability(event, by, at)),
            )
        case EscalationClosed(summary=summary):
            closed = EscalationStatus.CLOSED
            return replace(escalation, status=closed, closed_at=at, closed_by=by, summary=summary)
        case unknown:
            assert_never(unknown)


def _raised(event: EscalationRaised, at: datetime) -> Escalation:
    grounds = tuple(
        Ground(
            code=each.code,
            decision=each.decision,
            spec_code=each.spec_code,
            window=each.window,
            counted_on=each.counted_on,
            observed_now=each.decision.observed,
        )
        for each in event.reasons
    )
    return Escalation(
        status=EscalationStatus.RAISED,
        escalation_no=event.escalation_no,
        claim_id=event.claim_id,
        claim_no=event.claim_no,
        customer_id=event.customer_id,
        spec_code=event.spec_code,
        reasons=grounds,
        raised_at=at,
        acknowledge_by=event.acknowledge_by,
    )


def _linked(escalation: Escalation, event: ClaimLinkedToEscalation) -> Escalation:
    link = LinkedClaim(event.claim_id, event.claim_no, event.customer_id, event.decision)
    linked = replace(escalation, linked_claims=(*escalation.linked_claims, link))
    now = {"observed_now": event.decision.observed, "counted_on": event.counted_on}
    return _with_ground(linked, "SPEC_COUNT", event.spec_code, now)


def _with_ground(
    escalation: Escalation, code: ReasonCode, spec_code: str | None, now: dict[str, Any]
) -> Escalation:
    meant = escalation.ground(code, spec_code)
    grounds = (replace(each, **now) if each is meant else each for each in escalation.reasons)
    return replace(escalation, reasons=tuple(grounds))


def _accountability(event: AccountabilityRecorded, by: str, at: datetime) -> Accountability:
    return Accountability(
        person_id=event.person_id,
        department=event.department,
        kind=event.kind,
        clause_text=event.clause_text,
        measure=event.measure,
        decision=event.decision,
        recorded_by=by,
        recorded_at=at,
    )


ESCALATION: Final = Stream(name="escalation", initial=Escalation(), evolve=evolve)
