"""Only product matters count (R-05): when a case changes its class, its claims look anew."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.claim.commands import LinkCase, WithdrawClaim
from app.domain.claim.events import CLAIM, ClaimRecounted
from app.domain.escalation.events import (
    ClaimLinkedToEscalation,
    EscalationBasisChanged,
    EscalationRaised,
)
from app.domain.feedback_case.commands import ClassifyFeedback, MergeCase
from app.domain.feedback_case.state import Severity
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.values import Category
from tests.domain.claims import REASON, S_A
from tests.people import CLERK, ENGINEER
from tests.turns import (
    House,
    claim_confirmed,
    claim_verified,
    close_escalation,
    feedback,
    noon_of,
    reclassified,
)

PRODUCT, PACKAGING = Category.PRODUCT, Category.PACKAGING


@pytest.fixture
def house() -> House:
    """An empty log."""
    return House()


def recounts(house: House) -> list[tuple[Any, bool]]:
    """Which classes claims were found to be of, and whether they count."""
    return [(each.category, each.counts) for each in house.happened(ClaimRecounted)]


def told(house: House) -> list[tuple[int, int]]:
    """What escalations were told of their counts."""
    return [(e.old_observed, e.new_observed) for e in house.happened(EscalationBasisChanged)]


def merged(house: House, case: str, into: str) -> None:
    """QA counts one case as part of another."""
    house.asked(MergeCase(into=into, reason="The same matter."), ENGINEER, case)


# --- which claims look ----------------------------------------------------------------------


def test_a_class_that_is_given_is_taken_over(house: House) -> None:
    case = feedback(house, category=None)
    claim = claim_confirmed(house, 80_00, cases=(case,))
    kind = ClassifyFeedback(category=PACKAGING, severity=Severity.GENERAL)
    house.asked(kind, CLERK, case)

    assert recounts(house) == [(PACKAGING, False)]
    assert house.state_of(CLAIM, claim).category is PACKAGING


def test_every_claim_of_the_case_looks_and_no_other(house: House) -> None:
    case, other = feedback(house), feedback(house)
    first = claim_confirmed(house, 80_00, cases=(case,))
    claim_confirmed(house, 80_00, cases=(other,))
    third = claim_verified(house, 80_00, cases=(case,))
    reclassified(house, case, PACKAGING)

    recounted = [e.happened.to for e in house.events if isinstance(e.event, ClaimRecounted)]
    assert recounted == [first, third]


def test_one_product_matter_is_enough(house: House) -> None:
    both = feedback(house), feedback(house)
    claim_confirmed(house, 80_00, cases=both)
    reclassified(house, both[0], PACKAGING)
    assert recounts(house) == []

    reclassified(house, both[1], PACKAGING)
    assert recounts(house) == [(PACKAGING, False)]


def test_a_case_that_is_linked_may_make_it_count(house: House) -> None:
    claim = claim_confirmed(house, 80_00, cases=(feedback(house, PACKAGING),))
    case = feedback(house)
    house.asked(LinkCase(case_id=case), CLERK, claim)

    assert recounts(house) == [(PRODUCT, True)]
    reclassified(house, case, PACKAGING)
    assert recounts(house) == [(PRODUCT, True), (PACKAGING, False)]


def test_a_merged_case_is_of_the_class_of_the_one_that_goes_on_now_and_later(
    house: House,
) -> None:
    case, goes_on, last = feedback(house), feedback(house, PACKAGING), feedback(house)
    claim_confirmed(house, 80_00, cases=(case,))
    merged(house, case, goes_on)
    assert recounts(house) == [(PACKAGING, False)]

    reclassified(house, goes_on, PRODUCT)
    assert recounts(house)[1:] == [(PRODUCT, True)]
    merged(house, goes_on, last)
    reclassified(house, last, PACKAGING)
    assert recounts(house)[2:] == [(PACKAGING, False)]


def test_a_claim_about_both_sides_of_a_merger_looks_once(house: House) -> None:
    both = feedback(house), feedback(house)
    claim_confirmed(house, 80_00, cases=both)
    merged(house, both[0], both[1])
    reclassified(house, both[1], PACKAGING)

    assert recounts(house) == [(PACKAGING, False)]


def test_a_claim_that_ended_does_not_count_again(house: House) -> None:
    case = feedback(house, PACKAGING)
    claim = claim_confirmed(house, 80_00, cases=(case,))
    house.asked(WithdrawClaim(reason=REASON), CLERK, claim)
    reclassified(house, case, PRODUCT)

    assert recounts(house) == []


# --- what follows for escalations -----------------------------------------------------------


def test_the_third_claim_may_be_one_that_counts_late(house: House) -> None:
    case = feedback(house, PACKAGING)
    late = claim_confirmed(house, 80_00, cases=(case,))
    for _ in range(2):
        claim_confirmed(house, 80_00)
    assert house.happened(EscalationRaised) == []

    reclassified(house, case, PRODUCT)
    (raised,) = house.happened(EscalationRaised)
    assert (raised.claim_id, raised.reasons[0].decision.observed) == (late, 3)


def test_a_claim_that_counts_late_is_linked_to_what_is_open(house: House) -> None:
    case = feedback(house, PACKAGING)
    late = claim_confirmed(house, 80_00, cases=(case,))
    for _ in range(3):
        claim_confirmed(house, 80_00)
    reclassified(house, case, PRODUCT)

    (linked,) = house.happened(ClaimLinkedToEscalation)
    assert (linked.claim_id, linked.decision.observed) == (late, 4)
    assert told(house) == []


def test_an_amount_is_not_asked_again(house: House) -> None:
    case = feedback(house, PACKAGING)
    claim_confirmed(house, 500_01, cases=(case,))
    reclassified(house, case, PRODUCT)

    (raised,) = house.happened(EscalationRaised)
    assert [each.code for each in raised.reasons] == ["AMOUNT"]
    assert told(house) == []


def test_to_another_class_and_back_the_escalation_is_told_twice(house: House) -> None:
    case = feedback(house)
    for _ in range(2):
        claim_confirmed(house, 80_00)
    claim_confirmed(house, 80_00, cases=(case,))
    reclassified(house, case, PACKAGING)
    assert told(house) == [(3, 2)]
    reclassified(house, case, PRODUCT)

    assert told(house) == [(3, 2), (2, 3)]
    assert len(house.happened(EscalationRaised)) == 1
    assert house.happened(ClaimLinkedToEscalation) == []


def test_a_claim_that_was_linked_and_counts_again_is_not_linked_twice(house: House) -> None:
    case = feedback(house)
    for _ in range(3):
        claim_confirmed(house, 80_00)
    claim_confirmed(house, 80_00, cases=(case,))
    for category in (PACKAGING, PRODUCT):
        reclassified(house, case, category)

    assert len(house.happened(ClaimLinkedToEscalation)) == 1
    assert told(house) == [(4, 3), (3, 4)]


def test_the_same_claims_do_not_raise_a_second_one_when_the_first_was_closed(
    house: House,
) -> None:
    case = feedback(house)
    claim = claim_confirmed(house, 80_00, cases=(case,))
    for _ in range(2):
        claim_confirmed(house, 80_00)
    raised = next(e for e in house.events if isinstance(e.event, EscalationRaised))
    close_escalation(house, raised.happened.to)
    reclassified(house, case, PACKAGING)
    assert told(house) == [(3, 2)]
    assert claim not in {e.claim_id for e in house.happened(EscalationRaised)}

    claim_confirmed(house, 80_00, S_A)
    assert len(house.happened(EscalationRaised)) == 2


def test_the_claim_that_raised_a_closed_one_does_not_raise_another_when_it_is_back(
    house: House,
) -> None:
    case = feedback(house)
    for _ in range(2):
        claim_confirmed(house, 80_00)
    claim_confirmed(house, 80_00, cases=(case,))
    raised = next(e for e in house.events if isinstance(e.event, EscalationRaised))
    close_escalation(house, raised.happened.to)
    for category in (PACKAGING, PRODUCT):
        reclassified(house, case, category)

    assert len(house.happened(EscalationRaised)) == 1
    assert told(house) == [(3, 2), (2, 3)]


def test_an_escalation_that_was_raised_meanwhile_gets_the_claim_that_is_back(
    house: House,
) -> None:
    case = feedback(house)
    for _ in range(3):
        claim_confirmed(house, 80_00)
    back = claim_confirmed(house, 80_00, cases=(case,))
    first = next(e for e in house.events if isinstance(e.event, EscalationRaised))
    reclassified(house, case, PACKAGING)
    close_escalation(house, first.happened.to)
    claim_confirmed(house, 80_00)
    reclassified(house, case, PRODUCT)

    _, second = house.happened(EscalationRaised)
    (_, linked) = house.happened(ClaimLinkedToEscalation)
    assert (linked.claim_id, linked.escalation_no) == (back, second.escalation_no)
    assert linked.decision.observed == 5


def test_what_was_closed_is_not_told_of_claims_that_came_after_it(house: House) -> None:
    first = claim_confirmed(house, 80_00)
    for _ in range(2):
        claim_confirmed(house, 80_00)
    (raised,) = (e for e in house.events if isinstance(e.event, EscalationRaised))
    close_escalation(house, raised.happened.to)
    house.at += timedelta(days=1)
    for _ in range(2):
        claim_confirmed(house, 80_00)
    house.asked(WithdrawClaim(reason=REASON), CLERK, first)

    assert told(house) == [(3, 2), (5, 4)]


def test_a_claim_of_last_year_counts_late_in_its_own_year() -> None:
    house = House(at=noon_of(date(2024, 12, 1)))
    case = feedback(house, PACKAGING)
    late = claim_confirmed(house, 80_00, cases=(case,))
    for _ in range(2):
        claim_confirmed(house, 80_00)
    house.at = noon_of(date(2025, 3, 3))
    claim_confirmed(house, 80_00)
    reclassified(house, case, PRODUCT)

    (raised,) = house.happened(EscalationRaised)
    (reason,) = raised.reasons
    assert (raised.claim_id, reason.window, reason.decision.observed) == (late, "2024", 3)
    assert reason.counted_on == date(2024, 12, 31)


def test_a_claim_that_left_a_rolling_window_counts_late_for_nothing() -> None:
    rolling = FIRST_FIGURES.model_copy(update={"spec_claims_window": "ROLLING_365D"})
    house = House(rolling, noon_of(date(2024, 3, 3)))
    case = feedback(house, PACKAGING)
    claim_confirmed(house, 80_00, cases=(case,))
    house.at = noon_of(date(2025, 3, 3))
    for _ in range(3):
        claim_confirmed(house, 80_00)
    reclassified(house, case, PRODUCT)

    assert len(house.happened(EscalationRaised)) == 1
    assert house.happened(ClaimLinkedToEscalation) == []
    assert told(house) == []
