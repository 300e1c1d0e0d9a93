"""What the writer remembers of streams and rows, and how it is told what it lacks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from app.domain.delegation.acting import Deputy
from app.domain.values import Actor
from app.events.ids import NewId

ABSENT: Final = object()
"""What stands for a row of which nothing is known; None is a row that is known not to exist."""


@dataclass(frozen=True)
class Wanted:
    """What must be fetched: streams by name, rows by table and key."""

    streams: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()


class Standing(NamedTuple):
    """How far a stream is, what it adds up to, and who acted in whose name on the way."""

    version: int
    state: Any
    deputies: frozenset[Deputy] = frozenset()

    def then(self, version: int, state: Any, by: Actor) -> "Standing":  # noqa: ANN401 - states differ
        """After one more event."""
        if by.on_behalf_of is None:
            return Standing(version, state, self.deputies)
        return Standing(version, state, self.deputies | {Deputy(by.person, by.on_behalf_of)})


@dataclass
class Memory:
    """States and rows that are valid up to a position of the log.

    A row or stream that is known not to exist stands as None, or at version 0.
    """

    position: int = -1
    switched: int = -1
    """How often read tables had been switched when the rows were read."""
    streams: dict[str, Standing] = field(default_factory=dict)
    rows: dict[tuple[str, str], Any] = field(default_factory=dict)

    def forget(self) -> None:
        """Know nothing."""
        self.position = -1
        self.streams.clear()
        self.rows.clear()

    def trim(self, limit: int) -> None:
        """Forget the older half of what is more than the limit."""
        parts: tuple[dict[Any, Any], ...] = (self.streams, self.rows)
        for part in parts:
            if len(part) > limit:
                for old in list(part)[: len(part) - limit // 2]:
                    del part[old]


class Mark(NamedTuple):
    """How a turn stood at some time."""

    position: int
    last_recorded_at: datetime
    streams: dict[str, Standing]
    rows: dict[tuple[str, str], Any]
    versions: dict[tuple[str, str], int]
    """How many each row had."""
    events: int


class Drawn:
    """The ids that one command draws: the same ones again each time that it is run anew."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._ids: list[str] = []
        self._next = 0

    def again(self) -> None:
        """Begin with the first."""
        self._next = 0

    def draw(self, at: datetime) -> str:
        """The next id."""
        if self._next == len(self._ids):
            self._ids.append(self._new_id(at))
        self._next += 1
        return self._ids[self._next - 1]


def all_of(each_wants: Iterable[Wanted]) -> Wanted:
    """All that is wanted, once."""
    streams: dict[str, None] = {}
    rows: dict[tuple[str, str], None] = {}
    for wanted in each_wants:
        streams.update(dict.fromkeys(wanted.streams))
        rows.update(dict.fromkeys(wanted.rows))
    return Wanted(tuple(streams), tuple(rows))
