"""Around every answer: a request id, headers that say what we are, and no naked failure.

The path is read here, too, before anything is routed: see `app.api.paths`.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.edge import Edge
from app.api.kinds import FAULT, UNAVAILABLE
from app.api.opening import MARK
from app.api.paths import with_slashes_kept
from app.api.problems import (
    ProtocolError,
    protocol_problem,
)
from app.api.turnstile import Visit
from app.events.ids import random_id

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._~:-]{8,128}")

SECURITY: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOTHING_LOADED: Final = "default-src 'none'; frame-ancestors 'none'"
"""For answers that are no pages; a page brings its own policy."""

log: Final = structlog.get_logger(__name__)


class Envelope:
    """Plain ASGI: a middleware class of Starlette's would cost two thirds of the throughput."""

    def __init__(self, app: ASGIApp, now: Any, *, sandbox: bool) -> None:  # noqa: ANN401 - a clock
        self._app = app
        self._now = now
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((v for k, v in scope["headers"] if k == b"x-request-id"), b"")
        known = _REQUEST_ID.fullmatch(given) and MARK not in given  # nobody has a text opened so
        request_id = given.decode() if known else random_id(self._now())
        scope["sanbao.request_id"] = request_id
        if b"%" in scope.get("raw_path", b""):
            scope["path"] = with_slashes_kept(scope["raw_path"])
        visit = Visit()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.answered = True
                visit.leave()  # nothing is worked out any more; the reader may take his time
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers.update(SECURITY)
                headers.setdefault("Content-Security-Policy", NOTHING_LOADED)
                headers.setdefault("Cache-Control", "no-store")
                if self._sandbox:
                    headers["Sanbao-Sandbox"] = "true"
                message["headers"].extend(visit.told)
            await send(message)

        try:
            await self._visited(scope, receive, answer, visit)
        finally:
            visit.leave()

    async def _visited(self, scope: Scope, receive: Receive, answer: Send, visit: Visit) -> None:
        """Through the turnstile and in; whatever goes wrong is answered, if it still can be."""
        try:
            edge: Edge = scope["app"].state.edge
            await edge.turnstile.arrives(scope, visit)
            await self._app(scope, receive, answer)
        except ProtocolError as refused:
            await protocol_problem(Request(scope), refused)(scope, receive, answer)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except asyncio.CancelledError:
            if visit.answered:
                raise
            # The house closes. What waits for the writer still gets its turn: its key tells later.
            closing = ProtocolError(UNAVAILABLE, headers={"Retry-After": "2"})
            await protocol_problem(Request(scope), closing)(scope, receive, answer)
        except Exception:
            request_id = scope["sanbao.request_id"]
            log.exception("request.failed", path=scope["path"], request_id=request_id)
            if visit.answered:
                raise
            problem = protocol_problem(Request(scope), ProtocolError(FAULT))
            await problem(scope, receive, answer)
