"""Many stories at once: each asks when its time has come, and the clock never goes back.

A story is a generator of steps; a step is one command. It is sent the answer to a step that it
awaits, so that it can go on with the ids that the service gave. Steps that nobody awaits travel
together with those behind them, in order: many commands, one turn at the log.
"""

from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final, Protocol, TypeAlias, TypeVar

Json: TypeAlias = dict[str, Any]
Answer: TypeAlias = Mapping[str, Any]

TICK: Final = timedelta(seconds=1)
"""No two commands share an instant."""
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
NOTHING: Final[Answer] = {}
"""What a pause is answered with, and a step that is not awaited."""
TOGETHER_MAX: Final = 64
"""Steps that travel together."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command: when, by whom, where to, and what it says."""

    at: datetime
    by: str
    path: str
    body: Json
    awaited: bool = False
    """Whether the story needs the answer to go on."""
    in_the_name_of: str | None = None
    """Who lent the role that is asked with."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A look at how far others are, at that time."""

    at: datetime


T = TypeVar("T")
StepsTo: TypeAlias = Generator[Step | Pause, Answer, T]
"""Steps that lead to something."""
Steps: TypeAlias = StepsTo[None]


@dataclass(frozen=True, slots=True)
class Story:
    """Steps with a name; nothing of them is looked at before they begin."""

    name: str
    begins_at: datetime
    steps: Steps


@dataclass(frozen=True, slots=True)
class Due:
    """A step whose time has come, under its idempotency key."""

    at: datetime
    key: str
    step: Step


Ask: TypeAlias = Callable[[Sequence[Due]], Awaitable[Sequence[Answer]]]
"""Sends steps, which happen in their order, and answers each."""
Follow: TypeAlias = Callable[[datetime, Answer], Iterable[Story]]
"""The stories that an answer sets off."""


class Watching(Protocol):
    """Whoever says which time limits are over."""

    @property
    def next_at(self) -> datetime:
        """When something is over next, as far as is known."""

    async def learn(self) -> None:
        """See what runs by now."""

    async def look(self, clock: datetime, before: datetime) -> None:
        """Say what is over before an instant, and not before the clock."""


@dataclass(slots=True)
class Running:
    """A story under way, and its next step; None before it has begun."""

    story: Story
    step: Step | Pause | None = None
    asked: int = 0


@dataclass(slots=True)
class Agenda:
    """What comes next: by time, then by the order in which the stories were added."""

    waiting: list[tuple[datetime, int, Running]] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)
    clock: datetime = LONG_AGO

    def add(self, story: Story) -> None:
        """A story that is yet to begin."""
        heappush(self.waiting, (story.begins_at, next(self.numbers), Running(story)))

    def next(self) -> tuple[datetime, int, Running]:
        """Whatever is due first."""
        return heappop(self.waiting)

    def due(self, running: Running, step: Step) -> Due:
        """A step at its instant: its own, or the next that is free."""
        self.clock = max(step.at, self.clock + TICK)
        running.asked += 1
        return Due(self.clock, f"demo-{running.story.name}-{running.asked}", step)

    def go_on(self, number: int, running: Running, answer: Answer | None) -> None:
        """Have a story say its next step; without one it is over."""
        try:
            steps = running.story.steps
            running.step = next(steps) if answer is None else steps.send(answer)
        except StopIteration:
            return
        heappush(self.waiting, (running.step.at, number, running))


@dataclass(slots=True)
class Post:
    """Takes steps and sends them together; between them, the house says what is over."""

    agenda: Agenda
    ask: Ask
    follow: Follow
    watch: Watching
    together: list[Due] = field(default_factory=list)

    async def take(self, running: Running, step: Step) -> Answer:
        """Take one more step; its answer, when it is awaited."""
        await self.look(step.at)
        due = self.agenda.due(running, step)
        self.together.append(due)
        if step.awaited:
            return await self.send()
        if len(self.together) == TOGETHER_MAX:
            await self.send()
        return NOTHING

    async def send(self) -> Answer:
        """Send what was taken; the last answer."""
        sent, self.together = self.together, []
        answers = await self.ask(sent) if sent else []
        for due, answer in zip(sent, answers, strict=True):
            for each in self.follow(due.at, answer):
                self.agenda.add(each)
        await self.watch.learn()
        return answers[-1] if answers else NOTHING

    async def look(self, before: datetime) -> None:
        """Have the house say what is over before an instant, behind all that was taken."""
        if self.watch.next_at < before:
            await self.send()
            await self.watch.look(self.agenda.clock, before)


async def perform(
    stories: Iterable[Story], ask: Ask, follow: Follow, watch: Watching, *, until: datetime
) -> None:
    """Play all stories up to an instant; what would come later stays undone.

    Args:
        stories: in the order that decides between steps of one instant.
        ask: sends steps; an answer that is awaited goes to its story.
        follow: the stories that an answer sets off.
        watch: says which time limits are over.
        until: when the curtain falls.
    """
    agenda = Agenda()
    post = Post(agenda, ask, follow, watch)
    for story in stories:
        agenda.add(story)
    while agenda.waiting or post.together:
        if not agenda.waiting:
            await post.send()
            continue
        at, number, running = agenda.next()
        if at > until:
            running.story.steps.close()
            continue
        match running.step:
            case None:
                answer = None
            case Pause():
                answer = NOTHING
            case Step() as step:
                answer = await post.take(running, step)
        agenda.go_on(number, running, answer)
    await post.look(until)
