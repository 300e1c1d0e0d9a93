"""The service as a person starts it: `sanbao serve` in a process of its own."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

SANBAO: Final = Path(sys.executable).with_name("sanbao")
START_SECONDS_MAX: Final = 60


_started: Final[list["subprocess.Popen[bytes]"]] = []


def kill_what_was_left() -> None:
    """Kill what tests that failed did not stop, with its workers: they would run for ever."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Service:
    """Starts, is killed, starts again on the same data directory."""

    data_dir: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    log_to: Path | None = None
    """Where its log lines go; None: to what it prints."""
    process: "subprocess.Popen[bytes] | None" = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def keys(self) -> dict[str, str]:
        """The keys of the first start, by person."""
        rows = json.loads((self.data_dir / "keys.json").read_text())
        return {row["person"]: row["key"] for row in rows}

    async def start(self, until: int = 200) -> None:
        """Start it, and wait until it is ready; or, by 503, until it says that it is not."""
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        environment |= self.environment
        printed = self.data_dir.parent / f"{self.data_dir.name}.out"
        with printed.open("ab") as out, (self.log_to or printed).open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - ours; it does not wait
                [
                    SANBAO,
                    "serve",
                    f"--port={self.port}",
                    f"--data-dir={self.data_dir}",
                    *self.options,
                ],
                stdout=out,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        _started.append(self.process)
        give_up = time.monotonic() + START_SECONDS_MAX
        async with httpx.AsyncClient() as http:
            while time.monotonic() < give_up:
                if self.process.poll() is not None:
                    raise AssertionError(self.printed())
                try:
                    if (await http.get(f"{self.address}/readyz")).status_code == until:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(f"not ready:\n{self.printed()}")

    def printed(self) -> str:
        """What it printed so far."""
        return (self.data_dir.parent / f"{self.data_dir.name}.out").read_text()

    def kill(self) -> None:
        """Kill -9 of the service; its database stays."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_database(self) -> None:
        """Kill -9 of the embedded PostgreSQL's first process."""
        for pid_file in self.data_dir.rglob("postmaster.pid"):
            with suppress(ProcessLookupError):  # it fell, and is not up again yet
                os.kill(int(pid_file.read_text().split("\n", 1)[0]), signal.SIGKILL)

    def interrupt(self, seconds: float, by: signal.Signals = signal.SIGINT) -> int:
        """Ctrl-C, or how a container is stopped; the exit code.

        Raises:
            subprocess.TimeoutExpired: it did not stop in time.
        """
        assert self.process is not None
        self.process.send_signal(by)
        return self.process.wait(timeout=seconds)


@asynccontextmanager
async def running() -> AsyncIterator[Service]:
    """The service on a data directory of its own, with a durable database; both are thrown away."""
    folder = Path(tempfile.mkdtemp(prefix="sanbao-service-"))
    folder.chmod(0o711)
    service = Service(folder / "data")
    await service.start()
    try:
        yield service
    finally:
        with suppress(Exception):
            service.interrupt(10)
        shutil.rmtree(folder, ignore_errors=True)
