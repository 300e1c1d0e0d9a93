"""What belongs to what.

Cases to a delivery; visits, returns, claims, CAPA and what recurred to a case; escalations and
appeals to a claim; a risk-control project to the cases and the lot that it is about, and its
warnings to it.
"""

from collections.abc import Iterable
from typing import Any, Final

from app.domain.appeal.events import AppealDrafted
from app.domain.capa.events import CapaIssued
from app.domain.claim.events import CaseLinked, ClaimRegistered
from app.domain.correction.events import CorrectionProposed
from app.domain.customer_visit.events import CustomerVisitRecorded
from app.domain.decider import Happened, Register
from app.domain.delivery.events import TransportCaseLinked
from app.domain.escalation.events import ClaimLinkedToEscalation, EscalationRaised
from app.domain.lot_quality.events import BatchProblemDetected
from app.domain.recurrence.events import RecurrenceFact
from app.domain.return_list.events import ReturnAnnounced
from app.domain.risk_control_project.events import OccurrenceLinked, RiskControlProjectOpened
from app.domain.risk_control_project.state import ProjectOccurrence
from app.domain.risk_warning.events import RiskWarningIssued
from app.domain.service_visit.events import ServiceVisitDispatched

LINKS_MAX: Final = 500
"""More than a person reads in one timeline."""


def above(claim_id: str) -> str:
    """The key of the cases that a claim is about."""
    return f"cases-of-claim-{claim_id}"


def _pairs(  # noqa: C901, PLR0911 - one line an event
    happened: Happened[Any],
) -> list[tuple[str, str]]:
    """Whatever something belongs to, and its stream."""
    to = happened.to
    match happened.event:
        case TransportCaseLinked(case_id=case_id):
            return [(f"delivery-{to}", f"feedback-case-{case_id}")]
        case ReturnAnnounced(case_id=case_id):
            return [(f"feedback-case-{case_id}", f"return-list-{to}")]
        case ServiceVisitDispatched(case_id=case_id):
            return [(f"feedback-case-{case_id}", f"service-visit-{to}")]
        case CustomerVisitRecorded(case_ids=case_ids):
            return [(f"feedback-case-{each}", f"customer-visit-{to}") for each in case_ids]
        case CorrectionProposed(stream=stream):
            return [(stream, f"correction-{to}")]
        case AppealDrafted(claim_id=claim_id):
            return [(f"claim-{claim_id}", f"appeal-{to}")]
        case ClaimRegistered(case_ids=case_ids):
            return [pair for case_id in case_ids for pair in _claimed(case_id, to)]
        case CaseLinked(case_id=case_id):
            return _claimed(case_id, to)
        case EscalationRaised(claim_id=claim_id) | ClaimLinkedToEscalation(claim_id=claim_id):
            return [(f"claim-{claim_id}", f"escalation-{to}")]
        case CapaIssued(escalation_id=escalation_id, case_id=case_id, project_id=project_id):
            origins = (
                ("escalation", escalation_id),
                ("feedback-case", case_id),
                ("risk-control-project", project_id),
            )
            return [(f"{kind}-{id_}", f"capa-{to}") for kind, id_ in origins if id_]
        case _:
            return _risks(happened)


def _claimed(case_id: str, claim_id: str) -> list[tuple[str, str]]:
    case, claim = f"feedback-case-{case_id}", f"claim-{claim_id}"
    return [(case, claim), (above(claim_id), case)]


def _risks(happened: Happened[Any]) -> list[tuple[str, str]]:
    to = happened.to
    match happened.event:
        case RecurrenceFact(capa_id=capa_id):
            case = f"feedback-case-{to}"
            return [(case, f"recurrence-{to}"), (case, f"capa-{capa_id}")]
        case BatchProblemDetected(case_id=case_id):
            return [(f"feedback-case-{case_id}", f"lot-quality-{to}")]
        case RiskControlProjectOpened(occurrence=occurrence, lot_no=lot_no):
            project = f"risk-control-project-{to}"
            lot = [] if lot_no is None else [(f"lot-quality-{lot_no}", project)]
            return [*lot, *_shown(occurrence, project)]
        case OccurrenceLinked(occurrence=occurrence):
            return _shown(occurrence, f"risk-control-project-{to}")
        case RiskWarningIssued(project_id=project_id):
            owner = f"risk-control-project-{project_id}"
            return [] if project_id is None else [(owner, f"risk-warning-{to}")]
        case _:
            return []


def _shown(occurrence: ProjectOccurrence | None, project: str) -> list[tuple[str, str]]:
    if occurrence is None or occurrence.case_id is None:
        return []
    return [(f"feedback-case-{occurrence.case_id}", project)]


def _keys(happened: Happened[Any]) -> Iterable[str]:
    return dict.fromkeys(owner for owner, _ in _pairs(happened))


def _fold(streams: list[str] | None, happened: Happened[Any], key: str) -> list[str]:
    added = [stream for owner, stream in _pairs(happened) if owner == key]
    return list(dict.fromkeys([*(streams or []), *added]))[:LINKS_MAX]


LINKS: Final[Register[list[str]]] = Register(
    name="links",
    value_type=list[str],
    event_types=(
        TransportCaseLinked,
        ReturnAnnounced,
        ServiceVisitDispatched,
        CustomerVisitRecorded,
        AppealDrafted,
        ClaimRegistered,
        CaseLinked,
        EscalationRaised,
        ClaimLinkedToEscalation,
        CapaIssued,
        RecurrenceFact,
        BatchProblemDetected,
        RiskControlProjectOpened,
        OccurrenceLinked,
        RiskWarningIssued,
        CorrectionProposed,
    ),
    version=4,
    keys=_keys,
    fold=_fold,
)
