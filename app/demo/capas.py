"""How a CAPA report is worked off, from its issue (D2) to the check that it helped (D8)."""

from datetime import timedelta
from typing import Final

from app.demo.causes import DEPARTMENTS, MODES_EN, Cause
from app.demo.chance import Chance
from app.demo.claims import ClaimFacts
from app.demo.diary import Diary, next_working_day
from app.demo.people import QA_MANAGER, Crew
from app.demo.schedule import Json, Step, Steps, StepsTo
from app.domain.values import Department

DUE_WORKING_DAYS: Final = 40
SEEN_WORKING_DAYS: Final = 14
"""How long lots are watched before the measure is called effective."""


def answerable_department(cause: Cause) -> Department:
    """Who answers for it; what came from the customer is the engineers' to prevent."""
    return DEPARTMENTS.get(cause.cause_class) or Department.TECH


def answerable_person(cause: Cause, crew: Crew) -> str:
    """The person of that department who looks after the case."""
    return {
        Department.PRODUCTION: crew.production,
        Department.QA: crew.quality,
        Department.LOGISTICS: crew.storekeeper,
    }.get(answerable_department(cause), crew.engineer)


def issue(escalation_id: str, claim: ClaimFacts, diary: Diary, chance: Chance) -> StepsTo[str]:
    """Issue the report for an escalation, set the team, look for suspect pieces.

    Returns:
        The address of the report.
    """
    facts, when = claim.case, diary.days(0, 1)
    body: Json = {
        "source": {"kind": "ESCALATION", "id": escalation_id},
        "problem": f"{facts.part.family.where.capitalize()} {facts.part.spec_code} "
        f"{MODES_EN[facts.mode]} ({facts.mode}).",
        "owner": answerable_person(facts.cause, facts.crew),
        "owner_department": answerable_department(facts.cause),
        "due_on": next_working_day(when.date(), DUE_WORKING_DAYS).isoformat(),
        "spec_code": facts.part.spec_code,
        "cause_code": facts.cause.code,
    }
    issued = yield Step(when, facts.crew.quality, "/v1/capas", body, awaited=True)
    at = f"/v1/capas/{issued['id']}"
    team = _team(facts.cause, facts.crew)
    yield Step(diary.days(0, 1), facts.crew.quality, f"{at}/set-team", team)
    contained = {
        "area": chance.one_of(("WAREHOUSE", "CUSTOMER", "WIP")),
        "lot_no": facts.lot_no,
        "checked": chance.whole(10, 80) * 10,
        "nok": chance.whole(0, 4),
    }
    yield Step(diary.days(0, 2), facts.crew.quality, f"{at}/record-containment", contained)
    return at


def work_off(at: str, claim: ClaimFacts, diary: Diary) -> Steps:
    """Cause, actions, prevention, check, close."""
    crew, cause = claim.case.crew, claim.case.cause
    owner = answerable_person(cause, crew)
    found = {"occurrence_cause": cause.why, "escape_cause": cause.escaped}
    yield Step(diary.days(1, 3), owner, f"{at}/record-cause", found)
    planned_at = diary.days(1, 2)
    actions = [cause.remedy, "Write the lesson into PFMEA and control plan and train the shift."]
    plan = {
        "actions": [
            {
                "action": action,
                "owner": owner,
                "due_on": next_working_day(planned_at.date(), 12).isoformat(),
            }
            for action in actions
        ]
    }
    yield Step(planned_at, owner, f"{at}/plan-actions", plan)
    for number in range(1, len(actions) + 1):
        when = diary.days(1, 5)
        done: Json = {"action": number, "effective_from": when.date().isoformat()}
        yield Step(when, owner, f"{at}/implement-action", done)
    lesson = {
        "measure": "The same check was added for the sister sizes.",
        "documents": [
            {"kind": "PFMEA", "doc_no": f"PF-{claim.case.part.family.code}", "revision": "B"},
            {
                "kind": "CONTROL_PLAN",
                "doc_no": f"CP-{claim.case.part.family.code}",
                "revision": "C",
            },
        ],
    }
    yield Step(diary.days(1, 4), crew.quality, f"{at}/record-prevention", lesson)
    yield from _verify(at, crew, diary)


def _verify(at: str, crew: Crew, diary: Diary) -> Steps:
    """The quality manager, who had no part in it, looks at lots made under the measure."""
    made_on = diary.at.date()
    checked = {
        "result": "EFFECTIVE",
        "lots_checked": [f"L{made_on + timedelta(days=days):%y%m%d}-1" for days in (3, 10)],
        "method": "Release inspection of two lots, 125 pieces each, and no new case since.",
    }
    when = diary.days(SEEN_WORKING_DAYS, SEEN_WORKING_DAYS + 6)
    yield Step(when, QA_MANAGER, f"{at}/check-effectiveness", checked)
    summary = {"summary": "The measure is in place, checked on lots, and carried further."}
    yield Step(diary.days(0, 2), crew.quality, f"{at}/close", summary)


def _team(cause: Cause, crew: Crew) -> Json:
    members = {
        crew.quality: Department.QA,
        crew.production: Department.PRODUCTION,
        crew.engineer: Department.TECH,
        answerable_person(cause, crew): answerable_department(cause),
    }
    return {"members": [{"person": who, "department": of} for who, of in members.items()]}
