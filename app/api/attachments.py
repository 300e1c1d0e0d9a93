"""The file of an attachment goes out as it came in, to be kept and not to be shown.

Nothing is sent before the whole of it was compared with its hash, and what is sent is the very
copy that was compared; so a part of a damaged file is not sent, either. No browser is to make a
page of it: it is a download, of the type that was stored, in a sandbox, and never sniffed.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import IO, Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from app.api.auditing import count_read
from app.api.authority import By
from app.api.edge import AtEdge, Edge
from app.api.exports import Lines
from app.api.keys import Caller
from app.api.kinds import (
    CONTENT_DAMAGED,
    CONTENT_MISSING,
    CONTENT_UNAVAILABLE,
    NOT_IN_RANGE,
)
from app.api.problems import (
    Problem,
    ProtocolError,
)
from app.api.queries import NOT_FOUND, PROBLEMS, ReadSince, listed, reached
from app.api.records import id_of
from app.api.uploads import contents_of, digest_field, unavailable
from app.domain.attachment.decisions import attachment as decider
from app.domain.attachment.events import ATTACHMENT, Attachment
from app.domain.attachment.words import AttachmentStatus
from app.domain.errors import NotFound
from app.domain.values import Role
from app.evidence.contents import (
    PIECE_BYTES,
    ContentDamaged,
    ContentMissing,
    ContentUnavailable,
)
from app.evidence.refusals import ContentWithdrawn

router: Final = APIRouter(prefix="/v1/attachments", tags=["attachments"])

OF_WITHDRAWN: Final = frozenset({Role.AUDITOR, Role.QA_MANAGER})
"""Who still reads what was withdrawn."""
_RANGE: Final = re.compile(r"bytes=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*", re.ASCII)
_UNQUOTED: Final = "!#$&+-.^_`|~"
"""What RFC 8187 leaves as it is, beside letters and digits."""


ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file. `Repr-Digest` and `ETag` are its SHA-256.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    206: {"description": "The part that `Range` asked for."},
    304: {"description": "You have it: its ETag is in `If-None-Match`."},
    403: {
        "model": Problem,
        "description": f"{PROBLEMS[403]['description']}\n{listed(ContentWithdrawn)}",
    },
    410: {
        "model": Problem,
        "description": listed(CONTENT_MISSING, CONTENT_DAMAGED),
    },
    416: {"model": Problem, "description": listed(NOT_IN_RANGE)},
    503: {
        "model": Problem,
        "description": f"{PROBLEMS[503]['description']}\n{listed(CONTENT_UNAVAILABLE)}",
    },
}
RANGE: Final = {
    "name": "Range",
    "in": "header",
    "required": False,
    "description": "One range of bytes; more than one is answered with the whole file.",
    "schema": {"type": "string", "maxLength": 200, "examples": ["bytes=0-1023"]},
}


def may_read_content(caller: Caller, attachment: Attachment) -> bool:
    """Whether a caller may have the file itself; the record is for everybody who may read."""
    if attachment.status is AttachmentStatus.WITHDRAWN:
        return not OF_WITHDRAWN.isdisjoint(caller.roles)
    return True


@router.get(
    "/{attachment_id}/content",
    responses=PROBLEMS | NOT_FOUND | ANSWERS,
    response_class=Response,
    openapi_extra={"parameters": [RANGE]},
)
async def get_attachment_content(
    request: Request,
    attachment_id: Annotated[
        str, Path(max_length=64, description="The id, or the number: AT-2025-000001. 附件号。")
    ],
    edge: AtEdge,
    caller: By,
    since: ReadSince,
) -> Response:
    """Download the file of an attachment (下载附件).

    It is compared with the hash in its event before the first byte is sent. What was withdrawn is
    for auditors and the quality manager.
    """
    await reached(edge, since.min_position)
    attachment = await _attachment(edge, attachment_id)
    if not may_read_content(caller, attachment):
        raise ContentWithdrawn(attachment_no=attachment.attachment_no)
    headers = headers_of(attachment)
    if _has(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers={"ETag": headers["ETag"]})
    start, end = _part(request, attachment.size_bytes, headers["ETag"])
    await count_read(request, caller, 1)
    copy = await _checked(edge, attachment)
    status = 200
    if (start, end) != (0, attachment.size_bytes):
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{attachment.size_bytes}"
    headers["Content-Length"] = str(end - start)
    return Lines(pieces(copy, start, end), status, headers)


def headers_of(attachment: Attachment) -> dict[str, str]:
    """What goes out with a file, so that nobody takes it for a page."""
    digest = bytes.fromhex(attachment.sha256)
    return {
        "Content-Type": attachment.media_type,
        "Content-Disposition": disposition(attachment.file_name),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "ETag": f'"{attachment.sha256}"',
        "Repr-Digest": digest_field(digest),
        "Accept-Ranges": "bytes",
    }


def disposition(file_name: str) -> str:
    """A download under its name (RFC 6266), Chinese as RFC 8187 writes it."""
    plain = re.sub(r"[^\w .()+-]", "_", file_name, flags=re.ASCII)
    full = quote(file_name, safe=_UNQUOTED)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"


async def _attachment(edge: Edge, given: str) -> Attachment:
    to = await id_of(edge, decider, given)
    async with edge.reader.snapshot() as snapshot:
        attachment = await snapshot.state_of(ATTACHMENT, to)
    if attachment.status is AttachmentStatus.NOT_ADDED:
        raise NotFound(kind=ATTACHMENT.name, id=to)
    return attachment


async def _checked(edge: Edge, attachment: Attachment) -> IO[bytes]:
    """A copy that is the file which was attached.

    Raises:
        ProtocolError: there is none.
    """
    contents, no = contents_of(edge), attachment.attachment_no
    try:
        return await asyncio.to_thread(contents.checked, attachment.sha256, attachment.size_bytes)
    except ContentMissing:
        raise ProtocolError(CONTENT_MISSING, attachment_no=no, sha256=attachment.sha256) from None
    except ContentDamaged:
        raise ProtocolError(CONTENT_DAMAGED, attachment_no=no, sha256=attachment.sha256) from None
    except ContentUnavailable:
        raise unavailable() from None


async def pieces(copy: IO[bytes], start: int, end: int) -> AsyncIterator[bytes]:
    """What stands in a file from here to there, which is closed at the end."""
    with copy:
        copy.seek(start)
        while start < end and (piece := copy.read(min(PIECE_BYTES, end - start))):
            start += len(piece)
            yield piece


def _has(field: str, etag: str) -> bool:
    known = [each.strip().removeprefix("W/") for each in field.split(",")]
    return etag in known or known == ["*"]


def _part(request: Request, size: int, etag: str) -> tuple[int, int]:
    """From where to where, the end excluded; what is no single range of bytes is left aside.

    Raises:
        ProtocolError: the file has no such bytes.
    """
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or request.headers.get("if-range", etag) != etag:
        return 0, size
    first, last, suffix = asked.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < int(first):
            return 0, size  # RFC 9110: no range at all
    if start >= end:
        raise ProtocolError(NOT_IN_RANGE, headers={"Content-Range": f"bytes */{size}"}, size=size)
    return start, end
