"""How fast a page of the past is: `uv run python -m bench.as_of [versions]`, a million by default.

The claims ledger of the tiny demo is copied under other numbers, each row with all its versions,
moved along the positions of a long log, into a server of its own that forgets. The service is a
process of its own, as `sanbao serve` runs it, less the signing of checkpoints: there are no events
behind the copies. Pages are asked by eight callers over TCP, all kinds mixed; live pages of the
same kinds are the yardstick within the same run. The key is an auditor's: one page of a hundred is
written down before it is answered, because much was read. Beside the clock stands what a page
costs in time of a core, which other work on the machine disturbs less.
"""

import asyncio
import os
import platform
import random
import signal
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from fastapi import FastAPI
from rich.console import Console
from rich.table import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from app.api.queries import sealed
from app.boot import issue_first_keys, prepare
from app.demo.load import Demo, load_demo
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.main import Plan, create_app, edge_at
from app.projections.claims_ledger import CLAIMS_LEDGER

if TYPE_CHECKING:
    from asyncpg import Connection, Record

PEPPER: Final = b"a pepper of the bench, for keys that nobody has"
CALLERS: Final = 8
PAGES_A_KIND: Final = 100
"""In each round."""
ROUNDS: Final = 3
STEP: Final = 2_000
"""Positions between one copy and the next."""
EARLY: Final = 1_000
"""A position at the very beginning of the log."""
READY_SECONDS_MAX: Final = 30

KINDS: Final[Mapping[str, dict[str, str]]] = {
    "the newest": {},
    "the oldest": {"sort": "claim_no"},
    "of a customer": {"customer_id": "C01"},
    "of a status": {"status": "SETTLED"},
    "escalated": {"escalated": "true"},
    "of customer and status": {"customer_id": "C04", "status": "CLOSED"},
    "of a specification": {"spec_code": "TCN 22×38×7 NBR"},
    "by notice": {"sort": "-notice_on"},
    "by notice, rising": {"sort": "notice_on"},
    "of a customer, by failure": {"customer_id": "C01", "sort": "-failure_on"},
    "deep": {"cursor": "*"},
    "deep, rising": {"cursor": "*", "sort": "claim_no"},
    "deep in a status": {"cursor": "*", "status": "CLOSED"},
}
"""`*` is the place of some row that was there at the moment."""

SELECT_BACKENDS: Final = "SELECT pid FROM pg_stat_activity WHERE application_name = 'sanbao'"
DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Asked:
    """One page: what for, when, and how it is asked."""

    kind: str
    moment: str
    target: str


# --- the service ----------------------------------------------------------------------------------


def plan_at(dsn: str) -> Plan:
    """The house that is measured."""
    return Plan(database=Database(dsn), pepper=PEPPER)


def service() -> FastAPI:
    """The app in its process; uvicorn calls this."""
    return create_app(edge_at(plan_at(os.environ["DATABASE_URL"])))


