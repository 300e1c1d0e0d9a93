"""`sanbao access`: who gets in, for whoever works on the database itself and needs no key.

He is in the log as `operator:` and his login, with the client `cli`; what an administrator may not
do, he may not, either. A service that runs meanwhile takes it up within seconds.
"""

import asyncio
import getpass
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import uuid4

import asyncpg
import typer
from pydantic import ValidationError

from app.api.access_keys import SELECT_KEYS
from app.api.edge import Edge
from app.api.new_keys import with_key
from app.cli.shared import err, out, settings_of
from app.domain.access_key.decisions import IssueAccessKey, RevokeAccessKey, RotateAccessKey
from app.domain.access_key.events import ACCESS_KEY
from app.domain.access_key.roles import OPERATOR_MARK
from app.domain.decider import Command
from app.domain.errors import DomainError
from app.domain.values import Actor, Role
from app.embedded import EmbeddedPostgresError
from app.events.person_keys import WrongPersonKey
from app.events.store import Key
from app.events.turn import Submission
from app.events.writer import LogUnavailable, WriterBusy
from app.main import Plan, edge_at
from app.serving import database_for, plan_of, quiet_logs

access: Final = typer.Typer(no_args_is_help=True, help="Keys of people and systems.")

FAILURES: Final = (
    EmbeddedPostgresError,
    WrongPersonKey,
    LogUnavailable,
    WriterBusy,
    asyncpg.PostgresError,
    OSError,
)
CLIENT: Final = "cli"
SECONDS_MAX: Final = 60.0
LISTED_MAX: Final = 10_000

DataDir = Annotated[
    Path | None, typer.Option(help="Embedded server (SANBAO_DATA_DIR; default ./.sanbao).")
]
KeyIdArgument = Annotated[str, typer.Argument(help="The key's id: sk_<id>_...")]


class NoCommands(Exception):
    """A past to look at takes none."""


@access.callback()
def of_the_service() -> None:
    """Keys of people and systems: who gets in, in which roles, until when."""


@access.command("list")
def list_keys(
    person: Annotated[str | None, typer.Option(help="Only this person's.")] = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Those too that open nothing any more.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, one key a line.")] = False,
    data_dir: DataDir = None,
) -> None:
    """List keys, the newest first; no secret is kept that could be shown."""

    async def listed(edge: Edge) -> list[dict[str, Any]]:
        only = None if every else True
        now = edge.now()
        return await edge.reader.fetch(SELECT_KEYS, person, None, only, now, None, "", LISTED_MAX)

    for row in _run(data_dir, listed):
        if as_json:
            out.print(json.dumps(row, default=_written, ensure_ascii=False), markup=False)
            continue
        roles, end = ",".join(row["roles"]), row["revoked_at"] or row["expires_at"]
        ends = f"{'revoked' if row['revoked_at'] else 'until'} {_day(end)}" if end else "no end"
        used = f"used {_day(row['last_used_at'])}" if row["last_used_at"] else "not used"
        words = f"{row['key_id']}  {row['person']:<12} {roles:<18} {ends:<18} {used:<16}"
        out.print(f"{words} {row['label']}", markup=False)


@access.command()
def issue(
    person: Annotated[str, typer.Argument(help="Whose key it is; of a system, its name.")],
    role: Annotated[list[Role], typer.Option(help="In which it may ask; repeat for several.")],
    label: Annotated[str, typer.Option(help="Where it is kept, and what for.")],
    expires_at: Annotated[
        str | None, typer.Option(help="2026-03-31T16:00:00Z; default a year, a system's never.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Issue a key; it is shown once."""
    said = {"person": person, "in_roles": role, "label": label, "expires_at": expires_at}
    _shown(_run(data_dir, _asking(None, IssueAccessKey, said)))


@access.command()
def rotate(
    key_id: KeyIdArgument,
    overlap_hours: Annotated[int, typer.Option(help="How long the old key goes on.")] = 24,
    expires_at: Annotated[str | None, typer.Option(help="Of the new one; as with issue.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Have a new key take over; both open until the old one ends."""
    said = {"overlap_hours": overlap_hours, "expires_at": expires_at}
    _shown(_run(data_dir, _asking(key_id, RotateAccessKey, said)))


@access.command()
def revoke(
    key_id: KeyIdArgument,
    reason: Annotated[str, typer.Option(help="Why; it is kept for ever.")],
    data_dir: DataDir = None,
) -> None:
    """Have a key open nothing any more."""
    _run(data_dir, _asking(key_id, RevokeAccessKey, {"reason": reason}))
    out.print("Revoked.")


Asking = Callable[[Edge], Awaitable[Any]]


def _asking(to: str | None, kind: type[Command], said: dict[str, Any]) -> Asking:
    """A command in the operator's name; the text of the new key, where it leads to one."""

    async def ask(edge: Edge) -> str | None:
        if edge.mode == "replay":
            raise NoCommands("This schema holds a past to look at; nothing happens in it.")
        keyed = await with_key(edge, to, kind.model_validate(said))
        name = str(uuid4())
        submission = Submission(
            decider=ACCESS_KEY.name,
            to=keyed.to,
            command=keyed.command,
            by=Actor(f"{OPERATOR_MARK}{getpass.getuser()}", Role.ADMINISTRATOR, client=CLIENT),
            at=None,
            expected=None,
            request_id=name,
        )
        await edge.writer.ask(
            submission, Key(CLIENT, kind.__name__, name), name.encode(), SECONDS_MAX
        )
        return keyed.text

    return ask


def _run(data_dir: Path | None, ask: Asking) -> Any:  # noqa: ANN401 - whatever it answers
    quiet_logs()
    try:
        with database_for(settings_of(data_dir)) as settings:
            return asyncio.run(_asked(plan_of(settings), ask))
    except ValidationError as error:
        for each in error.errors():
            err.print(f"--{'.'.join(map(str, each['loc']))}: {each['msg']}", markup=False)
        raise typer.Exit(2) from None
    except DomainError as error:
        details = json.dumps(error.details, default=str, ensure_ascii=False)
        err.print(f"{error.code()}: {error.title()} {error.title_zh()} {details}", markup=False)
        raise typer.Exit(1) from None
    except (NoCommands, *FAILURES) as error:
        err.print(f"[red]{type(error).__name__}[/red]: {error}")
        raise typer.Exit(1) from None


async def _asked(plan: Plan, ask: Asking) -> Any:  # noqa: ANN401 - whatever it answers
    async with _edge(plan) as edge:
        return await ask(edge)


@asynccontextmanager
async def _edge(plan: Plan) -> AsyncIterator[Edge]:
    """The plant in this process, in the mode that it has; nobody signs, nobody minds its timers."""
    connection = await plan.database.connect()
    mode = await connection.fetchval("SELECT mode FROM log_head")
    await connection.close()
    async with edge_at(replace(plan, mode=mode, signing=None)) as edge:
        yield edge


def _shown(key: str) -> None:
    out.print(key, markup=False)
    err.print("It is shown this once; only a keyed hash of it is kept.")


def _day(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d")


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
