"""Whatever was recorded first, the figures are the same; and an auditor comes to them, too.

Turns happen in memory; the ledgers' rows are laid into PostgreSQL for as long as the KPIs read
them, in a transaction that is never committed.
"""

import io
import json
import runpy
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import asyncpg
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.events.database import Database
from app.events.folding import Version
from app.events.reading import Snapshot
from app.events.store import Log
from app.projections.catalogue import LEDGERS
from app.projections.kpis.analysis import analysis
from app.projections.kpis.cause_frequency import cause_frequency
from app.projections.kpis.cost_ratio import cost_ratio
from app.projections.kpis.ground import ground_of
from app.projections.kpis.near_miss import near_miss
from app.projections.kpis.occurrence_quantity import occurrence_quantity
from app.projections.kpis.on_time import on_time
from app.projections.kpis.pareto import By, pareto
from tests.domain.counting import a_house, sell
from tests.projections.facts import Fact, Telling, facts, mixed
from tests.turns import WORKINGS, House

NOW: Final = datetime(2025, 5, 20, 4, tzinfo=UTC)
QUARTERS: Final = ("2025Q1", "2025Q2")
YEARS: Final = ("2024", "2025")
KEYS: Final[tuple[By, ...]] = ("cause", "customer")

Json = dict[str, Any]


def lived(happened: Sequence[Fact], order: Random | None) -> House:
    """A house in which all of it happened, one by one or all at once, at one instant."""
    house = a_house()
    house.at = NOW
    sell(house, 2_000_00)
    stories = [Telling(house, fact, number).steps() for number, fact in enumerate(happened)]
    one_by_one = [step for story in stories for step in story]
    for step in one_by_one if order is None else mixed(stories, order):
        step()
    return house


async def figures(connection: "asyncpg.Connection[asyncpg.Record]", house: House) -> list[Json]:
    """What the KPIs read from the ledgers of a house."""
    change = connection.transaction()
    await change.start()
    try:
        log = Log(connection, WORKINGS.codec)
        await log.append(await log.lock_head(), house.events, None)
        for ledger in LEDGERS:
            rows = {
                key: [Version(1, row)]
                for (name, key), row in house.memory.rows.items()
                if name == ledger.name and row is not None
            }
            if rows:
                await log.execute(ledger.statements(rows))
        head = len(house.events)
        ground = await ground_of(Snapshot(head, head, connection, WORKINGS.codec), NOW)
        read = [
            *[await cost_ratio(ground, year) for year in YEARS],
            *[await cause_frequency(ground, each) for each in QUARTERS],
            *[await occurrence_quantity(ground, each) for each in QUARTERS],
            *[await on_time(ground, each) for each in QUARTERS],
            *[await analysis(ground, each) for each in QUARTERS],
            *[await pareto(ground, each, by) for each in QUARTERS for by in KEYS],
            await near_miss(ground, NOW.date()),
        ]
        return [each.model_dump(mode="json") for each in read]
    finally:
        await change.rollback()


def bare(answer: Any) -> Any:  # noqa: ANN401 - any JSON
    """What is said, without the numbers and ids that were given out on the way."""
    if isinstance(answer, dict):
        given_out = ("position", "_id", "_no", "nos")
        return {n: bare(each) for n, each in answer.items() if not n.endswith(given_out)}
    if isinstance(answer, list):
        return sorted((bare(each) for each in answer), key=repr)
    return answer


def recomputed(house: House) -> dict[str, dict[str, int]]:
    """What `docs/recompute.py` makes of the events."""
    lines, answer = "\n".join(json.dumps(each.envelope()) for each in house.events), io.StringIO()
    before, sys.stdin = sys.stdin, io.StringIO(lines)
    try:
        with redirect_stdout(answer):
            runpy.run_path("docs/recompute.py")
    finally:
        sys.stdin = before
    found: dict[str, dict[str, int]] = json.loads(answer.getvalue())
    return found


def as_said(read: Sequence[Json]) -> dict[str, dict[str, int]]:
    """The targets of clause 3.7 as the service says them, in the shape of the script."""
    ratios, frequencies, quantities = read[:2], read[2:4], read[4:6]
    return {
        "kpi_1": {
            f"{each['quarter']} {cause['cause_code']}": cause["count"]
            for each in frequencies
            for cause in each["causes"]
        },
        "kpi_2": {each["quarter"]: each["exceeded"] for each in quantities},
        "cost_fen": {each["year"]: fen_of(each["cost"]) for each in ratios},
        "net_sales_fen": {each["year"]: fen_of(each["net_sales"]) for each in ratios},
    }


def fen_of(amount: Json) -> int:
    """An amount of the interface in whole fen."""
    return int(amount["amount"].replace(".", ""))


def without_nothing(figures: dict[str, dict[str, int]]) -> dict[tuple[str, str], int]:
    """What is said of nothing is as good as not said."""
    return {(name, of): n for name, each in figures.items() for of, n in each.items() if n}


@settings(
    max_examples=15,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # made smaller it takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    happened=st.lists(facts, min_size=2, max_size=9),
    order=st.integers(min_value=0, max_value=2**32),
)
async def test_figures_do_not_depend_on_the_order_in_which_facts_were_recorded(
    database: Database, happened: list[Fact], order: int
) -> None:
    one_by_one = lived(happened, None)
    all_at_once = lived(happened, Random(order))  # noqa: S311 - an order, no secret
    connection = await database.connect()
    try:
        first, second = [await figures(connection, each) for each in (one_by_one, all_at_once)]
    finally:
        await connection.close()

    assert bare(first) == bare(second)
    assert without_nothing(recomputed(all_at_once)) == without_nothing(as_said(second))
