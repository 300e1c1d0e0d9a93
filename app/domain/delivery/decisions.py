"""What a delivery answers: the table of contents, and the way of the goods."""

from collections.abc import Sequence
from typing import assert_never

from app.domain.decider import Asked, Decider, World
from app.domain.delivery.commands import (
    AcknowledgeTransportDamage,
    CancelDelivery,
    DeliveryCommand,
    DispatchDelivery,
    LinkTransportCase,
    PrepareDelivery,
    RecordDeliverySigned,
    ReleaseDelivery,
    ReportTransportDamage,
    ReturnProofOfDelivery,
    TrackDelivery,
)
from app.domain.delivery.damages import acknowledge, link_case, report
from app.domain.delivery.events import (
    DELIVERY,
    DeliveryCancelled,
    DeliveryDispatched,
    DeliveryEvent,
    DeliveryPrepared,
    DeliverySigned,
    DeliveryTracked,
    ProofOfDeliveryReturned,
)
from app.domain.delivery.refusals import (
    DeliveryAlreadyDispatched,
    DeliveryAlreadyReleased,
    DeliveryAlreadySigned,
    DeliveryIsCancelled,
    DeliveryNotSigned,
    ProofAlreadyReturned,
)
from app.domain.delivery.release import once_each, release
from app.domain.delivery.standing import heading, on_the_way, release_of
from app.domain.delivery.state import Delivery, DeliveryStatus
from app.domain.due import due, limits_of
from app.domain.errors import AlreadyExists, NotFound
from app.domain.registers.deliveries import DELIVERY_BY_SOURCE
from app.domain.registers.numbers import next_no
from app.domain.registers.sources import must_be_news


def decide(  # noqa: C901, PLR0911, PLR0912 - a table of contents has as many lines as commands
    asked: Asked[DeliveryCommand], delivery: Delivery, world: World
) -> Sequence[DeliveryEvent]:
    """The table of contents: one line a command."""
    if isinstance(asked.command, PrepareDelivery):
        return prepare(asked.command, delivery, world)
    if delivery.status is DeliveryStatus.NOT_PREPARED:
        raise NotFound
    if delivery.cancelled_because is not None:
        raise DeliveryIsCancelled(delivery_no=delivery.delivery_no)
    match asked.command:
        case ReleaseDelivery() as command:
            return release(asked, command, delivery)
        case CancelDelivery() as command:
            return cancel(command, delivery)
        case DispatchDelivery() as command:
            return dispatch(asked, command, delivery)
        case TrackDelivery() as command:
            return track(asked, command, delivery)
        case RecordDeliverySigned() as command:
            return record_signed(asked, command, delivery, world)
        case ReturnProofOfDelivery() as command:
            return return_proof(command, delivery)
        case ReportTransportDamage() as command:
            return report(asked, command, delivery, world)
        case AcknowledgeTransportDamage() as command:
            return acknowledge(command, delivery)
        case LinkTransportCase() as command:
            return link_case(command, delivery)
        case _:
            assert_never(asked.command)


def prepare(command: PrepareDelivery, delivery: Delivery, world: World) -> list[DeliveryEvent]:
    """Give the delivery a number.

    Raises:
        AlreadyExists: the id is taken.
        SourceIncomplete: half a natural key.
        AlreadyReported: the source system told us before.
        DeliveryLineTwice: a line number stands twice.
    """
    if delivery.status is not DeliveryStatus.NOT_PREPARED:
        raise AlreadyExists(delivery_no=delivery.delivery_no)
    must_be_news(command, DELIVERY_BY_SOURCE, world)
    once_each(command.lines, field="lines")
    return [DeliveryPrepared(delivery_no=next_no(world, "DL"), **dict(command))]


def cancel(command: CancelDelivery, delivery: Delivery) -> list[DeliveryEvent]:
    """Call it off while the goods are here."""
    if delivery.release is not None:
        raise DeliveryAlreadyReleased(delivery_no=delivery.delivery_no)
    return [DeliveryCancelled(**heading(delivery), reason=command.reason)]


def dispatch(
    asked: Asked[DeliveryCommand], command: DispatchDelivery, delivery: Delivery
) -> list[DeliveryEvent]:
    """Hand released goods to the carrier, once."""
    released = release_of(delivery)
    if delivery.status is not DeliveryStatus.RELEASED:
        raise DeliveryAlreadyDispatched(status=delivery.status, waybill=delivery.waybill)
    at = on_the_way(command.dispatched_at, asked.at, released, field="dispatched_at")
    gone = DeliveryDispatched(
        **heading(delivery),
        carrier_id=delivery.carrier_id,
        waybill=command.waybill,
        dispatched_at=at,
    )
    return [gone]


def track(
    asked: Asked[DeliveryCommand], command: TrackDelivery, delivery: Delivery
) -> list[DeliveryEvent]:
    """Note what was learned; as often as somebody calls."""
    at = on_the_way(command.noted_at, asked.at, release_of(delivery), field="noted_at")
    return [DeliveryTracked(**heading(delivery), **(dict(command) | {"noted_at": at}))]


def record_signed(
    asked: Asked[DeliveryCommand],
    command: RecordDeliverySigned,
    delivery: Delivery,
    world: World,
) -> list[DeliveryEvent]:
    """Record the signature once; the signed list must be back in time, counted from it (T19).

    A dispatch that nobody recorded does not keep the customer from having signed.
    """
    released = release_of(delivery)
    if delivery.signing is not None:
        raise DeliveryAlreadySigned(
            signed_by=delivery.signing.signed_by, signed_at=delivery.signing.signed_at.isoformat()
        )
    at = on_the_way(command.signed_at, asked.at, released, field="signed_at")
    signed = DeliverySigned(
        **heading(delivery),
        **(dict(command) | {"signed_at": at}),
        due=(due(world, "T19", limits_of(world).proof_of_delivery, at),),
    )
    return [signed]


def return_proof(command: ReturnProofOfDelivery, delivery: Delivery) -> list[DeliveryEvent]:
    """File the signed list once (R-13)."""
    release_of(delivery)
    if delivery.signing is None:
        raise DeliveryNotSigned(delivery_no=delivery.delivery_no, next="RecordDeliverySigned")
    if delivery.proof is not None:
        raise ProofAlreadyReturned(doc_ref=delivery.proof.doc_ref)
    return [ProofOfDeliveryReturned(**heading(delivery), doc_ref=command.doc_ref)]


delivery: Decider[DeliveryCommand, Delivery, DeliveryEvent] = Decider(
    stream=DELIVERY,
    decide=decide,
    collection="deliveries",
    label_zh="发运交付",
)
