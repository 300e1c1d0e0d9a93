"""What queries share: nothing unknown in the address, opaque cursors, documented refusals."""

import base64
import binascii
import json
import re
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.api.edge import Edge
from app.api.kinds import (
    BUSY,
    IDENTITY_PROVIDER_AWAY,
    MALFORMED,
    NO_ROLE,
    NOT_JSON,
    NOT_THERE_YET,
    RATE_LIMITED,
    ROLES_CLASH,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED,
    Kind,
)
from app.api.problems import (
    Fault,
    Problem,
    ProtocolError,
    malformed,
)
from app.domain.errors import DomainError
from app.domain.values import Instant
from app.projections.kpis.ground import NothingKnownYet

Asked = TypeVar("Asked", bound=BaseModel)
"""What a query says."""
LIMIT_MAX: Final = 200
PLACE_MAX: Final = 2**62
UNKEPT: Final = re.compile("[\x00\ud800-\udfff]")
"""What a text of the database cannot hold."""
WAIT_SECONDS_MAX: Final = 3.0
"""How long a query waits for the log to come to its `min_position`."""


class Nothing(BaseModel):
    """A query without parameters refuses every parameter."""

    model_config = ConfigDict(extra="forbid")


NoParameters = Annotated[Nothing, Query()]

MinPosition = Annotated[
    int | None,
    Field(
        ge=0,
        le=2**62,
        description="Read your own writes: the `position` of your last command's answer. Waits "
        "until it is there.",
    ),
]


AsOf = Annotated[
    str | None,
    Field(
        max_length=40,
        description="As it was known then: a position of the log, or an instant "
        "(2025-04-30T15:59:59Z). 截至时点。",
        examples=["2025-04-30T15:59:59Z", "1204"],
    ),
]
_POSITION: Final = re.compile(r"[0-9]{1,18}")
_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)


async def each_once(request: Request) -> None:
    """Refuse a parameter that stands in the address twice, unless the document makes it a list.

    It waits for nothing; but FastAPI would call a plain function in a thread, at every query.

    Raises:
        ProtocolError: it would be read one way here and another way elsewhere.
    """
    sent = request.query_params
    if len(sent.multi_items()) == len(sent):
        return
    lists = _lists_of(request)
    faults = [
        Fault(pointer=f"query:{name}", code="twice", detail="Once is enough")
        for name in sent
        if name not in lists and len(sent.getlist(name)) > 1
    ]
    if faults:
        raise ProtocolError(MALFORMED, faults=faults)


def _lists_of(request: Request) -> set[str]:
    """The parameters of a route that may be repeated."""
    path = request.app.openapi()["paths"].get(request.scope["route"].path_format, {})
    return {
        each["name"]
        for each in path.get(request.method.lower(), {}).get("parameters", ())
        if '"array"' in json.dumps(each["schema"])
    }


class Since(BaseModel):
    """Where the log must have come to before a question is answered."""

    model_config = ConfigDict(extra="forbid")

    min_position: MinPosition = None


ReadSince = Annotated[Since, Query()]

Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX, description="Rows a page.")]

Cursor = Annotated[
    str | None,
    Field(max_length=2_000, description="`next_cursor` of the page before; opaque."),
]


def listed(*problems: Kind | type[DomainError]) -> str:
    """Problems and refusals as the document lists them, a line each."""
    return "\n".join(
        f"- `{each.code}` {each.title} {each.title_zh}"
        if isinstance(each, Kind)
        else f"- `{each.code()}` {each.title()} {each.title_zh()}"
        for each in problems
    )


PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": listed(*kinds)}
    for status, kinds in {
        401: (UNAUTHENTICATED,),
        403: (NO_ROLE, ROLES_CLASH),
        422: (MALFORMED,),
        429: (RATE_LIMITED,),
        503: (BUSY, UNAVAILABLE, NOT_THERE_YET, IDENTITY_PROVIDER_AWAY),
    }.items()
}

NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    404: {
        "model": Problem,
        "description": "- `NOT_FOUND` There is nothing of this kind under this id. "
        "没有这个编号的记录。",
    }
}

