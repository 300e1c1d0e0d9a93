"""Reading is written down: exports, what-ifs, and much at once by an auditor's key.

The service records it in its own name before it answers, so that nothing is read unrecorded, and
auditors need no right to write.
"""

from contextlib import suppress
from typing import Final

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from app.api.edge import edge_of
from app.api.keys import Caller
from app.api.problems import (
    BUSY,
    MALFORMED,
    UNAVAILABLE,
    Fault,
    ProtocolError,
    request_id,
)
from app.domain.audit_access.decisions import RecordAuditAccess
from app.domain.audit_access.events import AUDIT_ACCESS, AccessKind, AuditAccess
from app.domain.decider import JsonObject
from app.domain.values import SYSTEM, Actor, Role, Text
from app.events.ids import random_id
from app.events.store import Key
from app.events.turn import Accepted, Submission
from app.events.writer import LogUnavailable, WriterBusy

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
        ProtocolError: it is no text, or stands there twice.
    """
    sent = request.headers.getlist(PURPOSE_HEADER)
    if not sent:
        return None
    if len(sent) == 1 and "\0" not in sent[0]:
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
        ProtocolError: it could not be written, so it is not answered, either.
    """
    edge = edge_of(request)
    query = f"?{request.url.query}" if request.url.query else ""
    command = RecordAuditAccess(
        kind=kind,
        person=caller.person,
        role=role,
        key_id=caller.key_id,
        what=f"{request.url.path}{query}"[:WHAT_MAX],
        after=after,
        up_to=up_to,
        count=count,
        purpose=purpose_of(request),
    )
    submission = Submission(
        decider=AUDIT_ACCESS.name,
        to=None,
        command=command,
        by=Actor(SYSTEM.person, SYSTEM.role, client=caller.key_id),
        at=edge.now() if edge.clock_is_given else None,
        expected=None,
        request_id=request_id(request),
    )
    name = random_id(edge.now())  # each access is one of its own, also under one request id
    key = Key("audit", type(command).__name__, name)
    try:
        answer = await edge.writer.ask(submission, key, name.encode(), edge.command_seconds_max)
    except WriterBusy:
        raise ProtocolError(BUSY, headers={"Retry-After": "1"}) from None
    except LogUnavailable:
        raise ProtocolError(UNAVAILABLE, headers={"Retry-After": "2"}) from None
    assert isinstance(answer, Accepted)  # noqa: S101 - nobody else has the key
    state: AuditAccess = answer.state
    return state


async def count_read(
    request: Request, caller: Caller, rows: int, positions: tuple[int, int] | None = None
) -> None:
    """Count what an auditor's key is about to read; when it is much, write it down first.

    Args:
        request: what was asked.
        caller: whose key asks.
        rows: events or rows that are about to be answered.
        positions: between which the events stand, first excluded; None: rows.

    Raises:
        ProtocolError: it could not be written.
    """
    if Role.AUDITOR not in caller.roles:
        return
    edge = edge_of(request)
    read = edge.meter.add(caller.account, rows, edge.now(), positions)
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
