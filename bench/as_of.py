"""How fast a page of the past is: `uv run python -m bench.as_of [versions]`, a million by default.

The claims ledger of the tiny demo is copied under other numbers, each row with all its versions,
moved along the positions of a long log, into a server of its own that forgets. Pages are asked
over HTTP by eight callers; live pages are the yardstick within the same run.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
from rich.console import Console
from rich.table import Table

from app.boot import issue_first_keys, prepare
from app.demo.load import Demo, load_demo
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.main import Plan, create_app, edge_at

if TYPE_CHECKING:
    from asyncpg import Connection, Record

PEPPER: Final = b"a pepper of the bench, for keys that nobody has"
CALLERS: Final = 8
PAGES: Final = 1_500
STEP: Final = 2_000
"""Positions between one copy and the next."""

COPY_HISTORY: Final = """
    INSERT INTO claims_ledger_history (row_id, from_position, until_position, body)
    SELECT row_id || '-' || $1::int, from_position + $2, until_position + $2,
           replace(body::text, 'CL-2025', 'CL-' || lpad($1::int::text, 6, '0'))::json
    FROM claims_ledger_history WHERE row_id !~ '-[0-9]{1,6}$'
"""
COPY_STANDING: Final = """
    INSERT INTO claims_ledger (row_id, from_position, body)
    SELECT row_id || '-' || $1::int, from_position + $2,
           replace(body::text, 'CL-2025', 'CL-' || lpad($1::int::text, 6, '0'))::json
    FROM claims_ledger WHERE row_id !~ '-[0-9]{1,6}$'
"""


async def fill(connection: "Connection[Record]", versions: int) -> tuple[int, int]:
    """Copy the ledger until it has so many versions; how many, and the last position."""
    count = int(await connection.fetchval("SELECT count(*) FROM claims_ledger_history"))
    copies = -(-versions // count)
    for copy in range(1, copies + 1):
        await connection.execute(COPY_HISTORY, copy, copy * STEP)
        await connection.execute(COPY_STANDING, copy, copy * STEP)
    for name in ("claims_ledger", "claims_ledger_history"):
        await connection.execute(f"VACUUM ANALYZE {name}")
    last = (copies + 1) * STEP
    await connection.execute("UPDATE log_head SET position = $1", last)
    return int(await connection.fetchval("SELECT count(*) FROM claims_ledger_history")), last


async def ask(http: httpx.AsyncClient, queries: Sequence[dict[str, str]]) -> list[float]:
    """Milliseconds of each page, asked by several callers."""
    waiting, took = list(queries), []

    async def caller() -> None:
        while waiting:
            query = waiting.pop()
            began = time.perf_counter()
            answer = await http.get("/v1/ledgers/claims", params=query)
            took.append((time.perf_counter() - began) * 1_000)
            if answer.status_code != httpx.codes.OK:
                raise AssertionError(answer.text)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return sorted(took)


def queries(last: int, *, past: bool) -> list[dict[str, str]]:
    """Pages as people ask for them: by customer, by status, the newest; now or at any moment."""
    chance = random.Random(7)  # noqa: S311 - the same every time
    filters: Sequence[dict[str, str]] = (
        {}, {"customer_id": "C01"}, {"status": "SETTLED"}, {"escalated": "true"},
        {"sort": "claim_no"}, {"customer_id": "C04", "status": "CLOSED"},
    )  # fmt: skip
    asked = []
    for number in range(PAGES):
        query = {"limit": "50"} | filters[number % len(filters)]
        if past:
            query["as_of"] = str(chance.randint(1, last))
        asked.append(query)
    return asked


async def measure(database: Database, versions: int, out: Console) -> None:
    """Load, copy, ask, and print."""
    plan = Plan(database=database, pepper=PEPPER)
    await prepare(database, "live")
    await load_demo(plan, Demo(), out)
    connection = await database.connect_as_owner()
    kept, last = await fill(connection, versions)
    await connection.close()
    async with edge_at(plan) as edge:
        keys = await issue_first_keys(edge.keyring, plan.database)
    key = next(each.key for each in keys if each.role == "AUDITOR")
    app = create_app(edge_at(plan))
    table = Table(
        "pages", "p50 ms", "p99 ms", title=f"{kept:,} superseded versions, {CALLERS} callers"
    )
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://bench",
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        ) as http,
    ):
        for name, past in (("live", False), ("as_of", True), ("live", False), ("as_of", True)):
            took = await ask(http, queries(last, past=past))
            middle, late = took[len(took) // 2], took[len(took) * 99 // 100]
            table.add_row(name, f"{middle:.1f}", f"{late:.1f}")
    out.print(table)


def main() -> None:
    """Measure on a server that forgets."""
    versions = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    folder = Path(tempfile.mkdtemp(prefix="sanbao-bench-"))
    folder.chmod(0o711)
    with EmbeddedPostgres(folder / "postgres", durable=False) as server:
        asyncio.run(measure(Database(server.dsn), versions, Console()))
        server.discard()


if __name__ == "__main__":
    main()
