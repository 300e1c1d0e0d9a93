"""Amounts at their edges over HTTP: what is a number, what escalates, what a year adds up to."""

import pytest

from tests.api.desk import Desk
from tests.api.stories import S_B, agree, cny, confirmed, define_cause, notice

MOST = "999999999999.99"


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """Monday 10 February 2025, ten o'clock in Shanghai, with an agreement and a cause."""
    sandbox.at = "2025-02-10T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    return sandbox


async def sold(desk: Desk, month: int, amount: str) -> None:
    """The books closed a month."""
    body = {"month": month, "net_sales": cny(amount), "source_ref": f"GL-{month}"}
    await desk.does("/v1/sales-figures/2025/record-figure", body, by="u.fin")


async def test_amounts_that_add_up_to_more_than_one_can_be_are_still_answered(desk: Desk) -> None:
    await sold(desk, 1, "1000000.00")
    for spec in ("X", "Y"):
        await confirmed(desk, MOST, spec=spec)

    await confirmed(desk, "0.01", spec=S_B)

    read = await desk.get("/v1/kpis/cost-ratio", year="2025")
    assert (read["cost"], read["status"]) == (cny("1999999999999.99"), "EXCEEDED")
    pareto = await desk.get("/v1/kpis/pareto", quarter="2025Q1")
    assert pareto["cost"] == cny("1999999999999.99")
    (row,) = (await desk.get("/v1/management-reviews/2025/figures"))["claims"]
    assert row["company_borne"] == cny("1999999999999.99")


NO_AMOUNTS = ("500.005", "5e2", "500", "-1.00", "５００.００", "1,000.00", "00.50", " 1.00", "NaN")


async def test_what_is_no_amount_is_told_once_and_in_words(desk: Desk) -> None:
    for written in (*NO_AMOUNTS, "1000000000000.00"):
        body = notice("1.00")
        body["lines"][0] |= {"amount": cny(written)}

        refused = await desk.post("/v1/claims", body, by="u.clerk")

        (fault,) = refused.json()["errors"]
        assert (refused.status_code, fault["pointer"]) == (422, "/lines/0/amount/amount"), written
        assert fault["detail"].startswith("Write an amount as 1280.00")
    assert await desk.events("ClaimRegistered") == []


async def test_a_specification_in_other_letters_does_not_escape_the_third_claim(
    desk: Desk,
) -> None:
    for spec in ("TC 85×105×10 FKM", "ＴＣ 85×105×10 ＦＫＭ", "TC  85×105×10\u3000FKM"):
        await confirmed(desk, "80.00", spec=spec)

    (raised,) = await desk.events("EscalationRaised")
    assert raised["data"]["reasons"][0]["decision"]["observed"] == 3
    found = await desk.get("/v1/ledgers/claims", spec_code="ＴＣ 85×105×10 FKM")
    assert len(found["data"]) == 3
