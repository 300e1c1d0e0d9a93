"""The time limits of a feedback case, as its events start them. Clauses 4.2.1 to 4.2.3.

A customer's own limit always wins when it is earlier.
"""

from datetime import datetime

from app.domain.decider import World
from app.domain.due import due, limits_of
from app.domain.feedback_case.shared import QUALITY_CLASSES
from app.domain.feedback_case.state import FeedbackCase
from app.domain.limits import Due
from app.domain.values import Category


def due_when_registered(
    world: World, received_at: datetime, customer_deadline: datetime | None
) -> tuple[Due, ...]:
    """T1, and the customer's own limit (R-11) where there is one."""
    first = due(
        world, "T1", limits_of(world).acknowledgement, received_at, latest=customer_deadline
    )
    own = () if customer_deadline is None else (Due(limit="T20", due_at=customer_deadline),)
    return (first, *own)


def due_when_classified(world: World, category: Category, case: FeedbackCase) -> tuple[Due, ...]:
    """T2, T3, T4 and T8, counted from the receipt, for a matter of quality."""
    if category not in QUALITY_CLASSES:
        return ()
    spans = limits_of(world)
    since, latest = case.received_at, case.customer_deadline
    return (
        due(world, "T2", spans.hand_over, since),
        due(world, "T3", spans.first_reply, since, latest=latest),
        due(world, "T4", spans.handling_plan, since, latest=latest),
        due(world, "T8", spans.complete_analysis, since, latest=latest),
    )
