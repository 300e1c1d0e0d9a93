"""A delivery on its way, for the specs that start in the middle of it."""

from datetime import timedelta
from typing import Any, Final

from app.domain.delivery.commands import (
    DispatchDelivery,
    PrepareDelivery,
    RecordDeliverySigned,
    ReleaseDelivery,
    ReportTransportDamage,
    ReturnProofOfDelivery,
    SignatureGiven,
    TrackDelivery,
)
from app.domain.delivery.decisions import delivery
from app.domain.delivery.events import (
    DeliveryDispatched,
    DeliveryPrepared,
    DeliveryReleased,
    DeliverySigned,
    ProofOfDeliveryReturned,
    TransportDamageReported,
)
from app.domain.delivery.state import (
    DeliveryLine,
    Discovery,
    ReleaseSignature,
    Signatory,
    TrackingKind,
)
from tests.people import NOON, SALES, SHIPPER
from tests.spec import Spec

DELIVERY_NO: Final = "DL-2025-000001"
HEADING: Final[dict[str, Any]] = {"delivery_no": DELIVERY_NO, "customer_id": "C01"}
SPEC: Final = "TC 85×105×10 FKM"
EARLIER: Final = NOON - timedelta(hours=5)
"""When the goods were released."""

LINES: Final = (
    DeliveryLine(line=1, spec_code=SPEC, lot_no="L2501", qty=500),
    DeliveryLine(line=2, spec_code="O 30×2.65 NBR", lot_no="L2502", qty=200),
)
PREPARE: Final = PrepareDelivery(
    customer_id="C01", contract_ref="HT-2025-7", carrier_id="SF", lines=LINES
)
PREPARED: Final = DeliveryPrepared(delivery_no=DELIVERY_NO, **dict(PREPARE))
SIGNATURES: Final = tuple(
    SignatureGiven(role=role, name=name, signed_at=EARLIER)
    for role, name in zip(Signatory, ("Qian", "Sun", "Kong"), strict=True)
)
RELEASE: Final = ReleaseDelivery(
    inspection_report_no="CJ-2025-88",
    certificate_no="HG-88",
    packing_list_no="ZX-88",
    packing_list=LINES,
    shipping_list=LINES,
    signatures=SIGNATURES,
)
RELEASED: Final = DeliveryReleased(
    **HEADING,
    carrier_id="SF",
    lines=LINES,
    inspection_report_no="CJ-2025-88",
    certificate_no="HG-88",
    packing_list_no="ZX-88",
    signatures=tuple(
        ReleaseSignature(role=each.role, name=each.name or "", signed_at=EARLIER)
        for each in SIGNATURES
    ),
    released_at=EARLIER,
)
DISPATCH: Final = DispatchDelivery(waybill="SF-77")
DISPATCHED: Final = DeliveryDispatched(
    **HEADING, carrier_id="SF", waybill="SF-77", dispatched_at=NOON
)
TRACK: Final = TrackDelivery(kind=TrackingKind.PHONE_CALL, note="The truck is in Jinan.")
SIGN: Final = RecordDeliverySigned(signed_by="Mr Zhou", doc_ref="QS-88", differences="One box wet.")
SIGNED: Final = DeliverySigned(**HEADING, **(dict(SIGN) | {"signed_at": NOON}))
RETURN_PROOF: Final = ReturnProofOfDelivery(doc_ref="QS-88")
PROOF_RETURNED: Final = ProofOfDeliveryReturned(**HEADING, doc_ref="QS-88")


def damage(qty: int = 40, line: int = 1, **said: Any) -> ReportTransportDamage:  # noqa: ANN401
    """The customer called."""
    described = {"discovered": Discovery.PHONE, "description": "The boxes were crushed."}
    return ReportTransportDamage(line=line, qty=qty, **(described | said))


def damaged(number: int = 1, qty: int = 40, line: int = 1) -> TransportDamageReported:
    """It was reported."""
    of = LINES[line - 1]
    return TransportDamageReported(
        **HEADING,
        **(dict(damage(qty, line)) | {"discovered_at": NOON}),
        damage=number,
        damage_no=f"{DELIVERY_NO}/{number}",
        spec_code=of.spec_code,
        lot_no=of.lot_no,
        carrier_id="SF",
    )


def without(**emptied: Any) -> ReleaseDelivery:  # noqa: ANN401 - any field of the command
    """`RELEASE`, with something else in a field, checked anew."""
    return ReleaseDelivery.model_validate(dict(RELEASE) | emptied)


new_delivery: Final = Spec(delivery)
prepared: Final = new_delivery.given(SHIPPER.did(PREPARED))
released: Final = prepared.given(SHIPPER.did(RELEASED))
dispatched: Final = released.given(SHIPPER.did(DISPATCHED))
signed: Final = dispatched.given(SALES.did(SIGNED))
