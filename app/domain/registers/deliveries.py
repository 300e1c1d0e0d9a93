"""What was delivered and what came back, by customer, specification and lot."""

from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, ConfigDict

from app.domain.decider import Happened, Register
from app.domain.delivery.events import DeliveryPrepared, DeliveryReleased
from app.domain.registers.sources import source_keys
from app.domain.return_list.events import ReturnReceived


class DeliveryReference(BaseModel):
    """Which delivery it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delivery_id: str
    delivery_no: str


def _first(
    earlier: DeliveryReference | None, happened: Happened[DeliveryPrepared], _: str
) -> DeliveryReference:
    return earlier or DeliveryReference(
        delivery_id=happened.to, delivery_no=happened.event.delivery_no
    )


DELIVERY_BY_SOURCE: Final[Register[DeliveryReference]] = Register(
    name="delivery_by_source",
    value_type=DeliveryReference,
    event_types=(DeliveryPrepared,),
    keys=source_keys,
    fold=_first,
)
"""The delivery by (source_system, external_ref): its natural key."""


def lot_key(customer_id: str, spec_code: str, lot_no: str) -> str:
    """Pieces of one lot at one customer. No code contains a tab."""
    return f"{customer_id}\t{spec_code}\t{lot_no}"


ANYBODY: Final = ""
"""In place of a customer: pieces of a lot, whoever has them."""


def _delivered_by_key(event: DeliveryReleased) -> Iterable[tuple[str, int]]:
    for each in event.lines:
        for customer in (event.customer_id, ANYBODY):
            yield lot_key(customer, each.spec_code, each.lot_no), each.qty


def _returned_by_key(event: ReturnReceived) -> Iterable[tuple[str, int]]:
    for each in event.lines:
        if event.customer_id and each.spec_code and each.lot_no:
            yield lot_key(event.customer_id, each.spec_code, each.lot_no), each.qty_received


def _by_key(event: DeliveryReleased | ReturnReceived) -> Iterable[tuple[str, int]]:
    if isinstance(event, DeliveryReleased):
        return _delivered_by_key(event)
    return _returned_by_key(event)


def _lot_keys(happened: Happened[DeliveryReleased | ReturnReceived]) -> Iterable[str]:
    return dict.fromkeys(key for key, _ in _by_key(happened.event))


def _sum(
    before: int | None, happened: Happened[DeliveryReleased | ReturnReceived], key: str
) -> int:
    return (before or 0) + sum(qty for own, qty in _by_key(happened.event) if own == key)


DELIVERED_PIECES: Final[Register[int]] = Register(
    name="delivered_pieces",
    value_type=int,
    event_types=(DeliveryReleased,),
    keys=_lot_keys,
    fold=_sum,
)
"""Released pieces by `lot_key`, of a customer and of all (`ANYBODY`)."""

RETURNED_PIECES: Final[Register[int]] = Register(
    name="returned_pieces",
    value_type=int,
    event_types=(ReturnReceived,),
    keys=_lot_keys,
    fold=_sum,
)
"""Pieces that came back by `lot_key` of a customer."""
