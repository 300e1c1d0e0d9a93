"""How much one key reads within a minute, and how many exports are under way."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

ROWS_MAX: Final = 5_000
"""Events or rows that an auditor's key reads within a minute before it is written down."""
MINUTE: Final = timedelta(minutes=1)
EXPORTS_MAX: Final = 4
EXPORTS_PER_KEY_MAX: Final = 2
"""So that one reader who takes his time leaves room for others."""


@dataclass(slots=True)
class Read:
    """What a key has read since the last time that it was written down."""

    since: datetime
    rows: int = 0
    after: int | None = None
    up_to: int | None = None


class Meter:
    """Counts what keys read. Each process counts for itself; nothing outlives it."""

    def __init__(self) -> None:
        self._read: dict[str, Read] = {}

    def add(
        self, account: str, rows: int, now: datetime, positions: tuple[int, int] | None
    ) -> Read | None:
        """Count rows; what was read, when it became much, and counting begins anew.

        Args:
            account: whose.
            rows: how many are about to be answered.
            now: when.
            positions: between which the events stand, first excluded; None: no events.
        """
        read = self._read.get(account)
        if read is None or now - read.since > MINUTE:
            read = self._read[account] = Read(now)
        read.rows += rows
        if positions is not None:
            after, up_to = positions
            read.after = after if read.after is None else min(read.after, after)
            read.up_to = up_to if read.up_to is None else max(read.up_to, up_to)
        return self._read.pop(account) if read.rows > ROWS_MAX else None


class Slots:
    """Exports that are under way."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def take(self, account: str) -> bool:
        """Whether one more may begin."""
        if self._taken.total() >= EXPORTS_MAX or self._taken[account] >= EXPORTS_PER_KEY_MAX:
            return False
        self._taken[account] += 1
        return True

    def give_back(self, account: str) -> None:
        """One has ended, however it ended."""
        self._taken[account] -= 1
        if not self._taken[account]:
            del self._taken[account]
