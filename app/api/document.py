"""The OpenAPI document: FastAPI's own for the queries, and ours for the commands.

Commands are read from raw bytes by one shared route (app/api/commands.py); their half of the
document is made from the same classes, so that both cannot part.
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from app.api.commands import CommandRoute, address_of, operation_id, parameter_of, state_of
from app.api.problems import (
    BUSY,
    IF_MATCH_MISSING,
    KEY_MISSING,
    MALFORMED,
    MEDIA_TYPE,
    NOT_JSON,
    NOT_THERE_YET,
    RATE_LIMITED,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED,
    Kind,
    Problem,
    status_of,
)
from app.api.records import record_name
from app.api.schemas import (
    EVENT_BRIEF,
    TEMPLATE,
    Named,
    name_code_lists,
    outcome_schema,
    record_schema,
    referred_to,
    schemas_of,
)
from app.domain.decider import JsonObject
from app.domain.delegation.acting import NotDelegated
from app.domain.errors import DomainError, NotFound, WrongRole
from app.events.deciding import KeyReused
from app.events.turn import AnyDecider, StaleRevision, TimeWentBack

SECURITY: Final[list[JsonObject]] = [{"key": []}]

DESCRIPTION: Final = """
A manufacturer's after-sales procedure (YTCXQP034 售后服务管理程序) as an event-sourced service.

**Commands** are `POST`: the body is the command, `Idempotency-Key` is required, and so is
`If-Match` where the record exists already. The answer is the new state with its `revision`
(also the `ETag`), its `position` in the log and the events that the command led to.
**Limits**: `RateLimit-Policy` and `RateLimit` say what your key has left; a 429 or 503 names in
`Retry-After` when to ask again.
**Queries** are `GET`. **Refusals** are `application/problem+json` with a stable `code`.
"""


def document(
    app: FastAPI,
    deciders: Sequence[AnyDecider],
    routes: Sequence[CommandRoute],
    routers: Iterable[APIRouter],
) -> JsonObject:
    """The whole document, made once.

    Args:
        app: what answers.
        deciders: whose records are read.
        routes: of the commands.
        routers: of the queries.
    """
    base = get_openapi(
        title="Sanbao 三包",
        version=app.version,
        description=DESCRIPTION.strip(),
        routes=app.routes,
        tags=tags(deciders),
        openapi_version="3.1.0",
    )
    schemas, components = components_of(deciders, routes, answers_of(routers))
    _mend(base, schemas)
    for path, item in (*_commands(routes, schemas), *_records(deciders)):
        base["paths"].setdefault(path, {}).update(item)
    components = base["components"]["schemas"] | components
    base["components"] = {
        "schemas": {name: components[name] for name in referred_to(base["paths"], components)},
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "description": "`sk_<id>_<secret>`"}
        },
    }
    base["servers"] = [{"url": "/", "description": "This service."}]
    name_code_lists(base)
    return base


def tags(deciders: Sequence[AnyDecider]) -> list[JsonObject]:
    """One tag an aggregate, and those of the queries."""
    return [
        *({"name": each.collection, "description": f"{each.label_zh}."} for each in deciders),
        {"name": "ledgers", "description": "台账: what people read, folded from the log."},
        {"name": "kpis", "description": "指标: the targets of clause 3.7, and what is near them."},
        {"name": "events", "description": "事件: the log itself, in the order of `position`."},
        {"name": "labels", "description": "代码表: what people read instead of a code."},
        {"name": "tree", "description": "哈希树: signed checkpoints, proofs and tiles of the log."},
        {"name": "evidence", "description": "证据: proofs that what is read is what was recorded."},
        {"name": "service", "description": "The service itself."},
    ]


def answers_of(routers: Iterable[APIRouter]) -> list[Named]:
    """What each query answers: FastAPI's schemas of it do not say what is always there."""
    return [
        (f"{method} {route.path_format}", "serialization", TypeAdapter(route.response_model))
        for router in routers
        for route in router.routes
        for method in sorted(each.lower() for each in getattr(route, "methods", ()))
        if isinstance(route, APIRoute) and route.include_in_schema and route.response_model
        if "GET" in (route.methods or ())
    ]


