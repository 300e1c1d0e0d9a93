"""Refusals as RFC 9457 problems: one shape for everything that does not succeed."""

import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
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
    "Send `Authorization: Bearer` and a key (`sk_...`) that has not ended or been revoked, or a "
    "token of the identity provider.",
)  # fmt: skip
NO_ROLE: Final = Kind(
    "NO_ROLE", 403, "The token is good, and gives no role in this service.",
    "令牌有效,但未授予本系统的任何角色。",
    "Ask whoever runs the identity provider for one of the values that are mapped to roles here.",
)  # fmt: skip
ROLES_CLASH: Final = Kind(
    "ROLES_CLASH", 403, "The token gives roles that one person does not hold together.",
    "令牌授予的角色不得由同一人兼任。",
    "The `alone` role is held without any other: ask whoever runs the identity provider.",
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
ADDRESS_TOO_LONG: Final = Kind(
    "ADDRESS_TOO_LONG", 414, "The address is too long.", "请求地址过长。",
    "Ask with fewer or shorter parameters.",
)  # fmt: skip
HEADERS_TOO_LARGE: Final = Kind(
    "HEADERS_TOO_LARGE", 431, "The headers are too large.", "请求头过大。",
    "Send fewer or shorter headers; `errors` names the longest, where it is known.",
)  # fmt: skip
NOT_HTTP: Final = Kind(
    "NOT_HTTP", 400, "The bytes are no HTTP request.", "收到的不是合法的 HTTP 请求。",
    "Send a request as RFC 9112 describes it; the connection is closed.",
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
IDENTITY_PROVIDER_AWAY: Final = Kind(
    "IDENTITY_PROVIDER_AWAY", 503, "The identity provider does not answer; no token is checked.",
    "身份提供方无响应,无法验证令牌。", "Ask again after `Retry-After` seconds; keys go on working.",
)  # fmt: skip
NOT_THERE_YET: Final = Kind(
    "NOT_THERE_YET", 503, "The log has not reached the position you asked for.",
    "日志尚未到达所要求的位置。", "Ask again after `Retry-After` seconds.",
)  # fmt: skip
EXPORTS_BUSY: Final = Kind(
    "EXPORTS_BUSY", 503, "Too many exports are under way.", "正在进行的导出过多。",
    "Ask again after `Retry-After` seconds; one key may have two at a time.",
)  # fmt: skip
TYPE_NOT_TAKEN: Final = Kind(
    "ATTACHMENT_TYPE_NOT_TAKEN", 415, "Files of this type are not taken.", "不接受该类型的文件。",
    "Send one of the `taken` media types as `Content-Type`, without a `Content-Encoding`.",
)  # fmt: skip
NOT_ITS_TYPE: Final = Kind(
    "CONTENT_NOT_ITS_TYPE", 422, "The file is not of the type that it was declared as.",
    "文件内容与声明的类型不符。",
    "Its first bytes tell; text is without control characters (UTF-8 or GB 18030), and Office "
    "files are without macros.",
)  # fmt: skip
EMPTY_FILE: Final = Kind(
    "EMPTY_FILE", 422, "The file is empty.", "文件为空。", "Send the file's bytes as the body."
)
DIGEST_MISMATCH: Final = Kind(
    "DIGEST_MISMATCH", 422, "The file is not the one whose digest was sent with it.",
    "文件与所附摘要不符。", "Send it again: it was changed or cut off on its way.",
)  # fmt: skip
CONTENT_MISSING: Final = Kind(
    "CONTENT_MISSING", 410, "The store does not have the file any more.", "存储中已无该文件。",
    "The record and its hash stand; have the file restored from a backup, or attach it again.",
)  # fmt: skip
CONTENT_DAMAGED: Final = Kind(
    "CONTENT_DAMAGED", 410, "What the store has is not the file that was attached.",
    "存储中的文件与登记的哈希不符。",
    "It is not handed out; have the file restored from a backup, or attach it again.",
)  # fmt: skip
CONTENT_UNAVAILABLE: Final = Kind(
    "CONTENT_UNAVAILABLE", 503, "The store of files did not answer, or is full.",
    "附件存储不可用或已满。",
    "Send it again with the same `Idempotency-Key` after `Retry-After` seconds.",
)  # fmt: skip
NOT_IN_RANGE: Final = Kind(
    "RANGE_NOT_SATISFIABLE", 416, "The file has no such bytes.", "请求的范围超出文件大小。",
    "See `Content-Range` for its size.",
)  # fmt: skip
FAULT: Final = Kind(
    "INTERNAL_FAULT", 500, "The service failed; this is our fault.", "服务内部错误。",
    "Tell us the `request_id`; a command may be sent again with the same key.",
)  # fmt: skip

KINDS: Final = (
    UNAUTHENTICATED, NO_ROLE, ROLES_CLASH, MALFORMED, NOT_JSON, KEY_MISSING, IF_MATCH_MISSING,
    TOO_LARGE, UNSUPPORTED, ADDRESS_TOO_LONG, HEADERS_TOO_LARGE, NOT_HTTP, NO_SUCH_ROUTE,
    NOT_ALLOWED, NO_SANDBOX, REPLAYED, TOO_MANY, BUSY, UNAVAILABLE, IDENTITY_PROVIDER_AWAY,
    NOT_THERE_YET, EXPORTS_BUSY, TYPE_NOT_TAKEN, NOT_ITS_TYPE, EMPTY_FILE, DIGEST_MISMATCH,
    CONTENT_MISSING, CONTENT_DAMAGED, CONTENT_UNAVAILABLE, NOT_IN_RANGE, FAULT,
)  # fmt: skip

DOOR: Final = (UNAUTHENTICATED, NO_ROLE, ROLES_CLASH, IDENTITY_PROVIDER_AWAY)
"""What anything may be answered with before it is looked at."""

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
    if error.field in request.query_params:  # an attachment's fields: its body is the file
        pointer = f"query:{error.field}"
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
        instance=instance_of(request),
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
        instance=instance_of(request),
        request_id=request_id(request),
        details=_plain(error.details),
        errors=error.faults,
    )
    return _reply(body, error.headers)


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
