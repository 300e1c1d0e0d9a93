"""Loading a demo into an empty log, and taking an interrupted load up again."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.demo.door import Door, open_door
from app.demo.plot import MEDIUM, SMALL, TINY, Extent, Plot
from app.demo.schedule import Due, perform
from app.demo.watch import Watch
from app.domain.values import shanghai_day
from app.events.database import Database
from app.main import Plan

FIRST_PLANT: Final = 42
"""The seed of chance; another seed is another plant with the same customers and stories."""
LOADING: Final = ", loading"


class DemoSize(StrEnum):
    """How much the demo tells."""

    TINY = "tiny"
    SMALL = "small"
    MEDIUM = "medium"


EXTENTS: Final[Mapping[DemoSize, Extent]] = {
    DemoSize.TINY: TINY,
    DemoSize.SMALL: SMALL,
    DemoSize.MEDIUM: MEDIUM,
}


@dataclass(frozen=True, slots=True)
class Demo:
    """Which demo: how much of it, and of which plant."""

    size: DemoSize = DemoSize.TINY
    seed: int = FIRST_PLANT

    @property
    def label(self) -> str:
        """As the log keeps it."""
        return f"{self.size}, seed {self.seed}"

    @classmethod
    def of(cls, label: str) -> Self:
        """The demo of a label."""
        size, _, seed = label.partition(", seed ")
        return cls(DemoSize(size), int(seed))


async def load_demo(plan: Plan, demo: Demo, out: Console) -> None:
    """Load a demo into an empty log; into any other, nothing.

    A load that was interrupted is taken up, as it was begun, by the same commands under the same
    keys: what had happened is answered from the log, the rest happens as it would have.

    Args:
        plan: the house that will serve the log; its clock and its ids are not used.
        demo: which, unless another was begun here.
        out: where progress and the result are shown.

    Raises:
        DemoStepRefused: the service refused a step, which is a fault of the demo.
    """
    head = await _head(plan.database)
    refusal = _why_not(head)
    if refusal is not None:
        out.print(f"Demo        {refusal}")
        return
    demo = _begun(head) or demo
    await _mark(plan.database, demo.label + LOADING)
    began = time.monotonic()
    plot = Plot(EXTENTS[demo.size], demo.seed)
    with _progress(plot.extent, demo.label, out) as seen:
        async with open_door(plan, demo.seed, seen) as door:
            watch = await Watch.over(door.edge, plot.extent.begins_on, door.note)
            until = plot.extent.ends_at
            await perform(plot.stories(), door.ask, plot.follow, watch, until=until)
    await _mark(plan.database, demo.label)
    events, seconds = (await _head(plan.database)).position, time.monotonic() - began
    out.print(
        f"Demo        {demo.label}: {_told(door)}; "
        f"{events} events by {door.commands} commands in {seconds:.1f} s"
    )


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends, and what it says of a demo."""

    position: int
    recorded_at: datetime
    demo: str | None


async def _head(database: Database) -> Head:
    connection = await database.connect()
    try:
        row = await connection.fetchrow("SELECT position, recorded_at, demo FROM log_head")
    finally:
        await connection.close()
    if row is None:
        raise AssertionError("the log has no head; migrate the database first")
    return Head(row["position"], row["recorded_at"], row["demo"])


def _begun(head: Head) -> Demo | None:
    """The demo whose load was interrupted here."""
    if head.demo is None or not head.demo.endswith(LOADING):
        return None
    return Demo.of(head.demo.removesuffix(LOADING))


def _why_not(head: Head) -> str | None:
    """Why nothing is loaded; None when the log is empty or holds the beginning of a demo."""
    begun = _begun(head)
    if begun is not None:
        if head.position and head.recorded_at > EXTENTS[begun.size].ends_at:
            return (
                f"{begun.label} was begun here, and others have written since: it stays as it is; "
                "another --data-dir or SANBAO_SCHEMA takes a whole one"
            )
        return None
    if head.demo is not None:
        return f"{head.demo}, was loaded before; nothing is added"
    return "not loaded: the log is not empty" if head.position else None


async def _mark(database: Database, label: str) -> None:
    """Write down which demo the log holds."""
    connection = await database.connect()
    try:
        await connection.execute("UPDATE log_head SET demo = $1", label)
    finally:
        await connection.close()


def _told(door: Door) -> str:
    """What was told, in figures."""
    counted = {
        "cases": "FeedbackRegistered",
        "claims": "ClaimRegistered",
        "escalations": "EscalationRaised",
        "CAPA reports": "CapaIssued",
    }
    return ", ".join(f"{door.events[type_]} {name}" for name, type_ in counted.items())


@contextmanager
def _progress(extent: Extent, label: str, out: Console) -> Iterator[Callable[[Due], None]]:
    """A bar along the simulated calendar, on a terminal; elsewhere nothing."""
    days = (shanghai_day(extent.ends_at) - extent.begins_on).days
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[commands]} commands  {task.fields[on]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task(f"Demo {label}", total=days, commands=0, on="")
        commands = 0

        def seen(due: Due) -> None:
            nonlocal commands
            commands += 1
            on = shanghai_day(due.at)
            done = (on - extent.begins_on).days
            progress.update(task, completed=done, commands=commands, on=on.isoformat())

        yield seen
