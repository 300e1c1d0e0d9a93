"""Who goes to the customer: service on the spot (clause 4.3), and visits to ask how it went."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from app.demo.causes import MODES_EN
from app.demo.chance import Chance
from app.demo.customers import CUSTOMERS, Customer
from app.demo.diary import Diary, local, next_working_day, utc
from app.demo.facts import CaseFacts
from app.demo.notices import money
from app.demo.people import in_role
from app.demo.schedule import Json, Step, Steps, Story
from app.domain.values import Role, days_of_quarter

OWN_PROVINCE: Final = frozenset({"Jinan", "Qingdao", "Weifang", "Linyi", "Yantai", "Weihai"})
"""Cities of Shandong, where the plant is."""
SIGNED_PERCENT: Final = 94
VISIT_YUAN: Final = (300, 1_500)
VISITS_A_QUARTER: Final = 4
CONTENT: Final = {"SATISFIED": 78, "NEUTRAL": 17, "DISSATISFIED": 5}
SAID: Final = {
    "SATISFIED": "No new failures on the line; the last delivery was complete and dry.",
    "NEUTRAL": "Seals run well; the line asks for labels that its scanner can read.",
    "DISSATISFIED": "The last 8D report came late, and the line stood without an answer.",
}


def serve_on_site(facts: CaseFacts, case_id: str, diary: Diary, chance: Chance) -> Steps:
    """Send somebody, work, have it signed; the cost goes with the visit."""
    city, field = facts.customer.city, chance.one_of(in_role(Role.FIELD_SERVICE))
    sent: Json = {
        "case_id": case_id,
        "person": field,
        "place": f"{city}, {'assembly line' if facts.zero_km else 'service station'}",
        "province": "SAME" if city in OWN_PROVINCE else "OTHER",
        "bring": f"{facts.pieces + 2} pieces {facts.part.spec_code}, gauges, camera",
        "purpose": "See the failure, replace the parts, secure the evidence.",
    }
    when = diary.minutes(20, 120)
    visit = yield Step(when, facts.crew.quality, "/v1/service-visits", sent, awaited=True)
    at = f"/v1/service-visits/{visit['id']}"
    yield Step(diary.days(1, 1), field, f"{at}/start", {})
    found: Json = {
        "work": chance.one_of(("REPLACE", "ANALYSIS", "REPLACE", "SORT")),
        "findings": f"{facts.part.spec_code} {MODES_EN[facts.mode]}; parts secured and marked.",
        "qty": facts.pieces,
        "photos": [f"IMG-{facts.name}-V{n}" for n in range(1, chance.whole(2, 4))],
    }
    yield Step(diary.minutes(60, 240), field, f"{at}/record-finding", found)
    when = diary.minutes(10, 60)
    yield Step(when, field, f"{at}/complete", _end(facts, when, chance))


def _end(facts: CaseFacts, when: datetime, chance: Chance) -> Json:
    """What it cost, and what the customer signed."""
    whole = chance.whole(*VISIT_YUAN) * 100
    labour, material = whole * 3 // 10, min(facts.part.price_fen * facts.pieces, whole // 3)
    body: Json = {
        "cost": {
            "travel": money(whole - labour - material),
            "labour": money(labour),
            "material": money(material),
        }
    }
    if chance.happens(SIGNED_PERCENT):
        body["customer_signature"] = {
            "name": f"{facts.customer.code} shift leader",
            "signed_at": utc(when - timedelta(minutes=5)),
            "doc_ref": f"SR-{facts.name}",
        }
    else:
        body["not_signed_because"] = "The shift leader had left; he confirms by mail."
    return body


def ask_customers(seed: int, quarters: tuple[str, ...]) -> Iterator[Story]:
    """Some customers a quarter are visited or called, whether or not anything failed."""
    for quarter in quarters:
        first, last = days_of_quarter(quarter)
        for number in range(1, VISITS_A_QUARTER + 1):
            name = f"customer-visit-{quarter}-{number}"
            chance = Chance(seed, name)
            day = first + timedelta(days=chance.whole(8, (last - first).days - 8))
            opens_at = local(next_working_day(day, 0), 13)
            customer = chance.weighted({each: each.weight for each in CUSTOMERS})
            diary = Diary(chance, opens_at)
            yield Story(name, opens_at, _ask(customer, quarter, diary, chance))


def _ask(customer: Customer, quarter: str, diary: Diary, chance: Chance) -> Steps:
    content = chance.weighted(CONTENT)
    rep, engineer = chance.one_of(in_role(Role.SALES_REP)), in_role(Role.TECH_ENGINEER)[0]
    when = diary.minutes(60, 200)
    body: Json = {
        "customer_id": customer.code,
        "visited_on": when.date().isoformat(),
        "channel": chance.one_of(("VISIT", "VISIT", "PHONE")),
        "place": customer.city,
        "participants": [rep, engineer, f"{customer.code} quality"],
        "findings": SAID[content],
        "satisfaction": content,
        "doc_ref": f"HF-{customer.code}-{quarter}",
    }
    if content == "DISSATISFIED":
        body["follow_up"] = "Answer within the time limits; report at the next visit."
    yield Step(when, rep, "/v1/customer-visits", body)