def components_of(
    deciders: Sequence[AnyDecider],
    routes: Sequence[CommandRoute],
    answers: Sequence[Named],
) -> tuple[dict[str, JsonObject], JsonObject]:
    """The schemas of bodies and answers by name, and all that they refer to."""
    wanted: list[Named] = [(each.command.__name__, "validation", each.body) for each in routes]
    wanted += [(each.name, "serialization", state_of(each)) for each in deciders]
    wanted.append(("Problem", "serialization", TypeAdapter(Problem)))
    refs, components = schemas_of([*wanted, *answers])
    around = [EVENT_BRIEF]
    asked = {each.decider.name for each in routes}
    for decider in deciders:
        around.append(record_schema(record_name(decider), refs[decider.name]))
        if decider.name in asked:
            around.append(outcome_schema(record_name(decider), refs[decider.name]))
    for schema in around:
        if schema["title"] in components:
            raise AssertionError(f"two schemas are called {schema['title']}")
        components[schema["title"]] = schema
    return refs, components


def _commands(
    routes: Iterable[CommandRoute], bodies: Mapping[str, JsonObject]
) -> Iterator[tuple[str, JsonObject]]:
    """`POST` of each command, at its address."""
    for each in routes:
        yield each.path, {"post": _operation(each, bodies[each.command.__name__])}


def _records(deciders: Iterable[AnyDecider]) -> Iterator[tuple[str, JsonObject]]:
    """`GET` of one aggregate, at its address."""
    for each in deciders:
        name, parameter = record_name(each), parameter_of(each)
        shape = {"$ref": TEMPLATE.format(model=f"{name}Record")}
        kinds: dict[int, dict[str, str]] = {
            401: {UNAUTHENTICATED.code: f"{UNAUTHENTICATED.title} {UNAUTHENTICATED.title_zh}"},
            422: {MALFORMED.code: f"{MALFORMED.title} {MALFORMED.title_zh}"},
            429: {RATE_LIMITED.code: f"{RATE_LIMITED.title} {RATE_LIMITED.title_zh}"},
            503: {
                each.code: f"{each.title} {each.title_zh}"
                for each in (BUSY, UNAVAILABLE, NOT_THERE_YET)
            },
        }
        if parameter:
            kinds[404] = {NotFound.code(): f"{NotFound.title()} {NotFound.title_zh()}"}
        operation = {
            "operationId": f"get{name}",
            "tags": [each.collection],
            "summary": f"Read as it stands ({each.label_zh})",
            "description": "Folded from its stream. The `ETag` is its revision; "
            "`If-None-Match` answers 304 while it has not changed.",
            "security": SECURITY,
            "parameters": [
                *([_path_parameter(each, parameter)] if parameter else []),
                *MOMENTS,
            ],
            "responses": {
                "200": {
                    "description": "As it stands.",
                    "headers": {"ETag": {"schema": {"type": "string"}}},
                    "content": {"application/json": {"schema": shape}},
                },
                "304": {"description": "It has not changed."},
                **problem_responses(kinds),
            },
        }
        yield address_of(each), {"get": operation}


def _path_parameter(decider: AnyDecider, name: str) -> JsonObject:
    shape: JsonObject = {"type": "string", "title": name.replace("_", " ").title()}
    parameter = {"name": name, "in": "path", "required": True, "schema": shape}
    if decider.identity == "uuid":
        shape["format"] = "uuid"
    else:
        parameter["description"] = "Percent-encoded; `/` is `%2F`. 路径中须百分号编码。"
    return parameter


def _operation(route: CommandRoute, body: JsonObject) -> JsonObject:
    command, decider = route.command, route.decider
    words = (inspect.getdoc(command) or "").split("\n", 1)
    roles = ", ".join(f"`{role}`" for role in sorted(command.roles))
    outcome = {"$ref": TEMPLATE.format(model=f"{record_name(decider)}Outcome")}
    status = "201" if command.opens else "200"
    done = "Opened." if command.opens else "Done."
    rest = f"\n\n{words[1].strip()}" if len(words) > 1 else ""
    return {
        "operationId": operation_id(command),
        "tags": [decider.collection],
        "summary": words[0].rstrip("."),
        "description": f"{words[0]}{rest}\n\nClause {command.clause}. Roles: {roles}.",
        "security": SECURITY,
        "parameters": _parameters(route),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            status: {
                "description": done,
                "headers": _headers(opens=command.opens),
                "content": {"application/json": {"schema": outcome}},
            },
            **_refusals(route),
        },
    }


def _headers(*, opens: bool) -> JsonObject:
    headers: JsonObject = {
        "ETag": {"schema": {"type": "string"}, "description": "The new revision, quoted."},
        "X-Request-Id": {"schema": {"type": "string"}},
        "Idempotency-Replayed": {
            "schema": {"type": "string", "enum": ["true"]},
            "description": "Present when the key was sent before: nothing happened again.",
        },
    }
    if opens:
        headers["Location"] = {"schema": {"type": "string"}}
    return headers


