"""One turn, without a database: what is not at hand is asked for; all or nothing happens."""

from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

import pytest

from app.domain.cause_catalogue.decisions import DefineCause, cause_catalogue
from app.domain.cause_catalogue.events import CauseDefined, CauseRetired
from app.domain.decider import SINGLE, Happened, NotAtHand, Order, Policy, Register, World
from app.domain.errors import DomainError
from app.domain.rule_pack.decisions import rule_packs
from app.domain.values import Role
from app.events.folding import RegisterTable
from app.events.ids import random_id
from app.events.memory import Drawn, Memory, Standing, Wanted
from app.events.turn import Accepted, Submission, Turn
from app.events.workings import Workings
from tests.events.asking import ENGINEER, cause

AT = datetime(2025, 3, 3, tzinfo=UTC)
CATALOGUE = f"cause-catalogue-{SINGLE}"

COUNT: Register[int] = Register(
    name="count",
    value_type=int,
    event_types=(CauseDefined,),
    keys=lambda happened: [happened.event.cause_class],
    fold=lambda value, _, __: (value or 0) + 1,
)


def react(happened: Happened[CauseDefined | CauseRetired], world: World) -> list[Order]:
    """The second cause of a class brings a third, whose code may be taken already."""
    event = happened.event
    match event:
        case CauseDefined(code="M02", cause_class=cause_class):
            assert world.entry_in(COUNT, cause_class) == 2
            return [Order("cause-catalogue", cause("M03"), to=SINGLE)]
        case CauseDefined() | CauseRetired():
            return []
        case _:
            assert_never(event)


def asked(code: str) -> Submission:
    """A definition."""
    return Submission(
        decider="cause-catalogue",
        to=SINGLE,
        command=cause(code),
        by=ENGINEER,
        at=None,
        expected=None,
        request_id="test",
    )


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """An empty log, everything at hand; the system may define causes, too."""
    monkeypatch.setattr(DefineCause, "roles", DefineCause.roles | {Role.SYSTEM})
    workings = Workings(
        [cause_catalogue, rule_packs],
        [Policy("third", (CauseDefined, CauseRetired), react)],
        [RegisterTable(COUNT)],
    )
    memory = Memory(position=7)
    memory.streams[CATALOGUE] = Standing(0, cause_catalogue.stream.initial)
    memory.streams[f"rule-pack-{SINGLE}"] = Standing(0, rule_packs.stream.initial)
    memory.rows["count", "DESIGN"] = None
    return Turn(workings, memory, AT)


def run(turn: Turn, code: str, at: datetime = AT) -> Accepted:
    """One command."""
    return turn.run(asked(code), at, Drawn(random_id))


def test_a_policy_sees_counters_that_include_the_event_and_reacts_in_the_same_turn(
    turn: Turn,
) -> None:
    run(turn, "M01")
    accepted = run(turn, "M02")

    first, second = accepted.events
    assert (first.position, second.position) == (9, 10)
    assert second.causation_id == first.happened.event_id
    assert second.happened.by.role is Role.SYSTEM
    assert second.command_id == first.command_id
    assert turn.rows["count", "DESIGN"] == 3
    assert accepted.revision == 3


def test_a_command_whose_policy_is_refused_leaves_no_trace(turn: Turn) -> None:
    run(turn, "M03")
    before: tuple[Any, ...] = (turn.position, dict(turn.streams), dict(turn.rows), len(turn.events))

    with pytest.raises(DomainError):
        run(turn, "M02")

    assert (turn.position, dict(turn.streams), dict(turn.rows), len(turn.events)) == before


@pytest.mark.parametrize(
    ("forget", "wanted"),
    [
        ("stream", Wanted(streams=(CATALOGUE,))),
        ("row", Wanted(rows=(("count", "DESIGN"),))),
    ],
)
def test_what_is_not_in_memory_is_asked_for(turn: Turn, forget: str, wanted: Wanted) -> None:
    if forget == "stream":
        del turn.memory.streams[CATALOGUE]
    else:
        del turn.memory.rows["count", "DESIGN"]

    with pytest.raises(NotAtHand) as miss:
        run(turn, "M01")

    assert miss.value.wanted == wanted
    assert turn.events == []


def test_time_stands_rather_than_going_back(turn: Turn) -> None:
    first = run(turn, "M01", AT + timedelta(hours=1))
    second = run(turn, "M04", AT)

    assert second.events[0].happened.at == first.events[0].happened.at


def test_memory_takes_a_turn_in_only_when_it_is_durable(turn: Turn) -> None:
    run(turn, "M01")
    assert turn.memory.position == 7

    turn.commit()

    assert turn.memory.position == 8
    assert turn.memory.rows["count", "DESIGN"] == 1
