"""What can happen to the work calendar, and which days are working days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Annotated, ClassVar, Final

import holidays
from pydantic import BaseModel, ConfigDict, Field

from app.domain.decider import SINGLE, Event, Happened, Stream, World
from app.domain.values import Code

LIBRARY: Final = f"CN holidays {version('holidays')}"
"""Which days the library knew: limits that it counted say so."""
DAYS_MAX: Final = 3_660
"""A limit of working days that is not over after ten years is a fault of a figure."""


class DeclaredDay(BaseModel):
    """One day, worked or not, whatever the library says of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: date
    working: Annotated[bool, Field(strict=True)]
    note: Annotated[str, Field(max_length=200)] | None = None


class WorkdaysDeclared(Event):
    """A notice says which days are worked."""

    clause: ClassVar[str] = "5.5"

    days: tuple[DeclaredDay, ...]
    source_ref: Code


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Days that were declared, by day in ISO form; the last declaration counts."""

    declared: Mapping[str, bool] = field(default_factory=dict)
    last_source_ref: str | None = None
    """The notice that was declared last."""

    @property
    def words(self) -> str:
        """What days are counted by: the library as of its version, and the last notice."""
        declared = "" if self.last_source_ref is None else f"; declared {self.last_source_ref}"
        return LIBRARY + declared

    def is_working(self, day: date) -> bool:
        """Whether a day is worked: as declared, else as the library knows it."""
        declared = self.declared.get(day.isoformat())
        return _is_working(day) if declared is None else declared

    def after(self, day: date, working_days: int) -> date:
        """The n-th working day after a day; the day itself does not count."""
        for _ in range(DAYS_MAX):
            if working_days == 0:
                return day
            day += timedelta(days=1)
            working_days -= self.is_working(day)
        raise AssertionError(f"no {working_days} working days after {day}")


@lru_cache(maxsize=4_096)
def _is_working(day: date) -> bool:
    return bool(_china().is_working_day(day))


@lru_cache(maxsize=1)
def _china() -> holidays.HolidayBase:
    return holidays.country_holidays("CN")


def evolve(calendar: WorkCalendar, happened: Happened[WorkdaysDeclared]) -> WorkCalendar:
    """Apply one event."""
    new = {each.day.isoformat(): each.working for each in happened.event.days}
    return WorkCalendar(
        declared={**calendar.declared, **new}, last_source_ref=happened.event.source_ref
    )


WORK_CALENDAR: Final = Stream(name="work-calendar", initial=WorkCalendar(), evolve=evolve)


def work_calendar_of(world: World) -> WorkCalendar:
    """The calendar as it stands."""
    return world.state_of(WORK_CALENDAR, SINGLE)
