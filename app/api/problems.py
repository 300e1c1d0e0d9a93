"""Refusals as RFC 9457 problems: one shape for everything that does not succeed."""

import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from app.api.kinds import MALFORMED, Kind
from app.domain.errors import DomainError, Forbidden, Invalid, Missing, Refused
from app.domain.money import AMOUNT
from app.domain.values import CODE
from app.events.turn import StaleRevision

MEDIA_TYPE: Final = "application/problem+json"

STATUS_OF_KIND: Final[dict[type[DomainError], int]] = {
    StaleRevision: 412,
    Missing: 404,
    Forbidden: 403,
    Refused: 409,
    Invalid: 422,
}


POINTER_MAX: Final = 300
INSTANCE_MAX: Final = 500
DETAIL_MAX: Final = 1_000
DETAILS_MAX: Final = 200


def cut(text: str, length_max: int) -> str:
    """A text that a caller made up, no longer than somebody would read."""
    return text if len(text) <= length_max else f"{text[:length_max]}…"


def visible(text: str) -> str:
    """A name that a caller made up, short, and without characters that do something unseen."""
    return cut(
        "".join(each if each.isprintable() else _escaped(each) for each in text), POINTER_MAX
    )


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}"


def pointer_to(path: Iterable[str | int]) -> str:
    """A JSON Pointer (RFC 6901) to a place in a body; the whole of it is the empty one."""
    return "".join(f"/{str(each).replace('~', '~0').replace('/', '~1')}" for each in path)


class Fault(BaseModel):
    """One place in the request that does not fit."""

    model_config = ConfigDict(extra="forbid")

    pointer: Annotated[str, AfterValidator(visible)] = Field(
        description="JSON Pointer into the body, or `header:` / `query:` / `path:` and a name.",
        examples=["/lines/0/amount"],
    )
    code: str = Field(examples=["missing"])
    detail: str = Field(examples=["Field required"])


def _is_none(value: object) -> bool:
    return value is None


class Problem(BaseModel):
    """RFC 9457 problem details (错误说明)."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(
        description="Where the problem is explained.", examples=["/problems/SUM_MISMATCH"]
    )
    title: str = Field(examples=["The lines do not add up to the amount claimed."])
    title_zh: str = Field(examples=["明细合计与索赔金额不符。"])
    status: int = Field(examples=[422])
    code: str = Field(description="Stable name.", examples=["SUM_MISMATCH"])
    detail: str | None = Field(default=None, exclude_if=_is_none, description="What to do next.")
    instance: str = Field(examples=["/v1/claims"])
    request_id: str
    clause: str | None = Field(
        default=None, exclude_if=_is_none, description="Clause of YTCXQP034.", examples=["4.5"]
    )
    rule: str | None = Field(default=None, exclude_if=_is_none, examples=["R-18"])
    rule_pack_version: int | None = Field(
        default=None,
        exclude_if=_is_none,
        description="The figures that were in force (规则包版本).",
        examples=[1],
    )
    details: dict[str, Any] = Field(
        default_factory=dict, description="Figures and names that the refusal saw."
    )
    errors: list[Fault] = Field(default_factory=list)


PATTERNS: Final = {
    f"^{AMOUNT.pattern}$": "Write an amount as 1280.00: a dot and two places, no sign, no "
    "separators, ASCII digits. 金额写作 1280.00。",
    CODE.pattern: "Write a code without blanks at its ends and without control characters. "
    "编码首尾不得有空格。",
}
"""What the patterns of the document mean, for whoever reads the problem."""


class ProtocolError(Exception):
    """The request stops at the door."""

    def __init__(
        self,
        kind: Kind,
        *,
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **details: Any,  # noqa: ANN401 - shown to people, never read
    ) -> None:
        super().__init__(kind.title)
        self.kind = kind
        self.faults = list(faults)
        self.headers = dict(headers or {})
        self.details = details


def status_of(error: type[DomainError]) -> int:
    """The status of the error's kind."""
    return next(status for kind, status in STATUS_OF_KIND.items() if issubclass(error, kind))


def advice_of(error: type[DomainError]) -> str | None:
    """What a refusal's docstring says behind its first line and beside the Chinese."""
    paragraphs = (inspect.getdoc(error) or "").split("\n\n")[1:]
    words = [" ".join(p.split()) for p in paragraphs if not p.strip().startswith("「")]
    return " ".join(words) or None


def domain_problem(request: Request, error: DomainError) -> Response:
    """Answer what the domain refused."""
    stale = isinstance(error, StaleRevision)
    headers = {"ETag": f'"{error.details["current"]}"'} if stale else {}
    return _reply(problem_of(request, error), headers)


def protocol_problem(request: Request, error: ProtocolError) -> Response:
    """Answer what stopped at the door."""
    return _reply(problem_of(request, error), error.headers)


def problem_of(request: Request, error: DomainError | ProtocolError) -> Problem:
    """What is told of a refusal."""
    return _refused(request, error) if isinstance(error, DomainError) else _stopped(request, error)


