"""The numbers by which others know a feedback case: the source system's, the customer's."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from app.domain.decider import Happened, Register
from app.domain.feedback_case.events import CaseMerged, FeedbackRegistered
from app.domain.registers.sources import reference_key, source_keys


class CaseReference(BaseModel):
    """Which case it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case_id: str
    case_no: str


def _customer_keys(happened: Happened[FeedbackRegistered]) -> list[str]:
    event = happened.event
    if event.customer_ref is None:
        return []
    return [reference_key(event.customer_id, event.customer_ref)]


def _first(
    earlier: CaseReference | None, happened: Happened[FeedbackRegistered], _: str
) -> CaseReference:
    return earlier or CaseReference(case_id=happened.to, case_no=happened.event.case_no)


def _into(happened: Happened[CaseMerged]) -> list[str]:
    return [happened.event.into]


def _one_more(cases: list[str] | None, happened: Happened[CaseMerged], _: str) -> list[str]:
    return [*(cases or []), happened.to]


CASE_BY_SOURCE: Final[Register[CaseReference]] = Register(
    name="case_by_source",
    value_type=CaseReference,
    event_types=(FeedbackRegistered,),
    keys=source_keys,
    fold=_first,
)
"""The case by (source_system, external_ref): its natural key."""

CASE_BY_CUSTOMER_REF: Final[Register[CaseReference]] = Register(
    name="case_by_customer_ref",
    value_type=CaseReference,
    event_types=(FeedbackRegistered,),
    keys=_customer_keys,
    fold=_first,
)
"""The first case by (customer_id, customer_ref): a hint at duplicates."""

CASES_MERGED_INTO: Final[Register[list[str]]] = Register(
    name="cases_merged_into",
    value_type=list[str],
    event_types=(CaseMerged,),
    keys=_into,
    fold=_one_more,
)
"""The cases that were merged into one, by the id of the one that goes on."""
