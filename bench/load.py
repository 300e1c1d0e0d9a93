"""A load generator: callers that each send a request as soon as they have an answer.

It runs in a process of its own (`python -m bench.load`), reads what to send from a file, one
request a line as JSON (`[method, path, headers, body]`), and prints how long each took, as JSON.
Callers take the next line as they go, so that no request is sent twice. At a rate, requests begin
when they are due whoever is still waiting, and the time counts from when they were due (no
coordinated omission).
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvloop
from typing_extensions import override

from bench.pgbench import Run

HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any] | None = None

    def line(self) -> str:
        """As the generator reads it."""
        return json.dumps([self.method, self.path, self.headers, self.body])


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it."""

    run: Run
    statuses: dict[str, int]
    exhausted: bool
    """Whether there were no more requests before the time was over."""

    @property
    def refused(self) -> int:
        """Answers that were no success."""
        return sum(times for status, times in self.statuses.items() if not status.startswith("2"))


def load(
    port: int, asks: Iterable[Ask], callers: int, seconds: float, rate: float | None = None
) -> Loaded:
    """Send requests for so long.

    Args:
        port: of the service, on this machine.
        asks: enough requests; each is sent once.
        callers: connections.
        seconds: how long.
        rate: requests a second, begun when they are due; None: as fast as answers come.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(f"{each.line()}\n" for each in asks)
        file.flush()
        command = [sys.executable, "-m", "bench.load", str(port), file.name, str(callers),
                   str(seconds), str(rate or 0)]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    said = json.loads(done.stdout)
    run = Run.of(said["took"], said["seconds"])
    return Loaded(run, said["statuses"], said["exhausted"])


class Connection(asyncio.Protocol):
    """One caller."""

    def __init__(self, work: "Work") -> None:
        self._work = work
        self._transport: Any = None
        self._left = b""
        self._missing = 0
        self._status = ""
        self._sent_at = 0.0
        self.busy = False

    @override
    def connection_made(self, transport: Any) -> None:
        """See asyncio."""
        self._transport = transport

    def send(self, request: bytes, counted_from: float) -> None:
        """Send the next request."""
        self.busy = True
        self._sent_at = counted_from
        self._transport.write(request)

    @override
    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        if self._missing:
            self._missing -= len(data)
        else:
            self._left += data
            end = self._left.find(b"\r\n\r\n")
            if end < 0:
                return
            head, body = self._left[:end].lower(), len(self._left) - end - 4
            self._status = head[9:12].decode()
            at = head.index(b"content-length:") + 15
            self._missing = int(head[at:].split(b"\r\n", 1)[0]) - body
            self._left = b""
        if self._missing <= 0:
            self.busy = False
            self._work.answered(self, self._status, time.perf_counter() - self._sent_at)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio. The service never closes while it is asked."""
        self._work.over.set()
        del exc


class Work:
    """What is sent, and what came back."""

    def __init__(self, requests: Sequence[bytes], until: float, rate: float) -> None:
        self._requests = iter(requests)
        self._until = until
        self._rate = rate
        self._due: deque[tuple[bytes, float]] = deque()
        self._idle: list[Connection] = []
        self.took: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.exhausted = False
        self.over = asyncio.Event()

    def answered(self, connection: Connection, status: str, seconds: float) -> None:
        """An answer is there: the next one."""
        self.took.append(seconds)
        self.statuses[status] += 1
        self.next(connection)

    def next(self, connection: Connection) -> None:
        """Give a caller its next request."""
        now = time.perf_counter()
        if self._rate:
            if self._due:
                connection.send(*self._due.popleft())
            else:
                self._idle.append(connection)
            return
        request = next(self._requests, None) if now < self._until else None
        if request is None:
            self.exhausted |= now < self._until
            self.over.set()
            return
        connection.send(request, now)

    async def at_rate(self) -> None:
        """Have requests begin when they are due."""
        begun, sent = time.perf_counter(), 0
        while (now := time.perf_counter()) < self._until:
            due = int((now - begun) * self._rate)
            for number in range(sent + 1, due + 1):
                request = next(self._requests, None)
                if request is None:
                    self.exhausted = True
                    break
                at = begun + number / self._rate
                if self._idle:
                    self._idle.pop().send(request, at)
                else:
                    self._due.append((request, at))
            sent = due
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.5)  # those that are under way
        self.over.set()


def bytes_of(line: str) -> bytes:
    """A request as it is sent."""
    method, path, headers, body = json.loads(line)
    content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    head = [f"{method} {path} HTTP/1.1", "Host: bench"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        head += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*head, "", ""]).encode() + content


async def generate(
    port: int, requests: Sequence[bytes], callers: int, seconds: float, rate: float
) -> dict[str, Any]:
    """Send them, each once."""
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    work = Work(requests, begun + seconds, rate)
    connections = []
    for _ in range(callers):
        _, connection = await loop.create_connection(lambda: Connection(work), HOST, port)
        connections.append(connection)
    begun = time.perf_counter()
    for each in connections:
        work.next(each)
    if rate:
        await work.at_rate()
    else:
        await work.over.wait()
    ended = time.perf_counter()
    return {
        "took": work.took, "seconds": ended - begun, "statuses": work.statuses,
        "exhausted": work.exhausted,
    }  # fmt: skip


def main() -> None:
    """Read the arguments of `load`."""
    port, path, callers, seconds, rate = sys.argv[1:]
    requests = [bytes_of(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    said = uvloop.run(generate(int(port), requests, int(callers), float(seconds), float(rate)))
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
