"""The end of the log, read once for everybody who follows it.

A hundred followers that each ask the database at each commit would keep every other reader waiting.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from app.events.reading import Reader
from app.events.recorded import Recorded

KEPT_MAX: Final = 1_000
PAGE_EVENTS: Final = 200


@dataclass(slots=True)
class Told:
    """An event, and how it was written already: each wording is made once, for all followers."""

    recorded: Recorded
    wordings: dict[str, str] = field(default_factory=dict)

    def worded(self, form: str, write: Callable[[Recorded], str]) -> str:
        """Its text in a form, written when the first asks for it."""
        text = self.wordings.get(form)
        if text is None:
            text = self.wordings[form] = write(self.recorded)
        return text


class Tail:
    """The newest events, kept for those who follow; whoever is further behind reads for himself."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._kept: deque[Told] = deque(maxlen=KEPT_MAX)
        self._reading = asyncio.Lock()
        self.reads = 0
        """How often the database was asked."""

    async def page(self, after: int) -> list[Told]:
        """What comes after a position, in order: a page at most, nothing at the end of the log."""
        found = self._known(after)
        if found is None and self._kept and after < self._kept[0].recorded.position:
            return await self._read(after)
        if found:
            return found
        async with self._reading:
            found = self._known(after)  # somebody else may have read it meanwhile
            if found:
                return found
            read = await self._read(after)
            if read and self._kept and self._kept[-1].recorded.position != after:
                self._kept.clear()  # what is kept has no gaps
            self._kept.extend(read)
            return read

    def _known(self, after: int) -> list[Told] | None:
        """From memory; None where it does not reach back so far, or not yet so far ahead."""
        if not self._kept:
            return None
        first = self._kept[0].recorded.position
        last = self._kept[-1].recorded.position
        if not first - 1 <= after <= last:
            return None
        skip = after - first + 1  # positions have no gaps
        return list(islice(self._kept, skip, skip + PAGE_EVENTS))

    async def _read(self, after: int) -> list[Told]:
        self.reads += 1
        events = await self._reader.page(after=after, limit=PAGE_EVENTS)
        return [Told(each) for each in events]
