"""The writer alone: policies, folds and hashes, without HTTP."""

import asyncio
import time
from itertools import count

from app.main import edge_at
from bench.commands import REGISTER_FEEDBACK, Hand, plan_of
from bench.house import House
from bench.pgbench import Run

_numbers = count(50_000_000)


async def inside(house: House, callers: int, seconds: float) -> Run:
    """Ask the writer for feedback cases, so many at once."""
    async with edge_at(plan_of(house)) as edge:
        hand = Hand(edge.writer)
        for _ in range(8):
            await hand.does(REGISTER_FEEDBACK, None, next(_numbers))
        began = time.perf_counter()
        until = began + seconds

        async def one() -> list[float]:
            took = []
            while (sent := time.perf_counter()) < until:
                await hand.does(REGISTER_FEEDBACK, None, next(_numbers))
                took.append(time.perf_counter() - sent)
            return took

        all_took = await asyncio.gather(*(one() for _ in range(callers)))
        ended = time.perf_counter()
    return Run.of([each for took in all_took for each in took], ended - began)
