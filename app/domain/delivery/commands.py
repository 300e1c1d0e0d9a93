"""What can be asked of a delivery."""

from typing import ClassVar, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from app.domain.decider import Command
from app.domain.delivery.refusals import (
    BeforeRelease,
    DeliveryAlreadyDispatched,
    DeliveryAlreadyReleased,
    DeliveryAlreadySigned,
    DeliveryIsCancelled,
    DeliveryLineTwice,
    DeliveryNotReleased,
    DeliveryNotSigned,
    ListMismatch,
    MoreDamagedThanDelivered,
    NoDamageWaits,
    NoSuchDamage,
    NoSuchDeliveryLine,
    ProofAlreadyReturned,
    ReleaseGate,
    SignatureTwice,
)
from app.domain.delivery.state import (
    DamageNo,
    DeliveryLine,
    DeliveryLineNo,
    Discovery,
    Signatory,
    TrackingKind,
)
from app.domain.errors import (
    AlreadyExists,
    AlreadyReported,
    InTheFuture,
    NotFound,
    SourceIncomplete,
)
from app.domain.personal import CarrierPerson, CustomerPerson
from app.domain.values import Code, CustomerId, Id, Instant, Pieces, Reason, Role, Text

LINES_MAX: Final = 500

# --- preparing and releasing ----------------------------------------------------------------


class PrepareDelivery(Command):
    """Prepare goods for a customer and name the carrier (准备发运)."""

    clause: ClassVar[str] = "4.1.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SHIPPER, Role.WAREHOUSE, Role.INTEGRATION})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists, SourceIncomplete, AlreadyReported, DeliveryLineTwice)

    customer_id: CustomerId
    contract_ref: Code = Field(description="合同号.")
    carrier_id: Code = Field(description="运输公司: the carrier under contract.")
    source_system: Code | None = Field(
        default=None, description="The system that reports, with external_ref.", examples=["ERP"]
    )
    external_ref: Code | None = Field(
        default=None, description="The number in source_system: unique there."
    )
    lines: tuple[DeliveryLine, ...] = Field(min_length=1, max_length=LINES_MAX)


