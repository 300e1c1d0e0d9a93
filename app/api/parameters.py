"""The parameters that commands and records share, as the OpenAPI document says them."""

from typing import Final

from app.api.commands import CommandRoute, parameter_of
from app.domain.decider import JsonObject
from app.events.workings import AnyDecider

MOMENTS: Final[tuple[JsonObject, ...]] = (
    {
        "name": "min_position",
        "in": "query",
        "required": False,
        "description": "Read your own writes: the `position` of your last command's answer.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 2**62},
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


def path_parameter(decider: AnyDecider, name: str) -> JsonObject:
    """The id of a record in its address."""
    shape: JsonObject = {"type": "string", "title": name.replace("_", " ").title()}
    parameter = {"name": name, "in": "path", "required": True, "schema": shape}
    if decider.identity == "uuid":
        shape["format"] = "uuid"
    else:
        parameter["description"] = "Percent-encoded; `/` is `%2F`. 路径中须百分号编码。"
    return parameter


def parameters_of(route: CommandRoute) -> list[JsonObject]:
    """Whatever a command takes beside its body."""
    parameters: list[JsonObject] = []
    name = parameter_of(route.decider)
    if name and not route.command.opens:
        parameters.append(path_parameter(route.decider, name))
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
                    "maxLength": 11,
                    "pattern": '^("(0|[1-9][0-9]{0,8})"|\\*)$',
                    "examples": ['"3"'],
                },
            }
        )
    parameters += [ON_BEHALF_OF, SANDBOX_TIME]
    return parameters
