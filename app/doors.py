"""The doors: what a connection may take of us before and beside its requests.

uvicorn waits for ever: for a head that never ends, for a body that drips, for a reader who takes
nothing. A `Door` is its HTTP protocol with limits: each connection keeps three clocks (head, body,
answer), and one sweep a second looks at all of them, so that a request costs no timer of its own.

Where there are as many connections as may be, the one that has waited longest without a request
makes room: who only holds a connection open keeps nobody out. What uvicorn answers by itself is a
problem document, too. The names of uvicorn's that are used here hold for the minor version that
`pyproject.toml` pins; `tests/api/test_doors.py` says which.
"""

import asyncio
import ipaddress
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from typing_extensions import override
from uvicorn import Config
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from app.api.envelope import SECURITY
from app.api.kinds import (
    BUSY,
    HEADERS_TOO_LARGE,
    NOT_HTTP,
    TOO_SLOW,
    Kind,
)
from app.api.problems import (
    MEDIA_TYPE,
    bare_problem,
)
from app.events.ids import random_id

HEAD_BYTES_MAX: Final = 65_536
BODY_BYTES_PER_SECOND_MIN: Final = 4_096
"""What a body must bring, once its first seconds are over."""
SWEEP_SECONDS: Final = 1.0
LINGER_SECONDS: Final = 2.0
"""How long a connection that was turned away may read what it was told."""
CLOSING_SECONDS: Final = 0.1
"""How long the last answers have to leave the house."""
TURNED_AWAY_MAX: Final = 100
"""So many may read why; the others are cut off."""
RETRY_SECONDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorLimits:
    """What the connections of one process may take."""

    connections_max: int = 1_000
    connections_per_address_max: int = 200
    """Of one address; the loopback is not counted, where a proxy or the operator stands."""
    head_seconds_max: float = 10.0
    body_seconds_max: float = 30.0
    reader_seconds_max: float = 30.0


class Doors:
    """All connections of a process; one sweep looks after them."""

    def __init__(self, limits: DoorLimits) -> None:
        self.limits = limits
        self._open: dict[Door, None] = {}
        self._of_address: Counter[str] = Counter()
        self._sweeping: asyncio.TimerHandle | None = None

    def enters(self, door: "Door") -> bool:
        """Whether there is room for one more; one that only waits is closed to make it."""
        full = len(self._open) >= self.limits.connections_max
        crowded = self._of_address[door.address] >= self.limits.connections_per_address_max
        crowded = crowded and not _is_loopback(door.address)
        room = not full and not crowded
        if not room:
            room = self._make_room(None if full else door.address)
        self._open[door] = None
        self._of_address[door.address] += 1
        if self._sweeping is None:
            self._sweeping = door.loop.call_later(SWEEP_SECONDS, self._sweep, door.loop)
        return room

    def leaves(self, door: "Door") -> None:
        """It is closed."""
        if door in self._open:
            del self._open[door]
            self._of_address[door.address] -= 1
            if not self._of_address[door.address]:
                del self._of_address[door.address]

    async def close(self) -> None:
        """Nothing is answered any more: a reader who takes nothing does not hold up a stop."""
        await asyncio.sleep(CLOSING_SECONDS)
        for each in list(self._open):
            each.cut_off()

    def turned_away(self) -> int:
        """How many read why they were turned away."""
        return sum(1 for each in self._open if each.turned_away_at is not None)

    def _make_room(self, address: str | None) -> bool:
        waiting = [
            each
            for each in self._open
            if (address is None or each.address == address) and each.only_waits()
        ]
        if not waiting:
            return False
        oldest = min(waiting, key=lambda each: each.heard_at)
        oldest.cut_off()
        self.leaves(oldest)
        return True

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for each in list(self._open):
            each.look(now, self.limits)
        self._sweeping = None
        if self._open:
            self._sweeping = loop.call_later(SWEEP_SECONDS, self._sweep, loop)


