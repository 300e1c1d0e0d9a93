"""Refusals as RFC 9457 problems: one shape for everything that does not succeed."""

import inspect
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

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


class Fault(BaseModel):
    """One place in the request that does not fit."""

    model_config = ConfigDict(extra="forbid")

    pointer: str = Field(
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


@dataclass(frozen=True, slots=True)
class Kind:
    """A problem of the protocol, not of the domain."""

    code: str
    status: int
    title: str
    title_zh: str
    advice: str


UNAUTHENTICATED: Final = Kind(
    "UNAUTHENTICATED", 401, "No valid key came with the request.", "请求未携带有效密钥。",
    "Send `Authorization: Bearer sk_...` with a key that has not been revoked.",
)  # fmt: skip
MALFORMED: Final = Kind(
    "MALFORMED", 422, "The request does not fit the document.", "请求内容不符合接口定义。",
    "See `errors` for each place, and /docs for the shape.",
)  # fmt: skip
NOT_JSON: Final = Kind(
    "NOT_JSON", 400, "The body is not JSON.", "请求体不是合法的 JSON。",
    "Send one JSON object in UTF-8 without duplicate keys, NaN or unpaired surrogates.",
)  # fmt: skip
KEY_MISSING: Final = Kind(
    "IDEMPOTENCY_KEY_MISSING", 400, "A command needs an idempotency key.", "命令必须带幂等键。",
    "Send `Idempotency-Key:` with a value of your own that you repeat when you send it again.",
)  # fmt: skip
IF_MATCH_MISSING: Final = Kind(
    "IF_MATCH_MISSING", 428, "A command to an existing record needs the revision you decided upon.",
    "对已有记录的操作必须注明所依据的版本。",
    'Read the record and send its ETag as `If-Match: "<revision>"`; `*` accepts any.',
)  # fmt: skip
TOO_LARGE: Final = Kind(
    "TOO_LARGE", 413, "The body is too large.", "请求体过大。", "Send less at once."
)
UNSUPPORTED: Final = Kind(
    "UNSUPPORTED_MEDIA_TYPE", 415, "The body must be JSON.", "请求体必须为 JSON。",
    "Send `Content-Type: application/json`.",
)  # fmt: skip
NO_SUCH_ROUTE: Final = Kind(
    "NO_SUCH_ROUTE", 404, "There is nothing at this address.", "该地址不存在。",
    "See /docs for the addresses there are.",
)  # fmt: skip
NOT_ALLOWED: Final = Kind(
    "METHOD_NOT_ALLOWED", 405, "The address does not take this method.", "该地址不支持此方法。",
    "See the `Allow` header.",
)  # fmt: skip
NO_SANDBOX: Final = Kind(
    "NOT_A_SANDBOX", 400, "Only a sandbox takes the time from the request.",
    "只有沙盒环境才能由请求指定时间。", "Leave `Sanbao-Time` out, or start with `--sandbox`.",
)  # fmt: skip
REPLAYED: Final = Kind(
    "REPLAYED_PAST", 409, "A replayed past is looked at; nothing happens in it.",
    "历史重放环境只供查阅,不接受任何命令。",
    "Send the command to the plant itself; a replay is thrown away by dropping its schema.",
)  # fmt: skip
TOO_MANY: Final = Kind(
    "TOO_MANY_OPERATIONS", 429, "As much long work runs as may at once; yours was not begun.",
    "同时进行的长时操作已达上限,本次未启动。", "Ask again after `Retry-After` seconds.",
)  # fmt: skip
BUSY: Final = Kind(
    "BUSY", 503, "Too much is waiting; nothing of the request happened.", "系统繁忙,请求未执行。",
    "Send it again after `Retry-After` seconds.",
)  # fmt: skip
UNAVAILABLE: Final = Kind(
    "LOG_UNAVAILABLE", 503, "The log did not answer in time.", "日志数据库未及时响应。",
    "Send it again with the same `Idempotency-Key`: it happens at most once.",
)  # fmt: skip
NOT_THERE_YET: Final = Kind(
    "NOT_THERE_YET", 503, "The log has not reached the position you asked for.",
    "日志尚未到达所要求的位置。", "Ask again after `Retry-After` seconds.",
)  # fmt: skip
EXPORTS_BUSY: Final = Kind(
    "EXPORTS_BUSY", 503, "Too many exports are under way.", "正在进行的导出过多。",
    "Ask again after `Retry-After` seconds; one key may have two at a time.",
)  # fmt: skip
RATE_LIMITED: Final = Kind(
    "RATE_LIMITED", 429, "You ask more than one caller may; yours was not begun.",
    "请求超出单个调用方的限额,本次未执行。",
    "Ask again after `Retry-After` seconds; `details.policy` says which limit it was.",
)  # fmt: skip
STREAMS_MAX: Final = Kind(
    "TOO_MANY_STREAMS", 429, "Your key follows the log as often as one key may.",
    "同一密钥同时打开的事件流已达上限。", "Close one, or share one stream among its readers.",
)  # fmt: skip
TOO_SLOW: Final = Kind(
    "TOO_SLOW", 408, "The request did not arrive in time.", "请求未在限定时间内到齐。",
    "Send it again, whole; a command under the same `Idempotency-Key`.",
)  # fmt: skip
HEAD_TOO_LARGE: Final = Kind(
    "HEAD_TOO_LARGE", 431, "Address and headers are too large.", "请求地址与请求头过大。",
    "Send less of both at once.",
)  # fmt: skip
NOT_HTTP: Final = Kind(
    "NOT_HTTP", 400, "This is no HTTP/1.1 request.", "不是合法的 HTTP/1.1 请求。",
    "Send a request as RFC 9112 has it; no other protocol is spoken here.",
)  # fmt: skip
FAULT: Final = Kind(
    "INTERNAL_FAULT", 500, "The service failed; this is our fault.", "服务内部错误。",
    "Tell us the `request_id`; a command may be sent again with the same key.",
)  # fmt: skip

KINDS: Final = (
    UNAUTHENTICATED, MALFORMED, NOT_JSON, KEY_MISSING, IF_MATCH_MISSING, TOO_LARGE, UNSUPPORTED,
    NO_SUCH_ROUTE, NOT_ALLOWED, NO_SANDBOX, REPLAYED, TOO_MANY, BUSY, UNAVAILABLE, NOT_THERE_YET,
    EXPORTS_BUSY, RATE_LIMITED, STREAMS_MAX, TOO_SLOW, HEAD_TOO_LARGE, NOT_HTTP, FAULT,
)  # fmt: skip


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
    kind = type(error)
    pointer = None if error.field is None else "/" + error.field.replace(".", "/")
    faults = [] if pointer is None else [
        Fault(pointer=pointer, code=error.code(), detail=error.title())
    ]  # fmt: skip
    body = Problem(
        type=f"/problems/{error.code()}",
        title=error.title(),
        title_zh=error.title_zh(),
        status=status_of(kind),
        code=error.code(),
        detail=advice_of(kind),
        instance=request.url.path,
        request_id=request_id(request),
        clause=error.clause,
        rule=error.rule,
        rule_pack_version=error.rule_pack_version,
        details=_plain(error.details),
        errors=faults,
    )
    stale = isinstance(error, StaleRevision)
    return _reply(body, {"ETag": f'"{error.details["current"]}"'} if stale else {})


def protocol_problem(request: Request, error: ProtocolError) -> Response:
    """Answer what stopped at the door."""
    kind = error.kind
    body = Problem(
        type=f"/problems/{kind.code}",
        title=kind.title,
        title_zh=kind.title_zh,
        status=kind.status,
        code=kind.code,
        detail=kind.advice,
        instance=request.url.path,
        request_id=request_id(request),
        details=_plain(error.details),
        errors=error.faults,
    )
    return _reply(body, error.headers)


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


def malformed(error: RequestValidationError | ValidationError, *, body: bool) -> ProtocolError:
    """A request that does not fit the document: every place by its pointer, never the input."""
    found = error.errors()
    faults = []
    for each in found[:100]:
        if each["type"] == "too_short" and any(_within(other, each) for other in found):
            continue  # nothing of a list is left when a part of it is wrong
        loc = [str(part) for part in each["loc"]]
        if body:
            pointer = "/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in loc)
        else:
            pointer = f"{loc[0]}:{'.'.join(loc[1:])}" if len(loc) > 1 else ":".join(loc)
        faults.append(Fault(pointer=pointer, code=each["type"], detail=_plainly(each)))
    return ProtocolError(MALFORMED, faults=faults)


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


def _reply(problem: Problem, headers: Mapping[str, str]) -> Response:
    text = json.dumps(problem.model_dump(mode="json"), ensure_ascii=False)
    return Response(text, problem.status, dict(headers), media_type=MEDIA_TYPE)


def _plain(details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | str | bool | list | type(None)) else str(value)
        for name, value in details.items()
    }
