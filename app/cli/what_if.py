"""`sanbao what-if`: which reactions other figures would have set off."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from asyncpg import PostgresError

from app.cli.recording import Asking, NotRecorded, Person, Purpose, asking, record
from app.cli.shared import err, out, settings_of
from app.cli.waiting import bar
from app.domain.audit_access.events import AccessKind
from app.domain.rule_pack.first import FIRST_FIGURES
from app.embedded import EmbeddedPostgresError
from app.evidence.what_if import NoSuchFigure, with_changes
from app.evidence.what_if import what_if as asked_of
from app.evidence.what_if_answer import WhatIf
from app.main import Plan
from app.serving import database_for, plan_of, quiet_logs


def what_if(
    figures: Annotated[
        list[str], typer.Option("--set", help="name=value, as the rule pack has it; repeat it.")
    ],
    data_dir: Annotated[
        Path | None, typer.Option(help="Of the embedded server (SANBAO_DATA_DIR).")
    ] = None,
    person: Person = None,
    purpose: Purpose = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer as JSON.")] = False,
) -> None:
    """Ask which escalations, alerts and limits would appear and vanish under other figures.

    That it was asked is written down, and nothing else.

    For example: --set single_claim_fen_max=30000 --set spec_claims_window=QUARTER
    --set 'time_limits.claim_check={"amount":1,"unit":"WORKING_DAYS"}'
    """
    quiet_logs()
    changes = _changes(figures)
    asked = asking(f"sanbao what-if --set {' --set '.join(figures)}", person, purpose)
    try:
        with_changes(FIRST_FIGURES, changes)
        with (
            database_for(settings_of(data_dir)) as settings,
            bar("Reading", shown=not as_json) as t,
        ):

            async def told(done: int, total: int) -> None:
                t(done, total)

            answer = asyncio.run(_ask(plan_of(settings), asked, changes, told))
    except NoSuchFigure as error:
        err.print(f"[red]No such figure[/red] {error}")
        raise typer.Exit(2) from None
    except (NotRecorded, PostgresError, EmbeddedPostgresError, OSError) as error:
        err.print(f"[red]{type(error).__name__}[/red]: {error}")
        raise typer.Exit(1) from None
    if as_json:
        out.print_json(answer.model_dump_json())
    else:
        _say(answer)


async def _ask(plan: Plan, asked: Asking, changes: dict[str, Any], told: Any) -> WhatIf:  # noqa: ANN401 - a callback
    await record(plan, asked, AccessKind.WHAT_IF)
    connection = await plan.database.connect()
    try:
        return await asked_of(connection, changes, told)
    finally:
        await connection.close()


def _changes(figures: list[str]) -> dict[str, Any]:
    """`name=value` pairs; values are JSON, or words as they stand."""
    found: dict[str, Any] = {}
    for each in figures:
        name, equals, value = each.partition("=")
        if not equals:
            err.print(f"[red]--set[/red] {each}: write name=value", markup=True)
            raise typer.Exit(2)
        try:
            said = json.loads(value)
        except ValueError:
            said = value
        room, dot, inner = name.partition(".")
        if dot:
            found.setdefault(room, {})[inner] = said
        else:
            found[name] = said
    return found


def _say(answer: WhatIf) -> None:
    out.print(f"{answer.position} events read, {answer.looked_at} looked at")
    out.print(f"{'quarter':<8} {'rule':<5} {'kind':<14} recorded    then  appear  vanish   moved")
    for each in answer.summary:
        counts = (each.recorded, each.then, each.appear, each.vanish, each.moved)
        figures = " ".join(f"{count:>7}" for count in counts)
        out.print(f"{each.quarter:<8} {each.rule_id:<5} {each.kind:<14} {figures}")
    for sign, found in (("+", answer.appear), ("-", answer.vanish)):
        for one in found[:20]:
            seen = one.decision
            grounds = "" if seen is None else f"{seen.observed} {seen.operator} {seen.threshold}"
            subject = one.subject.no or one.subject.id
            out.print(f"{sign} {one.rule_id} {one.kind} {subject} {one.detail or ''} {grounds}")
        if len(found) > 20:  # noqa: PLR2004 - a screen
            out.print(f"{sign} and {len(found) - 20} more: see --json")
    if answer.not_replayed:
        out.print(f"These set nothing off, they bear on what is refused: {answer.not_replayed}")
