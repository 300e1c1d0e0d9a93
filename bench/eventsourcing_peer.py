"""The peer that a Python user would take: eventsourcing 9.5's PostgreSQL recorder.

Each caller is a thread that appends one stored event a transaction through the library's own
application recorder, as its `repository.save` does; none of its work is left out, none is added.
Installed for this measurement only: `uv run --with "eventsourcing[postgres]==9.5.*" ...`.
"""

import json
import subprocess
import sys
import threading
import time
from typing import Any, Final

from bench.house import House
from bench.pgbench import Run

DATABASE: Final = "eventsourcing"
NEEDS: Final = "eventsourcing[postgres]>=9.5,<9.6"
STATE: Final = b'{"customer_id": "C7", "channel": "PHONE", "spec_code": "TC 85x105x10 FKM"}' * 8
"""As large as an event of ours with its canonical form."""


def eventsourcing_appends(house: House, callers: int, seconds: float) -> Run:
    """Append by so many threads in a process of their own."""
    command = ["uv", "run", "--no-project", "--with", NEEDS, "python", __file__,
               house.server.dsn, str(callers), str(seconds)]  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise RuntimeError(done.stderr[-2_000:])
    said = json.loads(done.stdout)
    return Run.of(said["took"], said["seconds"])


def _append(callers: int, seconds: float, environment: dict[str, str]) -> dict[str, Any]:
    from uuid import uuid4  # noqa: PLC0415

    from eventsourcing.persistence import StoredEvent  # type: ignore[import-not-found]  # noqa: PLC0415
    from eventsourcing.postgres import Factory  # type: ignore[import-not-found]  # noqa: PLC0415
    from eventsourcing.utils import Environment  # type: ignore[import-not-found]  # noqa: PLC0415

    factory = Factory(Environment("bench", environment))
    recorder = factory.application_recorder()
    took: list[float] = []
    began = time.perf_counter()

    def one() -> None:
        while (sent := time.perf_counter()) < began + seconds:
            event = StoredEvent(uuid4(), 1, "bench:FeedbackRegistered", STATE)
            recorder.insert_events([event])
            took.append(time.perf_counter() - sent)

    threads = [threading.Thread(target=one) for _ in range(callers)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    ended = time.perf_counter()
    factory.close()
    return {"took": took, "seconds": ended - began}


def _main() -> None:
    from urllib.parse import parse_qs, urlsplit  # noqa: PLC0415

    import psycopg  # type: ignore[import-not-found]  # noqa: PLC0415

    dsn, callers, seconds = sys.argv[1:]
    query = parse_qs(urlsplit(dsn).query)
    host, port, user = query["host"][0], query["port"][0], query["user"][0]
    with psycopg.connect(dsn, autocommit=True) as owner:
        found = owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if found.fetchone() is None:
            owner.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
    environment = {
        "POSTGRES_DBNAME": DATABASE, "POSTGRES_HOST": host, "POSTGRES_PORT": port,
        "POSTGRES_USER": user, "POSTGRES_PASSWORD": "none", "POSTGRES_POOL_SIZE": callers,
        "POSTGRES_MAX_OVERFLOW": "10", "POSTGRES_MAX_AGE": "3600", "POSTGRES_SCHEMA": "public",
    }  # fmt: skip
    json.dump(_append(int(callers), float(seconds), environment), sys.stdout)


if __name__ == "__main__":
    _main()
