"""Why a delivery may say no."""

from typing_extensions import override

from app.domain.errors import Invalid, Refused

# --- preparing and releasing ----------------------------------------------------------------


class DeliveryLineTwice(Invalid):
    """A line number is used once in a list.

    「清单中行号不能重复。」
    """


class DeliveryIsCancelled(Refused):
    """The delivery was cancelled.

    「发运单已取消。」
    """


class DeliveryAlreadyReleased(Refused):
    """The delivery has been released.

    「发运单已放行。」
    """

    clause = "4.1.3"


class ReleaseGate(Invalid):
    """A paper or a signature that clause 4.1.3 asks for is missing.

    A delivery is released with the ex-works inspection report, the certificate, the packing list,
    the shipping list, and the names of shipper, warehouse keeper and carrier who signed. `missing`
    names all that is not there.

    「条款4.1.3:出厂检验报告、合格证、装箱清单、发货清单及三方签字缺一不可。」
    """

    clause = "4.1.3"
    rule = "R-12"

    @classmethod
    @override
    def code(cls) -> str:
        """The gate is called by its clause."""
        return "GATE_4_1_3"


class SignatureTwice(Invalid):
    """Each side signs the release once.

    「同一签字方只能签字一次。」
    """


class ListMismatch(Invalid):
    """Packing list, shipping list and the delivery as prepared differ.

    The details have the first line that differs, and what each list says of it.

    「装箱清单、发货清单与发运单不一致。」
    """

    clause = "4.1.3"
    rule = "R-12"


# --- on the way -----------------------------------------------------------------------------


class DeliveryNotReleased(Refused):
    """The delivery has not been released.

    「发运单尚未放行。」
    """

    clause = "4.1.3"


class DeliveryAlreadyDispatched(Refused):
    """The goods are on their way, or with the customer.

    「货物已发运或已签收。」
    """


class BeforeRelease(Invalid):
    """Nothing happens to goods on their way before they are released.

    「时间不能早于放行时间。」
    """


class DeliveryAlreadySigned(Refused):
    """The customer has signed for the delivery.

    「发运单已签收。」
    """


class DeliveryNotSigned(Refused):
    """The customer has not signed for the delivery yet.

    「发运单尚未签收。」
    """

    clause = "4.1.4"


class ProofAlreadyReturned(Refused):
    """The signed shipping list is back.

    「签收单已回传。」
    """


# --- damages --------------------------------------------------------------------------------


class NoSuchDeliveryLine(Invalid):
    """The delivery has no line of this number.

    「发运单中没有该行号。」
    """


class MoreDamagedThanDelivered(Invalid):
    """No more pieces of a line can be damaged than were delivered.

    「损坏数量不能超过该行的发货数量。」
    """

    clause = "4.1.5"


class NoDamageWaits(Refused):
    """No transport damage waits for the leader's acknowledgement.

    「没有待确认的运输损坏。」
    """


class NoSuchDamage(Invalid):
    """No damage of this number was reported.

    「没有该编号的运输损坏。」
    """
