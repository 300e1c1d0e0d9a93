"""When people do things: on working days of the company's calendar, in office hours."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from app.demo.chance import Chance
from app.domain.values import SHANGHAI
from app.domain.work_calendar.events import WorkCalendar

OPENS: Final = time(8, 0)
CLOSES: Final = time(17, 30)

_CALENDAR: Final = WorkCalendar()
"""As the library knows it: shifted weekends included."""


def works_on(day: date) -> bool:
    """Whether the company works on a day."""
    return _CALENDAR.is_working(day)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant by the company's wall clock."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def utc(instant: datetime) -> str:
    """An instant as the API takes it."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def next_working_day(day: date, days: int = 1) -> date:
    """So many working days later; none gives the day itself, or the first one to work on."""
    while days > 0 or not works_on(day):
        day += timedelta(days=1)
        if works_on(day):
            days -= 1
    return day


class Diary:
    """The instants of one story, each after the one before."""

    def __init__(self, chance: Chance, begins_at: datetime) -> None:
        self._chance = chance
        self.at = begins_at.astimezone(SHANGHAI)

    def minutes(self, least: int, most: int) -> datetime:
        """Minutes later; what would end up after hours is done the next morning."""
        wanted = self.at + timedelta(seconds=self._chance.whole(least * 60, most * 60))
        if works_on(wanted.date()) and OPENS <= wanted.time() < CLOSES:
            self.at = wanted
        elif works_on(wanted.date()) and wanted.time() < OPENS:
            self.at = self._morning(wanted.date())
        else:
            self.at = self._morning(next_working_day(wanted.date()))
        return self.at

    def days(self, least: int, most: int) -> datetime:
        """Working days later, at any hour of the day; on the same day, some hours later."""
        days = self._chance.whole(least, most)
        if days == 0:
            return self.minutes(40, 240)
        seconds = self._chance.whole(10 * 60, 9 * 3600)
        day = next_working_day(self.at.date(), days)
        self.at = local(day, OPENS.hour) + timedelta(seconds=seconds)
        return self.at

    def not_before(self, instant: datetime) -> None:
        """Wait at least until then."""
        self.at = max(self.at, instant.astimezone(SHANGHAI))

    def _morning(self, day: date) -> datetime:
        return local(day, OPENS.hour) + timedelta(seconds=self._chance.whole(300, 5400))
