"""The process that does long work: `python -m app.evidence.worker`, its order on standard input."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import asyncpg
from asyncpg import Connection, Record

from app.domain.decider import JsonObject
from app.events.database import Database
from app.evidence.what_if import what_if

NICENESS: Final = 5
"""Commands and queries come first."""

SELECT_REQUEST: Final = """
    SELECT kind, request FROM operations WHERE operation_id = $1::uuid AND status = 'RUNNING'
"""
SAY_PROGRESS: Final = """
    UPDATE operations SET done = $2, total = $3, seen_at = clock_timestamp()
    WHERE operation_id = $1::uuid AND status = 'RUNNING' RETURNING 1
"""
SAY_DONE: Final = """
    UPDATE operations SET status = 'DONE', done = total, result = $2, ended_at = clock_timestamp()
    WHERE operation_id = $1::uuid AND status = 'RUNNING'
"""
SAY_FAILED: Final = """
    UPDATE operations SET status = 'FAILED', problem = $2, ended_at = clock_timestamp()
    WHERE operation_id = $1::uuid AND status = 'RUNNING'
"""

Told = Callable[[int, int], Awaitable[None]]


class Cancelled(Exception):
    """Nobody wants it any more."""


async def _what_if(connection: "Connection[Record]", request: JsonObject, told: Told) -> str:
    answer = await what_if(connection, request, told)
    return answer.model_dump_json()


WORKS: Final[Mapping[str, Callable[["Connection[Record]", JsonObject, Told], Awaitable[str]]]] = {
    "what-if": _what_if,
}
"""What can be asked for, by kind; each answers JSON."""


async def work(database: Database, operation_id: str) -> None:
    """Do what an operation asks for, and write down how far it is and what came of it."""
    reading, telling = await database.connect(), await database.connect()
    try:
        row = await telling.fetchrow(SELECT_REQUEST, operation_id)
        if row is None:
            return

        async def told(done: int, total: int) -> None:
            if await telling.fetchval(SAY_PROGRESS, operation_id, done, total) is None:
                raise Cancelled

        try:
            result = await WORKS[row["kind"]](reading, json.loads(row["request"]), told)
        except Cancelled:
            return
        except Exception as error:
            await telling.execute(SAY_FAILED, operation_id, type(error).__name__)
            raise
        await telling.execute(SAY_DONE, operation_id, result)
    finally:
        for connection in (reading, telling):
            connection.terminate()


def main() -> None:
    """Take one order and carry it out; whoever gave it looks into the table."""
    os.nice(NICENESS)
    order = json.loads(sys.stdin.read())
    database = Database(order["url"], order["schema"])
    try:
        asyncio.run(work(database, order["operation_id"]))
    except (OSError, asyncpg.PostgresError) as error:
        raise SystemExit(type(error).__name__) from None


if __name__ == "__main__":
    main()
