"""What quality tells the departments of a quarter, and the management of a year. Clause 4.6."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from app.demo.chance import Chance
from app.demo.diary import Diary, local, next_working_day
from app.demo.people import QA_MANAGER, in_role
from app.demo.schedule import Json, Step, Steps, Story
from app.domain.values import Role, quarter_of

TO_READ: Final = timedelta(days=9)
"""Between the end of a quarter and the call to the meeting about it."""
SUGGESTIONS: Final = (
    "Work off the first cause of the Pareto with the press shop; bring the customers' assembly "
    "findings to the next visit."
)
ACKNOWLEDGING: Final = (
    Role.SALES_REP,
    Role.QA_ENGINEER,
    Role.PRODUCTION,
    Role.TECH_ENGINEER,
    Role.WAREHOUSE,
)
"""One role of each department."""


def reports(seed: int, begins_on: date, ends_on: date) -> Iterator[Story]:
    """A report for every quarter that ends within the demo, a pack for every year."""
    for year in range(begins_on.year, ends_on.year + 1):
        for month in (1, 4, 7, 10):
            over_on = date(year, month, 1)
            if not begins_on < over_on <= ends_on:
                continue
            opens_at = local(next_working_day(over_on, 0), 8)
            last = over_on - timedelta(days=1)
            quarter = quarter_of(last)
            diary = Diary(Chance(seed, f"report-{quarter}"), opens_at)
            yield Story(f"report-{quarter}", opens_at, report(quarter, diary))
            diary = Diary(Chance(seed, f"meeting-{quarter}"), opens_at + TO_READ)
            yield Story(f"meeting-{quarter}", diary.at, meet(quarter, diary))
            if last.year < year:
                diary = Diary(Chance(seed, f"review-{last.year}"), opens_at)
                yield Story(f"review-{last.year}", opens_at, review(str(last.year), diary))


def report(quarter: str, diary: Diary) -> Steps:
    """Close, issue, acknowledge: three days, one, and whenever a department finds the time."""
    at = f"/v1/quarterly-reports/{quarter}"
    closer = in_role(Role.QA_ENGINEER)[0]
    yield Step(diary.days(2, 5), closer, f"{at}/close-quarter", {})
    yield from _send(at, SUGGESTIONS, diary)


def restate(quarter: str, because: str, diary: Diary) -> Steps:
    """Freeze a quarter anew whose figures a late fact has moved, and send it again."""
    at = f"/v1/quarterly-reports/{quarter}"
    restater = in_role(Role.QA_ENGINEER)[0]
    yield Step(diary.days(1, 2), restater, f"{at}/restate-quarter", {"reason": because})
    yield from _send(at, f"{because} {SUGGESTIONS}", diary)


def _send(at: str, suggestions: str, diary: Diary) -> Steps:
    issued: Json = {"suggestions": suggestions}
    yield Step(diary.days(1, 2), QA_MANAGER, f"{at}/issue", issued)
    for role in ACKNOWLEDGING:
        yield Step(diary.days(0, 2), in_role(role)[0], f"{at}/acknowledge", {})


def meet(quarter: str, diary: Diary) -> Steps:
    """Call the departments together about a report, and keep the minutes."""
    when = diary.days(3, 6)
    planned_on = next_working_day(when.date(), 4)
    called: Json = {
        "planned_on": planned_on.isoformat(),
        "departments": ["QA", "TECH", "PRODUCTION", "SALES"],
        "agenda": f"Report of {quarter}: the first causes of the Pareto, late answers, open CAPA.",
    }
    answer = yield Step(when, QA_MANAGER, "/v1/analysis-meetings", called, awaited=True)
    diary.not_before(local(planned_on, 14))
    when = diary.minutes(90, 150)
    kept: Json = {
        "minutes_ref": f"HY-{quarter}",
        "actions": [
            {
                "action": "Show the limit samples of the first cause at the presses.",
                "owner": in_role(Role.PRODUCTION)[0],
                "department": "PRODUCTION",
                "due_on": next_working_day(when.date(), 10).isoformat(),
            }
        ],
    }
    yield Step(when, QA_MANAGER, f"/v1/analysis-meetings/{answer['id']}/record", kept)


def review(year: str, diary: Diary) -> Steps:
    """Prepare the pack some weeks before the review."""
    when = diary.days(15, 25)
    body: Json = {"review_on": next_working_day(when.date(), 10).isoformat()}
    yield Step(when, QA_MANAGER, f"/v1/management-reviews/{year}/prepare-pack", body)
