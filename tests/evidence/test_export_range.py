"""An export begins at any position without a walk through all leaves before it."""

from collections.abc import Sequence
from typing import Any

import pytest

from app.events.database import Database
from app.events.tree import extended
from app.evidence.checkpoint_store import CheckpointStore
from app.evidence.export import compact_range, export_lines
from app.evidence.hash_tree import Fetch
from app.evidence.proofs import compact_nodes
from app.main import Plan, edge_at
from tests.conftest import PEPPER
from tests.evidence.plant import NOON, Plant


class Counting:
    """Counts the rows that are read."""

    def __init__(self, database: Fetch) -> None:
        self._database = database
        self.rows = 0

    async def fetch(self, query: str, /, *args: Any) -> Sequence[Any]:  # noqa: ANN401 - asyncpg's own
        """The rows."""
        rows = await self._database.fetch(query, *args)
        self.rows += len(rows)
        return rows


SIZES = [0, 1, 255, 256, 257, 511, 512, 700, 1000, 1023]


@pytest.mark.parametrize("signed", [0, 300, 1000])
async def test_the_range_is_that_of_all_leaves(plant: Plant, signed: int) -> None:
    if signed:
        await plant.grows_to(signed)
        await plant.signs()
    await plant.grows_to(1023)

    for size in SIZES:
        _, compact = extended(0, (), plant.leaves[:size])
        assert await compact_range(plant.service, size) == compact, size


async def test_below_a_checkpoint_it_costs_a_few_tiles(plant: Plant) -> None:
    await plant.grows_to(3000)
    await plant.signs()
    counting = Counting(plant.service)

    found = await compact_range(counting, 2999)

    assert len(found) == len(compact_nodes(0, 2999))
    assert counting.rows < 600


async def test_a_manifest_tells_of_no_checkpoint_beyond_its_end(plant: Plant) -> None:
    store = CheckpointStore(plant.service)
    for size in (10, 20):
        await plant.grows_to(size)
        await plant.signs()

    kept = [await store.up_to(size) for size in (9, 10, 19, 20, 99)]

    assert [each.size if each else None for each in kept] == [None, 10, 10, 20, 20]


async def test_an_export_holds_no_connection_while_its_reader_takes_his_time(
    plant: Plant, database: Database
) -> None:
    await plant.grows_to(3000)
    plan = Plan(
        database=database,
        pepper=PEPPER,
        pool_connections_max=1,
        now=lambda: NOON,
        clock_is_given=True,
    )

    async with edge_at(plan) as edge:
        lines = export_lines(edge.reader, after=0, up_to=3000, before=[], checkpoint=None)
        pieces = [await anext(lines), await anext(lines)]
        head = await edge.reader.head()  # through the one connection that there is
        pieces += [piece async for piece in lines]

    assert head == 3000
    assert b"".join(pieces).count(b"\n") == 3002
