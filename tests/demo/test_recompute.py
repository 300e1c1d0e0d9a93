"""What an auditor adds up from the exported events is what the service says."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from app.main import Plan
from tests.api.desk import Json, open_desk
from tests.demo.conftest import PEPPER, Told


@pytest.fixture
def recomputed(told: Told) -> dict[str, dict[str, int]]:
    """The figures, by a script that knows nothing of the service."""
    lines = "".join(json.dumps(each) + "\n" for each in told.events)
    done = subprocess.run(
        [sys.executable, "docs/recompute.py"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, dict[str, int]] = json.loads(done.stdout)
    return figures


async def read(told: Told, *questions: tuple[str, Json]) -> list[Any]:
    """What the service says of the demo."""
    plan = Plan(database=told.database, pepper=PEPPER)
    async with open_desk(replace(plan, clock_is_given=True)) as desk:
        return [await desk.get(f"/v1/kpis/{path}", **asked) for path, asked in questions]


async def test_the_targets_of_clause_3_7_are_recomputed_from_the_exported_events(
    told: Told, recomputed: dict[str, dict[str, int]]
) -> None:
    quarters = sorted(recomputed["kpi_2"])
    years = sorted(recomputed["cost_fen"])
    frequencies = await read(told, *(("cause-frequency", {"quarter": q}) for q in quarters))
    quantities = await read(told, *(("occurrence-quantity", {"quarter": q}) for q in quarters))
    ratios = await read(told, *(("cost-ratio", {"year": y}) for y in years))

    counted = {key: count for key, count in recomputed["kpi_1"].items() if count}
    assert counted == {
        f"{each['quarter']} {cause['cause_code']}": cause["count"]
        for each in frequencies
        for cause in each["causes"]
    }
    assert counted["2025Q1 M05"] == 11
    assert recomputed["kpi_2"] == {each["quarter"]: each["exceeded"] for each in quantities}
    for each in ratios:
        cost, sales = (recomputed.get(name, {}) for name in ("cost_fen", "net_sales_fen"))
        assert fen_of(each["cost"]) == cost[each["year"]]
        assert fen_of(each["net_sales"]) == sales.get(each["year"], 0)


def fen_of(amount: Json) -> int:
    """An amount of the interface in whole fen."""
    return int(amount["amount"].replace(".", ""))
