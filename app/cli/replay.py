"""`sanbao replay`: a past state in a schema of its own, to look around in."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from asyncpg import PostgresError

from app.cli.shared import err, out, settings_of
from app.cli.waiting import bar
from app.embedded import EmbeddedPostgresError
from app.events.migrate import valid_schema
from app.events.recorded import written_at
from app.evidence.rebuild import Overtaken
from app.evidence.replay import CannotReplay, Replayed, dropping
from app.evidence.replay import replay as replayed
from app.main import workings
from app.serving import database_for, plan_of, quiet_logs


def replay(
    to: Annotated[str, typer.Option(help="A position, or an instant: 2025-04-30T15:59:59Z.")],
    into: Annotated[str, typer.Option(help="The schema to build it into.")],
    data_dir: Annotated[
        Path | None, typer.Option(help="Of the embedded server (SANBAO_DATA_DIR).")
    ] = None,
    *,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Throw away a past that is there.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Build a past state into a schema; look at it with SANBAO_SCHEMA and `serve`."""
    quiet_logs()
    moment = _moment(to)
    try:
        valid_schema(into)
        with (
            database_for(settings_of(data_dir)) as settings,
            bar("Folding", shown=not as_json) as t,
        ):
            database = plan_of(settings).database
            work = replayed(database, workings(), to=moment, into=into, afresh=afresh, told=t)
            _say(asyncio.run(work), as_json=as_json)
    except (
        CannotReplay, Overtaken, PostgresError, EmbeddedPostgresError, OSError, ValueError
    ) as error:  # fmt: skip
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
