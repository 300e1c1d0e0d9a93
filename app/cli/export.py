"""`sanbao export`: the log as files that can be checked without us, and the script that does it."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated, Final

import asyncpg
import typer

from app.cli.recording import Asking, NotRecorded, Person, Purpose, asking, record
from app.cli.shared import bar, err, out, reading, settings_of
from app.domain.audit_access.events import AccessKind
from app.embedded import EmbeddedPostgresError
from app.evidence.checkpoint_store import CheckpointStore
from app.evidence.export import SCRIPT, compact_range, export_lines
from app.main import Plan
from app.serving import database_for, plan_of, quiet_logs

EVENTS_FILE: Final = "events.jsonl"
CHECKPOINT_FILE: Final = "checkpoint"
KEYS_FILE: Final = "keys"


FAILURES: Final = (NotRecorded, EmbeddedPostgresError, OSError, asyncpg.PostgresError)


def export(  # noqa: PLR0913, PLR0917 - the options of the command line
    to: Annotated[Path, typer.Argument(help="A folder; it is made.")],
    after: Annotated[int, typer.Option(min=0, help="Events above this position.")] = 0,
    up_to: Annotated[
        int | None,
        typer.Option(min=0, help="The last position; default: the event that records the export."),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Embedded server (SANBAO_DATA_DIR; default ./.sanbao).")
    ] = None,
    person: Person = None,
    purpose: Purpose = None,
) -> None:
    """Write the log to a folder: events.jsonl, a checkpoint of it, and the script that checks.

    That it was taken out is written down before, as of an export over HTTP.
    """
    quiet_logs()
    span = f" --after {after}" + ("" if up_to is None else f" --up-to {up_to}")
    asked = asking(f"sanbao export{span}", person, purpose)
    try:
        to.mkdir(parents=True, exist_ok=True)
        with database_for(settings_of(data_dir)) as known:
            count = asyncio.run(_export(plan_of(known), asked, to, after, up_to))
    except FAILURES as error:
        err.print(f"[red]{type(error).__name__}[/red]: {error}", markup=True)
        raise typer.Exit(1) from None
    out.print(f"{count} events in {to / EVENTS_FILE}")
    out.print(f"Check them anywhere: python {to / SCRIPT.name} {to / EVENTS_FILE}")


async def _export(plan: Plan, asked: Asking, to: Path, after: int, up_to: int | None) -> int:
    async with reading(plan.database) as reader:
        head = await reader.head()
        if after > head or (up_to is not None and not after <= up_to <= head):
            err.print(f"The log ends at {head}: there is nothing from {after} to {up_to or head}")
            raise typer.Exit(2)
        access = await record(plan, asked, AccessKind.EXPORT, after=after, up_to=up_to)
        if access is None or access.up_to is None:
            err.print("A past is not taken out: export the plant itself, --up-to where it ends.")
            raise typer.Exit(2)
        last, store = access.up_to, CheckpointStore(reader)
        checkpoint = await store.up_to(last)
        with bar() as progress, (to / EVENTS_FILE).open("wb") as file:
            task = progress.add_task("Export", total=last - after)
            lines = export_lines(
                reader,
                after=after,
                up_to=last,
                before=await compact_range(reader, after),
                checkpoint=checkpoint.note if checkpoint else None,
                seen=lambda position: progress.update(task, completed=position - after),
            )
            async for piece in lines:
                file.write(piece)
        if checkpoint is not None:
            (to / CHECKPOINT_FILE).write_text(checkpoint.note, encoding="utf-8")
        keys = "".join(f"{each.verifier}\n" for each in await store.keys())
        (to / KEYS_FILE).write_text(keys, encoding="utf-8")
        shutil.copyfile(SCRIPT, to / SCRIPT.name)
        return last - after
