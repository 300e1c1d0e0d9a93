"""The schedule: many stories, one clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.demo.schedule import TOGETHER_MAX, Answer, Due, Pause, Step, Steps, Story, perform

NOON = datetime(2025, 3, 3, 4, tzinfo=UTC)
EVENING = NOON + timedelta(hours=6)


def after(minutes: int) -> datetime:
    """Minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def step(minutes: int, path: str, *, awaited: bool = False) -> Step:
    """A step some minutes after noon."""
    return Step(after(minutes), "u.clerk", path, {}, awaited)


def plain(*steps: Step | Pause) -> Steps:
    """A story that awaits nothing."""
    for each in steps:  # noqa: UP028 - a tuple takes no answers
        yield each


@dataclass
class Service:
    """Answers everything with a running number; keeps what it was asked together."""

    asked: list[list[Due]] = field(default_factory=list)

    async def ask(self, together: Sequence[Due]) -> Sequence[Answer]:
        """Answer each."""
        before = sum(len(each) for each in self.asked)
        self.asked.append(list(together))
        return [{"id": before + n} for n in range(len(together))]

    @property
    def dues(self) -> list[Due]:
        """Everything that was asked, in order."""
        return [due for each in self.asked for due in each]

    @property
    def paths(self) -> list[str]:
        """Where it was asked, in order."""
        return [due.step.path for due in self.dues]


@dataclass
class Watch:
    """Something is over at each of its instants; it keeps when it looked."""

    instants: list[datetime] = field(default_factory=list)
    looked: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def next_at(self) -> datetime:
        """The first of them."""
        return self.instants[0] if self.instants else EVENING + timedelta(days=1)

    async def learn(self) -> None:
        """Nothing new runs."""

    async def look(self, clock: datetime, before: datetime) -> None:
        """All before an instant is said."""
        self.looked.append((clock, before))
        self.instants = [each for each in self.instants if each >= before]


def nothing(_: datetime, __: Answer) -> Sequence[Story]:
    """No answer sets anything off."""
    return ()


async def test_steps_of_all_stories_come_in_the_order_of_time() -> None:
    service = Service()
    stories = [
        Story("a", NOON, plain(step(0, "a1"), step(20, "a2"))),
        Story("b", after(5), plain(step(5, "b1"), step(30, "b2"))),
    ]

    await perform(stories, service.ask, nothing, Watch(), until=EVENING)

    assert service.paths == ["a1", "b1", "a2", "b2"]


async def test_at_one_instant_the_story_told_first_comes_first_and_no_instant_is_shared() -> None:
    service = Service()
    stories = [Story(name, NOON, plain(step(0, name))) for name in ("b", "a", "c")]

    await perform(stories, service.ask, nothing, Watch(), until=EVENING)

    assert service.paths == ["b", "a", "c"]
    assert [due.at for due in service.dues] == [NOON + timedelta(seconds=n) for n in range(3)]


async def test_the_clock_never_goes_back() -> None:
    service = Service()
    stories = [Story("a", after(10), plain(step(10, "a1"), step(2, "a2"), step(30, "a3")))]

    await perform(stories, service.ask, nothing, Watch(), until=EVENING)

    kept = [due.at for due in service.dues]
    assert kept == sorted(kept)
    assert kept[1] == after(10) + timedelta(seconds=1)


async def test_a_story_gets_the_answer_that_it_awaits() -> None:
    service = Service()

    def opens() -> Steps:
        answer = yield step(0, "open", awaited=True)
        yield step(1, f"go-on/{answer['id']}")

    await perform([Story("a", NOON, opens())], service.ask, nothing, Watch(), until=EVENING)

    assert service.paths == ["open", "go-on/0"]


async def test_what_nobody_awaits_travels_with_what_comes_behind_it() -> None:
    service = Service()
    stories = [
        Story("a", NOON, plain(step(0, "a1"), step(1, "a2"))),
        Story("b", after(2), plain(step(2, "b1", awaited=True), step(3, "b2"))),
    ]

    await perform(stories, service.ask, nothing, Watch(), until=EVENING)

    assert [[due.step.path for due in each] for each in service.asked] == [
        ["a1", "a2", "b1"],
        ["b2"],
    ]


async def test_not_more_than_so_many_travel_together() -> None:
    service = Service()
    steps = [step(n, f"a{n}") for n in range(TOGETHER_MAX + 1)]

    await perform([Story("a", NOON, plain(*steps))], service.ask, nothing, Watch(), until=EVENING)

    assert [len(each) for each in service.asked] == [TOGETHER_MAX, 1]


async def test_every_step_has_a_key_of_its_own() -> None:
    service = Service()
    pause = Pause(after(1))
    stories = [Story("a", NOON, plain(step(0, "a1"), pause, step(2, "a2")))]

    await perform(stories, service.ask, nothing, Watch(), until=EVENING)

    assert [due.key for due in service.dues] == ["demo-a-1", "demo-a-2"]


async def test_a_pause_lets_others_go_first() -> None:
    service, seen = Service(), []

    def waits() -> Steps:
        yield Pause(after(10))
        seen.extend(service.paths)
        yield step(11, "a1")

    stories = [
        Story("a", NOON, waits()),
        Story("b", after(5), plain(step(5, "b1", awaited=True))),
    ]
    await perform(stories, service.ask, nothing, Watch(), until=EVENING)

    assert seen == ["b1"]


async def test_what_comes_after_the_curtain_stays_undone() -> None:
    service = Service()
    stories = [Story("a", NOON, plain(step(0, "a1"), step(1, "a2"), step(2, "a3")))]

    await perform(stories, service.ask, nothing, Watch(), until=after(1))

    assert service.paths == ["a1", "a2"]


async def test_an_answer_can_set_off_another_story() -> None:
    service = Service()

    def follow(at: datetime, answer: Answer) -> Sequence[Story]:
        return [Story("b", at, plain(step(5, "b1")))] if answer["id"] == 0 else ()

    stories = [Story("a", NOON, plain(step(0, "a1", awaited=True), step(9, "a2")))]
    await perform(stories, service.ask, follow, Watch(), until=EVENING)

    assert service.paths == ["a1", "b1", "a2"]


async def test_what_nobody_awaits_sets_off_stories_too() -> None:
    service = Service()

    def follow(at: datetime, answer: Answer) -> Sequence[Story]:
        return [Story("b", at, plain(step(5, "b1")))] if answer["id"] == 0 else ()

    await perform(
        [Story("a", NOON, plain(step(0, "a1")))], service.ask, follow, Watch(), until=EVENING
    )

    assert service.paths == ["a1", "b1"]


async def test_what_is_over_is_said_between_the_steps_before_and_behind_it() -> None:
    service, watch = Service(), Watch([after(15)])
    stories = [Story("a", NOON, plain(step(0, "a1"), step(10, "a2"), step(20, "a3")))]

    await perform(stories, service.ask, nothing, watch, until=EVENING)

    assert [[due.step.path for due in each] for each in service.asked] == [["a1", "a2"], ["a3"]]
    assert watch.looked == [(after(10), after(20))]


async def test_what_is_over_before_the_curtain_is_said_at_the_end() -> None:
    service, watch = Service(), Watch([after(90)])

    await perform(
        [Story("a", NOON, plain(step(0, "a1")))], service.ask, nothing, watch, until=EVENING
    )

    assert watch.looked == [(NOON, EVENING)]


async def test_without_stories_nothing_is_asked() -> None:
    service = Service()

    await perform([], service.ask, nothing, Watch(), until=EVENING)

    assert service.asked == []
