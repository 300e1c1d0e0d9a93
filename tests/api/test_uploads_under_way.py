"""Files that come in slowly: so many at once and no more, and what a fall in the middle leaves."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.turnstile import Allowances
from app.evidence.contents import Contents
from app.main import Plan
from tests.api.desk import Desk, open_desk
from tests.api.files import PNG, opening_of, parts, until, uploaded
from tests.api.raw import Client, connected
from tests.api.service import SANBAO, Service, running
from tests.api.test_conventions import CASE, problem_of

FEW = Allowances(uploads_max=3, uploads_per_key_max=2)
HALF = len(PNG) // 2


@pytest.fixture
async def files(plan: Plan, contents: Contents) -> AsyncIterator[Desk]:
    """A desk of a house that takes few files at once."""
    async with open_desk(replace(plan, contents=contents, allowances=FEW)) as one:
        yield one


async def test_few_files_come_in_at_once_of_a_key_and_in_all(
    files: Desk, case: str, tmp_path: Path
) -> None:
    port = files.http.base_url.port or 0
    async with AsyncExitStack() as stack:

        async def begins(person: str, key: str) -> Client:
            client = await stack.enter_async_context(connected(port))
            client.send(opening_of(files.keys[person], case, key=key))
            client.send(PNG[:HALF])
            return client

        slow = [await begins("u.qa1", "s-1"), await begins("u.qa1", "s-2")]
        await until(lambda: len(parts(tmp_path)) == 2)
        mine = await uploaded(files, case, key="k-1")
        slow.append(await begins("u.clerk", "s-3"))
        await until(lambda: len(parts(tmp_path)) == 3)
        others = await uploaded(files, case, by="u.rep", key="k-1")

        problem_of(mine, 429, "TOO_MANY_UPLOADS")
        problem_of(others, 503, "BUSY")
        assert mine.headers["retry-after"] == others.headers["retry-after"] == "5"
        assert len(parts(tmp_path)) == 3
        assert (await files.get("/v1/events", by="u.qa1"))["data"]

        slow[0].send(PNG[HALF:])
        assert (await slow[0].answer()).status == 201
        assert (await uploaded(files, case, by="u.rep", key="k-1")).status_code == 201
        slow[1].writer.transport.abort()
        slow[2].writer.transport.abort()
        await until(lambda: files.edge.uploads.taken == 0)
    assert (await uploaded(files, case, key="k-1")).status_code == 201
    assert len(parts(tmp_path)) == 1


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """The service on a data directory of its own, with a durable database."""
    async with running() as found:
        yield found


def stored(service: Service) -> dict[str, bytes]:
    """What counts as content, by the name that it stands under."""
    folder = service.data_dir / "attachments" / "sha256"
    return {each.name: each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def incoming(service: Service) -> list[Path]:
    """What is on its way in."""
    return list((service.data_dir / "attachments" / "incoming").iterdir())


async def verified(service: Service) -> None:
    """Nothing that counts as content is other than its name, and the log holds with its files."""
    for name, content in stored(service).items():
        assert sha256(content).hexdigest() == name
    command = [str(SANBAO), "verify", f"--data-dir={service.data_dir}", "--json"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["holds"] is True


async def attachments(service: Service) -> list[Any]:
    """What the ledger knows of."""
    headers = {"Authorization": f"Bearer {service.keys['u.aud']}"}
    async with httpx.AsyncClient(base_url=service.address, headers=headers) as http:
        page = (await http.get("/v1/ledgers/attachments")).json()
        for each in page["data"]:
            content = await http.get(f"/v1/attachments/{each['attachment_id']}/content")
            assert (content.status_code, content.content) == (200, PNG)
        return list(page["data"])


async def sent_again(service: Service, about: str, key: str) -> None:
    """The same file under the same key, in one go: it is there, once."""
    before = {each["attachment_id"] for each in await attachments(service)}
    async with connected(service.port) as client:
        client.send(opening_of(service.keys["u.qa1"], about, key=key))
        client.send(PNG)
        answer = await client.answer()
    assert answer.status == 201, answer
    once = {json.loads(answer.body)["id"]}
    assert {each["attachment_id"] for each in await attachments(service)} == before | once
    replayed = answer.headers.get("idempotency-replayed") == "true"
    assert replayed is bool(once & before)


@pytest.mark.parametrize("sent", [HALF, len(PNG)])
async def test_a_fall_in_the_middle_leaves_nothing_that_is_read(
    service: Service, sent: int
) -> None:
    """With all of it sent, it falls at any step behind: before the store, the event, the answer."""
    clerk = {"Authorization": f"Bearer {service.keys['u.clerk']}", "Idempotency-Key": "case"}
    async with httpx.AsyncClient(base_url=service.address) as http:
        case = (await http.post("/v1/feedback-cases", json=CASE, headers=clerk)).json()["id"]
    about = f"feedback-cases/{case}"
    async with connected(service.port) as client:
        client.send(opening_of(service.keys["u.qa1"], about, key="k-1"))
        client.send(PNG[:sent])
        await until(lambda: bool(incoming(service) or stored(service)))
        service.kill()

    if sent < len(PNG):
        assert not stored(service)
    await verified(service)
    left = incoming(service)
    for each in left:
        os.utime(each, (0, 0))  # as if it had lain there for long
    await service.start()
    assert not [each for each in left if each.exists()]
    if sent < len(PNG):
        assert not await attachments(service)
    await sent_again(service, about, "k-1")
    assert list(stored(service).values()) == [PNG]
    await verified(service)
