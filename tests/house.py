"""A house without a database: commands with all that policies ask in answer, in memory."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from app.domain.aggregates import AGGREGATES
from app.domain.decider import Command, Event, Happened, NotAtHand, Register, Stream, V
from app.domain.policies.catalogue import POLICIES
from app.domain.registers.catalogue import REGISTERS
from app.domain.rule_pack.events import RULE_PACKS
from app.events.folding import RegisterTable
from app.events.ids import random_id
from app.events.memory import Drawn, Memory, Standing, Wanted
from app.events.turn import Accepted, Submission, Turn, Workings
from tests.people import NOON, Person
from tests.spec import FIRST_PACK

WORKINGS: Final = Workings(AGGREGATES, POLICIES, [RegisterTable(each) for each in REGISTERS])


class House:
    """What was told happened before; what is asked happens now."""

    def __init__(self) -> None:
        self._turn = Turn(WORKINGS, Memory(position=0), NOON)
        self.told(RULE_PACKS, [FIRST_PACK])

    def told(self, stream: Stream[Any, Any], history: Iterable[Happened[Any]]) -> None:
        """What people did before."""
        streams, rows = self._turn.memory.streams, self._turn.memory.rows
        for number, each in enumerate(history):
            name = f"{stream.name}-{each.to}"
            happened = replace(each, kind=stream.name, event_id=f"{name}-{number}")
            before = streams.get(name, Standing(0, stream.initial))
            state = stream.evolve(before.state, happened)
            streams[name] = before.then(before.version + 1, state, happened.by)
            for register in REGISTERS:
                if isinstance(each.event, register.event_types):
                    for key in register.keys(happened):
                        row = (register.name, key)
                        rows[row] = register.fold(rows.get(row), happened, key)

    def asked(
        self, by: Person, stream: Stream[Any, Any], to: str | None, command: Command
    ) -> Accepted:
        """A person asks, and everything that follows from it happens."""
        return self.asked_at(self._turn.last_recorded_at, by, stream, to, command)

    def asked_at(
        self, at: datetime, by: Person, stream: Stream[Any, Any], to: str | None, command: Command
    ) -> Accepted:
        """The same at another time."""
        submission = Submission(
            decider=stream.name,
            to=to,
            command=command,
            by=by.actor,
            at=None,
            expected=None,
            request_id="test",
        )
        ids = Drawn(random_id)
        while True:
            try:
                return self._turn.run(submission, at, ids)
            except NotAtHand as miss:
                self._fetch(miss.wanted)

    def _fetch(self, wanted: Any) -> None:  # noqa: ANN401 - what a turn wants
        assert isinstance(wanted, Wanted)
        for name in wanted.streams:
            kinds = [each for each in AGGREGATES if name.startswith(f"{each.name}-")]
            decider = max(kinds, key=lambda each: len(each.name))
            self._turn.memory.streams[name] = Standing(0, decider.stream.initial)
        self._turn.memory.rows.update(dict.fromkeys(wanted.rows))

    def events(self, *kinds: type[Event]) -> list[Event]:
        """What happened since the house was told what was before."""
        return [each.event for each in self._turn.events if isinstance(each.event, kinds or Event)]

    def happened(self, kind: type[Event]) -> list[Happened[Any]]:
        """The same, with whom it happened to."""
        return [each.happened for each in self._turn.events if isinstance(each.event, kind)]

    def entry_in(self, register: Register[V], key: str) -> V | None:
        """A register's value."""
        rows: dict[tuple[str, str], Any] = self._turn.memory.rows | self._turn.rows
        value: V | None = rows.get((register.name, key))
        return value

    def state_of(self, stream: Stream[Any, Any], to: str) -> Any:  # noqa: ANN401 - states differ
        """An aggregate as it stands."""
        streams = self._turn.memory.streams | self._turn.streams
        return streams[f"{stream.name}-{to}"].state
