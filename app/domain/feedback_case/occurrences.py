"""R-01 counts cases: what a case counts as, said again whenever that changes. Clause 3.7."""

from typing import ClassVar

from app.domain.decider import Command
from app.domain.errors import NotFound
from app.domain.feedback_case.counted import OccurrenceRecounted
from app.domain.feedback_case.facts import FeedbackCaseEvent
from app.domain.feedback_case.standing import heading
from app.domain.feedback_case.state import FeedbackCase
from app.domain.values import Role


class RecountOccurrence(Command):
    """See what the case counts as, by its cause and its day (重新计入原因次数)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NotFound,)


def recount(case: FeedbackCase) -> list[FeedbackCaseEvent]:
    """Say what it counts as now, if that is something else; also of a case that is over."""
    was, now = case.counted_as, case.occurrence
    return [] if was == now else [OccurrenceRecounted(**heading(case), was=was, now=now)]
