"""Connections cost only themselves: slow ones end, waiting ones make room, all are told why."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.doors import DoorLimits
from app.main import Plan
from tests.api.desk import Desk, open_desk
from tests.api.raw import connected

LIMITS = DoorLimits(
    connections_max=10, head_seconds_max=0.5, body_seconds_max=0.5, reader_seconds_max=0.5
)
ASK = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
FOR_EVER = DoorLimits(connections_max=10, head_seconds_max=600, body_seconds_max=600)


@pytest.fixture
async def desk(plan: Plan) -> AsyncIterator[Desk]:
    """A desk behind doors of little patience."""
    async with open_desk(plan, LIMITS) as one:
        yield one


@pytest.fixture
async def patient(plan: Plan) -> AsyncIterator[Desk]:
    """A desk with few connections that wait for ever."""
    async with open_desk(plan, FOR_EVER) as one:
        yield one


def port_of(desk: Desk) -> int:
    """Where the desk listens."""
    return desk.http.base_url.port or 0


async def test_a_head_that_never_ends_is_told_so_and_closed(desk: Desk) -> None:
    async with connected(port_of(desk)) as client:
        client.send("GET / HTTP/1.1\r\nX-Drip: 1\r\n")
        answer = await client.answer()

        answer.problem(408, "TOO_SLOW")
        assert answer.headers["connection"] == "close"
        assert await client.closed() == b""


async def test_who_says_nothing_at_all_is_let_go(desk: Desk) -> None:
    async with connected(port_of(desk)) as client:
        assert await client.closed() == b""


@pytest.mark.parametrize("key", [None, "u.clerk"])
async def test_a_body_that_drips_is_told_so_and_keeps_nobody_busy(
    desk: Desk, key: str | None
) -> None:
    async with connected(port_of(desk)) as client:
        bearer = f"Authorization: Bearer {desk.keys[key]}\r\n" if key else ""
        client.send(
            f"POST /v1/feedback-cases HTTP/1.1\r\nHost: x\r\n{bearer}Idempotency-Key: 1\r\n"
            "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
        )
        answer = await client.answer()

        answer.problem(*((408, "TOO_SLOW") if key else (401, "UNAUTHENTICATED")))
        assert await client.closed() == b""
    await desk.get("/v1/events")


async def test_a_reader_who_takes_nothing_is_cut_off(desk: Desk) -> None:
    for number in range(20):
        await desk.does(
            "/v1/cause-catalogue/define",
            {"code": f"M{number:02d}", "zh": "缺胶", "en": "x" * 60, "cause_class": "DESIGN"},
            by="u.qa1",
        )
    ask = (
        "GET /v1/events?limit=200 HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {desk.keys['u.aud']}\r\n\r\n"
    )
    async with connected(port_of(desk)) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined] # it reads, too
        async with asyncio.timeout(30):
            while not client.writer.transport.is_closing():
                client.send(ask * 20)
                with suppress(ConnectionError):
                    await client.writer.drain()
                await desk.get("/v1/events", limit=1)
    await desk.get("/v1/events")


async def test_a_full_house_lets_in_whoever_asks_and_lets_go_who_only_waits(patient: Desk) -> None:
    async with AsyncExitStack() as stack:
        waiting = []
        for _ in range(20):
            client = await stack.enter_async_context(connected(port_of(patient)))
            client.send("GET / HTTP/1.1\r\n")
            waiting.append(client)
        async with connected(port_of(patient)) as caller:
            caller.send(ASK)

            assert (await caller.answer()).status == 200
        assert await waiting[0].closed() == b""


async def test_a_house_full_of_work_says_so_in_a_problem(patient: Desk) -> None:
    stream = "GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n"
    async with AsyncExitStack() as stack:
        for number, key in enumerate(list(patient.keys.values())[:10]):
            client = await stack.enter_async_context(connected(port_of(patient)))
            client.send(stream.format(key))
            assert b"200 OK" in await client.reader.readline(), number
        async with connected(port_of(patient)) as caller:
            answer = await caller.answer()

            answer.problem(503, "BUSY")
            assert answer.headers["retry-after"] == "2"
            assert await caller.closed() == b""


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"\x16\x03\x01\x02\x00\x01", 400, "NOT_HTTP"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "NOT_HTTP"),
        (b"GET /\xff HTTP/1.1\r\n\r\n", 400, "NOT_HTTP"),
        (b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "NOT_HTTP"),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "NOT_HTTP"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431, "HEADERS_TOO_LARGE"),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 20_000, 431, "HEADERS_TOO_LARGE"),
    ],
)
async def test_what_is_no_request_is_answered_with_a_problem(
    desk: Desk, sent: bytes, status: int, code: str
) -> None:
    async with connected(port_of(desk)) as client:
        client.send(sent)
        answer = await client.answer()

        answer.problem(status, code)
        assert await client.closed() == b""


async def test_an_upgrade_is_answered_as_the_request_that_it_is(desk: Desk) -> None:
    async with connected(port_of(desk)) as client:
        client.send(
            "GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        answer = await client.answer()

        answer.problem(401, "UNAUTHENTICATED")
        assert await client.closed() == b""


async def test_what_came_whole_is_answered_before_the_rubbish_behind_it(desk: Desk) -> None:
    async with connected(port_of(desk)) as client:
        client.send(ASK + "rubbish\r\n\r\n")

        assert (await client.answer()).status == 200


async def test_requests_on_one_connection_are_answered_in_turn(desk: Desk) -> None:
    async with connected(port_of(desk)) as client:
        client.send(ASK * 5)

        assert [(await client.answer()).status for _ in range(5)] == [200] * 5


def test_uvicorn_is_still_built_as_the_doors_expect() -> None:
    hooks = {
        "connection_made", "connection_lost", "data_received", "pause_writing", "resume_writing",
        "on_headers_complete", "on_body", "on_message_complete", "send_400_response",
        "_unsupported_upgrade_warning", "_start_asgi_task", "shutdown",
    }  # fmt: skip
    called = inspect.getsource(HttpToolsProtocol)
    cycle = inspect.getsource(RequestResponseCycle)

    assert hooks <= set(vars(HttpToolsProtocol))
    assert list(inspect.signature(HttpToolsProtocol.__init__).parameters) == [
        "self", "config", "server_state", "app_state", "_loop",
    ]  # fmt: skip
    for name in ("self.send_400_response(", "self._unsupported_upgrade_warning(",
                 "self._start_asgi_task(", "self.flow", "self.headers", "self.url"):  # fmt: skip
        assert name in called, name
    for name in ("self.disconnected", "self.message_event", "self.response_started",
                 "self.response_complete", "self.keep_alive", "self.scope"):  # fmt: skip
        assert name in cycle, name
