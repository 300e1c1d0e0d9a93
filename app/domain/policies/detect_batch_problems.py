"""Clause 4.6.1: which lots are batch problems by their figures. Rule R-09."""

from collections.abc import Sequence
from typing import Final

from app.domain.decider import Happened, Order, Policy, World
from app.domain.feedback_case.events import ContainmentRecorded
from app.domain.lot_quality.decisions import DetectBatchProblem
from app.domain.lot_quality.events import LOT_QUALITY
from app.domain.registers.lot_checks import LotCheck, lot_check
from app.domain.rule_pack.events import pack_in_force
from app.domain.rules import Decision, RulePack, decided


def faulty_in_lot(found: LotCheck, pack: RulePack) -> Decision:
    """R-09: faulty pieces in a thousand inspected ones; at the figure it is a batch problem.

    Whole thousandths, rounded down: against a whole figure that says the same as
    `nok * 1000 >= checked * figure`. Where nothing was inspected, nothing is faulty.
    """
    rate = found.nok * 1_000 // max(found.checked, 1)
    least = pack.figures.batch_nok_permille_min
    return decided("R-09", "4.6.1", pack, rate, ">=", least, "PERMILLE", found.case_nos)


def react(happened: Happened[ContainmentRecorded], world: World) -> Sequence[Order]:
    """Ask the rule whenever pieces of a lot were inspected."""
    event = happened.event
    if event.lot_no is None:
        return ()
    seen = faulty_in_lot(lot_check(world, event.lot_no), pack_in_force(world))
    if not seen.fires:
        return ()
    command = DetectBatchProblem(
        spec_code=event.spec_code,
        case_id=happened.to,
        case_no=event.case_no,
        customer_id=event.customer_id,
        decision=seen,
    )
    return [Order(LOT_QUALITY.name, command, to=event.lot_no)]


detect_batch_problems: Final = Policy(
    name="detect_batch_problems", event_types=(ContainmentRecorded,), react=react
)
