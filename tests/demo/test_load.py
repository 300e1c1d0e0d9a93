"""Loading: the same to the byte, taken up after an interruption, never into somebody's log."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from app.boot import adopt_first_rule_pack
from app.demo.door import DemoStepRefused, Door
from app.demo.load import Demo, DemoSize, load_demo
from app.demo.schedule import Answer, Due
from app.events.database import Database
from app.main import Plan, edge_at
from tests.api.desk import open_desk
from tests.demo.conftest import PEPPER, Told, demo_of, leaf_hashes

TINY = Demo()


async def load(plan: Plan, demo: Demo = TINY) -> str:
    """Load a demo; what was printed."""
    printed = StringIO()
    await load_demo(plan, demo, Console(file=printed, width=200))
    return printed.getvalue()


async def write(database: Database, statement: str) -> None:
    """Change something behind the service's back."""
    connection = await database.connect()
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_same_demo_is_the_same_to_the_byte_also_in_a_sandbox(
    plan: Plan, told: Told
) -> None:
    await write(plan.database, "UPDATE log_head SET mode = 'sandbox'")

    printed = await load(replace(plan, mode="sandbox"))

    assert await leaf_hashes(plan.database) == told.hashes
    assert await demo_of(plan.database) == "tiny, seed 42"
    assert printed.count("\n") == 1
    async with open_desk(replace(plan, mode="sandbox")) as desk:
        case = await desk.get(f"/v1/feedback-cases/{told.cases['ST4-11']['case_id']}")
    assert case["state"]["customer_ref"] == "ST4-11"


async def test_an_interrupted_load_is_taken_up_in_its_size_as_if_nothing_had_been(
    plan: Plan, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, asked = Door.ask, 0

    async def interrupted(self: Door, together: Sequence[Due]) -> Sequence[Answer]:
        nonlocal asked
        asked += 1
        answers = await ask(self, together)
        if asked == 150:
            raise asyncio.CancelledError  # it happened, and nobody heard the answers
        return answers

    with monkeypatch.context() as patched:
        patched.setattr(Door, "ask", interrupted)
        with pytest.raises(asyncio.CancelledError):
            await load(plan)
    half = await leaf_hashes(plan.database)
    assert await demo_of(plan.database) == "tiny, seed 42, loading"

    printed = await load(plan, Demo(DemoSize.SMALL, 43))

    assert 100 < len(half) < len(told.hashes)
    assert half == told.hashes[: len(half)]
    assert await leaf_hashes(plan.database) == told.hashes
    assert await demo_of(plan.database) == "tiny, seed 42"
    assert "tiny, seed 42: 60 cases" in printed


async def test_a_log_that_is_not_empty_is_left_alone(plan: Plan) -> None:
    async with edge_at(replace(plan, clock_is_given=True)) as edge:
        await adopt_first_rule_pack(edge, None)
    before = await leaf_hashes(plan.database)

    printed = await load(plan)

    assert "the log is not empty" in printed
    assert await leaf_hashes(plan.database) == before
    assert await demo_of(plan.database) is None


async def test_a_demo_is_loaded_once(told: Told) -> None:
    printed = await load(Plan(database=told.database, pepper=PEPPER))

    assert printed.startswith("Demo        tiny, seed 42, was loaded before")
    assert await demo_of(told.database) == "tiny, seed 42"


async def test_a_load_that_others_wrote_into_is_left_as_it_is(plan: Plan) -> None:
    async with edge_at(replace(plan, clock_is_given=True)) as edge:
        await adopt_first_rule_pack(edge, None)
    await write(plan.database, "UPDATE log_head SET demo = 'small, seed 42, loading'")
    before = await leaf_hashes(plan.database)

    printed = await load(plan)

    assert "others have written since" in printed
    assert await leaf_hashes(plan.database) == before


async def test_the_demos_keys_open_nothing_afterwards(told: Told) -> None:
    connection = await told.database.connect()
    try:
        labels = await connection.fetch("SELECT DISTINCT label FROM api_keys")
    finally:
        await connection.close()

    assert [row["label"] for row in labels] == ["test"]


async def test_a_refusal_stops_the_load_and_says_why(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.demo.foundations.OBJECTION_DAYS", 0)

    with pytest.raises(DemoStepRefused, match=r"(?s)demo-agreement-C01-2024-1.*MALFORMED"):
        await load(plan)

    assert await demo_of(plan.database) == "tiny, seed 42, loading"


async def test_after_the_demo_the_clock_is_the_real_one(told: Told) -> None:
    began = datetime.now(UTC)

    async with open_desk(Plan(database=told.database, pepper=PEPPER)) as desk:
        body = {"code": "X01", "zh": "其他", "en": "other", "cause_class": "DESIGN"}
        done = await desk.does("/v1/cause-catalogue/define", body, by="u.qa1")

    assert datetime.fromisoformat(done["recorded_at"]) >= began
