"""Every problem of the protocol: what can be wrong with a request before a rule looks at it."""

from dataclasses import dataclass
from typing import Final


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
NOT_ALONE: Final = Kind(
    "NOTHING_OF_THE_BATCH", 424, "Another command of the batch was refused: this did not happen.",
    "同批中另有命令被拒绝,本命令未执行。",
    "`details.refused` says which were; mend those and send all of them again, or send the batch "
    "with `atomic: false`.",
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
RATE_LIMITED: Final = Kind(
    "RATE_LIMITED", 429, "You ask more than one caller may; yours was not begun.",
    "请求超出单个调用方的限额,本次未执行。",
    "Ask again after `Retry-After` seconds; `details.policy` says which limit it was.",
)  # fmt: skip
STREAMS_MAX: Final = Kind(
    "TOO_MANY_STREAMS", 429, "Your key follows the log as often as one key may.",
    "同一密钥同时打开的事件流已达上限。", "Close one, or share one stream among its readers.",
)  # fmt: skip
TOO_MANY_UPLOADS: Final = Kind(
    "TOO_MANY_UPLOADS", 429, "Your key sends as many files at once as one key may.",
    "同一密钥同时上传的文件已达上限。",
    "Send it again with the same `Idempotency-Key` when another one is through.",
)  # fmt: skip
TOO_SLOW: Final = Kind(
    "TOO_SLOW", 408, "The request did not arrive in time.", "请求未在限定时间内到齐。",
    "Send it again, whole; a command under the same `Idempotency-Key`.",
)  # fmt: skip
FAULT: Final = Kind(
    "INTERNAL_FAULT", 500, "The service failed; this is our fault.", "服务内部错误。",
    "Tell us the `request_id`; a command may be sent again with the same key.",
)  # fmt: skip

KINDS: Final = (
    UNAUTHENTICATED, NO_ROLE, ROLES_CLASH, MALFORMED, NOT_JSON, KEY_MISSING, IF_MATCH_MISSING,
    NOT_ALONE, TOO_LARGE, UNSUPPORTED, ADDRESS_TOO_LONG, HEADERS_TOO_LARGE, NOT_HTTP, NO_SUCH_ROUTE,
    NOT_ALLOWED, NO_SANDBOX, REPLAYED, TOO_MANY, BUSY, UNAVAILABLE, IDENTITY_PROVIDER_AWAY,
    NOT_THERE_YET, EXPORTS_BUSY, TYPE_NOT_TAKEN, NOT_ITS_TYPE, EMPTY_FILE, DIGEST_MISMATCH,
    CONTENT_MISSING, CONTENT_DAMAGED, CONTENT_UNAVAILABLE, NOT_IN_RANGE, RATE_LIMITED, STREAMS_MAX,
    TOO_MANY_UPLOADS, TOO_SLOW, FAULT,
)  # fmt: skip

DOOR: Final = (UNAUTHENTICATED, NO_ROLE, ROLES_CLASH, IDENTITY_PROVIDER_AWAY)
"""What anything may be answered with before it is looked at."""
