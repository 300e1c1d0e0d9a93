"""A case that opens by itself, because a carrier damaged what it carried. Clause 4.1.5, R-10."""

from typing import ClassVar, Final

from pydantic import Field

from app.domain.decider import Command
from app.domain.errors import AlreadyExists, AlreadyReported
from app.domain.feedback_case.shared import CaseEvent
from app.domain.feedback_case.state import Channel
from app.domain.values import Code, CustomerId, Day, Id, Pieces, Role, SpecCode, Text

OWN_SYSTEM: Final = "SANBAO"
"""The source system of cases that the house itself opens."""
DAMAGED_IN_TRANSPORT: Final = "Damaged in transport (运输损坏)."
"""The symptom of such a case; what was seen is its description."""


class OpenTransportCase(Command):
    """Open a case of class TRANSPORT for a damage that was reported."""

    clause: ClassVar[str] = "4.1.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists, AlreadyReported)

    delivery_id: Id
    delivery_no: Code
    damage_no: Code = Field(description="external_ref of the case; source_system is SANBAO.")
    customer_id: CustomerId
    carrier_id: Code
    channel: Channel
    occurred_on: Day
    spec_code: SpecCode
    lot_no: Code
    qty: Pieces
    description: Text


class TransportPartyNamed(CaseEvent):
    """The carrier of the delivery is the candidate third party of the case (R-10)."""

    clause: ClassVar[str] = "4.1.5"

    rule_id: Code = Field(examples=["R-10"])
    delivery_id: Id
    delivery_no: Code
    damage_no: Code
    carrier_id: Code
