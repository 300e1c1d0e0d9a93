"""What can happen to a delivery, and how it adds up."""

from datetime import datetime
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field
from typing_extensions import override

from app.domain.decider import Event, Happened, Stream
from app.domain.delivery.state import (
    DamageNo,
    Delivery,
    DeliveryLine,
    DeliveryLineNo,
    Discovery,
    Proof,
    Release,
    ReleaseSignature,
    Signing,
    TrackingKind,
    TrackingNote,
    TransportDamage,
    furthest_step,
)
from app.domain.personal import CustomerPerson
from app.domain.replacing import replace
from app.domain.values import Code, CustomerId, Id, Pieces, Reason, SpecCode, Text

# --- what happens ---------------------------------------------------------------------------


class DeliveryPrepared(Event):
    """Goods are to go to a customer, by a carrier."""

    clause: ClassVar[str] = "4.1.3"
    numbered: ClassVar[str | None] = "delivery_no"

    delivery_no: Code
    customer_id: CustomerId
    contract_ref: Code
    carrier_id: Code
    source_system: Code | None
    external_ref: Code | None
    lines: tuple[DeliveryLine, ...]


class DeliveryFact(Event):
    """What every event after the first says again, so that readers need no other stream."""

    delivery_no: Code
    customer_id: CustomerId


class DeliveryReleased(DeliveryFact):
    """Papers, lists and three signatures are in order: the goods may leave (R-12)."""

    clause: ClassVar[str] = "4.1.3"

    carrier_id: Code
    lines: tuple[DeliveryLine, ...] = Field(description="As packed and as shipped: they are equal.")
    inspection_report_no: Code
    certificate_no: Code
    packing_list_no: Code
    signatures: tuple[ReleaseSignature, ...]
    released_at: datetime = Field(description="When the last of the three signed.")


class DeliveryDispatched(DeliveryFact):
    """The carrier has the goods on the way."""

    clause: ClassVar[str] = "4.1.4"

    carrier_id: Code
    waybill: Code
    dispatched_at: datetime


class DeliveryTracked(DeliveryFact):
    """Sales learned where the goods are, or how they are."""

    clause: ClassVar[str] = "4.1.5"

    kind: TrackingKind
    note: Text
    place: Code | None
    noted_at: datetime


class DeliverySigned(DeliveryFact):
    """The customer has the goods and signed for them."""

    clause: ClassVar[str] = "4.1.4"

    signed_by: CustomerPerson
    signed_at: datetime
    doc_ref: Code
    differences: Text | None = Field(description="What the customer noted beside the signature.")


class ProofOfDeliveryReturned(DeliveryFact):
    """The signed shipping list is back (R-13)."""

    clause: ClassVar[str] = "4.1.4"

    doc_ref: Code

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T19",)


class DeliveryCancelled(DeliveryFact):
    """The goods never left."""

    clause: ClassVar[str] = "4.1.3"

    reason: Reason


class TransportDamageReported(DeliveryFact):
    """The carrier damaged goods; the leader must know at once (R-10)."""

    clause: ClassVar[str] = "4.1.5"

    damage: DamageNo
    damage_no: Code = Field(examples=["DL-2025-000123/1"])
    line: DeliveryLineNo
    spec_code: SpecCode
    lot_no: Code
    qty: Pieces
    discovered: Discovery
    discovered_at: datetime
    description: Text
    carrier_id: Code = Field(description="The candidate third party.")


class TransportCaseLinked(DeliveryFact):
    """A feedback case of class TRANSPORT is open for a damage (R-10)."""

    clause: ClassVar[str] = "4.1.5"

    damage: DamageNo
    damage_no: Code
    case_id: Id
    case_no: Code


class TransportDamageAcknowledged(DeliveryFact):
    """The leader knows of every damage reported so far and gives an instruction."""

    clause: ClassVar[str] = "4.1.5"

    damages: tuple[DamageNo, ...] = Field(description="Those that waited for it.")
    instruction: Text

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T15",)


DeliveryEvent: TypeAlias = (
    DeliveryPrepared
    | DeliveryReleased
    | DeliveryDispatched
    | DeliveryTracked
    | DeliverySigned
    | ProofOfDeliveryReturned
    | DeliveryCancelled
    | TransportDamageReported
    | TransportCaseLinked
    | TransportDamageAcknowledged
)

# --- how it adds up -------------------------------------------------------------------------


def evolve(delivery: Delivery, happened: Happened[DeliveryEvent]) -> Delivery:
    """Apply one event; the status follows from the facts."""
    changed = _applied(delivery, happened)
    return replace(changed, status=furthest_step(changed))


def _applied(  # noqa: PLR0911 - one line an event
    delivery: Delivery, happened: Happened[DeliveryEvent]
) -> Delivery:
    by, at = happened.by.person, happened.at
    match happened.event:
        case DeliveryPrepared() as event:
            return Delivery(prepared_by=by, prepared_at=at, **event.said())
        case DeliveryReleased() as event:
            return replace(delivery, release=_release(event, by))
        case DeliveryDispatched(waybill=waybill, dispatched_at=dispatched_at):
            return replace(delivery, waybill=waybill, dispatched_at=dispatched_at)
        case DeliveryTracked() as event:
            note = TrackingNote(event.kind, event.note, event.place, event.noted_at, by)
            return replace(delivery, tracking=(*delivery.tracking, note))
        case DeliverySigned() as event:
            signing = Signing(event.signed_by, event.signed_at, event.doc_ref, event.differences)
            return replace(delivery, signing=signing)
        case ProofOfDeliveryReturned(doc_ref=doc_ref):
            return replace(delivery, proof=Proof(doc_ref, at))
        case DeliveryCancelled(reason=reason):
            return replace(delivery, cancelled_because=reason)
        case (
            TransportDamageReported() | TransportCaseLinked() | TransportDamageAcknowledged()
        ) as event:
            return replace(delivery, damages=_damaged(delivery, event, happened))
        case unknown:
            assert_never(unknown)


def _release(event: DeliveryReleased, by: str) -> Release:
    return Release(
        inspection_report_no=event.inspection_report_no,
        certificate_no=event.certificate_no,
        packing_list_no=event.packing_list_no,
        signatures=event.signatures,
        released_at=event.released_at,
        released_by=by,
    )


def _damaged(
    delivery: Delivery,
    event: TransportDamageReported | TransportCaseLinked | TransportDamageAcknowledged,
    happened: Happened[DeliveryEvent],
) -> tuple[TransportDamage, ...]:
    by, at = happened.by.person, happened.at
    match event:
        case TransportDamageReported():
            reported = TransportDamage(
                damage=event.damage,
                damage_no=event.damage_no,
                line=event.line,
                spec_code=event.spec_code,
                lot_no=event.lot_no,
                qty=event.qty,
                discovered=event.discovered,
                discovered_at=event.discovered_at,
                description=event.description,
                reported_by=by,
                reported_at=at,
            )
            return (*delivery.damages, reported)
        case TransportCaseLinked(damage=damage, case_id=case_id, case_no=case_no):
            return tuple(
                replace(each, case_id=case_id, case_no=case_no) if each.damage == damage else each
                for each in delivery.damages
            )
        case TransportDamageAcknowledged(damages=damages, instruction=instruction):
            return tuple(
                replace(each, instruction=instruction, acknowledged_by=by, acknowledged_at=at)
                if each.damage in damages
                else each
                for each in delivery.damages
            )
        case unknown:
            assert_never(unknown)


DELIVERY: Final = Stream(name="delivery", initial=Delivery(), evolve=evolve)
