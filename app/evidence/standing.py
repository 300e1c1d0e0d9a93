"""Which read tables stand, from how much of the log, and how many rows they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from asyncpg import Connection, Record

from app.events.folding import Folded
from app.evidence.shadows import is_ledger

SELECT_TABLES: Final = """
    SELECT read_tables.name, read_tables.version, built_at, position AS rebuilding_at
    FROM read_tables LEFT JOIN rebuilds ON rebuilds.name = read_tables.name AND slot = 'next'
"""
COUNT_ENTRIES: Final = "SELECT register, count(*) FROM registers GROUP BY register"


@dataclass(frozen=True, slots=True)
class Standing:
    """A read table as it stands."""

    table: Folded
    version: int
    built_at: int
    """The position of the log at which it was switched to."""
    rows: int
    rebuilding_at: int | None
    """Where a rebuild of it is; None when there is none."""


async def standing(connection: "Connection[Record]", tables: Iterable[Folded]) -> list[Standing]:
    """Every table that stands, in the order given; the rows are counted."""
    entries = {row[0]: row[1] for row in await connection.fetch(COUNT_ENTRIES)}
    built = {row["name"]: row for row in await connection.fetch(SELECT_TABLES)}
    found = []
    for table in tables:
        row = built.get(table.name)
        if row is None:
            continue
        rows = entries.get(table.name, 0)
        if is_ledger(table):
            rows = await connection.fetchval(f"SELECT count(*) FROM {table.name}")  # noqa: S608 - a name of our own
        found.append(Standing(table, row["version"], row["built_at"], rows, row["rebuilding_at"]))
    return found
