"""How failed parts come back: announced, counted, tested, disposed of, replaced."""

from dataclasses import dataclass
from typing import Final

from app.demo.chance import Chance
from app.demo.diary import Diary
from app.demo.facts import CaseFacts
from app.demo.schedule import Json, Step, Steps, StepsTo
from app.domain.values import CauseClass

TESTED_MAX: Final = 2
"""Pieces of one return that are tested."""
FORWARDERS: Final = ("CR-QILU", "CR-JIAODONG", "own vehicle")


@dataclass(frozen=True, slots=True)
class Returned:
    """Parts that came back: the address of their list, its number, and how many there are."""

    at: str
    return_no: str
    pieces: int


def take_back(facts: CaseFacts, case_id: str, diary: Diary, chance: Chance) -> StepsTo[Returned]:
    """Announce, let come, count, test."""
    crew = facts.crew
    announced: Json = {
        "case_id": case_id,
        "customer_id": facts.customer.code,
        "reason": "Failed parts for analysis.",
        "lines": [
            {
                "line": 1,
                "spec_code": facts.part.spec_code,
                "lot_no": facts.lot_no,
                "produced_on": facts.produced_on.isoformat(),
                "qty_announced": facts.pieces,
            }
        ],
    }
    when = diary.minutes(20, 200) if chance.happens(75) else diary.days(1, 1)
    opened = yield Step(when, crew.clerk, "/v1/return-lists", announced, awaited=True)
    at = f"/v1/return-lists/{opened['id']}"
    number: Json = {"authorisation_no": opened["state"]["return_no"].replace("RT", "RMA")}
    yield Step(diary.minutes(20, 300), crew.quality, f"{at}/authorize", number)
    missing = 1 if facts.pieces > 1 and chance.happens(12) else 0
    pieces = facts.pieces - missing
    received = {
        "waybill": f"WB{chance.whole(10**8, 10**9 - 1)}",
        "carrier": chance.one_of(FORWARDERS),
        "location": f"Q-{chance.whole(1, 6):02d}",
        "lines": [{"line": 1, "qty_received": pieces}],
    }
    yield Step(diary.days(1, 4), crew.storekeeper, f"{at}/receive", received)
    for part in range(1, min(pieces, TESTED_MAX) + 1):
        yield from _test(facts, at, part, diary, chance)
    return Returned(at, opened["state"]["return_no"], pieces)


def dispose(facts: CaseFacts, returned: Returned, diary: Diary, chance: Chance) -> Steps:
    """Decide what becomes of the pieces, replace what is to be replaced, close."""
    at, crew, outcome = returned.at, facts.crew, _outcome(facts, chance)
    disposed: Json = {"line": 1, "outcome": outcome, "qty": returned.pieces}
    yield Step(diary.days(0, 1), crew.quality, f"{at}/decide-disposition", disposed)
    if outcome == "REPLACE":
        shipped: Json = {
            "delivery_no": returned.return_no.replace("RT", "DN"),
            "line": 1,
            "qty": returned.pieces,
        }
        yield Step(diary.days(0, 2), crew.storekeeper, f"{at}/ship-replacement", shipped)
    yield Step(diary.days(0, 1), crew.quality, f"{at}/close", {})


def _test(facts: CaseFacts, at: str, part: int, diary: Diary, chance: Chance) -> Steps:
    """The standard test, then under load, then for a fault that nobody finds."""
    if facts.cause.cause_class is CauseClass.NTF:
        stages = [("STANDARD", "OK"), ("LOAD", "OK"), ("NTF", "OK")]
    elif chance.happens(76):
        stages = [("STANDARD", "NOK")]
    else:
        stages = [("STANDARD", "OK"), ("LOAD", "NOK")]
    for stage, result in stages:
        body = {
            "line": 1,
            "part": part,
            "stage": stage,
            "result": result,
            "measurements": [_measured(result, chance)] if stage == "STANDARD" else [],
            "criteria_ref": f"TS-{facts.part.family.code}-{stage}",
            "evidence": [f"TR-{facts.name}-{part}-{stage}"],
        }
        yield Step(diary.days(0, 1), facts.crew.quality, f"{at}/record-part-finding", body)
    if facts.cause.cause_class is CauseClass.NTF:
        end: Json = {
            "line": 1,
            "part": part,
            "result": "NTF",
            "criteria_ref": f"TS-{facts.part.family.code}-NTF",
            "customer_agreed": True,
        }
        yield Step(diary.days(0, 1), facts.crew.quality, f"{at}/conclude-ntf", end)


def _measured(result: str, chance: Chance) -> Json:
    """How much air goes past the lip at 0.3 bar."""
    limit = 10
    value = chance.whole(1, limit - 1) if result == "OK" else chance.whole(limit + 2, limit * 6)
    return {"name": "air leakage", "value": str(value), "unit": "cm³/min", "limit": f"≤ {limit}"}


def _outcome(facts: CaseFacts, chance: Chance) -> str:
    if facts.cause.cause_class is CauseClass.NTF:
        return "RETURN_TO_CUSTOMER"
    if facts.customer_alone:
        return "SCRAP"
    return chance.weighted({"REPLACE": 62, "SCRAP": 28, "KEEP_SAMPLE": 10})
