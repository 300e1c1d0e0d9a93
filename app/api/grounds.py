"""What figures stand on, for routes: one state of things, now or as of a position."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from app.api.edge import Edge
from app.projections.kpis.ground import Ground, ground_of


async def clock_of(edge: Edge) -> datetime:
    """What time it is; a sandbox's clock stands where the last request left it, a past stands."""
    stands = await edge.reader.sandbox_at() if edge.mode != "live" else None
    return stands or edge.now()


@asynccontextmanager
async def ground_at(edge: Edge, as_of: int | None) -> AsyncIterator[Ground]:
    """One state of things: everything that is asked of it belongs together."""
    now = await clock_of(edge)
    async with edge.reader.snapshot(as_of) as snapshot:
        then = None if as_of is None else await snapshot.at()
        yield await ground_of(snapshot, now if then is None else then)
