"""What a CAPA report is issued for, and what that tells of it. Clauses 4.2.3, 4.5 and 4.6.1."""

from typing import Any, Final

from app.domain.capa.commands import (
    CapaSourceClosed,
    CapaSourceDropped,
    CapaSourceNotAcknowledged,
    CapaSourceNotFound,
)
from app.domain.capa.state import CapaSource
from app.domain.decider import World
from app.domain.escalation.events import ESCALATION, EscalationStatus
from app.domain.feedback_case.events import FEEDBACK_CASE, CaseStatus
from app.domain.quarterly_report.events import QUARTERLY_REPORT, ReportStatus
from app.domain.risk_control_project.events import RISK_CONTROL_PROJECT
from app.domain.risk_control_project.state import ProjectStatus

NO_SOURCE: Final = dict.fromkeys(
    (
        "escalation_id",
        "escalation_no",
        "case_id",
        "case_no",
        "claim_id",
        "claim_no",
        "project_id",
        "project_no",
        "quarter",
        "spec_code",
        "cause_code",
    )
)
"""What a source may tell, when it tells nothing."""


def origin_of(source: CapaSource, world: World) -> dict[str, Any]:
    """What a source tells its report: ids, numbers, specification and cause, as far as it has them.

    Raises:
        CapaSourceNotFound: there is nothing of this kind under this id.
        CapaSourceNotAcknowledged: the general manager does not know of the escalation yet.
        CapaSourceClosed: the escalation or the project is closed.
        CapaSourceDropped: the case was voided or merged.
    """
    told = {
        "ESCALATION": _of_escalation,
        "CASE": _of_case,
        "RISK_PROJECT": _of_project,
        "QUARTER": _of_quarter,
    }
    return NO_SOURCE | {"source": source.kind} | told[source.kind](source.id, world)


def _of_escalation(escalation_id: str, world: World) -> dict[str, Any]:
    escalation = world.state_of(ESCALATION, escalation_id)
    if escalation.status is EscalationStatus.NOT_RAISED:
        raise CapaSourceNotFound(field="source.id", kind="ESCALATION")
    if escalation.status is EscalationStatus.CLOSED:
        raise CapaSourceClosed(field="source.id", escalation_no=escalation.escalation_no)
    if escalation.status is EscalationStatus.RAISED:
        raise CapaSourceNotAcknowledged(
            field="source.id",
            escalation_no=escalation.escalation_no,
            next="AcknowledgeEscalation",
        )
    return {
        "escalation_id": escalation_id,
        "escalation_no": escalation.escalation_no,
        "claim_id": escalation.claim_id,
        "claim_no": escalation.claim_no,
        "spec_code": escalation.spec_code,
    }


def _of_case(case_id: str, world: World) -> dict[str, Any]:
    case = world.state_of(FEEDBACK_CASE, case_id)
    if case.status is CaseStatus.NOT_REGISTERED:
        raise CapaSourceNotFound(field="source.id", kind="CASE")
    if case.status in {CaseStatus.VOIDED, CaseStatus.MERGED}:
        raise CapaSourceDropped(field="source.id", status=case.status, merged_into=case.merged_into)
    return {
        "case_id": case_id,
        "case_no": case.case_no,
        "spec_code": case.spec_code,
        "cause_code": None if case.cause is None else case.cause.cause_code,
    }


def _of_project(project_id: str, world: World) -> dict[str, Any]:
    project = world.state_of(RISK_CONTROL_PROJECT, project_id)
    if not project.project_no:
        raise CapaSourceNotFound(field="source.id", kind="RISK_PROJECT")
    if project.status is ProjectStatus.CLOSED:
        raise CapaSourceClosed(field="source.id", project_no=project.project_no)
    return {
        "project_id": project_id,
        "project_no": project.project_no,
        "spec_code": project.spec_code,
        "cause_code": project.cause_code,
    }


def _of_quarter(quarter: str, world: World) -> dict[str, Any]:
    report = world.state_of(QUARTERLY_REPORT, quarter)
    if report.status is ReportStatus.NOT_ENDED:
        raise CapaSourceNotFound(field="source.id", kind="QUARTER")
    return {"quarter": report.quarter}
