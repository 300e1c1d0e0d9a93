"""A CAPA report on its way: in order, and by the people who own it."""

from datetime import date
from typing import Final

import pytest

from app.domain.capa.commands import (
    ROLES_OF_DEPARTMENT,
    CapaActionInPlace,
    CapaCauseMissing,
    CapaCauseNotInUse,
    CapaCommand,
    CapaDueInThePast,
    CapaMeasureInPlace,
    CapaNokAboveChecked,
    CapaNotContained,
    NoSuchCapaAction,
    NotOfOwnerDepartment,
    TeamMemberTwice,
)
from app.domain.capa.events import CapaCauseFound, CapaEvent
from app.domain.capa.state import CapaStatus
from app.domain.errors import NotFound, WrongRole
from app.domain.values import Department, Role
from tests.domain.capas import (
    CAUSE,
    CAUSE_FOUND,
    CONTAIN,
    CONTAINED,
    HEADING,
    PLAN,
    PREVENT,
    PREVENTED,
    TEAM,
    TEAM_SET,
    caused,
    contained,
    effective,
    half_done,
    implement,
    implemented,
    in_place,
    issued,
    just_issued,
    known,
    new_capa,
    planned,
    second_round,
    with_plan,
)
from tests.people import (
    CLERK,
    DIRECTOR,
    ENGINEER,
    GENERAL_MANAGER,
    PRODUCTION,
    QUALITY_MANAGER,
    STOREKEEPER,
    TECHNICIAN,
    Person,
)

# --- who works on it ------------------------------------------------------------------------

STEPS: Final[tuple[CapaCommand, ...]] = (TEAM, CONTAIN, CAUSE, PLAN, implement(1), PREVENT)


def test_the_owners_department_and_qa_take_every_step() -> None:
    for who in (PRODUCTION, ENGINEER):
        just_issued.when(who.asks(TEAM)).then(TEAM_SET)
        just_issued.when(who.asks(CONTAIN)).then(CONTAINED)
        contained.when(who.asks(CAUSE)).then(CAUSE_FOUND)
        caused.when(who.asks(PLAN)).then(planned())
        with_plan.when(who.asks(implement(1))).then(implemented(1))
        caused.when(who.asks(PREVENT)).then(PREVENTED)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_other_departments_take_none_and_the_qa_manager_only_checks(step: CapaCommand) -> None:
    for who in (TECHNICIAN, DIRECTOR, STOREKEEPER, CLERK):
        with_plan.when(who.asks(step)).then_refused(
            NotOfOwnerDepartment, allowed=["PRODUCTION", "QA_ENGINEER"]
        )
    for who in (QUALITY_MANAGER, GENERAL_MANAGER):
        with_plan.when(who.asks(step)).then_refused(WrongRole)
    new_capa.when(ENGINEER.asks(step)).then_refused(NotFound)


@pytest.mark.parametrize("department", list(Department))
def test_every_department_has_people_who_work_on_its_reports(department: Department) -> None:
    owned = known.given(ENGINEER.did(issued(owner_department=department)))

    for role in ROLES_OF_DEPARTMENT[department] | {Role.QA_ENGINEER}:
        owned.when(Person("Niu", role).asks(TEAM)).then(TEAM_SET)


# --- team, containment, cause ---------------------------------------------------------------


def test_a_team_has_each_person_once_and_is_replaced_at_any_time() -> None:
    ma, he = TEAM.members
    twice = TEAM.model_copy(update={"members": (ma, he, ma)})

    just_issued.when(PRODUCTION.asks(twice)).then_refused(TeamMemberTwice, person="Ma")
    alone = TEAM_SET.model_copy(update={"members": (he,)})
    assert contained.given(PRODUCTION.did(alone)).state().team == (he,)
    effective.when(PRODUCTION.asks(TEAM)).then(TEAM_SET.model_copy(update={"cause_code": "M01"}))


@pytest.mark.parametrize(
    ("nok", "fits"), [pytest.param(300, True, id="all"), pytest.param(301, False, id="one more")]
)
def test_no_more_pieces_are_faulty_than_were_looked_at(nok: int, fits: bool) -> None:  # noqa: FBT001 - a column of the table
    asked = just_issued.when(PRODUCTION.asks(CONTAIN.model_copy(update={"nok": nok})))

    if fits:
        asked.then(CONTAINED.model_copy(update={"nok": nok}))
    else:
        asked.then_refused(CapaNokAboveChecked, checked=300)


@pytest.mark.parametrize(
    ("done", "missing"),
    [
        pytest.param([], ["TEAM", "CONTAINMENT"], id="neither"),
        pytest.param([TEAM_SET], ["CONTAINMENT"], id="only the team"),
        pytest.param([CONTAINED], ["TEAM"], id="only the containment"),
    ],
)
def test_team_and_containment_come_before_the_cause(
    done: list[CapaEvent], missing: list[str]
) -> None:
    just_issued.given(*map(PRODUCTION.did, done)).when(PRODUCTION.asks(CAUSE)).then_refused(
        CapaNotContained, missing=missing
    )


