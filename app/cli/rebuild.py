"""`sanbao rebuild`: read tables built anew from the log, or checked against it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from asyncpg import PostgresError

from app.cli.recording import Asking, Person, Purpose, asking, record_after
from app.cli.shared import err, out, settings_of
from app.cli.waiting import bar
from app.domain.audit_access.events import AccessKind
from app.embedded import EmbeddedPostgresError
from app.events.workings import Workings
from app.evidence.building import Built, Overtaken, Progress
from app.evidence.checking import Checked, check
from app.evidence.rebuild import rebuild
from app.main import Plan, workings
from app.serving import database_for, plan_of, quiet_logs


def rebuild_tables(  # noqa: PLR0913 - the options of the command line
    names: Annotated[
        list[str] | None, typer.Argument(help="Ledgers or registers, as /v1/projections has them.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Of the embedded server (SANBAO_DATA_DIR).")
    ] = None,
    person: Person = None,
    purpose: Purpose = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Every read table.")] = False,
    checking: Annotated[
        bool, typer.Option("--check", help="Compare only; name the first row that differs.")
    ] = False,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="From the beginning, also where one broke off.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Build read tables anew, beside those that stand, and switch; nobody waits meanwhile.

    That it was done is written down, and of --check that all is as the log says.

    With --check nothing is switched, and 1 is returned when a table is not what the log adds up to.
    """
    quiet_logs()
    machinery = workings()
    wanted = _wanted(machinery, names or [], all_=all_)
    said = " ".join(["--all" if all_ else " ".join(wanted), *(["--check"] if checking else [])])
    asked = asking(f"sanbao rebuild {said}", person, purpose)
    try:
        with (
            database_for(settings_of(data_dir)) as settings,
            bar("Folding", shown=not as_json) as t,
        ):
            plan = plan_of(settings)
            if checking:
                compared = asyncio.run(_check(plan, asked, machinery, wanted, t))
            else:
                built = asyncio.run(_rebuild(plan, asked, machinery, wanted, t, afresh=afresh))
    except (Overtaken, PostgresError, EmbeddedPostgresError, OSError) as error:
        err.print(f"[red]{type(error).__name__}[/red]: {error}")
        raise typer.Exit(1) from None
    if not checking:
        _say_built(built, as_json=as_json)
        return
    _say_compared(compared, as_json=as_json)
    if any(each.difference for each in compared):
        raise typer.Exit(1)


def _wanted(machinery: Workings, names: list[str], *, all_: bool) -> list[str]:
    """The tables that are meant; a name that is none ends the command."""
    wanted = list(machinery.tables) if all_ else names
    unknown = [each for each in wanted if each not in machinery.tables]
    if unknown or not wanted or (all_ and names):
        known = ", ".join(machinery.tables)
        err.print(f"[red]Unknown[/red] {unknown}" if unknown else "Name tables, or say --all.")
        err.print(f"There are: {known}")
        raise typer.Exit(2)
    return wanted


async def _check(
    plan: Plan, asked: Asking, machinery: Workings, wanted: list[str], told: Progress
) -> list[Checked]:
    compared = await check(plan.database, machinery, wanted, told)
    if not any(each.difference for each in compared):
        position = max(each.position for each in compared)
        await record_after(plan, asked, AccessKind.VERIFY, up_to=position, count=position)
    return compared


async def _rebuild(  # noqa: PLR0913 - what a rebuild is told
    plan: Plan,
    asked: Asking,
    machinery: Workings,
    wanted: list[str],
    told: Progress,
    *,
    afresh: bool,
) -> list[Built]:
    built = await rebuild(plan.database, machinery, wanted, afresh=afresh, told=told)
    position = max((each.position for each in built), default=0)
    await record_after(plan, asked, AccessKind.REBUILD, up_to=position, count=position)
    return built


def _say_built(built: Sequence[Built], *, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps([asdict(each) for each in built]))
        return
    for each in built:
        out.print(f"{each.name:<28} version {each.version}, built from {each.position} events")


def _say_compared(compared: Sequence[Checked], *, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps([asdict(each) for each in compared], ensure_ascii=False))
        return
    for each in compared:
        found = each.difference
        if found is None:
            out.print(f"{each.name:<28} as the log says: {each.versions} lines at {each.position}")
            continue
        err.print(f"[red]{each.name:<28} {found.kind}[/red] {found.key} at {found.from_position}")
        for name, (table, log) in found.fields.items():
            err.print(f"    {name}: the table says {table!r}, the log {log!r}", markup=False)
