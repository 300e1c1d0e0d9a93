"""Clause 4.5: only product matters count against a specification.

When a case changes its class or is merged, or a claim is linked to one more case, the claims
look whether they still count. What follows for escalations follows from their answer.
"""

from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from app.domain.claim.commands import RecountClaim
from app.domain.claim.events import CLAIM, CaseLinked
from app.domain.decider import Happened, Order, Policy, World
from app.domain.feedback_case.events import (
    CaseMerged,
    FeedbackClassified,
    FeedbackReclassified,
)
from app.domain.registers.case_references import CASES_MERGED_INTO
from app.domain.registers.claim_references import CLAIMS_OF_CASE

ClassMoved = CaseLinked | FeedbackClassified | FeedbackReclassified | CaseMerged


def react(happened: Happened[ClassMoved], world: World) -> Sequence[Order]:
    """Have every claim that may be concerned look anew."""
    event = happened.event
    match event:
        case CaseLinked():
            return [Order(CLAIM.name, RecountClaim(), to=happened.to)]
        case FeedbackClassified() | FeedbackReclassified() | CaseMerged():
            claims = dict.fromkeys(_claims_about(happened.to, world))
            return [Order(CLAIM.name, RecountClaim(), to=each) for each in claims]
        case _:
            assert_never(event)


def _claims_about(case_id: str, world: World) -> Iterator[str]:
    """The claims about a case, and about the cases that were merged into it."""
    yield from world.entry_in(CLAIMS_OF_CASE, case_id) or []
    for merged in world.entry_in(CASES_MERGED_INTO, case_id) or []:
        yield from _claims_about(merged, world)


recount_claims: Final = Policy(
    name="recount_claims",
    event_types=(CaseLinked, FeedbackClassified, FeedbackReclassified, CaseMerged),
    react=react,
)
