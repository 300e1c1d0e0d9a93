"""Which schemas stand in a database, and the names under which others stand aside."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from app.events.migrate import valid_schema

if TYPE_CHECKING:
    from asyncpg import Connection, Record

NAME_MAX: Final = 58
"""So that the schema of the keys, five letters longer, has a name too."""

SELECT_RELATIONS: Final = """
    SELECT count(pg_class.oid) AS relations FROM pg_namespace
    LEFT JOIN pg_class ON relnamespace = pg_namespace.oid
    WHERE nspname = $1 GROUP BY pg_namespace.oid
"""


def beside(schema: str, word: str) -> str:
    """The name of a schema that has to do with another one."""
    return valid_schema(f"{schema[: NAME_MAX - len(word) - 1]}_{word}")


def stamped(schema: str, word: str) -> str:
    """The same, of this second."""
    return beside(schema, f"{word}_{datetime.now(UTC):%Y%m%d%H%M%S}")


async def relations_of(connection: "Connection[Record]", schema: str) -> int | None:
    """How many tables, views and indexes a schema holds; None where there is no such schema."""
    found: int | None = await connection.fetchval(SELECT_RELATIONS, schema)
    return found


async def holds_a_plant(connection: "Connection[Record]", schema: str) -> bool:
    """Whether a schema is one of ours."""
    found = await connection.fetchval("SELECT to_regclass($1)", f"{valid_schema(schema)}.log_head")
    return found is not None
