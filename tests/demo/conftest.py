"""Demos, each loaded once a run, and what readers see of the tiny one."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from urllib.parse import parse_qsl

import pytest
from rich.console import Console

from app.demo.load import Demo, DemoSize, load_demo
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.main import Plan
from tests.api.desk import Desk, Json, open_desk
from tests.databases import copy_of

ASKED = (
    "/v1/kpis/cost-ratio?year=2025",
    "/v1/quarterly-reports/2024Q4/versions/1",
    "/v1/quarterly-reports/2024Q4/versions/2",
    "/v1/ledgers/appeals",
    "/v1/ledgers/risk-projects",
)
SIZE = DemoSize(os.environ.get("SANBAO_DEMO_SIZE", "tiny"))
PEPPER = b"a pepper for the tests of the demo alone"


@dataclass(frozen=True, slots=True)
class Told:
    """What a loaded demo left behind."""

    database: Database
    printed: str
    hashes: list[bytes]
    events: list[Json]
    claims: dict[str, Json]
    """Rows of the claims ledger by notice number."""
    cases: dict[str, Json]
    """Rows of the feedback ledger by the customer's number."""
    read: dict[str, Json]
    """Answers to other queries, by what was asked."""

    def of(self, record_id: str) -> list[Json]:
        """The events of one record."""
        return [each for each in self.events if each["stream"].endswith(record_id)]

    def caused_by(self, event: Json) -> list[Json]:
        """What an event set off."""
        return [each for each in self.events if each["causation_id"] == event["event_id"]]


async def leaf_hashes(database: Database) -> list[bytes]:
    """The hash of every event, in order."""
    connection = await database.connect()
    try:
        rows = await connection.fetch("SELECT leaf_hash FROM events ORDER BY position")
        return [row["leaf_hash"] for row in rows]
    finally:
        await connection.close()


async def demo_of(database: Database) -> str | None:
    """What the log says of the demo in it."""
    connection = await database.connect()
    try:
        demo: str | None = await connection.fetchval("SELECT demo FROM log_head")
        return demo
    finally:
        await connection.close()


async def _rows(desk: Desk, ledger: str) -> list[Json]:
    found: list[Json] = []
    ask: Json = {"limit": 100}
    while True:
        page = await desk.get(f"/v1/ledgers/{ledger}", **ask)
        found += page["data"]
        if not page["has_more"]:
            return found
        ask["cursor"] = page["next_cursor"]


async def _read(desk: Desk, asked: str) -> Json:
    path, _, query = asked.partition("?")
    return await desk.get(path, **dict(parse_qsl(query)))


async def _load(database: Database, demo: Demo) -> str:
    plan, printed = Plan(database=database, pepper=PEPPER), StringIO()
    await load_demo(plan, demo, Console(file=printed, force_terminal=True, highlight=False))
    return printed.getvalue()


async def _tell(database: Database) -> Told:
    printed = await _load(database, Demo())
    plan = Plan(database=database, pepper=PEPPER)
    hashes = await leaf_hashes(database)
    async with open_desk(replace(plan, clock_is_given=True)) as desk:  # no limit is watched
        claims, cases = await _rows(desk, "claims"), await _rows(desk, "feedback")
        events = await desk.events()
        read = {asked: await _read(desk, asked) for asked in ASKED}
    return Told(
        database=database,
        printed=printed,
        hashes=hashes,
        events=events,
        claims={row["notice_no"]: row for row in claims},
        cases={row["customer_ref"] or row["case_no"]: row for row in cases},
        read=read,
    )


@pytest.fixture(scope="session")
def told(server: EmbeddedPostgres, template: str) -> Iterator[Told]:
    """The tiny demo in a database of its own, and what was read before anybody went on there."""
    with copy_of(server, template) as database:
        yield asyncio.run(_tell(database))


@pytest.fixture(scope="session")
def grown(server: EmbeddedPostgres, template: str) -> Iterator[Database]:
    """A quarter of a plant; with `SANBAO_DEMO_SIZE=small` two years, which take minutes."""
    with copy_of(server, template) as database:
        asyncio.run(_load(database, Demo(SIZE)))
        yield database
