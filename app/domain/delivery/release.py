"""R-12: the gate that goods pass before they leave. Clause 4.1.3.

Shipper and keeper look at the ex-works inspection report and the certificate, compare packing
list and shipping list, and sign the record together with the carrier.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.domain.decider import Asked
from app.domain.delivery.commands import DeliveryCommand, ReleaseDelivery
from app.domain.delivery.events import DeliveryEvent, DeliveryReleased
from app.domain.delivery.refusals import (
    DeliveryAlreadyReleased,
    DeliveryLineTwice,
    ListMismatch,
    ReleaseGate,
    SignatureTwice,
)
from app.domain.delivery.standing import heading, not_later
from app.domain.delivery.state import Delivery, DeliveryLine, ReleaseSignature, Signatory


def release(
    asked: Asked[DeliveryCommand], command: ReleaseDelivery, delivery: Delivery
) -> list[DeliveryEvent]:
    """Release what was prepared, once.

    Raises:
        DeliveryAlreadyReleased: it was.
        ReleaseGate: a paper, a list, or a signature with its name is missing.
        SignatureTwice: a side signed twice.
        InTheFuture: a signature later than now.
        DeliveryLineTwice: a line number stands twice in a list.
        ListMismatch: the lists differ from one another, or from what was prepared.
    """
    if delivery.release is not None:
        raise DeliveryAlreadyReleased(delivery_no=delivery.delivery_no)
    missing = missing_at_the_gate(command)
    if missing:
        unsigned = missing[0].partition(".")[2] in list(Signatory)
        raise ReleaseGate(field="signatures" if unsigned else missing[0], missing=list(missing))
    signatures = _signatures(command, asked.at)
    must_be_equal(delivery.lines, command.packing_list, command.shipping_list)
    released = DeliveryReleased(
        **heading(delivery),
        carrier_id=delivery.carrier_id,
        lines=delivery.lines,
        inspection_report_no=command.inspection_report_no or "",
        certificate_no=command.certificate_no or "",
        packing_list_no=command.packing_list_no or "",
        signatures=signatures,
        released_at=max(each.signed_at for each in signatures),
    )
    return [released]


def missing_at_the_gate(command: ReleaseDelivery) -> tuple[str, ...]:
    """What clause 4.1.3 asks for and nobody gave, in the order of the clause."""
    given: Mapping[str, object] = {
        "inspection_report_no": command.inspection_report_no,
        "certificate_no": command.certificate_no,
        "packing_list_no": command.packing_list_no,
        "packing_list": command.packing_list,
        "shipping_list": command.shipping_list,
    }
    signed = {each.role for each in command.signatures}
    unsigned = [f"signatures.{role}" for role in Signatory if role not in signed]
    nameless = [
        f"signatures.{index}.name"
        for index, each in enumerate(command.signatures)
        if each.name is None
    ]
    return (*(field for field, value in given.items() if not value), *unsigned, *nameless)


def _signatures(command: ReleaseDelivery, now: datetime) -> tuple[ReleaseSignature, ...]:
    roles = [each.role for each in command.signatures]
    for index, role in enumerate(roles):
        if role in roles[:index]:
            raise SignatureTwice(field=f"signatures.{index}.role", role=role)
    return tuple(
        ReleaseSignature(
            role=each.role,
            name=each.name or "",
            signed_at=not_later(each.signed_at, now, field=f"signatures.{index}.signed_at"),
        )
        for index, each in enumerate(command.signatures)
    )


def once_each(lines: Sequence[DeliveryLine], *, field: str) -> dict[int, DeliveryLine]:
    """The lines by their number.

    Raises:
        DeliveryLineTwice: a number stands twice.
    """
    found: dict[int, DeliveryLine] = {}
    for index, each in enumerate(lines):
        if each.line in found:
            raise DeliveryLineTwice(field=f"{field}.{index}.line", line=each.line)
        found[each.line] = each
    return found


def must_be_equal(
    prepared: Sequence[DeliveryLine],
    packed: Sequence[DeliveryLine],
    shipped: Sequence[DeliveryLine],
) -> None:
    """Compare the lists line by line; the order of the lines does not matter.

    Raises:
        DeliveryLineTwice: a line number stands twice in a list.
        ListMismatch: with the first line that differs, and what each list says of it.
    """
    lists = {
        "prepared": once_each(prepared, field="lines"),
        "packing_list": once_each(packed, field="packing_list"),
        "shipping_list": once_each(shipped, field="shipping_list"),
    }
    for number in sorted({line for each in lists.values() for line in each}):
        of_line = {name: each.get(number) for name, each in lists.items()}
        for what in ("qty", "spec_code", "lot_no"):
            said = {name: getattr(each, what, None) for name, each in of_line.items()}
            if len(set(said.values())) > 1:
                raise ListMismatch(field="shipping_list", line=number, differs=what, **said)
