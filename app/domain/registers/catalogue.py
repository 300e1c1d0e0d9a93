"""Every register of the domain."""

from typing import Any, Final

from app.domain.decider import Register
from app.domain.registers.case_references import CASE_BY_CUSTOMER_REF, CASE_BY_SOURCE
from app.domain.registers.claim_references import (
    CLAIM_BY_FILING,
    CLAIM_BY_NOTICE,
    CLAIM_BY_SOURCE,
    CLAIMS_OF_CASE,
)
from app.domain.registers.costs import COST_BY_SOURCE, YEAR_COSTS
from app.domain.registers.deadlines import DEADLINES
from app.domain.registers.escalations import ESCALATIONS_OF_CLAIM, ESCALATIONS_OF_SPEC
from app.domain.registers.numbers import NUMBERS
from app.domain.registers.occurrences import OCCURRENCES, QUARTERS_OF_CAUSE
from app.domain.registers.spec_claims import SPEC_CLAIMS

REGISTERS: Final[tuple[Register[Any], ...]] = (
    NUMBERS,
    CASE_BY_SOURCE,
    CASE_BY_CUSTOMER_REF,
    CLAIM_BY_NOTICE,
    CLAIM_BY_SOURCE,
    CLAIM_BY_FILING,
    CLAIMS_OF_CASE,
    SPEC_CLAIMS,
    ESCALATIONS_OF_CLAIM,
    ESCALATIONS_OF_SPEC,
    DEADLINES,
    OCCURRENCES,
    QUARTERS_OF_CAUSE,
    YEAR_COSTS,
    COST_BY_SOURCE,
)
