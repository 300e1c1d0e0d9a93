"""A backup put back: hashes first, then loaded beside what stands, checked, and named last.

Until its name is given to it, what was loaded is called `<schema>_restoring`: a restore that is
killed leaves at most that, and the next one removes it. What does not hold is called
`<schema>_quarantined_…`, and what stood before `<schema>_until_…`.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg

from app.backup.attachments import restore_attachments
from app.backup.errors import CannotRestore, NotABackup, ProgramFailed
from app.backup.judging import Trusted, faults_of
from app.backup.manifest import (
    ATTACHMENTS,
    ATTACHMENTS_LIST,
    DUMP,
    Manifest,
    faults_in,
    read_manifest,
)
from app.backup.naming import beside, holds_a_plant, relations_of
from app.backup.programs import Programs
from app.backup.settling import Settled, settle, settle_keys
from app.backup.taking import WITHOUT_LIMITS, Told, must_fit, rows_of
from app.events.database import Database
from app.events.migrate import knows_revision, migrate
from app.events.person_keys_schema import keys_schema_of
from app.events.workings import Workings
from app.evidence.building import owner_of

if TYPE_CHECKING:
    from asyncpg import Connection, Record

FAULTS_SHOWN: Final = 3
TRY_LOCK: Final = "SELECT pg_try_advisory_lock(hashtext('sanbao.restore'), hashtext($1))"
COUNT_SERVICES: Final = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'sanbao'
"""
HAS_KEYS: Final = "SELECT EXISTS (SELECT FROM {keys}.person_keys)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to restore, and under which conditions."""

    backup: Path
    keys: Path | None = None
    """A backup of the keys of persons."""
    replace: bool = False
    """What stands is moved aside; else the place must be free."""
    attachments: Path | None = None
    """The store to put attachments into."""
    attachments_from: Path | None = None
    """The store that several backups share, where this one has none inside."""
    trusted: Trusted = field(default_factory=Trusted)
    told: Told = field(default=lambda _, __, ___: None)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it."""

    manifest: Manifest
    settled: Settled
    faults: Sequence[str]
    """What does not hold; then it stands under a name that says so."""


async def restore(database: Database, workings: Workings, order: Order) -> Restored:
    """Put a backup back under the name of the database's schema.

    Raises:
        NotABackup: it is not whole; nothing was touched.
        CannotRestore: the place is taken, or the load failed; nothing of it is left.
        EmbeddedPostgresError: there are no programs.
    """
    manifest = _whole(order.backup)
    keys = None if order.keys is None else _whole(order.keys)
    if keys is not None and (keys.kind, manifest.kind) != ("keys", "plant"):
        raise NotABackup(f"{order.keys} is no backup of keys beside a backup of a plant")
    programs = Programs.of_wheel(database.url)
    try:
        async with owner_of(database) as connection:
            await _ours_alone(connection, database.schema)
            await must_fit(connection, programs)
            await connection.execute(WITHOUT_LIMITS)
            await _must_be_free(connection, database.schema, manifest, order)
            work = _Work(database, workings, order, programs, connection)
            if manifest.kind == "keys":
                return await work.keys_alone(manifest)
            return await work.plant(manifest, keys)
    except (ProgramFailed, asyncpg.PostgresError, OSError) as error:
        raise CannotRestore(f"Nothing was restored: {error}") from error


def _whole(folder: Path) -> Manifest:
    """The manifest of a backup of which every file is as it was written.

    Raises:
        NotABackup: one is not, or a later version wrote it.
    """
    manifest = read_manifest(folder)
    faults = list(faults_in(folder, manifest))
    if faults:
        more = f", and {len(faults) - FAULTS_SHOWN} more" if len(faults) > FAULTS_SHOWN else ""
        raise NotABackup(f"{folder}: {'; '.join(faults[:FAULTS_SHOWN])}{more}")
    if not knows_revision(manifest.revision):
        raise NotABackup(
            f"{folder} was written by sanbao {manifest.sanbao}, whose schema {manifest.revision} "
            "this version does not know: restore it with that one"
        )
    return manifest


async def _ours_alone(connection: "Connection[Record]", schema: str) -> None:
    if not await connection.fetchval(TRY_LOCK, schema):
        raise CannotRestore(f"Somebody else is restoring {schema} just now")


async def _must_be_free(
    connection: "Connection[Record]", schema: str, manifest: Manifest, order: Order
) -> None:
    """See that nothing is written over, and that nobody works on what is moved aside."""
    keys_schema, taken = keys_schema_of(schema), list[str]()
    if manifest.kind == "plant" and await relations_of(connection, schema):
        taken.append(schema)
    with_keys = manifest.kind == "keys" or order.keys is not None
    if (
        with_keys
        and await relations_of(connection, keys_schema)
        and await connection.fetchval(HAS_KEYS.format(keys=keys_schema))
    ):
        taken.append(keys_schema)
    if taken and not order.replace:
        raise CannotRestore(
            f"{' and '.join(taken)} is there already: name another schema (SANBAO_SCHEMA) or data "
            "directory, or say --replace, which moves it aside"
        )
    if manifest.kind == "keys" and not await holds_a_plant(connection, schema):
        raise CannotRestore(f"{schema} holds no plant yet: restore it first, or both together")
    services = await connection.fetchval(COUNT_SERVICES) if taken or manifest.kind == "keys" else 0
    if services:
        raise CannotRestore(
            f"A service is at work in this database ({services} connections): stop it first"
        )


@dataclass(frozen=True, slots=True)
class _Work:
    """One restore on its way."""

    database: Database
    workings: Workings
    order: Order
    programs: Programs
    connection: "Connection[Record]"

    @property
    def incoming(self) -> Database:
        """The same database, with the schema that is loaded."""
        return Database(self.database.url, beside(self.database.schema, "restoring"))

    async def plant(self, manifest: Manifest, keys: Manifest | None) -> Restored:
        """A plant, with or without the keys of its persons."""
        incoming = self.incoming
        async with self._loaded() as schema:
            await self._load(self.order.backup, manifest, schema)
            faults = await self._miscounted(manifest, schema)
            if keys is not None and self.order.keys is not None:
                await self._load(self.order.keys, keys, keys_schema_of(schema))
                faults += await self._miscounted(keys, keys_schema_of(schema))
            faults += await self._judged(incoming, manifest)
            faults += self._attached(manifest)
            settled = await settle(
                self.database, schema, with_keys=keys is not None, holds=not faults
            )
        return Restored(manifest, settled, faults)

    async def keys_alone(self, manifest: Manifest) -> Restored:
        """The keys of persons beside a plant that stands."""
        async with self._loaded() as schema:
            await self._load(self.order.backup, manifest, keys_schema_of(schema))
            faults = await self._miscounted(manifest, keys_schema_of(schema))
            settled = await settle_keys(self.database, schema, holds=not faults)
        return Restored(manifest, settled, faults)

    @asynccontextmanager
    async def _loaded(self) -> AsyncIterator[str]:
        """The name of what is loaded; when it is over, nothing has that name any more."""
        schema = self.incoming.schema
        await self._drop(schema)
        try:
            yield schema
        finally:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await self._drop(schema)

    async def _drop(self, schema: str) -> None:
        for each in (schema, keys_schema_of(schema)):
            await self.connection.execute(f"DROP SCHEMA IF EXISTS {each} CASCADE")

    async def _load(self, folder: Path, manifest: Manifest, schema: str) -> None:
        """Load a dump and call it otherwise, in one transaction.

        A dump knows only the name that it was taken under. If another stands under it, that one
        is called otherwise meanwhile; as it is one transaction, nobody sees that.
        """
        dumped, elsewhere = manifest.dumped, beside(schema, "elsewhere")
        stands = await relations_of(self.connection, dumped) is not None
        before = f"ALTER SCHEMA {dumped} RENAME TO {elsewhere};" if stands else ""
        after = f"ALTER SCHEMA {dumped} RENAME TO {schema};"
        if stands:
            after += f"\nALTER SCHEMA {elsewhere} RENAME TO {dumped};"
        total = len(manifest.rows)
        await self.programs.load(
            folder / DUMP,
            before,
            after,
            lambda done: self.order.told(f"Load {dumped}", min(done, total), total),
        )

    async def _miscounted(self, manifest: Manifest, schema: str) -> list[str]:
        found = await rows_of(self.connection, schema)
        return [
            f"{name} has {found.get(name)} rows, {count} were backed up"
            for name, count in manifest.rows.items()
            if found.get(name) != count
        ]

    async def _judged(self, incoming: Database, manifest: Manifest) -> list[str]:
        """Bring it up to date, and look at all of it; whatever breaks on the way is a fault."""
        try:
            engine = incoming.owner()
            try:
                await migrate(engine, incoming.schema)
            finally:
                await engine.dispose()
            order = self.order
            return await faults_of(incoming, self.workings, manifest, order.trusted, order.told)
        except Exception as error:  # noqa: BLE001 - a log that breaks its reader does not hold
            return [f"it cannot be read: {type(error).__name__}: {error}"]

    def _attached(self, manifest: Manifest) -> list[str]:
        told, order = manifest.attachments, self.order
        if told is None or order.attachments is None:
            return []
        source = order.backup / ATTACHMENTS if told.inside else order.attachments_from
        if source is None:
            return ["attachments lie apart from this backup: name the folder (--attachments-from)"]
        names = (order.backup / ATTACHMENTS_LIST).read_text().split()
        return restore_attachments(names, source, order.attachments)
