"""One aggregate as it stands: `GET` at its address, folded from its stream."""

import json
from collections.abc import Awaitable, Callable, Iterable

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.auditing import count_read
from app.api.authority import readers_of_records
from app.api.commands import (
    Rendering,
    address_of,
    parameter_of,
    valid_id,
)
from app.api.edge import Edge, caller_of, edge_of
from app.api.kinds import (
    MALFORMED,
)
from app.api.paths import routed
from app.api.problems import (
    Fault,
    ProtocolError,
)
from app.api.queries import AsOf, MinPosition, known_at, query_of, reached
from app.domain.attachment.events import ATTACHMENT
from app.domain.decider import SINGLE
from app.domain.errors import NotFound
from app.events.workings import AnyDecider
from app.projections.attachments_ledger import ID_OF_NO, NUMBER


def record_name(decider: AnyDecider) -> str:
    """The name of an aggregate's schema and operation: `ReturnList`."""
    return "".join(part.title() for part in decider.name.split("-"))


def endpoint(decider: AnyDecider, rendering: Rendering) -> Callable[[Request], Awaitable[Response]]:
    """Reads one aggregate."""
    parameter, readers = parameter_of(decider), readers_of_records(decider.name)

    async def read(request: Request) -> Response:
        edge = edge_of(request)
        caller = await caller_of(request)
        readers.hat_of(caller)
        asked = _asked(request)
        await reached(edge, asked.min_position)
        as_of = await known_at(edge, asked.as_of)
        given = SINGLE if parameter is None else request.path_params[parameter]
        to = await id_of(edge, decider, given)
        stream = f"{decider.name}-{to}"
        async with edge.reader.log() as log:
            events = (await log.streams([stream]))[stream]
        if asked.revision is not None:
            events = events[: asked.revision] if asked.revision <= len(events) else []
        if as_of is not None:
            events = [each for each in events if each.position <= as_of]
        if not events and parameter is not None:
            raise NotFound(kind=decider.name, id=to)
        await count_read(request, caller, 1)
        revision, state, _ = edge.workings.state_after(stream, events)
        headers = {"ETag": f'"{revision}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        text = rendering.state(decider.name, state)
        body = f'{{"id": {json.dumps(to)}, "revision": {revision}, "state": {text}}}'
        return Response(body, headers=headers, media_type="application/json")

    return read


async def id_of(edge: Edge, decider: AnyDecider, given: str) -> str:
    """The id in an address; an attachment is also read by the number that evidence names.

    Raises:
        NotFound: nothing can have this id.
    """
    if decider.name == ATTACHMENT.name and NUMBER.fullmatch(given):
        rows = await edge.reader.fetch(ID_OF_NO, given)
        given = rows[0]["row_id"] if rows else given
    return valid_id(decider, given)


class RecordQuery(BaseModel):
    """Which moment of a record: now, a revision of it, or what was known at a moment."""

    model_config = ConfigDict(extra="forbid")

    min_position: MinPosition = None
    as_of: AsOf = None
    revision: int | None = Field(
        default=None,
        ge=1,
        le=2**31 - 1,
        description="As it was after this many events of its own. 版本。",
    )


def _asked(request: Request) -> RecordQuery:
    """The query of the address.

    Raises:
        ProtocolError: a parameter is unknown, stands twice, or does not fit.
    """
    asked = query_of(request, RecordQuery)
    if asked.as_of is not None and asked.revision is not None:
        fault = Fault(pointer="query:revision", code="one_of", detail="Either as_of or revision")
        raise ProtocolError(MALFORMED, faults=[fault])
    return asked


def starlette_routes(deciders: Iterable[AnyDecider], rendering: Rendering) -> list[Route]:
    """The routes for the router; they are documented by `app.api.document`."""
    return [
        Route(
            routed(address_of(each)),
            endpoint(each, rendering),
            methods=["GET"],
            name=f"get{record_name(each)}",
            include_in_schema=False,
        )
        for each in deciders
    ]
