"""`sanbao erase-person`: the command line of an erasure, beside a service that runs."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from app.cli import cli
from app.domain.personal import ERASED
from app.main import Plan
from tests.api.desk import Desk
from tests.api.personal import VIN, WHY
from tests.api.stories import define_cause, feedback

Line = Callable[..., Awaitable[Result]]


@pytest.fixture
def line(plan: Plan, tmp_path: Path) -> Iterator[Line]:
    """The command line over the plant's log; it says where logs go, which is taken back after."""
    before = structlog.get_config()
    secret = plan.pepper.decode()
    env = {"DATABASE_URL": plan.database.url, "SANBAO_DATA_DIR": str(tmp_path), "COLUMNS": "200"}
    env |= {"SANBAO_KEY_PEPPER": secret, "SANBAO_PERSON_KEY": secret}

    async def run(key: str, *words: str, said: str = VIN, **more: str) -> Result:
        own = env | {"SANBAO_API_KEY": key} | more
        words = ("erase-person", *words)
        return await asyncio.to_thread(CliRunner().invoke, cli, words, input=f"{said}\n", env=own)

    yield run
    structlog.configure(**before)


async def test_two_people_erase_a_third_from_the_command_line(desk: Desk, line: Line) -> None:
    await define_cause(desk)
    case = await feedback(desk, vehicle={"model": "WD615", "vin": VIN})
    manager, general = desk.keys["u.qam"], desk.keys["u.gm"]

    early = await line(general, "--step=erase", f"--reason={WHY}")
    asked = await line(manager, "--step=request", f"--reason={WHY}")
    subject = asked.stdout.split()[0]
    alone = await line(manager, "--step=erase", f"--reason={WHY}")
    done = await line(general, "--step=erase", f"--reason={WHY}", f"--subject={subject}")
    shown = await line(manager, f"--subject={subject}")

    assert (early.exit_code, "ERASURE_NOT_REQUESTED" in early.output) == (1, True)
    assert (asked.exit_code, asked.stdout.split()[1]) == (0, "REQUESTED")
    assert (alone.exit_code, "WRONG_ROLE" in alone.output) == (1, True)
    assert (done.exit_code, done.stdout.split()) == (0, [subject, "ERASED"])
    assert shown.stdout.split()[1] == "ERASED"
    state = (await desk.get(f"/v1/feedback-cases/{case}"))["state"]
    assert state["vehicle"]["vin"] == ERASED


async def test_what_does_not_fit_is_said_before_anything_is_asked(desk: Desk, line: Line) -> None:
    key = desk.keys["u.qam"]

    assert (await line(key, "--step=forget", f"--reason={WHY}")).exit_code == 2
    assert (await line(key, "--step=request")).exit_code == 2
    assert (await line(key, "--kind=CUSTOMER_PERSON")).exit_code == 2
    unknown = await line(key, "--kind=CUSTOMER_PERSON", "--owner=C01", said="王伟")
    assert (unknown.exit_code, "NOT_FOUND" in unknown.output) == (1, True)
    other = await line(key, SANBAO_PERSON_KEY="another master key than the one that was used")
    assert (other.exit_code, "WrongPersonKey" in other.output) == (1, True)
