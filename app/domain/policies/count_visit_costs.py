"""Clause 3.7: what a service visit cost is a cost of the year, entered by nobody else (R-03)."""

from collections.abc import Sequence
from typing import Final

from app.domain.cost_entry.decisions import CountVisitCost
from app.domain.cost_entry.events import COST_ENTRY
from app.domain.decider import Happened, Order, Policy, World
from app.domain.registers.costs import COST_OF_VISIT
from app.domain.service_visit.events import ServiceVisitCompleted, VisitCostCorrected
from app.domain.values import shanghai_day

VisitCostTold = ServiceVisitCompleted | VisitCostCorrected


def react(happened: Happened[VisitCostTold], world: World) -> Sequence[Order]:
    """Have the visit's entry say what the visit says.

    A visit that was completed before visits were counted has no entry of this kind: its cost was
    entered by hand, perhaps without naming it, and is corrected there.
    """
    event, signed, reason = happened.event, None, None
    if isinstance(event, VisitCostCorrected):
        known = world.entry_in(COST_OF_VISIT, happened.to)
        if known is None or known.cost_entry_id != happened.to:
            return ()
        reason = event.reason
    else:
        signed = event.customer_signature
    command = CountVisitCost(
        visit_no=event.visit_no,
        case_id=event.case_id,
        case_no=event.case_no,
        customer_id=event.customer_id,
        spec_code=event.spec_code,
        amount_fen=event.cost_fen,
        on=shanghai_day(event.completed_at),
        voucher=signed.doc_ref if signed else event.visit_no,
        reason=reason,
    )
    return [Order(COST_ENTRY.name, command, to=happened.to)]


count_visit_costs: Final = Policy(
    name="count_visit_costs",
    event_types=(ServiceVisitCompleted, VisitCostCorrected),
    react=react,
)
