"""While sixteen write: nobody who follows misses an event or meets one twice, and exports hold."""

import asyncio
import importlib
import json
from typing import Any, Final

import httpx
import pytest

from tests.api.desk import Desk, Json
from tests.api.stories import define_cause, feedback

WRITERS: Final = 16
CASES: Final = 2
EXPORT: Final = "/v1/events/export"
FOLLOWED: Final[tuple[Json, ...]] = (
    {},
    {"type": ["FeedbackRegistered"]},
    {"kind": ["feedback-case", "deadline"], "person": "u.clerk"},
    {"clause": "4.2.1"},
)
sanbao_verify: Final[Any] = importlib.import_module("app.evidence.sanbao_verify")
"""The stand-alone script, which has no types."""


def holds(event: Json, asked: Json) -> bool:
    """Whether a filter asks for an event."""
    return (
        event["type"] in asked.get("type", [event["type"]])
        and ("kind" not in asked or event["stream"].startswith(tuple(asked["kind"])))
        and asked.get("person", event["person"]) == event["person"]
        and asked.get("clause", event["clauses"][0]) in event["clauses"]
    )


async def followed(desk: Desk, asked: Json, over: asyncio.Event) -> list[int]:
    """The positions that a follower meets, page by page, until all is written and read."""
    met: list[int] = []
    after = 0
    while True:
        was_over = over.is_set()
        page = await desk.get("/v1/events", by="u.qam", after=after, limit=7, **asked)
        met += [each["position"] for each in page["data"]]
        after = page["next_after"]
        if was_over and not page["has_more"]:
            return met
        if not page["has_more"]:
            await asyncio.sleep(0.01)


async def taken(desk: Desk, **asked: int) -> list[bytes]:
    """An export, which must hold and say of itself what it is."""
    headers = {"Authorization": f"Bearer {desk.keys['u.qam']}"}
    answer = await desk.http.get(EXPORT, params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    lines = answer.content.splitlines(keepends=True)
    assert list(sanbao_verify.check(iter(lines))) == []
    manifest = json.loads(lines[-1])["manifest"]
    count = len(lines) - 2
    assert (manifest["count"], manifest["last"]) == (count, asked.get("after", 0) + count)
    return lines


async def test_followers_and_exports_are_right_while_sixteen_write(desk: Desk) -> None:
    await define_cause(desk)
    over, exports = asyncio.Event(), list[list[bytes]]()

    async def write() -> None:
        for _ in range(CASES):
            await feedback(desk)

    async def export() -> None:
        while not over.is_set():
            exports.append(await taken(desk))

    following = [asyncio.create_task(followed(desk, each, over)) for each in FOLLOWED]
    exporting = asyncio.create_task(export())
    await asyncio.gather(*(write() for _ in range(WRITERS)))
    over.set()
    await exporting
    met = await asyncio.gather(*following)
    every = await desk.events()

    for asked, positions in zip(FOLLOWED, met, strict=True):
        wanted = [each["position"] for each in every if holds(each, asked)]
        assert positions == wanted[: len(positions)]
        assert len(positions) >= WRITERS * CASES
    for lines in exports:
        assert json.loads(lines[-2])["event"]["type"] == "AuditAccessRecorded"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
async def test_an_export_that_was_cut_off_anywhere_goes_on(desk: Desk, share: float) -> None:
    await define_cause(desk)
    await feedback(desk)
    whole = await taken(desk)
    content = b"".join(whole)

    cut = content[: int(share * (len(content) - 1))]  # at most without the last line's end
    read = cut[: cut.rfind(b"\n") + 1].splitlines()
    after = max(len(read) - 1, 0)
    rest = await taken(desk, after=after, up_to=len(whole) - 2)

    assert whole[1 : 1 + after] + rest[1:-1] == whole[1:-1]
    assert json.loads(rest[-1])["manifest"]["root"] == json.loads(whole[-1])["manifest"]["root"]


async def test_readers_who_go_away_leave_their_place_to_others(desk: Desk) -> None:
    url = httpx.URL(str(desk.http.base_url))
    asked = (
        f"GET {EXPORT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk.keys['u.aud']}\r\n\r\n"
    )
    for number in range(6):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(asked.encode())
        if number % 2:
            await reader.read(10)
        writer.transport.abort()
    for _ in range(200):
        if desk.edge.exports.take("somebody"):
            break
        await asyncio.sleep(0.02)
    desk.edge.exports.give_back("somebody")

    assert len(await taken(desk)) > 2
