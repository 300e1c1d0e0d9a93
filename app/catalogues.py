"""Writes what is checked in for others to read: `python -m app.catalogues`."""

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from app.api import asyncapi, event_schemas
from app.api.commands import command_routes
from app.api.matrix import authority
from app.api.service import explanations
from app.api.service import refusals as refusing
from app.domain.aggregates import AGGREGATES
from app.domain.clauses import CLAUSES, RULES, Clause, Rule
from app.domain.decider import Command, Event, JsonObject
from app.domain.errors import DomainError
from app.domain.limits import LIMITS, TimeLimit, TimeLimits
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.rules import Figures
from app.domain.values import Role
from app.main import VERSION, create_app
from app.projections.catalogue import LEDGERS
from app.projections.ledger import AnyLedger

FOLDER: Final = Path("openapi")
TESTS: Final = Path("tests")
NAMED_MAX: Final = 4
"""Tests that are named behind one rule or limit; its clause names all files."""


@cache
def document() -> JsonObject:
    """The HTTP interface, of a house that is not opened."""
    unopened: nullcontext[Any] = nullcontext()
    return create_app(unopened).openapi()


def openapi() -> str:
    """The HTTP interface."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def events() -> str:
    """Every event, by aggregate: its version, its clause, what it says."""
    head = ("event", "version", "clause", "it says")
    return "# Events\n" + "".join(
        _table(
            f"{decider.name} {decider.label_zh}",
            head,
            [
                (f"`{each.__name__}`", each.schema_version, each.clause, _first_line(each))
                for each in decider.stream.event_types
            ],
        )
        for decider in AGGREGATES
    )


def commands() -> str:
    """Every command, by aggregate: its address, its clause, who may ask, what it says."""
    head = ("command", "address", "clause", "roles", "it says")
    addresses = {each.command: f"`POST {each.path}`" for each in command_routes(AGGREGATES)}
    return "# Commands\n" + "".join(
        _table(
            f"{decider.name} {decider.label_zh}",
            head,
            [
                (
                    f"`{each.__name__}`",
                    addresses.get(each, "asked by rules only"),
                    each.clause,
                    _names(each.roles),
                    _first_line(each),
                )
                for each in decider.command_types
            ],
        )
        for decider in AGGREGATES
    )


def refusals() -> str:
    """Every refusal, by status: its code, its clause, what it says."""
    rows = sorted(explanations().values(), key=lambda each: (each.status, each.code))
    statuses = sorted({each.status for each in rows})
    return "# Refusals\n" + "".join(
        _table(
            str(status),
            ("code", "clause", "it says", "中文"),
            [
                (f"`{each.code}`", _authority(each.clause, each.rule), each.title, each.title_zh)
                for each in rows
                if each.status == status
            ],
        )
        for status in statuses
    )


def rules() -> str:
    """The figures of the first rule pack: name, value, rule and clause."""
    rows = [
        (f"`{name}`", getattr(FIRST_FIGURES, name), field.description)
        for name, field in Figures.model_fields.items()
        if name != "time_limits"
    ]
    spans = FIRST_FIGURES.time_limits
    limits = [
        (
            f"`{name}`",
            f"{getattr(spans, name).amount} {getattr(spans, name).unit}",
            each.description,
        )
        for name, each in TimeLimits.model_fields.items()
    ]
    title = "Rule pack 1: YTCXQP034, revision A0"
    head = ("figure", "value", "rule and clause")
    return f"# Figures\n{_table(title, head, rows)}{_table('Time limits 时限', head, limits)}"


def ledgers() -> str:
    """Every ledger with its columns, in English and Chinese."""
    return "# Ledgers\n" + "".join(
        _table(
            f"{ledger.title} {ledger.title_zh}",
            ("column", "栏目", "it says"),
            [
                (f"`{name}`", field.title or "", field.description or "")
                for name, field in ledger.row_type.model_fields.items()
            ],
        )
        for ledger in LEDGERS
    )


@dataclass(frozen=True, slots=True)
class Spec:
    """A test as a reader of the procedure finds it: its sentence, its file, what it says."""

    name: str
    path: str
    text: str

    @property
    def link(self) -> str:
        """Its sentence, leading to its file."""
        return f"[{self.name.removeprefix('test_').replace('_', ' ')}](../{self.path})"

    def names(self, number: str) -> bool:
        """Whether its own name speaks of a rule or a limit: `test_r14_t16_a_quarter`."""
        return number.replace("-", "").lower() in self.name.split("_")


def specs() -> list[Spec]:
    """Every test there is, those over HTTP first."""
    found = []
    for path in sorted(TESTS.glob("*/test_*.py")):
        text = path.read_text()
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
                "test_"
            ):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                said = text.splitlines()[first - 1 : node.end_lineno]
                found.append(Spec(node.name, str(path), "\n".join(said)))
    return found


def specs_of(number: str, known: Sequence[Spec]) -> list[Spec]:
    """The tests of a rule or a limit: those whose names say it, then those that look for it."""
    needle = re.compile(rf"\b{number}\b")
    found = [each for each in known if each.names(number) or needle.search(each.text)]
    return sorted(found, key=lambda each: not each.names(number))


@dataclass(frozen=True, slots=True)
class Carriers:
    """What carries a clause: whoever reads the procedure can follow it into the house."""

    commands: tuple[type[Command], ...]
    events: tuple[type[Event], ...]
    rules: tuple[Rule, ...]
    limits: tuple[TimeLimit, ...]
    ledgers: tuple[AnyLedger, ...]
    refusals: tuple[type[DomainError], ...]

    def tests(self, reads: Sequence[str], texts: Iterable[tuple[str, str]]) -> list[str]:
        """The files of tests that name one of the commands or refusals, or ask for a reading."""
        names = [each.__name__ for each in (*self.commands, *self.refusals)]
        addresses = [each.partition("{")[0].rstrip("/") for each in reads]
        words = "|".join(map(re.escape, [*names, *addresses]))
        needle = re.compile(rf"(?<!\w)({words})(?!\w)")
        return [name for name, text in texts if words and needle.search(text)]


def carriers_of(clause: str) -> Carriers:
    """Everything that names a clause as its own, and the commands that serve it too."""
    also = CLAUSES[clause].also
    return Carriers(
        commands=tuple(
            each
            for one in AGGREGATES
            for each in one.command_types
            if each.clause == clause or each.__name__ in also
        ),
        events=tuple(
            each for one in AGGREGATES for each in one.stream.event_types if each.clause == clause
        ),
        rules=tuple(each for each in RULES.values() if each.clause == clause),
        limits=tuple(each for each in LIMITS.values() if each.clause == clause),
        ledgers=tuple(each for each in LEDGERS if clause in each.clauses),
        refusals=tuple(each for each in refusing() if each.clause == clause),
    )


def reads_of(clause: Clause, carriers: Carriers) -> tuple[str, ...]:
    """Where the clause is read: its ledgers first."""
    return (*(f"/v1/ledgers/{each.address}" for each in carriers.ledgers), *clause.reads)


def clauses() -> str:
    """Every clause: what it asks for, what carries it, and the tests that spell it out."""
    texts = [(str(path), path.read_text()) for path in sorted(TESTS.glob("*/test_*.py"))]
    addresses = {each.command: f"`POST {each.path}`" for each in command_routes(AGGREGATES)}
    known = specs()
    pages = [
        _clause(each, carriers_of(each.clause), addresses, texts, known)
        for each in CLAUSES.values()
    ]
    return "# Clauses of YTCXQP034\n\nWhat each clause asks for, and what carries it.\n" + "".join(
        pages
    )


def _clause(
    clause: Clause,
    carriers: Carriers,
    addresses: dict[type[Command], str],
    texts: Sequence[tuple[str, str]],
    known: Sequence[Spec],
) -> str:
    reads = reads_of(clause, carriers)
    lost = " *(Page lost; reconstructed.)*" if clause.reconstructed else ""
    by_role = [f"{each} ({_commands_of(each)} commands)" for each in clause.roles]
    parts = {
        "Commands": [
            f"`{each.__name__}`: {addresses.get(each, 'asked by rules only')}"
            for each in carriers.commands
        ],
        "Events": [f"`{each.__name__}`" for each in carriers.events],
        "Rules": [
            f"{each.rule}: {each.en}. {each.zh}。 {_spelt_out(each.rule, known)}"
            for each in carriers.rules
        ],
        "Time limits": [
            f"{each.limit}: {each.en} {each.zh}. {_spelt_out(each.limit, known)}"
            for each in carriers.limits
        ],
        "Ledgers": [f"{each.title} {each.title_zh}" for each in carriers.ledgers],
        "Reading": [f"`GET {each}`" for each in reads],
        "Refusals": [f"`{each.code()}`: {each.title()}" for each in carriers.refusals],
        "Roles": by_role,
        "Records": [clause.records] if clause.records else [],
        "Tests": [f"[{name}](../{name})" for name in carriers.tests(reads, texts)],
    }
    told = "".join(_part(name, lines) for name, lines in parts.items() if lines)
    return f"\n## {clause.clause}\n\n{clause.en}{lost}\n\n{clause.zh}\n{told}"


def _spelt_out(number: str, known: Sequence[Spec]) -> str:
    links = [each.link for each in specs_of(number, known)[:NAMED_MAX]]
    return f"Tests: {'; '.join(links)}."


def _part(name: str, lines: Sequence[str]) -> str:
    if name in {"Events", "Roles", "Tests", "Ledgers", "Reading"}:
        return f"\n**{name}**: {', '.join(lines)}\n"
    return f"\n**{name}**\n\n" + "".join(f"- {line}\n" for line in lines)


def _commands_of(role: Role) -> int:
    return sum(role in each.roles for one in AGGREGATES for each in one.command_types)


def _table(title: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    body = "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
    return f"\n## {title}\n\n{body}\n"


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").split("\n", 1)[0]


def _authority(clause: str | None, rule: str | None) -> str:
    return " ".join(part for part in (clause, rule) if part)


def _names(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(roles))


CATALOGUES: Final[Mapping[str, Callable[[], str]]] = {
    "openapi.json": openapi,
    "asyncapi.json": lambda: asyncapi.asyncapi(VERSION),
    "event-schemas.json": event_schemas.listing,
    "events.md": events,
    "commands.md": commands,
    "refusals.md": refusals,
    "rules.md": rules,
    "ledgers.md": ledgers,
    "clauses.md": clauses,
    "authority.md": lambda: authority(document()),
}

if __name__ == "__main__":
    for name, write in CATALOGUES.items():
        (FOLDER / name).write_text(write())
