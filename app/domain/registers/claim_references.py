"""The numbers by which others know a claim: the customer's notice, the source system's, QA's."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from app.domain.claim.events import CaseLinked, ClaimFiled, ClaimRegistered
from app.domain.decider import Happened, Register
from app.domain.registers.sources import reference_key, source_keys


class ClaimReference(BaseModel):
    """Which claim it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim_id: str
    claim_no: str


def _notice_keys(happened: Happened[ClaimRegistered]) -> list[str]:
    return [reference_key(happened.event.customer_id, happened.event.notice_no)]


def _filing_keys(happened: Happened[ClaimFiled]) -> list[str]:
    return [happened.event.filing_no]


def _first(
    earlier: ClaimReference | None, happened: Happened[ClaimRegistered | ClaimFiled], _: str
) -> ClaimReference:
    return earlier or ClaimReference(claim_id=happened.to, claim_no=happened.event.claim_no)


def _case_keys(happened: Happened[ClaimRegistered | CaseLinked]) -> list[str]:
    event = happened.event
    return list(event.case_ids) if isinstance(event, ClaimRegistered) else [event.case_id]


def _one_more(
    claims: list[str] | None, happened: Happened[ClaimRegistered | CaseLinked], _: str
) -> list[str]:
    return [*(claims or []), happened.to]


CLAIM_BY_NOTICE: Final[Register[ClaimReference]] = Register(
    name="claim_by_notice",
    value_type=ClaimReference,
    event_types=(ClaimRegistered,),
    keys=_notice_keys,
    fold=_first,
)
"""The claim by (customer_id, notice_no): a notice is claimed once."""

CLAIM_BY_SOURCE: Final[Register[ClaimReference]] = Register(
    name="claim_by_source",
    value_type=ClaimReference,
    event_types=(ClaimRegistered,),
    keys=source_keys,
    fold=_first,
)
"""The claim by (source_system, external_ref): its natural key."""

CLAIM_BY_FILING: Final[Register[ClaimReference]] = Register(
    name="claim_by_filing",
    value_type=ClaimReference,
    event_types=(ClaimFiled,),
    keys=_filing_keys,
    fold=_first,
)
"""The claim by its filing number (归档号)."""

CLAIMS_OF_CASE: Final[Register[list[str]]] = Register(
    name="claims_of_case",
    value_type=list[str],
    event_types=(ClaimRegistered, CaseLinked),
    keys=_case_keys,
    fold=_one_more,
)
"""The claims that are about a feedback case, by the case's id."""
