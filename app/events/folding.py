"""What the writer keeps in step with the log, in the same transaction: the promise of a table.

Registers (what decisions look up) and ledgers (what people read) keep it alike. The same pure
fold serves the writer, the rebuild and the past.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from pydantic import TypeAdapter

from app.domain.decider import Event, Register
from app.events.recorded import Recorded

Key: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Version:
    """A row as it stood from a position on. No value: it is gone."""

    from_position: int
    value: Any
    opens: bool = False
    """Whether it is known that no row stood there before."""


class Folded(Protocol):
    """A table of rows by key, each folded from the events that concern it."""

    @property
    def name(self) -> str:
        """The table's name; part of the key under which the writer remembers its rows."""

    @property
    def kept_in(self) -> str:
        """The table of the database that its rows are in; several can share one."""

    @property
    def version(self) -> int:
        """Raised when the fold changes: the table is then built anew."""

    @property
    def event_types(self) -> tuple[type[Event], ...]:
        """The events it cares for; a base class stands for all below it."""

    @property
    def reads_state(self) -> bool:
        """Whether it looks at what the event's aggregate adds up to; see `Recorded.state`."""

    def keys(self, recorded: Recorded) -> Iterable[Key]:
        """The rows that an event concerns."""

    def fold(self, value: Any, recorded: Recorded, key: Key, /) -> Any:  # noqa: ANN401 - rows differ
        """The row after the event; None before its first and after its last.

        The very row that came in says that the event changes nothing.
        """

    def encode(self, value: Any) -> str:  # noqa: ANN401 - rows differ
        """The row as JSON text."""

    def decode(self, body: str) -> Any:  # noqa: ANN401 - rows differ
        """The row from JSON text."""

    def select(self) -> str:
        """SQL: `(key, body)` of the rows whose keys are in `$1::text[]`."""

    def statements(
        self, changes: Mapping[Key, Sequence[Version]]
    ) -> Iterable[tuple[str, tuple[Any, ...]]]:
        """SQL with arguments that write the versions, oldest first, set-wise."""

    def superseding(
        self, changes: Mapping[Key, Sequence[Version]], unwritten: Mapping[Key, Version]
    ) -> Iterable[tuple[str, tuple[Any, ...]]]:
        """The first half of `statements`: what was superseded goes to where it is kept.

        Args:
            changes: the new versions of each row, oldest first; the last ones stay in memory.
            unwritten: the last versions of rows that stayed in memory before.
        """

    def standing(self, last: Mapping[Key, Version]) -> Iterable[tuple[str, tuple[Any, ...]]]:
        """The second half: the rows as they stand now."""


SELECT_ENTRIES = "SELECT key, value::text FROM {} WHERE register = '{}' AND key = ANY($1)"

UPSERT_ENTRIES = """
    INSERT INTO {} (register, key, value)
    SELECT $1, key, value::jsonb FROM unnest($2::text[], $3::text[]) AS new (key, value)
    ON CONFLICT (register, key) DO UPDATE SET value = excluded.value
"""

DELETE_ENTRIES = "DELETE FROM {} WHERE register = $1 AND key = ANY($2)"


class RegisterTable:
    """A register of the domain, kept in the table `registers`, or in a shadow of it."""

    reads_state = False

    def __init__(self, register: Register[Any], kept_in: str = "registers") -> None:
        self.register = register
        self.kept_in = kept_in
        self.name = register.name
        self.version = register.version
        self.event_types = register.event_types
        self._adapter: TypeAdapter[Any] = TypeAdapter(register.value_type)

    def keys(self, recorded: Recorded) -> Iterable[Key]:
        """See `Folded.keys`."""
        return self.register.keys(recorded.happened)

    def fold(self, value: Any, recorded: Recorded, key: Key) -> Any:  # noqa: ANN401
        """See `Folded.fold`."""
        return self.register.fold(value, recorded.happened, key)

    def encode(self, value: Any) -> str:  # noqa: ANN401
        """See `Folded.encode`."""
        return self._adapter.dump_json(value).decode()

    def decode(self, body: str) -> Any:  # noqa: ANN401
        """See `Folded.decode`."""
        return self._adapter.validate_json(body)

    def select(self) -> str:
        """See `Folded.select`."""
        return SELECT_ENTRIES.format(self.kept_in, self.name)

    def statements(
        self, changes: Mapping[Key, Sequence[Version]]
    ) -> Iterable[tuple[str, tuple[Any, ...]]]:
        """See `Folded.statements`. Only the last version matters: nobody asks for older ones."""
        return self.standing({key: versions[-1] for key, versions in changes.items()})

    def superseding(
        self, _changes: Mapping[Key, Sequence[Version]], _unwritten: Mapping[Key, Version]
    ) -> Iterable[tuple[str, tuple[Any, ...]]]:
        """See `Folded.superseding`."""
        return ()

    def standing(self, last: Mapping[Key, Version]) -> Iterable[tuple[str, tuple[Any, ...]]]:
        """See `Folded.standing`."""
        ordered = sorted(last.items())
        kept = {key: self.encode(each.value) for key, each in ordered if each.value is not None}
        if kept:
            yield UPSERT_ENTRIES.format(self.kept_in), (self.name, list(kept), list(kept.values()))
        gone = [key for key, each in ordered if each.value is None]
        if gone:
            yield DELETE_ENTRIES.format(self.kept_in), (self.name, gone)