def _refused(request: Request, error: DomainError) -> Problem:
    kind = type(error)
    pointer = None if error.field is None else "/" + error.field.replace(".", "/")
    if error.field in request.query_params:  # an attachment's fields: its body is the file
        pointer = f"query:{error.field}"
    faults = [] if pointer is None else [
        Fault(pointer=pointer, code=error.code(), detail=error.title())
    ]  # fmt: skip
    return Problem(
        type=f"/problems/{error.code()}",
        title=error.title(),
        title_zh=error.title_zh(),
        status=status_of(kind),
        code=error.code(),
        detail=advice_of(kind),
        instance=instance_of(request),
        request_id=request_id(request),
        clause=error.clause,
        rule=error.rule,
        rule_pack_version=error.rule_pack_version,
        details=_plain(error.details),
        errors=faults,
    )


def _stopped(request: Request, error: ProtocolError) -> Problem:
    kind = error.kind
    return Problem(
        type=f"/problems/{kind.code}",
        title=kind.title,
        title_zh=kind.title_zh,
        status=kind.status,
        code=kind.code,
        detail=kind.advice,
        instance=instance_of(request),
        request_id=request_id(request),
        details=_plain(error.details),
        errors=error.faults,
    )


def bare_problem(kind: Kind, instance: str, request_id: str) -> bytes:
    """A problem where no request came as far as the app: its body alone."""
    body = Problem(
        type=f"/problems/{kind.code}",
        title=kind.title,
        title_zh=kind.title_zh,
        status=kind.status,
        code=kind.code,
        detail=kind.advice,
        instance=instance,
        request_id=request_id,
    )
    return json.dumps(body.model_dump(mode="json"), ensure_ascii=False).encode()


def malformed(
    error: RequestValidationError | ValidationError,
    *,
    sent: Any = None,  # noqa: ANN401 - any JSON
    place: str | None = None,
) -> ProtocolError:
    """A request that does not fit the document: every place by its pointer, never the input.

    Args:
        error: what does not fit; that of a command has no `body` before its places.
        sent: the body of a command.
        place: where else the fields stand (`query`).
    """
    found = error.errors()
    faults: dict[tuple[str, str, str], Fault] = {}
    for each in found[:100]:
        if each["type"] == "too_short" and any(_within(other, each) for other in found):
            continue  # nothing of a list is left when a part of it is wrong
        loc = each["loc"]
        if place is not None:
            pointer = f"{place}:{'.'.join(map(str, loc))}" if loc else place
        elif isinstance(error, RequestValidationError):
            pointer = pointer_to(loc[1:])
            if loc[0] != "body":
                pointer = f"{loc[0]}:{'.'.join(map(str, loc[1:]))}"
        else:
            pointer = pointer_to(_followed(loc, sent, each["type"]))
        fault = Fault(pointer=pointer, code=each["type"], detail=_plainly(each))
        faults[fault.pointer, fault.code, fault.detail] = fault
    return ProtocolError(MALFORMED, faults=faults.values())


def _followed(loc: Sequence[str | int], sent: Any, kind: str) -> list[str | int]:  # noqa: ANN401
    """A place as the body has it: pydantic also names the arms of unions that it tried."""
    path: list[str | int] = []
    for index, part in enumerate(loc):
        if isinstance(sent, dict) and part in sent:
            sent = sent[str(part)]
        elif isinstance(sent, list) and isinstance(part, int) and part < len(sent):
            sent = sent[part]
        elif kind != "missing" or index < len(loc) - 1:
            continue
        path.append(part)
    return path


def _within(part: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    depth = len(whole["loc"])
    return len(part["loc"]) > depth and part["loc"][:depth] == whole["loc"]


def _plainly(fault: Mapping[str, Any]) -> str:
    """What to write, where we know it better than the pattern says it."""
    pattern = fault.get("ctx", {}).get("pattern")
    return PATTERNS.get(pattern) or str(fault["msg"]).removeprefix("Value error, ")


def request_id(request: Request) -> str:
    """The id that the envelope gave the request."""
    return str(request.scope.get("sanbao.request_id", ""))


def instance_of(request: Request) -> str:
    """The address as it was sent, percent-encoded: a part of a URI, as RFC 9457 has it."""
    sent: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return cut(sent.decode("ascii", "replace"), INSTANCE_MAX)


def _reply(problem: Problem, headers: Mapping[str, str]) -> Response:
    text = json.dumps(problem.model_dump(mode="json"), ensure_ascii=False)
    return Response(text, problem.status, dict(headers), media_type=MEDIA_TYPE)


def _plain(details: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _bounded(value) for name, value in details.items()}


def _bounded(value: Any) -> Any:  # noqa: ANN401 - shown to people, never read
    """A detail as JSON; what a caller made up is told back to him, but not at any length."""
    if isinstance(value, bool | int | type(None)):
        return value
    if isinstance(value, list):
        return [_bounded(each) for each in value[:DETAILS_MAX]]
    if isinstance(value, dict):
        return {cut(str(name), DETAIL_MAX): _bounded(each) for name, each in value.items()}
    return cut(str(value), DETAIL_MAX)
