"""What R-01 counts a case as: the one event that moves the count. Clause 3.7."""

from typing import ClassVar

from pydantic import Field

from app.domain.feedback_case.shared import CaseEvent
from app.domain.feedback_case.state import Occurrence


class OccurrenceRecounted(CaseEvent):
    """The case counts under another cause or quarter now, or no longer (R-01)."""

    clause: ClassVar[str] = "3.7"

    was: Occurrence | None = Field(description="What it was counted as; none: not at all.")
    now: Occurrence | None
