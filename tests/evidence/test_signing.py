"""The follower that signs, in a process that serves: what it does at a tick, and what it tells."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.events.database import Database
from app.events.reading import Bell
from app.evidence.checkpoint_store import Kept
from app.evidence.posting import Poster
from app.evidence.signing import Signing, SigningPlan
from app.evidence.signing_keys import SigningKeys
from tests.evidence import rfc
from tests.evidence.plant import NOON, Plant


async def until(seen: Callable[[], bool]) -> None:
    """Wait for something that a follower tells nobody about; the caller sets the time limit."""
    while not seen():  # noqa: ASYNC110
        await asyncio.sleep(0)


@asynccontextmanager
async def process(
    plant: Plant, database: Database, keys: SigningKeys | None = None, *, runs: bool = False
) -> AsyncIterator[Signing]:
    """A process around the plant; it ticks by itself only where it `runs`."""

    async def head() -> int:
        return int(await pool.fetchval("SELECT position FROM log_head"))

    plan = SigningPlan(keys=keys or plant.keys(), directory=plant.folder / "copy", seconds_min=0.01)
    async with (
        database.pool(connections_max=3) as pool,
        Bell(database.connect, database.channel, head) as bell,
    ):
        signing = Signing(plan, pool, bell, lambda: NOON)
        if runs:
            async with signing:
                yield signing
        else:
            yield signing
            await signing.__aexit__()


async def test_a_tick_signs_and_copies(plant: Plant, database: Database) -> None:
    await plant.grows_to(3)
    async with process(plant, database) as one:
        signed = await one.tick()
        again = await one.tick()
        health = one.health()

    assert signed is not None
    assert again is None
    assert health == {"ok": True, "signed": 3, "waiting": 0, "in_directory": 3}
    assert (plant.folder / "copy" / "checkpoints").read_text() == signed.note + "\n"


async def test_started_again_it_goes_on_where_it_was(plant: Plant, database: Database) -> None:
    notes = []
    for size in (3, 5):
        await plant.grows_to(size)
        async with process(plant, database) as one:
            signed = await one.tick()
            assert signed is not None
            notes.append(signed.note)

    assert (plant.folder / "copy" / "checkpoints").read_text() == "".join(f"{n}\n" for n in notes)
    (vkey,) = await plant.vkeys()
    assert [rfc.read_checkpoint(note, vkey)[1] for note in notes] == [3, 5]


async def test_it_signs_by_itself_when_the_log_grows(plant: Plant, database: Database) -> None:
    async with process(plant, database, runs=True) as one, asyncio.timeout(30):
        for size in (3, 5):
            await plant.grows_to(size)
            await until(lambda size=size: one.health()["signed"] == size)  # type: ignore[misc]


async def test_two_processes_sign_each_size_once(plant: Plant, database: Database) -> None:
    async with process(plant, database) as one, process(plant, database) as other:
        for size in range(1, 6):
            await plant.grows_to(size)
            signed = await asyncio.gather(one.tick(), other.tick())
            assert len([each for each in signed if each is not None]) == 1
            await asyncio.gather(one.tick(), other.tick())
        assert {one.health()["signed"], other.health()["signed"]} == {5}
        assert {one.health()["in_directory"], other.health()["in_directory"]} == {5, None}

    rows = await plant.owner.fetch("SELECT size FROM checkpoints ORDER BY number")
    assert [row["size"] for row in rows] == [1, 2, 3, 4, 5]


async def test_a_rewritten_log_makes_every_process_unready_until_it_is_restored(
    plant: Plant, database: Database
) -> None:
    await plant.grows_to(3)
    async with process(plant, database) as one, process(plant, database) as other:
        await one.tick()
        await plant.forgets("UPDATE log_head SET tree[1] = sha256('')")
        await one.tick()
        await other.tick()

        for each in (one, other):
            assert each.health()["ok"] is False
            assert "do not lead to the log's head" in each.health()["refused"]
        await plant.forgets("UPDATE log_head SET tree = ARRAY[]::bytea[], position = 0")
        await one.tick()
        assert "3 events were signed, and 0 are left" in one.health()["refused"]

        leaves, plant.leaves = plant.leaves, []
        await plant.forgets("DELETE FROM events")
        await plant.grows_to(3)  # the same events are brought back from a copy
        assert plant.leaves == leaves
        await one.tick()
        assert one.health()["ok"] is True


async def test_a_machine_without_the_key_says_so_and_serves_on(
    plant: Plant, database: Database, tmp_path: Path
) -> None:
    await plant.grows_to(3)
    await plant.signs()
    await plant.grows_to(4)
    stranger = SigningKeys(tmp_path / "elsewhere", "sanbao/test")
    async with process(plant, database, stranger) as one:
        await one.tick()
        health = one.health()

    assert health["ok"] is True
    assert "not here" in health["not_signing"]


async def test_a_directory_that_fails_does_not_stop_anything(
    plant: Plant, database: Database
) -> None:
    await plant.grows_to(3)
    (plant.folder / "copy").mkdir()
    (plant.folder / "copy" / "leaves").mkdir()
    async with process(plant, database) as one:
        assert await one.tick() is not None
        assert one.health()["ok"] is True
        assert "directory_error" in one.health()
        (plant.folder / "copy" / "leaves").rmdir()
        await one.tick()
        assert one.health() == {"ok": True, "signed": 3, "waiting": 0, "in_directory": 3}


class Witness:
    """Somebody on the loopback who takes notes, and is sometimes away."""

    def __init__(self, answers: Sequence[int]) -> None:
        self._answers = list(answers)
        self.taken: list[tuple[str, str]] = []
        self.asked = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        body = (await reader.readexactly(length)).decode()
        status = self._answers.pop(0) if self._answers else 200
        if status == 200:
            self.taken.append((head.split("content-type: ")[1].split("\r\n")[0], body))
            self.asked.set()
        writer.write(
            f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()


@pytest.fixture
async def kept(plant: Plant) -> Kept:
    """A signed checkpoint."""
    await plant.grows_to(3)
    signed = await plant.signs()
    assert signed is not None
    return signed


@pytest.mark.parametrize("answers", [[], [500, 302, 404]])
async def test_a_note_is_posted_until_it_is_taken(kept: Kept, answers: list[int]) -> None:
    witness = Witness(answers)
    server: Any = await asyncio.start_server(witness, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/notes?token=secret"
    async with server, Poster(url, pause_seconds_min=0) as poster, asyncio.timeout(30):
        poster.offer(kept)
        await witness.asked.wait()
        await until(lambda: poster.posted > 0)

    assert witness.taken == [("text/plain; charset=utf-8", kept.note)]
    assert (poster.posted, poster.error) == (3, None)


async def test_an_address_where_nobody_is_keeps_nobody_waiting(kept: Kept) -> None:
    server: Any = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    url = f"http://127.0.0.1:{port}/?token=secret"
    async with Poster(url, pause_seconds_min=0) as poster, asyncio.timeout(30):
        poster.offer(kept)
        await until(lambda: poster.error is not None)

    assert "secret" not in str(poster.error)
    assert poster.posted == 0
