"""`sanbao keys`: the keys that sign checkpoints."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import asyncpg
import typer

from app.cli.shared import err, out, settings_of
from app.embedded import EmbeddedPostgresError
from app.evidence.growth import Inconsistent
from app.evidence.notes import SigningKey
from app.evidence.signer import KeyIsAnothers, Signer
from app.evidence.signing_keys import NotASigningKey, SigningKeys
from app.main import Plan
from app.serving import database_for, plan_of, quiet_logs, signing_keys_of

keys: Final = typer.Typer(no_args_is_help=True, help="The keys that sign checkpoints.")

FAILURES: Final = (
    Inconsistent,
    KeyIsAnothers,
    NotASigningKey,
    EmbeddedPostgresError,
    asyncpg.PostgresError,
    OSError,
)


@keys.callback()
def of_checkpoints() -> None:
    """The keys that sign checkpoints."""


@keys.command()
def rotate(
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the key is (SANBAO_DATA_DIR; default ./.sanbao).")
    ] = None,
) -> None:
    """Let a new key sign from now on; the old one goes, and what it signed stays verifiable.

    A service that runs meanwhile takes the new key up by itself.
    """
    quiet_logs()
    settings = settings_of(data_dir)
    try:
        with database_for(settings) as known:
            signing = signing_keys_of(known)
            old, new = asyncio.run(_rotated(plan_of(known), signing))
    except FAILURES as error:
        err.print(f"[red]{type(error).__name__}[/red]: {error}")
        raise typer.Exit(1) from None
    out.print(f"Until now   {old.verifier}", markup=False)
    out.print(f"From now    {new.verifier}", markup=False)
    out.print(f"Kept in     {signing.file}", markup=False)
    if signing.is_given:
        out.print("SANBAO_CHECKPOINT_KEY still names the old key: put the new one there.")


async def _rotated(plan: Plan, keys_here: SigningKeys) -> tuple[SigningKey, SigningKey]:
    connection = await plan.database.connect()
    try:
        return await Signer(keys_here, lambda: datetime.now(UTC)).rotate(connection)
    finally:
        await connection.close()
