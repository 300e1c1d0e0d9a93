"""《发运台账》: what left, with which papers and signatures, and what came of it.

One row a delivery, read from its state. Clause 4.1.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from pydantic import Field

from app.domain.delivery.events import DELIVERY
from app.domain.delivery.state import Delivery, DeliveryLine, DeliveryStatus, Signatory
from app.domain.values import shanghai_day
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow


class DeliveriesLedgerRow(LedgerRow):
    """One delivery in the ledger of deliveries."""

    delivery_id: str = Field(title="发运单ID")
    delivery_no: str = Field(title="发运单号")
    status: DeliveryStatus = Field(title="状态")
    customer_id: str = Field(title="顾客")
    contract_ref: str = Field(title="合同号")
    carrier_id: str = Field(title="运输公司")
    source_system: str | None = Field(title="来源系统")
    external_ref: str | None = Field(title="来源单号")
    lines: tuple[DeliveryLine, ...] = Field(title="发货明细")
    spec_codes: tuple[str, ...] = Field(title="规格")
    lot_nos: tuple[str, ...] = Field(title="生产批次")
    qty: int = Field(title="数量", description="Pieces on all lines.")
    prepared_at: Instant = Field(title="制单时间")
    prepared_by: str = Field(title="制单人")
    inspection_report_no: str | None = Field(title="出厂检验报告号")
    certificate_no: str | None = Field(title="合格证号")
    packing_list_no: str | None = Field(title="装箱清单号")
    shipper: str | None = Field(title="发货人签字")
    keeper: str | None = Field(title="库管员签字")
    carrier: str | None = Field(title="运输公司签字")
    released: bool = Field(title="已放行")
    released_on: date | None = Field(title="放行日")
    released_by: str | None = Field(title="放行人")
    waybill: str | None = Field(title="运单号")
    dispatched_on: date | None = Field(title="发运日")
    tracking_notes: int = Field(title="追踪次数")
    signed_by: str | None = Field(title="签收人")
    signed_on: date | None = Field(title="签收日")
    signed_doc_ref: str | None = Field(title="签收单号")
    differences: str | None = Field(title="签收差异")
    proof_returned: bool = Field(title="签收单已回传")
    proof_returned_on: date | None = Field(title="回传日")
    proof_doc_ref: str | None = Field(title="回传单号")
    damaged: bool = Field(title="运输损坏")
    damaged_qty: int = Field(title="损坏数量", description="Pieces in all reports.")
    damages_unacknowledged: int = Field(
        title="待组长确认", description="Reports that the leader has not acknowledged."
    )
    case_nos: tuple[str, ...] = Field(title="反馈单号", description="Opened for its damages.")
    cancelled_because: str | None = Field(title="取消原因")


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The delivery itself."""
    return (recorded.happened.to,)


def fold(_row: DeliveriesLedgerRow | None, recorded: Recorded, key: str) -> DeliveriesLedgerRow:
    """What the delivery says of itself."""
    return of_delivery(key, recorded.state)


def of_delivery(delivery_id: str, delivery: Delivery) -> DeliveriesLedgerRow:
    """The row of a delivery as it stands."""
    said = (
        {"delivery_id": delivery_id}
        | _prepared(delivery)
        | _released(delivery)
        | _received(delivery)
        | _damaged(delivery)
    )
    return DeliveriesLedgerRow.model_validate(said)


def _prepared(delivery: Delivery) -> dict[str, object]:
    lines = delivery.lines
    return {
        "delivery_no": delivery.delivery_no,
        "status": delivery.status,
        "customer_id": delivery.customer_id,
        "contract_ref": delivery.contract_ref,
        "carrier_id": delivery.carrier_id,
        "source_system": delivery.source_system,
        "external_ref": delivery.external_ref,
        "lines": lines,
        "spec_codes": tuple(dict.fromkeys(each.spec_code for each in lines)),
        "lot_nos": tuple(dict.fromkeys(each.lot_no for each in lines)),
        "qty": sum(each.qty for each in lines),
        "prepared_at": delivery.prepared_at,
        "prepared_by": delivery.prepared_by,
        "cancelled_because": delivery.cancelled_because,
    }


