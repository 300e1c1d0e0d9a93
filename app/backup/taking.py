"""Taking a backup: one snapshot of a plant, written under another name until it is whole.

Nobody waits for it: it reads. The position, the root of the tree and the counts are read in the
snapshot that is dumped, so that the manifest says what is in the dump. Attachments are copied
afterwards: whichever the dump names was there before it was named.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from app.backup.attachments import copy_attachments
from app.backup.errors import BackupFailed, NotABackup, ProgramFailed
from app.backup.files import becoming, write_whole
from app.backup.guards import guards_of
from app.backup.manifest import (
    ATTACHMENTS,
    ATTACHMENTS_LIST,
    CHECKPOINT,
    DUMP,
    Attached,
    Manifest,
    seal,
)
from app.backup.naming import holds_a_plant, relations_of
from app.backup.programs import Programs
from app.events.database import Database
from app.events.migrate import APP_ROLE
from app.events.person_keys_schema import KEYS_ROLE, keys_schema_of
from app.events.recorded import written_at
from app.events.tree import root_hash
from app.evidence.building import owner_of

if TYPE_CHECKING:
    from asyncpg import Connection, Record

Told = Callable[[str, int, int], None]
"""Told of what, how much of how much is done."""

WITHOUT_LIMITS: Final = """
    SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0;
    SET transaction_timeout = 0; SET lock_timeout = '30s'
"""
HOLD_TABLES: Final = "LOCK TABLE read_tables IN ACCESS SHARE MODE"
"""Before the snapshot: no read table is switched between it and the dump."""
SELECT_HEAD: Final = """
    SELECT position, tree, mode, (SELECT version_num FROM alembic_version) AS revision,
           (SELECT note FROM checkpoints ORDER BY number DESC LIMIT 1) AS checkpoint,
           current_setting('server_version') AS postgres
    FROM log_head
"""
SELECT_TABLES: Final = """
    SELECT relname FROM pg_class
    WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' ORDER BY relname
"""
SELECT_GRANTED: Final = """
    SELECT DISTINCT grantee::regrole::text AS role
    FROM pg_class, aclexplode(relacl) AS granted
    WHERE relnamespace = to_regnamespace($1) AND grantee NOT IN (0, relowner)
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to write, and where."""

    to: Path
    keys_to: Path | None = None
    attachments: Path | None = None
    """The store that they lie in."""
    attachments_to: Path | None = None
    """A folder that several backups share; None is inside of this one."""
    told: Told = field(default=lambda _, __, ___: None)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written."""

    plant: Manifest
    keys: Manifest | None


async def take(database: Database, wanted: Wanted) -> Taken:
    """Write a backup of a plant, and of the keys of its persons elsewhere if that is wanted.

    Raises:
        BackupFailed: it could not be written, and nothing of it is there.
        EmbeddedPostgresError: there are no programs.
    """
    _fit(wanted)
    programs = Programs.of_wheel(database.url)
    try:
        async with owner_of(database) as connection:
            await _must_be_a_plant(connection, database.schema, programs)
            await connection.execute(WITHOUT_LIMITS)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await connection.execute(HOLD_TABLES)
                return await _written(connection, programs, database.schema, wanted)
    except (ProgramFailed, NotABackup, asyncpg.PostgresError, OSError) as error:
        raise BackupFailed(f"Nothing was written to {wanted.to}: {error}") from error


def _fit(wanted: Wanted) -> None:
    for other in (wanted.keys_to, wanted.attachments_to):
        if other is not None and other.resolve().is_relative_to(wanted.to.resolve()):
            raise BackupFailed(f"{other} is inside of the backup: it is to be kept apart from it")


async def _must_be_a_plant(
    connection: "Connection[Record]", schema: str, programs: Programs
) -> None:
    if schema == "public" or not await holds_a_plant(connection, schema):
        raise BackupFailed(f"Schema {schema} holds no plant; SANBAO_SCHEMA names the one that does")
    if await connection.fetchval("SELECT mode FROM log_head") == "replay":
        raise BackupFailed(f"Schema {schema} shows a past of another: back that one up")
    await must_fit(connection, programs)


