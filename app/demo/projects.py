"""How three departments work on what came back, or on a bad lot, until it is over. Clause 4.6.1."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from app.demo.chance import Chance
from app.demo.diary import Diary, local, next_working_day, works_on
from app.demo.people import QA_MANAGER, TECHNICAL_DIRECTOR, in_role
from app.demo.schedule import Answer, Json, Step, Steps
from app.domain.risk_control_project.state import DOCUMENTS
from app.domain.values import Department, Role

WEEKS: Final = (7, 10)
"""How long a project runs."""
FRIDAY, SUNDAY = 4, 6
LEFT_OUT_WEEK: Final = 2
"""ST13: the week of a bad lot's project in which nobody publishes."""
DONE: Final[Mapping[str, str]] = {
    "P": "Failure analysed by the three departments; suspect stock blocked; measures planned.",
    "D": "Tool reworked, first pieces measured; stock is being sorted.",
    "C": "Release inspection doubled for three lots: no piece with the fault.",
    "A": "Check kept in the control plan; lesson read to all shifts.",
}
DAYS_OF_A_WARNING: Final = 90


def work_on_project(project_id: str, opened_at: datetime, chance: Chance) -> Steps:
    """A project from its team to its close.

    Args:
        project_id: of the project.
        opened_at: when.
        chance: of the project.
    """
    diary = Diary(chance, opened_at)
    at = f"/v1/risk-control-projects/{project_id}"
    team = {
        Department.QA: chance.one_of(in_role(Role.QA_ENGINEER)),
        Department.TECH: chance.one_of(in_role(Role.TECH_ENGINEER)),
        Department.PRODUCTION: chance.one_of(in_role(Role.PRODUCTION)),
    }
    answer: Answer = {}
    for department, person in team.items():
        body: Json = {"person": person, "department": department}
        when = diary.minutes(10, 60)
        answer = yield Step(when, QA_MANAGER, f"{at}/assign-member", body, awaited=True)
    opened = answer["state"]
    if opened["cause_code"] is not None:
        yield _warning(project_id, opened["cause_code"], diary)
    yield from _weeks(at, opened, team, diary, chance)
    verified = {"findings": "Three lots under the measure without the fault; documents agree."}
    yield Step(diary.days(1, 3), TECHNICAL_DIRECTOR, f"{at}/verify", verified)
    summary = {"summary": "The fault is understood and checked for; the project has done its work."}
    yield Step(diary.days(1, 2), QA_MANAGER, f"{at}/close", summary)


def _warning(project_id: str, cause_code: str, diary: Diary) -> Step:
    when = diary.days(1, 2)
    body: Json = {
        "medium": "BOARD",
        "station": f"ST-{cause_code}",
        "cause_code": cause_code,
        "text": "This fault came back. Compare the first piece with the limit sample.",
        "valid_until": (when.date() + timedelta(days=DAYS_OF_A_WARNING)).isoformat(),
        "project_id": project_id,
    }
    return Step(when, in_role(Role.QA_ENGINEER)[0], "/v1/risk-warnings", body)


def _weeks(
    at: str, opened: Answer, team: Mapping[Department, str], diary: Diary, chance: Chance
) -> Steps:
    """Publish every week; review documents in the first ones, tell customers in the middle."""
    weeks = chance.whole(*WEEKS)
    for week in range(weeks):
        if week in {1, 2}:
            for document in DOCUMENTS[2 * week - 2 : 2 * week]:
                yield _review(at, document, opened, team, diary)
        if week == weeks // 2:
            yield from _tell(at, opened, diary)
        published_on = _last_day_to_publish(diary.at.date())
        next_week = local(_first_day_of_next_week(published_on), 8)
        if opened["lot_no"] is not None and week == LEFT_OUT_WEEK:
            diary.not_before(next_week)
            continue
        diary.not_before(local(published_on, 9))
        phase = "PDCA"[min(week * 4 // weeks, 3)]
        body: Json = {
            "phase": phase,
            "channel": chance.one_of(("BOARD", "MORNING_MEETING")),
            "text": DONE[phase],
        }
        by = chance.one_of(sorted(team.values()))
        yield Step(diary.minutes(10, 180), by, f"{at}/publish-progress", body)
        diary.not_before(next_week)


def _last_day_to_publish(day: date) -> date:
    """Friday, or the last day before it that is worked, but not a day that is over."""
    last = day - timedelta(days=day.weekday()) + timedelta(days=FRIDAY)
    while last > day and not works_on(last):
        last -= timedelta(days=1)
    return max(last, day)


def _first_day_of_next_week(day: date) -> date:
    """The first working day after Sunday; after a holiday that is some weeks on."""
    return next_working_day(day + timedelta(days=SUNDAY - day.weekday()))


def _review(
    at: str, document: str, opened: Answer, team: Mapping[Department, str], diary: Diary
) -> Step:
    reviewer, verifier = team[Department.TECH], team[Department.QA]
    body: Json = {"document": document, "verified_by": verifier}
    number = f"{document}-{opened['project_no'].removeprefix('RP-')}"
    if document in {"PFMEA", "CONTROL_PLAN"}:
        body |= {
            "doc_no": number, "result": "CHANGED", "revision_before": "C", "revision_after": "D",
        }  # fmt: skip
    elif document == "PROCESS_FLOW":
        body |= {"doc_no": number, "result": "NO_CHANGE", "revision_before": "B"}
    else:
        body |= {"result": "NOT_APPLICABLE", "reason": "The design was not what failed."}
    return Step(diary.minutes(30, 300), reviewer, f"{at}/review-document", body)


def _tell(at: str, opened: Answer, diary: Diary) -> Steps:
    """A milestone that concerns the customer, and the notice of it."""
    body: Json = {"text": "Parts from the corrected tool are delivered.", "customer_relevant": True}
    answer = yield Step(diary.days(0, 1), QA_MANAGER, f"{at}/reach-milestone", body, awaited=True)
    milestone = answer["state"]["milestones"][-1]
    for customer_id in milestone["customers"]:
        notice: Json = {
            "milestone": milestone["number"],
            "customer_id": customer_id,
            "doc_ref": f"TZ-{opened['project_no'].removeprefix('RP-')}-{customer_id}",
        }
        rep = in_role(Role.SALES_REP)[0]
        yield Step(diary.minutes(30, 200), rep, f"{at}/notify-customer", notice)
