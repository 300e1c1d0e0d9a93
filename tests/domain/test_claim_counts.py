"""R-05 over any history: what is counted is what a plain recount finds, and one is open at most."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from hypothesis import event as note
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim.commands import WithdrawClaim
from app.domain.claim.events import CLAIM, ClaimStatus
from app.domain.claim.objections import ApproveProposal, ProposeCancellation, RaiseDispute
from app.domain.errors import DomainError
from app.domain.escalation.events import (
    ESCALATION,
    ClaimLinkedToEscalation,
    EscalationRaised,
    EscalationStatus,
)
from app.domain.registers.spec_claims import Window, spec_count
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.rules import Figures
from app.domain.values import Category
from tests.domain.claims import REASON, S_A, S_B
from tests.people import CLERK, GENERAL_MANAGER, SALES, TECHNICIAN
from tests.turns import (
    House,
    claim_confirmed,
    close_escalation,
    feedback,
    noon_of,
    reclassified,
)

CUSTOMERS: Final = ("C01", "C02")
GONE: Final = {ClaimStatus.CANCELLED, ClaimStatus.WITHDRAWN}


@dataclass
class Life:
    """A house, and what people have had to do with so far."""

    house: House
    claims: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)

    def claim(self, specs: tuple[str, ...], customer: str, days: int) -> None:
        """A claim is confirmed some days later; one of C01 has a case of its own."""
        self.house.at += timedelta(days=days)
        cases: tuple[str, ...] = ()
        if customer == "C01":
            self.cases.append(feedback(self.house))
            cases = (self.cases[-1],)
        to = claim_confirmed(self.house, 80_00, *specs, customer=customer, cases=cases)
        self.claims.append(to)

    def cancel(self, number: int) -> None:
        """Engineering proposes to cancel a disputed claim, the general manager approves."""
        to = self.claims[number % len(self.claims)]
        self.house.asked(RaiseDispute(grounds="It was paid."), SALES, to)
        self.house.asked(ProposeCancellation(reason=REASON), TECHNICIAN, to)
        self.house.asked(ApproveProposal(), GENERAL_MANAGER, to)

    def withdraw(self, number: int) -> None:
        """The customer takes a claim back."""
        to = self.claims[number % len(self.claims)]
        self.house.asked(WithdrawClaim(reason=REASON), CLERK, to)

    def reclassify(self, number: int, category: Category) -> None:
        """QA finds that a case is another kind of matter."""
        reclassified(self.house, self.cases[number % len(self.cases)], category)

    def close(self, number: int) -> None:
        """The general manager closes an escalation."""
        raised = escalations(self.house)
        close_escalation(self.house, raised[number % len(raised)])


def escalations(house: House) -> list[str]:
    """Their ids, oldest first."""
    return [e.happened.to for e in house.events if isinstance(e.event, EscalationRaised)]


numbers: Final = st.integers(0, 20)
specs: Final = st.sampled_from([(S_A,), (S_B,), (S_A, S_B)])
classes: Final = st.sampled_from([Category.PRODUCT, Category.PACKAGING])
confirmations: Final = st.tuples(
    st.just("claim"), specs, st.sampled_from(CUSTOMERS), st.integers(0, 60)
)
steps: Final = st.one_of(
    confirmations,
    confirmations,
    st.tuples(st.just("cancel"), numbers),
    st.tuples(st.just("withdraw"), numbers),
    st.tuples(st.just("reclassify"), numbers, classes),
    st.tuples(st.just("close"), numbers),
)
stories: Final = st.tuples(
    st.lists(confirmations, min_size=2, max_size=6), st.lists(steps, min_size=4, max_size=16)
).map(lambda parts: [*parts[0], *parts[1]])
"""Some claims first, so that there is something to cancel and to close."""
packs: Final = st.builds(
    lambda window, alone, unit: FIRST_FIGURES.model_copy(
        update={
            "spec_claims_window": window,
            "spec_claims_per_customer": alone,
            "spec_claims_unit": unit,
        }
    ),
    st.sampled_from(["AGREEMENT_YEAR", "QUARTER", "ROLLING_365D"]),
    st.booleans(),
    st.sampled_from(["CLAIMS", "PIECES"]),
)


def recount(life: Life, spec: str, window: Window, day: date) -> int:
    """How many claims count, asked of every claim as it stands."""
    first = window.days(day)[0]
    found = 0
    for to in life.claims:
        claim = life.house.state_of(CLAIM, to)
        assert claim.confirmation is not None
        found += (
            claim.counts
            and claim.status not in GONE
            and first <= claim.confirmation.confirmed_on <= day
            and window.customer_id in {None, claim.customer_id}
            and spec in {each.spec_code for each in claim.specs}
        )
    return found


def check(life: Life, figures: Figures) -> None:
    """What holds after every step."""
    house, today = life.house, life.house.at.date()
    for spec in (S_A, S_B):
        for customer in CUSTOMERS:
            window = Window.around(today, customer, figures)
            counted = spec_count(house, spec, window, today)
            assert counted.claims == recount(life, spec, window, today)
            assert counted.pieces == counted.claims
            assert len(set(counted.evidence)) == min(counted.claims, 20)
    still_open = Counter(
        (ground.spec_code, ground.window)
        for state in (house.state_of(ESCALATION, each) for each in escalations(house))
        if state.status is not EscalationStatus.CLOSED
        for ground in state.reasons
    )
    assert all(many == 1 for many in still_open.values())


@given(stories, packs)
def test_the_count_is_a_plain_recount_and_one_escalation_is_open_at_most(
    told: list[tuple[Any, ...]], figures: Figures
) -> None:
    life = Life(House(figures, noon_of(date(2025, 1, 1))))
    for name, *arguments in told:
        try:
            getattr(life, name)(*arguments)
        except (DomainError, ZeroDivisionError):
            continue  # there was nothing yet, or not any more
        check(life, figures)
    note(f"escalations: {len(escalations(life.house))}")
    note(f"linked: {bool(life.house.happened(ClaimLinkedToEscalation))}")


@given(stories, packs)
def test_what_an_open_escalation_rests_on_is_what_is_counted_now(
    told: list[tuple[Any, ...]], figures: Figures
) -> None:
    life = Life(House(figures, noon_of(date(2025, 1, 1))))
    for name, *arguments in told:
        try:
            getattr(life, name)(*arguments)
        except (DomainError, ZeroDivisionError):
            continue
        for each in escalations(life.house):
            state = life.house.state_of(ESCALATION, each)
            if state.status is EscalationStatus.CLOSED:
                continue
            for ground in state.reasons:
                assert ground.spec_code is not None
                assert ground.window is not None
                assert ground.counted_on is not None
                observed = recount(life, ground.spec_code, Window(ground.window), ground.counted_on)
                assert ground.observed_now == observed
