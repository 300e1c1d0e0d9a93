"""What a well-behaved caller feels beside abusers: `uv run python -m bench.overload [requests]`.

A service of its own (`sanbao serve`) is asked by one caller: commands, a page
of a ledger and a record, twenty a second, first alone and then beside each kind of abuser. Abusers
run in a process of their own. p99 is to stay under 250 ms; the ratio is to being alone in this run.

It takes about four minutes: 13 rows of 300 requests, 15 s each. With `60 "slow heads"` behind it,
60 requests beside one kind.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.commands import feedback
from bench.house import HOST, PORT, house, service

REQUESTS: Final = 300
PER_SECOND: Final = 20
SLOW_CLIENTS: Final = 200
FLOODING: Final = 64
TARGET_SECONDS: Final = 0.25
SETTLE_SECONDS: Final = 1.5

Ask = Callable[[int], bytes]


def request(method: str, path: str, key: str | None, body: bytes = b"", more: str = "") -> bytes:
    """A request as bytes."""
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{more}"
    if key is not None:
        head += f"Authorization: Bearer {key}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


def body_of(number: int) -> bytes:
    """A leaking seal, each time another one."""
    return json.dumps(feedback(number)).encode()


async def answer_of(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end; its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length")
    )
    await reader.readexactly(length)
    return int(head[9:12])


# --- the well-behaved caller --------------------------------------------------------------------


async def caller(keys: Mapping[str, str], count: int) -> tuple[list[float], Counter[int]]:
    """Ask so many times, in a steady pace; how long each took, and what was answered."""
    took: list[float] = []
    statuses: Counter[int] = Counter()
    reader, writer = await asyncio.open_connection(HOST, PORT)
    begun = time.monotonic()
    for number in range(count):
        await asyncio.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
        named = f"Idempotency-Key: bench-{begun}-{number}\r\n"
        asks = (
            request("POST", "/v1/feedback-cases", keys["u.clerk"], body_of(number), named),
            request("GET", "/v1/ledgers/feedback?limit=50", keys["u.clerk"]),
            request("GET", "/v1/events?limit=20", keys["u.clerk"]),
        )
        sent_at = time.perf_counter()
        writer.write(asks[number % len(asks)])
        statuses[await answer_of(reader)] += 1
        took.append(time.perf_counter() - sent_at)
    writer.close()
    return sorted(took), statuses


# --- the abusers --------------------------------------------------------------------------------


async def dripping(first: bytes, drip: bytes) -> None:
    """Send a beginning, then a few bytes a second, for ever."""
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, PORT)
            writer.write(first)
            while not writer.is_closing():
                await asyncio.sleep(1)
                writer.write(drip)
                await writer.drain()
        await asyncio.sleep(0.1)


async def greedy(ask: bytes) -> None:
    """Ask for more and more, and read nothing."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(HOST, PORT, limit=1_024)
            for _ in range(50):
                writer.write(ask)
                await asyncio.sleep(0.5)
                if reader.at_eof():
                    break
            writer.close()
        await asyncio.sleep(0.1)


async def flooding(ask: Ask) -> None:
    """Ask again as soon as there is an answer, for ever."""
    number = 0
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, StopIteration):
            reader, writer = await asyncio.open_connection(HOST, PORT)
            while True:
                number += 1
                writer.write(ask(number))
                await answer_of(reader)


async def knocking(ask: bytes) -> None:
    """A new connection for each request."""
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, StopIteration):
            reader, writer = await asyncio.open_connection(HOST, PORT)
            writer.write(ask)
            await answer_of(reader)
            writer.close()


