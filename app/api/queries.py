"""What queries share: nothing unknown in the address, opaque cursors, documented refusals."""

import base64
import binascii
import json
import re
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.api.edge import Edge
from app.api.problems import MALFORMED, NOT_THERE_YET, Fault, Problem, ProtocolError
from app.domain.values import Instant

LIMIT_MAX: Final = 200
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

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": words}
    for status, words in {
        401: "- `UNAUTHENTICATED` No valid key came with the request. 请求未携带有效密钥。",
        422: "- `MALFORMED` The request does not fit the document. 请求内容不符合接口定义。",
        429: "- `RATE_LIMITED` You ask more than one caller may; yours was not begun. "
        "请求超出单个调用方的限额,本次未执行。",
        503: "- `BUSY` Too much is waiting; nothing of the request happened. "
        "系统繁忙,请求未执行。\n"
        "- `LOG_UNAVAILABLE` The log did not answer in time. 日志数据库未及时响应。\n"
        "- `NOT_THERE_YET` The log has not reached the position you asked for. "
        "日志尚未到达所要求的位置。",
    }.items()
}

NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    404: {
        "model": Problem,
        "description": "- `NOT_FOUND` There is nothing of this kind under this id. "
        "没有这个编号的记录。",
    }
}


async def known_at(edge: Edge, as_of: str | None) -> int | None:
    """The position that an `as_of` means; None is now.

    Raises:
        ProtocolError: it is neither a position nor an instant.
    """
    if as_of is None:
        return None
    if _POSITION.fullmatch(as_of):
        return min(int(as_of), await edge.reader.head())
    try:
        return await edge.reader.position_at(_INSTANT.validate_python(as_of))
    except ValidationError:
        fault = Fault(
            pointer="query:as_of",
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
    if fits and all(type(part) is kind for part, kind in zip(place, shape, strict=True)):
        return list(place)
    fault = Fault(
        pointer="query:cursor",
        code="not_a_cursor",
        detail="Send `next_cursor` of the page before, with the same filters and sort",
    )
    raise ProtocolError(MALFORMED, faults=[fault])
