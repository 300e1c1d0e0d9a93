"""Bodies as they come in: bounded, and without what the database cannot keep."""

from typing import Any, Final

from starlette.requests import Request

from app.api.problems import MALFORMED, TOO_LARGE, Fault, ProtocolError

BODY_BYTES_MAX: Final = 1_048_576


async def read_body(request: Request) -> bytes:
    """The body, up to the limit.

    Raises:
        ProtocolError: it is larger.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > BODY_BYTES_MAX:
        raise ProtocolError(TOO_LARGE, bytes_max=BODY_BYTES_MAX)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise ProtocolError(TOO_LARGE, bytes_max=BODY_BYTES_MAX)
    return body


def refuse_nul(value: Any, pointer: str = "") -> None:  # noqa: ANN401 - any JSON
    """PostgreSQL cannot keep U+0000 in text.

    Raises:
        ProtocolError: the character stands somewhere in the value.
    """
    if isinstance(value, str) and "\x00" in value:
        fault = Fault(pointer=pointer, code="nul", detail="U+0000 is not allowed in text")
        raise ProtocolError(MALFORMED, faults=[fault])
    items = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ()
    )  # fmt: skip
    for name, each in items:
        refuse_nul(each, f"{pointer}/{name}")
