"""A bar for long work, on a terminal; elsewhere nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from app.cli.shared import err


@contextmanager
def bar(words: str, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Something to tell how much of how much is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f} events"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    off = not shown or not err.is_terminal
    with Progress(*columns, console=err, transient=True, disable=off) as progress:
        task = progress.add_task(words, total=0)
        yield lambda done, total: progress.update(task, completed=done, total=total)
