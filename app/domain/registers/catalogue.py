"""Every register of the domain."""

from typing import Any, Final

from app.domain.decider import Register
from app.domain.registers.access_keys import KEYS_OF_PERSON
from app.domain.registers.appeals import OPEN_APPEAL_OF_CLAIM
from app.domain.registers.case_references import (
    CASE_BY_CUSTOMER_REF,
    CASE_BY_SOURCE,
    CASES_MERGED_INTO,
)
from app.domain.registers.claim_references import (
    CLAIM_BY_FILING,
    CLAIM_BY_NOTICE,
    CLAIM_BY_SOURCE,
    CLAIMS_OF_CASE,
)
from app.domain.registers.costs import COST_BY_SOURCE, COST_OF_VISIT, YEAR_COSTS
from app.domain.registers.deadlines import DEADLINES
from app.domain.registers.delegations import DELEGATIONS
from app.domain.registers.deliveries import (
    DELIVERED_PIECES,
    DELIVERY_BY_SOURCE,
    RETURNED_PIECES,
)
from app.domain.registers.escalations import ESCALATIONS_OF_CLAIM, ESCALATIONS_OF_SPEC
from app.domain.registers.implemented_capas import IMPLEMENTED_CAPAS
from app.domain.registers.lot_checks import LOT_CHECKS
from app.domain.registers.numbers import NUMBERS
from app.domain.registers.occurrences import OCCURRENCES, QUARTERS_OF_CAUSE
from app.domain.registers.risk_projects import RISK_PROJECTS
from app.domain.registers.spec_claims import SPEC_CLAIMS
from app.domain.registers.visits import VISITS_OF_CASE

REGISTERS: Final[tuple[Register[Any], ...]] = (
    NUMBERS,
    CASE_BY_SOURCE,
    CASE_BY_CUSTOMER_REF,
    CASES_MERGED_INTO,
    CLAIM_BY_NOTICE,
    CLAIM_BY_SOURCE,
    CLAIM_BY_FILING,
    CLAIMS_OF_CASE,
    OPEN_APPEAL_OF_CLAIM,
    SPEC_CLAIMS,
    ESCALATIONS_OF_CLAIM,
    ESCALATIONS_OF_SPEC,
    DELIVERY_BY_SOURCE,
    DELIVERED_PIECES,
    RETURNED_PIECES,
    IMPLEMENTED_CAPAS,
    LOT_CHECKS,
    RISK_PROJECTS,
    DEADLINES,
    OCCURRENCES,
    QUARTERS_OF_CAUSE,
    YEAR_COSTS,
    COST_BY_SOURCE,
    COST_OF_VISIT,
    VISITS_OF_CASE,
    DELEGATIONS,
    KEYS_OF_PERSON,
)
