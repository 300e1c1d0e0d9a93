"""What queries share: nothing unknown in the address, opaque cursors, documented refusals."""

import base64
import binascii
import json
from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.problems import MALFORMED, Fault, Problem, ProtocolError

LIMIT_MAX: Final = 200


class Nothing(BaseModel):
    """A query without parameters refuses every parameter."""

    model_config = ConfigDict(extra="forbid")


NoParameters = Annotated[Nothing, Query()]

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
        503: "- `LOG_UNAVAILABLE` The log did not answer in time. 日志数据库未及时响应。",
    }.items()
}

NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    404: {
        "model": Problem,
        "description": "- `NOT_FOUND` There is nothing of this kind under this id. "
        "没有这个编号的记录。",
    }
}


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
