"""How much one key reads within a minute, and how many exports and streams are under way."""

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
STREAMS_MAX: Final = 200
STREAMS_PER_KEY_MAX: Final = 8


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
        self, key_id: str, rows: int, now: datetime, positions: tuple[int, int] | None
    ) -> Read | None:
        """Count rows; what was read, when it became much, and counting begins anew.

        Args:
            key_id: whose.
            rows: how many are about to be answered.
            now: when.
            positions: between which the events stand, first excluded; None: no events.
        """
        read = self._read.get(key_id)
        if read is None or now - read.since > MINUTE:
            read = self._read[key_id] = Read(now)
        read.rows += rows
        if positions is not None:
            after, up_to = positions
            read.after = after if read.after is None else min(read.after, after)
            read.up_to = up_to if read.up_to is None else max(read.up_to, up_to)
        return self._read.pop(key_id) if read.rows > ROWS_MAX else None


class Slots:
    """What lasts and is under way: exports, or open streams."""

    def __init__(self, most: int = EXPORTS_MAX, per_key: int = EXPORTS_PER_KEY_MAX) -> None:
        self._most = most
        self._per_key = per_key
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How many there are."""
        return self._taken.total()

    def take(self, key_id: str) -> bool:
        """Whether one more may begin."""
        if self._taken.total() >= self._most or self.is_at_most(key_id):
            return False
        self._taken[key_id] += 1
        return True

    def is_at_most(self, key_id: str) -> bool:
        """Whether a key has as many as one key may."""
        return self._taken[key_id] >= self._per_key

    def give_back(self, key_id: str) -> None:
        """One has ended, however it ended."""
        self._taken[key_id] -= 1
        if not self._taken[key_id]:
            del self._taken[key_id]
