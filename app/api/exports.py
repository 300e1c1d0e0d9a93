"""The log as a file over HTTP: JSON lines that can be checked without us (app.evidence.export)."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Send
from typing_extensions import override

from app.api.auditing import PURPOSE, record_access
from app.api.authority import INSPECTORS, By, Inspector
from app.api.edge import AtEdge, Edge, edge_of
from app.api.kinds import (
    EXPORTS_BUSY,
    MALFORMED,
    REPLAYED,
)
from app.api.negotiation import best_of
from app.api.problems import (
    Fault,
    Problem,
    ProtocolError,
)
from app.api.queries import PROBLEMS, NoParameters, listed
from app.domain.audit_access.events import AccessKind
from app.evidence.checkpoint_store import CheckpointStore
from app.evidence.export import SCRIPT, compact_range, export_lines
from app.evidence.refusals import TreeIncomplete

router: Final = APIRouter(prefix="/v1/events/export", tags=["events"])

JSONL: Final = "application/jsonl"
NDJSON: Final = "application/x-ndjson"
RETRY_SECONDS: Final = 15
STALL_SECONDS: Final = 60.0
"""How long a reader may take nothing at all; then he is sent home, and asks on with `after`."""
PIECE_BYTES: Final = 65_536

REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    409: {
        "model": Problem,
        "description": listed(TreeIncomplete, REPLAYED),
    },
    503: {
        "model": Problem,
        "description": f"{PROBLEMS[503]['description']}\n{listed(EXPORTS_BUSY)}",
    },
}
LINES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "First where the export begins, then a line an event, last the manifest.",
        "content": {each: {"schema": {"type": "string"}} for each in (JSONL, NDJSON)},
    }
}


class ExportQuery(BaseModel):
    """Which events."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=0, ge=0, le=2**62, description="Positions above this one.")
    up_to: int | None = Field(
        default=None,
        ge=0,
        le=2**62,
        description="The last position; left out: the event that records this very export.",
    )


async def _in_pieces(lines: AsyncIterable[Any]) -> AsyncIterator[bytes]:
    """A page in pieces that a slow reader takes in time: he is slow, and has not stopped."""
    async for page in lines:
        for start in range(0, len(page), PIECE_BYTES):
            yield page[start : start + PIECE_BYTES]


class Lines(StreamingResponse):
    """Lines as fast as they are read, one page in memory; whoever takes none is sent home."""

    stall_seconds = STALL_SECONDS

    @override
    async def stream_response(self, send: Send) -> None:
        async def patiently(message: Any) -> None:  # noqa: ANN401 - ASGI's own
            async with asyncio.timeout(self.stall_seconds):
                await send(message)

        self.body_iterator = _in_pieces(self.body_iterator)
        try:
            await super().stream_response(patiently)
        except TimeoutError:
            return  # without the manifest: the reader sees that the file was cut off


async def slot(request: Request, caller: Inspector) -> AsyncIterator[None]:
    """One of few, until the last line is sent or the reader is gone.

    Raises:
        ProtocolError: none is free.
    """
    exports = edge_of(request).exports
    if not exports.take(caller.account):
        raise ProtocolError(EXPORTS_BUSY, headers={"Retry-After": str(RETRY_SECONDS)})
    try:
        yield
    finally:
        exports.give_back(caller.account)


@router.get(
    "",
    responses=PROBLEMS | REFUSED | LINES,
    response_class=Response,
    openapi_extra={"parameters": [PURPOSE]},
    dependencies=[Depends(slot, scope="request")],
)
async def export_events(
    request: Request, query: Annotated[ExportQuery, Query()], edge: AtEdge, caller: Inspector
) -> Response:
    """Take the log out as JSON lines that anybody can check (导出日志).

    The export is recorded before it begins, and contains the event that says so, unless `up_to`
    names an earlier one. It ends with a manifest; one that was cut off has none and is continued
    with `after`. Check it with `verify.py`. For auditors and quality managers (审核员、品保经理).
    """
    await _must_fit(edge, query)
    before = await compact_range(edge.reader, query.after)
    access = await record_access(
        request,
        caller,
        AccessKind.EXPORT,
        role=INSPECTORS.hat_of(caller),
        after=query.after,
        up_to=query.up_to,
    )
    assert access.up_to is not None  # noqa: S101 - every export has an end
    checkpoint = await CheckpointStore(edge.reader).up_to(access.up_to)
    lines = export_lines(
        edge.reader,
        after=query.after,
        up_to=access.up_to,
        before=before,
        checkpoint=checkpoint.note if checkpoint else None,
    )
    name = f"sanbao-events-{query.after + 1}-{access.up_to}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
    return Lines(lines, headers=headers, media_type=best_of(request, (JSONL, NDJSON)))


async def _must_fit(edge: Edge, query: ExportQuery) -> None:
    """Refuse positions that the log does not have.

    Raises:
        ProtocolError: they lie beyond its end, or the export would end before it begins.
    """
    head = await edge.reader.head()
    faults = []
    if query.up_to is not None and query.up_to > head:
        faults.append(("up_to", "not_in_the_log", f"The log ends at {head}"))
    if query.after > (head if query.up_to is None else query.up_to):
        faults.append(("after", "not_before_the_end", "Not above `up_to`, nor above the log's end"))
    if faults:
        told = [Fault(pointer=f"query:{name}", code=c, detail=d) for name, c, d in faults]
        raise ProtocolError(MALFORMED, faults=told)


@router.get(
    "/verify.py",
    responses=PROBLEMS | {200: {"content": {"text/x-python": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
async def get_export_verifier(_: By, __: NoParameters) -> Response:
    """Read the script that checks an export without us; Python and nothing else (校验脚本)."""
    headers = {"Content-Disposition": f'attachment; filename="{SCRIPT.name}"'}
    return Response(SCRIPT.read_bytes(), headers=headers, media_type="text/x-python")
