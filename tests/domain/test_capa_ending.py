"""How a CAPA report ends: checked by somebody who had no part in it, then closed, or anew."""

from datetime import date, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.capa.commands import (
    CapaAlreadyChecked,
    CapaCommand,
    CapaIsClosed,
    CapaNotChecked,
    CapaNotEffectiveYet,
    CapaNotImplemented,
    CapaPreventionMissing,
    ImplementCapaAction,
    LotsCheckedMissing,
    SodCapa,
)
from app.domain.capa.events import (
    CapaActionImplemented,
    CapaClosed,
    CapaEffectivenessChecked,
    CapaEvent,
    CapaPreventionRecorded,
)
from app.domain.capa.state import CapaStatus, CheckResult
from app.domain.decider import Happened
from app.domain.errors import DomainError, NotFound, WrongRole
from app.domain.values import Role
from tests.domain.capas import (
    CAUSE,
    CLOSE,
    CONTAIN,
    PLAN,
    PREVENT,
    PREVENTED,
    TEAM,
    TODAY,
    caused,
    check,
    checked,
    closed,
    contained,
    effective,
    half_done,
    implement,
    implemented,
    in_place,
    just_issued,
    new_capa,
    over,
    planned,
    second_round,
    with_plan,
)
from tests.people import ENGINEER, NOON, PRODUCTION, QUALITY_MANAGER, Person

# --- checking -------------------------------------------------------------------------------


@pytest.mark.parametrize("result", ["EFFECTIVE", "INEFFECTIVE", "NOT_VERIFIABLE"])
def test_the_qa_manager_checks_a_round_once(result: CheckResult) -> None:
    in_place.when(QUALITY_MANAGER.asks(check(result))).then(checked(result))
    in_place.when(ENGINEER.asks(check(result))).then_refused(WrongRole)
    effective.when(QUALITY_MANAGER.asks(check(result))).then_refused(
        CapaAlreadyChecked, result="EFFECTIVE"
    )
    new_capa.when(QUALITY_MANAGER.asks(check(result))).then_refused(NotFound)


def test_a_check_needs_every_action_of_the_round_in_place() -> None:
    asked = QUALITY_MANAGER.asks(check())

    for spec, waiting in ((caused, []), (with_plan, [1, 2]), (half_done, [1]), (second_round, [])):
        spec.when(asked).then_refused(CapaNotImplemented, open_actions=waiting)


def test_a_check_waits_for_the_first_production_day_under_the_measure() -> None:
    tomorrow = date(2025, 3, 4)
    ahead = half_done.given(PRODUCTION.did(implemented(1, tomorrow, measure=tomorrow)))
    midnight_in_shanghai = NOON + timedelta(hours=12)

    for at in (NOON, midnight_in_shanghai - timedelta(microseconds=1)):
        ahead.when(QUALITY_MANAGER.asks(check(), at=at)).then_refused(
            CapaNotEffectiveYet, effective_from="2025-03-04"
        )
    ahead.when(QUALITY_MANAGER.asks(check(), at=midnight_in_shanghai)).then(checked())


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Ma", id="owns the report, and put the actions in place"),
        pytest.param("Zhou", id="owns an action"),
    ],
)
def test_whoever_had_a_part_in_it_does_not_check(name: str) -> None:
    same_head = Person(name, Role.QA_MANAGER)

    for result in (check(), check("INEFFECTIVE"), check("NOT_VERIFIABLE")):
        in_place.when(same_head.asks(result)).then_refused(SodCapa, person=name)


def test_whoever_put_an_action_in_place_does_not_check_in_a_later_round_either() -> None:
    wang = half_done.given(
        ENGINEER.did(implemented(1, measure=TODAY)),
        QUALITY_MANAGER.did(checked("INEFFECTIVE")),
        PRODUCTION.did(planned(first_number=3, round_=2)),
        PRODUCTION.did(implemented(3)),
        PRODUCTION.did(implemented(4, measure=TODAY)),
    )

    wang.when(ENGINEER.wearing(Role.QA_MANAGER).asks(check())).then_refused(SodCapa)
    wang.when(QUALITY_MANAGER.asks(check())).then(checked(round_=2))


def test_an_effective_measure_names_the_lots_that_show_it() -> None:
    def without_lots(result: CheckResult) -> Happened[CapaEvent] | None:
        bare = check(result).model_copy(update={"lots_checked": ()})
        told = in_place.when(QUALITY_MANAGER.asks(bare)).answer()
        return QUALITY_MANAGER.did(told[0])

    with pytest.raises(LotsCheckedMissing) as refusal:
        without_lots("EFFECTIVE")
    assert refusal.value.field == "lots_checked"
    assert without_lots("INEFFECTIVE")
    assert without_lots("NOT_VERIFIABLE")
    in_place.when(QUALITY_MANAGER.asks(check("EFFECTIVE", "L2504"))).then(
        checked().model_copy(update={"lots_checked": ("L2504",)})
    )


def test_an_ineffective_measure_begins_the_next_round() -> None:
    state = second_round.state()
    assert (state.round, state.status) == (2, CapaStatus.ACTIONS_PLANNED)
    assert (state.effective_from, state.check, state.actions_of_the_round) == (None, None, ())
    assert [(each.round, each.result) for each in state.checks] == [(1, "INEFFECTIVE")]
    second_round.when(PRODUCTION.asks(PLAN)).then(planned(first_number=3, round_=2))

    again = second_round.given(PRODUCTION.did(planned(first_number=3, round_=2)))
    again.when(PRODUCTION.asks(implement(4))).then(implemented(4))
    one_left = again.given(PRODUCTION.did(implemented(4)))
    one_left.when(PRODUCTION.asks(implement(3))).then(implemented(3, measure=TODAY))


