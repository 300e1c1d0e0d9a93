"""What people do with a feedback case, from the first call to the customer's answer."""

from datetime import timedelta
from typing import Final

from app.demo.causes import DEPARTMENTS, Cause
from app.demo.chance import Chance
from app.demo.deliveries import damaged_on_the_way
from app.demo.diary import Diary
from app.demo.facts import CaseFacts, CaseFile, Kind, told
from app.demo.intake import acknowledge, take_in
from app.demo.people import QA_MANAGER, TECHNICAL_DIRECTOR, in_role
from app.demo.returns import dispose, take_back
from app.demo.schedule import Json, Pause, Step, Steps, StepsTo
from app.demo.visits import serve_on_site
from app.domain.values import Category, CauseClass, Department, Role

CORRECTED_PERCENT: Final = 4
RETURNED_PERCENT: Final = 42
REJECTED_PERCENT: Final = 5
CAUSE_DAYS: Final = {(0, 0): 55, (1, 1): 30, (2, 5): 15}
"""Working days until the cause is found."""
DEPARTMENTS_OF: Final[dict[Category, tuple[list[str], ...]]] = {
    Category.PRODUCT: (["QA", "TECH"], ["QA", "PRODUCTION", "TECH"], ["QA"]),
    Category.PACKAGING: (["QA", "LOGISTICS"],),
    Category.TRANSPORT: (["QA", "LOGISTICS"],),
    Category.DELIVERY: (["SALES"],),
    Category.SERVICE: (["SALES"],),
}


def handle_case(facts: CaseFacts, file: CaseFile, chance: Chance, visiting: Chance) -> Steps:
    """A case from its registration to its end.

    Args:
        facts: what is true of it.
        file: how far it is, for other stories.
        chance: of the case.
        visiting: chance of its service visit.
    """
    diary = Diary(chance, facts.begins_at)
    at = yield from _begin(facts, file, diary, chance)
    if facts.kind is Kind.VOID:
        reason = {"reason": "The part bears another maker's mark; it is none of ours."}
        yield Step(diary.days(1, 3), QA_MANAGER, f"{at}/void", reason)
        return
    departments = chance.one_of(DEPARTMENTS_OF[facts.category])
    body: Json = {"to_departments": departments}
    yield Step(diary.minutes(3, 25), facts.crew.clerk, f"{at}/forward", body)
    yield from acknowledge(facts, at, diary, chance)
    if facts.kind is Kind.SERVICE:
        yield from _make_good(facts, at, diary)
        return
    yield from _first_aid(facts, at, diary, chance)
    if facts.category is Category.PRODUCT and visiting.happens(facts.visited_percent):
        yield from serve_on_site(facts, file.case_id, diary, visiting)
    nothing_found = facts.cause.cause_class is CauseClass.NTF
    returned = None
    if facts.category is Category.PRODUCT and (nothing_found or chance.happens(RETURNED_PERCENT)):
        returned = yield from take_back(facts, file.case_id, diary, chance)
        file.returned = True
    if chance.happens(CORRECTED_PERCENT):
        yield from _correct(facts, at, diary)
    yield from _find_cause(facts, at, diary, chance)
    yield from _judge(facts, at, diary)
    file.judged = True
    if returned is not None:
        yield from dispose(facts, returned, diary, chance)
    yield from _answer(facts, at, diary, chance)


def _begin(facts: CaseFacts, file: CaseFile, diary: Diary, chance: Chance) -> StepsTo[str]:
    """A customer tells us, or a damage on the way opens the case by itself (R-10)."""
    if facts.goods is None:
        at = yield from take_in(facts, file, diary, chance)
        return at
    goods, pieces, told_at, seen = facts.goods, facts.pieces, facts.received_at, told(facts)
    file.case_id = yield from damaged_on_the_way(goods, pieces, told_at, seen, diary, chance)
    return f"/v1/feedback-cases/{file.case_id}"


