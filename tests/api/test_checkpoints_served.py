"""Checkpoints as an operator meets them: `sanbao serve`, `sanbao keys rotate`, the settings."""

import asyncio
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from app.config import Settings
from app.serving import environment_of, signing_plan_of
from tests.api.service import SANBAO, Service
from tests.evidence import rfc


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place for a data directory, which a database server may enter."""
    made = Path(tempfile.mkdtemp(prefix="sanbao-serve-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


class Auditor:
    """Asks a service with the auditor's key."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._headers = {"Authorization": f"Bearer {service.keys['u.aud']}"}

    async def get(self, path: str) -> httpx.Response:
        """One query."""
        async with httpx.AsyncClient(base_url=self._service.address) as http:
            return await http.get(path, headers=self._headers)

    async def checks(self) -> dict[str, Any]:
        """What `/readyz` says of checkpoints."""
        found: dict[str, Any] = (await self.get("/readyz")).json()["checks"]["checkpoints"]
        return found

    async def until_signed(self, size: int) -> str:
        """The note of the checkpoint that covers so many events, once it is copied, too."""
        async with asyncio.timeout(30):
            while (await self.checks()).get("in_directory") != size:
                pass
        return (await self.get("/v1/tree/checkpoint")).text


async def define(service: Service, code: str) -> None:
    """One more event."""
    headers = {"Authorization": f"Bearer {service.keys['u.qa1']}", "Idempotency-Key": code}
    body = {"code": code, "zh": "缺胶", "en": "missing rubber", "cause_class": "DESIGN"}
    async with httpx.AsyncClient(base_url=service.address) as http:
        answer = await http.post("/v1/cause-catalogue/define", json=body, headers=headers)
    assert answer.status_code == 200


def rotated(data_dir: Path) -> "subprocess.CompletedProcess[str]":
    """`sanbao keys rotate`."""
    return subprocess.run(  # noqa: S603 - ours
        [SANBAO, "keys", "rotate", f"--data-dir={data_dir}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_a_service_signs_by_itself_and_goes_on_with_a_rotated_key(folder: Path) -> None:
    service = Service(folder / "data")
    await service.start()
    auditor = Auditor(service)
    first = await auditor.until_signed(1)

    done = await asyncio.to_thread(rotated, service.data_dir)
    assert done.returncode == 0, done.stderr
    await define(service, "M01")
    last = await auditor.until_signed(2)

    old, new = (
        each["verifier_key"] for each in (await auditor.get("/v1/tree/keys")).json()["data"]
    )
    assert rfc.read_checkpoint(first, old)[:2] == ("sanbao/sanbao", 1)
    assert rfc.read_checkpoint(last, new)[:2] == ("sanbao/sanbao", 2)
    assert old in done.stdout
    assert new in done.stdout
    assert service.interrupt(10) == 0

    copy = service.data_dir / "checkpoints" / "sanbao"
    leaves = (copy / "leaves").read_bytes()
    root = rfc.read_checkpoint(last, new)[2]
    assert rfc.node(leaves[:32], leaves[32:]) == root
    assert (copy / "checkpoints").read_text().endswith(f"{last}\n")
    key = service.data_dir / "checkpoint-key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert not list(service.data_dir.glob("*.next"))
    assert key.read_text() not in service.printed()

    await service.start()
    await define(service, "M02")
    assert rfc.read_checkpoint(await auditor.until_signed(3), new)[1] == 3
    assert service.interrupt(10) == 0


def test_settings_reach_the_processes_that_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(
        checkpoint_key="00" * 32,
        checkpoint_origin="plant.example/sanbao",
        checkpoint_dir=Path("copies"),
        checkpoint_url="https://witness.example/?t=1",
        checkpoint_seconds_min=30,
    )
    for name, value in environment_of(given).items():
        monkeypatch.setenv(name, value)

    plan = signing_plan_of(Settings())

    assert [each.name for each in plan.keys.candidates()] == ["plant.example/sanbao"]
    assert plan.keys.is_given
    assert plan.directory == Path("copies").resolve()
    assert (plan.url, plan.seconds_min) == ("https://witness.example/?t=1", 30)
    assert "witness" not in repr(given)
    assert "0000" not in repr(given)


def test_each_plant_has_its_own_name_and_its_own_copy() -> None:
    plan = signing_plan_of(Settings(schema_name="plant_b", data_dir=Path("data")))

    assert plan.keys.origin == "sanbao/plant_b"
    assert plan.directory == Path("data/checkpoints/plant_b")


@pytest.mark.parametrize(
    "wrong",
    [
        {"checkpoint_key": "not a key"},
        {"checkpoint_origin": "a plant"},
        {"checkpoint_origin": "a+b"},
        {"checkpoint_origin": ""},
        {"checkpoint_url": "ftp://witness.example"},
        {"checkpoint_seconds_min": 0},
    ],
)
def test_a_setting_that_does_not_fit_is_refused_at_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**wrong)
    assert "not a key" not in refused.value.errors(include_input=False)[0]["msg"]
