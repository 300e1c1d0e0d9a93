"""How fast many commands get in, and a recorded history: `uv run python -m bench.bulk [events]`.

A service of its own (`sanbao serve`) over a durable PostgreSQL is sent complaints through one
connection: singly, in batches of 500 (with and without a VIN, which is sealed), and in atomic ones
of 256. In between the same commands are asked of a writer in this process, without HTTP, which
says what a batch costs beyond the writer. Beside the clock stands what a command costs in time of
a core, which other work on the machine disturbs less.
Then a log of so many events (100,000 by default; the tiny demo, multiplied) is backed up and
restored, stage by stage. Ratios hold between machines; rates do not.
"""

import asyncio
import contextlib
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, NamedTuple

import asyncpg
from rich.console import Console
from rich.table import Table

from app.boot import adopt_first_rule_pack, prepare
from app.domain.feedback_case.commands import RegisterFeedback
from app.domain.values import Actor, Role
from app.embedded import EmbeddedPostgres
from app.events.bulk import TOGETHER_MAX, Ask, ask_each
from app.events.database import Database
from app.events.store import Key
from app.events.turn import Accepted, Submission
from app.events.writer import Writer
from app.main import Plan, edge_at
from bench.history import history
from bench.house import HOST, PORT, UNLIMITED, Service, cpu_of, house, service
from bench.overload import answer_of, body_of, request

ROUNDS: Final = 5
SECONDS: Final = 3.0
BATCH: Final = 500
EVENTS: Final = 100_000
CLERK: Final = Actor("bench", Role.SALES_CLERK)
TARGET: Final = 10_000
SINGLY: Final = "singly"
DIRECTLY: Final = "of a writer, without HTTP"

numbers: Final = itertools.count()
Way = Callable[[], Awaitable[int]]
"""Asks for some commands; how many happened."""


def items(count: int, *, with_vin: bool = False) -> list[dict[str, Any]]:
    """Complaints, each another one."""
    found = []
    for number in itertools.islice(numbers, count):
        body = json.loads(body_of(number))
        if with_vin:
            body["vehicle"] = {"model": "WD615", "vin": f"LZZ5CCND{number:09}"}
        key = f"bulk-{number}"
        found.append({"command": "RegisterFeedback", "idempotency_key": key, "body": body})
    return found


class Connection:
    """One connection, and whoever asks through it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._key = key

    async def single(self) -> int:
        """One command alone."""
        number = next(numbers)
        named = f"Idempotency-Key: bulk-{number}\r\n"
        path = "/v1/feedback-cases"
        self._writer.write(request("POST", path, self._key, body_of(number), named))
        status = await answer_of(self._reader)
        if status != 201:  # noqa: PLR2004 - created
            raise AssertionError(status)
        return 1

    async def batch(
        self, count: int = BATCH, *, atomic: bool = False, with_vin: bool = False
    ) -> int:
        """Many at once."""
        asked = {"items": items(count, with_vin=with_vin), "atomic": atomic}
        body = json.dumps(asked).encode()
        self._writer.write(request("POST", "/v1/batches", self._key, body))
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        answer = json.loads(await self._reader.readexactly(length))
        if answer.get("accepted") != count:
            raise AssertionError(answer)
        return count


async def directly(writer: Writer) -> int:
    """As many of a writer in this process: what a batch would cost without its way in."""
    asks = [
        Ask(
            Submission(
                decider="feedback-case", to=None, command=RegisterFeedback(**each["body"]),
                by=CLERK, at=None, expected=None, request_id="bench",
            ),
            Key("bench", "RegisterFeedback", each["idempotency_key"]),
            b"bench",
        )
        for each in items(BATCH)
    ]  # fmt: skip
    told = await ask_each(writer, asks, 60)
    return sum(isinstance(each, Accepted) for each in told)


@contextlib.asynccontextmanager
async def ways(server: EmbeddedPostgres, served: Service) -> AsyncIterator[dict[str, Way]]:
    """Every way in which commands are asked for here."""
    plan = Plan(database=Database(server.url("direct")), pepper=b"bench")
    await prepare(plan.database, "live")
    reader, writer = await asyncio.open_connection(HOST, PORT)
    one = Connection(reader, writer, served.keys["u.clerk"])
    async with edge_at(plan) as edge:
        await adopt_first_rule_pack(edge, None)
        yield {
            SINGLY: one.single,
            f"in batches of {BATCH}": one.batch,
            "with a VIN each": lambda: one.batch(with_vin=True),
            f"atomic, {TOGETHER_MAX}": lambda: one.batch(TOGETHER_MAX, atomic=True),
            DIRECTLY: lambda: directly(edge.writer),
        }
    writer.close()


class Pace(NamedTuple):
    """How commands went in for some seconds."""

    rate: float
    """Commands a second."""
    cpu: float
    """Seconds of a core a command, of whoever was asked."""


async def pace_of(way: Way, pid: int) -> Pace:
    """Ask for some seconds."""
    began, cpu, done = time.perf_counter(), cpu_of(pid), 0
    while time.perf_counter() - began < SECONDS:
        done += await way()
    return Pace(done / (time.perf_counter() - began), (cpu_of(pid) - cpu) / done)


async def commands(server: EmbeddedPostgres, served: Service, out: Console) -> None:
    """All ways in turn, so that a slow minute of the machine is everybody's."""
    paces: dict[str, list[Pace]] = {}
    async with ways(server, served) as known:
        for way in known.values():
            await way()  # warm
        for _ in range(ROUNDS):
            for name, way in known.items():
                pid = os.getpid() if name == DIRECTLY else served.process.pid
                paces.setdefault(name, []).append(await pace_of(way, pid))
    median = statistics.median
    table = Table(
        "asked", "commands/s", "times singly", "of 10,000/s", "core µs each", "singly over it",
        title="RegisterFeedback through one connection",
    )  # fmt: skip
    for name, found in paces.items():
        pairs = list(zip(found, paces[SINGLY], strict=True))
        rate, cpu = median(each.rate for each in found), median(each.cpu for each in found)
        faster = median(one.rate / other.rate for one, other in pairs)
        cheaper = median(other.cpu / one.cpu for one, other in pairs)
        row = (f"{rate:,.0f}", f"{faster:.1f}", f"{rate / TARGET:.2f}", f"{cpu * 1e6:,.0f}")
        table.add_row(name, *row, f"{cheaper:.1f}")
    out.print(table)


async def databases(server: EmbeddedPostgres) -> None:
    """One for the service, one for the writer in this process."""
    connection = await asyncpg.connect(server.dsn)
    for name in ("served", "direct"):
        await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()


def main() -> None:
    """Start a durable server, measure, throw it away."""
    out = Console()
    events = int(sys.argv[1]) if sys.argv[1:] else EVENTS
    with house() as found:
        server = found.server
        asyncio.run(databases(server))
        with service(found, DATABASE_URL=server.url("served"), **UNLIMITED) as served:
            asyncio.run(commands(server, served, out))
        out.print(asyncio.run(history(server, found.folder, events)))


if __name__ == "__main__":
    main()
