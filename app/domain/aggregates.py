"""Every aggregate, in the order of the documents."""

from typing import Any, Final

from app.domain.capa.decisions import capa
from app.domain.cause_catalogue.decisions import cause_catalogue
from app.domain.claim.decisions import claim
from app.domain.cost_entry.decisions import cost_entry
from app.domain.deadline.decisions import deadline
from app.domain.decider import Decider
from app.domain.escalation.decisions import escalation
from app.domain.feedback_case.decisions import feedback_case
from app.domain.return_list.decisions import return_list
from app.domain.rule_pack.decisions import rule_packs
from app.domain.sales_figures.decisions import sales_figures
from app.domain.target.decisions import target
from app.domain.warranty_agreement.decisions import warranty_agreement
from app.domain.work_calendar.decisions import work_calendar

AGGREGATES: Final[tuple[Decider[Any, Any, Any], ...]] = (
    feedback_case,
    return_list,
    claim,
    escalation,
    capa,
    warranty_agreement,
    cause_catalogue,
    rule_packs,
    work_calendar,
    deadline,
    sales_figures,
    cost_entry,
    target,
)