def abuse(kind: str, keys: Mapping[str, str]) -> Iterator[Awaitable[None]]:
    """All the abusers of one kind."""
    auditor, wrong = keys["u.aud"], "sk_" + "0" * 12 + "_" + "x" * 43
    half = request("POST", "/v1/feedback-cases", keys["u.qa1"], b"{" + b" " * 4_000)[:-3_999]
    page = request("GET", "/v1/events?limit=200", auditor)
    ledger = request("GET", "/v1/ledgers/feedback?limit=200", auditor)
    changes = request("GET", "/v1/changes?ledger=feedback&since=1&limit=200", auditor)
    stream = request("GET", "/v1/events/stream", auditor)
    named = "Idempotency-Key: {}\r\n"
    pid = os.getpid()
    kinds: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
        "slow heads": (SLOW_CLIENTS, lambda: dripping(b"GET / HTTP/1.1\r\n", b"X-A: b\r\n")),
        "slow bodies": (SLOW_CLIENTS, lambda: dripping(half, b" ")),
        "slow readers": (SLOW_CLIENTS, lambda: greedy(page)),
        "idle connections": (SLOW_CLIENTS, lambda: dripping(b"", b"")),
        "idle streams": (SLOW_CLIENTS, lambda: dripping(stream, b"")),
        "pages by one key": (FLOODING, lambda: flooding(lambda _: ledger)),
        "commands by one key": (
            FLOODING,
            lambda: flooding(
                lambda number: request(
                    "POST", "/v1/feedback-cases", keys["u.rep"], body_of(number),
                    named.format(f"flood-{pid}-{time.monotonic_ns()}-{number}"),
                )
            ),
        ),
        "changes by one key": (FLOODING, lambda: flooding(lambda _: changes)),
        "without a key": (FLOODING, lambda: flooding(lambda _: request("GET", "/v1/labels", None))),
        "wrong keys": (FLOODING, lambda: flooding(lambda _: request("GET", "/v1/labels", wrong))),
        "new connections": (FLOODING, lambda: knocking(request("GET", "/v1/labels", None))),
    }  # fmt: skip
    count, begin = kinds[kind]
    return (begin() for _ in range(count))


KINDS: Final = (
    "slow heads", "slow bodies", "slow readers", "idle connections", "idle streams",
    "pages by one key", "commands by one key", "changes by one key", "without a key", "wrong keys",
    "new connections",
)  # fmt: skip


async def _abuse(kind: str, keys: Mapping[str, str]) -> None:
    await asyncio.gather(*abuse(kind, keys))


@contextlib.asynccontextmanager
async def abusers(kind: str, keys: Mapping[str, str]) -> AsyncIterator[None]:
    """Abusers in a process of their own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.overload", "--abuse", kind, json.dumps(dict(keys))
    )
    try:
        await asyncio.sleep(SETTLE_SECONDS)
        yield
    finally:
        process.kill()
        await process.wait()


# --- the run ------------------------------------------------------------------------------------


async def measure(keys: Mapping[str, str], count: int, out: Console, only: str | None) -> Table:
    """The caller alone, then beside each kind; alone again at the end."""
    table = Table("beside", "p50 ms", "p99 ms", "max ms", "times alone", "answers", "under target")
    alone = 0.0
    for kind in ("", *(each for each in KINDS if only in {None, each}), ""):
        async with abusers(kind, keys) if kind else contextlib.nullcontext():
            took, statuses = await caller(keys, count)
        p99 = took[int(len(took) * 0.99) - 1]
        alone = alone or p99
        figures = [took[len(took) // 2], p99, took[-1]]
        answers = ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items()))
        row = [kind or "nobody", *(f"{each * 1_000:.1f}" for each in figures)]
        table.add_row(*row, f"{p99 / alone:.1f}", answers, "yes" if p99 < TARGET_SECONDS else "NO")
        out.print(row, answers)
    return table


def main() -> None:
    """Measure and print."""
    out = Console(width=120)  # else columns wrap in a log or a narrow terminal
    if sys.argv[1:2] == ["--abuse"]:
        asyncio.run(_abuse(sys.argv[2], json.loads(sys.argv[3])))
        return
    count = int(sys.argv[1]) if sys.argv[1:] else REQUESTS
    only = sys.argv[2] if sys.argv[2:] else None
    with house() as found, service(found) as serving:
        out.print(asyncio.run(measure(serving.keys, count, out, only)))


if __name__ == "__main__":
    main()
