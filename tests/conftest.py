"""What tests stand on: one PostgreSQL a run, one database a test, a house when asked for."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from app.boot import prepare
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.events.workings import Workings
from app.main import Plan, workings
from tests.api.desk import Desk, open_desk
from tests.api.service import kill_what_was_left

settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("house")

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

PEPPER = b"a pepper for tests, never for keys that matter"


@pytest.fixture(autouse=True)
def nobody_left() -> Iterator[None]:
    """No service outlives the test that started it."""
    yield
    kill_what_was_left()


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that forgets: tests of durability start their own."""
    folder = Path(tempfile.mkdtemp(prefix="sanbao-tests-"))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "postgres", durable=False) as running:
            yield running
            running.discard()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: EmbeddedPostgres) -> str:
    """The name of a database with every table and nothing in it."""
    name = f"template_{uuid4().hex[:8]}"

    async def make() -> None:
        connection = await asyncpg.connect(server.dsn)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        await prepare(Database(server.url(name)), "live")

    asyncio.run(make())
    return name


@pytest.fixture
async def database(server: EmbeddedPostgres, template: str) -> AsyncIterator[Database]:
    """An empty log of its own."""
    name = f"test_{uuid4().hex[:12]}"
    connection = await asyncpg.connect(server.dsn)
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
    try:
        yield Database(server.url(name))
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()


@pytest.fixture(scope="session")
def house() -> Workings:
    """Every aggregate, policy and table there is."""
    return workings()


@pytest.fixture
def plan(database: Database) -> Plan:
    """A house around an empty log."""
    return Plan(database=database, pepper=PEPPER)


@pytest.fixture
async def desk(plan: Plan) -> AsyncIterator[Desk]:
    """A real server around an empty log, and somebody who asks."""
    async with open_desk(plan) as one:
        yield one


@pytest.fixture
async def sandbox(plan: Plan) -> AsyncIterator[Desk]:
    """The same as a sandbox: `desk.at` is the clock."""
    connection = await plan.database.connect()
    await connection.execute("UPDATE log_head SET mode = 'sandbox'")
    await connection.close()
    async with open_desk(replace(plan, mode="sandbox")) as one:
        yield one
