"""What happens to a claim that is disputed, or that a third party is to blame for."""

from datetime import datetime
from typing import Final, Literal

from app.demo.diary import Diary
from app.demo.facts import CaseFacts
from app.demo.people import GENERAL_MANAGER, QA_MANAGER, TECHNICAL_DIRECTOR, Crew
from app.demo.schedule import Answer, Json, Step, StepsTo

Dispute = Literal["SHARES", "CANCELLED", "UNCHANGED"]
"""How a dispute ends."""

TEN_PERCENT: Final = 1_000
WHOLE_BPS: Final = 10_000
GROUNDS: Final[dict[Dispute, str]] = {
    "SHARES": "The customer says that its line was audited by us and that our share is too small.",
    "CANCELLED": "The judgement shows no fault of ours; we object to paying.",
    "UNCHANGED": "The customer asks for its share to be looked at once more.",
}


def escalated(answer: Answer) -> bool:
    """Whether a confirmation took the claim to the general manager."""
    types = {each["type"] for each in answer["events"]}
    return not types.isdisjoint({"EscalationRaised", "ClaimLinkedToEscalation"})


def object_to(
    dispute: Dispute, before: Answer, facts: CaseFacts, diary: Diary
) -> StepsTo[str | None]:
    """Object in time; after it, with the general manager's consent.

    Returns:
        The address of the appeal, where we object with one.
    """
    if dispute == "CANCELLED":
        at = yield from appeal(before, facts, diary)
        return at
    crew = facts.crew
    at, when = f"/v1/claims/{before['id']}", diary.days(0, 1)
    if when >= datetime.fromisoformat(before["state"]["objection_until"]):
        late = {"reason": "The office was closed over the holidays; the notice lay there."}
        yield Step(when, GENERAL_MANAGER, f"{at}/consent-to-late-objection", late)
        when = diary.minutes(30, 90)
    yield Step(when, crew.rep, f"{at}/raise-dispute", {"grounds": GROUNDS[dispute]})
    return None


def appeal(before: Answer, facts: CaseFacts, diary: Diary) -> StepsTo[str]:
    """Write the appeal statement; three people stand by it before it goes to the customer.

    Returns:
        The address of the appeal.
    """
    claim, crew = before["state"], facts.crew
    drafted = yield Step(
        diary.minutes(30, 120),
        crew.quality,
        "/v1/appeals",
        _statement(before["id"], facts),
        awaited=True,
    )
    at = f"/v1/appeals/{drafted['id']}"
    yield Step(diary.minutes(20, 60), QA_MANAGER, f"{at}/review", {})
    yield Step(diary.minutes(20, 60), TECHNICAL_DIRECTOR, f"{at}/approve", {})
    when = diary.minutes(10, 40)
    if when >= datetime.fromisoformat(claim["objection_until"]):
        late = {"reason": "The parts came back late; the customer agrees to hear us."}
        consent = f"/v1/claims/{before['id']}/consent-to-late-objection"
        yield Step(when, GENERAL_MANAGER, consent, late)
        when = diary.minutes(30, 90)
    sent = {"doc_ref": f"SS-{str(claim['claim_no']).removeprefix('CL-')}"}
    yield Step(when, crew.rep, f"{at}/submit", sent)
    return at


def _statement(claim_id: str, facts: CaseFacts) -> Json:
    third = facts.third_party
    ground = (
        ("NOT_OUR_PART", f"{third} answers for the material.")
        if third
        else ("ASSEMBLY_DAMAGE", facts.cause.why)
    )
    return {
        "claim_id": claim_id,
        "received_pieces": facts.pieces,
        "tests": "Teardown, lip under the microscope, air leakage at 0.3 bar.",
        "findings": f"{facts.cause.why} {GROUNDS['CANCELLED']}",
        "photos": [f"IMG-{facts.name}-A1", f"IMG-{facts.name}-A2"],
        "verdict": "THIRD_PARTY" if third else "CUSTOMER",
        "grounds": [{"code": ground[0], "text": ground[1]}],
        "evidence": [f"AR-{facts.name}"],
        "requested": "CANCEL",
    }


def come_to_terms(  # noqa: PLR0913, PLR0917 - the story so far
    dispute: Dispute,
    split: Answer,
    appeal_at: str | None,
    approver: str,
    crew: Crew,
    diary: Diary,
) -> StepsTo[Answer]:
    """Talk, and put the result before a second person.

    Args:
        dispute: how it ends.
        split: the answer to the split.
        appeal_at: the appeal that the customer has, where there is one.
        approver: the technical director, or the general manager of an escalated claim.
        crew: who negotiates.
        diary: of the claim.

    Returns:
        The last answer.
    """
    at = f"/v1/claims/{split['id']}"
    if dispute == "SHARES":
        body = _other_shares(split)
        yield Step(diary.days(3, 8), crew.engineer, f"{at}/propose-adjustment", body)
        yield Step(diary.days(1, 2), approver, f"{at}/approve-proposal", {})
    if dispute == "CANCELLED":
        number = str(split["state"]["claim_no"]).removeprefix("CL-")
        yes: Json = {"outcome": "ACCEPTED", "doc_ref": f"SS-{number}-A"}
        yield Step(diary.days(2, 6), crew.rep, f"{appeal_at}/record-answer", yes)
        reason = {"reason": "Both sides looked at the parts: the cause is not of our making."}
        yield Step(diary.days(0, 2), crew.engineer, f"{at}/propose-cancellation", reason)
        when = diary.days(1, 2)
        answer = yield Step(when, approver, f"{at}/approve-proposal", {}, awaited=True)
        return answer
    agreed = "Shares as adjusted." if dispute == "SHARES" else "The shares stay as agreed."
    answer = yield from _conclude(agreed, split, crew, diary)
    return answer


def advance(third_party: str, split: Answer, crew: Crew, diary: Diary) -> StepsTo[Answer]:
    """Agree with the customer that we pay for the third party and get it back."""
    agreed = f"We pay the customer in full and recover the rest from {third_party}."
    answer = yield from _conclude(agreed, split, crew, diary)
    return answer


def _conclude(agreed: str, before: Answer, crew: Crew, diary: Diary) -> StepsTo[Answer]:
    number = str(before["state"]["claim_no"]).removeprefix("CL-")
    body: Json = {"minutes_ref": f"MM-{number}", "agreed": agreed}
    path = f"/v1/claims/{before['id']}/conclude-negotiation"
    answer = yield Step(diary.days(2, 6), crew.engineer, path, body, awaited=True)
    return answer


def _other_shares(split: Answer) -> Json:
    """Ten per cent more for us, or less where we bear nearly all."""
    now = {each["party"]: each["bps"] for each in split["state"]["shares"]}
    ours = now.get("COMPANY", 0)
    ours += -TEN_PERCENT if ours + TEN_PERCENT > WHOLE_BPS else TEN_PERCENT
    shares = [{"party": "COMPANY", "bps": ours}, {"party": "CUSTOMER", "bps": WHOLE_BPS - ours}]
    return {
        "shares": shares,
        "reason": "Our audit of the customer's line found it fit: more of it is ours.",
    }
