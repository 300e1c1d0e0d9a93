"""Clause 4.1.5, R-10: what was damaged in transport is a feedback case of class TRANSPORT.

The case opens in the turn of the report, with its time limits and the carrier as candidate third
party; then the delivery is told which case it is. Both find one another by the number of the
damage, which is the case's natural key.
"""

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from app.domain.decider import Happened, Order, Policy, World
from app.domain.delivery.commands import LinkTransportCase
from app.domain.delivery.events import DELIVERY, TransportDamageReported
from app.domain.delivery.state import Discovery
from app.domain.feedback_case.events import FEEDBACK_CASE, TransportPartyNamed
from app.domain.feedback_case.state import Channel
from app.domain.feedback_case.transport import OWN_SYSTEM, OpenTransportCase
from app.domain.registers.case_references import CASE_BY_SOURCE
from app.domain.registers.sources import reference_key
from app.domain.values import shanghai_day

CHANNEL_OF: Final[Mapping[Discovery, Channel]] = {
    Discovery.PHONE: Channel.PHONE,
    Discovery.DELIVERY_POINT: Channel.VISIT,
}
"""The way on which a discovery reached us."""


def react(
    happened: Happened[TransportDamageReported | TransportPartyNamed], world: World
) -> Sequence[Order]:
    """Open the case of a damage, or tell the delivery of it."""
    event = happened.event
    match event:
        case TransportDamageReported():
            return [_case_of(happened.to, event, world)]
        case TransportPartyNamed():
            damage = int(event.damage_no.rpartition("/")[2])
            link = LinkTransportCase(damage=damage, case_id=happened.to, case_no=event.case_no)
            return [Order(DELIVERY.name, link, to=event.delivery_id)]
        case _:
            assert_never(event)


def _case_of(delivery_id: str, event: TransportDamageReported, world: World) -> Order:
    """A new case, or the one that somebody registered under the damage's number before."""
    known = world.entry_in(CASE_BY_SOURCE, reference_key(OWN_SYSTEM, event.damage_no))
    if known is not None:
        link = LinkTransportCase(damage=event.damage, case_id=known.case_id, case_no=known.case_no)
        return Order(DELIVERY.name, link, to=delivery_id)
    case = OpenTransportCase(
        delivery_id=delivery_id,
        delivery_no=event.delivery_no,
        damage_no=event.damage_no,
        customer_id=event.customer_id,
        carrier_id=event.carrier_id,
        channel=CHANNEL_OF[event.discovered],
        occurred_on=shanghai_day(event.discovered_at),
        spec_code=event.spec_code,
        lot_no=event.lot_no,
        qty=event.qty,
        description=event.description,
    )
    return Order(FEEDBACK_CASE.name, case)


open_transport_cases: Final = Policy(
    name="open_transport_cases",
    event_types=(TransportDamageReported, TransportPartyNamed),
    react=react,
)
