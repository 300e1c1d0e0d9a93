"""What an operator takes from the log on the line is written down like any other access.

So is that he looked after it: checks that held, and read tables that were built anew. What does
not hold is left as it is, without an event more: it is evidence, or its numbers mislead.

Whoever has the database needs no key: the person is the user of the operating system, or who the
operator says it is.
"""

import getpass
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

import typer
from asyncpg import PostgresError
from pydantic import TypeAdapter, ValidationError

from app.api.auditing import WHAT_MAX, written_down
from app.cli.shared import err
from app.domain.audit_access.decisions import RecordAuditAccess
from app.domain.audit_access.events import AccessKind, AuditAccess
from app.domain.errors import DomainError
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


async def record_after(
    plan: Plan, asked: Asking, kind: AccessKind, *, up_to: int, count: int
) -> None:
    """Write down what took nothing out, before it is told what came of it.

    It is what helps where the log takes no command (a standby, tables of another version), so that
    it is done there, too; that it could not be written down is said.
    """
    try:
        await _must_be_writable(plan)
        await record(plan, asked, kind, after=0, up_to=up_to, count=count)
    except (NotRecorded, DomainError, PostgresError, OSError) as error:
        err.print(f"[yellow]Not written down[/yellow] {asked.what}: {error}")


async def _must_be_writable(plan: Plan) -> None:
    """Refuse a log that takes no record: a writer would ask it again until it gives up.

    Raises:
        NotRecorded: it is a standby, or whoever asks may only read.
    """
    connection = await plan.database.connect()
    try:
        writable = await connection.fetchval(
            """
            SELECT mode = 'replay' OR (
                NOT pg_is_in_recovery() AND has_table_privilege('events', 'INSERT')
            ) FROM log_head
            """
        )
    finally:
        await connection.close()
    if not writable:
        raise NotRecorded("the log can only be read here")
