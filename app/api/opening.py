"""Sealed values are opened on the way out, in whatever is answered as JSON or as an event stream.

CloudEvents are JSON like any other: `application/cloudevents+json` is opened, too.

One place for every answer there is and will be. Bytes of evidence (tiles, exports, notes) have
other media types and go out as they were hashed. What is refused is opened value by value, as a
problem repeats what its caller sent, and nobody is to have a text opened by sending it in.
"""

import json
from collections.abc import Collection
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.edge import CALLERS, Edge, edge_of
from app.api.kinds import (
    UNAVAILABLE,
)
from app.api.problems import (
    ProtocolError,
    protocol_problem,
)
from app.domain.errors import DomainError, Missing
from app.domain.personal import SEALED, PersonalKind, seen_in
from app.events.lost import LOST
from app.events.person_keys import EVERY_KIND, PersonKeys

MARK: Final = b"sealed:1:"
"""What a sealed text begins with: looked for before anything is taken apart."""

OPENED: Final = frozenset(range(200, 300)) - {207}
"""What is answered with readings in it. The problems within a 207 were opened as problems are."""

log: Final = structlog.get_logger(__name__)


async def opened_text(
    persons: PersonKeys, text: str, seen: Collection[PersonalKind] = EVERY_KIND
) -> str:
    """JSON text in which every sealed value is what it says, to whom may read it."""
    found = {match[0] for match in SEALED.finditer(text)}
    if not found:
        return text
    opened = await persons.open(found, seen)
    return SEALED.sub(lambda match: json.dumps(opened[match[0]], ensure_ascii=False)[1:-1], text)


async def opened_json(persons: PersonKeys, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A JSON value in which every sealed value is what it says."""
    return json.loads(await opened_text(persons, json.dumps(value, ensure_ascii=False)))


async def open_details(request: Request, error: DomainError) -> None:
    """Open what a refusal tells of a record; what is not found is repeated as it was asked."""
    if isinstance(error, Missing):
        return
    sealed = [v for v in error.details.values() if isinstance(v, str) and SEALED.fullmatch(v)]
    if sealed:
        opened = await edge_of(request).persons.open(sealed, seen_by(request.scope))
        error.details = {n: opened.get(str(v), v) for n, v in error.details.items()}


def seen_by(scope: Scope) -> frozenset[PersonalKind]:
    """What the caller of a request may read of people; nothing before he is known."""
    return seen_in(role for caller in scope.get(CALLERS, ()) for role in caller.roles)


class Opening:
    """Opens answers. Plain ASGI; an answer without sealed values costs one search in its bytes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[CALLERS] = []
        await self._app(scope, receive, _Answer(scope, receive, send).send)


def _is_json(media_type: str) -> bool:
    """`application/json`, and whatever is built on it: `application/cloudevents+json`."""
    return media_type == "application/json" or media_type.endswith("+json")


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()
        self._streams = False

    async def send(self, message: Message) -> None:
        """Take the next message: JSON is held back until it is whole, a stream goes on at once."""
        if message["type"] == "http.response.start":
            kind = Headers(scope=message).get("content-type", "").partition(";")[0]
            if message["status"] in OPENED and _is_json(kind):
                self._start = message
                return
            self._streams = kind == "text/event-stream"
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._whole(self._start)
            return
        elif self._streams and MARK in message.get("body", b""):
            message = {**message, "body": await self._opened(message["body"])}
        await self._send(message)

    async def _whole(self, start: Message) -> None:
        body = bytes(self._body)
        if MARK in body:
            try:
                body = await self._opened(body)
            except LOST as error:
                log.warning("person_keys.failed", error=repr(error))
                lost = ProtocolError(UNAVAILABLE, headers={"Retry-After": "2"})
                problem = protocol_problem(Request(self._scope), lost)
                await problem(self._scope, self._receive, self._send)
                return
            MutableHeaders(scope=start)["Content-Length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    async def _opened(self, body: bytes) -> bytes:
        edge: Edge = self._scope["app"].state.edge
        seen = seen_by(self._scope)
        return (await opened_text(edge.persons, body.decode(), seen)).encode()
