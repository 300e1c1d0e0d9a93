"""A database of an earlier release is brought up to date with all that is in it."""

from collections.abc import AsyncIterator
from importlib.resources import files
from itertools import count
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text

from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.events.migrate import migrate, newest_revision
from tests.evidence import rfc
from tests.evidence.plant import Plant, connected_as_owner


def upgraded_to_the_first(connection: Connection) -> None:
    """The schema of the first release."""
    config = Config()
    config.set_main_option("script_location", str(files("app.events.migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


@pytest.fixture
async def first_release(server: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A database as the first release left it."""
    name = f"test_{uuid4().hex[:12]}"
    connection = await asyncpg.connect(server.dsn)
    await connection.execute(f"CREATE DATABASE {name}")
    database = Database(server.url(name))
    engine = database.owner()
    async with engine.connect() as owner:
        await owner.execute(text(f"CREATE SCHEMA {database.schema}"))
        await owner.run_sync(upgraded_to_the_first)
        await owner.commit()
    await engine.dispose()
    yield database
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


async def test_a_log_of_the_first_release_is_kept_and_can_be_signed(
    first_release: Database, tmp_path: Path
) -> None:
    owner = await connected_as_owner(first_release)
    plant = Plant(owner, owner, tmp_path)
    await plant.grows_to(300)

    engine = first_release.owner()
    for _ in range(2):  # the second time there is nothing to do
        await migrate(engine, first_release.schema)
    await engine.dispose()
    plant.service = await first_release.connect()
    kept = await plant.signs()

    assert await owner.fetchval("SELECT version_num FROM alembic_version") == newest_revision()
    assert kept is not None
    assert kept.root == rfc.mth(plant.leaves)
    await plant.service.close()
    await owner.close()


def upgraded_to_the_fifth(connection: Connection) -> None:
    """From the schema before it, once more."""
    config = Config()
    config.set_main_option("script_location", str(files("app.events.migrations")))
    config.attributes["connection"] = connection
    command.stamp(config, "0004")
    command.upgrade(config, "0005")


SELECT_INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = current_schema() ORDER BY indexname
"""
SHORTEN = r"""
    DO $$ DECLARE each record; BEGIN
        FOR each IN SELECT indexname, indexdef FROM pg_indexes
            WHERE schemaname = current_schema() AND tablename ~ '_ledger$'
              AND indexdef ~ 'btree .*from_position\)$' AND indexdef !~ 'UNIQUE'
        LOOP
            EXECUTE format('DROP INDEX %I', each.indexname);
            CONTINUE WHEN each.indexname ~ '_from_position$';
            EXECUTE replace(each.indexdef, ', from_position)', ')');
        END LOOP;
    END $$
"""


async def test_ledgers_that_stand_get_the_indexes_of_new_ones(database: Database) -> None:
    owner = await connected_as_owner(database)
    new = await owner.fetch(SELECT_INDEXES)
    await owner.execute(SHORTEN)
    old = await owner.fetch(SELECT_INDEXES)

    engine = database.owner()
    async with engine.connect() as connection:
        await connection.execute(text(f"SET LOCAL search_path TO {database.schema}"))
        await connection.run_sync(upgraded_to_the_fifth)
        await connection.commit()
    await engine.dispose()

    assert len(old) < len(new)
    assert await owner.fetch(SELECT_INDEXES) == new
    await owner.close()


@pytest.mark.parametrize("statements", [1, 5, 12, 20, 30])
async def test_a_migration_that_was_interrupted_left_nothing_behind(
    first_release: Database, statements: int
) -> None:
    """Killed after so many statements; the next start does all of it."""
    owner = await connected_as_owner(first_release)
    engine, seen = first_release.owner(), count(1)

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def kill(*_: object) -> None:
        if next(seen) > statements:
            raise Killed

    before = await shape(owner)
    with pytest.raises(Killed):
        await migrate(engine, first_release.schema)
    await engine.dispose()
    assert await shape(owner) == before

    engine = first_release.owner()
    await migrate(engine, first_release.schema)
    await engine.dispose()
    assert await owner.fetchval("SELECT version_num FROM alembic_version") == newest_revision()
    await owner.close()


class Killed(BaseException):
    """The process is no more; nothing that catches errors sees it."""


async def shape(owner: "asyncpg.Connection[asyncpg.Record]") -> list[tuple[str, ...]]:
    """Every column of the plant, and what its schema says it is."""
    rows = await owner.fetch("""
        SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
        WHERE table_schema LIKE 'sanbao%' ORDER BY 1, 2, 3
    """)
    return [tuple(row) for row in rows]
