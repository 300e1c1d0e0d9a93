"""Why an event happened, what is different between two moments, and a record at any moment."""

import re

from tests.api.desk import Desk, Json
from tests.api.stories import agree, confirmed, define_cause, feedback


async def escalated(desk: Desk) -> Json:
    """The event that took a claim of 520.00 to the general manager."""
    desk.at = "2025-03-03T02:00:00Z"
    await define_cause(desk)
    await agree(desk)
    await confirmed(desk, "520.00")
    (raised,) = await desk.events("EscalationRaised")
    return raised


async def test_a_reaction_explains_itself_by_rule_figures_and_evidence(sandbox: Desk) -> None:
    raised = await escalated(sandbox)

    said = await sandbox.get(f"/v1/events/{raised['event_id']}/explanation")

    assert said["automatic"] is True
    assert said["decided_by"]["type"] == "ClaimAmountConfirmed"
    assert said["decided_by"]["role"] == "MARKET_SPECIALIST"
    assert said["caused_by"][-1] == said["decided_by"]
    (rule,) = said["rules"]
    assert (rule["rule"], rule["clause"], rule["rule_pack_version"]) == ("R-04", "4.5", 1)
    assert rule["comparison"] == "520.00 CNY > 500.00 CNY"
    assert rule["holds"] is True
    observed, threshold = rule["operands"]
    assert (observed["value"], observed["unit"]) == (520_00, "FEN")
    assert (threshold["figure"], threshold["figure_value"]) == ("single_claim_fen_max", "50000")
    (counted,) = rule["evidence"]
    assert counted["no"] == "CL-2025-000001"
    claim = await sandbox.get(counted["record"])
    assert claim["state"]["claim_no"] == counted["no"]
    assert counted["event_ids"][-1] == said["decided_by"]["event_id"]
    assert "520.00 CNY > 500.00 CNY, so it applies" in said["text_en"]
    assert "520.00元 > 500.00元,成立" in said["text_zh"]
    (limit,) = said["limits"]
    assert (limit["limit"], limit["clause"]) == ("T13", "4.5")


async def test_a_decision_of_a_person_names_the_person_the_clause_and_what_it_set_off(
    sandbox: Desk,
) -> None:
    raised = await escalated(sandbox)

    said = await sandbox.get(f"/v1/events/{raised['causation_id']}/explanation")

    assert said["automatic"] is False
    assert said["rules"] == []
    assert said["decided_by"]["event_id"] == said["event_id"]
    assert raised["event_id"] in [each["event_id"] for each in said["set_off"]]
    assert "Decided by u.mkt as MARKET_SPECIALIST" in said["text_en"]
    assert "依据条款4.5" in said["text_zh"]


async def test_every_event_of_a_life_can_be_explained(sandbox: Desk) -> None:
    await escalated(sandbox)

    for event in await sandbox.events():
        said = await sandbox.get(f"/v1/events/{event['event_id']}/explanation")
        assert said["text_en"].startswith(event["type"])
        assert re.search("[\u4e00-\u9fff]", said["text_zh"])


async def test_no_such_event(sandbox: Desk) -> None:
    bearer = {"Authorization": f"Bearer {sandbox.keys['u.aud']}"}
    nobody = "01946dcc-8eb0-7b7e-8ef3-8e62c7e3b5c3"

    answer = await sandbox.http.get(f"/v1/events/{nobody}/explanation", headers=bearer)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_refusal_names_the_figures_that_were_in_force(sandbox: Desk) -> None:
    sandbox.at = "2025-03-03T02:00:00Z"
    case = await feedback(sandbox)

    answer = await sandbox.post(f"/v1/feedback-cases/{case}/close", {}, by="u.qa1")

    assert answer.status_code == 409
    assert answer.json()["rule_pack_version"] == 1


# --- two moments ----------------------------------------------------------------------------


