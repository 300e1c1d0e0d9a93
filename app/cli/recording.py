"""What an operator takes from the log on the line is written down like any other access.

Whoever has the database needs no key: the person is the user of the operating system, or who the
operator says it is.
"""

import getpass
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

import typer
from pydantic import TypeAdapter, ValidationError

from app.api.auditing import WHAT_MAX, written_down
from app.cli.shared import err
from app.domain.audit_access.decisions import RecordAuditAccess
from app.domain.audit_access.events import AccessKind, AuditAccess
from app.domain.values import SYSTEM, Actor, Code, Role, Text
from app.events.ids import random_id
from app.events.writer import LogUnavailable, Writer, WriterBusy
from app.main import Plan, workings

CLIENT: Final = "cli"
"""Stands where the id of a key stands elsewhere."""

Person: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Who asks; it is written down with the access. Default: the user of the system."
    ),
]
Purpose: TypeAlias = Annotated[
    str | None, typer.Option(help="What it is read for; written down, too.")
]


class NotRecorded(Exception):
    """It could not be written down, so it was not done."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for what, and why."""

    person: str
    purpose: str | None
    what: str


def asking(what: str, person: str | None, purpose: str | None) -> Asking:
    """Who asks; a name or a purpose that is none ends the command."""
    try:
        return Asking(
            TypeAdapter[str](Code).validate_python(person or getpass.getuser()),
            None if purpose is None else TypeAdapter[str](Text).validate_python(purpose),
            what[:WHAT_MAX],
        )
    except ValidationError as error:
        err.print(f"[red]--person or --purpose[/red] {error.errors()[0]['msg']}")
        raise typer.Exit(2) from None


async def record(  # noqa: PLR0913 - what an access says
    plan: Plan,
    asked: Asking,
    kind: AccessKind,
    *,
    after: int | None = None,
    up_to: int | None = None,
    count: int = 0,
) -> AuditAccess | None:
    """Write an access down before anything is read; None in a past, where nothing can happen.

    Raises:
        NotRecorded: it could not be written.
    """
    connection = await plan.database.connect()
    try:
        mode = await connection.fetchval("SELECT mode FROM log_head")
    finally:
        await connection.close()
    if mode == "replay":
        return None
    command = RecordAuditAccess(
        kind=kind,
        person=asked.person,
        role=Role.SYSTEM,
        key_id=CLIENT,
        what=asked.what,
        after=after,
        up_to=up_to,
        count=count,
        purpose=asked.purpose,
    )
    writer = Writer(
        connect=plan.database.connect,
        workings=workings(),
        new_id=plan.new_id,
        now=plan.now,
        sandbox=mode == "sandbox",
        channel=plan.database.channel,
        limits=plan.limits,
    )
    by = Actor(SYSTEM.person, SYSTEM.role, client=CLIENT)
    name = random_id(plan.now())
    try:
        async with writer:
            return await written_down(
                writer, command, by, name, request_id=name, seconds=plan.command_seconds_max
            )
    except (WriterBusy, LogUnavailable) as error:
        raise NotRecorded(f"{asked.what}: the log takes no record ({error!r})") from None
