"""One turn at the log: commands in order of arrival, each seeing all that came before it.

Nothing in here waits. What is not in memory is asked for with `NotAtHand`; the writer fetches it
and runs the command again. A command is taken whole, with everything that policies ask in
answer to it, or not at all.
"""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from typing_extensions import override

from app.domain.decider import (
    SINGLE,
    Asked,
    Command,
    Event,
    Happened,
    NotAtHand,
    Order,
    Register,
    S,
    Stream,
    V,
)
from app.domain.delegation.acting import further_heads, in_lent_hat
from app.domain.errors import DomainError, Refused
from app.domain.rule_pack.events import RULE_PACKS
from app.domain.values import SYSTEM, Actor
from app.events.folding import Folded, Version
from app.events.memory import ABSENT, Drawn, Mark, Memory, Standing, Wanted
from app.events.recorded import Recorded
from app.events.workings import AnyDecider, Workings

REACTIONS_MAX: Final = 200
"""Orders that one command may set off; more is a circle of policies, a fault of ours."""


ID_CHARS: Final = 36
"""An id is a UUID, and stands at the end of every key that it is part of."""


class StaleRevision(DomainError):
    """The record has moved on since you read it.

    Read it again, see `events_since`, decide anew, and send the current ETag as `If-Match`.

    「该记录在您读取之后已有变化。」
    """


