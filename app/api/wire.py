"""What is no HTTP at all is answered with a problem, too, and a head that never ends is cut off."""

import json
from datetime import UTC, datetime
from typing import Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.kinds import (
    HEADERS_TOO_LARGE,
    NOT_HTTP,
    Kind,
)
from app.api.problems import (
    MEDIA_TYPE,
    Problem,
)
from app.events.ids import random_id

HEAD_BYTES_MAX: Final = 65_536
"""Of a request line and its headers, while they come in; `app.api.sense` is stricter on the whole.

httptools keeps a head in memory for as long as it has no end."""


class Wire(HttpToolsProtocol):
    """Uvicorn's protocol over httptools, with refusals of our shape."""

    _head_is_open = True
    _head_bytes = 0

    @override
    def data_received(self, data: bytes) -> None:
        if self._head_is_open:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_is_open and self._head_bytes > HEAD_BYTES_MAX:
            self._refuse(HEADERS_TOO_LARGE)

    @override
    def on_message_begin(self) -> None:
        self._head_is_open = True
        super().on_message_begin()

    @override
    def on_headers_complete(self) -> None:
        self._head_is_open = False
        self._head_bytes = 0
        super().on_headers_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        self._refuse(NOT_HTTP)

    def _refuse(self, kind: Kind) -> None:
        """Answer at once and hang up: what follows cannot be told from this request."""
        if self.transport.is_closing():
            return
        request_id = random_id(datetime.now(UTC))
        problem = Problem(
            type=f"/problems/{kind.code}",
            title=kind.title,
            title_zh=kind.title_zh,
            status=kind.status,
            code=kind.code,
            detail=kind.advice,
            instance="/",
            request_id=request_id,
        )
        body = json.dumps(problem.model_dump(mode="json"), ensure_ascii=False).encode()
        head = (
            f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
            f"x-request-id: {request_id}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(STATUS_LINE[kind.status] + head.encode() + body)
        self.transport.close()