async def must_fit(connection: "Connection[Record]", programs: Programs) -> None:
    """See that the programs are of the server's version.

    Raises:
        ProgramFailed: they are not.
    """
    ours, theirs = await programs.major(), connection.get_server_version().major
    if ours != theirs:
        raise ProgramFailed(
            f"the server is PostgreSQL {theirs}, the programs of the wheel are {ours}: use "
            f"pg_dump and pg_restore {theirs} as docs/backup.md has it"
        )


async def _written(
    connection: "Connection[Record]", programs: Programs, schema: str, wanted: Wanted
) -> Taken:
    snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
    keys_schema = keys_schema_of(schema)
    has_keys = await relations_of(connection, keys_schema)
    with ExitStack() as stack:
        folder = stack.enter_context(becoming(wanted.to))
        apart = None
        if wanted.keys_to is not None and has_keys:
            apart = stack.enter_context(becoming(wanted.keys_to))
        plant = await _described(connection, schema, schema)
        plant = plant.model_copy(update={"keys_of_persons": "apart" if apart else "not taken"})
        await _dump(programs, snapshot, plant, folder, wanted.told)
        keys = None
        if apart is not None:
            keys = await _described(connection, keys_schema, schema)
            await _dump(programs, snapshot, keys, apart, wanted.told)
            keys = seal(apart, keys)
        if plant.checkpoint is not None:
            write_whole(folder / CHECKPOINT, plant.checkpoint.encode())
        plant = plant.model_copy(update={"attachments": _attached(wanted, folder)})
        return Taken(seal(folder, plant), keys)


def _attached(wanted: Wanted, folder: Path) -> Attached | None:
    """Copy the attachments, and write down which; None where there is no store."""
    if wanted.attachments is None or not wanted.attachments.is_dir():
        return None
    inside = wanted.attachments_to is None
    found = copy_attachments(
        wanted.attachments,
        wanted.attachments_to or folder / ATTACHMENTS,
        lambda done, total: wanted.told("Attachments", done, total),
    )
    names = "".join(f"{each.name}\n" for each in found)
    write_whole(folder / ATTACHMENTS_LIST, names.encode())
    size = sum(each.stat().st_size for each in found)
    return Attached(files=len(found), bytes=size, inside=inside)


async def _dump(
    programs: Programs, snapshot: str, manifest: Manifest, folder: Path, told: Told
) -> None:
    total = len(manifest.rows)

    def seen(done: int) -> None:
        told(f"Dump {manifest.dumped}", min(done, total), total)

    await programs.dump(manifest.dumped, snapshot, folder / DUMP, seen)


async def _described(connection: "Connection[Record]", schema: str, plant: str) -> Manifest:
    """The manifest of what the snapshot shows of a schema, but for its files."""
    head = await connection.fetchrow(SELECT_HEAD)
    if head is None:
        raise BackupFailed(f"Schema {plant} has no head: it was never migrated to its end")
    is_plant = schema == plant
    return Manifest(
        kind="plant" if is_plant else "keys",
        sanbao=version("sanbao"),
        postgres=head["postgres"],
        plant=plant,
        revision=head["revision"],
        mode=head["mode"],
        taken_at=written_at(datetime.now(UTC)),
        position=head["position"],
        root=root_hash(head["tree"]).hex(),
        checkpoint=head["checkpoint"] if is_plant else None,
        rows=await rows_of(connection, schema),
        guards=await guards_of(connection, schema),
        granted_to=await _granted(connection, schema),
        keys_of_persons="not taken" if is_plant else "here",
    )


async def rows_of(connection: "Connection[Record]", schema: str) -> dict[str, int]:
    """How many rows each table of a schema has."""
    found: dict[str, int] = {}
    for row in await connection.fetch(SELECT_TABLES, schema):
        name: str = row["relname"]
        found[name] = await connection.fetchval(f'SELECT count(*) FROM {schema}."{name}"')  # noqa: S608 - names of our own
    return found


async def _granted(connection: "Connection[Record]", schema: str) -> list[str]:
    rows: list[Any] = await connection.fetch(SELECT_GRANTED, schema)
    return [row["role"] for row in rows if row["role"] not in {APP_ROLE, KEYS_ROLE}]
