"""Reading is written down: exports, what-ifs, and much at once by an auditor's key.

The service records it in its own name before it answers, so that nothing is read unrecorded, and
auditors need no right to write.
"""

from contextlib import suppress
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from app.api.edge import edge_of
from app.api.keys import Caller
from app.api.kinds import (
    BUSY,
    MALFORMED,
    REPLAYED,
    UNAVAILABLE,
)
from app.api.problems import (
    Fault,
    ProtocolError,
    request_id,
)
from app.domain.audit_access.decisions import RecordAuditAccess
from app.domain.audit_access.events import AUDIT_ACCESS, AccessKind, AuditAccess
from app.domain.decider import JsonObject
from app.domain.personal import SEALED
from app.domain.values import SYSTEM, Actor, Role, Text
from app.events.ids import random_id
from app.events.store import Key
from app.events.turn import Accepted, Submission
from app.events.writer import LogUnavailable, Writer, WriterBusy

PURPOSE_HEADER: Final = "Sanbao-Purpose"
WHAT_MAX: Final = 2_000
_TEXT: Final[TypeAdapter[str]] = TypeAdapter(Text)

PURPOSE: Final[JsonObject] = {
    "name": PURPOSE_HEADER,
    "in": "header",
    "required": False,
    "description": "What it is read for, in UTF-8; it is written down with the access. 访问目的。",
    "schema": {"type": "string", "minLength": 1, "maxLength": 4_000},
}


def purpose_of(request: Request) -> str | None:
    """What the caller says he reads for.

    Raises:
        ProtocolError: it is no text, holds a sealed one, or stands there twice.
    """
    sent = request.headers.getlist(PURPOSE_HEADER)
    if not sent:
        return None
    if len(sent) == 1 and "\0" not in sent[0] and not SEALED.search(sent[0]):
        with suppress(UnicodeError, ValidationError):
            return _TEXT.validate_python(sent[0].encode("latin-1").decode())
    fault = Fault(
        pointer=f"header:{PURPOSE_HEADER}", code="not_a_purpose", detail="One text in UTF-8"
    )
    raise ProtocolError(MALFORMED, faults=[fault])


async def record_access(  # noqa: PLR0913 - what an access says
    request: Request,
    caller: Caller,
    kind: AccessKind,
    *,
    role: Role,
    after: int | None = None,
    up_to: int | None = None,
    count: int = 0,
) -> AuditAccess:
    """Write an access down, and wait until it is durable.

    Args:
        request: what was asked; its address is written down.
        caller: whose key asks.
        kind: what is done.
        role: the hat in which he may.
        after: positions above this one.
        up_to: the last position; of an export, None means the very event that says so.
        count: events or rows; of an export it follows from the positions.

    Raises:
        ProtocolError: it could not be written, so it is not answered, either; in a past, never.
    """
    edge = edge_of(request)
    if edge.mode == "replay":  # nothing can be written into a past
        raise ProtocolError(REPLAYED)
    command = RecordAuditAccess(
        kind=kind,
        person=caller.person,
        role=role,
        key_id=caller.key_id,
        what=_address_of(request),
        after=after,
        up_to=up_to,
        count=count,
        purpose=purpose_of(request),
    )
    by = Actor(SYSTEM.person, SYSTEM.role, client=caller.key_id)
    try:
        return await written_down(
            edge.writer,
            command,
            by,
            random_id(edge.now()),  # each is one of its own, also under one request id
            request_id=request_id(request),
            seconds=edge.command_seconds_max,
            at=edge.now() if edge.clock_is_given else None,
        )
    except WriterBusy:
        raise ProtocolError(BUSY, headers={"Retry-After": "1"}) from None
    except LogUnavailable:
        raise ProtocolError(UNAVAILABLE, headers={"Retry-After": "2"}) from None


async def written_down(  # noqa: PLR0913 - a submission, and how long to wait
    writer: Writer,
    command: RecordAuditAccess,
    by: Actor,
    name: str,
    *,
    request_id: str,
    seconds: float,
    at: datetime | None = None,
) -> AuditAccess:
    """An access, once it is durable.

    Raises:
        WriterBusy: it was not taken.
        LogUnavailable: it was not durable in time.
    """
    submission = Submission(
        decider=AUDIT_ACCESS.name,
        to=None,
        command=command,
        by=by,
        at=at,
        expected=None,
        request_id=request_id,
    )
    key = Key("audit", type(command).__name__, name)
    answer = await writer.ask(submission, key, name.encode(), seconds)
    assert isinstance(answer, Accepted)  # noqa: S101 - nobody else has the key
    state: AuditAccess = answer.state
    return state


def _address_of(request: Request) -> str:
    """An address as it was sent, `%23` and all, so that it can be asked again.

    A sealed text in it would be opened whenever the access is read: nobody has one opened so.
    """
    path, query = request.scope["raw_path"].decode("latin-1"), request.url.query
    return SEALED.sub("sealed", f"{path}?{query}" if query else path)[:WHAT_MAX]


async def count_read(
    request: Request, caller: Caller, rows: int, positions: tuple[int, int] | None = None
) -> None:
    """Count what an auditor's key is about to read; when it is much, write it down first.

    Args:
        request: what was asked.
        caller: whose key asks.
        rows: events or rows that are about to be answered.
        positions: between which the events stand, first excluded; None: rows.

    In a past nothing is counted: who built it to be looked at was written down in the plant.

    Raises:
        ProtocolError: it could not be written, or the purpose is none.
    """
    edge = edge_of(request)
    if Role.AUDITOR not in caller.roles or edge.mode == "replay":
        return
    purpose_of(request)  # refused before anything is counted
    async with edge.meter.counting(caller.account, rows, edge.now(), positions) as read:
        if read is not None:
            await record_access(
                request,
                caller,
                AccessKind.BULK_READ,
                role=Role.AUDITOR,
                after=read.after,
                up_to=read.up_to,
                count=read.rows,
            )
