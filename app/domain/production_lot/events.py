"""What can happen to a production lot, and what it adds up to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, assert_never

from pydantic import BaseModel, ConfigDict, Field

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.values import Code, Pieces, SpecCode

# --- words ----------------------------------------------------------------------------------

Check = Literal["PASS", "FAIL"]
"""What a look at one condition says (合格 / 不合格)."""


class StorageChecks(BaseModel):
    """What clause 4.1.2 asks of a store, condition by condition (储存条件)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    identification: Check = Field(description="Customer name and product identification (标识).")
    water: Check = Field(description="Kept from water (防水).")
    sun: Check = Field(description="Kept from the sun (防晒).")
    rust: Check = Field(description="Kept from rust (防锈).")
    ventilation: Check = Field(description="Ventilated and dry (通风干燥).")

    @property
    def failed(self) -> tuple[str, ...]:
        """The conditions that are not kept."""
        return tuple(name for name, check in self if check == "FAIL")


PhotoRefs = Annotated[
    tuple[Code, ...], Field(max_length=50, description="照片: photo or document numbers.")
]

# --- what can happen ------------------------------------------------------------------------


class ProductionLotRecorded(Event):
    """The workshop made a lot and moved it into store."""

    clause: ClassVar[str] = "4.1.1"

    lot_no: Code
    spec_code: SpecCode
    produced_on: date
    workshop: Code
    qty: Pieces
    warehoused_on: date


class StorageConditionRecorded(Event):
    """Somebody looked how a lot is stored."""

    clause: ClassVar[str] = "4.1.2"

    lot_no: Code
    spec_code: SpecCode
    place: Code
    checks: StorageChecks
    passed: bool = Field(description="Whether every condition is kept.")
    photo_refs: PhotoRefs


ProductionLotEvent: TypeAlias = ProductionLotRecorded | StorageConditionRecorded

# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StorageCondition:
    """One look at how a lot is stored."""

    place: str
    checks: StorageChecks
    passed: bool
    photo_refs: tuple[str, ...]
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ProductionLot:
    """A lot as it stands; no number: nobody recorded it."""

    lot_no: str = ""
    spec_code: str = ""
    produced_on: date | None = None
    workshop: str = ""
    qty: int = 0
    warehoused_on: date | None = None
    recorded_by: str = ""
    storage: tuple[StorageCondition, ...] = ()

    @property
    def is_recorded(self) -> bool:
        """Whether somebody told us of it."""
        return bool(self.lot_no)


def evolve(lot: ProductionLot, happened: Happened[ProductionLotEvent]) -> ProductionLot:
    """Apply one event."""
    match happened.event:
        case ProductionLotRecorded() as event:
            return ProductionLot(recorded_by=happened.by.person, **event.said())
        case StorageConditionRecorded() as event:
            seen = StorageCondition(
                place=event.place,
                checks=event.checks,
                passed=event.passed,
                photo_refs=event.photo_refs,
                recorded_by=happened.by.person,
                recorded_at=happened.at,
            )
            return replace(lot, storage=(*lot.storage, seen))
        case unknown:
            assert_never(unknown)


PRODUCTION_LOT: Final = Stream(name="production-lot", initial=ProductionLot(), evolve=evolve)
