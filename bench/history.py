"""A long recorded history, backed up and put back: what `bench.bulk` says of it.

The log of the tiny demo is multiplied (bench/plants.py), later copies in later years; then its
bytes are hashed anew and its tables are built, so that it holds when it is checked. A restore is
not over before every hash and every row was checked: its stages are told apart.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg
from rich.console import Console
from rich.table import Table

from app.backup.restoring import Order, restore
from app.backup.taking import Wanted, take
from app.boot import prepare
from app.demo.load import Demo, load_demo
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.events.recorded import canonical, leaf_hash
from app.events.store import Log
from app.events.tree import extended
from app.evidence.building import owner_of
from app.evidence.rebuild import rebuild
from app.main import Plan, workings
from bench.plants import fill

if TYPE_CHECKING:
    from asyncpg import Connection, Record

TARGET: Final = 70_000
PAGE: Final = 5_000
HASH: Final = """
    UPDATE events SET canonical = new.canonical, leaf_hash = new.leaf_hash
    FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS new (position, canonical, leaf_hash)
    WHERE events.position = new.position
"""
GUARD: Final = "ALTER TABLE events {} TRIGGER events_append_only"


class Watch:
    """Seconds by stage, as the stages tell of themselves."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._stage, self._since = "", 0.0

    def told(self, stage: str, _: int, __: int) -> None:
        """A stage goes on, or the next one begins."""
        now = time.perf_counter()
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now

    @contextmanager
    def over(self, whole: str) -> Iterator[None]:
        """All of it, under a name of its own."""
        began = time.perf_counter()
        self._stage, self._since = "Look at the files", began
        yield
        self.told("", 0, 0)
        self.seconds[whole] = time.perf_counter() - began


async def history(server: EmbeddedPostgres, folder: Path, events: int) -> Table:
    """A log of so many events, backed up and restored."""
    source, target = Database(server.url("history")), Database(server.url("restored"))
    connection = await asyncpg.connect(server.dsn)
    for name in ("history", "restored"):
        await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    size = await _recorded(source, events)
    backup, restoring = Watch(), Watch()
    with backup.over("backup"):
        await take(source, Wanted(to=folder / "backup", told=backup.told))
    with restoring.over("restore"):
        done = await restore(
            target, workings(), Order(backup=folder / "backup", told=restoring.told)
        )
    if done.faults:
        raise AssertionError(done.faults)
    alone = {"the log alone, no tables": await _log_alone(target, folder / "log")}
    table = Table(f"{size:,} events", "seconds", "events/s", "of 70,000/s")
    stages = {"backup": backup.seconds["backup"]} | restoring.seconds | alone
    for name, seconds in stages.items():
        rate = size / seconds
        table.add_row(name, f"{seconds:.2f}", f"{rate:,.0f}", f"{rate / TARGET:.2f}")
    return table


async def _log_alone(database: Database, file: Path) -> float:
    """Seconds to load the log with its indexes, and nothing that is folded from it."""
    async with owner_of(database) as connection:
        await connection.copy_from_table("events", output=file)
        await connection.execute("CREATE TABLE loaded (LIKE events INCLUDING ALL)")
        began = time.perf_counter()
        await connection.copy_to_table("loaded", source=file)
        return time.perf_counter() - began


async def _recorded(database: Database, events: int) -> int:
    """A history that holds when it is checked; how long it is."""
    plan = Plan(database=database, pepper=b"bench")
    await prepare(database, "live")
    await load_demo(plan, Demo(), Console(quiet=True))
    house = workings()
    async with owner_of(database) as connection:
        await connection.execute(GUARD.format("DISABLE"))
        size = await fill(connection, events, years_apart=2)
        await _hash(connection, Log(connection, house.codec), size)
        await connection.execute(GUARD.format("ENABLE ALWAYS"))
        await connection.execute("VACUUM (ANALYZE) events")
    await rebuild(database, house, house.tables, afresh=True)
    return size


async def _hash(connection: "Connection[Record]", log: Log, size: int) -> None:
    """Hash the bytes of every event, and say in the head what the tree is."""
    tree, hashed, last = list[bytes](), 0, None
    while hashed < size:
        page = await log.between(hashed, size, PAGE)
        texts = [canonical(each.envelope()) for each in page]
        leaves = [leaf_hash(each) for each in texts]
        await connection.execute(HASH, [each.position for each in page], texts, leaves)
        hashed, tree = extended(hashed, tree, leaves)
        last = page[-1].happened.at
    await connection.execute("UPDATE log_head SET tree = $1, recorded_at = $2", tree, last)
