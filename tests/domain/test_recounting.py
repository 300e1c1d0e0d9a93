"""A case and a claim say what they are counted as, only when that changes."""

from typing import Final

from app.domain.claim.commands import RecountClaimCost
from app.domain.claim.decisions import claim
from app.domain.claim.refusals import ClaimNotConfirmed
from app.domain.errors import NotFound
from app.domain.feedback_case.events import OccurrenceRecounted
from app.domain.feedback_case.occurrences import RecountOccurrence
from app.domain.feedback_case.state import Occurrence
from tests.domain.cases import APPROVED, CLASSIFIED, DETERMINED, HEADING, NEW_CASE
from tests.domain.test_cost_entry import claimed
from tests.people import CLERK, ENGINEER, POLICY
from tests.spec import Spec

ASKED: Final = POLICY.asks(RecountOccurrence())
COUNTS: Final = OccurrenceRecounted(
    **HEADING, was=None, now=Occurrence(quarter="2025Q1", cause_code="M01")
)


def test_a_case_counts_from_its_cause_on() -> None:
    CLASSIFIED.when(ASKED).then()
    DETERMINED.when(ASKED).then(COUNTS)
    DETERMINED.given(POLICY.did(COUNTS)).when(ASKED).then()
    APPROVED.given(POLICY.did(COUNTS)).when(ASKED).then()


def test_nothing_is_counted_that_was_never_told() -> None:
    NEW_CASE.when(ASKED).then_refused(NotFound)


def test_only_rules_have_a_case_recounted() -> None:
    assert RecountOccurrence.roles == {POLICY.role}
    assert ENGINEER.role not in RecountClaimCost.roles


def test_a_claim_costs_nothing_before_it_is_confirmed() -> None:
    asked = POLICY.asks(RecountClaimCost())

    Spec(claim).when(asked).then_refused(NotFound)
    Spec(claim).given(CLERK.did(claimed())).when(asked).then_refused(ClaimNotConfirmed)
