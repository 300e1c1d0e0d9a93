"""Folding the log into tables, with a memory that does not grow with the log.

States of aggregates and rows of tables are remembered up to a bound; what was forgotten is folded
from its stream again, or read back from the tables that are being built. The log is read page by
page, and what a page superseded is written with it; rows as they stand are written once for some
pages, since most of them are superseded soon. Nothing is decided here and no policy runs: what
policies led to stands in the log.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Generic, TypeVar

from asyncpg import Record

from app.domain.decider import Event, Happened
from app.events.folding import Folded, Version
from app.events.recorded import Recorded
from app.events.store import Log, recorded_of
from app.events.workings import Workings

STREAMS_AT_ONCE: Final = 200

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of the log and of the tables is in memory at once."""

    page_events: int = 500
    pages: int = 20
    """After so many, the rows as they stand are written, and the transaction ends."""
    span_positions: int = 50_000
    """How far a page looks for the events that it wants; a look takes a fraction of a second."""
    remembered: int = 5_000
    """States of aggregates, and rows of all tables together, that stay at hand at least; no more
    than twice as many and what two transactions touch."""


BOUNDS: Final = Bounds()


class Remembered(Generic[K, V]):
    """What was used since the last but one time that it was told to forget."""

    def __init__(self) -> None:
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._young or key in self._old

    def __getitem__(self, key: K) -> V:
        if key in self._young:
            return self._young[key]
        value = self._young[key] = self._old.pop(key)
        return value

    def __setitem__(self, key: K, value: V) -> None:
        self._young[key] = value

    @property
    def recent(self) -> int:
        """How much was used since it was last told to forget."""
        return len(self._young)

    def forget(self) -> None:
        """What was not used since the last time is gone."""
        self._old, self._young = self._young, {}


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Without a look for circles of objects: hardly any come about, and it takes a fifth of all."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class FoldingPass:
    """Some tables, folded from one position to another."""

    def __init__(
        self,
        log: Log,
        workings: Workings,
        tables: Sequence[Folded],
        bounds: Bounds = BOUNDS,
    ) -> None:
        self._log = log
        self._workings = workings
        self._tables = tables
        self._bounds = bounds
        self._states: Remembered[str, Any] = Remembered()
        self._rows: dict[str, Remembered[str, Any]] = {each.name: Remembered() for each in tables}
        self._unwritten: dict[str, dict[str, Version]] = {each.name: {} for each in tables}
        self._kinds = self._kinds_with_state()
        self._types = self._wanted()
        self._tables_of: Callable[[type[Event]], tuple[Folded, ...]] = cache(
            lambda type_: tuple(t for t in tables if issubclass(type_, t.event_types))
        )

    async def pages(self, after: int, up_to: int) -> int:
        """Fold some pages into the tables, in a transaction of the caller's.

        Args:
            after: the position that the tables are folded to.
            up_to: no event above it is taken.

        Returns:
            The position that they are folded to now.
        """
        reached = after
        with _nothing_collected():
            for _ in range(self._bounds.pages):
                reached = await self._page(reached, up_to)
                if reached >= up_to:
                    break
            for table in self._tables:
                await self._log.execute(table.standing(self._unwritten[table.name]))
                self._unwritten[table.name].clear()
        for kept in ([self._states], list(self._rows.values())):
            if sum(each.recent for each in kept) >= self._bounds.remembered:
                for each in kept:
                    each.forget()
        return reached

    async def _page(self, after: int, up_to: int) -> int:
        end = min(up_to, after + self._bounds.span_positions)
        rows = await self._log.rows_of_types(after, end, self._types, self._bounds.page_events)
        await self._recall_states(rows, after)
        concerned: dict[str, list[tuple[str, Recorded]]] = {each.name: [] for each in self._tables}
        for row in rows:
            recorded = recorded_of(row, self._workings.codec, self._state_after)
            for table in self._tables_of(type(recorded.event)):
                concerned[table.name] += [(key, recorded) for key in table.keys(recorded)]
        for table in self._tables:
            if concerned[table.name]:
                await self._fold(table, concerned[table.name])
        return rows[-1]["position"] if len(rows) == self._bounds.page_events else end

    async def _fold(self, table: Folded, events: Sequence[tuple[str, Recorded]]) -> None:
        """Fold what concerns a table into its rows; what was superseded is written."""
        rows = self._rows[table.name]
        await self._recall_rows(table, rows, dict.fromkeys(key for key, _ in events))
        changes: dict[str, list[Version]] = {}
        for key, recorded in events:
            before = rows[key]
            value = table.fold(before, recorded, key)
            if value is not before:
                rows[key] = value
                changes.setdefault(key, []).append(Version(recorded.position, value))
        unwritten = self._unwritten[table.name]
        await self._log.execute(table.superseding(changes, unwritten))
        unwritten.update((key, versions[-1]) for key, versions in changes.items())

    def _state_after(self, stream: str, version: int, happened: Happened[Any]) -> Any:  # noqa: ANN401 - states differ
        """What an aggregate adds up to after an event; remembered for its next one."""
        if happened.kind not in self._kinds:
            return None
        folds = self._workings.deciders[happened.kind].stream
        before = folds.initial if version == 1 else self._states[stream]
        state = self._states[stream] = folds.evolve(before, happened)
        return state

    async def _recall_states(self, rows: Sequence[Record], after: int) -> None:
        first: dict[str, int] = {}
        kind_of = self._workings.codec.stream_of
        for row in rows:
            if kind_of[row["type"]] in self._kinds:
                first.setdefault(row["stream"], row["version"])
        lost = [name for name, version in first.items() if version > 1 and name not in self._states]
        for at in range(0, len(lost), STREAMS_AT_ONCE):
            names = lost[at : at + STREAMS_AT_ONCE]
            for name, history in (await self._log.streams_before(names, after)).items():
                self._states[name] = self._workings.state_after(name, history).state

    async def _recall_rows(
        self, table: Folded, rows: Remembered[str, Any], keys: Iterable[str]
    ) -> None:
        lost = [key for key in keys if key not in rows]
        if lost:
            for key, value in (await self._log.rows(table, lost)).items():
                rows[key] = value

    def _kinds_with_state(self) -> set[str]:
        """The kinds of aggregates whose state some table looks at."""
        codec = self._workings.codec
        return {
            codec.stream_of[name]
            for table in self._tables
            if table.reads_state
            for name, event_type in codec.event_types.items()
            if issubclass(event_type, table.event_types)
        }

    def _wanted(self) -> list[str]:
        """The events that some table folds, and all that states that are looked at rest on."""
        codec = self._workings.codec
        return sorted(
            name
            for name, event_type in codec.event_types.items()
            if codec.stream_of[name] in self._kinds
            or any(issubclass(event_type, table.event_types) for table in self._tables)
        )
