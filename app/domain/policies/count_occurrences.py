"""Clause 3.7: whenever something may change what a case counts as, the case says it anew (R-01)."""

from collections.abc import Sequence
from typing import Final

from app.domain.decider import Happened, Order, Policy, World
from app.domain.feedback_case.events import (
    FEEDBACK_CASE,
    CaseMerged,
    CaseVoided,
    FeedbackCorrected,
    FeedbackReclassified,
    ResponsibilityJudged,
    RootCauseApproved,
    RootCauseDetermined,
    RootCauseRejected,
)
from app.domain.feedback_case.occurrences import RecountOccurrence

OccurrenceMoved = (
    RootCauseDetermined
    | RootCauseApproved
    | RootCauseRejected
    | ResponsibilityJudged
    | FeedbackReclassified
    | FeedbackCorrected
    | CaseVoided
    | CaseMerged
)


def react(happened: Happened[OccurrenceMoved], world: World) -> Sequence[Order]:
    """Ask the case, unless it counts as it did."""
    case = world.state_of(FEEDBACK_CASE, happened.to)
    if case.occurrence == case.counted_as:
        return ()
    return [Order(FEEDBACK_CASE.name, RecountOccurrence(), to=happened.to)]


count_occurrences: Final = Policy(
    name="count_occurrences",
    event_types=(
        RootCauseDetermined,
        RootCauseApproved,
        RootCauseRejected,
        ResponsibilityJudged,
        FeedbackReclassified,
        FeedbackCorrected,
        CaseVoided,
        CaseMerged,
    ),
    react=react,
)
