"""Clause 4.6.1: a recurrence or a batch problem has a risk-control project."""

from collections.abc import Sequence
from typing import Final, assert_never

from app.domain.decider import Happened, Order, Policy, World
from app.domain.lot_quality.events import BatchProblemDeclared, BatchProblemDetected
from app.domain.recurrence.events import RecurrenceDetected
from app.domain.registers.risk_projects import failure_keys, lot_key, open_project
from app.domain.risk_control_project.commands import LinkOccurrence, RaiseRiskControlProject
from app.domain.risk_control_project.events import RISK_CONTROL_PROJECT
from app.domain.risk_control_project.state import ProjectOccurrence

Problem = RecurrenceDetected | BatchProblemDetected | BatchProblemDeclared


def react(happened: Happened[Problem], world: World) -> Sequence[Order]:
    """Link it to the project that is open about the same problem, or open one."""
    event = happened.event
    match event:
        case RecurrenceDetected():
            keys = failure_keys(world, event.cause_code, event.spec_code)
            occurrence = ProjectOccurrence(
                kind="RECURRENCE",
                event_id=happened.event_id,
                case_id=event.case_id,
                case_no=event.case_no,
                customer_id=event.customer_id,
                capa_id=event.capa_id,
                capa_no=event.capa_no,
            )
            opening = RaiseRiskControlProject(
                spec_code=event.spec_code, cause_code=event.cause_code, occurrence=occurrence
            )
        case BatchProblemDetected():
            keys = [lot_key(event.lot_no)]
            occurrence = ProjectOccurrence(
                kind="BATCH_DETECTED",
                event_id=happened.event_id,
                case_id=event.case_id,
                case_no=event.case_no,
                customer_id=event.customer_id,
            )
            opening = RaiseRiskControlProject(
                spec_code=event.spec_code, lot_no=event.lot_no, occurrence=occurrence
            )
        case BatchProblemDeclared():
            keys = [lot_key(event.lot_no)]
            occurrence = ProjectOccurrence(kind="BATCH_DECLARED", event_id=happened.event_id)
            opening = RaiseRiskControlProject(
                spec_code=event.spec_code, lot_no=event.lot_no, occurrence=occurrence
            )
        case _:
            assert_never(event)
    known = open_project(world, keys)
    if known is None:
        return [Order(RISK_CONTROL_PROJECT.name, opening)]
    link = LinkOccurrence(occurrence=occurrence)
    return [Order(RISK_CONTROL_PROJECT.name, link, to=known.project_id)]


open_risk_projects: Final = Policy(
    name="open_risk_projects",
    event_types=(RecurrenceDetected, BatchProblemDetected, BatchProblemDeclared),
    react=react,
)
