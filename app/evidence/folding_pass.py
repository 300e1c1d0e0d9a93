"""Folding the log into tables, with a memory that does not grow with the log.

States of aggregates and rows of tables are remembered up to a bound; what was forgotten is folded
from its stream again, or read back from the tables that are being built. The log is read page by
page, and what a page superseded is written with it; rows as they stand are written once for some
pages, since most of them are superseded soon. Nothing is decided here and no policy runs: what
policies led to stands in the log.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Generic, TypeVar

from app.domain.decider import Event
from app.events.folding import Folded, RegisterTable, Version
from app.events.recorded import Recorded
from app.events.store import Log
from app.events.workings import Workings

STREAMS_AT_ONCE: Final = 200

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of the log and of the tables is in memory at once."""

    page_events: int = 1_000
    pages: int = 16
    """After so many, the rows as they stand are written, and the transaction ends."""
    span_positions: int = 50_000
    """How far a page looks for the events that it wants; a look takes a fraction of a second."""
    remembered_max: int = 10_000
    """States of aggregates, and as many rows of tables, between two transactions."""


BOUNDS: Final = Bounds()


class Remembered(Generic[K, V]):
    """What was used last, up to a bound that is held between transactions."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def __getitem__(self, key: K) -> V:
        self._entries.move_to_end(key)
        return self._entries[key]

    def __setitem__(self, key: K, value: V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)

    def trim(self) -> None:
        """Forget what was not used for longest."""
        while len(self._entries) > self._at_most:
            self._entries.popitem(last=False)


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
        self._states: Remembered[str, Any] = Remembered(bounds.remembered_max)
        self._rows: Remembered[tuple[str, str], Any] = Remembered(bounds.remembered_max)
        self._unwritten: dict[str, dict[str, Version]] = {each.name: {} for each in tables}
        self._with_states = any(not isinstance(each, RegisterTable) for each in tables)
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
        for _ in range(self._bounds.pages):
            reached = await self._page(reached, up_to)
            if reached >= up_to:
                break
        for table in self._tables:
            await self._log.execute(table.standing(self._unwritten[table.name]))
            self._unwritten[table.name].clear()
        self._states.trim()
        self._rows.trim()
        return reached

    async def _page(self, after: int, up_to: int) -> int:
        end = min(up_to, after + self._bounds.span_positions)
        events = await self._log.between_of_types(after, end, self._types, self._bounds.page_events)
        if self._with_states:
            events = await self._evolved(events, after)
        concerned = [
            (table, recorded, key)
            for recorded in events
            for table in self._tables_of(type(recorded.event))
            for key in table.keys(recorded)
        ]
        await self._recall_rows(concerned)
        changes: dict[str, dict[str, list[Version]]] = {}
        for table, recorded, key in concerned:
            before = self._rows[table.name, key]
            value = table.fold(before, recorded, key)
            if value is not before:
                self._rows[table.name, key] = value
                versions = changes.setdefault(table.name, {}).setdefault(key, [])
                versions.append(Version(recorded.position, value))
        for table in self._tables:
            if table.name in changes:
                changed, unwritten = changes[table.name], self._unwritten[table.name]
                await self._log.execute(table.superseding(changed, unwritten))
                unwritten.update((key, versions[-1]) for key, versions in changed.items())
        return events[-1].position if len(events) == self._bounds.page_events else end

    async def _evolved(self, events: Sequence[Recorded], after: int) -> list[Recorded]:
        """The events, each with what its aggregate adds up to after it."""
        await self._recall_states(events, after)
        found = []
        for each in events:
            before = None if each.version == 1 else self._states[each.stream]
            evolved = self._workings.evolved(each, before)
            self._states[each.stream] = evolved.state
            found.append(evolved)
        return found

    async def _recall_states(self, events: Sequence[Recorded], after: int) -> None:
        first: dict[str, int] = {}
        for each in events:
            first.setdefault(each.stream, each.version)
        lost = [name for name, version in first.items() if version > 1 and name not in self._states]
        for at in range(0, len(lost), STREAMS_AT_ONCE):
            names = lost[at : at + STREAMS_AT_ONCE]
            for name, history in (await self._log.streams_before(names, after)).items():
                self._states[name] = self._workings.state_after(name, history).state

    async def _recall_rows(self, concerned: Iterable[tuple[Folded, Recorded, str]]) -> None:
        lost: dict[str, dict[str, None]] = {}
        for table, _, key in concerned:
            if (table.name, key) not in self._rows:
                lost.setdefault(table.name, {})[key] = None
        for table in self._tables:
            if table.name in lost:
                found = await self._log.rows(table, list(lost[table.name]))
                for key, value in found.items():
                    self._rows[table.name, key] = value

    def _wanted(self) -> list[str]:
        """The events that some table folds, and all that states of their aggregates rest on."""
        codec = self._workings.codec
        types: set[str] = set()
        for table in self._tables:
            own = {n for n, t in codec.event_types.items() if issubclass(t, table.event_types)}
            if not isinstance(table, RegisterTable):
                kinds = {codec.stream_of[name] for name in own}
                own = {name for name, kind in codec.stream_of.items() if kind in kinds}
            types |= own
        return sorted(types)
