"""`sanbao access`: keys for whoever works on the database itself, beside a service that runs."""

import asyncio
import getpass
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import structlog
from pydantic import ValidationError
from typer.testing import CliRunner, Result

from app.cli import cli
from app.config import Settings
from app.domain.values import Role
from app.main import Plan
from app.serving import environment_of
from tests.api.desk import Desk

Line = Callable[..., Awaitable[Result]]


@pytest.fixture
def line(plan: Plan, tmp_path: Path) -> Iterator[Line]:
    """The command line over the plant's log; it says where logs go, which is taken back after."""
    before = structlog.get_config()
    secret = plan.pepper.decode()
    env = {"DATABASE_URL": plan.database.url, "SANBAO_DATA_DIR": str(tmp_path), "COLUMNS": "200"}
    env |= {"SANBAO_KEY_PEPPER": secret, "SANBAO_PERSON_KEY": secret}

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, ("access", *words), env=env)

    yield run
    structlog.configure(**before)


async def test_the_operator_issues_rotates_lists_and_revokes(desk: Desk, line: Line) -> None:
    issued = await line("issue", "ren", "--role=ADMINISTRATOR", "--label=office")
    key = issued.stdout.strip()
    desk.keys["ren"] = key
    key_id = key.split("_")[1]

    assert (await desk.get("/v1/whoami", by="ren"))["roles"] == ["ADMINISTRATOR"]
    (event,) = await desk.events("AccessKeyIssued")
    assert (event["person"], event["client"]) == (f"operator:{getpass.getuser()}", "cli")
    rotated = await line("rotate", key_id, "--overlap-hours=0")
    desk.keys["ren"] = rotated.stdout.strip()
    assert (await desk.get("/v1/whoami", by="ren"))["person"] == "ren"
    listed = await line("list", "--person=ren", "--all", "--json")
    rows = [json.loads(each) for each in listed.stdout.splitlines()]
    assert [row["rotated_from"] for row in rows] == [key_id, None]
    young = rows[0]["key_id"]
    assert (await line("revoke", young, "--reason=No longer with us.")).exit_code == 0
    told = (await line("list", "--person=ren")).stdout
    assert told == ""
    assert "revoked" in (await line("list", "--all")).stdout


async def test_what_an_administrator_may_not_do_the_operator_may_not(
    desk: Desk, line: Line
) -> None:
    mixed = await line("issue", "x", "--role=AUDITOR", "--role=FINANCE", "--label=y")
    assert (mixed.exit_code, "ROLES_STAND_ALONE" in mixed.output) == (1, True)
    unknown = await line("revoke", "0123456789ab", "--reason=Was lost.")
    assert (unknown.exit_code, "NOT_FOUND" in unknown.output) == (1, True)
    odd = await line("issue", " x", "--role=AUDITOR", "--label=y", "--expires-at=soon")
    assert odd.exit_code == 2
    assert not await desk.events("AccessKeyIssued")


TOLD = {
    "SANBAO_OIDC_ISSUER": "https://login.plant.cn/realms/plant",
    "SANBAO_OIDC_AUDIENCE": "sanbao",
    "SANBAO_OIDC_ROLES": '{"quality": ["QA_ENGINEER", "QA_MANAGER"]}',
    "SANBAO_OIDC_ROLES_CLAIM": "realm_access.roles",
    "SANBAO_OIDC_PERSON_CLAIM": "email",
    "SANBAO_OIDC_ALGORITHMS": "ES256, EdDSA",
    "SANBAO_OIDC_LEEWAY_SECONDS": "5",
}


def test_the_settings_of_an_identity_provider_reach_every_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)
    plan = Settings().identity
    assert plan is not None
    assert plan.roles == {"quality": (Role.QA_ENGINEER, Role.QA_MANAGER)}
    assert (plan.algorithms, plan.leeway_seconds) == (("ES256", "EdDSA"), 5)

    for name, value in environment_of(Settings()).items():
        monkeypatch.setenv(name, value)

    assert Settings().identity == plan


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("SANBAO_OIDC_ISSUER", "http://login.plant.cn"),
        ("SANBAO_OIDC_AUDIENCE", ""),
        ("SANBAO_OIDC_ROLES", "{}"),
        ("SANBAO_OIDC_ROLES", '{"x": ["SYSTEM"]}'),
        ("SANBAO_OIDC_ROLES", '{"x": ["BOSS"]}'),
        ("SANBAO_OIDC_ALGORITHMS", "none"),
        ("SANBAO_OIDC_ALGORITHMS", "RS256,HS256"),
        ("SANBAO_OIDC_LEEWAY_SECONDS", "3600"),
    ],
)
def test_settings_that_would_let_in_anybody_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, odd: str
) -> None:
    for each, value in (TOLD | {name: odd}).items():
        monkeypatch.setenv(each, value)
    with pytest.raises(ValidationError):
        Settings()
