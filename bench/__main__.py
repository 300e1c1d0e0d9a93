"""How fast the write path is, beside its yardsticks: `uv run python -m bench [--short]`.

Sets up its own durable PostgreSQL, prepares records, and measures in rounds in which the service
and each yardstick take turns; medians are printed, and written to `docs/performance.md` with what
they were measured on. In full it takes about ten minutes, `--short` under three. What is measured
apart from it has commands of its own: `bench.bulk`, `bench.rebuild`, `bench.as_of`,
`bench.checkpoint_cost`, `bench.what_if`, `bench.overload`.
"""

import asyncio
import os
import platform
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import Console

from bench.commands import ROUTES, Recorded, Route, asks, prepare_all
from bench.eventsourcing_peer import eventsourcing_appends
from bench.house import PORT, UNLIMITED, YARDSTICK, House, Service, house, service
from bench.inside import inside
from bench.load import Loaded, load
from bench.pgbench import Run, pgbench
from bench.sqlmodel_peer import sqlmodel_service

REPORT: Final = Path(__file__).parents[1] / "docs" / "performance.md"
CALLERS: Final = 32
OPEN_LOOP_SHARE: Final = 0.5
OPEN_LOOP_CONNECTIONS: Final = 128
"""Below what one address may open."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long it may take."""

    rounds: int
    seconds: float
    records: int
    concurrencies: tuple[int, ...]
    routes: tuple[Route, ...]


FULL: Final = Effort(
    rounds=3, seconds=3, records=9_000, concurrencies=(1, 8, 32, 128), routes=ROUTES
)
SHORT: Final = Effort(
    rounds=3, seconds=1, records=3_000, concurrencies=(1, 32),
    routes=tuple(each for each in ROUTES if each.is_hot),
)  # fmt: skip


class Pair(NamedTuple):
    """The service and its yardstick in one round."""

    ours: Run
    theirs: Run


@dataclass
class Row:
    """A line of the report."""

    words: str
    callers: int
    goal: float | None
    pairs: list[Pair] = field(default_factory=list)
    notes: str = ""

    def median(self, of: Callable[[Pair], float]) -> float:
        """Of all rounds."""
        return statistics.median(map(of, self.pairs))

    @property
    def ratio(self) -> float:
        """Rate of ours over theirs."""
        return self.median(lambda p: p.ours.rate / p.theirs.rate)

    def _times(self, run: Callable[[Pair], Run]) -> str:
        p50, p99 = self.median(lambda p: run(p).p50), self.median(lambda p: run(p).p99)
        return f"{p50 * 1e3:.1f} / {p99 * 1e3:.1f}"

    def cells(self) -> list[str]:
        """As it is printed."""
        goal = "" if self.goal is None else f"{self.goal:.2f}"
        met = "" if self.goal is None else "yes" if self.ratio >= self.goal else "NO"
        return [
            self.words, str(self.callers),
            f"{self.median(lambda p: p.ours.rate):,.0f}",
            self._times(lambda p: p.ours),
            f"{self.median(lambda p: p.theirs.rate):,.0f}",
            self._times(lambda p: p.theirs),
            f"{self.ratio:.2f}", goal, met, self.notes,
        ]  # fmt: skip


HEAD: Final = (
    "measured", "callers", "ours /s", "p50 / p99 ms", "yardstick /s", "p50 / p99 ms", "times",
    "goal", "met", "notes",
)  # fmt: skip


