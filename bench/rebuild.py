"""How fast read tables are built anew: `uv run python -m bench.rebuild [events]`, or 50,000.

The tiny demo goes through the real writer into a durable server of its own; what the writer wrote
inline is kept as checksums. The log is then copied (bench/plants.py) up to the size that is asked
for, and `sanbao rebuild --all` runs as anybody runs it. Of the demo's part the tables must be what
the writer wrote: registers before the log is copied, ledgers also after. Memory is what the
processes of the rebuild hold at once, looked at some times a second; the server's share beside it
is what its processes hold for themselves. Beside the clock stand seconds of a core, which other
work on the machine disturbs less.
"""

import asyncio
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from app.boot import prepare
from app.demo.load import Demo, load_demo
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.evidence.building import owner_of
from app.evidence.checksums import Checksum, checksum
from app.evidence.shadows import is_ledger
from app.main import Plan, workings
from app.projections.catalogue import LEDGERS
from bench.plants import fill

if TYPE_CHECKING:
    from asyncpg import Connection, Record

PEPPER: Final = b"a pepper of the bench, for keys that nobody has"
REBUILD: Final = ("-c", "from app.cli import main; main()", "rebuild", "--all", "--json")
LOOK_SECONDS: Final = 0.05
SELECT_BACKENDS: Final = """
    SELECT pid FROM pg_stat_activity
    WHERE application_name = 'sanbao owner' AND pid <> pg_backend_pid()
"""


async def checksums(connection: "Connection[Record]", at: int) -> dict[str, Checksum]:
    """Of every table; of ledgers at a position."""
    async with connection.transaction():
        return {
            name: await checksum(connection, table, at) for name, table in workings().tables.items()
        }


async def versions_in(connection: "Connection[Record]") -> int:
    """How many versions of rows the ledgers hold."""
    names = [each for ledger in LEDGERS for each in (ledger.table.name, ledger.history.name)]
    counts = [await connection.fetchval(f"SELECT count(*) FROM {name}") for name in names]  # noqa: S608
    return sum(counts)


def held(pid: int, what: str) -> int:
    """The bytes that a process holds; none when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = status.partition(f"{what}:")[2].split()
    return int(found[0]) * 1024 if found else 0


def with_children(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    for each in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = each.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from with_children(int(child))


def core_seconds(pid: int) -> float:
    """What a process took of a core until now; nothing when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Took:
    """What a rebuild took: of ours, and of the server."""

    seconds: float = 0.0
    core: float = 0.0
    peak: int = 0
    server_core: dict[int, float] = field(default_factory=dict)
    server_peak: int = 0


async def rebuilt(dsn: str, connection: "Connection[Record]") -> Took:
    """Run the command."""
    took = Took()
    began, worked = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *REBUILD, env=os.environ | {"DATABASE_URL": dsn},
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    waiting = asyncio.create_task(process.wait())
    while not waiting.done():
        took.peak = max(took.peak, sum(held(pid, "VmRSS") for pid in with_children(process.pid)))
        backends = [row["pid"] for row in await connection.fetch(SELECT_BACKENDS)]
        took.server_core |= {pid: core_seconds(pid) for pid in backends}
        took.server_peak = max(took.server_peak, sum(held(pid, "RssAnon") for pid in backends))
        await asyncio.wait([waiting], timeout=LOOK_SECONDS)
    if await waiting:
        raise SystemExit("the rebuild failed")
    took.seconds, ended = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    took.core = ended.ru_utime + ended.ru_stime - worked.ru_utime - worked.ru_stime
    return took


async def measure(server: EmbeddedPostgres, events: int, out: Console) -> None:
    """Load, rebuild, copy, rebuild, compare, and print."""
    database = Database(server.dsn)
    await prepare(database, "live")
    await load_demo(Plan(database=database, pepper=PEPPER), Demo(), out)
    async with owner_of(database) as connection:
        told = int(await connection.fetchval("SELECT position FROM log_head"))
        inline = await checksums(connection, told)
        await rebuilt(server.dsn, connection)
        if await checksums(connection, told) != inline:
            raise SystemExit("the tables built anew are not those that the writer wrote")
        began = time.monotonic()
        head = await fill(connection, events)
        version = await connection.fetchval("SELECT split_part(version(), ' on ', 1)")
        out.print(f"Log         {head:,} events, filled in {time.monotonic() - began:.0f} s")
        out.print(
            f"Machine     {os.cpu_count()} cores for all of it, load {os.getloadavg()[0]:.1f}; "
            f"{version}, Python {platform.python_version()}"
        )
        took = await rebuilt(server.dsn, connection)
        out.print(
            f"Rebuilt     {took.seconds:.1f} s, {head / took.seconds:,.0f} events/s; "
            f"{await versions_in(connection):,} versions of rows"
        )
        out.print(
            f"Ours        {took.core:.1f} s of a core, at most {took.peak / 1e6:.0f} MB\n"
            f"The server  {sum(took.server_core.values()):.1f} s of a core, "
            f"at most {took.server_peak / 1e6:.0f} MB"
        )
        for name, each in (await checksums(connection, told)).items():
            if is_ledger(workings().tables[name]) and each != inline[name]:
                raise SystemExit(f"{name} is not what the writer wrote")
        out.print(f"Compared    the first {told:,} positions: as the writer wrote them")


def main() -> None:
    """Everything in a folder that is gone afterwards."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory(prefix="sanbao-bench-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "postgres") as server:
            asyncio.run(measure(server, events, Console()))


if __name__ == "__main__":
    main()
