"""Files that come in slowly: so many at once and no more, and what a fall in the middle leaves."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from app.api.turnstile import Allowances
from app.evidence.contents import Contents
from app.main import Plan
from tests.api.desk import Desk, open_desk
from tests.api.files import PNG, opening_of, parts, until, uploaded
from tests.api.raw import Client, connected
from tests.api.test_conventions import problem_of

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