UNKNOWN_YET: Final[dict[int | str, dict[str, Any]]] = {
    404: {
        "model": Problem,
        "description": listed(NothingKnownYet),
    }
}


def query_of(request: Request, shape: type[Asked]) -> Asked:
    """The query of an address, where FastAPI does not read it.

    Raises:
        ProtocolError: a parameter is unknown, stands twice, or does not fit.
    """
    sent = request.query_params
    faults = [
        *(
            Fault(pointer=f"query:{name}", code="extra_forbidden", detail="Unknown parameter")
            for name in sent
            if name not in shape.model_fields
        ),
        *(
            Fault(pointer=f"query:{name}", code="twice", detail="Once is enough")
            for name in shape.model_fields
            if len(sent.getlist(name)) > 1
        ),
    ]
    if faults:
        raise ProtocolError(MALFORMED, faults=faults)
    try:
        return shape.model_validate(dict(sent))
    except ValidationError as error:
        raise malformed(error, place="query") from None


BODY_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    each.status: {"model": Problem, "description": listed(each)}
    for each in (NOT_JSON, TOO_LARGE, UNSUPPORTED)
}
"""How a body is refused that is no command."""


async def known_at(edge: Edge, as_of: str | None, name: str = "as_of") -> int | None:
    """The position that an `as_of` means; None is now.

    Args:
        edge: where the log is read.
        as_of: what was asked.
        name: of the parameter.

    Raises:
        ProtocolError: it is neither a position nor an instant.
    """
    asked = await asked_for(edge, as_of, name)
    return None if asked is None else min(asked, await edge.reader.head())


async def asked_for(edge: Edge, as_of: str | None, name: str = "as_of") -> int | None:
    """The position that an `as_of` means, though the log be shorter; None is now.

    Raises:
        ProtocolError: it is neither a position nor an instant.
    """
    if as_of is None:
        return None
    if _POSITION.fullmatch(as_of):
        return int(as_of)
    try:
        return await edge.reader.position_at(_INSTANT.validate_python(as_of))
    except ValidationError:
        fault = Fault(
            pointer=f"query:{name}",
            code="not_a_moment",
            detail="A position of the log, or an instant such as 2025-04-30T15:59:59Z",
        )
        raise ProtocolError(MALFORMED, faults=[fault]) from None


async def reached(edge: Edge, min_position: int | None) -> None:
    """Wait until the log has come to a position.

    Raises:
        ProtocolError: it has not, in a few seconds.
    """
    if min_position is None or await edge.reader.head() >= min_position:
        return
    await edge.bell.grown(min_position - 1, WAIT_SECONDS_MAX)
    if await edge.reader.head() < min_position:
        raise ProtocolError(NOT_THERE_YET, headers={"Retry-After": "1"})


def sealed(place: list[Any]) -> str:
    """A place in a sorted list as an opaque cursor."""
    text = json.dumps(place, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def opened(cursor: str, shape: tuple[type, ...]) -> list[Any]:
    """The place that a cursor means.

    Args:
        cursor: as `sealed` made it.
        shape: the types that it must hold.

    Raises:
        ProtocolError: it is none of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        fits = isinstance(place, list) and len(place) == len(shape)
    except (ValueError, binascii.Error, UnicodeDecodeError, RecursionError):
        fits, place = False, []
    if fits and all(_fits(part, kind) for part, kind in zip(place, shape, strict=True)):
        return list(place)
    raise not_a_cursor()


def not_a_cursor() -> ProtocolError:
    """A cursor that is none of ours."""
    fault = Fault(
        pointer="query:cursor",
        code="not_a_cursor",
        detail="Send `next_cursor` of the page before, with the same filters and sort",
    )
    return ProtocolError(MALFORMED, faults=[fault])


def _fits(part: object, kind: type) -> bool:
    """Whether a part of a cursor is what the database can be asked with."""
    if type(part) is not kind:
        return False
    if isinstance(part, int):
        return abs(part) <= PLACE_MAX
    return isinstance(part, str) and UNKEPT.search(part) is None
