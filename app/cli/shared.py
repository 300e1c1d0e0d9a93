"""What all commands of the line share: where they speak, and the settings they run under."""

from pathlib import Path
from typing import Final

import typer
from pydantic import ValidationError
from rich.console import Console

from app.config import Settings

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
    said = {"data_dir": (data_dir or settings.data_dir).resolve()}
    return settings.model_copy(update=said | ({"sandbox": True} if sandbox else {}))