def test_a_cause_without_a_code_leaves_the_known_one() -> None:
    uncoded = CAUSE.model_copy(update={"cause_code": None})
    found = CapaCauseFound(**HEADING, **uncoded.model_dump(exclude={"cause_code"}))

    contained.when(PRODUCTION.asks(uncoded)).then(found)
    caused.when(PRODUCTION.asks(uncoded)).then(CAUSE_FOUND)
    assert contained.given(PRODUCTION.did(found)).state().cause_code is None
    state = caused.state()
    assert state.cause is not None
    assert (state.cause_code, state.cause.found_by) == ("M01", PRODUCTION.name)


@pytest.mark.parametrize("code", ["OLD", "NEVER"])
def test_a_code_of_the_cause_is_an_active_one(code: str) -> None:
    uncatalogued = CAUSE.model_copy(update={"cause_code": code})

    contained.when(PRODUCTION.asks(uncatalogued)).then_refused(CapaCauseNotInUse, cause_code=code)


def test_a_better_cause_may_be_found_until_the_measure_is_in_place() -> None:
    better = CAUSE.model_copy(update={"cause_code": "M02"})
    found = CAUSE_FOUND.model_copy(update={"cause_code": "M02"})

    for spec in (caused, with_plan, half_done, second_round):
        spec.when(PRODUCTION.asks(better)).then(found)
    for spec in (in_place, effective):
        spec.when(PRODUCTION.asks(better)).then_refused(CapaMeasureInPlace)


# --- actions --------------------------------------------------------------------------------


def test_actions_need_a_cause() -> None:
    contained.when(PRODUCTION.asks(PLAN)).then_refused(CapaCauseMissing, next="RecordCapaCause")
    contained.when(PRODUCTION.asks(PREVENT)).then_refused(CapaCauseMissing)


def test_actions_are_numbered_on_until_all_are_in_place() -> None:
    for spec in (with_plan, half_done):
        spec.when(PRODUCTION.asks(PLAN)).then(planned(first_number=3))
    in_place.when(PRODUCTION.asks(PLAN)).then_refused(
        CapaMeasureInPlace, effective_from="2025-03-03", next="CheckCapaEffectiveness"
    )


def test_an_action_is_not_due_in_the_past() -> None:
    first, second = PLAN.actions
    late = second.model_copy(update={"due_on": date(2025, 3, 2)})

    asked = caused.when(PRODUCTION.asks(PLAN.model_copy(update={"actions": (first, late)})))
    asked.then_refused(CapaDueInThePast, today="2025-03-03")
    with pytest.raises(CapaDueInThePast) as refusal:
        asked.answer()
    assert refusal.value.field == "actions.1.due_on"


def test_the_measure_holds_from_the_last_day_of_its_actions() -> None:
    early, late = date(2025, 2, 20), date(2025, 4, 1)
    first = implemented(2, late)
    one_done = with_plan.given(PRODUCTION.did(first))

    with_plan.when(PRODUCTION.asks(implement(2, late))).then(first)
    assert one_done.state().effective_from is None
    one_done.when(PRODUCTION.asks(implement(1, early))).then(implemented(1, early, measure=late))
    both = one_done.given(PRODUCTION.did(implemented(1, early, measure=late))).state()
    assert (both.effective_from, both.status) == (late, CapaStatus.IMPLEMENTED)
    action = both.action(1)
    assert action is not None
    assert (action.effective_from, action.implemented_by) == (early, PRODUCTION.name)


def test_an_action_planned_late_holds_the_measure_up() -> None:
    more = half_done.given(PRODUCTION.did(planned(first_number=3)))

    more.when(PRODUCTION.asks(implement(1))).then(implemented(1))


def test_an_action_of_the_round_is_implemented_once() -> None:
    half_done.when(PRODUCTION.asks(implement(2))).then_refused(
        CapaActionInPlace, effective_from="2025-03-03"
    )
    half_done.when(PRODUCTION.asks(implement(3))).then_refused(NoSuchCapaAction, actions=[1, 2])
    second_round.when(PRODUCTION.asks(implement(1))).then_refused(
        NoSuchCapaAction, actions=[], round=2
    )


def test_prevention_may_follow_the_cause_at_any_time() -> None:
    for spec in (caused, half_done, in_place, effective, second_round):
        spec.when(PRODUCTION.asks(PREVENT)).then(PREVENTED)
    bare = PREVENT.model_copy(update={"documents": (), "similar_specs": ()})
    caused.when(PRODUCTION.asks(bare)).then(
        PREVENTED.model_copy(update={"documents": (), "similar_specs": ()})
    )


def test_a_report_shows_how_far_it_is() -> None:
    steps = {
        CapaStatus.NOT_ISSUED: new_capa,
        CapaStatus.ISSUED: just_issued,
        CapaStatus.TEAM_SET: just_issued.given(PRODUCTION.did(TEAM_SET)),
        CapaStatus.CONTAINED: contained,
        CapaStatus.CAUSE_FOUND: caused,
        CapaStatus.ACTIONS_PLANNED: half_done,
        CapaStatus.IMPLEMENTED: in_place,
        CapaStatus.EFFECTIVENESS_CHECKED: effective,
    }
    assert {status: spec.state().status for status, spec in steps.items()} == {
        status: status for status in steps
    }
    assert second_round.state().status is CapaStatus.ACTIONS_PLANNED
