"""What a route is handed: the one place where time, people and databases come in."""

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Depends
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from app.api.door import Door
from app.api.keys import Caller, Keyring
from app.api.kinds import MALFORMED, NO_SANDBOX, UNAUTHENTICATED, UNAVAILABLE
from app.api.meters import (
    STREAMS_MAX,
    STREAMS_PER_KEY_MAX,
    UPLOADS_MAX,
    UPLOADS_PER_KEY_MAX,
    Meter,
    Slots,
)
from app.api.problems import (
    Fault,
    ProtocolError,
)
from app.api.turnstile import Allowances, Turnstile
from app.domain.values import Code
from app.events.following import Tail
from app.events.person_keys import PersonKeys
from app.events.pulse import Pulse
from app.events.reading import Bell, Reader
from app.events.workings import Workings
from app.events.writer import Writer
from app.evidence.contents import Contents
from app.evidence.operations import Operations

Mode = Literal["live", "sandbox", "replay"]
"""`replay`: a past state, built to look around in; it takes no command."""

TIME_HEADER: Final = "Sanbao-Time"
CALLERS: Final = "sanbao.callers"
"""Where a request keeps who it is from, for whoever opens the answer: a list, empty until then."""
PRINCIPAL_HEADER: Final = "Sanbao-On-Behalf-Of"
_PERSON: Final[TypeAdapter[str]] = TypeAdapter(Code)
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The world outside, as values and functions that a test can replace."""

    workings: Workings
    writer: Writer
    reader: Reader
    bell: Bell
    pulse: Pulse
    tail: Tail
    door: Door
    operations: Operations
    persons: PersonKeys
    meter: Meter
    mode: Mode
    now: Callable[[], datetime]
    clock_is_given: bool = False
    """Whether `now` is to be obeyed by the writer as the instant of each command (the demo)."""
    ready: Callable[[], Awaitable[Mapping[str, Any]]]
    command_seconds_max: float = 10.0
    origin: str = "sanbao/sanbao"
    """The log's name, as its checkpoints have it."""
    exports: Slots = field(default_factory=Slots)
    contents: Contents | None = None
    """Where files of attachments are; None: this house keeps none."""
    turnstile: Turnstile = field(default_factory=lambda: Turnstile(Allowances()))
    streams: Slots = field(default_factory=lambda: Slots(STREAMS_MAX, STREAMS_PER_KEY_MAX))
    uploads: Slots = field(default_factory=lambda: Slots(UPLOADS_MAX, UPLOADS_PER_KEY_MAX))

    @property
    def keyring(self) -> Keyring:
        """The keys that open the door."""
        return self.door.keyring


def edge_of(request: Request) -> Edge:
    """The edge that the house was built around."""
    edge: Edge = request.app.state.edge
    return edge


async def _at_edge(request: Request) -> Edge:
    """The same as a dependency: FastAPI would call a plain function in a thread of its own."""
    return edge_of(request)


async def caller_of(request: Request) -> Caller:
    """Whoever is at the door, with all of his request: from here on it is worked on.

    Raises:
        ProtocolError: nobody we know, nobody who has a role here, or it cannot be told; or he
            asks too much.
    """
    caller = await recognised(request)
    await edge_of(request).turnstile.begins(request, caller.account)
    return caller


async def recognised(request: Request) -> Caller:
    """Whoever is at the door, before his body is read: a slow one keeps nobody busy.

    Raises:
        ProtocolError: as for `caller_of`.
    """
    callers: list[Caller] = request.scope[CALLERS]
    if callers:
        return callers[0]
    edge = edge_of(request)
    if edge.pulse.gone:
        raise ProtocolError(UNAVAILABLE, headers={"Retry-After": "2"})
    await edge.turnstile.before_guess(request)
    try:
        caller = await edge.door.caller(request.headers.get("authorization"))
    except ProtocolError as refused:
        if refused.kind is UNAUTHENTICATED:
            edge.turnstile.guessed(request)
        raise
    edge.turnstile.recognised(request, caller.account)
    callers.append(caller)
    return caller


def instant_of(request: Request) -> datetime | None:
    """The instant that a sandbox's caller names.

    Raises:
        ProtocolError: this is no sandbox, or it is no instant.
    """
    edge = edge_of(request)
    text = request.headers.get(TIME_HEADER)
    if text is None:
        return edge.now() if edge.clock_is_given else None
    return instant_in(edge, text)


def instant_in(edge: Edge, text: str) -> datetime:
    """The instant of a sandbox that a text names.

    Raises:
        ProtocolError: this is no sandbox, or it is no instant.
    """
    if edge.mode != "sandbox":
        raise ProtocolError(NO_SANDBOX)
    if _INSTANT.fullmatch(text):
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(text).astimezone(UTC)
    fault = Fault(
        pointer=f"header:{TIME_HEADER}",
        code="not_an_instant",
        detail="An RFC 3339 instant with its offset: 2025-03-31T15:59:59Z",
    )
    raise ProtocolError(MALFORMED, faults=[fault])


def principal_of(request: Request) -> str | None:
    """In whose name a command is asked, where it is not the caller's own.

    Raises:
        ProtocolError: the header stands there twice, or names nobody.
    """
    sent = request.headers.getlist(PRINCIPAL_HEADER)
    if not sent:
        return None
    if len(sent) == 1:
        with suppress(UnicodeError, ValidationError):
            return _PERSON.validate_python(sent[0].encode("latin-1").decode())
    fault = Fault(
        pointer=f"header:{PRINCIPAL_HEADER}",
        code="not_a_person",
        detail="One person, as the delegation names the grantor, in UTF-8",
    )
    raise ProtocolError(MALFORMED, faults=[fault])


AtEdge = Annotated[Edge, Depends(_at_edge)]
Known = Annotated[Caller, Depends(caller_of)]
"""Anybody who has a key or a token, whatever he may do with it."""
