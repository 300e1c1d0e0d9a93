"""The service as it is started, beside abusers: others do not feel them; a stop loses nothing."""

import asyncio
import json
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import httpx
import pytest

from tests.api.raw import connected
from tests.api.service import Service

IMPATIENT = {
    "SANBAO_HEAD_SECONDS_MAX": "3",
    "SANBAO_BODY_SECONDS_MAX": "3",
    "SANBAO_READER_SECONDS_MAX": "3",
    "SANBAO_IDLE_SECONDS_MAX": "3",
}
OF_A_KIND = 50
SANE_SECONDS = 10.0
"""Far above what a caller is to wait: this machine may have other work, too."""
PLACES = "/v1/cause-catalogue/define"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place for a data directory, which a database server may enter."""
    made = Path(tempfile.mkdtemp(prefix="sanbao-overload-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def cause(number: int) -> dict[str, str]:
    """A cause to define."""
    return {"code": f"M{number:04d}", "zh": "缺胶", "en": "missing rubber", "cause_class": "DESIGN"}


async def test_two_hundred_slow_clients_cost_only_themselves(folder: Path) -> None:
    service = Service(folder / "data", environment=IMPATIENT)
    await service.start()
    keys = service.keys
    auditor = f"Host: x\r\nAuthorization: Bearer {keys['u.aud']}\r\n"
    engineer = {"Authorization": f"Bearer {keys['u.qa1']}"}
    openings = {
        "slow heads": "GET / HTTP/1.1\r\nX-Slow: ",
        "slow bodies": f"POST {PLACES} HTTP/1.1\r\n{auditor}Idempotency-Key: slow\r\n"
        "Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
        "slow readers": f"GET /v1/events?limit=200 HTTP/1.1\r\n{auditor}\r\n" * 40,
        "idle streams": f"GET /v1/events/stream HTTP/1.1\r\n{auditor}\r\n",
    }
    async with AsyncExitStack() as stack, httpx.AsyncClient(base_url=service.address) as http:
        slow = {}
        for kind, opening in openings.items():
            slow[kind] = [
                await stack.enter_async_context(connected(service.port)) for _ in range(OF_A_KIND)
            ]
            for client in slow[kind]:
                client.send(opening)
        for number in range(60):
            named = engineer | {"Idempotency-Key": f"good-{number}"}
            async with asyncio.timeout(SANE_SECONDS):
                done = await http.post(PLACES, json=cause(number), headers=named)
                read = await http.get("/v1/events?limit=5", headers=engineer)
                ready = await http.get("/readyz")
            statuses = (done.status_code, read.status_code, ready.status_code)
            assert statuses == (200, 200, 200), (done.text, read.text, ready.text)
        for client in slow["slow heads"]:
            (await client.answer()).problem(408, "TOO_SLOW")
        for client in slow["slow bodies"]:
            (await client.answer()).problem(403, "WRONG_ROLE")
        first_lines = [await client.reader.readline() for client in slow["idle streams"]]
        assert Counter(first_lines).keys() <= {
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 429 Too Many Requests\r\n",
        }
        assert first_lines.count(b"HTTP/1.1 200 OK\r\n") <= 8

    assert service.interrupt(20, by=signal.SIGTERM) == 0
    assert "request.failed" not in service.printed()
    assert "Traceback" not in service.printed()


async def test_a_flood_is_refused_with_what_is_left_and_others_are_served(folder: Path) -> None:
    settings = {
        "SANBAO_RATE_REQUESTS_PER_SECOND_MAX": "20",
        "SANBAO_RATE_BURST_REQUESTS_MAX": "50",
        "SANBAO_RATE_KEYLESS_PER_SECOND_MAX": "20",
        "SANBAO_RATE_KEYLESS_BURST_MAX": "50",
        "SANBAO_REQUESTS_AT_ONCE_PER_KEY_MAX": "8",
    }
    service = Service(folder / "data", ("--workers=2",), environment=settings)
    await service.start()
    good, bad = ({"Authorization": f"Bearer {service.keys[p]}"} for p in ("u.qa1", "u.aud"))
    over = asyncio.Event()
    answers: list[httpx.Response] = []

    async def flood(headers: dict[str, str]) -> None:
        async with httpx.AsyncClient(base_url=service.address, timeout=30) as http:
            while not over.is_set():
                answers.append(await http.get("/v1/events?limit=1", headers=headers))

    floods = [asyncio.create_task(flood(each)) for each in (bad, {}) for _ in range(16)]
    async with httpx.AsyncClient(base_url=service.address, timeout=30) as http:
        while sum(each.status_code == 429 for each in answers) < 40:
            assert (await http.get("/livez")).status_code == 200
        for number in range(10):
            named = good | {"Idempotency-Key": f"good-{number}"}
            done = await http.post(PLACES, json=cause(number), headers=named)
            assert done.status_code == 200, done.text
    over.set()
    await asyncio.gather(*floods)
    service.interrupt(20)

    assert {each.status_code for each in answers} == {200, 401, 429}
    for each in answers:
        if each.status_code == 429:
            assert each.headers["content-type"] == "application/problem+json"
            assert each.json()["code"] == "RATE_LIMITED"
            assert int(each.headers["retry-after"]) >= 1
            assert each.headers["ratelimit"]
            assert each.headers["ratelimit-policy"]


async def test_a_stop_under_load_loses_nothing_and_the_key_tells_the_truth(folder: Path) -> None:
    service = Service(folder / "data")
    await service.start()
    headers = {"Authorization": f"Bearer {service.keys['u.qa1']}"}
    told: dict[int, httpx.Response | None] = {}
    enough = asyncio.Event()

    async def write(first: int) -> None:
        async with httpx.AsyncClient(base_url=service.address, timeout=30) as http:
            for number in range(first, first + 500):
                named = headers | {"Idempotency-Key": f"stop-{number}"}
                told[number] = None
                with suppress(httpx.TransportError):
                    told[number] = await http.post(PLACES, json=cause(number), headers=named)
                answer = told[number]
                if answer is None or answer.headers.get("connection") == "close":
                    return
                if len(told) > 60:
                    enough.set()

    writing = [asyncio.create_task(write(first)) for first in range(0, 8_000, 1_000)]
    await enough.wait()
    assert service.process is not None
    service.process.send_signal(signal.SIGTERM)
    await asyncio.gather(*writing)
    assert await asyncio.to_thread(service.process.wait, 30) == 0

    answered = {n: each for n, each in told.items() if each is not None}
    assert {each.status_code for each in answered.values()} <= {200, 503}
    for each in answered.values():
        if each.status_code == 503:
            assert each.headers["content-type"] == "application/problem+json"
            assert each.headers["retry-after"]
    again = Service(folder / "data", port=service.port)
    await again.start()
    async with httpx.AsyncClient(base_url=again.address, timeout=30) as http:
        for number, before in told.items():
            named = headers | {"Idempotency-Key": f"stop-{number}"}
            after = await http.post(PLACES, json=cause(number), headers=named)
            assert after.status_code == 200
            if before is not None and before.status_code == 200:
                assert after.headers["idempotency-replayed"] == "true"
                assert json.loads(after.content) == json.loads(before.content)
        page = (await http.get("/v1/events?limit=200&after=1", headers=headers)).json()
    again.interrupt(20)
    defined = [each["data"]["code"] for each in page["data"]]

    assert len(defined) == len(set(defined))
