"""`sanbao export`: the log as files that can be checked without us, and the script that does it."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated, Final

import asyncpg
import typer

from app.cli.shared import bar, err, out, reading, settings_of
from app.embedded import EmbeddedPostgresError
from app.events.database import Database
from app.evidence.checkpoint_store import CheckpointStore
from app.evidence.export import SCRIPT, compact_range, export_lines
from app.serving import database_for, plan_of, quiet_logs

EVENTS_FILE: Final = "events.jsonl"
CHECKPOINT_FILE: Final = "checkpoint"
KEYS_FILE: Final = "keys"


def export(
    to: Annotated[Path, typer.Argument(help="A folder; it is made.")],
    after: Annotated[int, typer.Option(min=0, help="Events above this position.")] = 0,
    data_dir: Annotated[
        Path | None, typer.Option(help="Embedded server (SANBAO_DATA_DIR; default ./.sanbao).")
    ] = None,
) -> None:
    """Write the log to a folder: events.jsonl, the last checkpoint, and the script that checks."""
    quiet_logs()
    try:
        to.mkdir(parents=True, exist_ok=True)
        with database_for(settings_of(data_dir)) as known:
            count = asyncio.run(_export(plan_of(known).database, to, after))
    except (EmbeddedPostgresError, OSError, asyncpg.PostgresError) as error:
        err.print(f"[red]{type(error).__name__}[/red]: {error}", markup=True)
        raise typer.Exit(1) from None
    out.print(f"{count} events in {to / EVENTS_FILE}")
    out.print(f"Check them anywhere: python {to / SCRIPT.name} {to / EVENTS_FILE}")


async def _export(database: Database, to: Path, after: int) -> int:
    async with reading(database) as reader:
        head = await reader.head()
        if after > head:
            err.print(f"The log ends at {head}, before {after}")
            raise typer.Exit(2)
        store = CheckpointStore(reader)
        last = await store.latest()
        with bar() as progress, (to / EVENTS_FILE).open("wb") as file:
            task = progress.add_task("Export", total=head - after)
            lines = export_lines(
                reader,
                after=after,
                up_to=head,
                before=await compact_range(reader, after),
                checkpoint=last.note if last else None,
                seen=lambda position: progress.update(task, completed=position - after),
            )
            async for piece in lines:
                file.write(piece)
        if last is not None:
            (to / CHECKPOINT_FILE).write_text(last.note, encoding="utf-8")
        keys = "".join(f"{each.verifier}\n" for each in await store.keys())
        (to / KEYS_FILE).write_text(keys, encoding="utf-8")
        shutil.copyfile(SCRIPT, to / SCRIPT.name)
        return head - after
