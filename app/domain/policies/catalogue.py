"""Every policy, in the order in which they react to one event."""

from typing import Final

from app.domain.decider import Policy
from app.domain.policies.answer_escalations import answer_escalations
from app.domain.policies.escalate_claims import escalate_claims
from app.domain.policies.object_by_appeal import object_by_appeal
from app.domain.policies.recount_claims import recount_claims

POLICIES: Final[tuple[Policy, ...]] = (
    recount_claims,
    escalate_claims,
    answer_escalations,
    object_by_appeal,
)