def _parameters(route: CommandRoute) -> list[JsonObject]:
    parameters: list[JsonObject] = []
    name = parameter_of(route.decider)
    if name and not route.command.opens:
        parameters.append(_path_parameter(route.decider, name))
    parameters.append(
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "Yours; repeat it when you send the command again. Kept for 30 days.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        }
    )
    if not route.command.opens:
        parameters.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": route.needs_if_match,
                "description": "The revision that you decided upon, as its ETag; `*` takes any.",
                "schema": {
                    "type": "string",
                    "pattern": '^("[0-9]{1,9}"|\\*)$',
                    "examples": ['"3"'],
                },
            }
        )
    parameters += [ON_BEHALF_OF, SANDBOX_TIME]
    return parameters


MOMENTS: Final[tuple[JsonObject, ...]] = (
    {
        "name": "min_position",
        "in": "query",
        "required": False,
        "description": "Read your own writes: the `position` of your last command's answer.",
        "schema": {"type": "integer", "minimum": 0},
    },
    {
        "name": "as_of",
        "in": "query",
        "required": False,
        "description": "As it was known then: a position of the log, or an instant. 截至时点。",
        "schema": {
            "type": "string",
            "maxLength": 40,
            "examples": ["2025-04-30T15:59:59Z", "1204"],
        },
    },
    {
        "name": "revision",
        "in": "query",
        "required": False,
        "description": "As it was after so many events of its own; not together with as_of. 版本。",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2147483647},
    },
)
"""Which moment of a record is asked for."""
ON_BEHALF_OF: Final[JsonObject] = {
    "name": "Sanbao-On-Behalf-Of",
    "in": "header",
    "required": False,
    "description": "In whose name you ask, where this was delegated to you (授权委托). The event "
    "keeps both of you; what either may not do himself is refused.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64, "examples": ["u.mkt"]},
}
SANDBOX_TIME: Final[JsonObject] = {
    "name": "Sanbao-Time",
    "in": "header",
    "required": False,
    "description": "Only in a sandbox: the instant of this request; never before the last one.",
    "schema": {"type": "string", "format": "date-time"},
}


def _refusals(route: CommandRoute) -> JsonObject:
    kinds: list[Kind] = [NOT_JSON, KEY_MISSING, UNAUTHENTICATED, TOO_LARGE, UNSUPPORTED]
    kinds += [MALFORMED, RATE_LIMITED, BUSY, UNAVAILABLE]
    errors: list[type[DomainError]] = [WrongRole, NotDelegated, KeyReused, TimeWentBack]
    errors += route.command.refusals
    if not route.command.opens:
        errors += [StaleRevision, NotFound]
    if route.needs_if_match:
        kinds.append(IF_MATCH_MISSING)
    lines: dict[int, dict[str, str]] = {}
    for kind in kinds:
        lines.setdefault(kind.status, {})[kind.code] = f"{kind.title} {kind.title_zh}"
    for error in errors:
        words = f"{error.title()} {error.title_zh()}"
        lines.setdefault(status_of(error), {})[error.code()] = words
    return problem_responses(lines)


def problem_responses(lines: Mapping[int, Mapping[str, str]]) -> JsonObject:
    """Responses by status, each code with its sentence."""
    return {
        str(status): {
            "description": "\n".join(f"- `{code}` {words}" for code, words in codes.items()),
            "content": {MEDIA_TYPE: {"schema": {"$ref": TEMPLATE.format(model="Problem")}}},
        }
        for status, codes in sorted(lines.items())
    }


def _mend(base: JsonObject, schemas: Mapping[str, JsonObject]) -> None:
    """What FastAPI writes that generators of clients stumble over."""
    for path, item in base["paths"].items():
        for method, operation in item.items():
            answer = schemas.get(f"{method} {path}")
            if answer is not None:
                media = operation["responses"]["200"]["content"]["application/json"]
                media["schema"] = answer
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if status[0] in "45" and "application/json" in content:
                    response["content"] = {
                        MEDIA_TYPE: {"schema": {"$ref": TEMPLATE.format(model="Problem")}}
                    }
                for media in content.values():
                    if "itemSchema" in media:
                        media["x-itemSchema"] = media.pop("itemSchema")
                        media["schema"] = {"type": "string"}


def allowed_methods(doc: JsonObject) -> list[tuple[re.Pattern[str], list[str]]]:
    """For each address of the document, what it takes: a 405 lists all of it."""
    return [
        (
            re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))),
            sorted(method.upper() for method in item),
        )
        for path, item in doc["paths"].items()
    ]
