"""Things that happen independently of one another, each in a few steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import Final

from hypothesis import strategies as st

from app.domain.decider import Command
from app.domain.feedback_case.commands import (
    AcknowledgeFeedback,
    ApproveRootCause,
    ClassifyFeedback,
    ConfirmQuantity,
    MergeCase,
    RegisterFeedback,
)
from app.domain.feedback_case.state import Channel, LifePhase, Severity
from app.domain.return_list.commands import (
    AnnounceReturn,
    AuthorizeReturn,
    ConcludeNtf,
    ReceiveReturn,
    RecordPartFinding,
)
from app.domain.return_list.state import (
    AnnouncedLine,
    NtfResult,
    PartResult,
    PartStage,
    ReceivedLine,
)
from app.domain.values import Category
from tests.domain.counting import (
    REASON,
    adjust,
    cancel,
    determine,
    dispute,
    judge,
    occurred_rather_on,
    reject,
    spend,
    spent_rather,
    split,
    void,
    withdraw,
)
from tests.people import CLERK, ENGINEER, QUALITY_MANAGER, STOREKEEPER, Person
from tests.turns import House, claim_confirmed, reclassified

Step = Callable[[], object]
KINDS: Final = (
    "case", "another cause", "rejected", "quantity", "void", "merge", "class", "day",
    "claim", "adjusted", "cancelled", "withdrawn", "ntf", "fault", "cost", "other cost",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """One of them: what, when, how much, and who is to blame."""

    kind: str
    on: date
    cause: str
    category: Category
    pieces: int
    fen: int
    company_bps: int | None


facts: Final = st.builds(
    Fact,
    kind=st.sampled_from(KINDS),
    on=st.sampled_from((date(2025, 3, 31), date(2025, 4, 1), date(2025, 4, 2))),
    cause=st.sampled_from(("M01", "M02", "N01")),
    category=st.sampled_from((Category.PRODUCT, Category.PRODUCT, Category.PACKAGING)),
    pieces=st.integers(1, 6),
    fen=st.integers(1, 500_00),
    company_bps=st.sampled_from((None, 0, 1, 3_333, 10_000)),
)


def mixed(stories: Sequence[Sequence[Step]], random: Random) -> list[Step]:
    """All at once: each in its own order, one between the other."""
    turns = [number for number, story in enumerate(stories) for _ in story]
    random.shuffle(turns)
    left = [iter(story) for story in stories]
    return [next(left[number]) for number in turns]


class Telling:
    """What people do about a fact, one after the other."""

    def __init__(self, house: House, fact: Fact, number: int) -> None:
        self.house, self.fact = house, fact
        self.spec = f"TC 85×105×10 FKM {number}"
        self.ids: dict[str, str] = {}

    def steps(self) -> Sequence[Step]:
        """By the kind of the fact."""
        house, fact, ids = self.house, self.fact, self.ids
        case: list[Step] = [
            self.tell,
            self.classify,
            lambda: self.ask(AcknowledgeFeedback(channel=Channel.PHONE), CLERK),
            lambda: determine(house, ids["case"], fact.cause),
            lambda: self.ask(ApproveRootCause(), QUALITY_MANAGER),
            lambda: judge(house, ids["case"], fact.company_bps),
        ]
        claim: list[Step] = [*case, self.claim, lambda: split(house, ids["claim"])]
        disputed: list[Step] = [*claim, lambda: dispute(house, ids["claim"])]
        others: dict[str, list[Step]] = {
            "case": case,
            "another cause": [*case, lambda: determine(house, ids["case"], "M03")],
            "rejected": [
                *case,
                lambda: determine(house, ids["case"], "M03"),
                lambda: reject(house, ids["case"]),
            ],
            "quantity": [self.tell, self.classify, self.count],
            "void": [*case, lambda: void(house, ids["case"])],
            "merge": [*case, self.tell_again],
            "class": [*case, lambda: reclassified(house, ids["case"], Category.TRANSPORT)],
            "day": [*case, lambda: occurred_rather_on(house, ids["case"], date(2025, 1, 1))],
            "claim": claim,
            "adjusted": [*disputed, lambda: adjust(house, ids["claim"], fact.fen + 1, 4_567)],
            "cancelled": [*disputed, lambda: cancel(house, ids["claim"])],
            "withdrawn": [*case, self.claim, lambda: withdraw(house, ids["claim"])],
            "ntf": [self.tell, self.classify, self.come_back, self.test, self.conclude],
            "fault": [self.tell, self.classify, self.come_back, self.test],
            "cost": [self.pay],
            "other cost": [
                self.pay,
                lambda: spent_rather(house, ids["cost"], fact.fen + 1, date(2024, 12, 31)),
            ],
        }
        return others[fact.kind]

    def tell(self, to: str = "case") -> None:
        """A case comes in."""
        on = self.fact.on
        register = RegisterFeedback(
            customer_id="C01",
            channel=Channel.PHONE,
            received_at=datetime(on.year, on.month, on.day, 1, tzinfo=UTC),
            occurred_on=on,
            life_phase=LifePhase.FIELD,
            spec_code=self.spec,
            failure_mode="Oil leaks at the lip.",
            qty_reported=self.fact.pieces,
            description="Found on the road.",
        )
        self.ids[to] = self.house.asked(register, CLERK).to

    def ask(self, command: Command, by: Person) -> None:
        """Something is asked of the case."""
        self.house.asked(command, by, self.ids["case"])

    def classify(self) -> None:
        """The clerk says what it is."""
        self.ask(ClassifyFeedback(category=self.fact.category, severity=Severity.GENERAL), CLERK)

    def tell_again(self) -> None:
        """It is told once more, and seen to be the same."""
        self.tell("again")
        kind = ClassifyFeedback(category=self.fact.category, severity=Severity.GENERAL)
        self.house.asked(kind, CLERK, self.ids["again"])
        self.ask(MergeCase(into=self.ids["again"], reason=REASON), ENGINEER)

    def count(self) -> None:
        """QA counts the pieces."""
        self.ask(ConfirmQuantity(qty_confirmed=7 - self.fact.pieces, basis=REASON), ENGINEER)

    def claim(self) -> None:
        """The customer wants money, on a specification of its own: no third claim comes of it."""
        said = {"cases": (self.ids["case"],), "failure_on": self.fact.on}
        self.ids["claim"] = claim_confirmed(self.house, self.fact.fen, self.spec, **said)

    def pay(self) -> None:
        """Something else cost money."""
        self.ids["cost"] = spend(self.house, self.fact.fen, self.fact.on)

    def come_back(self) -> None:
        """A part comes back."""
        announce = AnnounceReturn(
            case_id=self.ids["case"],
            customer_id="C01",
            reason=REASON,
            lines=(AnnouncedLine(line=1, spec_code=self.spec, qty_announced=1),),
        )
        self.ids["return"] = self.house.asked(announce, CLERK).to
        self.house.asked(AuthorizeReturn(authorisation_no="RMA-1"), ENGINEER, self.ids["return"])
        here = ReceiveReturn(
            location="Q-1", lines=(ReceivedLine(line=1, qty_received=1),), final=True
        )
        self.house.asked(here, STOREKEEPER, self.ids["return"])

    def test(self) -> None:
        """The part fails, or passes both tests."""
        faulty = self.fact.kind == "fault"
        for stage in (PartStage.STANDARD,) if faulty else (PartStage.STANDARD, PartStage.LOAD):
            finding = RecordPartFinding(
                line=1,
                part=1,
                stage=stage,
                result=PartResult.NOK if faulty else PartResult.OK,
                criteria_ref="TC-7",
                evidence=("IMG-1",),
            )
            self.house.asked(finding, ENGINEER, self.ids["return"])

    def conclude(self) -> None:
        """Nothing was found."""
        ntf = ConcludeNtf(
            line=1, part=1, result=NtfResult.NTF, criteria_ref="TC-7", customer_agreed=True
        )
        self.house.asked(ntf, ENGINEER, self.ids["return"])