# --- closing --------------------------------------------------------------------------------


def test_a_report_is_not_closed_without_a_check_of_its_round() -> None:
    for spec in (just_issued, contained, in_place, second_round):
        spec.when(ENGINEER.asks(CLOSE)).then_refused(
            CapaNotChecked, round=spec.state().round, next="CheckCapaEffectiveness"
        )
    new_capa.when(ENGINEER.asks(CLOSE)).then_refused(NotFound)


def test_an_effective_measure_is_closed_with_a_prevention() -> None:
    effective.when(ENGINEER.asks(CLOSE)).then_refused(
        CapaPreventionMissing, next="RecordCapaPrevention"
    )
    prevented = effective.given(PRODUCTION.did(PREVENTED))
    prevented.when(ENGINEER.asks(CLOSE)).then(closed())
    prevented.when(PRODUCTION.asks(CLOSE)).then_refused(WrongRole)
    state = over.state()
    assert (state.status, state.closed_by) == (CapaStatus.CLOSED, ENGINEER.name)
    assert (state.closed_at, state.summary) == (NOON, CLOSE.summary)


def test_what_cannot_be_verified_is_closed_as_such() -> None:
    unverified = in_place.given(QUALITY_MANAGER.did(checked("NOT_VERIFIABLE")))

    assert unverified.state().round == 1
    unverified.when(ENGINEER.asks(CLOSE)).then(closed(verified=False))
    shut = unverified.given(ENGINEER.did(closed(verified=False)))
    assert shut.state().status is CapaStatus.CLOSED_UNVERIFIED


@pytest.mark.parametrize(
    "command",
    [TEAM, CONTAIN, CAUSE, PLAN, implement(1), PREVENT, CLOSE],
    ids=lambda command: type(command).__name__,
)
def test_nothing_happens_to_a_closed_report(command: CapaCommand) -> None:
    over.when(ENGINEER.asks(command)).then_refused(CapaIsClosed, status="CLOSED")
    over.when(QUALITY_MANAGER.asks(check())).then_refused(CapaIsClosed)


# --- properties -----------------------------------------------------------------------------

CHECKERS: Final = (
    QUALITY_MANAGER,
    PRODUCTION.wearing(Role.QA_MANAGER),
    ENGINEER.wearing(Role.QA_MANAGER),
)
RESULTS: Final[tuple[CheckResult, ...]] = ("EFFECTIVE", "INEFFECTIVE", "NOT_VERIFIABLE")
ONE_ACTION: Final = PLAN.model_copy(update={"actions": PLAN.actions[:1]})
WISHES: Final[st.SearchStrategy[tuple[Person, CapaCommand]]] = st.one_of(
    st.tuples(st.sampled_from([PRODUCTION, ENGINEER]), st.builds(implement, st.integers(1, 2))),
    st.tuples(st.sampled_from(CHECKERS), st.builds(check, st.sampled_from(RESULTS))),
    st.sampled_from(
        [(PRODUCTION, CAUSE), (PRODUCTION, ONE_ACTION), (PRODUCTION, PREVENT), (ENGINEER, CLOSE)]
    ),
)
"""What people ask; an action is meant by its place in the round."""


def lived(wishes: list[tuple[Person, CapaCommand]]) -> list[Happened[CapaEvent]]:
    """What came of it all, once one of the two first actions is in place."""
    spec = half_done
    for who, command in wishes:
        meant = command
        if isinstance(command, ImplementCapaAction):
            state = spec.state()
            earlier = len(state.actions) - len(state.actions_of_the_round)
            meant = implement(command.action + earlier)
        try:
            told = spec.when(who.asks(meant)).answer()
        except DomainError:
            continue
        spec = spec.given(*(who.did(event) for event in told))
    return list(spec.history[len(half_done.history) :])


@given(st.lists(WISHES, min_size=10, max_size=40))
def test_in_whatever_order_nobody_checks_their_own_work_and_a_close_rests_on_a_check(
    wishes: list[tuple[Person, CapaCommand]],
) -> None:
    history = lived(wishes)

    workers = {"Ma"}
    results: list[CheckResult] = []
    for happened in history:
        if isinstance(happened.event, CapaActionImplemented):
            workers.add(happened.by.person)
        if isinstance(happened.event, CapaEffectivenessChecked):
            assert happened.by.person not in workers
            results.append(happened.event.result)
        if isinstance(happened.event, CapaClosed):
            assert happened is history[-1]
            assert results[-1] == ("EFFECTIVE" if happened.event.verified else "NOT_VERIFIABLE")
            assert not happened.event.verified or _any(history, CapaPreventionRecorded)
    assert set(results[:-1]) <= {"INEFFECTIVE"}


def _any(history: list[Happened[CapaEvent]], kind: type[CapaEvent]) -> bool:
    return any(isinstance(each.event, kind) for each in history)


DAYS: Final = st.dates(date(2025, 2, 1), TODAY)


@given(st.permutations([1, 2, 3, 4]), st.lists(DAYS, min_size=4, max_size=4))
def test_in_whatever_order_actions_come_the_measure_holds_from_their_last_day(
    order: list[int], days: list[date]
) -> None:
    spec = with_plan.given(PRODUCTION.did(planned(first_number=3)))
    measures: list[date | None] = []
    for number, day in zip(order, days, strict=True):
        told = spec.when(PRODUCTION.asks(implement(number, day))).answer()
        spec = spec.given(*(PRODUCTION.did(event) for event in told))
        measures.append(spec.state().effective_from)

    assert measures == [None, None, None, max(days)]
