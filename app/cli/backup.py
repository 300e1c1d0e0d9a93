"""`sanbao backup`: a plant into a folder, while the service goes on."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from app.backup.apart import save_secrets
from app.backup.errors import BackupFailed
from app.backup.taking import Taken, Wanted, take
from app.cli.shared import err, leave_by_the_door, out, settings_of
from app.cli.stages import stages
from app.embedded import EmbeddedPostgresError
from app.serving import database_for, plan_of, quiet_logs

WRITTEN, NOT_WRITTEN = 0, 1


def backup(  # noqa: PLR0913 - the options of the command line
    to: Annotated[Path, typer.Argument(help="A new folder; it gets its name once it is whole.")],
    keys_to: Annotated[
        Path | None,
        typer.Option(help="A new folder for the keys of persons: elsewhere, and kept shorter."),
    ] = None,
    attachments_to: Annotated[
        Path | None,
        typer.Option(help="A folder that several backups share; default: inside of this one."),
    ] = None,
    secrets_to: Annotated[
        Path | None,
        typer.Option(help="A new folder for the secrets of the data directory: a safe, elsewhere."),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Embedded server (SANBAO_DATA_DIR; default ./.sanbao).")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Back a plant up as of one moment; nobody waits for it.

    Exit codes: 0 written, 1 not written (and nothing left of it).
    """
    quiet_logs()
    leave_by_the_door()
    settings = settings_of(data_dir)
    try:
        with database_for(settings) as known, stages(shown=not as_json) as told:
            wanted = Wanted(
                to=to,
                keys_to=keys_to,
                attachments=settings.data_dir / "attachments",
                attachments_to=attachments_to,
                told=told,
            )
            taken = asyncio.run(take(plan_of(known).database, wanted))
        secrets = [] if secrets_to is None else save_secrets(settings.data_dir, secrets_to)
    except (BackupFailed, EmbeddedPostgresError, OSError) as error:
        err.print(f"[red]{type(error).__name__}[/red]: {error}")
        raise typer.Exit(NOT_WRITTEN) from None
    _say(taken, to, keys_to, secrets, as_json=as_json)


def _say(
    taken: Taken, to: Path, keys_to: Path | None, secrets: list[str], *, as_json: bool
) -> None:
    plant = taken.plant
    size = sum(each.bytes for each in plant.files.values())
    if as_json:
        body = plant.model_dump(mode="json", exclude={"files"}) | {
            "backup": str(to),
            "bytes": size,
            "keys": None if taken.keys is None else str(keys_to),
            "secrets": secrets,
        }
        out.print_json(json.dumps(body, ensure_ascii=False))
        return
    out.print(f"Backup      {to}: {plant.position} events, {size} bytes", markup=False)
    out.print(f"Tree        {plant.root}")
    if plant.attachments is not None:
        out.print(f"Attachments {plant.attachments.files} files, {plant.attachments.bytes} bytes")
    if taken.keys is None:
        out.print("[yellow]Keys of persons are not in it[/yellow]: names and VINs stay unreadable")
        out.print("  without them; --keys-to writes them, to be kept elsewhere and for less long.")
    else:
        out.print(f"Keys        {keys_to}: keep them apart from the backup, and for less long:")
        out.print("  whoever was erased can be read again with keys from before.")
    if secrets:
        out.print(f"Secrets     {', '.join(secrets)}: with the keys they open every name, and")
        out.print("  with the log they sign another history. Into a safe, away from both.")
    else:
        out.print("Secrets     are in none of it (pepper, person-key, checkpoint-key.pem): keep")
        out.print("  them once, in a safe (--secrets-to).")
