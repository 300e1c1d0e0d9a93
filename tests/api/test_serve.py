"""`sanbao serve` as a person meets it: what it prints, what it keeps, how it stops."""

import asyncio
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.api.service import SANBAO, Service
from tests.api.test_outage import CASE


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place for a data directory, which a database server may enter."""
    made = Path(tempfile.mkdtemp(prefix="sanbao-serve-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


async def test_it_stops_within_three_seconds_also_with_an_open_stream(folder: Path) -> None:
    service = Service(folder / "data")
    await service.start()
    headers = {"Authorization": f"Bearer {service.keys['u.aud']}"}
    async with (
        httpx.AsyncClient(base_url=service.address, timeout=10) as http,
        http.stream("GET", "/v1/events/stream", headers=headers) as stream,
    ):
        lines = stream.aiter_lines()
        while not (await anext(lines)).startswith("id: 1"):
            pass
        began = time.monotonic()
        code = service.interrupt(10)
        took = time.monotonic() - began
        with suppress(httpx.HTTPError):
            assert not [line async for line in lines if line.startswith("id: 2")]

    assert took < 3
    assert code == 0
    assert not list(service.data_dir.rglob("postmaster.pid"))


@pytest.mark.parametrize("options", [(), ("--workers=2",)])
async def test_it_is_stopped_like_a_container_and_takes_its_database_along(
    folder: Path, options: tuple[str, ...]
) -> None:
    service = Service(folder / "data", options)
    await service.start()

    assert service.interrupt(10, by=signal.SIGTERM) == 0
    assert not list(service.data_dir.rglob("postmaster.pid"))


async def test_it_prints_one_key_a_role_and_keeps_them_for_its_owner(folder: Path) -> None:
    service = Service(folder / "data", ("--sandbox",))
    await service.start()
    try:
        printed = service.printed()
        for key in service.keys.values():
            assert key in printed
        assert "SANDBOX" in printed
        assert f"{service.address}/docs" in printed
        mode = (service.data_dir / "keys.json").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
        assert stat.S_IMODE((service.data_dir / "pepper").stat().st_mode) == 0o600
    finally:
        assert service.interrupt(5) == 0
    live = Service(service.data_dir)
    with pytest.raises(AssertionError, match="used as sandbox"):
        await live.start()


async def test_a_database_that_fell_is_up_again_by_itself(folder: Path) -> None:
    service = Service(folder / "data")
    await service.start()
    service.kill_database()

    async with httpx.AsyncClient(base_url=service.address) as http, asyncio.timeout(30):
        while True:  # until nobody answers for it any more, then until it does again
            fell = (await http.get("/readyz")).status_code == 503
            if fell:
                break
        assert (await http.get("/livez")).status_code == 200
        while (await http.get("/readyz")).status_code != 200:
            pass
    assert service.interrupt(5) == 0
    assert not list(service.data_dir.rglob("postmaster.pid"))


async def test_the_first_command_of_the_readme_loads_the_demo_and_serves_it(folder: Path) -> None:
    service = Service(folder / "data", ("--demo",))
    await service.start()
    headers = {"Authorization": f"Bearer {service.keys['u.aud']}"}

    async with httpx.AsyncClient(base_url=service.address, headers=headers) as http:
        ready = (await http.get("/readyz")).json()
        claims = (await http.get("/v1/ledgers/claims", params={"limit": 200})).json()["data"]

    assert ready["checks"]["database"]["demo"] == "tiny, seed 42"
    assert len(claims) == 34
    assert "60 cases, 34 claims" in service.printed()
    assert service.interrupt(10) == 0


async def test_log_lines_that_cannot_be_written_stop_nothing(folder: Path) -> None:
    service = Service(folder / "data", log_to=Path("/dev/full"))
    await service.start()
    headers = {"Authorization": f"Bearer {service.keys['u.clerk']}", "Idempotency-Key": "one"}

    service.kill_database()

    async with httpx.AsyncClient(base_url=service.address) as http, asyncio.timeout(30):
        while True:
            answer = await http.post("/v1/feedback-cases", json=CASE, headers=headers)
            if answer.status_code != 503:
                break
        assert answer.status_code == 201
        assert (await http.get("/readyz")).json()["checks"]["writer"] == {"ok": True}


async def test_several_processes_serve_one_log(folder: Path) -> None:
    service = Service(folder / "data", ("--workers=2",))
    await service.start()
    headers = {"Authorization": f"Bearer {service.keys['u.qa1']}"}
    codes = [f"M{i:02d}" for i in range(30)]
    for code in codes:
        async with httpx.AsyncClient(base_url=service.address) as http:
            body = {"code": code, "zh": "缺胶", "en": "missing rubber", "cause_class": "DESIGN"}
            answer = await http.post(
                "/v1/cause-catalogue/define",
                json=body,
                headers=headers | {"Idempotency-Key": code},
            )
            assert answer.status_code == 200
    async with httpx.AsyncClient(base_url=service.address) as http:
        page = (await http.get("/v1/events?limit=200", headers=headers)).json()
    service.interrupt(5)

    assert [each["position"] for each in page["data"]] == list(range(1, len(codes) + 2))


def test_a_port_that_is_taken_is_told_before_anything_starts(folder: Path) -> None:
    import socket  # noqa: PLC0415 - only here

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(  # noqa: S603 - ours
            [SANBAO, "serve", f"--port={port}", f"--data-dir={folder / 'data'}"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    assert done.returncode == 1
    assert "choose another with --port" in done.stderr
    assert not (folder / "data").exists()
