"""What an auditor adds up from the exported events is what the service says."""

import json
import random
import subprocess
import sys
from itertools import pairwise
from typing import Any, Final

from app.main import Plan
from tests.api.desk import Desk, Json, open_desk
from tests.demo.conftest import PEPPER, Told

MOMENTS: Final = 20


def recomputed(events: list[Json]) -> dict[str, dict[str, int]]:
    """The figures, by a script that knows nothing of the service."""
    lines = "".join(json.dumps(each) + "\n" for each in events)
    done = subprocess.run(
        [sys.executable, "docs/recompute.py"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, dict[str, int]] = json.loads(done.stdout)
    return figures


async def agree(desk: Desk, figures: dict[str, dict[str, int]], **known: str) -> None:
    """Hold what the service says, now or as of a position, against the script's figures."""

    async def read(kpi: str, name: str, of: str) -> list[Any]:
        asked = sorted(figures.get(of, ()))
        return [await desk.get(f"/v1/kpis/{kpi}", **{name: each}, **known) for each in asked]

    frequencies = await read("cause-frequency", "quarter", "kpi_2")
    quantities = await read("occurrence-quantity", "quarter", "kpi_2")
    ratios = await read("cost-ratio", "year", "cost_fen")
    assert {key: count for key, count in figures.get("kpi_1", {}).items() if count} == {
        f"{each['quarter']} {cause['cause_code']}": cause["count"]
        for each in frequencies
        for cause in each["causes"]
    }
    assert figures.get("kpi_2", {}) == {each["quarter"]: each["exceeded"] for each in quantities}
    for each in ratios:
        assert fen_of(each["cost"]) == figures["cost_fen"][each["year"]]
        assert fen_of(each["net_sales"]) == figures.get("net_sales_fen", {}).get(each["year"], 0)


async def test_the_targets_of_clause_3_7_are_recomputed_from_the_exported_events(
    told: Told,
) -> None:
    figures = recomputed(told.events)

    assert figures["kpi_1"]["2025Q1 M05"] == 11
    async with open_desk(plan_of(told)) as desk:
        await agree(desk, figures)


async def test_they_are_recomputed_for_any_moment_from_the_events_up_to_it(told: Told) -> None:
    """Between commands: within one, the service has not yet drawn its conclusion from a fact."""
    chance = random.Random(37)  # noqa: S311 - the same every time
    ends = [
        after["position"] - 1
        for before, after in pairwise(told.events)
        if before["command_id"] != after["command_id"]
    ]
    async with open_desk(plan_of(told)) as desk:
        for position in chance.sample(ends, MOMENTS):
            await agree(desk, recomputed(told.events[:position]), as_of=str(position))


def plan_of(told: Told) -> Plan:
    """A house around the demo, in which no limit is watched."""
    return Plan(database=told.database, pepper=PEPPER, clock_is_given=True)


def fen_of(amount: Json) -> int:
    """An amount of the interface in whole fen."""
    return int(amount["amount"].replace(".", ""))
