"""An export begins at any position without a walk through all leaves before it."""

from collections.abc import Sequence
from typing import Any

import pytest

from app.events.tree import extended
from app.evidence.checkpoint_store import CheckpointStore
from app.evidence.export import compact_range
from app.evidence.hash_tree import Fetch
from app.evidence.proofs import compact_nodes
from tests.evidence.plant import Plant


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
