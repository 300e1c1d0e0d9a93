"""`sanbao verify`: whether the log, or an export of it, is what was written."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer

from app.cli.recording import Asking, Person, Purpose, asking, record_after
from app.cli.shared import bar, err, out, reading, settings_of
from app.domain.audit_access.events import AccessKind
from app.embedded import EmbeddedPostgresError
from app.events.database import Database
from app.evidence.checkpoint_store import CheckpointStore
from app.evidence.contents import Contents, ContentUnavailable
from app.evidence.notes import NotANote, VerifierKey, verifier_key
from app.evidence.verify import (
    FINDINGS_MAX,
    Finding,
    Known,
    NotAnExport,
    check_export,
    check_log,
    checkpoints_in,
)
from app.evidence.verify_files import check_files
from app.main import Plan
from app.serving import database_for, plan_of, quiet_logs

UNREAD = (
    NotANote,
    NotAnExport,
    ContentUnavailable,
    EmbeddedPostgresError,
    OSError,
    asyncpg.PostgresError,
)
HOLDS, DOES_NOT_HOLD, UNREADABLE = 0, 1, 2
CHECKPOINTS_FILE, LEAVES_FILE = "checkpoints", "leaves"
"""What the service keeps in a directory outside the database."""


def verify(  # noqa: PLR0913, PLR0917 - the options of the command line
    export: Annotated[
        Path | None, typer.Option(help="An export's events.jsonl, instead of the live log.")
    ] = None,
    outside: Annotated[
        Path | None, typer.Option(help="A folder with checkpoints and leaves kept outside.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that you kept; as often as you like.")
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="Verifier key of whoever signs; default: those of the database."),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Embedded server (SANBAO_DATA_DIR; default ./.sanbao).")
    ] = None,
    person: Person = None,
    purpose: Purpose = None,
    *,
    attachments: Annotated[
        bool, typer.Option(help="Of the live log: read every attached file and hash it anew.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Check every event, hash and checkpoint; name the first event that is not as it was written.

    That a live log was checked and holds is written down in it; what does not hold is left alone.

    Exit codes: 0 all holds, 1 something does not, 2 it cannot be read.
    """
    quiet_logs()
    what = "sanbao verify" if attachments else "sanbao verify --no-attachments"
    asked = asking(what, person, purpose)
    try:
        keys = [verifier_key(each) for each in key or ()]
        known, faults = kept_outside(outside, checkpoint or (), keys)
        if export is not None:
            checked, found = _export(export, known)
        else:
            with database_for(settings_of(data_dir)) as settings:
                plan = plan_of(settings)
                contents = plan.contents if attachments else None
                checked, found = asyncio.run(_live(plan.database, known, keys, contents))
                asyncio.run(_record(plan, asked, checked, [*faults, *found]))
    except UNREAD as error:
        err.print(f"[red]{type(error).__name__}[/red]: {error}", markup=True)
        raise typer.Exit(UNREADABLE) from None
    _say(checked, [*faults, *found], known, as_json=as_json)


def kept_outside(
    outside: Path | None, checkpoints: Iterable[Path], keys: Sequence[VerifierKey]
) -> tuple[Known, list[Finding]]:
    """What was kept outside of the database."""
    paths, leaves = list(checkpoints), b""
    if outside is not None:
        paths.append(outside / CHECKPOINTS_FILE)
        leaves = (outside / LEAVES_FILE).read_bytes()
    texts = [path.read_text(encoding="utf-8") for path in paths]
    read = [checkpoints_in(text, keys) for text in texts]
    found = [each for checkpoints, _ in read for each in checkpoints]
    return Known(found, leaves), [fault for _, faults in read for fault in faults]


def _export(path: Path, known: Known) -> tuple[int, list[Finding]]:
    checked = 0

    def seen(position: int) -> None:
        nonlocal checked
        checked = position

    with path.open("rb") as file:
        found = _first(check_export(iter(file), known, seen))
    return checked, found


def _first(findings: Iterable[Finding]) -> list[Finding]:
    return [each for each, _ in zip(findings, range(FINDINGS_MAX), strict=False)]


async def _live(
    database: Database,
    known: Known,
    keys: Sequence[VerifierKey],
    contents: Contents | None,
) -> tuple[int, list[Finding]]:
    checked, found = 0, []
    async with reading(database) as reader:
        signers = keys or [each.verifier for each in await CheckpointStore(reader).keys()]
        with bar() as progress:
            task = progress.add_task("Verify", total=await reader.head())

            def seen(position: int) -> None:
                nonlocal checked
                checked = position
                progress.update(task, completed=position)

            async with reader.snapshot() as snapshot:
                async for finding in check_log(snapshot, known, signers, seen):
                    found.append(finding)
                    if len(found) == FINDINGS_MAX:
                        break
            if contents is not None:
                async for finding in check_files(reader, contents):
                    found.append(finding)
                    if len(found) >= FINDINGS_MAX:
                        break
    return checked, found


async def _record(plan: Plan, asked: Asking, checked: int, found: Sequence[Finding]) -> None:
    if not found:
        await record_after(plan, asked, AccessKind.VERIFY, up_to=checked, count=checked)


def _say(checked: int, found: Sequence[Finding], known: Known, *, as_json: bool) -> None:
    first = min((each.position for each in found), default=None)
    if as_json:
        body: dict[str, Any] = {
            "holds": not found,
            "events": checked,
            "kept_checkpoints": len(known.checkpoints),
            "first_bad_position": first,
            "findings": [
                {"position": each.position, "what": each.what, "what_zh": each.what_zh}
                for each in found
            ],
        }
        out.print_json(json.dumps(body, ensure_ascii=False))
    else:
        for each in found:
            err.print(f"position {each.position}: {each.what} {each.what_zh}", markup=False)
        kept = f"{len(known.checkpoints)} checkpoints kept outside"
        verdict = (
            "[green]all holds[/green]" if not found else f"[red]DOES NOT HOLD from {first}[/red]"
        )
        out.print(f"{checked} events, {kept}: {verdict}", markup=True)
        if not known.checkpoints:
            out.print("Newest events that were cut off show only with --outside or --checkpoint.")
    raise typer.Exit(DOES_NOT_HOLD if found else HOLDS)
