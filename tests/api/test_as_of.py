"""A ledger as it was known at a moment; now is the same as live."""

from typing import Final

from tests.api.desk import Desk
from tests.api.stories import agree, define_cause, feedback, judged, split_claim


async def test_a_ledger_shows_what_was_known_then(sandbox: Desk) -> None:
    sandbox.at = "2025-03-03T02:00:00Z"
    first = await feedback(sandbox)
    known = await sandbox.get("/v1/ledgers/feedback")
    sandbox.at = "2025-03-04T02:00:00Z"
    await feedback(sandbox)
    body = {"channel": "PHONE"}
    await sandbox.does(f"/v1/feedback-cases/{first}/acknowledge", body, by="u.clerk")
    live = await sandbox.get("/v1/ledgers/feedback")

    for moment in (str(known["position"]), "2025-03-03T23:59:59Z"):
        then = await sandbox.get("/v1/ledgers/feedback", as_of=moment)
        assert then["data"] == known["data"]
        assert then["position"] == known["position"]
    for moment in (str(live["position"]), "2030-01-01T00:00:00Z", "999999"):
        assert (await sandbox.get("/v1/ledgers/feedback", as_of=moment))["data"] == live["data"]
    for moment in ("0", "1999-12-31T23:59:59Z"):
        none = await sandbox.get("/v1/ledgers/feedback", as_of=moment)
        assert (none["data"], none["position"], none["has_more"]) == ([], 0, False)
    moment = str(live["position"])
    page = await sandbox.get("/v1/ledgers/feedback", as_of=moment, limit=1)
    rest = await sandbox.get(
        "/v1/ledgers/feedback", as_of=moment, limit=1, cursor=page["next_cursor"]
    )
    assert page["data"] + rest["data"] == live["data"]


async def test_a_moment_that_is_none_is_told_so(sandbox: Desk) -> None:
    bearer = {"Authorization": f"Bearer {sandbox.keys['u.aud']}"}
    for odd in ("yesterday", "2025-03-03", "-1", "2025-03-03T00:00:00"):
        answer = await sandbox.http.get("/v1/ledgers/claims", headers=bearer, params={"as_of": odd})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "query:as_of"


KPIS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("/v1/kpis/cause-frequency", {"quarter": "2025Q1"}),
    ("/v1/kpis/occurrence-quantity", {"quarter": "2025Q1"}),
    ("/v1/kpis/cost-ratio", {"year": "2025"}),
    ("/v1/kpis/pareto", {"quarter": "2025Q1"}),
    ("/v1/kpis/on-time", {"quarter": "2025Q1"}),
    ("/v1/kpis/analysis", {"quarter": "2025Q1"}),
    ("/v1/kpis/near-miss", {"on": "2025-03-03"}),
    ("/v1/quarterly-reports/2025Q1/figures", {}),
    ("/v1/management-reviews/2025/figures", {}),
)


async def test_every_figure_is_the_same_when_it_is_asked_for_later(sandbox: Desk) -> None:
    sandbox.at = "2025-03-03T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    done = await split_claim(sandbox, "501.15", failure_on="2025-02-10")
    await feedback(sandbox, qty_reported=9)
    live = [await sandbox.get(path, **asked) for path, asked in KPIS]
    moment = str(live[0]["position"])
    at = f"/v1/claims/{done['id']}"
    await sandbox.does(f"{at}/approve-execution", {}, by="u.td")
    await judged(sandbox, await feedback(sandbox))
    await sandbox.does(f"{at}/withdraw", {"reason": "It was claimed twice."}, by="u.clerk")

    then = [await sandbox.get(path, **asked, as_of=moment) for path, asked in KPIS]

    assert then == live
    assert live != [await sandbox.get(path, **asked) for path, asked in KPIS]
