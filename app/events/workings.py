"""Everything that a turn works with: who decides, who reacts, what is kept in step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeAlias

from app.domain.decider import Decider, Event, Policy
from app.events.codec import Codec
from app.events.folding import Folded
from app.events.memory import Standing
from app.events.recorded import Recorded

AnyDecider: TypeAlias = Decider[Any, Any, Any]


class Workings:
    """Everything that a turn works with, put together once in main."""

    def __init__(
        self,
        deciders: Sequence[AnyDecider],
        policies: Sequence[Policy],
        tables: Sequence[Folded],
    ) -> None:
        self.deciders: Mapping[str, AnyDecider] = {each.name: each for each in deciders}
        self.tables: Mapping[str, Folded] = {each.name: each for each in tables}
        self.codec = Codec(each.stream for each in deciders)
        self.policies_of: Callable[[type[Event]], tuple[Policy, ...]] = cache(
            lambda type_: tuple(p for p in policies if issubclass(type_, p.event_types))
        )
        self.tables_of: Callable[[type[Event]], tuple[Folded, ...]] = cache(
            lambda type_: tuple(t for t in tables if issubclass(type_, t.event_types))
        )

    def evolved(self, recorded: Recorded, state: Any | None) -> Recorded:  # noqa: ANN401
        """The event with what its aggregate adds up to after it.

        Args:
            recorded: as it was read from the log.
            state: the aggregate's state before it; None when it is the first.
        """
        stream = self.deciders[self.codec.stream_of[recorded.type]].stream
        before = stream.initial if state is None else state
        return replace(recorded, state=stream.evolve(before, recorded.happened))

    def state_after(self, name: str, events: Sequence[Recorded]) -> Standing:
        """How a stream stands after its events."""
        kinds = (each for each in self.deciders if name.startswith(f"{each}-"))
        decider = self.deciders[max(kinds, key=len)]
        standing = Standing(0, decider.stream.initial)
        for version, each in enumerate(events, start=1):
            state = decider.stream.evolve(standing.state, each.happened)
            standing = standing.then(version, state, each.happened.by)
        return standing
