"""A file comes in as it is: the body is its bytes, the address says what it is about.

The command `AddAttachment` is made here, from what was received: nobody says a hash of his own. The
file is read piece by piece into a place where nobody sees it, looked at, and made durable in the
store before the event is recorded. Whatever goes wrong on the way leaves no trace; a file whose
event was refused stays in the store, where no record leads to it.
"""

import asyncio
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect, Request

from app.api.commands import CommandRoute, Reading, valid_id
from app.api.edge import Edge, edge_of, recognised
from app.api.keys import Caller
from app.api.kinds import (
    BUSY,
    CONTENT_UNAVAILABLE,
    DIGEST_MISMATCH,
    EMPTY_FILE,
    MALFORMED,
    NOT_ITS_TYPE,
    TOO_LARGE,
    TOO_MANY_UPLOADS,
    TYPE_NOT_TAKEN,
)
from app.api.problems import (
    Fault,
    ProtocolError,
)
from app.api.queries import query_of
from app.api.schemas import TEMPLATE
from app.domain.attachment.decisions import AddAttachment, AttachedToNothing, must_be_called
from app.domain.attachment.words import (
    EXTENSIONS,
    HEAD_BYTES,
    TAIL_BYTES,
    AttachedTo,
    AttachmentKind,
    FileName,
    is_what_it_says,
)
from app.domain.decider import Command, JsonObject
from app.domain.errors import NotFound
from app.domain.values import Day, Text
from app.evidence.contents import Contents, ContentUnavailable, Incoming

RETRY_SECONDS: Final = 5
NOT_ABOUT: Final = frozenset({"attachment", "audit-access", "deadline", "personal-data"})
"""Kinds of record that no file is about."""
_MEMBER: Final = re.compile(r"([a-z0-9*_.-]{1,40})=:([A-Za-z0-9+/]{1,120}={0,2}):")


class UploadQuery(BaseModel):
    """What a file is: the address of an upload."""

    model_config = ConfigDict(extra="forbid")

    about: str = Field(
        min_length=3,
        max_length=160,
        pattern=r"^[^\x00]+$",
        description="The record that it belongs to, as its address ends. 所属记录。",
        examples=["feedback-cases/01946dcc-8eb0-7b7e-8ef3-8e62c7e3b5c3"],
    )
    kind: AttachmentKind = Field(description="What it is. 附件类别。")
    file_name: FileName
    description: Annotated[Text, Field(pattern=r"^[^\x00]*$")] | None = Field(
        default=None, description="What it shows. 说明。"
    )
    taken_on: Day | None = Field(default=None, description="When it was taken. 拍摄日期。")


async def added(request: Request, _: CommandRoute) -> Command:
    """The command of an upload, whose file is in the store by then.

    Raises:
        ProtocolError: the request or the file does not fit, too many come in at once, or the
            store is not there.
        AttachedToNothing: there is no such record.
        FileNameDoesNotFit: it is called as files of another type are.
    """
    edge = edge_of(request)
    query = query_of(request, UploadQuery)
    media_type = _media_type(request)
    must_be_called(query.file_name, media_type)
    digest = _told_digest(request)
    contents = contents_of(edge)
    _must_fit(request.headers.get("content-length", "0"), contents.bytes_max)
    about = await _about(edge, query.about)
    caller = await recognised(request)
    try:
        with _one_at_once(edge, caller), contents.incoming() as incoming:
            await _receive(request, incoming, contents.bytes_max)
            _must_hold(incoming, media_type, digest)
            await asyncio.to_thread(contents.keep, incoming)
    except ContentUnavailable:
        raise unavailable() from None
    return AddAttachment(
        about=about,
        kind=query.kind,
        file_name=query.file_name,
        media_type=media_type,
        size_bytes=incoming.size,
        sha256=incoming.digest.hex(),
        description=query.description,
        taken_on=query.taken_on,
    )


UPLOADS: Final[dict[type[Command], Reading]] = {AddAttachment: added}
"""The commands whose body is a file."""


UPLOAD_KINDS: Final = (
    TYPE_NOT_TAKEN,
    NOT_ITS_TYPE,
    EMPTY_FILE,
    DIGEST_MISMATCH,
    TOO_MANY_UPLOADS,
    CONTENT_UNAVAILABLE,
)
"""Why a file is not taken."""
DIGEST: Final[JsonObject] = {
    "name": "Content-Digest",
    "in": "header",
    "required": False,
    "description": "SHA-256 of the file (RFC 9530); compared with what arrives. 摘要。",
    "schema": {"type": "string", "maxLength": 1_000, "examples": ["sha-256=:" + "A" * 43 + "=:"]},
}
BODY: Final[JsonObject] = {
    "required": True,
    "description": "The file's bytes, as they are.",
    "content": {each: {"schema": {"type": "string", "format": "binary"}} for each in EXTENSIONS},
}


