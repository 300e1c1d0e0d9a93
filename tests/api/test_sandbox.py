"""The sandbox: its clock is the request's, never goes back, and everybody can tell."""

from datetime import UTC, datetime

import pytest

from app.boot import WrongMode, prepare
from app.main import Plan
from tests.api.desk import Desk
from tests.api.stories import feedback


async def test_what_is_recorded_follows_the_clock_of_the_request(sandbox: Desk) -> None:
    sandbox.at = "2025-03-31T15:59:59Z"
    await feedback(sandbox)
    sandbox.at = "2025-03-31T18:00:00+02:00"
    await feedback(sandbox)

    events = await sandbox.events("FeedbackRegistered")
    assert [each["recorded_at"] for each in events] == [
        "2025-03-31T15:59:59.000000Z",
        "2025-03-31T16:00:00.000000Z",
    ]
    assert [each["data"]["occurred_on"] for each in events] == ["2025-03-31", "2025-04-01"]


async def test_the_clock_never_goes_back_and_stands_where_it_was(sandbox: Desk) -> None:
    sandbox.at = "2025-03-31T15:59:59Z"
    case = await feedback(sandbox)
    body = {"channel": "PHONE"}
    path = f"/v1/feedback-cases/{case}/acknowledge"
    sandbox.at = "2025-03-31T15:59:58Z"
    refused = await sandbox.post(path, body, by="u.clerk")
    sandbox.at = None
    done = await sandbox.does(path, body, by="u.clerk")

    assert refused.status_code == 409
    assert refused.json()["code"] == "TIME_WENT_BACK"
    assert done["recorded_at"] == "2025-03-31T15:59:59.000000Z"


async def test_until_a_time_is_given_it_is_now(sandbox: Desk) -> None:
    await feedback(sandbox)
    (event,) = await sandbox.events("FeedbackRegistered")

    recorded = datetime.fromisoformat(event["recorded_at"])
    assert abs((datetime.now(UTC) - recorded).total_seconds()) < 60


@pytest.mark.parametrize("odd", ["yesterday", "2025-03-31", "2025-13-01T00:00:00Z", "1"])
async def test_an_odd_instant_is_told_so(sandbox: Desk, odd: str) -> None:
    sandbox.at = odd
    refused = await sandbox.post("/v1/cause-catalogue/define", {
        "code": "M01", "zh": "缺胶", "en": "missing rubber", "cause_class": "MANUFACTURING",
    }, by="u.qa1")  # fmt: skip

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "header:Sanbao-Time"


async def test_everybody_can_tell_a_sandbox(sandbox: Desk) -> None:
    answer = await sandbox.http.get("/readyz")

    assert answer.json()["sandbox"] is True
    assert answer.headers["sanbao-sandbox"] == "true"
    assert (await sandbox.http.get("/nowhere")).headers["sanbao-sandbox"] == "true"


async def test_a_live_service_does_not_take_the_time_from_a_request(desk: Desk) -> None:
    desk.at = "2025-03-31T15:59:59Z"
    refused = await desk.post("/v1/cause-catalogue/define", {
        "code": "M01", "zh": "缺胶", "en": "missing rubber", "cause_class": "MANUFACTURING",
    }, by="u.qa1")  # fmt: skip

    assert refused.status_code == 400
    assert refused.json()["code"] == "NOT_A_SANDBOX"


async def test_a_database_stays_what_it_was_first_used_as(plan: Plan) -> None:
    with pytest.raises(WrongMode, match="used as live"):
        await prepare(plan.database, "sandbox")