async def test_the_difference_between_two_moments_names_the_events_that_made_it(
    sandbox: Desk,
) -> None:
    sandbox.at = "2025-03-03T02:00:00Z"
    old = await feedback(sandbox)
    since = (await sandbox.get("/v1/ledgers/feedback"))["position"]
    sandbox.at = "2025-03-04T02:00:00Z"
    await sandbox.does(f"/v1/feedback-cases/{old}/acknowledge", {"channel": "PHONE"}, by="u.clerk")
    new = await feedback(sandbox)

    found = await sandbox.get("/v1/changes", ledger="feedback", since=str(since))

    rows = {row["row_id"]: row for row in found["data"]}
    assert {each: row["difference"] for each, row in rows.items()} == {
        old: "CHANGED",
        new: "APPEARED",
    }
    assert [each["type"] for each in rows[old]["made_by"]] == ["FeedbackAcknowledged"]
    changed = {each["field"]: each for each in rows[old]["fields"]}
    assert changed
    assert all(each["before"] != each["after"] for each in changed.values())
    assert all(each["label_zh"] for each in changed.values())
    assert rows[new]["made_by"][0]["type"] == "FeedbackRegistered"
    assert found["since"] == since

    by_instant = await sandbox.get("/v1/changes", ledger="feedback", since="2025-03-03T12:00:00Z")
    assert by_instant == found
    nothing = await sandbox.get("/v1/changes", ledger="feedback", since=str(found["until"]))
    assert nothing["data"] == []


async def test_differences_come_page_by_page(sandbox: Desk) -> None:
    sandbox.at = "2025-03-03T02:00:00Z"
    cases = {await feedback(sandbox) for _ in range(5)}
    seen: list[str] = []
    asked: Json = {"ledger": "feedback", "since": "0", "limit": 2}
    while True:
        page = await sandbox.get("/v1/changes", **asked)
        seen += [row["row_id"] for row in page["data"]]
        if not page["has_more"]:
            break
        asked["cursor"] = page["next_cursor"]

    assert len(seen) == len(set(seen))
    assert set(seen) == cases


async def test_the_earlier_moment_comes_first(sandbox: Desk) -> None:
    await feedback(sandbox)
    bearer = {"Authorization": f"Bearer {sandbox.keys['u.aud']}"}
    asked = {"ledger": "feedback", "since": "3", "until": "1"}

    answer = await sandbox.http.get("/v1/changes", headers=bearer, params=asked)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "query:since"


# --- a record at a moment -------------------------------------------------------------------


async def test_a_record_can_be_read_at_a_revision_and_as_it_was_known(sandbox: Desk) -> None:
    sandbox.at = "2025-03-03T02:00:00Z"
    case = await feedback(sandbox)
    at = f"/v1/feedback-cases/{case}"
    then = await sandbox.get(at)
    known = (await sandbox.get("/v1/ledgers/feedback"))["position"]
    sandbox.at = "2025-03-04T02:00:00Z"
    await sandbox.does(f"{at}/acknowledge", {"channel": "PHONE"}, by="u.clerk")
    now = await sandbox.get(at)

    assert now["revision"] > then["revision"]
    assert await sandbox.get(at, revision=then["revision"]) == then
    assert await sandbox.get(at, as_of=str(known)) == then
    assert await sandbox.get(at, as_of="2025-03-03T12:00:00Z") == then
    assert await sandbox.get(at, as_of="2026-01-01T00:00:00Z") == now
    bearer = {"Authorization": f"Bearer {sandbox.keys['u.aud']}"}
    for asked, status in (
        ({"revision": "99"}, 404),
        ({"as_of": "0"}, 404),
        ({"revision": "0"}, 422),
        ({"revision": "1", "as_of": "1"}, 422),
        ({"as_of": "soon"}, 422),
    ):
        answer = await sandbox.http.get(at, headers=bearer, params=asked)
        assert answer.status_code == status, (asked, answer.text)
