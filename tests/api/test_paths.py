"""Keys that people made up stand in addresses, whatever they hold: `/` is sent as `%2F`."""

from urllib.parse import quote

import pytest

from app.api.commands import address_of, parameter_of
from app.domain.aggregates import AGGREGATES
from app.projections.catalogue import LEDGERS
from tests.api.desk import Desk, Json
from tests.api.stories import S_A, agree
from tests.api.test_conventions import problem_of

KEYS = [
    pytest.param("L2501/2", id="a slash"),
    pytest.param("/L//2501/", id="slashes at both ends"),
    pytest.param("L2501%2F2", id="what looks encoded is not decoded twice"),
    pytest.param("50%", id="a percent sign"),
    pytest.param('L"1"?#&+;= 2', id="whatever else an address gives a meaning"),
    pytest.param("批次/鲁岳", id="Chinese"),
]
LOT: Json = {
    "spec_code": S_A,
    "produced_on": "2025-03-01",
    "workshop": "W1",
    "qty": 100,
    "warehoused_on": "2025-03-02",
}


@pytest.mark.parametrize("lot_no", KEYS)
async def test_a_lot_is_recorded_and_read_under_any_number(desk: Desk, lot_no: str) -> None:
    address = f"/v1/production-lots/{quote(lot_no, safe='')}"

    done = await desk.does(f"{address}/record", LOT, by="u.prod")

    read = await desk.get(address)
    assert done["id"] == read["id"] == read["state"]["lot_no"] == lot_no
    (event,) = await desk.events("ProductionLotRecorded")
    assert event["stream"] == f"production-lot-{lot_no}"


async def test_a_lot_and_a_customer_of_the_body_are_found_in_an_address(desk: Desk) -> None:
    declared = await desk.does(
        "/v1/lot-qualities/L1%2f2/declare-batch-problem",
        {"spec_code": S_A, "reason": "The defect is one of function."},
        by="u.qam",
    )
    await agree(desk, quote("C/01", safe=""))

    assert declared["id"] == "L1/2"
    assert (await desk.get("/v1/lot-qualities/L1%2F2"))["state"]["lot_no"] == "L1/2"
    assert (await desk.get("/v1/warranty-agreements/C%2F01"))["id"] == "C/01"


async def test_every_key_of_an_address_may_hold_a_slash(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    coded = [each for each in AGGREGATES if each.identity == "code"]
    addresses = [
        address_of(each).replace(f"{{{parameter_of(each)}}}", "A%2FB%252F") for each in coded
    ] + [f"/v1/ledgers/{each.address}/A%2FB%252F" for each in LEDGERS]

    assert len(coded) > 5
    for address in addresses:
        answer = await desk.http.get(address, headers=bearer)
        problem = problem_of(answer, 404, "NOT_FOUND")
        assert problem["details"]["id"] == "A/B%2F", address


async def test_an_unencoded_slash_is_another_address(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}

    answer = await desk.http.get("/v1/production-lots/L1/2", headers=bearer)

    problem_of(answer, 404, "NO_SUCH_ROUTE")
    wrong = await desk.http.delete("/v1/production-lots/L1%2F2", headers=bearer)
    assert wrong.headers["allow"] == "GET, HEAD, OPTIONS"
