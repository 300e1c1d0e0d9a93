"""Many commands of one caller: what happens together, and what others find beside them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from app.domain.cause_catalogue.decisions import CauseAlreadyDefined
from app.domain.decider import SINGLE, Command
from app.events.bulk import PORTION_COMMANDS, Ask, Told, ask_each, ask_together
from app.events.database import Database
from app.events.deciding import NotAlone, Replayed
from app.events.ids import random_id
from app.events.store import Key
from app.events.turn import Accepted, Submission
from app.events.workings import Workings
from app.events.writer import BATCH_COMMANDS_MAX, Limits, LogUnavailable, Writer, WriterBusy
from tests.events.asking import ENGINEER, Client, cause

SECONDS = 20


def ask(command: Command, key: str) -> Ask:
    """A command as the writer takes it."""
    submission = Submission(
        decider="cause-catalogue", to=SINGLE, command=command, by=ENGINEER, at=None,
        expected=None, request_id="test",
    )  # fmt: skip
    return Ask(submission, Key("bulk", "DefineCause", key), command.model_dump_json().encode())


def asks(*codes: str) -> list[Ask]:
    """Causes to be defined, each under its own key."""
    return [ask(cause(each), each) for each in codes]


def ends(told: Sequence[Told]) -> list[tuple[int, int]]:
    """From where to where each accepted one goes in the log."""
    return [(t.first_position, t.last_position) for t in told if isinstance(t, Accepted)]


@dataclass
class House:
    """A writer, and how it is opened."""

    database: Database
    workings: Workings

    def writer(self, limits: Limits | None = None) -> Writer:
        """One more process."""
        return Writer(
            connect=self.database.connect,
            workings=self.workings,
            new_id=random_id,
            now=lambda: datetime.now(UTC),
            sandbox=False,
            channel=self.database.channel,
            limits=limits or Limits(),
        )


@pytest.fixture
def at_home(database: Database, house: Workings) -> House:
    """A house whose log is empty."""
    return House(database, house)


@pytest.fixture
async def writer(at_home: House) -> AsyncIterator[Writer]:
    """One writer."""
    async with at_home.writer() as one:
        yield one


async def test_each_is_decided_in_order_however_many_portions_it_takes(writer: Writer) -> None:
    count = 2 * PORTION_COMMANDS + 3
    told = await ask_each(writer, asks(*(f"M{n}" for n in range(count))), SECONDS)

    assert ends(told) == [(n, n) for n in range(1, count + 1)]


async def test_a_refusal_among_many_touches_none_of_them(writer: Writer) -> None:
    told = await ask_each(writer, [*asks("A"), ask(cause("A", "again"), "x"), *asks("B")], SECONDS)

    assert [type(each) for each in told] == [Accepted, CauseAlreadyDefined, Accepted]


async def test_what_is_asked_together_happens_in_one_piece_among_others(writer: Writer) -> None:
    client = Client(writer)
    codes = [f"T{n}" for n in range(BATCH_COMMANDS_MAX)]
    around = [client.asks(cause(f"M{n}")) for n in range(30)]
    first, second = around[:15], around[15:]
    tasks = [asyncio.ensure_future(each) for each in first]
    await asyncio.sleep(0)
    together = asyncio.ensure_future(ask_together(writer, asks(*codes), SECONDS))
    tasks += [asyncio.ensure_future(each) for each in second]

    told, singles = await together, await asyncio.gather(*tasks)

    positions = [first for first, _ in ends(told)]
    assert len(positions) == BATCH_COMMANDS_MAX
    assert positions == list(range(positions[0], positions[0] + len(codes)))
    others = [each.first_position for each in singles if isinstance(each, Accepted)]
    assert sorted([*positions, *others]) == list(range(1, len(codes) + 31))


async def test_when_one_is_refused_nothing_that_was_asked_with_it_happens(
    writer: Writer,
) -> None:
    client = Client(writer)
    await client.asks(cause("M01"))

    before = client.asks(cause("M02"))
    told, _, _ = await asyncio.gather(
        ask_together(writer, asks("T1", "T2", "M01", "T3"), SECONDS),
        before,
        client.asks(cause("T1"), key="mine"),
    )
    again = await ask_together(writer, asks("T2", "T3"), SECONDS)
    last = await client.asks(cause("M03"))

    assert [type(each) for each in told] == [NotAlone, NotAlone, CauseAlreadyDefined, NotAlone]
    assert ends(again) == [(4, 4), (5, 5)]
    assert isinstance(last, Accepted)
    assert (last.first_position, last.revision) == (6, 6)


async def test_what_had_happened_before_is_told_though_the_rest_is_refused(writer: Writer) -> None:
    await ask_together(writer, asks("A"), SECONDS)

    told = await ask_together(
        writer, [*asks("A", "B"), ask(cause("B"), "B"), ask(cause("A", "again"), "x")], SECONDS
    )

    kinds = [type(each) for each in told]
    assert kinds == [Replayed, NotAlone, NotAlone, CauseAlreadyDefined]


async def test_together_or_not_a_command_that_the_database_cannot_keep_fails_with_its_own(
    writer: Writer,
) -> None:
    client = Client(writer)
    poisonous = ask(cause("P", "nul \x00 byte"), "p")

    told, single = await asyncio.gather(
        ask_together(writer, [*asks("T1"), poisonous, *asks("T2")], SECONDS),
        client.asks(cause("M01")),
    )

    assert [type(each) for each in told] == [LogUnavailable] * 3
    assert isinstance(single, Accepted)
    assert single.first_position == 1


async def test_others_find_room_in_the_turns_beside_a_bulk(writer: Writer) -> None:
    client = Client(writer)
    count = 6 * PORTION_COMMANDS
    bulk = asyncio.ensure_future(ask_each(writer, asks(*(f"B{n}" for n in range(count))), SECONDS))
    await asyncio.sleep(0)
    waited = writer.waiting
    single = await client.asks(cause("M01"))
    told = await bulk

    assert waited <= PORTION_COMMANDS
    assert isinstance(single, Accepted)
    assert single.first_position <= 2 * PORTION_COMMANDS + 1
    assert len(ends(told)) == count


async def test_behind_one_that_found_no_room_nothing_is_asked(at_home: House) -> None:
    async with at_home.writer(Limits(queue_commands_max=10)) as writer:
        told = await ask_each(writer, asks(*(f"M{n}" for n in range(100))), SECONDS)
        together = await ask_together(writer, asks(*(f"T{n}" for n in range(100))), SECONDS)

    kinds = [type(each) for each in told]
    assert kinds == [Accepted] * 10 + [WriterBusy] * 90
    assert len(ends(together)) == 100
