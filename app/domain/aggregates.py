"""Every aggregate, in the order of the documents."""

from typing import Any, Final

from app.domain.access_key.decisions import access_key
from app.domain.analysis_meeting.decisions import analysis_meeting
from app.domain.appeal.decisions import appeal
from app.domain.attachment.decisions import attachment
from app.domain.audit_access.decisions import audit_access
from app.domain.capa.decisions import capa
from app.domain.cause_catalogue.decisions import cause_catalogue
from app.domain.claim.decisions import claim
from app.domain.correction.decisions import correction
from app.domain.cost_entry.decisions import cost_entry
from app.domain.customer_visit.decisions import customer_visit
from app.domain.deadline.decisions import deadline
from app.domain.decider import Decider
from app.domain.delegation.decisions import delegation
from app.domain.delivery.decisions import delivery
from app.domain.escalation.decisions import escalation
from app.domain.feedback_case.decisions import feedback_case
from app.domain.lot_quality.decisions import lot_quality
from app.domain.management_review.decisions import management_review
from app.domain.personal_data.decisions import personal_data
from app.domain.production_lot.decisions import production_lot
from app.domain.quarterly_report.decisions import quarterly_report
from app.domain.recurrence.decisions import recurrence
from app.domain.return_list.decisions import return_list
from app.domain.risk_control_project.decisions import risk_control_project
from app.domain.risk_warning.decisions import risk_warning
from app.domain.rule_pack.decisions import rule_packs
from app.domain.sales_figures.decisions import sales_figures
from app.domain.service_visit.decisions import service_visit
from app.domain.target.decisions import target
from app.domain.warranty_agreement.decisions import warranty_agreement
from app.domain.work_calendar.decisions import work_calendar

AGGREGATES: Final[tuple[Decider[Any, Any, Any], ...]] = (
    production_lot,
    delivery,
    feedback_case,
    service_visit,
    customer_visit,
    return_list,
    claim,
    appeal,
    escalation,
    capa,
    recurrence,
    lot_quality,
    risk_control_project,
    risk_warning,
    analysis_meeting,
    warranty_agreement,
    cause_catalogue,
    rule_packs,
    delegation,
    quarterly_report,
    management_review,
    work_calendar,
    deadline,
    sales_figures,
    cost_entry,
    correction,
    target,
    attachment,
    personal_data,
    audit_access,
    access_key,
)
