"""What people do with a claim, from the notice to the voucher."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from app.demo.chance import Chance
from app.demo.diary import Diary, utc
from app.demo.facts import CaseFacts, CaseFile
from app.demo.negotiations import Dispute, advance, come_to_terms, escalated, object_to
from app.demo.notices import Line, draw_lines, money, total_of
from app.demo.people import GENERAL_MANAGER, QA_MANAGER, TECHNICAL_DIRECTOR
from app.demo.schedule import Answer, Json, Pause, Step, Steps, StepsTo

Confirmed = Literal["EQUAL", "LOWER", "HIGHER"]
End = Literal["PAID", "REJECTED", "WITHDRAWN"]

WORTH_A_NOTICE_FEN: Final = 20_00
CLAIMED_PERCENT: Final = 80
CLAIMED_AGAINST_JUDGEMENT_PERCENT: Final = 18
"""Of failures that the customer alone answers for; together about 58 of a hundred are claimed."""
DISPUTED_PERCENT: Final = 9
DISPUTES_END: Final[dict[Dispute | None, float]] = {"SHARES": 62, "CANCELLED": 23, "UNCHANGED": 15}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """One notice, and how it will fare."""

    name: str
    notice_no: str
    case: CaseFacts
    lines: tuple[Line, ...]
    failure_on: str
    """A day, or an instant of it."""
    notice_at: datetime | None = None
    """When it comes, judged or not; None: once responsibility is judged."""
    confirmed: Confirmed = "EQUAL"
    dispute: Dispute | None = None
    end: End = "PAID"
    exemplary: bool = False
    """Whether an escalation of it is worked off without fail."""


def draw_claim(chance: Chance, facts: CaseFacts) -> ClaimFacts | None:
    """The claim that a failure leads to, if any."""
    alone = facts.customer_alone
    percent = CLAIMED_AGAINST_JUDGEMENT_PERCENT if alone else CLAIMED_PERCENT
    lines = draw_lines(facts, chance)
    if total_of(lines) < WORTH_A_NOTICE_FEN or not chance.happens(percent):
        return None
    dispute: Dispute | None = None
    if alone and chance.happens(40):
        dispute = "CANCELLED"
    elif facts.third_party is None and chance.happens(DISPUTED_PERCENT):
        dispute = chance.weighted(DISPUTES_END)
    ends: dict[End, float] = {"PAID": 97, "REJECTED": 1, "WITHDRAWN": 2}
    fares: dict[Confirmed, float] = {"EQUAL": 74, "LOWER": 23, "HIGHER": 2}
    waits_for_nobody = dispute is None and not alone
    early = Diary(chance, facts.received_at)
    return ClaimFacts(
        name=f"{facts.name}-claim",
        notice_no=f"{facts.customer.code}-SP-{facts.name}",
        case=facts,
        lines=lines,
        failure_on=facts.failed_on.isoformat(),
        notice_at=early.days(2, 7) if waits_for_nobody and chance.happens(40) else None,
        confirmed=chance.weighted(fares),
        dispute=dispute,
        end="REJECTED" if alone and dispute is None else chance.weighted(ends),
    )


def handle_claim(
    claim: ClaimFacts, file: CaseFile, book: dict[str, ClaimFacts], diary: Diary, chance: Chance
) -> Steps:
    """A claim from its registration to its end.

    Args:
        claim: what is claimed.
        file: how far its case is.
        book: every claim by its id, for whoever escalates it.
        diary: of this claim.
        chance: of this claim.
    """
    crew = claim.case.crew
    if claim.notice_at is not None:
        diary.not_before(claim.notice_at)
        yield Pause(diary.at)
    while not (file.judged or (claim.notice_at and file.case_id)):
        yield Pause(diary.days(1, 2))
    when = diary.minutes(5, 90) if claim.notice_at else diary.days(1, 6)
    notice = _notice(claim, file.case_id)
    answer = yield Step(when, crew.clerk, "/v1/claims", notice, awaited=True)
    book[answer["id"]] = claim
    at = f"/v1/claims/{answer['id']}"
    yield from _check(claim, at, diary)
    if claim.end == "REJECTED":
        reason = {"reason": "The failure is not of our making: see the judgement of the case."}
        by = QA_MANAGER if chance.happens(50) else crew.specialist
        yield Step(diary.days(1, 3), by, f"{at}/reject", reason)
        return
    yield _verification(claim, at, diary, chance)
    if claim.end == "WITHDRAWN":
        reason = {"reason": "The customer found that it had claimed the same repair twice."}
        yield Step(diary.days(1, 4), crew.clerk, f"{at}/withdraw", reason)
        return
    confirmed = yield from _confirm(claim, at, diary, chance)
    filed = chance.happens(85)
    if filed:
        yield _filing(claim, confirmed, at, diary)
    last = yield from _split(claim, confirmed, file, at, diary)
    if last["state"]["ending"] is None:
        yield from _pay(claim, last, at, diary, chance, filed=filed)
    elif not filed:
        yield _filing(claim, confirmed, at, diary)


# --- the way in -----------------------------------------------------------------------------


def _notice(claim: ClaimFacts, case_id: str) -> Json:
    return {
        "customer_id": claim.case.customer.code,
        "notice_no": claim.notice_no,
        "case_ids": [case_id],
        "lines": [each.said(number) for number, each in enumerate(claim.lines, start=1)],
        "claimed_total": money(total_of(claim.lines)),
        "failure_on": claim.failure_on,
    }


def _check(claim: ClaimFacts, at: str, diary: Diary) -> Steps:
    body = {
        "logic": True,
        "accuracy": True,
        "conformity": True,
        "notes": f"Our part, lot {claim.case.lot_no}; symptom and repair fit.",
    }
    yield Step(diary.days(0, 1), claim.case.crew.quality, f"{at}/check", body)


def _verification(claim: ClaimFacts, at: str, diary: Diary, chance: Chance) -> Step:
    facts = claim.case
    mode = chance.weighted({"UNANNOUNCED_VISIT": 35, "ANNOUNCED_VISIT": 25, "REMOTE_EVIDENCE": 40})
    remote = mode == "REMOTE_EVIDENCE"
    recorded_at = diary.days(0, 1) if claim.dispute else diary.days(1, 4)
    until = recorded_at - timedelta(minutes=chance.whole(15, 40))
    body = {
        "mode": mode,
        "place": f"{facts.customer.city}, {'by photo' if remote else 'at the customer'}",
        "from_at": utc(until - timedelta(minutes=chance.whole(20, 150))),
        "to_at": utc(until),
        "findings": f"{facts.part.family.where.capitalize()}: {facts.cause.why}",
        "evidence": [f"IMG-{claim.name}-{n}" for n in range(1, chance.whole(2, 4))],
        "parts_seen": 0 if remote else facts.pieces,
    }
    return Step(recorded_at, facts.crew.specialist, f"{at}/verify", body)


# --- the amount -----------------------------------------------------------------------------


def _confirm(claim: ClaimFacts, at: str, diary: Diary, chance: Chance) -> StepsTo[Answer]:
    when = diary.days(0, 1) if claim.dispute else diary.days(0, 2)
    total = total_of(claim.lines)
    match claim.confirmed:
        case "EQUAL":
            body: Json = {"confirmed_total": money(total)}
        case "LOWER":
            body = _cut(claim.lines, chance)
        case "HIGHER":
            more = total * chance.whole(3, 9) // 100
            body = {
                "confirmed_total": money(total + more),
                "reason": "The service station had left the oil off its notice.",
            }
    by = claim.case.crew.specialist
    answer = yield Step(when, by, f"{at}/confirm-amount", body, awaited=True)
    return answer


def _cut(lines: Sequence[Line], chance: Chance) -> Json:
    """Five to 35 per cent less, taken off the largest line."""
    total = total_of(lines)
    number, largest = max(enumerate(lines, start=1), key=lambda each: each[1].amount_fen)
    cut = min(total * chance.whole(5, 35) // 100, largest.amount_fen * 9 // 10)
    reason = {
        "LABOUR": "More hours than the catalogue of working times allows.",
        "TRAVEL": "Two of the trips were for another vehicle.",
    }.get(largest.type, "Above the price of the yearly list.")
    line = {"line": number, "confirmed": money(largest.amount_fen - cut), "reason": reason}
    return {"confirmed_total": money(total - cut), "lines": [line]}


def _split(
    claim: ClaimFacts, confirmed: Answer, file: CaseFile, at: str, diary: Diary
) -> StepsTo[Answer]:
    """Split it once the case is judged, and negotiate where there is something to negotiate.

    Where a third party is to blame, the split itself opens the negotiation: whoever objects does
    so before.
    """
    crew, third_party = claim.case.crew, claim.case.third_party
    appeal_at = None
    if claim.dispute is not None and third_party is not None:
        appeal_at = yield from object_to(claim.dispute, confirmed, claim.case, diary)
    while not file.judged:
        yield Pause(diary.days(1, 2))
    when = diary.days(0, 1) if claim.dispute else diary.days(0, 3)
    answer = yield Step(when, crew.engineer, f"{at}/split", {}, awaited=True)
    if claim.dispute is not None and third_party is None:
        appeal_at = yield from object_to(claim.dispute, answer, claim.case, diary)
    if claim.dispute is not None:
        boss = GENERAL_MANAGER if escalated(confirmed) else TECHNICAL_DIRECTOR
        answer = yield from come_to_terms(claim.dispute, answer, appeal_at, boss, crew, diary)
    elif third_party is not None:
        answer = yield from advance(third_party, answer, crew, diary)
    return answer


# --- the way out ----------------------------------------------------------------------------


def _pay(  # noqa: PLR0913 - the story so far
    claim: ClaimFacts, last: Answer, at: str, diary: Diary, chance: Chance, *, filed: bool
) -> Steps:
    """Approve, settle, recover from a third party, file, close."""
    crew = claim.case.crew
    yield Step(diary.days(1, 4), TECHNICAL_DIRECTOR, f"{at}/approve-execution", {})
    borne = {each["party"]: _fen(each["amount"]) for each in last["state"]["shares"]}
    third = borne.get("THIRD_PARTY", 0)
    number = _number(last)
    payment = {
        "method": chance.weighted({"CREDIT_NOTE": 48, "DEDUCTION": 34, "TRANSFER": 18}),
        "voucher": f"PZ-{number}",
        "amount": money(borne.get("COMPANY", 0) + third),
    }
    yield Step(diary.days(2, 8), crew.cashier, f"{at}/settle", payment)
    if third:
        yield from _recover(claim, third, number, at, diary)
    if not filed:
        yield _filing(claim, last, at, diary)
    yield Step(diary.days(0, 3), crew.quality, f"{at}/close", {})


def _recover(claim: ClaimFacts, third_fen: int, number: str, at: str, diary: Diary) -> Steps:
    crew, owed = claim.case.crew, {"amount": money(third_fen)}
    whom: Json = {"party_id": claim.case.third_party or "SP-OTHER"}
    yield Step(diary.days(0, 2), crew.rep, f"{at}/register-recovery", whom | owed)
    back = whom | owed | {"voucher": f"SK-{number}"}
    yield Step(diary.days(8, 18), crew.cashier, f"{at}/record-recovery-received", back)


def _filing(claim: ClaimFacts, answer: Answer, at: str, diary: Diary) -> Step:
    body: Json = {"filing_no": f"GD-{_number(answer)}"}
    return Step(diary.days(1, 4), claim.case.crew.quality, f"{at}/file", body)


def _number(answer: Answer) -> str:
    """`CL-2025-000012` without its kind."""
    return str(answer["state"]["claim_no"]).removeprefix("CL-")


def _fen(amount: Json) -> int:
    return int(amount["amount"].replace(".", ""))
