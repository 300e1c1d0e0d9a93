"""One stream of the log: everything that happened to one record, in order."""

import json
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.auditing import count_read
from app.api.authority import By
from app.api.edge import AtEdge
from app.api.events import RecordedEvent
from app.api.paths import routed
from app.api.queries import NOT_FOUND, PROBLEMS, Limit
from app.domain.errors import NotFound

router: Final = APIRouter(prefix="/v1/streams", tags=["events"])


class StreamPage(BaseModel):
    """Events of one stream, in order (事件流)."""

    model_config = ConfigDict(extra="forbid")

    stream: str
    revision: int = Field(description="The last version of the stream, also the record's ETag.")
    data: list[RecordedEvent]
    next_after: int = Field(description="Ask with `after=` this for what comes next.")
    has_more: bool


class StreamQuery(BaseModel):
    """Where to read on."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=0, ge=0, le=2**31 - 1, description="Versions above this one.")
    limit: Limit = 50


@router.get(routed("/{stream}"), responses=PROBLEMS | NOT_FOUND, response_model=StreamPage)
async def get_stream(
    request: Request,
    stream: Annotated[str, Path(max_length=120, description="A record's kind and id: `claim-…`.")],
    query: Annotated[StreamQuery, Query()],
    edge: AtEdge,
    caller: By,
) -> Response:
    """Read everything that happened to one record, as recorded (事件流)."""
    revision = await edge.reader.revision(stream)
    if revision == 0:
        raise NotFound(kind="stream", id=stream)
    events = await edge.reader.stream(stream, after_version=query.after, limit=query.limit + 1)
    page = events[: query.limit]
    await count_read(request, caller, len(page))
    body = {
        "stream": stream,
        "revision": max(revision, page[-1].version if page else 0),
        "data": [each.envelope() for each in page],
        "next_after": page[-1].version if page else query.after,
        "has_more": len(events) > query.limit,
    }
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/json")
