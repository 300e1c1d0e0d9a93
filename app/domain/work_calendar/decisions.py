"""What can be asked of the work calendar, why it may say no, and what it answers."""

from collections import Counter
from typing import ClassVar, Final

from pydantic import Field

from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import Invalid
from app.domain.values import Code, Role
from app.domain.work_calendar.events import (
    WORK_CALENDAR,
    DeclaredDay,
    WorkCalendar,
    WorkdaysDeclared,
)


class WorkdayTwice(Invalid):
    """A day is declared once in one notice.

    「同一通知中日期不能重复。」
    """


class DeclareWorkdays(Command):
    """Say of single days whether they are worked, as a notice has it (申报工作日)."""

    clause: ClassVar[str] = "5.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (WorkdayTwice,)

    days: tuple[DeclaredDay, ...] = Field(min_length=1, max_length=400)
    source_ref: Code = Field(description="The notice (通知文号).")


def decide(asked: Asked[DeclareWorkdays], _: WorkCalendar, __: World) -> list[WorkdaysDeclared]:
    """Limits that run already keep their end."""
    for day, times in Counter(each.day for each in asked.command.days).items():
        if times > 1:
            raise WorkdayTwice(field="days", day=day.isoformat())
    return [WorkdaysDeclared(**dict(asked.command))]


work_calendar: Final[Decider[DeclareWorkdays, WorkCalendar, WorkdaysDeclared]] = Decider(
    stream=WORK_CALENDAR,
    decide=decide,
    collection="work-calendar",
    label_zh="工作日历",
    identity="single",
)
