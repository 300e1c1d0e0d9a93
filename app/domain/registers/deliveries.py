"""The numbers by which others know a delivery."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from app.domain.decider import Happened, Register
from app.domain.delivery.events import DeliveryPrepared
from app.domain.registers.case_references import reference_key


class DeliveryReference(BaseModel):
    """Which delivery it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delivery_id: str
    delivery_no: str


def _source_keys(happened: Happened[DeliveryPrepared]) -> list[str]:
    event = happened.event
    if event.source_system is None or event.external_ref is None:
        return []
    return [reference_key(event.source_system, event.external_ref)]


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
    keys=_source_keys,
    fold=_first,
)
"""The delivery by (source_system, external_ref): its natural key."""
