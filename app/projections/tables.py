"""Folding read tables from the beginning of the log, in memory: what a test compares them with.

Building them anew is `app/evidence/rebuild.py`.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

from app.events.folding import Folded
from app.events.recorded import Recorded
from app.events.store import Log
from app.events.workings import Workings

PAGE_EVENTS: Final = 2_000


async def fresh_rows(events: Log, workings: Workings, table: Folded, up_to: int) -> dict[str, Any]:
    """The rows of a table folded from the beginning, without looking at the table itself."""
    values: dict[str, Any] = {}
    async for page in _pages(events, workings, up_to):
        for recorded in page:
            for key in _keys(table, recorded):
                values[key] = table.fold(values.get(key), recorded, key)
    return {key: value for key, value in values.items() if value is not None}


def _keys(table: Folded, recorded: Recorded) -> Iterable[str]:
    return table.keys(recorded) if isinstance(recorded.event, table.event_types) else ()


async def _pages(events: Log, workings: Workings, up_to: int) -> AsyncIterator[list[Recorded]]:
    """The log page by page, each event with what its aggregate adds up to after it."""
    states: dict[str, Any] = {}
    after = 0
    while after < up_to:
        page = []
        for recorded in await events.between(after, up_to, PAGE_EVENTS):
            evolved = workings.evolved(recorded, states.get(recorded.stream))
            states[recorded.stream] = evolved.state
            page.append(evolved)
        yield page
        after = page[-1].position
