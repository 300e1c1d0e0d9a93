"""A log with something of everything in it, for those who prove what was read from it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
import structlog
from typer.testing import CliRunner, Result

from app.cli import cli
from app.main import Plan
from tests.api.desk import Desk
from tests.api.stories import S_B, agree, confirmed, define_cause, split_claim, verified


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
