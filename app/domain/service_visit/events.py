"""What can happen to a service visit, and how it adds up."""

from datetime import datetime
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field
from typing_extensions import override

from app.domain.decider import Event, Happened, Stream, Subject
from app.domain.money import Fen
from app.domain.replacing import replace
from app.domain.service_visit.state import (
    CustomerSignature,
    ServiceFinding,
    ServiceVisit,
    ServiceWork,
    VisitProvince,
    VisitStatus,
)
from app.domain.values import Code, Count, CustomerId, Id, Reason, SpecCode, Text

# --- what happens ---------------------------------------------------------------------------


class VisitFact(Event):
    """What every event says, so that readers need no other stream."""

    clause: ClassVar[str] = "4.3"

    visit_no: Code
    case_id: Id
    case_no: Code
    customer_id: CustomerId
    spec_code: SpecCode


class ServiceVisitDispatched(VisitFact):
    """Somebody is sent to the customer, to begin in time (T5)."""

    numbered: ClassVar[str | None] = "visit_no"

    person: Code
    place: Text
    province: VisitProvince
    bring: Text | None
    purpose: Text
    start_by: datetime = Field(description="Until when it begins (T5).")

    @override
    def stops_of(self) -> tuple[tuple[Subject, str], ...]:
        """See `Event.stops_of`: a visit is the feedback case's handling plan."""
        return ((Subject("feedback-case", self.case_id), "T4"),)


class ServiceVisitStarted(VisitFact):
    """Somebody is on the spot."""

    started_at: datetime

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T5",)


class ServiceFindingRecorded(VisitFact):
    """Something was seen and done on the spot; whose fault it was is not told here."""

    clause: ClassVar[str] = "3.6"

    work: ServiceWork
    findings: Text
    qty: Count
    photos: tuple[Code, ...]


class ServiceVisitCompleted(VisitFact):
    """The work on the spot is done, and the customer signed it or said why not."""

    customer_signature: CustomerSignature | None
    not_signed_because: Reason | None
    travel_fen: Fen
    labour_fen: Fen
    material_fen: Fen
    cost_fen: Fen = Field(description="Travel, labour and material together.")
    completed_at: datetime


class VisitCostCorrected(VisitFact):
    """A complete visit cost something else, or ended at another time; two people say so."""

    corrects_event_id: Code
    old_travel_fen: Fen
    travel_fen: Fen
    old_labour_fen: Fen
    labour_fen: Fen
    old_material_fen: Fen
    material_fen: Fen
    old_cost_fen: Fen
    cost_fen: Fen = Field(description="Travel, labour and material together.")
    old_completed_at: datetime
    completed_at: datetime
    reason: Reason


class ServiceVisitCancelled(VisitFact):
    """Nobody goes, or the work was broken off."""

    reason: Reason

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`."""
        return ("T5",)


ServiceVisitEvent: TypeAlias = (
    ServiceVisitDispatched
    | ServiceVisitStarted
    | ServiceFindingRecorded
    | ServiceVisitCompleted
    | ServiceVisitCancelled
    | VisitCostCorrected
)

# --- how it adds up -------------------------------------------------------------------------


def evolve(visit: ServiceVisit, happened: Happened[ServiceVisitEvent]) -> ServiceVisit:
    """Apply one event."""
    by, at = happened.by.person, happened.at
    match happened.event:
        case ServiceVisitDispatched() as event:
            return ServiceVisit(
                status=VisitStatus.DISPATCHED, dispatched_by=by, dispatched_at=at, **event.said()
            )
        case ServiceVisitStarted(started_at=started_at):
            started = VisitStatus.STARTED
            return replace(visit, status=started, started_by=by, started_at=started_at)
        case ServiceFindingRecorded() as event:
            found = ServiceFinding(event.work, event.findings, event.qty, event.photos, by, at)
            return replace(visit, findings=(*visit.findings, found))
        case ServiceVisitCompleted() as event:
            return replace(
                visit,
                status=VisitStatus.COMPLETED,
                customer_signature=event.customer_signature,
                not_signed_because=event.not_signed_because,
                travel=event.travel_fen,
                labour=event.labour_fen,
                material=event.material_fen,
                cost=event.cost_fen,
                completed_by=by,
                completed_at=event.completed_at,
                completed_event_id=happened.event_id,
            )
        case VisitCostCorrected() as event:
            return replace(
                visit,
                travel=event.travel_fen,
                labour=event.labour_fen,
                material=event.material_fen,
                cost=event.cost_fen,
                completed_at=event.completed_at,
                cost_corrected_because=(*visit.cost_corrected_because, event.reason),
            )
        case ServiceVisitCancelled(reason=reason):
            cancelled = VisitStatus.CANCELLED
            return replace(visit, status=cancelled, cancelled_because=reason, cancelled_at=at)
        case unknown:
            assert_never(unknown)


SERVICE_VISIT: Final = Stream(name="service-visit", initial=ServiceVisit(), evolve=evolve)