class Bench:
    """All measurements, one after the other."""

    def __init__(self, house: House, effort: Effort, out: Console) -> None:
        self._house = house
        self._effort = effort
        self._out = out
        self._next: dict[str, int] = {}
        self.rows: list[Row] = []

    def run(self) -> None:
        """Prepare, then measure."""
        self._out.print("Preparing records ...")
        recorded = asyncio.run(prepare_all(self._house, self._effort.routes, self._effort.records))
        with service(self._house, **UNLIMITED) as serving:
            for each in recorded:
                for callers in self._concurrencies(each):
                    self._commands(serving, each, callers)
            self._open_loop(serving, recorded[0])
            self._sqlmodel(serving, recorded[0])
        self._inside(recorded[0])

    def _concurrencies(self, each: Recorded) -> tuple[int, ...]:
        is_first = each.route is ROUTES[0]
        return self._effort.concurrencies if is_first else (CALLERS,)

    def _commands(self, serving: Service, each: Recorded, callers: int) -> None:
        goal = each.route.goal if callers >= CALLERS else 0.45 if callers == 1 else None
        row = Row(f"HTTP: {each.route.words}", callers, goal)
        self._ask(serving, each, callers, 0.5)  # plans and memory are warm, as after a minute
        cpu: list[float] = []
        for _ in range(self._effort.rounds):
            before = serving.cpu()
            done = self._ask(serving, each, callers, self._effort.seconds)
            cpu.append((serving.cpu() - before) / sum(done.statuses.values()))
            theirs = self._pgbench(each.route.function, callers)
            row.pairs.append(Pair(done.run, theirs))
            row.notes = f"CPU {statistics.median(cpu) * 1e6:.0f} us a command"
            if done.refused or done.exhausted:
                row.notes += f"; {done.statuses}"
        self._say(row)

    def _ask(
        self, serving: Service, each: Recorded, callers: int, seconds: float,
        rate: float | None = None,
    ) -> Loaded:  # fmt: skip
        first = self._next.get(each.route.function, 0)
        many = asks(each, serving.keys, first, int(seconds * 2_500) + 500)
        done = load(PORT, many, callers, seconds, rate)
        self._next[each.route.function] = first + sum(done.statuses.values()) + callers
        return done

    def _pgbench(self, function: str, clients: int) -> Run:
        seconds = max(1.0, self._effort.seconds)
        return pgbench(self._house.server, f"SELECT {function}();", clients, seconds, YARDSTICK)

    def _open_loop(self, serving: Service, each: Recorded) -> None:
        fast = next(r for r in self.rows if r.callers == CALLERS)
        rate = fast.median(lambda p: p.ours.rate) * OPEN_LOOP_SHARE
        runs = [
            self._ask(serving, each, OPEN_LOOP_CONNECTIONS, self._effort.seconds, rate).run
            for _ in range(self._effort.rounds)
        ]
        p99 = statistics.median(run.p99 for run in runs)
        self._out.print(
            f"Open loop at {rate:.0f}/s: p99 {p99 * 1e3:.1f} ms (goal 25): "
            f"{'yes' if p99 < 0.025 else 'NO'}"  # noqa: PLR2004 - the goal
        )
        self.open_loop = f"at {rate:.0f} commands/s: p99 {p99 * 1e3:.1f} ms (goal under 25)"

    def _sqlmodel(self, serving: Service, each: Recorded) -> None:
        row = Row("HTTP: register feedback, beside SQLModel, a session a request", CALLERS, 20.0)
        with sqlmodel_service(self._house) as port:
            many = list(asks(each, serving.keys, 0, 3_000))
            load(port, many[:200], CALLERS, 0.5)
            for _ in range(self._effort.rounds):
                ours = self._ask(serving, each, CALLERS, self._effort.seconds).run
                theirs = load(port, many, CALLERS, self._effort.seconds)
                row.pairs.append(Pair(ours, theirs.run))
                row.notes = f"theirs answered {theirs.statuses}"
        self._say(row)

    def _inside(self, each: Recorded) -> None:
        beside = Row("writer without HTTP, beside pgbench", CALLERS, 2.0)
        peer = Row("writer without HTTP, beside eventsourcing's append", CALLERS, 12.0)
        for _ in range(self._effort.rounds):
            ours = asyncio.run(inside(self._house, CALLERS, self._effort.seconds))
            beside.pairs.append(Pair(ours, self._pgbench(each.route.function, CALLERS)))
            theirs = eventsourcing_appends(self._house, CALLERS, self._effort.seconds)
            peer.pairs.append(Pair(ours, theirs))
        self._say(beside)
        self._say(peer)

    def _say(self, row: Row) -> None:
        self.rows.append(row)
        self._out.print("  ".join(row.cells()))


def report(bench: Bench, settings: Mapping[str, str], command: str) -> str:
    """The page of the figures."""
    versions = ", ".join(
        f"{name} {version(name)}"
        for name in ("fastapi", "uvicorn", "uvloop", "pydantic", "asyncpg", "sqlmodel")
    )
    said = ", ".join(f"{name} = {value}" for name, value in settings.items())
    lines = [
        "# How fast the write path is",
        "",
        f"Written by `{command}` on {datetime.now(UTC):%Y-%m-%d}, on {platform.machine()},",
        f"{_cores()} cores, Python {platform.python_version()}, {versions}.",
        f"PostgreSQL: {said}.",
        "Service, server and load share the cores. Rates drift on a shared machine: only figures",
        "of one run can be compared, and `times` is the median of the rounds' ratios.",
        "",
        "The yardstick of a command is the SQL of that command, written down on the service's own",
        "connection and made into one PL/pgSQL function, one call a durable transaction, run by",
        "pgbench with as many clients in a copy of the same database. It takes the lock of the",
        "log's head like the service, for positions have no gaps; it checks and decides nothing.",
        "",
        "| " + " | ".join(HEAD) + " |",
        "| " + " | ".join("---" for _ in HEAD) + " |",
        *("| " + " | ".join(row.cells()) + " |" for row in bench.rows),
        "",
        f"Open loop, {bench.open_loop}.",
        "",
    ]
    return "\n".join(lines)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def main() -> None:
    """Measure and print."""
    effort = SHORT if "--short" in sys.argv[1:] else FULL
    out = Console(width=180, soft_wrap=True)
    command = " ".join(["uv run python -m bench", *sys.argv[1:]])
    with house() as found:
        bench = Bench(found, effort, out)
        bench.run()
        settings = asyncio.run(found.settings())
    text = report(bench, settings, command)
    out.print(text, markup=False)
    if "--keep" in sys.argv[1:]:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
