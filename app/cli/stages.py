"""A bar for work of several stages, on a terminal; elsewhere nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from app.cli.shared import err


@contextmanager
def stages(*, shown: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Something to tell of which stage how much of how much is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    off = not shown or not err.is_terminal
    with Progress(*columns, console=err, transient=True, disable=off) as progress:
        tasks: dict[str, TaskID] = {}

        def told(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield told
