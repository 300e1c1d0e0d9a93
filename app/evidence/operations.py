"""Long work that is asked for over HTTP: a process of its own, so that nobody waits for it.

What it is and how far stands in a table, so that any process of the service can tell and cancel.
The worker writes its progress and its result there itself; it is stopped by taking the row away
from `RUNNING`. Nothing of it touches the log or the read tables.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Self, TypeAlias

import structlog
from asyncpg import Pool, Record

from app.domain.decider import JsonObject
from app.events.database import Database
from app.events.lost import LOST

Status: TypeAlias = Literal["RUNNING", "DONE", "FAILED", "CANCELLED"]

OPERATIONS_MAX: Final = 2
"""At once, in all processes of a plant: each takes a core."""
STOP_SECONDS: Final = 5.0

COUNT_RUNNING: Final = "SELECT count(*) FROM operations WHERE status = 'RUNNING'"
ONE_BY_ONE: Final = "SELECT pg_advisory_xact_lock(hashtext('sanbao.operations'))"
FORGET_OLD: Final = """
    DELETE FROM operations WHERE ended_at < clock_timestamp() - interval '30 days'
"""
GIVE_UP_LOST: Final = """
    UPDATE operations SET status = 'FAILED', ended_at = clock_timestamp(), problem = 'LOST'
    WHERE status = 'RUNNING' AND seen_at < clock_timestamp() - interval '2 minutes'
"""
INSERT_OPERATION: Final = """
    INSERT INTO operations (operation_id, kind, asked_by, request, status, started_at, seen_at)
    VALUES ($1::uuid, $2, $3, $4, 'RUNNING', clock_timestamp(), clock_timestamp())
"""
SELECT_OPERATION: Final = """
    SELECT operation_id::text AS operation_id, kind, asked_by, request, status, done, total,
           started_at, ended_at, result::text AS result, problem
    FROM operations WHERE operation_id = $1::uuid
"""
END_OPERATION: Final = """
    UPDATE operations SET status = $2, ended_at = clock_timestamp(), problem = $3
    WHERE operation_id = $1::uuid AND status = 'RUNNING'
"""

log: Final = structlog.get_logger(__name__)


class TooManyOperations(Exception):
    """As many run as may at once."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Long work as it stands."""

    operation_id: str
    kind: str
    asked_by: str
    request: JsonObject
    status: Status
    done: int
    total: int
    started_at: datetime
    ended_at: datetime | None
    result: str | None
    """JSON."""
    problem: str | None


class Operations:
    """Begins, tells of and cancels long work."""

    def __init__(self, pool: "Pool[Record]", database: Database) -> None:
        self._pool = pool
        self._database = database
        self._attending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop what this process began."""
        for each in self._attending:
            each.cancel()
        if self._attending:
            await asyncio.wait(self._attending, timeout=STOP_SECONDS)

    async def begin(
        self, operation_id: str, kind: str, asked_by: str, request: JsonObject
    ) -> Operation:
        """Begin some work.

        Args:
            operation_id: a new id.
            kind: a name that `app/evidence/worker.py` knows.
            asked_by: who wants it.
            request: what it is to do.

        Raises:
            TooManyOperations: as many run as may; nothing was begun.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            for statement in (ONE_BY_ONE, FORGET_OLD, GIVE_UP_LOST):
                await connection.execute(statement)
            if await connection.fetchval(COUNT_RUNNING) >= OPERATIONS_MAX:
                raise TooManyOperations
            await connection.execute(
                INSERT_OPERATION, operation_id, kind, asked_by, json.dumps(request)
            )
        attending = asyncio.create_task(self._attend(operation_id), name=f"operation-{kind}")
        self._attending.add(attending)
        attending.add_done_callback(self._attending.discard)
        found = await self.one(operation_id)
        if found is None:
            raise AssertionError(operation_id)
        return found

    async def one(self, operation_id: str) -> Operation | None:
        """An operation as it stands."""
        await self._pool.execute(GIVE_UP_LOST)
        row = await self._pool.fetchrow(SELECT_OPERATION, operation_id)
        if row is None:
            return None
        said: dict[str, Any] = dict(row)
        return Operation(**(said | {"request": json.loads(said["request"])}))

    async def cancel(self, operation_id: str) -> None:
        """Stop it, unless it is over; its worker notices at its next page."""
        await self._pool.execute(END_OPERATION, operation_id, "CANCELLED", None)

    async def _attend(self, operation_id: str) -> None:
        """Run the worker, and say so if it ends without having said anything itself."""
        order = {
            "url": self._database.url,
            "schema": self._database.schema,
            "operation_id": operation_id,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "app.evidence.worker", stdin=asyncio.subprocess.PIPE
        )
        try:
            await process.communicate(json.dumps(order).encode())
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()
            with suppress(*LOST):
                await self._pool.execute(END_OPERATION, operation_id, "FAILED", "STOPPED")
