"""What keeps the log append-only: triggers, and what the service's role may not do."""

from collections.abc import Sequence
from typing import Final

import asyncpg
from asyncpg import Connection, Record

from app.events.database import Database

SELECT_GUARDS: Final = """
    SELECT format('%s.%s %s', relname, tgname, tgenabled) AS guard
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = to_regnamespace($1) AND NOT tgisinternal
    ORDER BY 1
"""
REFUSED: Final = (
    "UPDATE events SET reason = reason",
    "DELETE FROM events",
    "TRUNCATE events",
    "UPDATE checkpoints SET note = note",
    "DELETE FROM checkpoints",
    "DELETE FROM tree_tiles",
    "DELETE FROM checkpoint_keys",
    "DELETE FROM log_head",
)
"""What the service's role must not be able to do; each is tried, and rolled back."""


async def guards_of(connection: "Connection[Record]", schema: str) -> list[str]:
    """The triggers of a schema, and how each is enabled."""
    return [row["guard"] for row in await connection.fetch(SELECT_GUARDS, schema)]


async def faults_of_guards(database: Database, expected: Sequence[str]) -> list[str]:
    """Guards that are not there, and what the service's role can do though it must not."""
    connection = await database.connect()
    try:
        found = set(await guards_of(connection, database.schema))
        faults = [f"the trigger {each} is missing" for each in expected if each not in found]
        for statement in REFUSED:
            transaction = connection.transaction()
            await transaction.start()
            try:
                await connection.execute(statement)
                faults.append(f"the service may do what it must not: {statement}")
            except asyncpg.InsufficientPrivilegeError:
                pass
            finally:
                await transaction.rollback()
    finally:
        await connection.close()
    return faults
