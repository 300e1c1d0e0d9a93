"""`sanbao restore`: a backup put back, checked from the first hash to the last row."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer

from app.backup.apart import put_secrets
from app.backup.errors import CannotRestore, NotABackup
from app.backup.judging import Trusted
from app.backup.manifest import read_manifest
from app.backup.restoring import Order, Restored
from app.backup.restoring import restore as restored
from app.cli.shared import err, leave_by_the_door, out, settings_of
from app.cli.stages import stages
from app.cli.verify import kept_outside
from app.config import Settings
from app.embedded import EmbeddedPostgresError
from app.events.database import Database
from app.evidence.building import owner_of
from app.evidence.continuing import not_continued
from app.evidence.notes import NotANote, VerifierKey, verifier_key
from app.evidence.verify import Known
from app.main import workings
from app.serving import checkpoints_of, database_for, quiet_logs

HOLDS, DOES_NOT_HOLD, NOT_RESTORED = 0, 1, 2


def restore(  # noqa: PLR0913, PLR0917 - the options of the command line
    backup: Annotated[Path, typer.Argument(help="A folder that `sanbao backup` wrote.")],
    keys: Annotated[
        Path | None, typer.Option(help="The keys of persons; the newest that you have.")
    ] = None,
    attachments_from: Annotated[
        Path | None, typer.Option(help="The folder that several backups share.")
    ] = None,
    secrets_from: Annotated[
        Path | None, typer.Option(help="The secrets, for a new data directory.")
    ] = None,
    outside: Annotated[
        Path | None, typer.Option(help="A folder with checkpoints and leaves kept outside.")
    ] = None,
    signer: Annotated[
        list[str] | None, typer.Option(help="Verifier key of whoever signs, known from elsewhere.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Embedded server (SANBAO_DATA_DIR; default ./.sanbao).")
    ] = None,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move aside what stands; nothing is dropped.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Put a backup into an empty schema (SANBAO_SCHEMA) or a new data directory, and check it all.

    Exit codes: 0 restored and all holds, 1 restored but it does not hold (it stands under a name
    that says so), 2 nothing was restored.
    """
    quiet_logs()
    leave_by_the_door()
    settings = settings_of(data_dir)
    try:
        signers = [verifier_key(each) for each in signer or ()]
        known = _kept(outside, signers)
        read_manifest(backup)  # before a server is started for it
        with database_for(settings) as running, stages(shown=not as_json) as told:
            order = Order(
                backup=backup,
                keys=keys,
                replace=replace,
                attachments=settings.data_dir / "attachments",
                attachments_from=attachments_from,
                trusted=Trusted(known, signers),
                told=told,
            )
            done, behind = asyncio.run(_restored(running, order, secrets_from))
    except (
        NotABackup, CannotRestore, NotANote, EmbeddedPostgresError, asyncpg.PostgresError, OSError
    ) as error:  # fmt: skip
        err.print(f"[red]{type(error).__name__}[/red]: {error}", markup=True)
        raise typer.Exit(NOT_RESTORED) from None
    _say(done, behind, as_json=as_json)
    if done.faults:
        raise typer.Exit(DOES_NOT_HOLD)


def _kept(outside: Path | None, signers: Sequence[VerifierKey]) -> Known:
    """What was kept outside of the database, if it holds itself."""
    known, faults = kept_outside(outside, (), signers)
    if faults:
        raise CannotRestore(f"What was kept in {outside} does not hold: {faults[0].what}")
    return known


async def _restored(
    settings: Settings, order: Order, secrets: Path | None
) -> tuple[Restored, str | None]:
    """The restore; and what was signed and kept outside, and is not in it."""
    if settings.database_url is None:
        raise AssertionError("the embedded server is started before")
    database = Database(settings.database_url.get_secret_value(), settings.schema_name)
    done = await restored(database, workings(), order)
    if done.faults:
        return done, None
    if secrets is not None:
        put_secrets(secrets, settings.data_dir)
    async with owner_of(database) as connection:
        return done, await not_continued(connection, checkpoints_of(settings))


def _say(done: Restored, behind: str | None, *, as_json: bool) -> None:
    settled, manifest = done.settled, done.manifest
    if as_json:
        body: dict[str, Any] = {
            "holds": not done.faults,
            "schema": settled.schema,
            "position": manifest.position,
            "root": manifest.root,
            "taken_at": manifest.taken_at,
            "set_aside": settled.aside,
            "keys": settled.keys,
            "keys_set_aside": settled.keys_aside,
            "erased_persons": settled.erased,
            "findings": list(done.faults),
            "not_continued": behind,
        }
        out.print_json(json.dumps(body, ensure_ascii=False))
        return
    if done.faults:
        for each in done.faults:
            err.print(each, markup=False)
        err.print(f"[red]DOES NOT HOLD[/red]: it stands as {settled.schema}, for whoever looks")
        return
    out.print(f"Restored    {settled.schema}: {manifest.position} events of {manifest.taken_at}")
    out.print(f"Tree        {manifest.root}")
    out.print("[green]All holds[/green]   every hash, checkpoint, guard and table")
    for name in (settled.aside, settled.keys_aside):
        if name is not None:
            out.print(f"Set aside   {name}: drop it when nobody needs it any more")
    _say_of_persons(done)
    if behind is not None:
        err.print(f"[red]OLDER THAN WHAT WAS SIGNED[/red]: {behind}.")
        err.print("Whoever followed the log has seen them. Nothing is signed, and /readyz says so,")
        err.print("until a new name of the log takes over: docs/backup.md, `An older state`.")


def _say_of_persons(done: Restored) -> None:
    settled = done.settled
    if settled.keys == "none":
        out.print("[yellow]Keys of persons were not restored[/yellow]: names and VINs of before")
        out.print("  cannot be read until they are: sanbao restore KEYS --replace")
        return
    what = {"restored": "restored", "kept": "kept as they stood"}[settled.keys]
    out.print(f"Keys        {what}; {settled.erased} persons are erased and stay so")
    if settled.keys == "restored":
        out.print("  Who was erased after the backup of the keys is erased again by asking anew,")
        out.print("  unless the log that was restored knows of it.")
    if done.manifest.granted_to:
        names = ", ".join(done.manifest.granted_to)
        out.print(f"Grants      of other roles were not put back: {names}", markup=False)
