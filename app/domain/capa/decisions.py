"""What a CAPA report answers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, assert_never

from app.domain.capa.commands import (
    ROLES_OF_DEPARTMENT,
    CapaActionInPlace,
    CapaAlreadyChecked,
    CapaCauseMissing,
    CapaCauseNotInUse,
    CapaCommand,
    CapaDueInThePast,
    CapaIsClosed,
    CapaMeasureInPlace,
    CapaNokAboveChecked,
    CapaNotChecked,
    CapaNotContained,
    CapaNotEffectiveYet,
    CapaNotImplemented,
    CapaPreventionMissing,
    CapaStep,
    CheckCapaEffectiveness,
    CloseCapa,
    ImplementCapaAction,
    IssueCapa,
    LotsCheckedMissing,
    NoSuchCapaAction,
    NotOfOwnerDepartment,
    PlanCapaActions,
    RecordCapaCause,
    RecordCapaContainment,
    RecordCapaPrevention,
    SetCapaTeam,
    SodCapa,
    TeamMemberTwice,
)
from app.domain.capa.events import (
    CAPA,
    CapaActionImplemented,
    CapaActionsPlanned,
    CapaCauseFound,
    CapaClosed,
    CapaContainmentRecorded,
    CapaEffectivenessChecked,
    CapaEvent,
    CapaIssued,
    CapaPreventionRecorded,
    CapaTeamSet,
)
from app.domain.capa.sources import origin_of
from app.domain.capa.state import (
    Capa,
    CapaStatus,
    PlannedAction,
    whole_measure_from,
)
from app.domain.cause_catalogue.events import cause_in_use
from app.domain.decider import Asked, Decider, World
from app.domain.due import due, limits_of
from app.domain.errors import AlreadyExists, NotFound
from app.domain.feedback_case.events import UNKNOWN_SPEC
from app.domain.registers.numbers import next_no
from app.domain.replacing import replace
from app.domain.values import Actor, Role, shanghai_day


def decide(  # noqa: C901, PLR0911, PLR0912 - a table of contents has as many lines as commands
    asked: Asked[CapaCommand], capa: Capa, world: World
) -> Sequence[CapaEvent]:
    """The table of contents: one line a command."""
    if isinstance(asked.command, IssueCapa):
        return issue(asked, asked.command, capa, world)
    if capa.status is CapaStatus.NOT_ISSUED:
        raise NotFound
    if capa.closed_at is not None:
        raise CapaIsClosed(capa_no=capa.capa_no, status=capa.status)
    if isinstance(asked.command, CapaStep):
        _must_work_on_it(asked.by, capa)
    match asked.command:
        case SetCapaTeam() as command:
            return set_team(command, capa)
        case RecordCapaContainment() as command:
            return record_containment(command, capa)
        case RecordCapaCause() as command:
            return record_cause(command, capa, world)
        case PlanCapaActions() as command:
            return plan_actions(asked, command, capa)
        case ImplementCapaAction() as command:
            return implement_action(command, capa, world)
        case RecordCapaPrevention() as command:
            return record_prevention(command, capa)
        case CheckCapaEffectiveness() as command:
            return check_effectiveness(asked, command, capa, world)
        case CloseCapa() as command:
            return close(command, capa)
        case _:
            assert_never(asked.command)


# --- the way in -----------------------------------------------------------------------------


def issue(
    asked: Asked[CapaCommand], command: IssueCapa, capa: Capa, world: World
) -> list[CapaEvent]:
    """Issue it; what the asker says of spec and cause goes before what the source says.

    Raises:
        AlreadyExists: the id is taken.
        CapaSourceNotFound: no such escalation, case or project, or the quarter is not over.
        CapaSourceNotAcknowledged: the general manager does not know of it yet.
        CapaSourceClosed: the escalation or the project is closed.
        CapaSourceDropped: the case was voided or merged. A closed one may have a report.
        CapaCauseNotInUse: the catalogue has no such active cause.
        CapaDueInThePast: it would be late from the start.
    """
    if capa.status is not CapaStatus.NOT_ISSUED:
        raise AlreadyExists(capa_no=capa.capa_no)
    origin = origin_of(command.source, world)
    _must_be_in_use(command.cause_code, world)
    _must_not_be_past(command.due_on, asked.at, field="due_on")
    said = origin | command.model_dump(exclude={"source"}, exclude_none=True)
    if said["spec_code"] == UNKNOWN_SPEC:
        said["spec_code"] = None
    in_place_by = due(world, "T9", limits_of(world).measures_implemented, asked.at)
    return [CapaIssued(capa_no=next_no(world, "CA"), **said, due=(in_place_by,))]


# --- the work -------------------------------------------------------------------------------


def set_team(command: SetCapaTeam, capa: Capa) -> list[CapaEvent]:
    """Set the team, or another one, at any time."""
    people = [each.person for each in command.members]
    for index, person in enumerate(people):
        if person in people[:index]:
            raise TeamMemberTwice(field=f"members.{index}.person", person=person)
    return [CapaTeamSet(**_heading(capa), **dict(command))]


def record_containment(command: RecordCapaContainment, capa: Capa) -> list[CapaEvent]:
    """Record one look for suspect pieces; there may be several, at any time."""
    if command.nok > command.checked:
        raise CapaNokAboveChecked(field="nok", checked=command.checked)
    return [CapaContainmentRecorded(**_heading(capa), **dict(command))]


def record_cause(command: RecordCapaCause, capa: Capa, world: World) -> list[CapaEvent]:
    """Record the cause, or a better one while the round's actions are not all in place.

    Raises:
        CapaNotContained: no team is set, or nobody has looked for suspect pieces.
        CapaMeasureInPlace: what is in place was made for the cause that stands.
        CapaCauseNotInUse: the catalogue has no such active cause.
    """
    steps = (("TEAM", capa.team), ("CONTAINMENT", capa.containments))
    missing = [name for name, done in steps if not done]
    if missing:
        raise CapaNotContained(capa_no=capa.capa_no, missing=missing)
    _must_not_be_in_place(capa)
    _must_be_in_use(command.cause_code, world)
    said = dict(command) | {"cause_code": command.cause_code or capa.cause_code}
    return [CapaCauseFound(**(_heading(capa) | said))]


def plan_actions(
    asked: Asked[CapaCommand], command: PlanCapaActions, capa: Capa
) -> list[CapaEvent]:
    """Plan actions, numbered through all rounds; more may follow until all are in place.

    Raises:
        CapaCauseMissing: nobody knows yet what to act against.
        CapaMeasureInPlace: the round waits for its check.
        CapaDueInThePast: an action would be late from the start.
    """
    _must_have_a_cause(capa)
    _must_not_be_in_place(capa)
    for index, each in enumerate(command.actions):
        _must_not_be_past(each.due_on, asked.at, field=f"actions.{index}.due_on")
    planned = tuple(
        PlannedAction(number=number, **dict(each))
        for number, each in enumerate(command.actions, start=len(capa.actions) + 1)
    )
    return [CapaActionsPlanned(**_heading(capa), round=capa.round, actions=planned)]


def implement_action(command: ImplementCapaAction, capa: Capa, world: World) -> list[CapaEvent]:
    """Put an action of the round in place; with the last one, the whole measure is (T10 begins).

    Raises:
        NoSuchCapaAction: it was never planned, or in an earlier round.
        CapaActionInPlace: it is in place already.
    """
    action = capa.action(command.action)
    if action is None:
        numbers = [each.number for each in capa.actions_of_the_round]
        raise NoSuchCapaAction(field="action", actions=numbers, round=capa.round)
    if action.effective_from is not None:
        raise CapaActionInPlace(field="action", effective_from=str(action.effective_from))
    done = replace(action, effective_from=command.effective_from)
    actions = tuple(done if each is action else each for each in capa.actions_of_the_round)
    whole = whole_measure_from(actions)
    checked_by = due(world, "T10", limits_of(world).effectiveness_checked, world.at)
    implemented = CapaActionImplemented(
        **_heading(capa),
        **dict(command),
        measure_effective_from=whole,
        due=() if whole is None else (checked_by,),
    )
    return [implemented]


def record_prevention(command: RecordCapaPrevention, capa: Capa) -> list[CapaEvent]:
    """Record one lesson and where it went; there may be several."""
    _must_have_a_cause(capa)
    return [CapaPreventionRecorded(**_heading(capa), **dict(command))]


# --- the end --------------------------------------------------------------------------------


def check_effectiveness(
    asked: Asked[CapaCommand], command: CheckCapaEffectiveness, capa: Capa, world: World
) -> list[CapaEvent]:
    """Check a round once, when all of it is in place, through somebody who had no part in it.

    Raises:
        CapaNotImplemented: an action is open, or none is planned in this round.
        CapaAlreadyChecked: this round has its result.
        CapaNotEffectiveYet: the first production day under the measure lies ahead.
        SodCapa: the checker owns the report, or owns or implemented an action of any round.
        LotsCheckedMissing: effective, and no lot shows it.
    """
    if capa.effective_from is None:
        waiting = [each.number for each in capa.actions_of_the_round if not each.effective_from]
        raise CapaNotImplemented(capa_no=capa.capa_no, round=capa.round, open_actions=waiting)
    if capa.check is not None:
        raise CapaAlreadyChecked(result=capa.check.result, next="CloseCapa")
    if shanghai_day(asked.at) < capa.effective_from:
        raise CapaNotEffectiveYet(effective_from=str(capa.effective_from))
    if asked.by.person in _people_checked(capa):
        raise SodCapa(person=asked.by.person)
    if command.result == "EFFECTIVE" and not command.lots_checked:
        raise LotsCheckedMissing(field="lots_checked")
    anew = due(world, "T9", limits_of(world).measures_implemented, asked.at)
    checked = CapaEffectivenessChecked(
        **_heading(capa),
        **dict(command),
        round=capa.round,
        due=(anew,) if command.result == "INEFFECTIVE" else (),
    )
    return [checked]


def _people_checked(capa: Capa) -> set[str | None]:
    workers = {each.implemented_by for each in capa.actions}
    return {capa.owner} | workers | {each.owner for each in capa.actions}


def close(command: CloseCapa, capa: Capa) -> list[CapaEvent]:
    """Close it as verified, or as what could not be verified.

    Raises:
        CapaNotChecked: the round has no result; one found ineffective is over, and not the last.
        CapaPreventionMissing: it helped, and nobody else learns from it.
    """
    if capa.check is None:
        raise CapaNotChecked(capa_no=capa.capa_no, round=capa.round, next="CheckCapaEffectiveness")
    verified = capa.check.result == "EFFECTIVE"
    if verified and not capa.preventions:
        raise CapaPreventionMissing(capa_no=capa.capa_no, next="RecordCapaPrevention")
    return [CapaClosed(**_heading(capa), verified=verified, summary=command.summary)]


# --- what several of them ask ---------------------------------------------------------------


def _must_work_on_it(by: Actor, capa: Capa) -> None:
    allowed = ROLES_OF_DEPARTMENT[capa.owner_department] | {Role.QA_ENGINEER}
    if by.role not in allowed:
        raise NotOfOwnerDepartment(
            role=by.role, owner_department=capa.owner_department, allowed=sorted(allowed)
        )


def _must_have_a_cause(capa: Capa) -> None:
    if capa.cause is None:
        raise CapaCauseMissing(capa_no=capa.capa_no, next="RecordCapaCause")


def _must_not_be_in_place(capa: Capa) -> None:
    if capa.effective_from is not None:
        raise CapaMeasureInPlace(
            effective_from=str(capa.effective_from), next="CheckCapaEffectiveness"
        )


def _must_be_in_use(cause_code: str | None, world: World) -> None:
    if cause_code is not None and cause_in_use(world, cause_code) is None:
        raise CapaCauseNotInUse(field="cause_code", cause_code=cause_code)


def _must_not_be_past(due_on: date, at: datetime, *, field: str) -> None:
    today = shanghai_day(at)
    if due_on < today:
        raise CapaDueInThePast(field=field, today=today.isoformat())


def _heading(capa: Capa) -> dict[str, Any]:
    """The fields of `CapaFact`."""
    return {
        "capa_no": capa.capa_no,
        "escalation_id": capa.escalation_id,
        "case_id": capa.case_id,
        "claim_id": capa.claim_id,
        "spec_code": capa.spec_code,
        "cause_code": capa.cause_code,
    }


capa: Decider[CapaCommand, Capa, CapaEvent] = Decider(
    stream=CAPA,
    decide=decide,
    collection="capas",
    label_zh="纠正预防措施",
)
