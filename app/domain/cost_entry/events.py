"""What can happen to a cost entry, and what it adds up to."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.decider import Event, Happened, JsonObject, Stream
from app.domain.money import Fen, Shown
from app.domain.replacing import replace
from app.domain.values import Code, CustomerId, Id, Reason, SpecCode


class CostKind(StrEnum):
    """What a cost was for (费用类别). Clause 3.7."""

    VISIT = "VISIT"
    FREIGHT = "FREIGHT"
    SORTING = "SORTING"
    REPLACEMENT = "REPLACEMENT"
    ANALYSIS = "ANALYSIS"
    OTHER = "OTHER"


class CostRecorded(Event):
    """After-sales service cost something beside what customers claim."""

    clause: ClassVar[str] = "3.7"
    schema_version: ClassVar[int] = 2
    numbered: ClassVar[str | None] = "cost_no"

    cost_no: Code
    kind: CostKind
    amount_fen: Fen
    on: date
    case_id: Id | None
    case_no: Code | None
    claim_id: Id | None
    claim_no: Code | None
    customer_id: CustomerId | None
    spec_code: SpecCode | None
    voucher: Code
    source_system: Code | None
    external_ref: Code | None
    service_visit_id: Id | None = Field(
        description="The visit whose cost it is: of one visit there is one entry."
    )
    visit_no: Code | None
    apart_from_visits: bool = Field(
        strict=True, description="Somebody says that it was for no visit of the case."
    )

    @staticmethod
    def upcast_v1_v2(data: JsonObject) -> JsonObject:
        """The first version knew no visits: what they cost was entered by hand."""
        return data | {"service_visit_id": None, "visit_no": None, "apart_from_visits": False}


class CostCorrected(Event):
    """It cost another amount, arose on another day or for something else; two people say so."""

    clause: ClassVar[str] = "3.7"

    cost_no: Code
    old_kind: CostKind
    kind: CostKind
    old_amount_fen: Fen
    amount_fen: Fen
    old_on: date
    on: date
    voucher: Code
    reason: Reason


CostEntryEvent: TypeAlias = CostRecorded | CostCorrected


@dataclass(frozen=True, slots=True)
class CostEntry:
    """A cost as it stands."""

    cost_no: str = ""
    kind: CostKind = CostKind.OTHER
    amount: Shown = 0
    on: date = date.min
    case_id: str | None = None
    case_no: str | None = None
    claim_id: str | None = None
    claim_no: str | None = None
    customer_id: str | None = None
    spec_code: str | None = None
    voucher: str = ""
    source_system: str | None = None
    external_ref: str | None = None
    service_visit_id: str | None = None
    visit_no: str | None = None
    apart_from_visits: bool = False
    recorded_by: str = ""
    corrected_because: tuple[str, ...] = ()


def evolve(entry: CostEntry, happened: Happened[CostEntryEvent]) -> CostEntry:
    """Apply one event."""
    match happened.event:
        case CostRecorded() as event:
            said = event.said()
            return CostEntry(amount=said.pop("amount_fen"), recorded_by=happened.by.person, **said)
        case CostCorrected() as event:
            return replace(
                entry,
                kind=event.kind,
                amount=event.amount_fen,
                on=event.on,
                voucher=event.voucher,
                corrected_because=(*entry.corrected_because, event.reason),
            )
        case unknown:
            assert_never(unknown)


COST_ENTRY: Final = Stream(name="cost-entry", initial=CostEntry(), evolve=evolve)
