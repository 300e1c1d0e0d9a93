"""Addresses, headers and bytes that mean nothing, or two things, end at the door."""

import gzip
import json
from typing import Any, Final

import httpx

from app.api.bodies import BODY_BYTES_MAX
from app.api.sense import ADDRESS_BYTES_MAX, HEADERS_BYTES_MAX, ONCE
from app.doors import HEAD_BYTES_MAX
from tests.api.desk import Desk, Json
from tests.api.raw import Answer, connected
from tests.api.test_conventions import CAUSE, problem_of

DEFINE = "/v1/cause-catalogue/define"


async def raw(desk: Desk, *sent: bytes) -> Answer:
    """Bytes as nobody's client would send them."""
    port = desk.http.base_url.port
    assert port is not None
    async with connected(port) as client:
        for each in sent:
            client.send(each)
        return await client.answer()


async def ask(desk: Desk, target: bytes, *headers: bytes, method: bytes = b"GET") -> Answer:
    """A request whose address and headers go out as they stand."""
    bearer = f"Authorization: Bearer {desk.keys['u.aud']}".encode()
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: x", b"Connection: close", bearer]
    return await raw(desk, b"\r\n".join([*lines, *headers, b"", b""]))


async def define(desk: Desk, content: bytes) -> httpx.Response:
    """A command with these bytes."""
    return await desk.post(DEFINE, by="u.qa1", content=content)


def places(problem: Json) -> list[tuple[str, str]]:
    """What is wrong, and where."""
    return [(each["pointer"], each["code"]) for each in problem["errors"]]


CAUSE_TEXT = json.dumps(CAUSE)


async def test_a_body_that_is_no_command_is_read_as_strictly(desk: Desk) -> None:
    for path in ("/v1/what-if", "/v1/personal-data/find"):
        await must_be_strict(desk, path)


async def must_be_strict(desk: Desk, path: str) -> None:
    """The body of an address is read as that of a command."""
    twice = await desk.post(path, by="u.aud", content=b'{"a": 1, "a": 1}')
    large = await desk.post(path, by="u.aud", content=b" " * (BODY_BYTES_MAX + 1))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    form = await desk.post(path, by="u.aud", content=b"a=1", headers=kind)
    wrong = await desk.post(path, {"nothing": 1}, by="u.aud")

    assert places(problem_of(twice, 400, "NOT_JSON")) == [("/a", "duplicate_key")]
    problem_of(large, 413, "TOO_LARGE")
    problem_of(form, 415, "UNSUPPORTED_MEDIA_TYPE")
    assert ("/nothing", "extra_forbidden") in places(problem_of(wrong, 422, "MALFORMED"))


MISNAMED: Final = (
    ("Content-Encoding", "gzip", "not_unpacked"),
    ("Content-Encoding", "br, gzip", "not_unpacked"),
    ("Content-Type", "multipart/form-data; boundary=x", "not_json"),
    ("Content-Type", "application/jsonx", "not_json"),
    ("Content-Type", "application/json, text/html", "not_json"),
    ("Content-Type", "", "not_json"),
    ("Content-Type", "application/json; charset=utf-16", "not_utf8"),
    ("Content-Type", 'application/json;charset="gbk"', "not_utf8"),
)