@asynccontextmanager
async def served(dsn: str) -> AsyncIterator[tuple[int, int]]:
    """The service in a process of its own: its port, and the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = ("--factory", f"--port={port}", "--log-level=warning", "--no-access-log")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "uvicorn", *options, "bench.as_of:service",
        env=os.environ | {"DATABASE_URL": dsn},
    )  # fmt: skip
    try:
        give_up = time.monotonic() + READY_SECONDS_MAX
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                if time.monotonic() > give_up:
                    raise
                await asyncio.sleep(0.1)
            else:
                writer.close()
                break
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


def core_ms(*processes: int) -> float:
    """What processes took of a core until now, as Linux counts it."""
    tick = 1_000 / os.sysconf("SC_CLK_TCK")
    fields = [
        Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split() for pid in processes
    ]
    return sum(tick * (int(each[11]) + int(each[12])) for each in fields)


# --- the ledger -----------------------------------------------------------------------------------


async def fill(connection: "Connection[Record]", versions: int) -> tuple[int, int, int]:
    """Copy the ledger until it has so many superseded versions.

    Indexes are built behind the rows: minutes less, and the same tables.

    Returns:
        How many versions were superseded, how many rows stand, and the last position.
    """
    tables = (CLAIMS_LEDGER.table, CLAIMS_LEDGER.history)
    found = int(await connection.fetchval(f"SELECT count(*) FROM {tables[1].name}"))  # noqa: S608
    copies = -(-versions // found)
    for table in tables:
        for index in table.indexes:
            await connection.execute(f"DROP INDEX {index.name}")
        await connection.execute(
            f"CREATE TEMP TABLE told_{table.name} AS SELECT * FROM {table.name}"  # noqa: S608
        )
        copied = {column.name: column.name for column in table.c} | {
            "row_id": "row_id || '-' || copy",
            "from_position": f"from_position + copy * {STEP}",
            "body": "replace(body::text, 'CL-2025', year)::json",
            "claim_no": "replace(claim_no, 'CL-2025', year)",
        }
        if "until_position" in copied:
            copied["until_position"] = f"until_position + copy * {STEP}"
        await connection.execute(f"""
            INSERT INTO {table.name} ({", ".join(copied)}) SELECT {", ".join(copied.values())}
            FROM generate_series(1, {copies}) AS copy,
                 LATERAL (SELECT 'CL-' || lpad(copy::text, 6, '0') AS year), told_{table.name}
        """)  # noqa: S608 - names of our own
        for index in table.indexes:
            await connection.execute(str(CreateIndex(index).compile(dialect=DIALECT)))
        await connection.execute(f"VACUUM ANALYZE {table.name}")
    last = (copies + 1) * STEP
    await connection.execute("UPDATE log_head SET position = $1", last)
    counts = [await connection.fetchval(f"SELECT count(*) FROM {each.name}") for each in tables]  # noqa: S608
    return int(counts[1]), int(counts[0]), last


def questions(last: int, *, past: bool, chance: random.Random) -> list[Asked]:
    """Pages of all kinds, mixed: now, or at some moment and at the very beginning."""
    asked = []
    for _ in range(PAGES_A_KIND):
        some = chance.randint(1, last)
        moments = {"then": some, "early": EARLY} if past else {"live": None}
        for moment, as_of in moments.items():
            for kind, given in KINDS.items():
                query = given | {"limit": "50"} | ({"as_of": str(as_of)} if as_of else {})
                if "cursor" in query:
                    copy = chance.randint(0, (as_of or last) // STEP)
                    query["cursor"] = sealed([f"CL-{copy:06}-000017", "0"])
                asked.append(Asked(kind, moment, f"/v1/ledgers/claims?{urlencode(query)}"))
    chance.shuffle(asked)
    return asked


# --- the callers ----------------------------------------------------------------------------------

Took = dict[tuple[str, str], list[float]]
"""Milliseconds of each page, by moment and kind."""


async def ask(port: int, key: str, asked: Sequence[Asked]) -> Took:
    """Ask for pages by several callers, each on a connection that it keeps."""
    waiting = list(asked)
    took: Took = defaultdict(list)

    async def caller() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        while waiting:
            each = waiting.pop()
            began = time.perf_counter()
            writer.write(
                f"GET {each.target} HTTP/1.1\r\nHost: bench\r\n"
                f"Authorization: Bearer {key}\r\n\r\n".encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            body = await reader.readexactly(int(length))
            took[each.moment, each.kind].append((time.perf_counter() - began) * 1_000)
            if not head.startswith(b"http/1.1 200 "):
                raise AssertionError(body)
        writer.close()

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return took


def shown(took: Sequence[float]) -> str:
    """Median and 99th percentile."""
    ordered = sorted(took)
    return f"{ordered[len(ordered) // 2]:.1f} / {ordered[len(ordered) * 99 // 100]:.1f}"


def of(took: Took, moment: str, kind: str | None = None) -> list[float]:
    """What pages of one moment took; of one kind, or of all."""
    return [
        each
        for (at, what), times in took.items()
        if at == moment and kind in {None, what}
        for each in times
    ]


MOMENTS: Final = {"live": "live", "then": "any moment", "early": f"as_of={EARLY}"}


async def measure(server: EmbeddedPostgres, versions: int, out: Console) -> None:
    """Load, copy, ask, and print."""
    plan = plan_at(server.dsn)
    await prepare(plan.database, "live")
    await load_demo(plan, Demo(), out)
    async with edge_at(plan) as edge:
        keys = await issue_first_keys(edge.keyring, plan.database)
    key = next(each.key for each in keys if each.role == "AUDITOR")
    connection = await plan.database.connect_as_owner()
    began = time.monotonic()
    superseded, standing, last = await fill(connection, versions)
    out.print(
        f"Ledger      {superseded:,} superseded versions, {standing:,} rows that stand, "
        f"{last:,} positions; filled in {time.monotonic() - began:.0f} s"
    )
    version = await connection.fetchval("SELECT split_part(version(), ' on ', 1)")
    out.print(
        f"Machine     {os.cpu_count()} cores for all of it, load {os.getloadavg()[0]:.1f} before; "
        f"{version}, Python {platform.python_version()}, uvicorn with one worker"
    )
    chance = random.Random(7)  # noqa: S311 - the same every time
    in_all: Took = defaultdict(list)
    heads = ("", "load", *MOMENTS.values(), "core live", "core past")
    rounds = Table(
        *heads,
        title=f"p50 / p99 ms of a page, {CALLERS} callers; core ms of service + PostgreSQL",
    )
    async with served(server.dsn) as (port, process):
        await ask(port, key, questions(last, past=True, chance=chance)[: 100 * CALLERS])
        backends = [row["pid"] for row in await connection.fetch(SELECT_BACKENDS)]
        for number in range(1, ROUNDS + 1):
            costs = []
            took: Took = {}
            for past in (False, True):
                asked = questions(last, past=past, chance=chance)
                before = core_ms(process), core_ms(*backends)
                took |= await ask(port, key, asked)
                after = core_ms(process), core_ms(*backends)
                each = [(b - a) / len(asked) for a, b in zip(before, after, strict=True)]
                costs.append(f"{each[0]:.1f} + {each[1]:.1f}")
            load = f"{os.getloadavg()[0]:.1f}"
            times = (shown(of(took, each)) for each in MOMENTS)
            rounds.add_row(str(number), load, *times, *costs)
            for what, each_took in took.items():
                in_all[what] += each_took
    await connection.close()
    out.print(rounds)
    kinds = Table("pages", *MOMENTS.values(), title="the same by kind, all rounds")
    for kind in KINDS:
        kinds.add_row(kind, *(shown(of(in_all, each, kind)) for each in MOMENTS))
    kinds.add_section()
    kinds.add_row("all", *(shown(of(in_all, each)) for each in MOMENTS))
    out.print(kinds)


def main() -> None:
    """Measure on a server that forgets."""
    versions = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    folder = Path(tempfile.mkdtemp(prefix="sanbao-bench-"))
    folder.chmod(0o711)
    with EmbeddedPostgres(folder / "postgres", durable=False) as server:
        asyncio.run(measure(server, versions, Console()))
        server.discard()


if __name__ == "__main__":
    main()
