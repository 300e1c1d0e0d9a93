"""The log over HTTP: pages by position, one event, and a stream that stays open."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app.api.auditing import count_read, purpose_of
from app.api.authority import By
from app.api.cloud_events import BATCH, BATCH_CONTENT, CONTENT, JSON, ONE, batch, cloud_event
from app.api.edge import AtEdge, Edge, edge_of
from app.api.event_corrections import EventCorrection, corrections_of
from app.api.keys import Caller
from app.api.kinds import (
    BUSY,
    MALFORMED,
    STREAMS_MAX,
)
from app.api.negotiation import best_of, names
from app.api.problems import (
    Fault,
    Problem,
    ProtocolError,
)
from app.api.queries import NOT_FOUND, PROBLEMS, Limit, NoParameters, listed
from app.domain.clauses import CLAUSES
from app.domain.errors import NotFound
from app.domain.values import Code, Instant, Role
from app.events.lost import LOST
from app.events.reading import Page, Sought
from app.events.recorded import Recorded

router = APIRouter(prefix="/v1/events", tags=["events"])

PING_SECONDS: Final = 15.0
FIRST_INSTANT: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""Before it nothing was recorded; the calendar of computers begins in the year 1."""
_POSITION: Final = re.compile(r"[0-9]{1,18}")
FOLLOWER_SECONDS: Final = 0.001
"""What a follower may cost a round: the more there are, the further apart their rounds."""
STREAM_RETRY_SECONDS: Final = 15
VARY: Final = {"Vary": "Accept"}
POSITION_MAX: Final = 2**62


Name = Annotated[str, Field(max_length=120)]


class RecordedEvent(BaseModel):
    """An event as it was recorded: it never changes, but for people who are erased (事件).

    Personal values are shown as what they say; what was hashed has them sealed, and is read from
    `/v1/tree/tile/entries` or an export.
    """

    model_config = ConfigDict(extra="forbid")

    position: int = Field(description="Its place in the log: 1, 2, 3 … without gaps.")
    stream: str = Field(examples=["claim-0194f3a2-7c1e-7b53-9d0a-3f6c2e8b1a47"])
    version: int = Field(description="Its place in its stream.")
    event_id: str
    type: str = Field(examples=["ClaimRegistered"])
    schema_version: int
    data: dict[str, Any] = Field(
        description="Money in whole fen (`..._fen`). Who was erased reads `[erased 已删除]`."
    )
    person: str
    role: Role
    on_behalf_of: str | None
    client: str | None
    reason: str | None
    recorded_at: str = Field(description="UTC.", examples=["2025-03-03T04:00:00.000000Z"])
    command_id: str
    correlation_id: str = Field(description="The request id.")
    causation_id: str | None = Field(description="The event that set it off, where one did.")
    clauses: list[str]
    rule_pack_version: int


class EventAndCorrections(RecordedEvent):
    """An event as it was recorded, and beside it what people say since that was not so."""

    corrections: list[EventCorrection] = Field(
        title="更正", description="Oldest first; not part of what was recorded and hashed."
    )


class EventPage(BaseModel):
    """Events in the order of the log."""

    data: list[RecordedEvent]
    next_after: int = Field(description="Ask with `after=` this for what comes next.")
    has_more: bool
    head: int = Field(description="The last position of the log when this was read.")


class EventQuery(BaseModel):
    """Where to read on, and what to leave out."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=0, ge=0, le=POSITION_MAX, description="Positions above this one.")
    limit: Limit = 50
    type: list[Name] | None = Field(default=None, max_length=50, description="Only these types.")
    kind: list[Name] | None = Field(
        default=None,
        max_length=50,
        description="Only streams of these kinds, as their names begin. 对象类别。",
        examples=[["claim"]],
    )
    stream: str | None = Field(
        default=None,
        min_length=1,
        max_length=120,
        description="Only this stream.",
        examples=["claim-0194…"],
    )
    person: Code | None = Field(
        default=None, description="Who did it, or in whose name it was done. 经办人或委托人。"
    )
    clause: str | None = Field(
        default=None,
        max_length=20,
        description="A clause of YTCXQP034 that the event is evidence of. 条款。",
        examples=["4.5"],
    )
    recorded_from: Instant | None = Field(
        default=None, description="Recorded at this instant or later. 记录时间起。"
    )
    recorded_to: Instant | None = Field(
        default=None, description="Recorded up to this instant, itself included. 记录时间止。"
    )


class StreamQuery(BaseModel):
    """Where to begin."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=0, ge=0, le=POSITION_MAX, description="Positions above this one.")


