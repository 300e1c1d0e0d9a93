"""A plant for tests of evidence, and a log with something of everything in it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from app.cli import cli
from app.events.database import Database
from app.main import Plan
from tests.api.desk import Desk
from tests.api.stories import S_B, agree, confirmed, define_cause, split_claim, verified
from tests.evidence.plant import Plant, connected_as_owner


@pytest.fixture
async def plant(database: Database, tmp_path: Path) -> AsyncIterator[Plant]:
    """An empty log, and a place for keys and copies."""
    owner, service = await connected_as_owner(database), await database.connect()
    yield Plant(owner, service, tmp_path)
    await service.close()
    await owner.close()


@pytest.fixture
async def lived(sandbox: Desk) -> Desk:
    """A claim from its case to the close, one that is escalated, one that waits."""
    sandbox.at = "2025-02-03T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    done = await split_claim(sandbox, "333.33")
    filed = {"filing_no": "SH-2025-001"}
    await sandbox.does(f"/v1/claims/{done['id']}/file", filed, by="u.qa1")
    sandbox.at = "2025-02-10T02:00:00Z"
    await confirmed(sandbox, "500.01", spec=S_B, customer="C02")
    await verified(sandbox, "80.00")
    return sandbox


Line = Callable[..., Awaitable[Result]]


@pytest.fixture
def line(plan: Plan) -> Iterator[Line]:
    """The command line over the plant's log; it says where logs go, which is taken back after."""
    before = structlog.get_config()
    env = {"DATABASE_URL": plan.database.url, "COLUMNS": "200"}

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, list(words), env=env)

    yield run
    structlog.configure(**before)
