"""What the writer promises, against a real PostgreSQL and several writers at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from app.domain.cause_catalogue.decisions import CauseAlreadyDefined
from app.domain.errors import DomainError
from app.events.database import Database, normalised
from app.events.deciding import KeyReused, Replayed
from app.events.ids import random_id
from app.events.recorded import canonical, leaf_hash
from app.events.store import Log
from app.events.tree import extended
from app.events.turn import Accepted, StaleRevision, TimeWentBack
from app.events.workings import Workings
from app.events.writer import Limits, Writer, WriterBusy
from tests.events.asking import Client, cause

Opening = Callable[..., AbstractAsyncContextManager[Writer]]


@pytest.fixture
def opening(database: Database, house: Workings) -> Opening:
    """Opens a writer; each stands for a process of its own."""

    def open_one(*, sandbox: bool = False, limits: Limits | None = None) -> Writer:
        return Writer(
            connect=database.connect,
            workings=house,
            new_id=random_id,
            now=lambda: datetime.now(UTC),
            sandbox=sandbox,
            channel=database.channel,
            limits=limits or Limits(),
        )

    return open_one


@pytest.fixture
async def client(opening: Opening) -> AsyncIterator[Client]:
    """Somebody at one writer."""
    async with opening() as writer:
        yield Client(writer)


@pytest.fixture
async def superuser(database: Database) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """The owner of the tables."""
    connection = await asyncpg.connect(
        normalised(database.url), server_settings={"search_path": database.schema}
    )
    yield connection
    await connection.close()


async def positions(connection: "asyncpg.Connection[asyncpg.Record]") -> list[int]:
    """Every position of the log, in order."""
    rows = await connection.fetch("SELECT position FROM events ORDER BY position")
    return [row[0] for row in rows]


async def test_positions_are_contiguous_however_many_processes_write(
    opening: Opening, superuser: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with AsyncExitStack() as stack:
        writers = [await stack.enter_async_context(opening()) for _ in range(3)]
        clients = [Client(writers[i % 3], f"c{i}") for i in range(32)]

        async def work(client: Client) -> list[Accepted]:
            answers = [await client.asks(cause(f"{client.name}-{i}")) for i in range(8)]
            return [each for each in answers if isinstance(each, Accepted)]

        accepted = [each for one in await asyncio.gather(*map(work, clients)) for each in one]

    assert sorted(each.first_position for each in accepted) == list(range(1, 257))
    assert await positions(superuser) == list(range(1, 257))
    assert sorted(each.revision for each in accepted) == list(range(1, 257))


async def test_of_many_who_define_one_cause_one_succeeds_and_the_others_are_told(
    opening: Opening,
) -> None:
    async with opening() as one, opening() as two:
        clients = [Client(writer, f"c{i}") for i, writer in enumerate([one, two] * 10)]
        answers = await asyncio.gather(
            *(each.asks(cause("M01")) for each in clients), return_exceptions=True
        )

    assert [type(each) for each in answers].count(Accepted) == 1
    assert [type(each) for each in answers].count(CauseAlreadyDefined) == 19


async def test_a_refusal_touches_nobody_else(client: Client) -> None:
    await client.asks(cause("M01"))

    answers = await asyncio.gather(
        client.asks(cause("M02")),
        client.asks(cause("M01")),
        client.asks(cause("M03")),
        return_exceptions=True,
    )

    assert [type(each) for each in answers] == [Accepted, CauseAlreadyDefined, Accepted]
    positions_ = [each.first_position for each in answers if isinstance(each, Accepted)]
    assert positions_ == [2, 3]


async def test_the_same_key_leads_to_the_same_outcome_and_happens_once(client: Client) -> None:
    racing = await asyncio.gather(*(client.asks(cause("M01"), key="k") for _ in range(5)))
    later = await client.asks(cause("M01"), key="k")

    accepted = [each for each in racing if isinstance(each, Accepted)]
    replayed = [each for each in (*racing, later) if isinstance(each, Replayed)]
    assert len(accepted) == 1
    assert {each.outcome.first_position for each in replayed} == {accepted[0].first_position}
    assert {each.outcome.to for each in replayed} == {accepted[0].to}


async def test_the_same_key_with_another_command_is_refused(client: Client) -> None:
    await client.asks(cause("M01"), key="k")

    with pytest.raises(KeyReused):
        await client.asks(cause("M02"), key="k")


async def test_a_refused_command_may_be_sent_again_under_its_key(client: Client) -> None:
    await client.asks(cause("M01"))
    with pytest.raises(DomainError):
        await client.asks(cause("M01"), key="k")

    assert isinstance(await client.asks(cause("M02"), key="k"), Accepted)


async def test_whoever_decided_upon_an_old_revision_is_told_where_it_stands(
    client: Client,
) -> None:
    await client.asks(cause("M01"))
    await client.asks(cause("M02"), expected=1)

    with pytest.raises(StaleRevision) as refusal:
        await client.asks(cause("M03"), expected=1)

    assert refusal.value.details == {"expected": 1, "current": 2}


async def test_a_command_that_the_database_cannot_keep_fails_alone(client: Client) -> None:
    poison = cause("M02").model_copy(update={"en": "U+0000 \x00 is no text"})
    answers = await asyncio.gather(
        client.asks(cause("M01")),
        client.asks(poison),
        client.asks(cause("M03")),
        return_exceptions=True,
    )

    assert [isinstance(each, Accepted) for each in answers] == [True, False, True]
    assert isinstance(await client.asks(cause("M04")), Accepted)


async def test_a_connection_that_is_cut_loses_and_doubles_nothing(
    client: Client, superuser: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async def cut() -> None:
        for _ in range(10):
            await superuser.execute("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = 'sanbao' AND pid <> pg_backend_pid()
            """)
            await asyncio.sleep(0.02)

    async def insist(code: str) -> None:
        for _ in range(50):
            try:
                await client.asks(cause(code), key=code)
            except Exception:  # noqa: BLE001, S112 - whatever it was, the same key asks again
                continue
            return
        raise AssertionError(code)

    await asyncio.gather(cut(), *(insist(f"M{i}") for i in range(60)))

    codes = await superuser.fetch("SELECT data->>'code' FROM events")
    assert sorted(row[0] for row in codes) == sorted(f"M{i}" for i in range(60))
    assert await positions(superuser) == list(range(1, 61))


