"""Whatever is sent, repeated, raced and cut off: the log is what a model of it says.

The model is the log's own order. A key leads to one thing for ever; a cause is defined once; what
was acknowledged is there, where it was said to be; what was not may have happened, and the same
key tells.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Final, TypeAlias

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.cause_catalogue.decisions import CauseAlreadyDefined
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.events.deciding import Answer, KeyReused, Replayed
from app.events.ids import random_id
from app.events.turn import Accepted
from app.events.writer import Limits, LogUnavailable, Writer
from app.main import workings
from tests.databases import copy_of
from tests.events.asking import Client, cause

WRITERS: Final = 2
EXAMPLES: Final = 25
_numbers: Final = count()


@dataclass(frozen=True)
class Ask:
    """Somebody defines a cause under a key, at one of the writers."""

    writer: int
    key: int
    code: int


Told: TypeAlias = Answer | Exception

ASKS: Final = st.builds(
    Ask,
    writer=st.integers(0, WRITERS - 1),
    key=st.integers(0, 5),
    code=st.integers(0, 4),
)
ROUNDS: Final = st.lists(
    st.tuples(st.lists(ASKS, min_size=1, max_size=8), st.booleans()), min_size=1, max_size=5
)
"""What is asked at once, and whether connections are cut meanwhile; one round after another."""


@pytest.fixture(scope="module")
def plant(server: EmbeddedPostgres, template: str) -> Iterator[Database]:
    """One log for all examples: each speaks of causes and keys of its own."""
    with copy_of(server, template) as database:
        yield database


@dataclass
class Play:
    """One example: its writers, and what was answered."""

    writers: list[Writer]
    owner: "asyncpg.Connection[asyncpg.Record]"
    name: str = field(default_factory=lambda: f"X{next(_numbers)}")
    told: list[tuple[Ask, Told]] = field(default_factory=list)

    async def asks(self, ask: Ask) -> Told:
        """What it comes to, an error or an answer."""
        client = Client(self.writers[ask.writer], self.name)
        try:
            told: Told = await client.asks(
                cause(f"{self.name}-{ask.code}"), key=f"{self.name}-{ask.key}"
            )
        except (CauseAlreadyDefined, KeyReused, LogUnavailable) as error:
            told = error
        self.told.append((ask, told))
        return told

    async def round(self, asked: Sequence[Ask], *, cut: bool) -> None:
        """All at once; connections of writers may be cut under way."""
        under_way = [asyncio.create_task(self.asks(each)) for each in asked]
        if cut:
            await self.owner.execute("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = 'sanbao' AND datname = current_database()
            """)
        await asyncio.gather(*under_way)

    async def log(self) -> dict[str, int]:
        """Where each cause of this example was defined."""
        rows = await self.owner.fetch(
            "SELECT data->>'code' AS code, position FROM sanbao.events "
            "WHERE type = 'CauseDefined' AND data->>'code' LIKE $1 ORDER BY position",
            f"{self.name}-%",
        )
        assert len({row["code"] for row in rows}) == len(rows), "a cause was defined twice"
        return {row["code"]: row["position"] for row in rows}


@asynccontextmanager
async def play(plant: Database) -> AsyncIterator[Play]:
    """Two processes at one log, and its owner."""
    async with AsyncExitStack() as stack:
        writers = [
            await stack.enter_async_context(
                Writer(
                    connect=plant.connect,
                    workings=workings(),
                    new_id=random_id,
                    now=lambda: datetime.now(UTC),
                    sandbox=False,
                    channel=plant.channel,
                    limits=Limits(),
                )
            )
            for _ in range(WRITERS)
        ]
        owner = await plant.connect_as_owner()
        try:
            yield Play(writers, owner)
        finally:
            await owner.close()


def position_of(told: Told) -> int | None:
    """Where an acknowledged command's event stands."""
    match told:
        case Accepted():
            return told.events[0].position
        case Replayed():
            return told.outcome.first_position
        case _:
            return None


@given(rounds=ROUNDS)
@settings(max_examples=EXAMPLES)
def test_the_log_is_what_the_model_says(
    plant: Database, rounds: Sequence[tuple[Sequence[Ask], bool]]
) -> None:
    asyncio.run(_holds(plant, rounds))


async def _holds(plant: Database, rounds: Sequence[tuple[Sequence[Ask], bool]]) -> None:
    async with play(plant) as one:
        for asked, cut in rounds:
            await one.round(asked, cut=cut)
        for ask in {each.key: each for each, _ in one.told}.values():
            await one.asks(ask)  # whoever was not told asks again
        log = await one.log()
        positions = await one.owner.fetch("SELECT position FROM sanbao.events ORDER BY position")

    led_to: dict[int, set[int]] = {}
    for ask, told in one.told:
        code = f"{one.name}-{ask.code}"
        position = position_of(told)
        if position is not None:
            led_to.setdefault(ask.key, set()).add(position)
            assert log[code] == position, "acknowledged, and not there"
        elif isinstance(told, CauseAlreadyDefined):
            assert code in log, "refused for a cause that nobody defined"
        elif isinstance(told, KeyReused):
            others = {a.code for a, _ in one.told if a.key == ask.key} - {ask.code}
            assert others, "a key was refused that nobody else used"
    assert all(len(each) == 1 for each in led_to.values()), "one key, two outcomes"
    acknowledged = {position for each in led_to.values() for position in each}
    assert acknowledged <= set(log.values())
    unknown = {f"{one.name}-{a.code}" for a, t in one.told if isinstance(t, LogUnavailable)}
    assert {code for code, at in log.items() if at not in acknowledged} <= unknown
    assert [row[0] for row in positions] == list(range(1, len(positions) + 1))