class Door(HttpToolsProtocol):
    """One connection, with patience that ends."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._doors: Doors = app_state["doors"]
        self.address = ""
        self.heard_at = self.loop.time()
        self.turned_away_at: float | None = None
        self._deaf = False
        """Nothing that still comes in is looked at."""
        self._head_since: float | None = None
        self._head_bytes = 0
        self._body_since: float | None = None
        self._body_bytes = 0
        self._full_since: float | None = None
        self._running: RequestResponseCycle | None = None
        """The request that is worked on; `cycle` is the one that was read last."""
        self._closing_since: float | None = None

    def only_waits(self) -> bool:
        """Whether nothing was asked that is still to be answered."""
        return not self._is_busy() and self.turned_away_at is None

    def cut_off(self) -> None:
        """Close it at once, whatever is still under way."""
        self._nobody_reads()
        self.transport.abort()

    def look(self, now: float, limits: DoorLimits) -> None:
        """Close it where patience has ended."""
        if self.transport.is_closing():
            self._closing_since = self._closing_since or now
            if now - self._closing_since > LINGER_SECONDS and not self._is_sending(now, limits):
                self.cut_off()
        elif self.turned_away_at is not None:
            if now - self.turned_away_at > LINGER_SECONDS:
                self.transport.close()
        elif self._full_since is not None and now - self._full_since > limits.reader_seconds_max:
            self.cut_off()
        elif self._body_since is not None:
            self._look_at_body(now, self._body_since, limits)
        elif self._head_since is not None and now - self._head_since > limits.head_seconds_max:
            if self._head_bytes:
                self._turn_away(TOO_SLOW)
            else:
                self.transport.close()

    def _is_sending(self, now: float, limits: DoorLimits) -> bool:
        """Whether what was answered is still on its way to a reader who has time left."""
        since = self._closing_since or now
        return self.transport.get_write_buffer_size() > 0 and (
            now - since <= limits.reader_seconds_max
        )

    def _look_at_body(self, now: float, since: float, limits: DoorLimits) -> None:
        if self.flow.read_paused:
            self._body_since, self._body_bytes = now, 0  # it is we who do not read
            return
        took = now - since
        enough = self._body_bytes >= took * BODY_BYTES_PER_SECOND_MIN
        if took <= limits.body_seconds_max or enough:
            return
        if self._is_busy():
            self._turn_away(TOO_SLOW)
        else:  # it was answered before its body was there
            self.transport.close()

    # --- what the transport says ------------------------------------------------------------

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = self.client[0] if self.client else "local"
        self._head_since = self.heard_at
        if not self._doors.enters(self):
            self._turn_away(BUSY)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._doors.leaves(self)
        self._nobody_reads()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._deaf or self.transport.is_closing():
            return
        self.heard_at = self.loop.time()
        if self._head_since is None and self._body_since is None and not self._is_busy():
            self._head_since, self._head_bytes = self.heard_at, 0
        if self._head_since is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_since is not None and self._head_bytes > HEAD_BYTES_MAX:
            self._turn_away(HEADERS_TOO_LARGE)

    @override
    def shutdown(self) -> None:
        """Answer what is worked on, begin nothing more: not even what stands in the pipeline."""
        self._deaf = self._body_since is None  # a body that is under way may still arrive
        self.pipeline.clear()
        if self._running is not None and self._is_busy():
            self._running.keep_alive = False
        else:
            self.transport.close()

    @override
    def pause_writing(self) -> None:
        self._full_since = self.loop.time()
        super().pause_writing()

    @override
    def resume_writing(self) -> None:
        self._full_since = None
        super().resume_writing()

    # --- what the parser says ---------------------------------------------------------------

    @override
    def on_headers_complete(self) -> None:
        self._head_since = None
        if self._head_bytes > HEAD_BYTES_MAX and self._size_of_head() > HEAD_BYTES_MAX:
            self._turn_away(HEADERS_TOO_LARGE)
            return
        self._head_bytes, self._body_bytes = 0, 0
        self._body_since = self.loop.time()
        super().on_headers_complete()

    @override
    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    @override
    def on_body(self, body: bytes) -> None:
        if self._deaf:
            return
        self._body_bytes += len(body)
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self._body_since = None
        if not self._deaf:
            super().on_message_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        self._turn_away(NOT_HTTP)

    @override
    def _unsupported_upgrade_warning(self) -> None:
        """Other protocols are not spoken: the request is answered as it stands, then it is over."""
        self._deaf = True
        self.cycle.keep_alive = False

    # --- turning away -----------------------------------------------------------------------

    def _is_busy(self) -> bool:
        return self._running is not None and not self._running.response_complete

    def _nobody_reads(self) -> None:
        """Tell whoever works on an answer; uvicorn tells the last request of a pipeline alone."""
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _turn_away(self, kind: Kind) -> None:
        """Say why, once, unless an answer has begun; then wait a moment for it to be read."""
        if self.turned_away_at is not None or self.transport.is_closing():
            return
        self._deaf = True
        busy = self._is_busy()
        is_whole = self._body_since is None
        if busy and is_whole and kind is not TOO_SLOW:  # what came whole is answered first
            self.cycle.keep_alive = False
            return
        begun = self._running is not None and busy and self._running.response_started
        if begun or self._doors.turned_away() >= TURNED_AWAY_MAX:
            self.cut_off()
            return
        self.turned_away_at = self.loop.time()
        self.transport.write(self._told(kind))
        self._nobody_reads()  # its body will not come

    def _told(self, kind: Kind) -> bytes:
        running = self._running
        path = running.scope["path"] if running is not None and self._is_busy() else "*"
        request_id = random_id(datetime.now(UTC))
        body = bare_problem(kind, path, request_id)
        headers = {
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
            "Cache-Control": "no-store",
            "X-Request-Id": request_id,
            **SECURITY,
            **({"Retry-After": str(RETRY_SECONDS)} if kind is BUSY else {}),
        }
        lines = [f"{name}: {value}\r\n".encode() for name, value in headers.items()]
        lines += [b"%s: %s\r\n" % each for each in self.server_state.default_headers]
        return b"".join([STATUS_LINE[kind.status], *lines, b"\r\n", body])


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return True  # a socket of this machine has no address
