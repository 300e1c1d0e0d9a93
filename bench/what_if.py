"""How fast a what-if is: `uv run python -m bench.what_if [events]`, a million by default.

The log of the tiny demo is copied (bench/plants.py) into a server of its own that forgets.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console

from app.boot import prepare
from app.demo.load import Demo, load_demo
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.evidence.what_if import what_if
from app.main import Plan
from bench.plants import fill

CHANGES: Final = {"single_claim_fen_max": 300_00, "spec_claims_min": 2}
PEPPER: Final = b"a pepper of the bench, for keys that nobody has"


async def measure(database: Database, events: int) -> None:
    """Load, copy, ask, and print."""
    out = Console()
    await prepare(database, "live")
    await load_demo(Plan(database=database, pepper=PEPPER), Demo(), out)
    connection = await database.connect_as_owner()
    try:
        head = await fill(connection, events)
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
