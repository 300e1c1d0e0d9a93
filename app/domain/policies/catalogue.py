"""Every policy, in the order in which they react to one event."""

from typing import Final

from app.domain.decider import Policy
from app.domain.policies.answer_escalations import answer_escalations
from app.domain.policies.count_costs import count_costs
from app.domain.policies.count_occurrences import count_occurrences
from app.domain.policies.count_visit_costs import count_visit_costs
from app.domain.policies.detect_batch_problems import detect_batch_problems
from app.domain.policies.escalate_claims import escalate_claims
from app.domain.policies.hand_over_keys import hand_over_keys
from app.domain.policies.judge_recurrences import judge_recurrences
from app.domain.policies.object_by_appeal import object_by_appeal
from app.domain.policies.open_risk_projects import open_risk_projects
from app.domain.policies.open_transport_cases import open_transport_cases
from app.domain.policies.recount_claims import recount_claims
from app.domain.policies.watch_targets import watch_targets

POLICIES: Final[tuple[Policy, ...]] = (
    open_transport_cases,
    recount_claims,
    object_by_appeal,
    escalate_claims,
    answer_escalations,
    judge_recurrences,
    detect_batch_problems,
    open_risk_projects,
    count_occurrences,
    count_costs,
    count_visit_costs,
    watch_targets,
    hand_over_keys,
)
