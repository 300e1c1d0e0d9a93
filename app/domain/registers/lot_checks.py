"""What containment found in a production lot, added up over all cases."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from app.domain.decider import Happened, Register, World
from app.domain.feedback_case.events import ContainmentRecorded

EVIDENCE_MAX: Final = 50
"""Cases of one lot that are named; the last ones."""


class LotCheck(BaseModel):
    """Inspected and faulty pieces of a lot, and the cases that told of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    checked: int = 0
    nok: int = 0
    case_nos: tuple[str, ...] = ()


def _keys(happened: Happened[ContainmentRecorded]) -> list[str]:
    lot_no = happened.event.lot_no
    return [] if lot_no is None else [lot_no]


def _fold(known: LotCheck | None, happened: Happened[ContainmentRecorded], _: str) -> LotCheck:
    event, before = happened.event, known or LotCheck()
    others = tuple(each for each in before.case_nos if each != event.case_no)
    return LotCheck(
        checked=before.checked + event.checked,
        nok=before.nok + event.nok,
        case_nos=(*others, event.case_no)[-EVIDENCE_MAX:],
    )


LOT_CHECKS: Final[Register[LotCheck]] = Register(
    name="lot_checks",
    value_type=LotCheck,
    event_types=(ContainmentRecorded,),
    keys=_keys,
    fold=_fold,
)
"""By the lot's number."""


def lot_check(world: World, lot_no: str) -> LotCheck:
    """What was found in a lot so far."""
    return world.entry_in(LOT_CHECKS, lot_no) or LotCheck()
