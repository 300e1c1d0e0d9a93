"""Clause 4.6.1: which failures came back although a measure was in place. Rule R-08.

A part made from the day on from which the measure is in place recurred; one made before did not.
A cause that was merged into another is that other one.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, assert_never

from app.domain.capa.events import CAPA
from app.domain.claim.events import CLAIM
from app.domain.decider import Happened, Order, Policy, World
from app.domain.feedback_case.events import (
    FEEDBACK_CASE,
    CaseMerged,
    CaseVoided,
    FeedbackCorrected,
    RootCauseApproved,
)
from app.domain.recurrence.decisions import DropRecurrence, JudgeRecurrence
from app.domain.recurrence.events import RECURRENCE
from app.domain.registers.implemented_capas import Measure, measures_against
from app.domain.risk_control_project.events import RISK_CONTROL_PROJECT
from app.domain.rule_pack.events import pack_in_force
from app.domain.rules import Decision, RulePack, decided

CaseMoved = RootCauseApproved | FeedbackCorrected | CaseVoided | CaseMerged
JUDGED_BY: Final = frozenset({"produced_on", "spec_code"})
"""What of a registered case makes a difference."""


# --- the rule -------------------------------------------------------------------------------


def made_under_the_measure(
    produced_on: date, measure: Measure, case_no: str, pack: RulePack
) -> Decision:
    """R-08: days from the measure's first production day to the part's; that day itself counts."""
    days = (produced_on - measure.effective_from).days
    return decided("R-08", "4.6.1", pack, days, ">=", 0, "DAYS", (measure.capa_no, case_no))


# --- what it sets off -----------------------------------------------------------------------


def react(happened: Happened[CaseMoved], world: World) -> Sequence[Order]:
    """Judge a case whose cause, specification or production day is another one now."""
    event = happened.event
    match event:
        case CaseVoided() | CaseMerged():
            return [_ask(DropRecurrence(case_ended=True), happened.to)]
        case FeedbackCorrected() if not JUDGED_BY & {each.field for each in event.changes}:
            return ()
        case RootCauseApproved() | FeedbackCorrected():
            return _judge(happened.to, world)
        case _:
            assert_never(event)


def _judge(case_id: str, world: World) -> list[Order]:
    case = world.state_of(FEEDBACK_CASE, case_id)
    if case.cause is None:
        return []
    measures = measures_against(world, case.cause.cause_code, case.spec_code)
    if not measures:
        return [_ask(DropRecurrence(case_ended=False), case_id)]
    measure = _compared(measures, case.produced_on)
    seen = None
    if case.produced_on is not None:
        pack = pack_in_force(world)
        seen = made_under_the_measure(case.produced_on, measure, case.case_no, pack)
    command = JudgeRecurrence(
        case_no=case.case_no,
        customer_id=case.customer_id,
        spec_code=case.spec_code,
        cause_code=case.cause.cause_code,
        produced_on=case.produced_on,
        earlier_case_nos=_taken_for(world, measure),
        decision=seen,
        **dict(measure),
    )
    return [_ask(command, case_id)]


def _compared(measures: Sequence[Measure], produced_on: date | None) -> Measure:
    """The last measure the part was made under, else the first that came after it."""
    if produced_on is None:
        return measures[-1]
    under = [each for each in measures if each.effective_from <= produced_on]
    return under[-1] if under else measures[0]


def _taken_for(world: World, measure: Measure) -> tuple[str, ...]:
    """The cases behind a measure: that of its report, or those of the project or the claim."""
    capa = world.state_of(CAPA, measure.capa_id)
    if capa.case_no is not None:
        return (capa.case_no,)
    if capa.project_id is not None:
        about = world.state_of(RISK_CONTROL_PROJECT, capa.project_id).occurrences
        return tuple(dict.fromkeys(each.case_no for each in about if each.case_no is not None))
    return world.state_of(CLAIM, capa.claim_id).case_nos if capa.claim_id is not None else ()


def _ask(command: JudgeRecurrence | DropRecurrence, case_id: str) -> Order:
    return Order(RECURRENCE.name, command, to=case_id)


judge_recurrences: Final = Policy(
    name="judge_recurrences",
    event_types=(RootCauseApproved, FeedbackCorrected, CaseVoided, CaseMerged),
    react=react,
)