@router.get("", responses=PROBLEMS | {200: {"content": BATCH_CONTENT}}, response_model=EventPage)
async def list_events(
    request: Request, query: Annotated[EventQuery, Query()], edge: AtEdge, caller: By
) -> Response:
    """Read the log on from a position: each event once, in order, for ever.

    Filters can be combined. A page looks through 20000 positions at most: with a filter it may hold
    few events, or none, and say `has_more`; ask on with `next_after`. 过滤条件可组合使用。

    `Accept: application/cloudevents-batch+json` answers CloudEvents 1.0; what stands around the
    events is then in `Sanbao-Next-After`, `Sanbao-Has-More`, `Sanbao-Head` and `Link`.
    """
    head = await edge.reader.head()
    after, up_to = await _span(edge, query, head)
    page = await edge.reader.search(
        sought(edge, query), after=after, up_to=up_to, limit=query.limit
    )
    await count_read(request, caller, len(page.events), (after, page.through))
    form = best_of(request, (JSON, BATCH, ONE))
    if form != JSON:
        headers = VARY | _around(request, page, head)
        return Response(batch(request, page.events), headers=headers, media_type=BATCH)
    body = {
        "data": [each.envelope() for each in page.events],
        "next_after": page.through,
        "has_more": page.has_more,
        "head": head,
    }
    return Response(json.dumps(body, ensure_ascii=False), headers=VARY, media_type=JSON)


def _around(request: Request, page: Page, head: int) -> dict[str, str]:
    """What a batch of CloudEvents has no place for."""
    onward = request.url.include_query_params(after=page.through)
    return {
        "Sanbao-Next-After": str(page.through),
        "Sanbao-Has-More": "true" if page.has_more else "false",
        "Sanbao-Head": str(head),
        "Link": f'<{onward.path}?{onward.query}>; rel="next"',
    }


async def _span(edge: Edge, query: EventQuery, head: int) -> tuple[int, int]:
    """The positions to look at: instants never go back along the log, so they are positions."""
    after, up_to = query.after, head
    if query.recorded_from is not None:
        at = max(query.recorded_from, FIRST_INSTANT)
        before = at - timedelta(microseconds=1)
        after = max(after, await edge.reader.position_at(before))
    if query.recorded_to is not None:
        up_to = min(up_to, await edge.reader.position_at(query.recorded_to))
    return after, max(after, up_to)


def sought(edge: Edge, query: EventQuery) -> Sought:
    """Which events a query asks for.

    Raises:
        ProtocolError: it names a kind of stream, a type or a clause that there is not. Nothing
            would ever be found, and whoever follows the log would wait for ever.
    """
    types, kind_of = query.type, edge.workings.codec.stream_of
    faults = [
        *_unknown("kind", query.kind, edge.workings.deciders),
        *_unknown("type", query.type, kind_of, "A type, as openapi/events.md lists them"),
        *_unknown("clause", query.clause and [query.clause], CLAUSES),
    ]
    if faults:
        raise ProtocolError(MALFORMED, faults=faults)
    if query.kind is not None:
        wanted = None if types is None else set(types)
        types = [
            name
            for name, kind in kind_of.items()
            if kind in query.kind and (wanted is None or name in wanted)
        ]
    return Sought(types=types, stream=query.stream, person=query.person, clause=query.clause)


def _unknown(
    name: str, asked: Sequence[str] | None, known: Collection[str], detail: str | None = None
) -> list[Fault]:
    """The fault of a filter that names what there is not."""
    if all(each in known for each in asked or ()):
        return []
    told = detail or f"One of {', '.join(sorted(known))}"
    return [Fault(pointer=f"query:{name}", code=f"no_such_{name}", detail=told)]


