"""How fast many commands get in, and a recorded history: `uv run python -m bench.bulk [events]`.

A service of its own (`sanbao serve`) over a durable PostgreSQL is sent complaints through one
connection: singly, in batches of 500, and in atomic ones of 256. In between the same commands are
asked of a writer in this process, without HTTP, which says what the batch costs beyond the writer.
Then a log of so many events (100,000 by default; the tiny demo, multiplied) is backed up and
restored, stage by stage. Ratios hold between machines; rates do not.
"""

import asyncio
import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

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
from bench.overload import SANBAO, answer_of, body_of, request

PORT: Final = 18_474
HOST: Final = "127.0.0.1"
ROUNDS: Final = 5
SECONDS: Final = 3.0
BATCH: Final = 500
EVENTS: Final = 100_000
NO_LIMIT: Final = {
    "SANBAO_RATE_REQUESTS_PER_SECOND_MAX": "1000000",
    "SANBAO_RATE_BURST_REQUESTS_MAX": "1000000",
}
CLERK: Final = Actor("bench", Role.SALES_CLERK)
TARGET: Final = 10_000

numbers: Final = itertools.count()
Way = Callable[[], Awaitable[int]]
"""Asks for some commands; how many happened."""


def items(count: int) -> list[dict[str, Any]]:
    """Complaints, each another one."""
    return [
        {
            "command": "RegisterFeedback",
            "idempotency_key": f"bulk-{number}",
            "body": json.loads(body_of(number)),
        }
        for number in itertools.islice(numbers, count)
    ]


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

    async def batch(self, count: int = BATCH, *, atomic: bool = False) -> int:
        """Many at once."""
        body = json.dumps({"items": items(count), "atomic": atomic}).encode()
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


@contextlib.contextmanager
def service(url: str, folder: Path) -> Iterator[str]:
    """The service; the key of its clerk."""
    process = subprocess.Popen(  # noqa: S603 - ours
        [SANBAO, "serve", f"--port={PORT}", f"--data-dir={folder / 'data'}"],
        stdout=subprocess.DEVNULL,
        env=os.environ | NO_LIMIT | {"DATABASE_URL": url},
    )
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://{HOST}:{PORT}/readyz")
                break
            time.sleep(0.2)
        rows = json.loads((folder / "data" / "keys.json").read_text())
        yield {row["person"]: row["key"] for row in rows}["u.clerk"]
    finally:
        process.terminate()
        process.wait()


@contextlib.asynccontextmanager
async def ways(server: EmbeddedPostgres, key: str) -> AsyncIterator[dict[str, Way]]:
    """Every way in which commands are asked for here."""
    plan = Plan(database=Database(server.url("direct")), pepper=b"bench")
    await prepare(plan.database, "live")
    reader, writer = await asyncio.open_connection(HOST, PORT)
    one = Connection(reader, writer, key)
    async with edge_at(plan) as edge:
        await adopt_first_rule_pack(edge, None)
        yield {
            "singly": one.single,
            f"in batches of {BATCH}": one.batch,
            f"atomic, {TOGETHER_MAX}": lambda: one.batch(TOGETHER_MAX, atomic=True),
            "of a writer, without HTTP": lambda: directly(edge.writer),
        }
    writer.close()


async def rate_of(way: Way) -> float:
    """Commands a second, over some seconds."""
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        done += await way()
    return done / (time.perf_counter() - began)


async def commands(server: EmbeddedPostgres, key: str, out: Console) -> None:
    """All ways in turn, so that a slow minute of the machine is everybody's."""
    rates: dict[str, list[float]] = {}
    async with ways(server, key) as known:
        for way in known.values():
            await way()  # warm
        for _ in range(ROUNDS):
            for name, way in known.items():
                rates.setdefault(name, []).append(await rate_of(way))
    table = Table("RegisterFeedback, one connection", "commands/s", "times singly", "of 10,000/s")
    for name, found in rates.items():
        ratios = [one / other for one, other in zip(found, rates["singly"], strict=True)]
        rate = statistics.median(found)
        table.add_row(name, f"{rate:,.0f}", f"{statistics.median(ratios):.1f}",
                      f"{rate / TARGET:.2f}")  # fmt: skip
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
    with tempfile.TemporaryDirectory(prefix="sanbao-bulk-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedPostgres(folder / "postgres") as server:
            asyncio.run(databases(server))
            with service(server.url("served"), folder) as key:
                asyncio.run(commands(server, key, out))
            out.print(asyncio.run(history(server, folder, events)))


if __name__ == "__main__":
    main()
