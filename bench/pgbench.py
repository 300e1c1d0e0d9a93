"""Runs pgbench, PostgreSQL's own load generator, on the server that is measured."""

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from app.embedded import EmbeddedPostgres

ENVIRONMENT: Final = {**os.environ, "PGOPTIONS": "-c search_path=sanbao"}
_LOGGED: Final = re.compile(r"^\d+ \d+ (\d+) ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of some load was like."""

    rate: float
    """Transactions or requests a second."""
    p50: float
    """Seconds."""
    p99: float
    """Seconds."""

    @classmethod
    def of(cls, took: list[float], seconds: float) -> "Run":
        """From how long each took, and all of them together."""
        ordered = sorted(took)
        if not ordered:
            return cls(0.0, float("inf"), float("inf"))
        return cls(
            len(ordered) / seconds,
            ordered[len(ordered) // 2],
            ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        )


def pgbench(
    server: EmbeddedPostgres, script: str, clients: int, seconds: float, database: str = "postgres"
) -> Run:
    """Run a script by so many clients.

    Args:
        server: where.
        script: of pgbench.
        clients: connections, each with one transaction at a time.
        seconds: how long.
        database: which of the server; the schema is the service's.

    Raises:
        RuntimeError: pgbench failed, with its words.
    """
    with tempfile.TemporaryDirectory(prefix="sanbao-pgbench-") as name:
        folder = Path(name)
        (folder / "script.sql").write_text(script)
        command = [
            str(server.binaries / "pgbench"), "--no-vacuum", "--protocol=prepared",
            f"--client={clients}", f"--jobs={min(clients, 2)}", f"--time={round(seconds)}",
            "--file", str(folder / "script.sql"), "--log",
            f"--log-prefix={folder / 'log'}", *_address(server.url(database)),
        ]  # fmt: skip
        done = subprocess.run(  # noqa: S603 - ours
            command, check=False, capture_output=True, text=True, cwd=folder, env=ENVIRONMENT
        )
        if done.returncode:
            raise RuntimeError(done.stderr[:2_000])
        took = [
            int(microseconds) / 1e6
            for each in folder.glob("log*")
            for microseconds in _LOGGED.findall(each.read_text())
        ]
    return Run.of(took, round(seconds))


def _address(url: str) -> list[str]:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    host = query.get("host", [parts.hostname or "localhost"])[0]
    port = query.get("port", [str(parts.port or 5432)])[0]
    user = query.get("user", [unquote(parts.username or "postgres")])[0]
    return ["-h", host, "-p", port, "-U", user, parts.path.lstrip("/") or "postgres"]
