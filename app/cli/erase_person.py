"""`sanbao erase-person`: two people, one after the other, erase the data of a third."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import uuid4

import asyncpg
import httpx
import typer

from app.cli.shared import err, out, settings_of
from app.domain.personal import OWNER, PersonalKind
from app.embedded import EmbeddedPostgresError
from app.events.person_keys import WrongPersonKey
from app.main import Plan, create_app, edge_at
from app.serving import database_for, plan_of, quiet_logs

FAILURES: Final = (EmbeddedPostgresError, WrongPersonKey, asyncpg.PostgresError, OSError)
SECONDS_MAX: Final = 60.0


class NotDone(Exception):
    """The service refused; the text is its problem."""


def erase_person(  # noqa: PLR0913 - the options of the command line
    *,
    key: Annotated[str, typer.Option(envvar="SANBAO_API_KEY", help="Your API key: it says who.")],
    kind: Annotated[PersonalKind, typer.Option(help="What the value is.")] = PersonalKind.VEHICLE,
    owner: Annotated[
        str | None, typer.Option(help="Whose person: the customer's or the carrier's id.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="The id of the data subject, where you know it.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why, without the name; it is kept for ever.")
    ] = None,
    step: Annotated[
        str | None, typer.Option(help="request (QA manager), then erase or reject (GM).")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Embedded server (SANBAO_DATA_DIR; default ./.sanbao).")
    ] = None,
) -> None:
    """Erase a person's data: the QA manager requests it, then the general manager erases.

    Without --subject the VIN or name is read from standard input, so that it stands in no history
    of commands. Without --step it shows how far the erasure is.
    """
    quiet_logs()
    if step not in {None, "request", "erase", "reject"} or (step and not reason):
        err.print("--step is request, erase or reject, and needs a --reason")
        raise typer.Exit(2)
    if kind in OWNER and owner is None and subject is None:
        err.print(f"--owner: the {OWNER[kind]} of whose people it is")
        raise typer.Exit(2)
    asked = {"kind": kind, "owner": owner, "value": "" if subject else _value()}
    try:
        with database_for(settings_of(data_dir)) as settings:
            body = asyncio.run(_done(plan_of(settings), key, subject, asked, step, reason))
    except (NotDone, *FAILURES) as error:
        err.print(f"[red]{type(error).__name__}[/red]: {error}")
        raise typer.Exit(1) from None
    out.print(f"{body['id']}  {body['state']['status']}", markup=False)


def _value() -> str:
    if sys.stdin.isatty():
        err.print("VIN or name:")
    return sys.stdin.readline().strip()


async def _done(  # noqa: PLR0913, PLR0917 - what the line says
    plan: Plan,
    key: str,
    subject: str | None,
    asked: dict[str, Any],
    step: str | None,
    reason: str | None,
) -> dict[str, Any]:
    """Ask in this process as over HTTP, so that roles and refusals are the same."""
    connection = await plan.database.connect()
    mode = await connection.fetchval("SELECT mode FROM log_head")
    await connection.close()
    app = create_app(edge_at(replace(plan, mode=mode, signing=None)), mode=mode)
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid4()), "If-Match": "*"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://sanbao",
            timeout=SECONDS_MAX,
            headers=headers,
        ) as http,
    ):
        if subject is None:
            found = _said(await http.post("/v1/personal-data/find", json=asked))
            subject = str(found["data_subject_id"])
        if step is None:
            body = _said(await http.get(f"/v1/personal-data/{subject}"))
        else:
            verb = {"request": "request-erasure", "erase": "erase-person"}.get(
                step, "reject-erasure"
            )
            body = _said(
                await http.post(f"/v1/personal-data/{subject}/{verb}", json={"reason": reason})
            )
    return {"id": subject, **body}


def _said(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    if answer.is_success:
        return body
    raise NotDone(f"{body['code']}: {body['title']} {body['title_zh']}")
