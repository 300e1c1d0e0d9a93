"""Many callers at once: nothing is counted twice, nothing is skipped."""

import asyncio

from tests.api.desk import Desk, Json
from tests.api.stories import S_C, cny, verified

CALLERS = 32


async def test_32_racing_claims_of_one_spec_make_one_escalation_at_the_third(desk: Desk) -> None:
    claims = await asyncio.gather(
        *(verified(desk, "10.00", spec=S_C, failure_on="2026-01-05") for _ in range(CALLERS))
    )
    followed: list[Json] = []
    over = asyncio.Event()

    async def follow() -> None:
        after = 0
        while True:
            last_round = over.is_set()
            page = await desk.get("/v1/events", after=after, limit=7)
            followed.extend(page["data"])
            after = page["next_after"]
            if last_round and not page["has_more"]:
                return

    following = asyncio.create_task(follow())
    body = {"confirmed_total": cny("10.00")}
    await asyncio.gather(
        *(desk.does(f"/v1/claims/{claim}/confirm-amount", body, by="u.mkt") for claim in claims)
    )
    over.set()
    await following

    positions = [each["position"] for each in followed]
    assert positions == list(range(1, len(positions) + 1))
    confirmations = [each for each in followed if each["type"] == "ClaimAmountConfirmed"]
    (raised,) = [each for each in followed if each["type"] == "EscalationRaised"]
    assert len(confirmations) == CALLERS
    assert raised["causation_id"] == confirmations[2]["event_id"]
    linked = [each for each in followed if each["type"] == "ClaimLinkedToEscalation"]
    assert len(linked) == CALLERS - 3


async def test_numbers_run_without_gaps_however_many_register(desk: Desk) -> None:
    body = {
        "customer_id": "C01",
        "channel": "PHONE",
        "life_phase": "FIELD",
        "spec_code": S_C,
        "failure_mode": "漏油",
        "qty_reported": 1,
        "description": "It leaks.",
    }
    done = await asyncio.gather(
        *(desk.does("/v1/feedback-cases", body, by="u.clerk") for _ in range(40))
    )

    numbers = sorted(int(each["state"]["case_no"][-6:]) for each in done)
    assert numbers == list(range(1, 41))