async def test_a_full_queue_says_so_and_takes_nothing(opening: Opening) -> None:
    async with opening(limits=Limits(queue_commands_max=1)) as writer:
        client = Client(writer)
        answers = await asyncio.gather(
            *(client.asks(cause(f"M{i}")) for i in range(20)), return_exceptions=True
        )

    refused = [each for each in answers if isinstance(each, WriterBusy)]
    accepted = [each for each in answers if isinstance(each, Accepted)]
    assert refused
    assert accepted
    assert len(refused) + len(accepted) == 20


async def test_time_in_the_log_never_goes_back(client: Client) -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC)
    first = await client.asks(cause("M01"), at=now)
    assert isinstance(first, Accepted)
    assert first.events[0].happened.at == now

    with pytest.raises(TimeWentBack):
        await client.asks(cause("M02"), at=now - timedelta(microseconds=1))


async def test_the_head_carries_the_tree_of_all_canonical_bytes(
    client: Client, superuser: "asyncpg.Connection[asyncpg.Record]", house: Workings
) -> None:
    await asyncio.gather(*(client.asks(cause(f"M{i}")) for i in range(11)))

    rows = await superuser.fetch("SELECT * FROM events ORDER BY position")
    recorded = await Log(superuser, house.codec).between(0, 11, 100)
    assert [canonical(each.envelope()) for each in recorded] == [row["canonical"] for row in rows]
    assert [leaf_hash(row["canonical"]) for row in rows] == [row["leaf_hash"] for row in rows]
    tree = await superuser.fetchval("SELECT tree FROM log_head")
    assert extended(0, [], [row["leaf_hash"] for row in rows]) == (11, tree)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET person = 'someone else'",
        "DELETE FROM events",
        "TRUNCATE events",
        "INSERT INTO events SELECT * FROM events",
    ],
)
async def test_nobody_rewrites_the_log(
    statement: str,
    client: Client,
    database: Database,
    superuser: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    await client.asks(cause("M01"))
    service = await database.connect()

    with pytest.raises(asyncpg.PostgresError):
        await service.execute(statement)
    with pytest.raises(asyncpg.PostgresError):
        await superuser.execute(statement)
    await service.close()


async def test_an_event_behind_a_gap_or_before_the_head_is_refused(
    client: Client, superuser: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await client.asks(cause("M01"))
    copy = """
        INSERT INTO events SELECT (jsonb_populate_record(events, jsonb_build_object(
            'position', $1::bigint, 'version', 77, 'event_id', gen_random_uuid()))).* FROM events
    """

    for position in (0, 3):
        with pytest.raises(asyncpg.SerializationError):
            await superuser.execute(copy, position)
    assert await positions(superuser) == [1]