def _released(delivery: Delivery) -> dict[str, object]:
    release, dispatched_at = delivery.release, delivery.dispatched_at
    return {
        "inspection_report_no": release.inspection_report_no if release else None,
        "certificate_no": release.certificate_no if release else None,
        "packing_list_no": release.packing_list_no if release else None,
        "shipper": release.signature_of(Signatory.SHIPPER) if release else None,
        "keeper": release.signature_of(Signatory.KEEPER) if release else None,
        "carrier": release.signature_of(Signatory.CARRIER) if release else None,
        "released": release is not None,
        "released_on": shanghai_day(release.released_at) if release else None,
        "released_by": release.released_by if release else None,
        "waybill": delivery.waybill,
        "dispatched_on": shanghai_day(dispatched_at) if dispatched_at else None,
        "tracking_notes": len(delivery.tracking),
    }


def _received(delivery: Delivery) -> dict[str, object]:
    signing, proof = delivery.signing, delivery.proof
    return {
        "signed_by": signing.signed_by if signing else None,
        "signed_on": shanghai_day(signing.signed_at) if signing else None,
        "signed_doc_ref": signing.doc_ref if signing else None,
        "differences": signing.differences if signing else None,
        "proof_returned": proof is not None,
        "proof_returned_on": shanghai_day(proof.returned_at) if proof else None,
        "proof_doc_ref": proof.doc_ref if proof else None,
    }


def _damaged(delivery: Delivery) -> dict[str, object]:
    damages = delivery.damages
    return {
        "damaged": bool(damages),
        "damaged_qty": sum(each.qty for each in damages),
        "damages_unacknowledged": len(delivery.unacknowledged),
        "case_nos": tuple(each.case_no for each in damages if each.case_no is not None),
    }


DELIVERIES_LEDGER: Final = Ledger[DeliveriesLedgerRow](
    name="deliveries_ledger",
    version=3,
    title="Ledger of deliveries",
    title_zh="发运台账",
    clauses=("3.1", "4.1.3", "4.1.4", "4.1.5"),
    row_type=DeliveriesLedgerRow,
    event_types=DELIVERY.event_types,
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "delivery_no": "text",
        "prepared_at": "text",
        "status": "text",
        "customer_id": "text",
        "contract_ref": "text",
        "carrier_id": "text",
        "external_ref": "text",
        "waybill": "text",
        "released_on": "text",
        "signed_on": "text",
        "proof_returned": "text",
        "damaged": "text",
        "spec_codes": "codes",
        "lot_nos": "codes",
        "case_nos": "codes",
    },
    sorts=("delivery_no", "prepared_at"),
    filters={
        "delivery_no": Filter("delivery_no", "=", "发运单号."),
        "status": Filter("status", "=", "状态."),
        "customer_id": Filter("customer_id", "=", "顾客."),
        "contract_ref": Filter("contract_ref", "=", "合同号."),
        "carrier_id": Filter("carrier_id", "=", "运输公司."),
        "external_ref": Filter("external_ref", "=", "来源单号."),
        "waybill": Filter("waybill", "=", "运单号."),
        "spec_code": Filter("spec_codes", "any", "规格: deliveries that have it."),
        "lot_no": Filter("lot_nos", "any", "生产批次: deliveries that have it."),
        "case_no": Filter("case_nos", "any", "反馈单号: the delivery that it was opened for."),
        "damaged": Filter("damaged", "=", "运输损坏."),
        "proof_returned": Filter("proof_returned", "=", "签收单已回传."),
        "released_from": Filter("released_on", ">=", "放行日, from this day on."),
        "released_to": Filter("released_on", "<=", "放行日, up to and including this day."),
        "signed_from": Filter("signed_on", ">=", "签收日, from this day on."),
        "signed_to": Filter("signed_on", "<=", "签收日, up to and including this day."),
    },
)