def tell_again(facts: CaseFacts, first: CaseFile, chance: Chance) -> Steps:
    """The same failure, told once more by a colleague of the customer's, and merged."""
    diary = Diary(chance, facts.received_at)
    at = yield from take_in(facts, CaseFile(), diary, chance)
    while not first.case_id:
        yield Pause(diary.days(1, 1))
    body = {"into": first.case_id, "reason": "The same vehicle and the same complaint number."}
    yield Step(diary.days(0, 2), facts.crew.quality, f"{at}/merge", body)


def _make_good(facts: CaseFacts, at: str, diary: Diary) -> Steps:
    """A delivery or a service that went wrong: say so, put it right, close."""
    crew = facts.crew
    if facts.category is Category.DELIVERY:
        body = {
            "reason": "The press of the size stood still; the delivery cannot be caught up today.",
            "plan_ref": "EP-07",
            "action": "Send the rest by express and take the size before all others.",
            "owner": crew.rep,
        }
        yield Step(diary.minutes(30, 200), crew.clerk, f"{at}/start-emergency-action", body)
    reply: Json = {"stage": "FINAL", "doc_ref": f"RE-{facts.name}"}
    yield Step(diary.days(1, 3), crew.rep, f"{at}/reply-to-customer", reply)
    answer: Json = {"outcome": "ACCEPTED"}
    yield Step(diary.days(1, 4), crew.rep, f"{at}/record-customer-answer", answer)
    yield Step(diary.days(0, 2), crew.quality, f"{at}/close", {})


def _first_aid(facts: CaseFacts, at: str, diary: Diary, chance: Chance) -> Steps:
    """Look for suspect pieces, tell the customer what was contained, confirm how many failed."""
    for area, looked_at, faulty in facts.contained:
        blocked = {
            "area": area,
            "lot_no": facts.lot_no,
            "checked": looked_at,
            "nok": faulty,
            "action": "BLOCK",
        }
        yield Step(diary.minutes(60, 200), facts.crew.quality, f"{at}/record-containment", blocked)
    if not facts.contained and chance.happens(62):
        checked = chance.whole(4, 60) * 10
        bad = chance.whole(1, 3) if chance.happens(18) else 0
        body = {
            "area": chance.one_of(("WAREHOUSE", "WAREHOUSE", "CUSTOMER", "WIP", "IN_TRANSIT")),
            "lot_no": facts.lot_no,
            "checked": checked,
            "nok": bad,
            "action": "BLOCK" if bad else "SORT",
        }
        when = diary.minutes(30, 150) if chance.happens(85) else diary.days(1, 1)
        yield Step(when, facts.crew.quality, f"{at}/record-containment", body)
    if chance.happens(90):
        reply = {"stage": "D3", "doc_ref": f"8D-{facts.name}-D3"}
        yield Step(diary.minutes(15, 120), facts.crew.rep, f"{at}/reply-to-customer", reply)
    if facts.pieces > 1 or chance.happens(30):
        fewer = facts.pieces > 1 and chance.happens(15)
        body = {
            "qty_confirmed": facts.pieces - 1 if fewer else facts.pieces,
            "basis": "Counted on the photos of the customer.",
        }
        yield Step(diary.minutes(20, 240), facts.crew.quality, f"{at}/confirm-quantity", body)


def _correct(facts: CaseFacts, at: str, diary: Diary) -> Steps:
    """The lot was misread; one says so, another looks at the photo and stands by it."""
    body = {
        "changes": {"lot_no": f"{facts.lot_no[:-1]}9"},
        "reason": "The last digit of the lot was misread on the photo of the label.",
    }
    yield Step(diary.days(1, 3), facts.crew.quality, f"{at}/propose-correction", body)
    yield Step(diary.days(0, 1), QA_MANAGER, f"{at}/approve-correction", {})


# --- cause and responsibility ---------------------------------------------------------------


