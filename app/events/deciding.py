"""Has a batch decided in order of arrival, fetching what is not at hand in few round trips."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from app.domain.decider import NotAtHand
from app.domain.errors import DomainError, Invalid
from app.domain.values import Role
from app.events.ids import NewId
from app.events.memory import Drawn, Wanted, all_of
from app.events.store import Head, Key, Log, Outcome
from app.events.turn import Accepted, Submission, TimeWentBack, Turn

FETCHES_MAX: Final = 50
"""Times that one command may send for what is not at hand; more is a fault of ours."""


class KeyReused(Invalid):
    """The idempotency key was used before, with another request.

    Use a new key for a new request; repeat a key only with the same body and the same address.

    「幂等键已被另一请求使用。」
    """


class NotAlone(Exception):
    """It was asked together with a command that was refused: nothing of them happened."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """The key led to this before."""

    outcome: Outcome


Answer: TypeAlias = Accepted | Replayed
Verdict: TypeAlias = Answer | DomainError | NotAlone


@dataclass(frozen=True, slots=True, eq=False)
class Pending:
    """A command that waits, under its key, for its answer."""

    submission: Submission
    key: Key
    fingerprint: bytes
    expires: float
    answer: "asyncio.Future[Answer]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    then: tuple["Pending", ...] = ()
    """Those behind it that happen with it or not at all; they wait in its place."""

    @property
    def together(self) -> tuple["Pending", ...]:
        """It and those that happen with it."""
        return (self, *self.then)


class Deciding:
    """Has a batch decided in order of arrival, fetching what is not at hand in few round trips."""

    def __init__(  # noqa: PLR0913, PLR0917 - what a batch is decided with
        self,
        turn: Turn,
        log_: Log,
        head: Head,
        known: dict[Key, Outcome],
        instant: Callable[[Submission, datetime | None], datetime],
        new_id: NewId,
    ) -> None:
        self._turn = turn
        self._log = log_
        self._known = known
        self._instant = instant
        self.sandbox_at = head.sandbox_at
        self.new: dict[Key, Outcome] = {}
        self._new_id = new_id
        self._ids: dict[Pending, Drawn] = {}

    async def all(self, batch: Sequence[Pending]) -> list[Verdict]:
        """An answer for each, and for each that happens with it, in order."""
        waiting = [each for first in batch for each in first.together]
        answers: list[Verdict] = []
        for first in batch:
            if first.then:
                answers += await self._together(waiting, len(answers), len(first.together))
            else:
                answers.append(await self._decided(waiting, len(answers)))
        return answers

    async def _together(self, waiting: Sequence[Pending], begin: int, size: int) -> list[Verdict]:
        """Answers for commands that all happen, or none: what they led to is taken back."""
        mark, new, sandbox_at = self._turn.mark(), dict(self.new), self.sandbox_at
        range_ = range(begin, begin + size)
        answers: list[Verdict] = [await self._decided(waiting, index) for index in range_]
        if not any(isinstance(each, DomainError) for each in answers):
            return answers
        self._turn.back_to(mark)
        self.new, self.sandbox_at = new, sandbox_at
        for number, index in enumerate(range_):
            key = waiting[index].key
            if not isinstance(answers[number], DomainError) and self._before(key) is None:
                answers[number] = NotAlone()
        return answers

    async def _decided(self, waiting: Sequence[Pending], index: int) -> Answer | DomainError:
        pending = waiting[index]
        for _ in range(FETCHES_MAX):
            try:
                return self._one(pending)
            except NotAtHand as miss:
                await self._fetch([_wanted_of(miss), *self._wanted(waiting[index:])])
            except DomainError as refusal:
                return refusal
        raise AssertionError(f"never at hand: {pending.submission.command!r}")

    def _before(self, key: Key) -> Outcome | None:
        """What a key led to before."""
        return self._known.get(key) or self.new.get(key)

    def _one(self, pending: Pending) -> Answer:
        before = self._before(pending.key)
        if before is not None:
            if before.fingerprint != pending.fingerprint:
                raise KeyReused
            return Replayed(before)
        submission = pending.submission
        at = self._instant(submission, self.sandbox_at)
        if submission.at is not None and at < self._turn.last_recorded_at:
            raise TimeWentBack(stands_at=self._turn.last_recorded_at.isoformat())
        accepted = self._turn.run(submission, at, self._ids_of(pending))
        if submission.at is not None and submission.by.role is not Role.SYSTEM:
            self.sandbox_at = at  # the first start asks as SYSTEM, and does not move the clock
        self.new[pending.key] = Outcome(
            fingerprint=pending.fingerprint,
            decider=accepted.decider,
            to=accepted.to,
            revision=accepted.revision,
            first_position=accepted.first_position,
            last_position=accepted.last_position,
        )
        return accepted

    def _wanted(self, later: Sequence[Pending]) -> Iterator[Wanted]:
        """What this command and those behind will want: fetched in the same trip.

        Streams of records that commands are about are wanted before all else.
        """
        unread = [stream for each in later if (stream := self._unread(each)) is not None]
        if unread:
            yield Wanted(streams=tuple(unread))
            return
        for pending in later:
            if pending.key not in self._known:
                at = self._instant(pending.submission, self.sandbox_at)
                yield self._turn.wanted_by(pending.submission, at, self._ids_of(pending))

    def _unread(self, pending: Pending) -> str | None:
        """The stream of the record that a command is about, where it is not at hand."""
        asked = pending.submission
        name = f"{asked.decider}-{asked.to}"
        known = asked.to is None or self._turn.knows(name) or pending.key in self._known
        return None if known else name

    def _ids_of(self, pending: Pending) -> Drawn:
        return self._ids.setdefault(pending, Drawn(self._new_id))

    async def _fetch(self, each_wants: Iterable[Wanted]) -> None:
        wanted = all_of(each_wants)
        memory, workings = self._turn.memory, self._turn.workings
        if wanted.streams:
            for name, events in (await self._log.streams(wanted.streams)).items():
                memory.streams[name] = workings.state_after(name, events)
        tables: dict[str, list[str]] = {}
        for table, key in wanted.rows:
            tables.setdefault(table, []).append(key)
        by_table = sorted(tables.items())
        memory.rows.update(
            await self._log.rows_of([(workings.tables[name], keys) for name, keys in by_table])
        )


def _wanted_of(miss: NotAtHand) -> Wanted:
    if not isinstance(miss.wanted, Wanted):
        raise TypeError(miss.wanted)
    return miss.wanted
