"""Given what people did, when one asks, then this happens, or it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import reduce
from typing import Any, Final, Generic

import pytest

from app.domain.decider import (
    SINGLE,
    Asked,
    C,
    Decider,
    Event,
    F,
    Happened,
    Register,
    S,
    Stream,
    V,
)
from app.domain.errors import DomainError, WrongRole
from app.domain.rule_pack.events import RULE_PACKS, RulePackAdopted
from app.domain.rule_pack.first import FIRST_FIGURES
from tests.people import NOON, ONE, POLICY

FIRST_PACK: Final = POLICY.did(
    RulePackAdopted(
        version=1,
        procedure_revision="A0",
        effective_from=datetime(2000, 1, 1, tzinfo=UTC),
        figures=FIRST_FIGURES,
    ),
    to=SINGLE,
)


@dataclass(frozen=True)
class Around:
    """The world of a spec: every stream that something happened to, folded when asked for."""

    at: datetime
    events: tuple[tuple[str, Happened[Any]], ...] = ()

    @property
    def position(self) -> int:
        """See `World.position`."""
        return len(self.events)

    def state_of(self, stream: Stream[S, Any], to: str) -> S:
        """See `World.state_of`."""
        own = (h for name, h in self.events if name == stream.name and h.to == to)
        return reduce(stream.evolve, own, stream.initial)

    def entry_in(self, register: Register[V], key: str) -> V | None:
        """See `World.entry_in`."""
        value: V | None = None
        for _, happened in self.events:
            if isinstance(happened.event, register.event_types) and key in register.keys(happened):
                value = register.fold(value, happened, key)
        return value


@dataclass(frozen=True)
class Spec(Generic[C, S, F]):
    """A sentence about an aggregate: `Spec(claim).given(...).when(...).then(...)`."""

    decider: Decider[C, S, F]
    history: tuple[Happened[F], ...] = ()
    elsewhere: tuple[tuple[str, Happened[Any]], ...] = ((RULE_PACKS.name, FIRST_PACK),)
    asked: Asked[C] | None = None
    to: str = field(default=ONE)

    def given(self, *history: Happened[F]) -> "Spec[C, S, F]":
        """What people did before to this one, in order. Adds to what was given."""
        to = history[0].to if history else self.to
        return replace(self, history=self.history + history, to=to)

    def around(
        self, streams: Mapping[Stream[Any, Any], tuple[Happened[Any], ...]]
    ) -> "Spec[C, S, F]":
        """What happened to others before."""
        others = tuple((stream.name, each) for stream, own in streams.items() for each in own)
        return replace(self, elsewhere=self.elsewhere + others)

    def when(self, asked: Asked[C]) -> "Spec[C, S, F]":
        """What one asks now."""
        return replace(self, asked=asked)

    def then(self, *events: F) -> None:
        """What happens, all of it, in this order.

        Time limits are compared where the sentence spells them out, and else left aside.
        """
        answer = self.answer()
        spoken = [
            each if told.due else each.model_copy(update={"due": ()})
            for each, told in zip(answer, events, strict=False)
        ]
        assert spoken + answer[len(events) :] == list(events)

    def then_refused(self, error: type[DomainError], **details: Any) -> None:  # noqa: ANN401
        """Why it does not happen; nothing does. The command must announce the refusal."""
        with pytest.raises(error) as refusal:
            self.answer()
        assert details.items() <= refusal.value.details.items()
        assert self.asked is not None
        announced = (*self.asked.command.refusals, WrongRole)
        assert type(refusal.value) in announced, f"{type(self.asked.command)} hides {error}"

    def answer(self) -> list[F]:
        """What the aggregate answers."""
        assert self.asked is not None, "say when(...) before then(...)"
        own = tuple((self.decider.name, each) for each in self.history)
        world = Around(self.asked.at, self.elsewhere + own)
        return list(self.decider.answer(self.asked, self.state(), world))

    def state(self) -> S:
        """What the history adds up to."""
        return reduce(self.decider.stream.evolve, self.history, self.decider.stream.initial)


def happened_at_noon(event: Event) -> Happened[Any]:
    """An event that a policy is to react to."""
    return Happened(event, to=ONE, by=POLICY.actor, at=NOON)
