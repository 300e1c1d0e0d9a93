"""`sanbao replay`: a past state in a schema of its own, to look around in."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from asyncpg import PostgresError

from app.cli.recording import NotRecorded, Person, Purpose, asking, record
from app.cli.shared import err, out, settings_of
from app.cli.waiting import bar
from app.domain.audit_access.events import AccessKind
from app.embedded import EmbeddedPostgresError
from app.events.migrate import valid_schema
from app.events.recorded import written_at
from app.evidence.building import Overtaken
from app.evidence.replay import CannotReplay, Replayed, dropping
from app.evidence.replay import replay as replayed
from app.main import workings
from app.serving import database_for, plan_of, quiet_logs

FAILURES: Final = (
    CannotReplay,
    NotRecorded,
    Overtaken,
    PostgresError,
    EmbeddedPostgresError,
    OSError,
    ValueError,
)


def replay(  # noqa: PLR0913 - the options of the command line
    to: Annotated[str, typer.Option(help="A position, or an instant: 2025-04-30T15:59:59Z.")],
    into: Annotated[str, typer.Option(help="The schema to build it into.")],
    data_dir: Annotated[
        Path | None, typer.Option(help="Of the embedded server (SANBAO_DATA_DIR).")
    ] = None,
    person: Person = None,
    purpose: Purpose = None,
    *,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Throw away a past that is there.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Build a past state into a schema; look at it with SANBAO_SCHEMA and `serve`.

    That it was built is written down in the plant: what is read in a past is not.
    """
    quiet_logs()
    moment = _moment(to)
    asked = asking(f"sanbao replay --to {to} --into {into}", person, purpose)
    try:
        valid_schema(into)
        with (
            database_for(settings_of(data_dir)) as settings,
            bar("Folding", shown=not as_json) as t,
        ):
            plan = plan_of(settings)

            async def recorded(position: int) -> None:
                kind = AccessKind.REPLAY
                await record(plan, asked, kind, after=0, up_to=position, count=position)

            done = asyncio.run(
                replayed(
                    plan.database,
                    workings(),
                    to=moment,
                    into=into,
                    afresh=afresh,
                    told=t,
                    first=recorded,
                )
            )
            _say(done, as_json=as_json)
    except FAILURES as error:
        err.print(f"[red]{type(error).__name__}[/red]: {error}")
        raise typer.Exit(1) from None


def _moment(to: str) -> int | datetime:
    """A position or an instant with its offset."""
    if to.isascii() and to.isdigit():
        return int(to)
    with suppress(ValueError):
        instant = datetime.fromisoformat(to)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    err.print(f"[red]--to[/red] {to} is neither a position nor an instant with its offset")
    raise typer.Exit(2)


def _say(done: Replayed, *, as_json: bool) -> None:
    at = None if done.at is None else written_at(done.at)
    if as_json:
        found = {"schema": done.schema, "position": done.position, "at": at, "tables": done.tables}
        out.print_json(json.dumps(found))
        return
    out.print(f"The past at position {done.position} ({at or 'nothing happened yet'})")
    out.print(f"Look at it  SANBAO_SCHEMA={done.schema} sanbao serve", markup=False)
    out.print(f"Drop it     {dropping(done.schema)}")
