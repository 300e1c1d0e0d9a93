"""Bodies as they come in: bounded, one JSON value, and nothing that two readers read differently.

A body is read by `json` before pydantic reads it: pydantic takes the last of two equal keys, says
nothing of where a surrogate stands, and knows of no depth. What is odd is looked for a second time
by a slower reader that says where: hostile bodies pay for that, the others do not.
"""

import json
import math
import re
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from app.api.authority import Readers, readers_of
from app.api.edge import recognised
from app.api.kinds import (
    MALFORMED,
    NOT_JSON,
    TOO_LARGE,
    UNSUPPORTED,
    Kind,
)
from app.api.problems import (
    Fault,
    ProtocolError,
    pointer_to,
)

BODY_BYTES_MAX: Final = 1_048_576
DEPTH_MAX: Final = 32
WHOLE_MAX: Final = 2**63
"""No whole number of ours is larger; with thousands of digits, reading one takes for ever."""
FAULTS_MAX: Final = 100

_WHOLE_DIGITS_MAX: Final = 20
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_MAYBE_ODD: Final = re.compile(rb"\\u|[0-9]{19}")
"""An escaped character, or a number that may be too large."""
_NOT_BRACKETS: Final = bytes(sorted(set(range(256)) - set(b"[]{}")))
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_JSON_TYPE: Final = re.compile(r"application/(?:json|[\w.!#$&^-]+\+json)", re.ASCII)
_CHARSET: Final = re.compile(r'\s*charset\s*=\s*"?([^";\s]*)"?\s*', re.IGNORECASE)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def must_be_json(request: Request) -> None:
    """Refuse a body that says it is something else, or is packed.

    Raises:
        ProtocolError: another media type, another charset, or a content coding.
    """
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed != "identity":
        raise _unsupported("Content-Encoding", "not_unpacked", "Send the body as it is, not packed")
    kind, *parameters = request.headers.get("content-type", "").split(";")
    if not _JSON_TYPE.fullmatch(kind.strip().lower()):
        raise _unsupported("Content-Type", "not_json", "Send application/json")
    for each in parameters:
        charset = _CHARSET.fullmatch(each)
        if charset is not None and charset[1].lower() not in {"utf-8", "utf8"}:
            raise _unsupported("Content-Type", "not_utf8", "JSON is sent in UTF-8")


def _unsupported(header: str, code: str, detail: str) -> ProtocolError:
    fault = Fault(pointer=f"header:{header}", code=code, detail=detail)
    return ProtocolError(UNSUPPORTED, faults=[fault])


async def read_body(request: Request) -> bytes:
    """The body, up to the limit.

    Raises:
        ProtocolError: it is larger.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared[:20]) > BODY_BYTES_MAX:
        raise ProtocolError(TOO_LARGE, bytes_max=BODY_BYTES_MAX)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise ProtocolError(TOO_LARGE, bytes_max=BODY_BYTES_MAX)
    return bytes(body)


async def read_json(request: Request) -> bytes:
    """A body that is one JSON value and can be read in one way only.

    Raises:
        ProtocolError: it is not, with the place where that shows.
    """
    must_be_json(request)
    body = await read_body(request)
    must_be_plain(body)
    return body


def must_be_plain(body: bytes) -> None:
    """Refuse bytes that are no JSON, or JSON that readers differ on.

    Raises:
        ProtocolError: with every place, by its JSON Pointer.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise _not_json("not_utf8", f"Not UTF-8 from byte {error.start} on") from None
    if text.startswith("\ufeff"):
        raise _not_json("byte_order_mark", "JSON is sent without a byte order mark")
    if not text.strip(" \t\r\n"):
        raise _not_json("empty", "The body is empty")
    if _is_deep(body):
        raise _not_json("too_deep", f"At most {DEPTH_MAX} levels of lists and objects")
    try:
        value, is_plain = _value_of(text, maybe_odd=_MAYBE_ODD.search(body) is not None)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _not_json("json_invalid", f"Not JSON from {where} on") from None
    if not is_plain and any(_odd_places(value, ())):
        raise _told(value)


def _value_of(text: str, *, maybe_odd: bool) -> tuple[Any, bool]:
    """What the text says, and whether it is sure that nothing in it is odd.

    Raises:
        JSONDecodeError: it is no JSON.
    """
    if not maybe_odd:
        with suppress(_OddError):
            return _STRICT.decode(text), True
    return _MARKED.decode(text), False


def _not_json(code: str, detail: str) -> ProtocolError:
    return ProtocolError(NOT_JSON, faults=[Fault(pointer="", code=code, detail=detail)])


