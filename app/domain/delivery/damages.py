"""What the carrier damaged, and what the leader says to it. Clause 4.1.5, R-10."""

from app.domain.decider import Asked, World
from app.domain.delivery.commands import (
    AcknowledgeTransportDamage,
    DeliveryCommand,
    LinkTransportCase,
    ReportTransportDamage,
)
from app.domain.delivery.events import (
    DeliveryEvent,
    TransportCaseLinked,
    TransportDamageAcknowledged,
    TransportDamageReported,
)
from app.domain.delivery.refusals import (
    MoreDamagedThanDelivered,
    NoDamageWaits,
    NoSuchDamage,
    NoSuchDeliveryLine,
)
from app.domain.delivery.standing import heading, on_the_way, release_of
from app.domain.delivery.state import Delivery
from app.domain.due import due, limits_of


def report(
    asked: Asked[DeliveryCommand],
    command: ReportTransportDamage,
    delivery: Delivery,
    world: World,
) -> list[DeliveryEvent]:
    """Report a damage; the leader's time runs from the first report that he has not answered.

    While a report waits, a further one is due with it, which is the earlier end.

    Raises:
        DeliveryNotReleased: nothing was on the way.
        InTheFuture, BeforeRelease: it cannot have been discovered then.
        NoSuchDeliveryLine: the delivery has no such line.
        MoreDamagedThanDelivered: all reports of the line together.
    """
    discovered_at = on_the_way(
        command.discovered_at, asked.at, release_of(delivery), field="discovered_at"
    )
    line = delivery.line(command.line)
    if line is None:
        numbers = [each.line for each in delivery.lines]
        raise NoSuchDeliveryLine(field="line", lines=numbers)
    damaged = delivery.damaged(line.line)
    if damaged + command.qty > line.qty:
        raise MoreDamagedThanDelivered(field="qty", delivered=line.qty, reported_before=damaged)
    number = len(delivery.damages) + 1
    leader = due(world, "T15", limits_of(world).transport_damage, asked.at)
    said = dict(command) | {"discovered_at": discovered_at}
    reported = TransportDamageReported(
        **heading(delivery),
        **said,
        damage=number,
        damage_no=f"{delivery.delivery_no}/{number}",
        spec_code=line.spec_code,
        lot_no=line.lot_no,
        carrier_id=delivery.carrier_id,
        due=() if delivery.unacknowledged else (leader,),
    )
    return [reported]


def acknowledge(command: AcknowledgeTransportDamage, delivery: Delivery) -> list[DeliveryEvent]:
    """Acknowledge all that waits."""
    if not delivery.unacknowledged:
        raise NoDamageWaits(delivery_no=delivery.delivery_no)
    acknowledged = TransportDamageAcknowledged(
        **heading(delivery), damages=delivery.unacknowledged, instruction=command.instruction
    )
    return [acknowledged]


def link_case(command: LinkTransportCase, delivery: Delivery) -> list[DeliveryEvent]:
    """Know the case of a damage."""
    damage = next((each for each in delivery.damages if each.damage == command.damage), None)
    if damage is None:
        raise NoSuchDamage(field="damage", damages=len(delivery.damages))
    linked = TransportCaseLinked(**heading(delivery), damage_no=damage.damage_no, **dict(command))
    return [linked]
