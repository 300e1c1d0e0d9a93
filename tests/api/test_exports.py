"""The log as a file over HTTP: whole, resumable, checked without us, and itself written down."""

import asyncio
import importlib
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
from starlette.types import Message

from app.api.authority import INSPECTORS
from app.api.exports import Lines
from app.api.meters import EXPORTS_MAX, EXPORTS_PER_KEY_MAX, Slots
from app.boot import FIRST_PEOPLE
from app.evidence.export import SCRIPT
from tests.api.desk import Desk, Json
from tests.api.stories import define_cause, feedback
from tests.api.test_conventions import problem_of

EXPORT: Final = "/v1/events/export"
sanbao_verify: Any = importlib.import_module("app.evidence.sanbao_verify")
"""The stand-alone script, which has no types."""


async def export(
    desk: Desk, by: str = "u.aud", headers: dict[str, str | bytes] | None = None, **asked: int
) -> httpx.Response:
    """An export, whatever becomes of it."""
    told = {"Authorization": f"Bearer {desk.keys[by]}"} | (headers or {})
    sent = {
        name.encode(): value if isinstance(value, bytes) else value.encode()
        for name, value in told.items()
    }
    return await desk.http.get(EXPORT, params=asked, headers=sent)


def lines_of(answer: httpx.Response) -> list[bytes]:
    """The lines, which must hold together."""
    assert answer.status_code == 200, answer.text
    lines = answer.content.splitlines(keepends=True)
    assert list(sanbao_verify.check(iter(lines))) == []
    return lines


async def test_an_export_is_checked_without_us_and_holds_its_own_beginning(desk: Desk) -> None:
    await define_cause(desk)
    await feedback(desk)
    purpose = "年度外部审核".encode()

    answer = await export(desk, headers={"Sanbao-Purpose": purpose})

    first, *events, manifest = map(json.loads, lines_of(answer))
    own = events[-1]["event"]
    head = (await desk.get("/v1/events"))["head"]
    assert first["export"]["after"] == 0
    assert own["type"] == "AuditAccessRecorded"
    assert own["data"] == {
        "access_no": own["data"]["access_no"],
        "kind": "EXPORT",
        "person": "u.aud",
        "role": "AUDITOR",
        "key_id": own["client"],
        "what": EXPORT,
        "after": 0,
        "up_to": head,
        "count": head,
        "purpose": "年度外部审核",
    }
    assert (own["person"], own["role"]) == ("system", "SYSTEM")
    assert manifest["manifest"]["last"] == own["position"] == head
    (row,) = (await desk.get("/v1/ledgers/audit-accesses", person="u.aud"))["data"]
    assert (row["kind"], row["count"], row["purpose"]) == ("EXPORT", head, "年度外部审核")


async def test_what_was_cut_off_is_continued(desk: Desk) -> None:
    await define_cause(desk)
    await feedback(desk)
    whole = lines_of(await export(desk))

    rest = lines_of(await export(desk, after=3, up_to=len(whole) - 2))

    assert rest[1:-1] == whole[4:-1]
    assert json.loads(rest[-1])["manifest"]["root"] == json.loads(whole[-1])["manifest"]["root"]


async def test_an_export_names_its_form_and_its_file(desk: Desk) -> None:
    plain = await export(desk)
    other = await export(desk, headers={"Accept": "application/x-ndjson"})

    assert plain.headers["content-type"] == "application/jsonl"
    assert other.headers["content-type"] == "application/x-ndjson"
    assert 'filename="sanbao-events-1-2.jsonl"' in plain.headers["content-disposition"]


@pytest.mark.parametrize(
    "asked",
    [{"up_to": 9_999}, {"after": 9_999}, {"after": 1, "up_to": 0}, {"after": -1}, {"limit": 1}],
)
async def test_positions_that_the_log_has_not_are_refused(desk: Desk, asked: Json) -> None:
    problem_of(await export(desk, **asked), 422, "MALFORMED")

    assert await desk.events("AuditAccessRecorded") == []


@pytest.mark.parametrize("purpose", [b"", b"\xff\xfe", b"x" * 4_001])
async def test_a_purpose_is_a_text(desk: Desk, purpose: bytes) -> None:
    problem_of(await export(desk, headers={"Sanbao-Purpose": purpose}), 422, "MALFORMED")


async def test_only_auditors_and_quality_managers_take_the_log_out(desk: Desk) -> None:
    for person, role in FIRST_PEOPLE:
        answer = await export(desk, by=person)
        if role in INSPECTORS.roles:
            lines_of(answer)
        else:
            details = problem_of(answer, 403, "WRONG_ROLE")["details"]
            assert details == {"role": str(role), "allowed": ["AUDITOR", "QA_MANAGER"]}
    assert len(await desk.events("AuditAccessRecorded")) == len(INSPECTORS.roles)
    assert (await desk.http.get(EXPORT)).status_code == 401


async def test_the_script_that_checks_is_served_beside_it(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.keys['u.clerk']}"}

    answer = await desk.http.get(f"{EXPORT}/verify.py", headers=headers)

    assert answer.content == SCRIPT.read_bytes()


async def test_too_many_exports_wait_and_one_that_ended_makes_room(desk: Desk) -> None:
    for number in range(EXPORTS_MAX - 1):
        assert desk.edge.exports.take(f"somebody {number}")
    lines_of(await export(desk))
    assert desk.edge.exports.take("somebody else")

    refused = await export(desk)

    problem_of(refused, 503, "EXPORTS_BUSY")
    assert int(refused.headers["retry-after"]) > 0
    desk.edge.exports.give_back("somebody else")
    lines_of(await export(desk))


def test_one_key_leaves_room_for_others() -> None:
    slots = Slots()

    assert [slots.take("a") for _ in range(EXPORTS_PER_KEY_MAX + 1)][-1] is False
    assert slots.take("b")
    slots.give_back("a")
    assert slots.take("a")


async def test_a_reader_who_takes_nothing_is_sent_home_without_a_manifest() -> None:
    async def lines() -> AsyncIterator[bytes]:
        yield b"first\n"
        yield b"manifest\n"

    sent: list[Message] = []
    never = asyncio.Event()

    async def send(message: Message) -> None:
        sent.append(message)
        if message.get("body"):
            await never.wait()

    answer = Lines(lines())
    answer.stall_seconds = 0.0

    await answer.stream_response(send)

    assert [each.get("body") for each in sent] == [None, b"first\n"]


async def test_a_reader_who_is_slow_and_goes_on_taking_gets_all_of_it() -> None:
    page = b"x" * 1_000_000

    async def lines() -> AsyncIterator[bytes]:
        yield page

    taken = bytearray()

    async def send(message: Message) -> None:
        await asyncio.sleep(len(message.get("body", b"")) / 2_000_000)  # half a second in all
        taken.extend(message.get("body", b""))

    answer = Lines(lines())
    answer.stall_seconds = 0.25

    await answer.stream_response(send)

    assert taken == page


async def test_an_export_that_waits_for_its_reader_holds_up_nobody(desk: Desk) -> None:
    await define_cause(desk)
    headers = {"Authorization": f"Bearer {desk.keys['u.aud']}"}

    async with desk.http.stream("GET", EXPORT, headers=headers) as waiting:
        await feedback(desk)
        lines_of(await export(desk, by="u.qam"))
        content = b"".join([part async for part in waiting.aiter_bytes()])

    assert list(sanbao_verify.check(iter(content.splitlines(keepends=True)))) == []
