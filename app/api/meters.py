"""How much one key reads within a minute, and how many exports, streams, uploads are under way."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

ROWS_MAX: Final = 5_000
"""Events or rows that an auditor's key reads within a minute before it is written down."""
MINUTE: Final = timedelta(minutes=1)
EXPORTS_MAX: Final = 4
EXPORTS_PER_KEY_MAX: Final = 2
"""So that one reader who takes his time leaves room for others."""
STREAMS_MAX: Final = 200
STREAMS_PER_KEY_MAX: Final = 8
UPLOADS_MAX: Final = 32
UPLOADS_PER_KEY_MAX: Final = 8

COUNT: Final = """
    INSERT INTO audit_reads AS read (key_id, since, count, after, up_to)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (key_id) DO UPDATE SET (since, count, after, up_to) = (
        SELECT excluded.since, excluded.count, excluded.after, excluded.up_to
        WHERE excluded.since - read.since > $6
        UNION ALL
        SELECT read.since, read.count + excluded.count,
               least(read.after, excluded.after), greatest(read.up_to, excluded.up_to)
        WHERE excluded.since - read.since <= $6
    )
    RETURNING count, after, up_to
"""

BEGIN_ANEW: Final = """
    UPDATE audit_reads
    SET since = $2, count = greatest(count - $3, 0),
        after = CASE WHEN count > $3 THEN after END, up_to = CASE WHEN count > $3 THEN up_to END
    WHERE key_id = $1
"""
"""What other processes counted meanwhile is still to be written down."""


class Execute(Protocol):
    """Whatever runs a statement: a pool or a connection."""

    async def fetchrow(self, query: str, *args: Any) -> Any:  # noqa: ANN401 - asyncpg's own
        """One row or None."""

    async def execute(self, query: str, *args: Any) -> Any:  # noqa: ANN401 - asyncpg's own
        """Run it."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a key has read since the last time that it was written down."""

    rows: int
    after: int | None
    up_to: int | None


class Meter:
    """Counts what keys read, for every process that serves the plant.

    The count begins anew behind a record that is durable, never before: what could not be written
    down is written down with what is read next. Two processes that come to it at once may both
    write it down; none of it is ever left out.
    """

    def __init__(self, database: Execute) -> None:
        self._database = database
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def counting(
        self, account: str, rows: int, now: datetime, positions: tuple[int, int] | None
    ) -> AsyncIterator[Read | None]:
        """Count rows; what was read, when it became much, to be written down within.

        Args:
            account: whose.
            rows: how many are about to be answered.
            now: when.
            positions: between which the events stand, first excluded; None: no events.
        """
        after, up_to = positions or (None, None)
        async with self._turns[account]:
            found = await self._database.fetchrow(COUNT, account, now, rows, after, up_to, MINUTE)
            read = Read(found["count"], found["after"], found["up_to"])
            if read.rows <= ROWS_MAX:
                yield None
                return
            yield read
            await self._database.execute(BEGIN_ANEW, account, now, read.rows)


class Slots:
    """What lasts and is under way: exports, open streams, or files that come in."""

    def __init__(self, most: int = EXPORTS_MAX, per_key: int = EXPORTS_PER_KEY_MAX) -> None:
        self._most = most
        self._per_key = per_key
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How many there are."""
        return self._taken.total()

    def take(self, account: str) -> bool:
        """Whether one more may begin."""
        if self._taken.total() >= self._most or self.is_at_most(account):
            return False
        self._taken[account] += 1
        return True

    def is_at_most(self, account: str) -> bool:
        """Whether somebody has as many as one may."""
        return self._taken[account] >= self._per_key

    def give_back(self, account: str) -> None:
        """One has ended, however it ended."""
        self._taken[account] -= 1
        if not self._taken[account]:
            del self._taken[account]
