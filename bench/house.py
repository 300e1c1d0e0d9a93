"""What measurements stand on: a durable server of their own, a log with records, the service.

The yardsticks run in a copy of the database on the same server, so that neither meets the other's
rows and both wait for the same disk.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg

from app.embedded import EmbeddedPostgres
from app.events.database import Database

PORT: Final = 18_474
HOST: Final = "127.0.0.1"
SANBAO: Final = Path(sys.executable).with_name("sanbao")
YARDSTICK: Final = "yardstick"
UNLIMITED: Final = {
    "SANBAO_RATE_REQUESTS_PER_SECOND_MAX": "1000000",
    "SANBAO_RATE_BURST_REQUESTS_MAX": "10000000",
    "SANBAO_REQUESTS_AT_ONCE_MAX": "1024",
    "SANBAO_REQUESTS_AT_ONCE_PER_KEY_MAX": "512",
    "SANBAO_REQUESTS_WORKED_ON_MAX": "512",
}
"""One key stands for all callers here: what one caller may take is not what is measured."""


@dataclass(frozen=True, slots=True)
class House:
    """A server, and where its files are."""

    folder: Path
    server: EmbeddedPostgres

    @property
    def data_dir(self) -> Path:
        """The service's data directory."""
        return self.folder / "data"

    @property
    def database(self) -> Database:
        """The plant's."""
        return Database(self.server.dsn)

    async def copy(self) -> None:
        """Make the yardsticks' copy; nobody may be connected."""
        owner = await asyncpg.connect(self.server.dsn.replace("/postgres?", "/template1?"))
        try:
            await owner.execute(f"DROP DATABASE IF EXISTS {YARDSTICK}")
            await owner.execute(f"CREATE DATABASE {YARDSTICK} TEMPLATE postgres")
        finally:
            await owner.close()

    async def settings(self) -> Mapping[str, str]:
        """What says how durable the server is, and which it is."""
        owner = await asyncpg.connect(self.server.dsn)
        try:
            names = ("server_version", "fsync", "synchronous_commit", "full_page_writes",
                     "shared_buffers", "data_checksums")  # fmt: skip
            return {name: await owner.fetchval(f"SHOW {name}") for name in names}
        finally:
            await owner.close()


@contextlib.contextmanager
def house() -> Iterator[House]:
    """A new durable server, thrown away in the end."""
    folder = Path(tempfile.mkdtemp(prefix="sanbao-bench-"))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "data" / "postgres") as server:
            yield House(folder, server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Service:
    """`sanbao serve` as a process."""

    process: "subprocess.Popen[Any]"
    keys: Mapping[str, str]
    """By person."""

    def cpu(self) -> float:
        """Seconds of a core that it has had."""
        return cpu_of(self.process.pid)


def cpu_of(pid: int) -> float:
    """Seconds of a core that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def service(house: House, **settings: str) -> Iterator[Service]:
    """The service, on the house's server unless a setting names another database.

    Raises:
        RuntimeError: it did not start; its words are in the error.
    """
    log = house.folder / "service.log"
    with log.open("w") as words:
        process = subprocess.Popen(  # noqa: S603 - ours
            [SANBAO, "serve", f"--port={PORT}", f"--data-dir={house.data_dir}"],
            stdout=subprocess.DEVNULL,
            stderr=words,
            env=_clean_environment() | settings,
        )
    try:
        while not _is_ready():
            if process.poll() is not None:
                raise RuntimeError(log.read_text())
            time.sleep(0.02)
        rows = json.loads((house.data_dir / "keys.json").read_text())
        yield Service(process, {row["person"]: row["key"] for row in rows})
    finally:
        process.terminate()
        process.wait()


def _is_ready() -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{PORT}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP
    except OSError:
        return False


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
