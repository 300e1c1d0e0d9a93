"""What all commands of the line share: where they speak, and the settings they run under."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.config import Settings
from app.events.database import Database
from app.events.reading import Reader
from app.main import workings

out: Final = Console(highlight=False, soft_wrap=True)
err: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def settings_of(data_dir: Path | None, *, sandbox: bool = False) -> Settings:
    """The settings, with what the line says; a setting that does not fit ends the command."""
    try:
        settings = Settings()
    except ValidationError as error:
        for each in error.errors():
            err.print(f"[red]Setting[/red] {'.'.join(map(str, each['loc']))}: {each['msg']}")
        raise typer.Exit(2) from None
    except SettingsError as error:
        err.print(f"[red]Setting[/red] {error}")
        raise typer.Exit(2) from None
    said = {"data_dir": (data_dir or settings.data_dir).resolve()}
    return settings.model_copy(update=said | ({"sandbox": True} if sandbox else {}))


def leave_by_the_door() -> None:
    """Let SIGTERM end a command as Ctrl-C does: what is half done is taken back."""
    with suppress(ValueError):  # only the main thread hears signals
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def bar() -> Progress:
    """Progress in events; on a terminal only."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[Reader]:
    """The log and its read tables for a command that changes nothing."""
    async with database.pool(connections_max=2) as pool:
        yield Reader(pool, workings().codec)