def file_of(parameters: Iterable[JsonObject]) -> JsonObject:
    """What the document says of an upload, where a command in JSON says its body.

    Args:
        parameters: those of any command.
    """
    shape = UploadQuery.model_json_schema(ref_template=TEMPLATE)
    asked = [
        {"name": name, "in": "query", "required": name in shape["required"], "schema": schema}
        for name, schema in shape["properties"].items()
    ]
    return {"parameters": [*parameters, *asked, DIGEST], "requestBody": BODY}


def contents_of(edge: Edge) -> Contents:
    """Where files are.

    Raises:
        ProtocolError: this house keeps none.
    """
    if edge.contents is None:
        raise unavailable()
    return edge.contents


def unavailable() -> ProtocolError:
    """The store cannot be asked now."""
    return ProtocolError(CONTENT_UNAVAILABLE, headers={"Retry-After": str(RETRY_SECONDS)})


def digest_field(digest: bytes) -> str:
    """A SHA-256 as RFC 9530 writes it."""
    return f"sha-256=:{b64encode(digest).decode()}:"


def _media_type(request: Request) -> str:
    """What the file is said to be; parameters such as a charset are left aside.

    Raises:
        ProtocolError: it is nothing that is taken, or in a wrapping.
    """
    sent = request.headers.getlist("content-type")
    media_type = sent[0].partition(";")[0].strip().lower() if len(sent) == 1 else ""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if media_type not in EXTENSIONS or coding != "identity":
        raise ProtocolError(TYPE_NOT_TAKEN, headers={"Accept": ", ".join(EXTENSIONS)},
                            taken=list(EXTENSIONS))  # fmt: skip
    return media_type


def _told_digest(request: Request) -> bytes | None:
    """The digest that the file must have; None when none was sent.

    Raises:
        ProtocolError: it is no digest, or not one that we can compare.
    """
    sent = request.headers.getlist("content-digest")
    if not sent:
        return None
    members = [_MEMBER.fullmatch(each.strip()) for each in ",".join(sent).split(",")]
    told = {each[1]: each[2] for each in members if each}
    if all(members) and len(told.get("sha-256", "")) == 44:  # noqa: PLR2004 - 32 bytes in base64
        return b64decode(told["sha-256"])
    fault = Fault(
        pointer="header:Content-Digest",
        code="not_a_digest",
        detail="sha-256=:<32 bytes in base64>:, as RFC 9530 has it",
    )
    raise ProtocolError(MALFORMED, faults=[fault])


async def _about(edge: Edge, text: str) -> AttachedTo:
    """The record that a file is about. It is asked for here: records never go away again.

    Raises:
        AttachedToNothing: there is none.
    """
    collection, _, written = text.partition("/")
    for decider in edge.workings.deciders.values():
        known = decider.identity != "single" and decider.name not in NOT_ABOUT
        if known and decider.collection == collection:
            try:
                about = AttachedTo(kind=decider.name, id=valid_id(decider, written))
            except NotFound:
                break
            if await edge.reader.revision(about.stream):
                return about
    raise AttachedToNothing(field="about")


def _must_fit(told: str, bytes_max: int) -> None:
    if told.isdigit() and int(told) > bytes_max:
        raise ProtocolError(TOO_LARGE, bytes_max=bytes_max)


@contextmanager
def _one_at_once(edge: Edge, caller: Caller) -> Iterator[None]:
    """One of the files that may come in at once: each is on the disk, and may take an hour.

    Raises:
        ProtocolError: the key sends as many as it may, or the house takes no more.
    """
    uploads = edge.uploads
    if not uploads.take(caller.account):
        kind = TOO_MANY_UPLOADS if uploads.is_at_most(caller.account) else BUSY
        raise ProtocolError(kind, headers={"Retry-After": str(RETRY_SECONDS)})
    try:
        yield
    finally:
        uploads.give_back(caller.account)


async def _receive(request: Request, incoming: Incoming, bytes_max: int) -> None:
    """Take the body in, one piece in memory.

    Raises:
        ProtocolError: there is too much of it, or it was cut off.
    """
    try:
        async for piece in request.stream():
            if incoming.size + len(piece) > bytes_max:
                raise ProtocolError(TOO_LARGE, bytes_max=bytes_max)
            incoming.write(piece, HEAD_BYTES)
    except ClientDisconnect:
        fault = Fault(pointer="", code="cut_off", detail="The body ended before the file did")
        raise ProtocolError(MALFORMED, faults=[fault]) from None


def _must_hold(incoming: Incoming, media_type: str, digest: bytes | None) -> None:
    """Whether the file is what was said of it.

    Raises:
        ProtocolError: it is empty, another one, or of another type.
    """
    if not incoming.size:
        raise ProtocolError(EMPTY_FILE)
    if digest is not None and digest != incoming.digest:
        raise ProtocolError(DIGEST_MISMATCH, arrived=digest_field(incoming.digest))
    if not is_what_it_says(media_type, incoming.head, incoming.tail(TAIL_BYTES)):
        raise ProtocolError(NOT_ITS_TYPE, media_type=media_type)
