"""What comes back should have been delivered once: a warning where more came back. Clause 4.4.

It never refuses: the parts are here. It is silent where the records cannot know, as with lots
that left before the house kept them.
"""

from app.domain.decider import World
from app.domain.production_lot.events import PRODUCTION_LOT
from app.domain.registers.deliveries import ANYBODY, DELIVERED_PIECES, RETURNED_PIECES, lot_key
from app.domain.return_list.events import ReturnExceedsDelivery, ReturnReceived


def beyond_delivery(received: ReturnReceived, world: World) -> list[ReturnExceedsDelivery]:
    """A warning for every lot of this receipt of which more came back than was delivered."""
    customer_id = received.customer_id or ""
    brought: dict[tuple[str, str], int] = {}
    for each in received.lines:
        if each.spec_code and each.lot_no and each.qty_received:
            lot = (each.spec_code, each.lot_no)
            brought[lot] = brought.get(lot, 0) + each.qty_received
    warnings = []
    for (spec_code, lot_no), pieces in brought.items():
        key = lot_key(customer_id, spec_code, lot_no)
        returned = (world.entry_in(RETURNED_PIECES, key) or 0) + pieces
        delivered = _delivered(world, key, spec_code, lot_no)
        if delivered is not None and returned > delivered:
            warning = ReturnExceedsDelivery(
                return_no=received.return_no,
                case_id=received.case_id,
                customer_id=customer_id,
                spec_code=spec_code,
                lot_no=lot_no,
                delivered=delivered,
                returned=returned,
            )
            warnings.append(warning)
    return warnings


def _delivered(world: World, key: str, spec_code: str, lot_no: str) -> int | None:
    """Pieces delivered to the customer; None where the records know nothing of the lot."""
    delivered = world.entry_in(DELIVERED_PIECES, key)
    if delivered is not None:
        return delivered
    of_all = world.entry_in(DELIVERED_PIECES, lot_key(ANYBODY, spec_code, lot_no))
    is_known = of_all is not None or world.state_of(PRODUCTION_LOT, lot_no).is_recorded
    return 0 if is_known else None
