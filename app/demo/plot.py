"""Everything that a demo tells: which cases come in when, and what sets off what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from app.demo.absences import absences
from app.demo.cases import handle_case, tell_again
from app.demo.chance import Chance
from app.demo.claims import ClaimFacts, draw_claim, handle_claim
from app.demo.deliveries import Goods, deliveries, ship
from app.demo.diary import Diary, local
from app.demo.escalations import handle_escalation
from app.demo.facts import CaseFacts, CaseFile, Kind, draw_case
from app.demo.foundations import foundations
from app.demo.injected import (
    BATCH_QUARTERS,
    QUARTER,
    RESTATED_BECAUSE,
    RESTATED_ON,
    RESTATED_QUARTER,
    batch,
    batch_goods,
    injected,
)
from app.demo.projects import work_on_project
from app.demo.reports import reports, restate
from app.demo.sales import book_costs, sales
from app.demo.schedule import Answer, Story
from app.demo.visits import ask_customers

CASES: Final[Mapping[str, int]] = {"Q1": 49, "Q2": 63, "Q3": 71, "Q4": 57}
"""Cases of chance in the quarters of a year: 240."""
CASES_BESIDE_THE_STORIES: Final[Mapping[str, int]] = {
    "2025Q1": 32, "2025Q2": 60, "2025Q3": 67, "2025Q4": 53,
}  # fmt: skip
"""With the 28 cases of the stories it is 240 as well."""
UUID_LENGTH: Final = 36
TOLD_AGAIN_AFTER: Final = timedelta(days=1, hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is told: from when, of which quarters, up to when."""

    begins_on: date
    quarters: tuple[str, ...]
    years: tuple[int, ...]
    first_failure_on: date
    """The first agreements cover failures from this day on."""
    ends_at: datetime
    """Some days after the last quarter; what is not done by then is left for the reader."""

    @property
    def years_told(self) -> tuple[int, ...]:
        """The years of its quarters."""
        return tuple(dict.fromkeys(int(each[:4]) for each in self.quarters))


def cases_in(quarter: str) -> int:
    """How many cases of chance a quarter has."""
    return CASES_BESIDE_THE_STORIES.get(quarter) or CASES[quarter[4:]]


def _quarters(first_year: int, last_year: int) -> tuple[str, ...]:
    return tuple(f"{year}{each}" for year in range(first_year, last_year + 1) for each in CASES)


TINY: Final = Extent(
    begins_on=date(2024, 12, 30),
    quarters=("2025Q1",),
    years=(2024, 2025),
    first_failure_on=date(2024, 1, 1),
    ends_at=local(date(2025, 4, 2), 18),
)
SMALL: Final = Extent(
    begins_on=date(2024, 1, 2),
    quarters=_quarters(2024, 2025),
    years=(2024, 2025),
    first_failure_on=date(2024, 1, 1),
    ends_at=local(date(2026, 1, 6), 18),
)
MEDIUM: Final = Extent(
    begins_on=date(2016, 1, 4),
    quarters=_quarters(2016, 2025),
    years=tuple(range(2016, 2026)),
    first_failure_on=date(2016, 1, 1),
    ends_at=local(date(2026, 1, 6), 18),
)


