"""The OpenAPI document: FastAPI's own for the queries, and ours for the commands.

Commands are read from raw bytes by one shared route (app/api/commands.py); their half of the
document is made from the same classes, so that both cannot part.
"""

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from app.api.authority import EVERYBODY, READERS, readers_of, readers_of_records
from app.api.commands import CommandRoute, address_of, operation_id, parameter_of, state_of
from app.api.kinds import (
    BUSY,
    DOOR,
    IF_MATCH_MISSING,
    KEY_MISSING,
    MALFORMED,
    NOT_JSON,
    NOT_THERE_YET,
    RATE_LIMITED,
    TOO_LARGE,
    UNAVAILABLE,
    UNSUPPORTED,
    Kind,
)
from app.api.new_keys import MAKERS
from app.api.parameters import MOMENTS, parameters_of, path_parameter
from app.api.problems import (
    MEDIA_TYPE,
    Problem,
    status_of,
)
from app.api.queries import listed
from app.api.records import record_name
from app.api.schemas import (
    EVENT_BRIEF,
    NEW_KEY,
    TEMPLATE,
    Named,
    name_code_lists,
    new_key_schema,
    outcome_schema,
    record_schema,
    referred_to,
    schemas_of,
)
from app.api.uploads import UPLOAD_KINDS, UPLOADS, file_of
from app.domain.decider import JsonObject
from app.domain.delegation.acting import NotDelegated
from app.domain.errors import DomainError, NotFound, WrongRole
from app.events.deciding import KeyReused
from app.events.turn import StaleRevision, TimeWentBack
from app.events.workings import AnyDecider

SECURITY: Final[list[JsonObject]] = [{"key": []}]
ROLES: Final = "x-roles"
"""Where an operation says who may ask for it; nothing is said where no key is needed."""

BEARER: Final = """
A key, `sk_<id>_<secret>`, that an administrator issued (`POST /v1/access-keys`); or, where the
service is told of an identity provider (OpenID Connect), an access token of its (JWT, RFC 9068).
`GET /v1/whoami` tells who you are by it.
"""
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
    _authorise(base["paths"], readings_of(routers))
    for path, item in (*_commands(routes, schemas), *_records(deciders)):
        base["paths"].setdefault(path, {}).update(item)
    components = base["components"]["schemas"] | components
    base["components"] = {
        "schemas": {name: components[name] for name in referred_to(base["paths"], components)},
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "description": BEARER.strip()}
        },
    }
    base["servers"] = [{"url": "/", "description": "This service."}]
    name_code_lists(base)
    return base


def tags(deciders: Sequence[AnyDecider]) -> list[JsonObject]:
    """One tag an aggregate, and those of the queries."""
    return [
        *({"name": each.collection, "description": f"{each.label_zh}."} for each in deciders),
        {"name": "batches", "description": "批量: many commands in one request."},
        {"name": "ledgers", "description": "台账: what people read, folded from the log."},
        {"name": "kpis", "description": "指标: the targets of clause 3.7, and what is near them."},
        {"name": "events", "description": "事件: the log itself, in the order of `position`."},
        {"name": "labels", "description": "代码表: what people read instead of a code."},
        {"name": "tree", "description": "哈希树: signed checkpoints, proofs and tiles of the log."},
        {"name": "evidence", "description": "证据: proofs that what is read is what was recorded."},
        {"name": "service", "description": "The service itself."},
    ]


def readings_of(routers: Iterable[APIRouter]) -> list[APIRoute]:
    """Every documented query."""
    return [
        route
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
    ]


def answers_of(routers: Iterable[APIRouter]) -> list[Named]:
    """What each query answers: FastAPI's schemas of it do not say what is always there."""
    return [
        (f"{method} {route.path_format}", "serialization", TypeAdapter(route.response_model))
        for route in readings_of(routers)
        for method in sorted(each.lower() for each in route.methods or ())
        if route.response_model and "GET" in (route.methods or ())
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
        if MAKERS & set(decider.command_types):
            around.append(new_key_schema(around[-1]))
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
        kinds: dict[int, dict[str, str]] = {}
        for kind in (*DOOR, MALFORMED, RATE_LIMITED, BUSY, UNAVAILABLE, NOT_THERE_YET):
            kinds.setdefault(kind.status, {})[kind.code] = f"{kind.title} {kind.title_zh}"
        kinds[403][WrongRole.code()] = f"{WrongRole.title()} {WrongRole.title_zh()}"
        if parameter:
            kinds[404] = {NotFound.code(): f"{NotFound.title()} {NotFound.title_zh()}"}
        operation = {
            "operationId": f"get{name}",
            "tags": [each.collection],
            "summary": f"Read as it stands ({each.label_zh})",
            "description": "Folded from its stream. The `ETag` is its revision; "
            "`If-None-Match` answers 304 while it has not changed.",
            "security": SECURITY,
            ROLES: sorted(map(str, readers_of_records(each.name).roles)),
            "parameters": [
                *([path_parameter(each, parameter)] if parameter else []),
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


def _operation(route: CommandRoute, body: JsonObject) -> JsonObject:
    command, decider = route.command, route.decider
    words = (inspect.getdoc(command) or "").split("\n", 1)
    roles = ", ".join(f"`{role}`" for role in sorted(command.roles))
    answer = NEW_KEY if command in MAKERS else f"{record_name(decider)}Outcome"
    outcome = {"$ref": TEMPLATE.format(model=answer)}
    status = "201" if command.opens else "200"
    done = "Opened." if command.opens else "Done."
    rest = f"\n\n{words[1].strip()}" if len(words) > 1 else ""
    return {
        "operationId": operation_id(command),
        "tags": [decider.collection],
        "summary": words[0].rstrip("."),
        "description": f"{words[0]}{rest}\n\nClause {command.clause}. Roles: {roles}.",
        "security": SECURITY,
        ROLES: sorted(map(str, route.command.roles)),
        "parameters": parameters_of(route),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        **(file_of(parameters_of(route)) if route.command in UPLOADS else {}),
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


def _refusals(route: CommandRoute) -> JsonObject:
    kinds: list[Kind] = [KEY_MISSING, *DOOR, TOO_LARGE, MALFORMED, RATE_LIMITED, BUSY, UNAVAILABLE]
    kinds += UPLOAD_KINDS if route.command in UPLOADS else [NOT_JSON, UNSUPPORTED]
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


def _authorise(paths: JsonObject, readings: Iterable[APIRoute]) -> None:
    """Say of each query who may ask, and of those that are not for everybody, what others get."""
    for route in readings:
        readers = readers_of(route)
        if readers is None:
            continue
        names = sorted(map(str, readers))
        for method in route.methods or ():
            operation = paths[route.path_format][method.lower()]
            operation[ROLES] = names
            if readers != EVERYBODY:
                operation["responses"]["403"]["description"] += f"\n{listed(WrongRole)}"
            if not readers >= READERS.roles:
                roles = ", ".join(f"`{name}`" for name in names)
                operation["description"] += f"\n\nRoles: {roles}."


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
                if status[0] in "45" and content:
                    response["content"] = {
                        MEDIA_TYPE: {"schema": {"$ref": TEMPLATE.format(model="Problem")}}
                    }
                for media in content.values():
                    if "itemSchema" in media:
                        media["x-itemSchema"] = media.pop("itemSchema")
                        media["schema"] = {"type": "string"}
