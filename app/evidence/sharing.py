"""A long way to the head of the log is gone by two processes, each with some of the tables.

A second process is a help and no more: how far its tables are stands in the database, so whatever
it leaves undone, or did not understand, is folded by whoever called it.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from app.domain.decider import Event
from app.events.database import Database
from app.evidence.building import Rebuild
from app.evidence.shadows import Shadow, is_ledger

FAR_EVENTS: Final = 20_000
"""Folded in the seconds that a process takes to start."""
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
    ours = [each.name for each in building.shadows if not _of_every_event(each)]
    theirs = [each.name for each in building.shadows if _of_every_event(each)]
    alone = not ours or not theirs or (os.cpu_count() or 1) == 1
    if alone or head - await building.reached() < far:
        return
    async with _second(database, building, theirs, head) as second:
        await building.part(ours).fold_up_to(head)
        ended = asyncio.ensure_future(second.wait())
        while not ended.done():
            building.told(await building.reached(), head)
            await asyncio.wait([ended], timeout=LOOK_SECONDS)
    if second.returncode:
        log.warning("read_tables.second_process_failed", status=second.returncode)


def _of_every_event(shadow: Shadow) -> bool:
    """The registers, and ledgers that look at every event: about half of the work.

    Each process reads most of the log, whatever its tables; a finer cut would have it read more.
    """
    return not is_ledger(shadow.live) or Event in shadow.live.event_types


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
