"""What can happen to the quality of a lot, and what it adds up to."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.rules import Decision
from app.domain.values import Code, CustomerId, Id, Reason, SpecCode


class BatchProblemFact(Event):
    """Which lot, and what was found in it so far, over all cases."""

    clause: ClassVar[str] = "4.6.1"

    lot_no: Code
    spec_code: SpecCode
    checked: int = Field(ge=0, description="Pieces inspected (检查数).")
    nok: int = Field(ge=0, description="Faulty pieces among them (不合格数).")


class BatchProblemDetected(BatchProblemFact):
    """Too many of the inspected pieces of a lot are faulty (R-09). It names the case that told."""

    rate_permille: int = Field(ge=0, le=1_000, description="Rounded down.")
    case_id: Id
    case_no: Code
    customer_id: CustomerId
    decision: Decision


class BatchProblemDeclared(BatchProblemFact):
    """QA says that a lot is a batch problem, whatever the figures say."""

    reason: Reason


LotQualityEvent: TypeAlias = BatchProblemDetected | BatchProblemDeclared


@dataclass(frozen=True, slots=True)
class BatchDeclaration:
    """Who declared it, and why."""

    reason: str
    declared_by: str
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class LotQuality:
    """What was said of a lot; no lot of which nothing was said is a batch problem."""

    lot_no: str = ""
    spec_code: str = ""
    checked: int = 0
    """Inspected pieces when it was said last."""
    nok: int = 0
    detected: Decision | None = None
    detected_at: datetime | None = None
    declarations: tuple[BatchDeclaration, ...] = ()


def evolve(lot: LotQuality, happened: Happened[LotQualityEvent]) -> LotQuality:
    """Apply one event."""
    event = happened.event
    said = replace(
        lot,
        lot_no=event.lot_no,
        spec_code=event.spec_code,
        checked=event.checked,
        nok=event.nok,
    )
    match event:
        case BatchProblemDetected(decision=decision):
            return replace(said, detected=decision, detected_at=happened.at)
        case BatchProblemDeclared(reason=reason):
            declared = BatchDeclaration(reason, happened.by.person, happened.at)
            return replace(said, declarations=(*said.declarations, declared))
        case unknown:
            assert_never(unknown)


LOT_QUALITY: Final = Stream(name="lot-quality", initial=LotQuality(), evolve=evolve)
