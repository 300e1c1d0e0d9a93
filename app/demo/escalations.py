"""What follows when a claim goes to the general manager. Clause 4.5."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from app.demo.absences import is_away
from app.demo.capas import answerable_department, answerable_person, issue, work_off
from app.demo.chance import Chance
from app.demo.claims import ClaimFacts
from app.demo.customers import OUR_FAULT
from app.demo.diary import Diary
from app.demo.people import GENERAL_MANAGER, TECHNICAL_DIRECTOR
from app.demo.schedule import Json, Step, Steps
from app.domain.values import Department

DONE_PERCENT: Final = 88
"""Escalations that are worked off as the clause asks; the rest waits for somebody."""
LEADERS: Final[Mapping[Department, str]] = {
    Department.PRODUCTION: "l.production",
    Department.TECH: "l.tech",
    Department.QA: "l.quality",
    Department.LOGISTICS: "l.logistics",
    Department.SALES: "l.sales",
}
"""Leaders of departments; they ask nothing in the demo, but answer for their people."""


def handle_escalation(
    escalation_id: str, claim: ClaimFacts, raised_at: datetime, chance: Chance
) -> Steps:
    """Acknowledge, trace, issue a CAPA report, hold accountable, close."""
    diary = Diary(chance, raised_at)
    at = f"/v1/escalations/{escalation_id}"
    facts, crew = claim.case, claim.case.crew
    when = diary.minutes(40, 420) if chance.happens(88) else diary.days(2, 3)
    order = {"instruction": "Trace the lot, screen the stock, report the corrective action to me."}
    if is_away(when):
        path, lender = f"{at}/acknowledge", GENERAL_MANAGER
        yield Step(when, TECHNICAL_DIRECTOR, path, order, in_the_name_of=lender)
    else:
        yield Step(when, GENERAL_MANAGER, f"{at}/acknowledge", order)
    if not claim.exemplary and not chance.happens(DONE_PERCENT):
        return
    capa = yield from issue(escalation_id, claim, diary, chance)
    stock = chance.whole(3, 40) * 50
    bad = chance.whole(1, 6) if chance.happens(25) else 0
    trace = {
        "lots": [facts.lot_no, f"{facts.lot_no[:-1]}5"],
        "stock_checked": stock,
        "nok": bad,
        "findings": _findings(stock, bad),
    }
    tracer = crew.production if chance.happens(40) else crew.quality
    yield Step(diary.days(0, 2), tracer, f"{at}/record-trace", trace)
    for kind in ("PERSON", "LEADER"):
        body = _accountability(kind, claim)
        yield Step(diary.days(0, 1), GENERAL_MANAGER, f"{at}/record-accountability", body)
    summary = {"summary": f"{facts.cause.en.capitalize()}; the measure is under way."}
    yield Step(diary.days(0, 2), GENERAL_MANAGER, f"{at}/close", summary)
    yield from work_off(capa, claim, diary)


def _findings(stock: int, bad: int) -> str:
    if bad:
        return f"{bad} of {stock} pieces show the same fault; blocked, the lot is sorted."
    return f"{stock} pieces of both lots screened, none with the fault."


def _accountability(kind: str, claim: ClaimFacts) -> Json:
    """Who answers; where the part was as drawn, it is said that nobody failed."""
    cause, department = claim.case.cause, answerable_department(claim.case.cause)
    ours = cause.cause_class in OUR_FAULT
    if kind == "PERSON":
        person = answerable_person(cause, claim.case.crew)
        measure = "Retrained at the work place." if ours else "Told of the case; none beyond."
        decision = "The work instruction was not followed." if ours else "No fault of the person."
    else:
        person = LEADERS[department]
        measure = "Audits the step and reports monthly."
        decision = "The step was not audited." if ours else "Prevention lies with the department."
    return {
        "person_id": person,
        "department": department,
        "kind": kind,
        "clause_text": "YTCXQP034 4.5: the person responsible and the leader are held accountable.",
        "measure": measure,
        "decision": decision,
    }
