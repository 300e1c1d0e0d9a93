"""What the events of a feedback case share: a heading, and which time limits they keep."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from typing_extensions import override

from app.domain.decider import Event
from app.domain.feedback_case.state import ReplyStage
from app.domain.values import Category, Code, CustomerId, SpecCode

QUALITY_CLASSES: Final = frozenset({Category.PRODUCT, Category.PACKAGING, Category.TRANSPORT})
"""Classes that QA works on; the others are answered by Sales. Clause 4.2.1."""
QUALITY_LIMITS: Final = ("T2", "T3", "T4", "T8")
CASE_LIMITS: Final = ("T1", *QUALITY_LIMITS, "T7", "T20")
REPLY_KEEPS: Final[Mapping[ReplyStage, tuple[str, ...]]] = {
    ReplyStage.ACK: ("T1",),
    ReplyStage.D3: ("T1", "T3"),
    ReplyStage.D5: ("T1", "T3", "T8"),
    ReplyStage.FINAL: ("T1", "T3", "T8", "T20"),
}
"""The time limits that a reply keeps."""


class CaseEvent(Event):
    """What every event after the first says again, so that readers need no other stream."""

    case_no: Code
    customer_id: CustomerId
    spec_code: SpecCode
    occurred_on: date


class CaseEnded(CaseEvent):
    """Nothing of the case is due any more."""

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`."""
        return CASE_LIMITS