class SignatureGiven(BaseModel):
    """A signature under the record of the release; the gate asks for the name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Signatory
    name: CarrierPerson | None = Field(
        default=None, description="Who signed; the release needs it."
    )
    signed_at: Instant | None = Field(default=None, description="When; now, when not given.")


class ReleaseDelivery(Command):
    """Let the goods leave: papers looked at, lists compared, record signed (发运放行).

    Everything is optional here and asked for by the gate of clause 4.1.3, so that what is missing
    is refused under its clause.
    """

    clause: ClassVar[str] = "4.1.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SHIPPER})
    refusals = (
        NotFound,
        DeliveryIsCancelled,
        DeliveryAlreadyReleased,
        ReleaseGate,
        SignatureTwice,
        InTheFuture,
        DeliveryLineTwice,
        ListMismatch,
    )

    inspection_report_no: Code | None = Field(
        default=None, description="出厂检验报告: needed for the release."
    )
    certificate_no: Code | None = Field(default=None, description="合格证: needed for the release.")
    packing_list_no: Code | None = Field(
        default=None, description="装箱清单号: needed for the release."
    )
    packing_list: tuple[DeliveryLine, ...] = Field(
        default=(), max_length=LINES_MAX, description="装箱清单: what is in the boxes."
    )
    shipping_list: tuple[DeliveryLine, ...] = Field(
        default=(),
        max_length=LINES_MAX,
        description="发货清单: equal to the packing list and to what was prepared, line by line.",
    )
    signatures: tuple[SignatureGiven, ...] = Field(
        default=(), max_length=10, description="Shipper, warehouse keeper and carrier (三方签字)."
    )


class CancelDelivery(Command):
    """Call off a delivery that has not been released (取消发运)."""

    clause: ClassVar[str] = "4.1.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SHIPPER, Role.WAREHOUSE})
    refusals = (NotFound, DeliveryIsCancelled, DeliveryAlreadyReleased)

    reason: Reason


# --- on the way -----------------------------------------------------------------------------


class DispatchDelivery(Command):
    """Hand the goods to the carrier (发运)."""

    clause: ClassVar[str] = "4.1.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SHIPPER})
    refusals = (
        NotFound,
        DeliveryIsCancelled,
        DeliveryNotReleased,
        DeliveryAlreadyDispatched,
        InTheFuture,
        BeforeRelease,
    )

    waybill: Code = Field(description="运单号.")
    dispatched_at: Instant | None = Field(default=None, description="Now, when not given.")


class TrackDelivery(Command):
    """Note what a call or a tracking node says of the goods (追踪发运)."""

    clause: ClassVar[str] = "4.1.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_REP})
    refusals = (NotFound, DeliveryIsCancelled, DeliveryNotReleased, InTheFuture, BeforeRelease)

    kind: TrackingKind
    note: Text
    place: Code | None = Field(default=None, description="Where the goods are (交付节点).")
    noted_at: Instant | None = Field(default=None, description="Now, when not given.")


class RecordDeliverySigned(Command):
    """Record that the customer signed for the goods (登记签收)."""

    clause: ClassVar[str] = "4.1.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_REP})
    refusals = (
        NotFound,
        DeliveryIsCancelled,
        DeliveryNotReleased,
        DeliveryAlreadySigned,
        InTheFuture,
        BeforeRelease,
    )

    signed_by: CustomerPerson = Field(description="签收人.")
    signed_at: Instant | None = Field(default=None, description="Now, when not given.")
    doc_ref: Code = Field(description="The shipping list that was signed (签收单).")
    differences: Text | None = Field(
        default=None, description="What the customer noted beside the signature (差异)."
    )


class ReturnProofOfDelivery(Command):
    """Record that the signed shipping list is back (签收单回传)."""

    clause: ClassVar[str] = "4.1.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_REP})
    refusals = (
        NotFound,
        DeliveryIsCancelled,
        DeliveryNotReleased,
        DeliveryNotSigned,
        ProofAlreadyReturned,
    )

    doc_ref: Code = Field(description="The signed shipping list as it was filed.")


# --- damages --------------------------------------------------------------------------------


class ReportTransportDamage(Command):
    """Report to the leader what was damaged in transport; it opens a case (上报运输损坏)."""

    clause: ClassVar[str] = "4.1.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_REP})
    refusals = (
        NotFound,
        DeliveryIsCancelled,
        DeliveryNotReleased,
        InTheFuture,
        BeforeRelease,
        NoSuchDeliveryLine,
        MoreDamagedThanDelivered,
    )

    line: DeliveryLineNo = Field(description="The line of the delivery: it has spec and lot.")
    qty: Pieces = Field(description="Damaged pieces of the line.")
    discovered: Discovery
    discovered_at: Instant | None = Field(default=None, description="Now, when not given.")
    description: Text


class AcknowledgeTransportDamage(Command):
    """Take note of every damage reported so far, and say what to do (确认运输损坏)."""

    clause: ClassVar[str] = "4.1.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_DIRECTOR})
    refusals = (NotFound, DeliveryIsCancelled, NoDamageWaits)

    instruction: Text


class LinkTransportCase(Command):
    """Note the feedback case that was opened for a damage."""

    clause: ClassVar[str] = "4.1.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NotFound, DeliveryIsCancelled, NoSuchDamage)

    damage: DamageNo
    case_id: Id
    case_no: Code


DeliveryCommand: TypeAlias = (
    PrepareDelivery
    | ReleaseDelivery
    | CancelDelivery
    | DispatchDelivery
    | TrackDelivery
    | RecordDeliverySigned
    | ReturnProofOfDelivery
    | ReportTransportDamage
    | AcknowledgeTransportDamage
    | LinkTransportCase
)
