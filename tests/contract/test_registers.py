"""What stands in a room stands in its register, and everything that is named has words."""

import inspect
import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

import app.api
import app.domain
import app.projections
from app.api.commands import command_routes, operation_id
from app.api.routes import ROUTERS
from app.api.service import refusals
from app.domain.aggregates import AGGREGATES
from app.domain.decider import Command, Decider, Event, Policy, Register
from app.domain.policies.catalogue import POLICIES
from app.domain.registers.catalogue import REGISTERS
from app.projections.catalogue import LEDGERS
from app.projections.ledger import Ledger
from app.projections.links import LINKS

LINES_MAX = 400


def below(room: ModuleType) -> list[ModuleType]:
    """Every file of a room and of the rooms within."""
    return [import_module(m.name) for m in walk_packages(room.__path__, f"{room.__name__}.")]


def all_of(kind: type[Any], room: ModuleType) -> set[str]:
    """The names of everything of a kind that is defined at the top of a file."""
    return {v.name for m in below(room) for v in vars(m).values() if isinstance(v, kind)}


def test_every_aggregate_policy_register_and_ledger_is_registered() -> None:
    assert all_of(Decider, app.domain) == {each.name for each in AGGREGATES}
    assert all_of(Policy, app.domain) == {each.name for each in POLICIES}
    assert all_of(Register, app.domain) == {each.name for each in REGISTERS}
    assert all_of(Ledger, app.projections) == {each.name for each in LEDGERS}


def test_every_table_has_a_name_of_its_own() -> None:
    registers = [each.name for each in (*REGISTERS, LINKS)]
    names = Counter([*registers, *(each.name for each in LEDGERS)])

    assert not [name for name, times in names.items() if times > 1]


def leaves(kind: type[Any]) -> list[type[Any]]:
    """Every class below one that has none below itself."""
    below_it = kind.__subclasses__()
    if not below_it:
        return [kind] if kind.__module__.startswith("app.") else []
    return [leaf for each in below_it for leaf in leaves(each)]


def test_every_command_and_every_event_has_its_aggregate_once() -> None:
    commands = [each for decider in AGGREGATES for each in decider.command_types]
    events = [each for decider in AGGREGATES for each in decider.stream.event_types]

    assert Counter(commands) == Counter(leaves(Command))
    assert Counter(events) == Counter(leaves(Event))
    assert not [name for name, n in Counter(e.__name__ for e in events).items() if n > 1]


def test_every_router_is_routed() -> None:
    routers = [m.router for m in below(app.api) if hasattr(m, "router")]
    assert {id(each) for each in routers} == {id(each) for each in ROUTERS}


def test_every_command_has_an_address_and_a_name_of_its_own() -> None:
    routes = command_routes(AGGREGATES)

    assert len({each.path for each in routes}) == len(routes)
    assert len({operation_id(each.command) for each in routes}) == len(routes)


def test_everything_that_is_named_says_in_one_line_what_it_is() -> None:
    for named in [*leaves(Command), *leaves(Event), *refusals()]:
        first = (inspect.getdoc(named) or "").split("\n", 1)[0]
        assert first.endswith("."), named


def test_every_command_that_people_ask_for_and_every_refusal_speaks_chinese() -> None:
    for route in command_routes(AGGREGATES):
        assert re.search(r"[\u4e00-\u9fff]", inspect.getdoc(route.command) or ""), route.command
    for error in refusals():
        assert re.search(r"[\u4e00-\u9fff]", error.title_zh()), error


def test_files_stay_readable() -> None:
    long = {
        str(path): len(path.read_text().splitlines())
        for room in ("app", "tests")
        for path in Path(room).rglob("*.py")
        if len(path.read_text().splitlines()) > LINES_MAX
    }
    assert not long
