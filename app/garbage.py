"""When this process looks for garbage: while nobody waits.

What a writer remembers are millions of objects that live long and hold no circles. Python's
collector walks all of them again and again, in the middle of a turn, for some tenths of a second:
that was the whole p99. Here the young are looked at as ever; the old ones in a quiet second, once,
and are then left alone for good. Reference counts free them like all others.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

YOUNG: Final = (10_000, 20, 1_000_000_000)
"""New objects until the youngest are looked at; how often that is until the next older are; the
oldest are never looked at by themselves."""
LOOK_SECONDS: Final = 1.0
BUSY_SECONDS_MAX: Final = 900.0
"""Whoever is never quiet is interrupted so rarely."""


@asynccontextmanager
async def looked_after(done: Callable[[], int]) -> AsyncIterator[None]:
    """Look for garbage in quiet seconds.

    Args:
        done: how much was done so far: when it stands still, it is quiet.
    """
    gc.set_threshold(*YOUNG)
    _collect()
    task = asyncio.create_task(_look(done), name="garbage")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _look(done: Callable[[], int]) -> None:
    collected, at, seen = done(), time.monotonic(), done()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        now, before = done(), seen
        seen = now
        is_late = time.monotonic() - at > BUSY_SECONDS_MAX
        if now != collected and (now == before or is_late):
            _collect()
            collected, at = now, time.monotonic()


def _collect() -> None:
    gc.collect()
    gc.freeze()