async def seat(request: Request, caller: By) -> AsyncIterator[None]:
    """One of the streams that may be open, until it ends.

    Raises:
        ProtocolError: the key has as many as it may, or the house has.
    """
    streams = edge_of(request).streams
    if not streams.take(caller.account):
        kind = STREAMS_MAX if streams.is_at_most(caller.account) else BUSY
        raise ProtocolError(kind, headers={"Retry-After": str(STREAM_RETRY_SECONDS)})
    try:
        yield
    finally:
        streams.give_back(caller.account)


STREAM_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
    429: {
        "model": Problem,
        "description": f"{PROBLEMS[429]['description']}\n{listed(STREAMS_MAX)}",
    },
}


@router.get(
    "/stream",
    responses=PROBLEMS | STREAM_ANSWERS,
    response_class=StreamingResponse,
    dependencies=[Depends(seat, scope="request")],
)
async def stream_events(
    request: Request,
    edge: AtEdge,
    caller: By,
    query: Annotated[StreamQuery, Query()],
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> StreamingResponse:
    """Follow the log (server-sent events); `id` is the position, resume by `Last-Event-ID`.

    `Accept: text/event-stream, application/cloudevents+json` sends CloudEvents 1.0 as `data`.
    """
    after = query.after
    if last_event_id is not None:
        if not _POSITION.fullmatch(last_event_id):
            fault = Fault(pointer="header:Last-Event-ID", code="not_a_position", detail="A number")
            raise ProtocolError(MALFORMED, faults=[fault])
        after = int(last_event_id)
    purpose_of(request)
    headers = VARY | {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        _follow(request, edge, caller, after), media_type="text/event-stream", headers=headers
    )


async def _follow(request: Request, edge: Edge, caller: Caller, after: int) -> AsyncIterator[str]:
    form = str(request.base_url) if names(request, ONE) else JSON

    def block(recorded: Recorded) -> str:
        told = recorded.envelope() if form == JSON else cloud_event(request, recorded)
        data = json.dumps(told, ensure_ascii=False)
        return f"id: {recorded.position}\nevent: {recorded.type}\ndata: {data}\n\n"

    yield "retry: 2000\n\n"
    while not edge.bell.stopped:
        try:
            events = await edge.tail.page(after)
            if events:
                last = events[-1].recorded.position
                await count_read(request, caller, len(events), (after, last))
                after = last
        except (ProtocolError, *LOST):
            return  # what cannot be read or written down is not sent; the follower comes again
        if events:
            yield "".join(each.worded(form, block) for each in events)
            await asyncio.sleep(edge.streams.taken * FOLLOWER_SECONDS)
        else:
            await edge.bell.grown(after, PING_SECONDS)
            if await request.is_disconnected():
                return
            yield ": still here\n\n"
    yield "retry: 1000\n: the house closes; come again with Last-Event-ID\n\n"


@router.get(
    "/{event_id}",
    responses=PROBLEMS | NOT_FOUND | {200: {"content": CONTENT}},
    response_model=EventAndCorrections,
)
async def get_event(
    request: Request,
    event_id: Annotated[str, Path(pattern=r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")],
    edge: AtEdge,
    caller: By,
    _: NoParameters,
) -> Response:
    """Read one event, and the corrections that were made to it.

    `Accept: application/cloudevents+json` answers the event alone, as a CloudEvent 1.0.
    """
    recorded = await edge.reader.one(event_id)
    if recorded is None:
        raise NotFound(kind="event", id=event_id)
    await count_read(request, caller, 1, (recorded.position - 1, recorded.position))
    if best_of(request, (JSON, ONE)) == ONE:
        text = json.dumps(cloud_event(request, recorded), ensure_ascii=False)
        return Response(text, headers=VARY, media_type=ONE)
    told = [each.model_dump(mode="json") for each in await corrections_of(edge, recorded)]
    body = recorded.envelope() | {"corrections": told}
    return Response(json.dumps(body, ensure_ascii=False), headers=VARY, media_type=JSON)
