"""How a case comes in: registered, classified, acknowledged."""

from datetime import timedelta
from typing import Final

from app.demo.chance import Chance
from app.demo.diary import CLOSES, Diary, local, next_working_day, utc
from app.demo.facts import CaseFacts, CaseFile, Kind, told
from app.demo.people import ERP
from app.demo.schedule import Json, Step, Steps, StepsTo
from app.domain.feedback_case.state import UNKNOWN_SPEC
from app.domain.values import Category

PIECES_MAX: Final = 3
"""More in one case is serious (clause 3.7)."""
LATE_DAYS_MAX: Final = 60
"""An older failure is told with a reason, although the procedure asks for one later."""
COMPLAINTS: Final = {
    Category.DELIVERY: ("交期延误", "The delivery came two days after the agreed date."),
    Category.SERVICE: ("服务不到位", "Nobody was on site for the installation guidance."),
}
"""What is wrong where no part failed."""


def take_in(facts: CaseFacts, file: CaseFile, diary: Diary, chance: Chance) -> StepsTo[str]:
    """Register and classify, now and then wrongly at first.

    Returns:
        The address of the case.
    """
    crew, body = facts.crew, _registration(facts, chance)
    registrar = crew.clerk
    if facts.kind is Kind.FAILURE and chance.happens(8):
        registrar = ERP
        body |= {"channel": "CRM", "source_system": "CRM", "external_ref": f"Q{facts.name}"}
    when = diary.minutes(3, 30)
    opened = yield Step(when, registrar, "/v1/feedback-cases", body, awaited=True)
    file.case_id = opened["id"]
    at = f"/v1/feedback-cases/{file.case_id}"
    serious = facts.pieces > PIECES_MAX or (facts.zero_km and facts.pieces > 1)
    severity = "SERIOUS" if serious else chance.one_of(("GENERAL", "GENERAL", "OCCASIONAL"))
    kind: Json = {"category": facts.category, "severity": severity}
    mistaken = facts.kind is Kind.FAILURE and chance.happens(4)
    other = Category.SERVICE if facts.category is Category.PRODUCT else Category.PRODUCT
    first = kind | {"category": other} if mistaken else kind
    yield Step(diary.minutes(4, 25), crew.clerk, f"{at}/classify", first)
    if mistaken:
        reason = {"reason": "The photos show another kind of matter."}
        yield Step(diary.days(0, 1), crew.quality, f"{at}/reclassify", kind | reason)
    return at


def _registration(facts: CaseFacts, chance: Chance) -> Json:
    mode, description = COMPLAINTS.get(facts.category, (facts.mode, told(facts)))
    no_part = facts.kind is Kind.SERVICE
    body: Json = {
        "customer_id": facts.customer.code,
        "customer_ref": facts.customer_ref,
        "channel": chance.one_of(("PHONE", "PHONE", "EMAIL", "PORTAL", "VISIT")),
        "received_at": utc(facts.received_at),
        "life_phase": "ZERO_KM" if facts.zero_km else "FIELD",
        "spec_code": UNKNOWN_SPEC if no_part else facts.part.spec_code,
        "failure_mode": mode,
        "qty_reported": facts.pieces,
        "description": description,
    }
    if facts.day_known:
        body["occurred_on"] = facts.failed_on.isoformat()
    if not no_part:
        body |= {"lot_no": facts.lot_no, "produced_on": facts.produced_on.isoformat()}
        counter = "hours" if facts.customer.counts_hours else "mileage_km"
        body["vehicle"] = {"model": facts.vehicle, counter: facts.use}
    if chance.happens(60):
        until = next_working_day(facts.received_at.date(), chance.whole(9, 20))
        body["customer_deadline"] = utc(local(until, CLOSES.hour))
    if facts.received_at.date() - facts.failed_on > timedelta(days=LATE_DAYS_MAX):
        body["late_reason"] = "The service station collected its claims before it told us."
    return body


def acknowledge(facts: CaseFacts, at: str, diary: Diary, chance: Chance) -> Steps:
    """Tell the customer that it is in hand, mostly on the same day."""
    by = facts.crew.clerk if chance.happens(70) else facts.crew.rep
    body = {"channel": chance.one_of(("PHONE", "EMAIL", "EMAIL"))}
    when = diary.minutes(5, 60) if chance.happens(92) else diary.days(1, 2)
    yield Step(when, by, f"{at}/acknowledge", body)
