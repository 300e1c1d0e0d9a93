"""How fast a what-if is: `uv run python -m bench.what_if [events]`, a million by default.

The log of the tiny demo is copied under fresh ids, specifications and causes, as if as many
plants had written one log, into a server of its own that forgets.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from app.boot import prepare
from app.demo.load import Demo, load_demo
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.evidence.what_if import what_if
from app.main import Plan

if TYPE_CHECKING:
    from asyncpg import Connection, Record

CHANGES: Final = {"single_claim_fen_max": 300_00, "spec_claims_min": 2}
ID: Final = "[0-9a-f]{8}-([0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})"
PEPPER: Final = b"a pepper of the bench, for keys that nobody has"

COPY: Final = f"""
    WITH moved AS (
        SELECT events.*, '~' || $2::int AS copy, lpad(to_hex($2::int), 8, '0') || '-\\1' AS id,
               row_number() OVER (ORDER BY position) AS number
        FROM events WHERE position <= $1 AND stream <> 'rule-pack-main'
    )
    INSERT INTO events
    SELECT $3 + number,
           CASE WHEN stream ~ '{ID}' THEN regexp_replace(stream, '{ID}', id)
                ELSE stream || copy END,
           version, regexp_replace(event_id::text, '{ID}', id)::uuid, type, schema_version,
           regexp_replace(
               regexp_replace(data::text, '{ID}', id, 'g'),
               '("(?:spec|cause)_code": "[^"]+)"', '\\1' || copy || '"', 'g')::jsonb,
           person, role, on_behalf_of, client, reason, recorded_at,
           regexp_replace(command_id::text, '{ID}', id)::uuid, correlation_id,
           regexp_replace(causation_id::text, '{ID}', id)::uuid, clauses, rule_pack_version,
           canonical, leaf_hash
    FROM moved
"""  # noqa: S608 - put together from constants


async def fill(connection: "Connection[Record]", events: int) -> int:
    """Copy the log until it holds so many events; how many it holds."""
    of_the_demo = head = int(await connection.fetchval("SELECT position FROM log_head"))
    copy = 0
    while head < events:
        copy += 1
        async with connection.transaction():
            done = await connection.execute(COPY, of_the_demo, copy, head)
            head += int(done.split()[-1])
            await connection.execute("UPDATE log_head SET position = $1", head)
    return head


async def measure(database: Database, events: int) -> None:
    """Load, copy, ask, and print."""
    out = Console()
    await prepare(database, "live")
    await load_demo(Plan(database=database, pepper=PEPPER), Demo(), out)
    connection = await database.connect_as_owner()
    try:
        head = await fill(connection, events)
        await connection.execute("ANALYZE events")
        out.print(f"{head} events; asking {CHANGES}")
        began, worked = time.perf_counter(), time.process_time()
        answer = await what_if(connection, CHANGES)
        seconds, core = time.perf_counter() - began, time.process_time() - worked
    finally:
        await connection.close()
    out.print(
        f"{seconds:.1f} s by the clock, {core:.1f} s of a core; {head / seconds:,.0f} events/s; "
        f"{answer.looked_at} looked at"
    )
    for each in answer.summary[:8]:
        out.print(each.model_dump())


def main() -> None:
    """Everything in a folder that is gone afterwards."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="sanbao-bench-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server:
            asyncio.run(measure(Database(server.dsn), events))
            server.discard()


if __name__ == "__main__":
    main()
