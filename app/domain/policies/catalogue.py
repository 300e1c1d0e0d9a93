"""Every policy, in the order in which they react to one event."""

from typing import Final

from app.domain.decider import Policy
from app.domain.policies.answer_escalations import answer_escalations
from app.domain.policies.count_costs import count_costs
from app.domain.policies.count_occurrences import count_occurrences
from app.domain.policies.escalate_claims import escalate_claims
from app.domain.policies.recount_claims import recount_claims
from app.domain.policies.watch_targets import watch_targets

POLICIES: Final[tuple[Policy, ...]] = (
    recount_claims,
    escalate_claims,
    answer_escalations,
    count_occurrences,
    count_costs,
    watch_targets,
)
