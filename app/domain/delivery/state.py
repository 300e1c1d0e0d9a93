"""The words of a delivery, and what it adds up to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain.personal import CarrierPerson
from app.domain.values import Code, Pieces, SpecCode

# --- words ----------------------------------------------------------------------------------

DeliveryLineNo = Annotated[int, Field(ge=1, le=10_000, strict=True, description="行号, from 1.")]
DamageNo = Annotated[
    int, Field(ge=1, le=10_000, strict=True, description="Running number within the delivery.")
]


class DeliveryStatus(StrEnum):
    """The furthest step of a delivery that stands (状态). A damage is a side fact."""

    NOT_PREPARED = "NOT_PREPARED"
    PREPARED = "PREPARED"
    RELEASED = "RELEASED"
    IN_TRANSIT = "IN_TRANSIT"
    DELIVERED = "DELIVERED"
    POD_RETURNED = "POD_RETURNED"
    CANCELLED = "CANCELLED"


class Signatory(StrEnum):
    """Whose signature the release needs (签字方). Clause 4.1.3."""

    SHIPPER = "SHIPPER"
    KEEPER = "KEEPER"
    CARRIER = "CARRIER"


class TrackingKind(StrEnum):
    """How the way of the goods was followed (追踪方式). Clause 4.1.5."""

    PHONE_CALL = "PHONE_CALL"
    TRACKING_NODE = "TRACKING_NODE"


class Discovery(StrEnum):
    """Where a transport damage was found (发现方式). Clause 4.1.5."""

    PHONE = "PHONE"
    DELIVERY_POINT = "DELIVERY_POINT"


class DeliveryLine(BaseModel):
    """Pieces of one lot, as prepared, packed and shipped (发货明细)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: DeliveryLineNo
    spec_code: SpecCode
    lot_no: Code = Field(description="生产批次.")
    qty: Pieces


class ReleaseSignature(BaseModel):
    """Who signed the record of the release, for which side (签字)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Signatory
    name: CarrierPerson
    signed_at: datetime


# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Release:
    """The papers and signatures with which the goods left. Clause 4.1.3."""

    inspection_report_no: str
    certificate_no: str
    packing_list_no: str
    signatures: tuple[ReleaseSignature, ...]
    released_at: datetime
    """When the last of the three signed."""
    released_by: str

    def signature_of(self, role: Signatory) -> str | None:
        """Who signed for a side."""
        return next((each.name for each in self.signatures if each.role is role), None)


@dataclass(frozen=True, slots=True)
class TrackingNote:
    """What somebody learned of the goods on their way."""

    kind: TrackingKind
    note: str
    place: str | None
    noted_at: datetime
    noted_by: str


@dataclass(frozen=True, slots=True)
class Signing:
    """The customer has the goods."""

    signed_by: str
    signed_at: datetime
    doc_ref: str
    differences: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """The signed shipping list is back."""

    doc_ref: str
    returned_at: datetime


@dataclass(frozen=True, slots=True)
class TransportDamage:
    """What the carrier damaged, and what the leader said to it."""

    damage: int
    damage_no: str
    line: int
    spec_code: str
    lot_no: str
    qty: int
    discovered: Discovery
    discovered_at: datetime
    description: str
    reported_by: str
    reported_at: datetime
    case_id: str | None = None
    """The feedback case that was opened for it."""
    case_no: str | None = None
    instruction: str | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as it stands."""

    status: DeliveryStatus = DeliveryStatus.NOT_PREPARED
    delivery_no: str = ""
    customer_id: str = ""
    contract_ref: str = ""
    carrier_id: str = ""
    """Who drives: the candidate third party of every transport damage."""
    source_system: str | None = None
    external_ref: str | None = None
    lines: tuple[DeliveryLine, ...] = ()
    prepared_by: str = ""
    prepared_at: datetime | None = None
    release: Release | None = None
    waybill: str | None = None
    dispatched_at: datetime | None = None
    tracking: tuple[TrackingNote, ...] = ()
    signing: Signing | None = None
    proof: Proof | None = None
    damages: tuple[TransportDamage, ...] = ()
    cancelled_because: str | None = None

    def line(self, number: int) -> DeliveryLine | None:
        """The line of that number, or None."""
        return next((each for each in self.lines if each.line == number), None)

    def damaged(self, line: int) -> int:
        """Pieces of a line that were reported as damaged."""
        return sum(each.qty for each in self.damages if each.line == line)

    @property
    def unacknowledged(self) -> tuple[int, ...]:
        """The damages that the leader has not acknowledged."""
        return tuple(each.damage for each in self.damages if each.acknowledged_at is None)


def furthest_step(delivery: Delivery) -> DeliveryStatus:
    """The furthest step that the facts of a prepared delivery support."""
    steps: Iterable[tuple[DeliveryStatus, bool]] = (
        (DeliveryStatus.CANCELLED, delivery.cancelled_because is not None),
        (DeliveryStatus.POD_RETURNED, delivery.proof is not None),
        (DeliveryStatus.DELIVERED, delivery.signing is not None),
        (DeliveryStatus.IN_TRANSIT, delivery.dispatched_at is not None),
        (DeliveryStatus.RELEASED, delivery.release is not None),
    )
    return next((status for status, stands in steps if stands), DeliveryStatus.PREPARED)
