"""The command line: `sanbao`, one file a command."""

from typing import Final

import typer

from app.cli.access import access
from app.cli.backup import backup
from app.cli.erase_person import erase_person
from app.cli.export import export
from app.cli.keys import keys
from app.cli.rebuild import rebuild_tables
from app.cli.replay import replay
from app.cli.restore import restore
from app.cli.serve import serve
from app.cli.verify import verify
from app.cli.what_if import what_if

HELP: Final = "Sanbao (三包): the after-sales procedure as an event-sourced service."

cli: Final = typer.Typer(no_args_is_help=True, add_completion=False, help=HELP)
cli.command()(serve)
cli.add_typer(keys, name="keys")
cli.add_typer(access, name="access")
cli.command()(export)
cli.command()(verify)
cli.command()(backup)
cli.command()(restore)
cli.command("rebuild")(rebuild_tables)
cli.command()(replay)
cli.command("what-if")(what_if)
cli.command(name="erase-person")(erase_person)


@cli.callback()
def sanbao() -> None:
    """Sanbao (三包): the after-sales procedure as an event-sourced service."""


def main() -> None:
    """The entry point of the distribution."""
    cli()
