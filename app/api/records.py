"""One aggregate as it stands: `GET` at its address, folded from its stream."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.commands import (
    Rendering,
    address_of,
    parameter_of,
    unknown_query,
    valid_id,
)
from app.api.edge import caller_of, edge_of
from app.api.paths import routed
from app.api.problems import MALFORMED, Fault, ProtocolError
from app.api.queries import reached
from app.domain.decider import SINGLE
from app.domain.errors import NotFound
from app.events.turn import AnyDecider

MIN_POSITION_DIGITS_MAX: Final = 19


def record_name(decider: AnyDecider) -> str:
    """The name of an aggregate's schema and operation: `ReturnList`."""
    return "".join(part.title() for part in decider.name.split("-"))


def endpoint(decider: AnyDecider, rendering: Rendering) -> Callable[[Request], Awaitable[Response]]:
    """Reads one aggregate."""
    parameter = parameter_of(decider)

    async def read(request: Request) -> Response:
        edge = edge_of(request)
        await caller_of(request)
        await reached(edge, _min_position(request))
        to = SINGLE if parameter is None else valid_id(decider, request.path_params[parameter])
        stream = f"{decider.name}-{to}"
        async with edge.reader.log() as log:
            events = (await log.streams([stream]))[stream]
        if not events and parameter is not None:
            raise NotFound(kind=decider.name, id=to)
        revision, state, _ = edge.workings.state_after(stream, events)
        headers = {"ETag": f'"{revision}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        text = rendering.state(decider.name, state)
        body = f'{{"id": {json.dumps(to)}, "revision": {revision}, "state": {text}}}'
        return Response(body, headers=headers, media_type="application/json")

    return read


def _min_position(request: Request) -> int | None:
    """The only parameter there is."""
    if set(request.query_params) - {"min_position"}:
        raise unknown_query(request, known={"min_position"})
    text = request.query_params.get("min_position")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < MIN_POSITION_DIGITS_MAX):
        fault = Fault(pointer="query:min_position", code="int_parsing", detail="A position")
        raise ProtocolError(MALFORMED, faults=[fault])
    return int(text)


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