def _find_cause(facts: CaseFacts, at: str, diary: Diary, chance: Chance) -> Steps:
    """Quality finds the cause; once in a while engineering has to look again."""
    mistaken = facts.cause.code != "NTF" and chance.happens(REJECTED_PERCENT)
    finder, approver = facts.crew.quality, QA_MANAGER
    if mistaken:
        other: Json = {
            "cause_code": "NTF",
            "occurrence_cause": "No fault was seen on the bench.",
            "method": "TEST",
            "evidence": [f"TR-{facts.name}-1"],
        }
        yield Step(diary.days(0, 2), finder, f"{at}/determine-root-cause", other)
        reason = {"reason": "The part was tested cold; test it at operating temperature."}
        yield Step(diary.days(0, 1), approver, f"{at}/reject-root-cause", reason)
        finder, approver = facts.crew.engineer, TECHNICAL_DIRECTOR
    found = _cause(facts.cause, facts.name, chance)
    if facts.first_cause is not None:
        wrong = _cause(facts.first_cause, facts.name, chance)
        yield Step(diary.days(1, 2), finder, f"{at}/determine-root-cause", wrong)
        yield Step(diary.days(0, 1), approver, f"{at}/approve-root-cause", {})
        found |= {"supersedes_reason": "The teardown of the part shows another mechanism."}
    least, most = chance.weighted(CAUSE_DAYS)
    yield Step(diary.days(least, most), finder, f"{at}/determine-root-cause", found)
    yield Step(diary.days(0, 1), approver, f"{at}/approve-root-cause", {})


def _cause(cause: Cause, name: str, chance: Chance) -> Json:
    method = "TEST" if cause.cause_class is CauseClass.NTF else chance.one_of(
        ("TEARDOWN", "TEARDOWN", "FIVE_WHY", "FISHBONE", "TEST")
    )  # fmt: skip
    return {
        "cause_code": cause.code,
        "occurrence_cause": cause.why,
        "escape_cause": cause.escaped,
        "method": method,
        "evidence": [f"AR-{name}", f"IMG-{name}-1"],
    }


def _judge(facts: CaseFacts, at: str, diary: Diary) -> Steps:
    """Engineering judges; its own department is judged by the director."""
    blamed = DEPARTMENTS.get(facts.cause.cause_class)
    body: Json = {
        "grounds": _grounds(facts),
        "blamed_department": None if facts.customer_alone else blamed,
        "agreement_ref": f"AG-{facts.customer.code}-{facts.failed_on.year}",
    }
    if facts.shares is not None:
        body["shares"] = [
            {"party": party, "party_id": who, "bps": bps} for party, who, bps in facts.shares
        ]
    judge = TECHNICAL_DIRECTOR if blamed is Department.TECH else facts.crew.engineer
    yield Step(diary.days(0, 2), judge, f"{at}/judge-responsibility", body)


def _grounds(facts: CaseFacts) -> str:
    if facts.customer_alone:
        return f"{facts.cause.why} The part itself is as drawn."
    if facts.third_party:
        return f"{facts.cause.why} {facts.third_party} answers for it."
    return f"{facts.cause.why} Shared by the agreement of the year."


# --- the way out ----------------------------------------------------------------------------


def _answer(facts: CaseFacts, at: str, diary: Diary, chance: Chance) -> Steps:
    """The final reply, what the customer says to it, and the close."""
    crew = facts.crew
    reply: Json = {"stage": "FINAL", "doc_ref": f"8D-{facts.name}"}
    yield Step(diary.days(0, 3), crew.rep, f"{at}/reply-to-customer", reply)
    outcome = chance.weighted({"ACCEPTED": 82, "NO_ANSWER": 12, "REJECTED": 6})
    if outcome == "REJECTED":
        no: Json = {"outcome": outcome}
        yield Step(diary.days(2, 5), crew.rep, f"{at}/record-customer-answer", no)
        again = {"stage": "FINAL", "doc_ref": f"8D-{facts.name}-2"}
        yield Step(diary.days(2, 5), crew.rep, f"{at}/reply-to-customer", again)
        outcome = "ACCEPTED"
    if outcome == "ACCEPTED":
        yes: Json = {"outcome": outcome}
        yield Step(diary.days(1, 6), crew.rep, f"{at}/record-customer-answer", yes)
    else:
        diary.not_before(diary.at + timedelta(days=8))
    summary = {"summary": f"{facts.cause.en.capitalize()}. {facts.cause.remedy}"}
    closer = chance.one_of(in_role(Role.QA_ENGINEER))
    yield Step(diary.days(0, 2), closer, f"{at}/close", summary)