@dataclass(slots=True)
class Plot:
    """The stories of an extent, and those that answers set off."""

    extent: Extent
    seed: int
    book: dict[str, ClaimFacts] = field(default_factory=dict)
    """Every registered claim by its id."""

    def stories(self) -> Iterator[Story]:
        """Everything that begins by itself."""
        yield from foundations(self.seed, self.extent.begins_on, self.extent.years)
        yield from reports(self.seed, self.extent.begins_on, self.extent.ends_at.date())
        yield from sales(self.seed, self.extent.quarters, self.extent.ends_at.date())
        yield from deliveries(self.seed, self.extent.quarters)
        yield from ask_customers(self.seed, self.extent.quarters)
        yield from absences(self.seed, self.extent.years_told)
        for quarter in self.extent.quarters:
            if quarter == QUARTER:
                yield self._restated()
                for told in injected(self.seed):
                    yield from self._case(told.facts, told.claim)
            if quarter in BATCH_QUARTERS:
                year = int(quarter[:4])
                told = batch(self.seed, year)
                yield self._shipped(batch_goods(year))
                yield from self._case(told.facts, told.claim)
            yield from self._quarter(quarter)

    def follow(self, at_: datetime, answer: Answer) -> Iterator[Story]:
        """An escalation that was raised is worked on by those who look after the claim."""
        claim_id = ""
        for event in answer["events"]:
            stream, id_ = event["stream"], event["stream"][-UUID_LENGTH:]
            if stream.startswith("claim-"):
                claim_id = id_
            if event["type"] == "EscalationRaised":
                claim = self.book[claim_id]
                chance = Chance(self.seed, f"{claim.name}-escalation")
                steps = handle_escalation(id_, claim, at_, chance)
                yield Story(f"escalation-{id_}", at_, steps)
            if event["type"] == "RiskControlProjectOpened":
                chance = Chance(self.seed, f"project-{id_}")
                yield Story(f"project-{id_}", at_, work_on_project(id_, at_, chance))

    def _quarter(self, quarter: str) -> Iterator[Story]:
        before: tuple[CaseFacts, CaseFile] | None = None
        first_on = self.extent.first_failure_on
        for number in range(1, cases_in(quarter) + 1):
            name = f"{quarter}-{number:03d}"
            facts = draw_case(Chance(self.seed, name), name, quarter, first_on=first_on)
            if facts.kind is Kind.TWICE and before is not None:
                yield self._again(name, *before)
                before = None
                continue
            if facts.kind is Kind.TWICE:
                facts = replace(facts, kind=Kind.FAILURE)
            claim = None
            if facts.kind is Kind.FAILURE:
                claim = draw_claim(Chance(self.seed, f"{name}-claim"), facts)
            file = CaseFile()
            yield from self._case(facts, claim, file)
            before = (facts, file) if facts.kind is Kind.FAILURE else None

    def _case(
        self, facts: CaseFacts, claim: ClaimFacts | None, file: CaseFile | None = None
    ) -> Iterator[Story]:
        file = file or CaseFile()
        chance = Chance(self.seed, f"{facts.name}-steps")
        visiting = Chance(self.seed, f"{facts.name}-visit")
        yield Story(facts.name, facts.begins_at, handle_case(facts, file, chance, visiting))
        if facts.kind is Kind.FAILURE:
            chance = Chance(self.seed, f"{facts.name}-costs")
            yield Story(f"{facts.name}-costs", facts.received_at, book_costs(facts, file, chance))
        if claim is not None:
            chance = Chance(self.seed, f"{claim.name}-steps")
            diary = Diary(chance, facts.received_at)
            steps = handle_claim(claim, file, self.book, diary, chance)
            yield Story(claim.name, facts.received_at, steps)

    def _shipped(self, goods: Goods) -> Story:
        """A delivery that a story needs."""
        chance, begins_at = Chance(self.seed, goods.name), local(goods.leaves_on, 8, 30)
        return Story(goods.name, begins_at, ship(goods, Diary(chance, begins_at), chance))

    def _restated(self) -> Story:
        """ST5: the quarter before is frozen anew when the late fact has moved it."""
        begins_at = local(RESTATED_ON, 8)
        diary = Diary(Chance(self.seed, "ST5-restated"), begins_at)
        steps = restate(RESTATED_QUARTER, RESTATED_BECAUSE, diary)
        return Story("ST5-restated", begins_at, steps)

    def _again(self, name: str, first: CaseFacts, file: CaseFile) -> Story:
        """The case before, told a second time."""
        begins_at = first.received_at + TOLD_AGAIN_AFTER
        facts = replace(first, name=name, kind=Kind.TWICE, received_at=begins_at)
        chance = Chance(self.seed, f"{name}-steps")
        return Story(name, begins_at, tell_again(facts, file, chance))
