"""Writes what is checked in for others to read: `python -m app.catalogues`."""

import inspect
import json
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

from app.api.commands import command_routes
from app.api.service import explanations
from app.domain.aggregates import AGGREGATES
from app.domain.limits import TimeLimits
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.rules import Figures
from app.domain.values import Role
from app.main import create_app
from app.projections.catalogue import LEDGERS

FOLDER: Final = Path("openapi")


def openapi() -> str:
    """The HTTP interface."""
    unopened: nullcontext[Any] = nullcontext()
    return json.dumps(create_app(unopened).openapi(), indent=2, ensure_ascii=False) + "\n"


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


CATALOGUES: Final = {
    "openapi.json": openapi,
    "events.md": events,
    "commands.md": commands,
    "refusals.md": refusals,
    "rules.md": rules,
    "ledgers.md": ledgers,
}

if __name__ == "__main__":
    for name, write in CATALOGUES.items():
        (FOLDER / name).write_text(write())
