"""When the general manager is away, and who acts in his name. Clause 3.

He travels in the last week of every February; the technical director may acknowledge escalations
for him, and nothing else.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from app.demo.chance import Chance
from app.demo.diary import Diary, local, next_working_day, utc
from app.demo.people import GENERAL_MANAGER, TECHNICAL_DIRECTOR
from app.demo.schedule import Json, Step, Steps, Story


def _week(year: int) -> tuple[datetime, datetime]:
    """From the last Monday of February that has all its week in it, to the Saturday."""
    last = date(year, 2, 28) - timedelta(days=4)
    monday = last - timedelta(days=last.weekday())
    return local(monday, 0), local(monday + timedelta(days=5), 0)


def is_away(at: datetime) -> bool:
    """Whether the general manager travels then."""
    from_at, until_at = _week(at.year)
    return from_at <= at < until_at


def absences(seed: int, years: tuple[int, ...]) -> Iterator[Story]:
    """One delegation a year, granted some days before."""
    for year in years:
        from_at, until_at = _week(year)
        name = f"absence-{year}"
        begins_at = local(next_working_day(from_at.date() - timedelta(days=7), 0), 10)
        diary = Diary(Chance(seed, name), begins_at)
        yield Story(name, begins_at, _lend(from_at, until_at, diary))


def _lend(from_at: datetime, until_at: datetime, diary: Diary) -> Steps:
    body: Json = {
        "to_person": TECHNICAL_DIRECTOR,
        "role": "GENERAL_MANAGER",
        "from_at": utc(from_at),
        "until_at": utc(until_at),
        "commands": ["AcknowledgeEscalation"],
        "reason": "Visits customers abroad.",
    }
    yield Step(diary.minutes(10, 60), GENERAL_MANAGER, "/v1/delegations", body)
