"""What no request can mean is refused before anything is routed, with the place that is wrong.

Servers mend what is odd, each in its own way: they take the first or the last of two equal
headers, put U+FFFD where bytes are no UTF-8, walk `..` up. What is mended in two ways is a way in.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.kinds import (
    ADDRESS_TOO_LONG,
    HEADERS_TOO_LARGE,
    MALFORMED,
    NO_SUCH_ROUTE,
)
from app.api.problems import (
    Fault,
    ProtocolError,
    protocol_problem,
)

ADDRESS_BYTES_MAX: Final = 8_192
HEADERS_BYTES_MAX: Final = 32_768
PARAMETERS_MAX: Final = 200

ONCE: Final = frozenset(
    {
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"last-event-id",
        b"sanbao-on-behalf-of",
        b"sanbao-purpose",
        b"sanbao-time",
        b"x-request-id",
    }
)
"""Headers that mean one thing; of two, somebody on the way would have taken the other one."""


class Sense:
    """Refuses odd addresses and headers. Plain ASGI; an ordinary request costs a microsecond."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            must_make_sense(scope)
        except ProtocolError as error:
            await protocol_problem(Request(scope), error)(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            # RFC 9110, 9.3.2: as `GET` would be answered, without the content.
            scope, send = {**scope, "method": "GET"}, _Headless(send).send
        await self._app(scope, receive, send)


class _Headless:
    """An answer without its content."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._over = False

    async def send(self, message: Message) -> None:
        """Pass the head on, then say at once that it is over."""
        if message["type"] == "http.response.start":
            await self._send(message)
        elif not self._over:
            self._over = True
            await self._send({"type": "http.response.body", "body": b""})


def must_make_sense(scope: Scope) -> None:
    """Refuse an address or headers that mean nothing, or two things.

    Raises:
        ProtocolError: with the place.
    """
    raw_path: bytes = scope.get("raw_path") or b""
    query: bytes = scope["query_string"]
    if len(raw_path) + len(query) > ADDRESS_BYTES_MAX:
        raise ProtocolError(ADDRESS_TOO_LONG, bytes_max=ADDRESS_BYTES_MAX)
    _must_be_headers(scope["headers"])
    if b"%" in raw_path or b"/." in raw_path:
        _must_be_path(raw_path)
    if query:
        faults = list(_odd_parameters(query))
        if faults:
            raise ProtocolError(MALFORMED, faults=faults[:PARAMETERS_MAX])


def _must_be_headers(headers: list[tuple[bytes, bytes]]) -> None:
    sizes = [len(name) + len(value) for name, value in headers]
    if sum(sizes) > HEADERS_BYTES_MAX:
        longest = headers[sizes.index(max(sizes))][0].decode("latin-1")
        fault = Fault(pointer=f"header:{longest}", code="too_long", detail="The longest of them")
        raise ProtocolError(HEADERS_TOO_LARGE, faults=[fault], bytes_max=HEADERS_BYTES_MAX)
    singles = [name for name, _ in headers if name in ONCE]
    if len(singles) != len(set(singles)):
        twice = sorted(name.decode() for name, times in Counter(singles).items() if times > 1)
        faults = [
            Fault(pointer=f"header:{name.title()}", code="twice", detail="Once is enough")
            for name in twice
        ]
        raise ProtocolError(MALFORMED, faults=faults)


def _must_be_path(raw_path: bytes) -> None:
    if (odd := _oddity(raw_path)) is not None:
        raise ProtocolError(MALFORMED, faults=[Fault(pointer="path:", code=odd[0], detail=odd[1])])
    segments = (unquote_to_bytes(each) for each in raw_path.split(b"/"))
    if any(each in {b".", b".."} for each in segments):
        fault = Fault(pointer="path:", code="dot_segment", detail="Addresses are not walked here")
        raise ProtocolError(NO_SUCH_ROUTE, faults=[fault])


def _odd_parameters(query: bytes) -> Iterator[Fault]:
    parts = query.split(b"&")
    if len(parts) > PARAMETERS_MAX:
        yield Fault(pointer="query:", code="too_many", detail=f"At most {PARAMETERS_MAX}")
        return
    for part in parts:
        odd = _oddity(part.replace(b"+", b" "))
        if odd is not None:
            name = unquote_to_bytes(part.partition(b"=")[0].replace(b"+", b" "))
            shown = name.decode(errors="replace")
            yield Fault(pointer=f"query:{shown}", code=odd[0], detail=odd[1])


def _oddity(encoded: bytes) -> tuple[str, str] | None:
    """What is wrong with a percent-encoded text, if anything."""
    try:
        text = unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        return "not_utf8", "Percent-encoded bytes are UTF-8"
    if "\x00" in text:
        return "nul", "U+0000 is not allowed in text"
    return None
