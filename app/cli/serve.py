"""`sanbao serve`: the API, with a database of its own where none is named."""

import asyncio
import errno
import json
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final

import typer

from app.api.edge import Mode
from app.boot import (
    SINCE,
    IssuedKey,
    WrongMode,
    adopt_first_rule_pack,
    issue_first_keys,
    known_key,
    prepare,
    write_keys,
)
from app.cli.shared import err, out, settings_of
from app.demo.door import DemoStepRefused
from app.demo.load import FIRST_PLANT, Demo, DemoSize, load_demo
from app.embedded import EmbeddedPostgresError
from app.events.person_keys import WrongPersonKey
from app.evidence.continuing import not_continued
from app.main import Plan, edge_at
from app.serving import database_for, plan_of, quiet_logs, run

TRY: Final = json.dumps(
    {
        "customer_id": "C01",
        "channel": "PHONE",
        "life_phase": "FIELD",
        "spec_code": "TC 85×105×10 FKM",
        "failure_mode": "漏油",
        "qty_reported": 1,
        "description": "Oil at the rear crankshaft seal.",
    },
    ensure_ascii=False,
)
"""A leaking seal: the body of the command that the first screen offers to try."""

MODE_WORDS: Final[Mapping[Mode, str]] = {
    "live": "",
    "sandbox": "  [yellow]SANDBOX: the header Sanbao-Time is the clock[/yellow]",
    "replay": "  [yellow]REPLAY: a past to look at; it takes no command[/yellow]",
}


def serve(  # noqa: PLR0913 - the options of the command line
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Embedded server and keys (SANBAO_DATA_DIR; default ./.sanbao)."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that serve.")] = 1,
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo into an empty log.")] = False,
    demo_size: Annotated[
        DemoSize, typer.Option(help="A quarter, two years, or ten years of a plant.")
    ] = DemoSize.TINY,
    demo_seed: Annotated[
        int, typer.Option(min=0, help="Of chance: another seed is another plant.")
    ] = FIRST_PLANT,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Take the time from the header Sanbao-Time.")
    ] = False,
) -> None:
    """Serve the API; without DATABASE_URL, on an embedded PostgreSQL of its own."""
    quiet_logs()
    # A container is stopped by SIGTERM: that, too, must leave by the door and stop the database.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = settings_of(data_dir, sandbox=sandbox)
    _must_be_free(host, port)
    try:
        with database_for(settings) as known:
            plan = plan_of(known)
            begun = _first_start(plan, Demo(demo_size, demo_seed) if demo else None)
            mode, keys = asyncio.run(begun)
            plan = replace(plan, mode=mode)
            _say_where(host, port, plan, settings.data_dir, keys)
            shown = known.model_copy(update={"replay": mode == "replay"})
            run(shown, host, port, workers)
    except (WrongMode, WrongPersonKey, EmbeddedPostgresError, DemoStepRefused, OSError) as error:
        err.print(f"[red]{type(error).__name__}[/red]: {error}", markup=True)
        raise typer.Exit(1) from None
    out.print("Stopped.")


def _must_be_free(host: str, port: int) -> None:
    """Find out before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is in use: choose another with --port" if taken else f"cannot be had: {error}"
            err.print(f"[red]Port {port} on {host}[/red] {why}")
            raise typer.Exit(1) from None


async def _first_start(plan: Plan, demo: Demo | None) -> tuple[Mode, list[IssuedKey]]:
    """The mode that is served, and the keys that were made just now."""
    mode = await prepare(plan.database, plan.mode)
    if mode == "replay":
        return mode, []
    await _say_if_older(plan)
    if demo is not None:
        await load_demo(plan, demo, out)
    async with edge_at(plan) as edge:
        await adopt_first_rule_pack(edge, SINCE if plan.mode == "sandbox" else None)
        return mode, await issue_first_keys(edge.keyring, plan.database)


async def _say_if_older(plan: Plan) -> None:
    """Say so where events were signed and kept outside that this database does not have."""
    if plan.signing is None or plan.signing.directory is None:
        return
    connection = await plan.database.connect()
    try:
        lost = await not_continued(connection, plan.signing.directory)
    finally:
        await connection.close()
    if lost is not None:
        err.print(f"[red]THIS LOG IS NOT THE ONE THAT WAS SIGNED[/red]: {lost}.")
        err.print("Is it a backup, or a standby that was behind? Nothing is signed, and /readyz is")
        err.print("503, until it is put right: docs/backup.md, `An older state`.\n")


def _is_ours_alone(host: str) -> bool:
    """Whether it listens to this machine only: someone tries it out, and reads what is printed.

    Else what is printed is a log that others keep and read, and keys are not for it.
    """
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _say_where(host: str, port: int, plan: Plan, data_dir: Path, keys: list[IssuedKey]) -> None:
    address = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"  # noqa: S104
    out.print(f"\n[bold]Sanbao 三包[/bold]  {address}{MODE_WORDS[plan.mode]}")
    out.print(f"Docs        {address}/docs")
    if keys and not _is_ours_alone(host):
        out.print(f"Keys        in {write_keys(data_dir, keys)}; what is printed here may be kept")
        first = "$KEY"
    elif keys:
        path = write_keys(data_dir, keys)
        out.print(f"Keys        shown once, and kept in {path}")
        for each in keys:  # no table: it would cut a key to the width of the window
            out.print(f"  {each.role:<18}{each.person:<9}{each.key}", markup=False)
        first = next(each.key for each in keys if each.role == "SALES_CLERK")
    else:
        out.print(f"Keys        as made before; see {data_dir / 'keys.json'}")
        first = (known_key(data_dir) if _is_ours_alone(host) else None) or "$KEY"
    bearer = f"-H 'Authorization: Bearer {first}'"
    out.print("Try")
    out.print(f"  curl -s {bearer} '{address}/v1/ledgers/claims?limit=3'", markup=False)
    out.print(f"  curl -s {bearer} '{address}/v1/events?limit=3'", markup=False)
    out.print(
        f"  curl -s {bearer} -H 'Idempotency-Key: try-1' -H 'Content-Type: application/json' "
        f"-d '{TRY}' {address}/v1/feedback-cases",
        markup=False,
    )
    out.print("Ctrl-C stops the service and its database.\n")