def _is_deep(body: bytes) -> bool:
    """Whether lists and objects stand in one another too deep; nothing here recurses.

    Of a body only the brackets are kept, and the innermost pairs are taken away, layer by layer.
    """
    if body.count(b"[") + body.count(b"{") <= DEPTH_MAX:
        return False
    left = _STRING.sub(b"", body).translate(_ONE_KIND, _NOT_BRACKETS)
    for _ in range(DEPTH_MAX):
        left = left.replace(b"[]", b"")
    return b"[[" in left or b"[]" in left


class _OddError(Exception):
    """Somewhere in the body stands what readers differ on."""


@dataclass(frozen=True, slots=True)
class _Twice:
    """An object with a key that it has already."""

    pairs: list[tuple[str, Any]]


class _Beyond:
    """A number that nobody can keep."""


class _NotANumber:
    """What only JavaScript takes for one."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _OddError
    return found


def _marked_pairs(pairs: list[tuple[str, Any]]) -> Any:  # noqa: ANN401 - any JSON
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Twice(pairs)


def _marked_whole(written: str) -> int | _Beyond:
    if len(written) > _WHOLE_DIGITS_MAX or not -WHOLE_MAX <= int(written) < WHOLE_MAX:
        return _Beyond()
    return int(written)


def _marked_float(written: str) -> float | _Beyond:
    value = float(written)
    return value if math.isfinite(value) else _Beyond()


def _or_odd(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, _Beyond | _NotANumber):
        raise _OddError
    return value


_STRICT: Final = json.JSONDecoder(
    object_pairs_hook=_pairs,
    parse_float=lambda written: _or_odd(_marked_float(written)),
    parse_constant=lambda _: _or_odd(_NotANumber()),
)
_MARKED: Final = json.JSONDecoder(
    object_pairs_hook=_marked_pairs,
    parse_int=_marked_whole,
    parse_float=_marked_float,
    parse_constant=lambda _: _NotANumber(),
)


@dataclass(frozen=True, slots=True)
class _Odd:
    """What is wrong at a place, and whether it is still JSON."""

    kind: Kind
    code: str
    detail: str
    path: tuple[str | int, ...]


def _told(value: Any) -> ProtocolError:  # noqa: ANN401 - any JSON
    """Every odd place; when any of them makes it no JSON, the whole is none."""
    found = [each for each, _ in zip(_odd_places(value, ()), range(FAULTS_MAX), strict=False)]
    kind = NOT_JSON if any(each.kind is NOT_JSON for each in found) else MALFORMED
    faults = [
        Fault(pointer=pointer_to(each.path), code=each.code, detail=each.detail) for each in found
    ]
    return ProtocolError(kind, faults=faults)


def _odd_places(value: Any, path: tuple[str | int, ...]) -> Iterator[_Odd]:  # noqa: ANN401 - any JSON
    match value:
        case str():
            yield from _odd_text(value, path)
        case _Beyond():
            yield _Odd(MALFORMED, "out_of_range", "A number that cannot be kept", path)
        case _NotANumber():
            yield _Odd(NOT_JSON, "not_a_number", "JSON has no NaN and no Infinity", path)
        case _Twice(pairs):
            yield from _odd_pairs(pairs, path)
        case dict():
            yield from _odd_pairs(list(value.items()), path)
        case list():
            for index, each in enumerate(value):
                yield from _odd_places(each, (*path, index))
        case _:
            pass


def _odd_pairs(pairs: list[tuple[str, Any]], path: tuple[str | int, ...]) -> Iterator[_Odd]:
    seen: set[str] = set()
    for name, each in pairs:
        place = (*path, name)
        if name in seen:
            yield _Odd(NOT_JSON, "duplicate_key", "The key stands here twice", place)
        seen.add(name)
        yield from _odd_text(name, place)
        yield from _odd_places(each, place)


def _odd_text(text: str, path: tuple[str | int, ...]) -> Iterator[_Odd]:
    if _SURROGATE.search(text):
        yield _Odd(NOT_JSON, "lone_surrogate", "Half of a surrogate pair is no character", path)
    if "\x00" in text:
        yield _Odd(MALFORMED, "nul", "U+0000 is not allowed in text", path)


class PlainBodyRoute(APIRoute):
    """A route of FastAPI's own making whose body is read as strictly as that of a command.

    Like there, nothing is read of somebody who may not ask.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle, roles = super().get_route_handler(), readers_of(self)
        readers = None if roles is None else Readers(*roles)

        async def read_first(request: Request) -> Response:
            if readers is not None:  # FastAPI asks once more, behind the body
                readers.hat_of(await recognised(request))
            if self.body_field is not None:
                request._body = await read_json(request)  # noqa: SLF001 - where Starlette keeps it
            return await handle(request)

        return read_first
