"""When a time limit ends: its span from an instant on, under the pack and calendar in force."""

from datetime import datetime, timedelta

from app.domain.decider import World
from app.domain.limits import Due, Span, TimeLimits
from app.domain.rule_pack.events import pack_in_force
from app.domain.values import end_of_day, shanghai_day
from app.domain.work_calendar.events import work_calendar_of


def limits_of(world: World) -> TimeLimits:
    """The time limits of the rule pack in force."""
    return pack_in_force(world).figures.time_limits


def ends(world: World, span: Span, since: datetime) -> datetime:
    """Hours end to the second; days and working days at the end of the last one in Shanghai."""
    if span.unit == "HOURS":
        return since + timedelta(hours=span.amount)
    day = shanghai_day(since)
    if span.unit == "DAYS":
        return end_of_day(day + timedelta(days=span.amount))
    return end_of_day(work_calendar_of(world).after(day, span.amount))


def due(
    world: World, limit: str, span: Span, since: datetime, *, latest: datetime | None = None
) -> Due:
    """A limit as the event that starts it keeps it; a customer's own limit wins when earlier."""
    end = ends(world, span, since)
    return Due(
        limit=limit,
        due_at=end if latest is None else min(end, latest),
        calendar=work_calendar_of(world).words if span.unit == "WORKING_DAYS" else None,
    )
