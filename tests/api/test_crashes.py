"""Killed with -9 at random, service or database, under load: nothing acknowledged is lost.

`SANBAO_CRASHES` sets how often; a few in the suite, twenty and more when somebody wants to know.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.events.store import Log
from app.events.workings import Workings
from app.projections.ledger import Ledger
from app.projections.tables import fresh_rows
from tests.api.service import Service, running
from tests.api.stories import S_C

CRASHES = int(os.environ.get("SANBAO_CRASHES", "4"))
CLIENTS = 8


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """The service on a data directory of its own, with a durable database."""
    async with running() as found:
        yield found


async def register(service: Service, name: str, acknowledged: dict[str, str]) -> None:
    """One clerk: every case under a key of its own, sent again until it is answered."""
    headers = {"Authorization": f"Bearer {service.keys['u.clerk']}"}
    number = 0
    async with httpx.AsyncClient(base_url=service.address, timeout=5) as http:
        while True:
            key = f"{name}-{number}"
            body = {
                "customer_id": "C01",
                "customer_ref": key,
                "channel": "PHONE",
                "life_phase": "FIELD",
                "spec_code": S_C,
                "failure_mode": "漏油",
                "qty_reported": 1 + number % 5,
                "description": "It leaks.",
            }
            try:
                answer = await http.post(
                    "/v1/feedback-cases", json=body, headers=headers | {"Idempotency-Key": key}
                )
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 201:
                acknowledged[key] = answer.json()["id"]
                number += 1
            elif answer.status_code == 503:
                await asyncio.sleep(0.05)
            else:
                raise AssertionError(answer.text)


async def test_every_acknowledged_command_is_there_once_after_crashes(
    service: Service, house: Workings
) -> None:
    chance = random.Random(42)  # noqa: S311 - which of two to kill, and when
    acknowledged: dict[str, str] = {}
    clerks = [
        asyncio.create_task(register(service, f"clerk{i}", acknowledged)) for i in range(CLIENTS)
    ]
    for _ in range(CRASHES):
        await asyncio.sleep(chance.uniform(0.2, 1.0))
        if chance.random() < 0.5:
            service.kill()
            await service.start()
        else:
            service.kill_database()
            if chance.random() < 0.5:
                service.kill()
                await service.start()
    settled = len(acknowledged) + CLIENTS
    async with asyncio.timeout(60):
        while len(acknowledged) < settled:
            assert not any(clerk.done() for clerk in clerks)
            await asyncio.sleep(0.05)
    for clerk in clerks:
        clerk.cancel()
    await asyncio.gather(*clerks, return_exceptions=True)

    with EmbeddedPostgres(service.data_dir / "postgres") as server:
        connection = await Database(server.dsn).connect()
        # One snapshot: what the clerks sent last may still have its turn.
        async with connection.transaction(isolation="repeatable_read"):
            await nothing_lost_or_doubled(connection, acknowledged)
            await tables_equal_a_fresh_fold(connection, house)
        await connection.close()


async def nothing_lost_or_doubled(
    connection: "asyncpg.Connection[asyncpg.Record]", acknowledged: dict[str, str]
) -> None:
    """Each acknowledged case once, under the id that was told; positions without gaps."""
    rows = await connection.fetch("""
        SELECT data->>'customer_ref' AS key, substr(stream, 15) AS id FROM events
        WHERE type = 'FeedbackRegistered'
    """)
    ids = {row["key"]: row["id"] for row in rows}
    assert not [key for key, n in Counter(row["key"] for row in rows).items() if n > 1]
    assert {key: ids.get(key) for key in acknowledged} == acknowledged
    ends = await connection.fetchrow("SELECT min(position), max(position), count(*) FROM events")
    assert ends is not None
    assert (ends[0], ends[1]) == (1, ends[2])


async def tables_equal_a_fresh_fold(
    connection: "asyncpg.Connection[asyncpg.Record]", house: Workings
) -> None:
    """Every read table, row for row."""
    head = await connection.fetchval("SELECT position FROM log_head")
    log = Log(connection, house.codec)
    for table in house.tables.values():
        fresh = await fresh_rows(log, house, table, head)
        kept: dict[str, Any] = await log.rows(table, list(fresh))
        assert kept == fresh, table.name
        if isinstance(table, Ledger):
            rows = await connection.fetchval(f"SELECT count(*) FROM {table.name}")  # noqa: S608
            assert rows == len(fresh)
