"""A long way to the head of the log is gone by two processes, each with some of the tables.

A second process is a help and no more: how far its tables are stands in the database, so whatever
it leaves undone, or did not understand, is folded by whoever called it.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from app.domain.decider import Event
from app.events.database import Database
from app.evidence.building import Rebuild
from app.evidence.shadows import Shadow, is_ledger

FAR_EVENTS: Final = 20_000
"""Folded in the seconds that a process takes to start."""
LOOKED_AT: Final = 20_000
"""Events at the end of the log by which the work is shared out."""
LOOK_SECONDS: Final = 0.5

log: Final = structlog.get_logger(__name__)


async def fold_together(database: Database, building: Rebuild, far: int = FAR_EVENTS) -> None:
    """Fold up to the head, where it is far, with a second process.

    Args:
        database: where both work.
        building: what was begun.
        far: how many events away.

    Raises:
        Overtaken: the rebuild is not ours any more.
    """
    head = await building.head()
    if (os.cpu_count() or 1) == 1 or head - await building.reached() < far:
        return
    ours, theirs = _shares(building.shadows, await building.events_by_type(head - LOOKED_AT))
    if not ours or not theirs:
        return
    async with _second(database, building, theirs, head) as second:
        await building.part(ours).fold_up_to(head)
        ended = asyncio.ensure_future(second.wait())
        while not ended.done():
            building.told(await building.reached(), head)
            await asyncio.wait([ended], timeout=LOOK_SECONDS)
    if second.returncode:
        log.warning("read_tables.second_process_failed", status=second.returncode)


def _shares(
    shadows: Sequence[Shadow], events: Mapping[type[Event], int]
) -> tuple[list[str], list[str]]:
    """The names of our tables and of the second process's, about the same work for each.

    Each reads most of the log, whatever its tables, and folds what concerns them. Registers and
    ledgers that look at every event need no states of aggregates: they go together.
    """
    weights = {
        each.name: sum(n for event, n in events.items() if issubclass(event, each.live.event_types))
        for each in shadows
    }
    stateless = [each for each in shadows if not each.live.reads_state]
    ours, theirs = list[str](), [each.name for each in stateless]
    our_weight, their_weight = (
        0,
        sum(weights[each.name] for each in stateless if is_ledger(each.live)),
    )
    others = weights.keys() - set(theirs)
    for name in sorted(others, key=lambda name: (-weights[name], name)):
        if our_weight <= their_weight:
            ours.append(name)
            our_weight += weights[name]
        else:
            theirs.append(name)
            their_weight += weights[name]
    return ours, theirs


@asynccontextmanager
async def _second(
    database: Database, building: Rebuild, names: list[str], up_to: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that folds some of the tables; it goes when we go."""
    order = {
        "url": database.url,
        "schema": database.schema,
        "slot": building.slot,
        "names": names,
        "up_to": up_to,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "app.evidence.folding_process", stdin=asyncio.subprocess.PIPE
    )
    try:
        if process.stdin is None:
            raise AssertionError("its standard input is a pipe")
        with suppress(BrokenPipeError, ConnectionResetError):  # it ended before it listened
            process.stdin.write(json.dumps(order).encode())
            process.stdin.close()
            await process.stdin.wait_closed()
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
