"""An empty database to restore into, and the hands to back up and restore."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import structlog
from typer.testing import CliRunner, Result

from app.backup.restoring import Order, Restored, restore
from app.backup.taking import Taken, Wanted, take
from app.cli import cli
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.events.workings import Workings
from app.main import Plan


@pytest.fixture
async def elsewhere(server: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A database without anything in it."""
    name = f"elsewhere_{uuid4().hex[:12]}"
    connection = await asyncpg.connect(server.dsn)
    await connection.execute(f"CREATE DATABASE {name}")
    try:
        yield Database(server.url(name))
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()


@dataclass(frozen=True)
class Hands:
    """Takes backups into numbered folders, and puts them back."""

    folder: Path
    house: Workings

    @property
    def backup(self) -> Path:
        """Where the backup is."""
        return self.folder / "backup"

    @property
    def keys(self) -> Path:
        """Where the keys of persons are."""
        return self.folder / "keys"

    async def take(self, database: Database, **more: Any) -> Taken:  # noqa: ANN401
        """A backup, with the keys beside it."""
        return await take(database, Wanted(to=self.backup, keys_to=self.keys, **more))

    async def restore(self, database: Database, **more: Any) -> Restored:  # noqa: ANN401
        """What was taken, put back."""
        return await restore(database, self.house, Order(**({"backup": self.backup} | more)))


@pytest.fixture
def hands(tmp_path: Path, house: Workings) -> Hands:
    """Hands over a folder of the test's own."""
    return Hands(tmp_path, house)


Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def asked() -> Ask:
    """A question to a database as its owner."""

    async def ask(database: Database, statement: str, *arguments: object) -> Any:  # noqa: ANN401
        connection = await database.connect_as_owner()
        try:
            return await connection.fetchval(statement, *arguments)
        finally:
            await connection.close()

    return ask


async def schemas(asked: Ask, database: Database) -> list[str]:
    """The schemas that are not PostgreSQL's own."""
    found: list[str] = await asked(
        database,
        r"""
        SELECT array_agg(nspname::text ORDER BY nspname) FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
        """,
    )
    return found or []


Line = Callable[..., Awaitable[Result]]


@pytest.fixture
def line(plan: Plan, tmp_path: Path) -> Iterator[Line]:
    """The command line over the plant's log, with a data directory and settings of its own."""
    before = structlog.get_config()
    env = {
        "DATABASE_URL": plan.database.url,
        "SANBAO_DATA_DIR": str(tmp_path / "data"),
        "SANBAO_PERSON_KEY": plan.pepper.decode(),
        "COLUMNS": "200",
    }

    async def run(*words: str, **more: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, list(words), env=env | more)

    yield run
    structlog.configure(**before)