async def test_what_is_packed_or_no_json_in_utf_8_is_refused(desk: Desk) -> None:
    packed = gzip.compress(CAUSE_TEXT.encode())
    for header, value, code in MISNAMED:
        answer = await desk.post(DEFINE, by="u.qa1", content=packed, headers={header: value})
        problem = problem_of(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
        assert places(problem) == [(f"header:{header}", code)], value


async def test_json_in_utf_8_may_be_called_so(desk: Desk) -> None:
    kinds = ("Application/JSON", "application/json; charset=UTF-8", "application/vnd.x+json")
    for number, kind in enumerate(kinds):
        body = CAUSE | {"code": f"M{number}"}
        headers = {"Content-Type": kind, "Content-Encoding": "identity"}
        content = json.dumps(body).encode()
        answer = await desk.post(DEFINE, by="u.qa1", content=content, headers=headers)
        assert answer.status_code == 200, answer.text


async def test_a_header_that_means_one_thing_stands_there_once(desk: Desk) -> None:
    for name in sorted(ONCE - {b"host", b"content-length"}):  # of these, httptools sees to one
        header = name.decode().title()
        two = [f"{header}: one-of-two".encode(), f"{header}: two-of-two".encode()]
        problem = (await ask(desk, b"/v1/events", *two)).problem(422, "MALFORMED")
        assert (f"header:{header}", "twice") in places(problem)
        assert "of-two" not in json.dumps(problem["errors"])


async def test_an_odd_idempotency_key_is_told_by_its_header(desk: Desk) -> None:
    bearer = f"Authorization: Bearer {desk.keys['u.qa1']}".encode()
    lines = [b"POST " + DEFINE.encode() + b" HTTP/1.1", b"Host: x", b"Connection: close", bearer]
    lines += [b"Content-Length: 2", b"Content-Type: application/json"]
    for value in (b"k\xff", "键".encode(), b"a b\tc", b'"a" b"', b"x" * 256):
        sent = [*lines, b"Idempotency-Key: " + value, b"", b"{}"]
        problem = (await raw(desk, b"\r\n".join(sent))).problem(400, "IDEMPOTENCY_KEY_MISSING")
        assert places(problem) == [("header:Idempotency-Key", "not_a_key")], value


async def test_headers_and_addresses_have_their_limits(desk: Desk) -> None:
    many = [b"X-%d: " % n + b"a" * 1_000 for n in range(HEADERS_BYTES_MAX // 1_000)]
    longest = await ask(desk, b"/v1/events", *many, b"X-Long: " + b"a" * 1_100)
    address = await ask(desk, b"/v1/events?stream=" + b"a" * ADDRESS_BYTES_MAX)
    path = await ask(desk, b"/v1/claims/" + b"a" * ADDRESS_BYTES_MAX)
    endless = await raw(
        desk, b"GET / HTTP/1.1\r\nX: ", *[b"a" * 16_384] * (HEAD_BYTES_MAX // 16_384 + 1)
    )

    assert places(longest.problem(431, "HEADERS_TOO_LARGE")) == [("header:x-long", "too_long")]
    assert address.problem(414, "ADDRESS_TOO_LONG")["details"] == {"bytes_max": ADDRESS_BYTES_MAX}
    assert len(path.problem(414, "ADDRESS_TOO_LONG")["instance"]) < 600
    endless.problem(431, "HEADERS_TOO_LARGE")


POST: Final = b"POST / HTTP/1.1\r\nHost: x\r\n"
NO_HTTP: Final = (
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"),
    ("a made-up method", b"FROB /v1/events HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("bytes in the path", b"GET /v1/ev\xc3\xa9nts HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a blank in a name", b"GET / HTTP/1.1\r\nHost: x\r\nX y: 1\r\n\r\n"),
    ("two lengths", POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    ("both", POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("below zero", POST + b"Content-Length: -1\r\n\r\n"),
)  # fmt: skip


async def test_what_is_no_http_is_a_problem_too(desk: Desk) -> None:
    for case, sent in NO_HTTP:
        answer = await raw(desk, sent)
        assert answer.problem(400, "NOT_HTTP")["title_zh"], case
        assert answer.headers["connection"] == "close"


async def test_a_body_in_odd_chunks_ends_as_a_problem(desk: Desk) -> None:
    head = (
        f"POST {DEFINE} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nIdempotency-Key: k\r\n"
        f"Content-Type: application/json\r\nAuthorization: Bearer {desk.keys['u.qa1']}\r\n\r\n"
    ).encode()

    assert (await raw(desk, head + b"zz\r\n{}\r\n0\r\n\r\n")).status == 400
    assert await desk.events("CauseDefined") == []


ODD_ADDRESSES: Final[tuple[Any, ...]] = (
    (b"/v1/production-lots/%ff", 422, "MALFORMED", ("path:", "not_utf8")),
    (b"/v1/production-lots/%c0%af", 422, "MALFORMED", ("path:", "not_utf8")),
    (b"/v1/production-lots/%ed%a0%80", 422, "MALFORMED", ("path:", "not_utf8")),
    (b"/v1/production-lots/a%00b", 422, "MALFORMED", ("path:", "nul")),
    (b"/v1/ledgers/claims/%00", 422, "MALFORMED", ("path:", "nul")),
    (b"/v1/production-lots/%2e%2e", 404, "NO_SUCH_ROUTE", ("path:", "dot_segment")),
    (b"/v1/production-lots/../claims", 404, "NO_SUCH_ROUTE", ("path:", "dot_segment")),
    (b"/v1/./events", 404, "NO_SUCH_ROUTE", ("path:", "dot_segment")),
    (b"/v1//events", 404, "NO_SUCH_ROUTE", None),
    (b"//v1/events", 404, "NO_SUCH_ROUTE", None),
    (b"/v1/events/", 404, "NO_SUCH_ROUTE", None),
    (b"/v1/Events", 404, "NO_SUCH_ROUTE", None),
    (b"/v1/events;a=1", 404, "NO_SUCH_ROUTE", None),
    (b"/v1%2fevents", 404, "NO_SUCH_ROUTE", None),
    (b"/v1\\events", 404, "NO_SUCH_ROUTE", None),
    (b"/v1/production-lots/a%0ab", 404, "NOT_FOUND", None),
    (b"/v1/claims/%E2%80%AE", 404, "NOT_FOUND", None),
    (b"/v1/events?after=1&after=2", 422, "MALFORMED", ("query:after", "twice")),
    (b"/v1/claims/x?as_of=1&as_of=2", 422, "MALFORMED", ("query:as_of", "twice")),
    (b"/v1/events?person=%ff", 422, "MALFORMED", ("query:person", "not_utf8")),
    (b"/v1/events?p%ff=1", 422, "MALFORMED", ("query:p\ufffd", "not_utf8")),
    (b"/v1/events?stream=%00", 422, "MALFORMED", ("query:stream", "nul")),
    (b"/v1/ledgers/claims?cursor=%00", 422, "MALFORMED", ("query:cursor", "nul")),
    (b"/v1/events?a%0Db=1", 422, "MALFORMED", ("query:a\\u000db", "extra_forbidden")),
    (b"/v1/events?" + b"&".join([b"a=1"] * 500), 422, "MALFORMED", ("query:", "too_many")),
)


async def test_an_address_that_is_odd_is_told_where(desk: Desk) -> None:
    for target, status, code, place in ODD_ADDRESSES:
        problem = (await ask(desk, target)).problem(status, code)
        assert place is None or place in places(problem), target
        assert problem["instance"] == target.partition(b"?")[0].decode()


async def test_an_event_may_be_asked_for_by_several_types(desk: Desk) -> None:
    answer = await ask(
        desk, b"/v1/events?type=ClaimRegistered&type=ClaimClosed&kind=claim&kind=delivery"
    )

    assert answer.status == 200


async def test_a_host_that_is_none_harms_nobody(desk: Desk) -> None:
    bearer = f"Authorization: Bearer {desk.keys['u.aud']}".encode()
    for host in (b"[", b"a b", b"x/../y?z#", b"user:pw@evil", b"x:99999999", b""):
        lines = [b"GET /v1/ledgers/claims?limit=1 HTTP/1.1", b"Host: " + host, b"Connection: close"]
        assert (await raw(desk, b"\r\n".join([*lines, bearer, b"", b""]))).status == 200, host


def addresses(doc: Json) -> dict[str, set[str]]:
    """Every address of the document with what stands in for its parameters, and its methods."""
    return {
        "/".join("x1" if part.startswith("{") else part for part in path.split("/")): {
            method.upper() for method in item
        }
        for path, item in doc["paths"].items()
    }


async def test_every_address_tells_what_it_takes(desk: Desk) -> None:
    known = addresses((await desk.http.get("/openapi.json")).json())

    async def must_tell(path: str, method: str, takes: set[str]) -> None:
        answer = await desk.http.request(method, path)
        problem: Any = problem_of(answer, 405, "METHOD_NOT_ALLOWED")
        assert problem["errors"] == []
        told = await desk.http.options(path)
        assert (told.status_code, told.content) == (204, b"")
        assert told.headers["allow"] == answer.headers["allow"]
        allowed = set(answer.headers["allow"].split(", "))
        assert takes | {"OPTIONS"} <= allowed, (method, path)
        assert ("HEAD" in allowed) == ("GET" in allowed)

    for path, takes in known.items():
        wrong = {"PUT", "PATCH", "DELETE", "POST", "GET", "TRACE"} - takes
        for method in sorted(wrong)[:3]:
            if not any(method in others for other, others in known.items() if meets(other, path)):
                await must_tell(path, method, takes)


def meets(one: str, other: str) -> bool:
    """Whether two addresses can be the same."""
    pairs = list(zip(one.split("/"), other.split("/"), strict=False))
    same_length = one.count("/") == other.count("/") or "tile" in one
    return same_length and all(a == b or "x1" in (a, b) for a, b in pairs)


async def test_what_is_at_no_address_takes_nothing(desk: Desk) -> None:
    problem_of(await desk.http.options("/v1/no-such"), 404, "NO_SUCH_ROUTE")
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    told = await desk.http.options("/v1/claims", headers=asked)

    assert (told.status_code, told.headers["allow"]) == (204, "OPTIONS, POST")
    assert not [each for each in told.headers if each.startswith("access-control-")]


async def test_the_head_of_an_answer_is_that_of_the_answer(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    for path in ("/v1/cause-catalogue", "/v1/events", "/livez", "/v1/events/stream"):
        head = await desk.http.head(path, headers=bearer)
        assert (head.status_code, head.content) == (200, b"")
        if path != "/v1/events/stream":
            read = await desk.http.get(path, headers=bearer)
            assert head.headers["content-type"] == read.headers["content-type"]
            assert head.headers["content-length"] == read.headers["content-length"]
    none = await desk.http.head("/v1/claims/x", headers=bearer)
    assert (none.status_code, none.headers["content-type"]) == (404, "application/problem+json")


async def test_every_query_refuses_a_parameter_that_it_does_not_know(desk: Desk) -> None:
    doc = (await desk.http.get("/openapi.json")).json()
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}

    for path, item in doc["paths"].items():
        if "get" in item:
            address = "/".join("x1" if part.startswith("{") else part for part in path.split("/"))
            answer = await desk.http.get(f"{address}?colour=violet", headers=bearer)
            problem = problem_of(answer, 422, "MALFORMED")
            assert ("query:colour", "extra_forbidden") in places(problem), path
            assert "violet" not in answer.text
