"""What checkpoints cost the write path: `uv run python -m bench.checkpoint_cost`.

Rounds with and without a signing follower take turns on one durable server; each round asks the
writer for commands from 32 clients at once. Printed are ratios with over without: 1.00 is no cost.
The follower signs up to five times a second here, ten times more often than by default.
"""

import asyncio
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from app.boot import adopt_first_rule_pack, prepare
from app.domain.feedback_case.commands import RegisterFeedback
from app.domain.values import Actor, Role
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from app.events.store import Key
from app.events.turn import Submission
from app.events.writer import Writer
from app.evidence.checkpoint_store import CheckpointStore
from app.evidence.signing import SigningPlan
from app.evidence.signing_keys import SigningKeys
from app.main import Plan, edge_at

ROUNDS = 16
SECONDS = 2.0
CLIENTS = 32
CLERK = Actor("bench", Role.SALES_CLERK)
CASE = RegisterFeedback.model_validate(
    {
        "customer_id": "C01",
        "channel": "PHONE",
        "life_phase": "FIELD",
        "spec_code": "TC 85×105×10 FKM",
        "failure_mode": "漏油",
        "qty_reported": 1,
        "description": "It leaks.",
    }
)


class Round(NamedTuple):
    """What one round was like."""

    rate: float
    """Commands a second."""
    p99: float
    """Seconds."""
    cpu: float
    """Seconds of this process a command."""
    signed: int


async def client(writer: Writer, numbers: Iterator[int], until: float) -> list[float]:
    """Seconds that each command took."""
    took = []
    while (began := time.perf_counter()) < until:
        key = f"{next(numbers)}"
        submission = Submission(
            decider="feedback-case", to=None, command=CASE, by=CLERK, at=None, expected=None,
            request_id="bench",
        )  # fmt: skip
        await writer.ask(submission, Key("bench", "RegisterFeedback", key), key.encode(), 60)
        took.append(time.perf_counter() - began)
    return took


async def measured(plan: Plan, numbers: Iterator[int]) -> Round:
    """One round."""
    async with edge_at(plan) as edge:
        await adopt_first_rule_pack(edge, None)
        before = await CheckpointStore(edge.reader).latest()
        began, cpu = time.perf_counter(), time.process_time()
        until = began + SECONDS
        clients = [client(edge.writer, numbers, until) for _ in range(CLIENTS)]
        took = sorted(itertools.chain(*await asyncio.gather(*clients)))
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        after = await CheckpointStore(edge.reader).latest()
    signed = (after.number if after else 0) - (before.number if before else 0)
    return Round(len(took) / seconds, took[int(len(took) * 0.99)], cpu / len(took), signed)


async def run(url: str, folder: Path) -> None:
    """All rounds, then the medians."""
    plan = Plan(database=Database(url), pepper=b"bench")
    keys = SigningKeys(folder, "bench")
    signing = SigningPlan(keys=keys, directory=folder / "copy", seconds_min=0.2)
    signs = replace(plan, signing=signing)
    await prepare(plan.database, "live")
    numbers = itertools.count()
    pairs: list[tuple[Round, Round]] = []
    await measured(plan, numbers)  # warm
    for number in range(ROUNDS):
        found = {}
        for each in (plan, signs) if number % 2 else (signs, plan):
            found[each is signs] = await measured(each, numbers)
        pairs.append((found[True], found[False]))
        sys.stdout.write(f"round {number + 1}: with {found[True]}, without {found[False]}\n")

    def median(of: Callable[[Round], float]) -> float:
        return statistics.median(of(one) / of(other) for one, other in pairs)

    sys.stdout.write(
        f"with over without, medians of {ROUNDS} pairs: rate {median(lambda r: r.rate):.2f}, "
        f"p99 {median(lambda r: r.p99):.2f}, CPU of the process a command "
        f"{median(lambda r: r.cpu):.2f}; {sum(one.signed for one, _ in pairs)} checkpoints\n"
    )


def main() -> None:
    """Start a durable server, measure, throw it away."""
    with tempfile.TemporaryDirectory(prefix="sanbao-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedPostgres(folder / "postgres") as server:
            asyncio.run(run(server.dsn, folder))


if __name__ == "__main__":
    main()