class TimeWentBack(Refused):
    """The sandbox's clock never goes back.

    Send an instant at or after `stands_at`, or leave `Sanbao-Time` out to stay there.

    「沙盒时钟不能倒退。」
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A command at the door: for whom, by whom, and what the caller expects to find."""

    decider: str
    to: str | None
    """The aggregate's id; None for a command that opens one under a new id."""
    command: Command
    by: Actor
    at: datetime | None
    """When, if the caller may say so (sandbox, demo); else the writer's clock."""
    expected: int | None
    """The revision that the caller decided upon; None when any will do."""
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What a command led to."""

    decider: str
    to: str
    revision: int
    state: Any
    events: tuple[Recorded, ...]

    @property
    def first_position(self) -> int:
        """Where its events begin; they are contiguous."""
        return self.events[0].position

    @property
    def last_position(self) -> int:
        """Where its events end."""
        return self.events[-1].position


class Turn:
    """The commands of one transaction, on top of what is in memory."""

    def __init__(
        self,
        workings: Workings,
        memory: Memory,
        last_recorded_at: datetime,
    ) -> None:
        self.workings = workings
        self.memory = memory
        self.last_recorded_at = last_recorded_at
        self.position = memory.position
        self.streams: dict[str, Standing] = {}
        self.rows: dict[tuple[str, str], Any] = {}
        self.versions: dict[tuple[str, str], list[Version]] = {}
        self.events: list[Recorded] = []

    def run(self, submission: Submission, at: datetime, ids: Drawn) -> Accepted:
        """Have the aggregate decide, fold, and let the policies react, all or nothing.

        Raises:
            DomainError: it was refused; the turn is as it was before.
            NotAtHand: with a `Wanted`; the turn is as it was before.
        """
        attempt = Attempt(self, max(at, self.last_recorded_at), submission, ids)
        try:
            accepted = attempt.run()
        except DomainError as refusal:
            refusal.rule_pack_version = attempt.pack_version()
            raise
        self.streams.update(attempt.streams)
        self.rows.update(attempt.rows)
        for key, versions in attempt.versions.items():
            self.versions.setdefault(key, []).extend(versions)
        self.events.extend(attempt.events)
        self.position += len(attempt.events)
        self.last_recorded_at = attempt.at
        return accepted

    def wanted_by(self, submission: Submission, at: datetime, ids: Drawn) -> Wanted:
        """What a command wants to know, as far as can be told without knowing it.

        It is tried out as if nothing stood in what is not at hand; what that leads to is dropped.
        """
        guess = Guess(self, max(at, self.last_recorded_at), submission, ids)
        # On a wrong guess anything may fail, decisions and folds alike: it ends there.
        with suppress(Exception):
            guess.run()
        return Wanted(tuple(guess.missing_streams), tuple(guess.missing_rows))

    def knows(self, stream: str) -> bool:
        """Whether a stream is at hand."""
        return stream in self.streams or stream in self.memory.streams

    def mark(self) -> Mark:
        """How it stands now, to come back to."""
        sizes = {key: len(versions) for key, versions in self.versions.items()}
        return Mark(
            position=self.position,
            last_recorded_at=self.last_recorded_at,
            streams=dict(self.streams),
            rows=dict(self.rows),
            versions=sizes,
            events=len(self.events),
        )

    def back_to(self, mark: Mark) -> None:
        """Nothing happened since."""
        self.position, self.last_recorded_at = mark.position, mark.last_recorded_at
        self.streams, self.rows = mark.streams, mark.rows
        self.versions = {key: self.versions[key][:size] for key, size in mark.versions.items()}
        del self.events[mark.events :]

    def commit(self) -> None:
        """The transaction is durable: remember what it led to."""
        self.memory.streams.update(self.streams)
        self.memory.rows.update(self.rows)
        self.memory.position = self.position


class Attempt:
    """One command within a turn, and the `World` of its decisions."""

    def __init__(self, turn: Turn, at: datetime, submission: Submission, ids: Drawn) -> None:
        ids.again()
        self._ids = ids
        self._opened: set[str] = set()
        self._turn = turn
        self._submission = submission
        self._at = at
        self.streams: dict[str, Standing] = {}
        self.rows: dict[tuple[str, str], Any] = {}
        self.versions: dict[tuple[str, str], list[Version]] = {}
        self.events: list[Recorded] = []
        self._command_id = ids.draw(at)

    @property
    def at(self) -> datetime:
        """See `World.at`."""
        return self._at

    @property
    def position(self) -> int:
        """See `World.position`."""
        return self._turn.position + len(self.events)

    def state_of(self, stream: Stream[S, Any], to: str) -> S:
        """See `World.state_of`."""
        state: S = self._stream(f"{stream.name}-{to}").state
        return state

    def entry_in(self, register: Register[V], key: str) -> V | None:
        """See `World.entry_in`."""
        value: V | None = self._row(register.name, key)
        return value

    def run(self) -> Accepted:
        """See `Turn.run`."""
        asked = self._submission
        decider = self._turn.workings.deciders[asked.decider]
        to = asked.to or self._fresh(decider)
        name = f"{decider.name}-{to}"
        by = asked.by
        if by.on_behalf_of is not None:
            by = in_lent_hat(by, asked.command, self)
        if asked.expected is not None:
            revision = self._stream(name).version
            if revision != asked.expected:
                raise StaleRevision(expected=asked.expected, current=revision)
        waiting = deque(self._answer(decider, to, asked.command, by, cause=None))
        for _ in range(REACTIONS_MAX):
            if not waiting:
                revision, state, _ = self._stream(name)
                return Accepted(
                    decider=decider.name,
                    to=to,
                    revision=revision,
                    state=state,
                    events=tuple(self.events),
                )
            order, cause = waiting.popleft()
            reacting = self._turn.workings.deciders[order.decider]
            target = order.to or self._fresh(reacting)
            waiting.extend(self._answer(reacting, target, order.command, SYSTEM, cause))
        raise AssertionError(f"policies go round in circles after {asked.command!r}")

    def _fresh(self, decider: AnyDecider) -> str:
        """A new id; nothing can have happened to it yet."""
        to = self._ids.draw(self.at)
        self._opened.add(to)
        self.streams[f"{decider.name}-{to}"] = Standing(0, decider.stream.initial)
        return to

    def _answer(
        self, decider: AnyDecider, to: str, command: Command, by: Actor, cause: Recorded | None
    ) -> list[tuple[Order, Recorded]]:
        """Record what the aggregate answers; return what policies ask in turn."""
        name = f"{decider.name}-{to}"
        standing = self._stream(name)
        asked = Asked(command, to=to, by=by, at=self.at)
        for head in further_heads(by, standing.deputies):  # who must not refuse it, either
            decider.answer(replace(asked, by=head), standing.state, self)
        answer = decider.answer(asked, standing.state, self)
        pack_version = self.pack_version()
        recorded: list[Recorded] = []
        for event in answer:
            version = standing.version + 1
            happened = self._happened(decider.name, event, to, by)
            state = decider.stream.evolve(standing.state, happened)
            standing = self.streams[name] = standing.then(version, state, by)
            each = self._recorded(happened, name, version, cause, pack_version, state)
            self.events.append(each)
            self._fold(each)
            recorded.append(each)
        return [
            (order, each)
            for each in recorded
            for policy in self._turn.workings.policies_of(type(each.event))
            for order in policy.react(each.happened, self)
        ]

    def _happened(self, kind: str, event: Event, to: str, by: Actor) -> Happened[Any]:
        position = self._turn.position + len(self.events) + 1
        event_id = self._ids.draw(self.at)
        return Happened(
            event, to=to, by=by, at=self.at, event_id=event_id, position=position, kind=kind
        )

    def _recorded(  # noqa: PLR0913, PLR0917 - the columns of the log
        self,
        happened: Happened[Any],
        stream: str,
        version: int,
        cause: Recorded | None,
        pack_version: int,
        state: Any,  # noqa: ANN401 - states differ
    ) -> Recorded:
        return Recorded(
            position=happened.position,
            stream=stream,
            version=version,
            schema_version=happened.event.schema_version,
            happened=happened,
            data=self._turn.workings.codec.encode(happened.event),
            command_id=self._command_id,
            correlation_id=self._submission.request_id,
            causation_id=cause.happened.event_id if cause else None,
            clauses=happened.event.evidence_of(),
            rule_pack_version=pack_version,
            state=state,
        )

    def _fold(self, recorded: Recorded) -> None:
        wanted: list[tuple[Folded, str]] = []
        missing: list[tuple[str, str]] = []
        for table in self._turn.workings.tables_of(type(recorded.event)):
            for key in table.keys(recorded):
                wanted.append((table, key))
                if self._find(table.name, key) is ABSENT:
                    missing.append((table.name, key))
        if missing:
            self._lack(missing)
        for table, key in wanted:
            before = self._find(table.name, key)
            value = table.fold(before, recorded, key)
            if value is before:
                continue
            self.rows[table.name, key] = value
            version = Version(recorded.position, value, opens=before is None)
            self.versions.setdefault((table.name, key), []).append(version)

    def pack_version(self) -> int:
        """The rule pack in force at the instant of the command; 0 before the first."""
        pack = self.state_of(RULE_PACKS, SINGLE).in_force(self.at)
        return 0 if pack is None else pack.version

    def _stream(self, name: str) -> Standing:
        for layer in (self.streams, self._turn.streams, self._turn.memory.streams):
            found = layer.get(name)
            if found is not None:
                return found
        raise NotAtHand(Wanted(streams=(name,)))

    def _row(self, table: str, key: str) -> Any:  # noqa: ANN401 - rows differ
        found = self._find(table, key)
        if found is ABSENT:
            self._lack([(table, key)])
            return self._find(table, key)
        return found

    def _lack(self, rows: Sequence[tuple[str, str]]) -> None:
        """Rows are wanted that are not at hand.

        Raises:
            NotAtHand: they are fetched, and the command is run again.
        """
        raise NotAtHand(Wanted(rows=tuple(rows)))

    def _find(self, table: str, key: str) -> Any:  # noqa: ANN401 - rows differ
        at = (table, key)
        for layer in (self.rows, self._turn.rows, self._turn.memory.rows):
            found = layer.get(at, ABSENT)
            if found is not ABSENT:
                return found
        return None if self._is_of_opened(key) else ABSENT

    def _is_of_opened(self, key: str) -> bool:
        """Whether a key has an id in it that this command drew: nothing can stand there yet."""
        return key[-ID_CHARS:] in self._opened


class Guess(Attempt):
    """One command, tried out for what it wants to know: a row that is not at hand is none."""

    def __init__(self, turn: Turn, at: datetime, submission: Submission, ids: Drawn) -> None:
        super().__init__(turn, at, submission, ids)
        self.missing_streams: list[str] = []
        self.missing_rows: list[tuple[str, str]] = []

    @override
    def _lack(self, rows: Sequence[tuple[str, str]]) -> None:
        self.missing_rows.extend(rows)
        self.rows.update(dict.fromkeys(rows))

    @override
    def _stream(self, name: str) -> Standing:
        try:
            return super()._stream(name)
        except NotAtHand:
            self.missing_streams.append(name)
            raise
