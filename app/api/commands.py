"""Every command has its address; nobody writes a route for one.

`ConfirmClaimAmount` of `claims` is `POST /v1/claims/{claim_id}/confirm-amount`: its own words
without the aggregate's. A command that opens an aggregate is `POST /v1/claims`. The body is the
command, checked from the raw bytes.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias, get_type_hints

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.asking import (
    asker,
    expected_in,
    fingerprint,
    forget_key,
    in_hat,
    key_of,
    not_written,
    tell_since,
)
from app.api.bodies import read_json
from app.api.edge import edge_of, instant_of, recognised
from app.api.kinds import (
    REPLAYED,
)
from app.api.new_keys import MAKERS, WithKey, with_key
from app.api.paths import Signpost, routed
from app.api.problems import (
    ProtocolError,
    malformed,
    request_id,
)
from app.api.queries import Nothing, query_of
from app.api.sealing import sealed_command
from app.domain.decider import SINGLE, Command, slug
from app.domain.errors import NotFound
from app.domain.values import Code, Role
from app.events.deciding import Answer, Replayed
from app.events.recorded import Recorded, written_at
from app.events.store import Key
from app.events.turn import Accepted, StaleRevision, Submission
from app.events.workings import AnyDecider, Workings
from app.events.writer import LogUnavailable, WriterBusy

_CODE: Final[TypeAdapter[str]] = TypeAdapter(Code)
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def verb_of(decider: AnyDecider, command: type[Command]) -> str:
    """A command's own words without the aggregate's: `confirm-amount`."""
    nouns = set(decider.name.split("-"))
    words = [word for word in slug(command.__name__).split("-") if word not in nouns]
    return "-".join(words).removesuffix("-of")  # `ReturnProofOfDelivery` is `return-proof`


def operation_id(command: type[Command]) -> str:
    """`ConfirmClaimAmount` is `confirmClaimAmount`."""
    return command.__name__[0].lower() + command.__name__[1:]


def parameter_of(decider: AnyDecider) -> str | None:
    """The path parameter that tells an aggregate from its kin."""
    if decider.identity == "single":
        return None
    if decider.identity == "code":
        return decider.code_name
    return f"{decider.name.replace('-', '_')}_id"


def address_of(decider: AnyDecider) -> str:
    """Where one aggregate is read: `/v1/claims/{claim_id}`."""
    parameter = parameter_of(decider)
    root = f"/v1/{decider.collection}"
    return root if parameter is None else f"{root}/{{{parameter}}}"


@dataclass(frozen=True)
class CommandRoute:
    """A command, the aggregate that decides it, and their address."""

    decider: AnyDecider
    command: type[Command]

    @cached_property
    def path(self) -> str:
        """The address as OpenAPI writes it."""
        if self.command.opens:
            return f"/v1/{self.decider.collection}"
        return f"{address_of(self.decider)}/{verb_of(self.decider, self.command)}"

    @cached_property
    def needs_if_match(self) -> bool:
        """Records with an id are decided upon at a revision; catalogues are added to."""
        return self.decider.identity == "uuid" and not self.command.opens

    @cached_property
    def body(self) -> TypeAdapter[Any]:
        """Reads the command from the bytes of a body."""
        return TypeAdapter(self.command)


Reading: TypeAlias = Callable[[Request, CommandRoute], Awaitable[Command]]
"""Reads a command from a request."""


def command_routes(deciders: Iterable[AnyDecider]) -> list[CommandRoute]:
    """Every command that a person or another system can ask for."""
    return [
        CommandRoute(decider, command)
        for decider in deciders
        for command in decider.command_types
        if command.roles != {Role.SYSTEM}
    ]


def state_of(decider: AnyDecider) -> TypeAdapter[Any]:
    """Writes an aggregate's state as readers see it."""
    return TypeAdapter(get_type_hints(decider.stream.evolve)["return"])


class Rendering:
    """Answers as bytes: the new state with its revision, and the events that led to it."""

    def __init__(self, workings: Workings) -> None:
        self._adapters = {name: state_of(each) for name, each in workings.deciders.items()}

    def state(self, decider: str, state: Any) -> str:  # noqa: ANN401 - states differ
        """A state as JSON."""
        return self._adapters[decider].dump_json(state).decode()

    def accepted(self, accepted: Accepted) -> str:
        """What a command led to, as JSON."""
        last = accepted.events[-1]
        head = {
            "id": accepted.to,
            "revision": accepted.revision,
            "position": last.position,
            "recorded_at": written_at(last.happened.at),
            "events": [_brief(each) for each in accepted.events],
        }
        text = json.dumps(head, ensure_ascii=False)
        return f'{text[:-1]}, "state": {self.state(accepted.decider, accepted.state)}}}'


def _brief(recorded: Recorded) -> dict[str, Any]:
    return {
        "position": recorded.position,
        "event_id": recorded.happened.event_id,
        "type": recorded.type,
        "stream": recorded.stream,
        "version": recorded.version,
    }


def endpoint(
    route: CommandRoute, rendering: Rendering, read: Reading
) -> Callable[[Request], Awaitable[Response]]:
    """The one way in for every command."""
    parameter = parameter_of(route.decider)

    async def ask(request: Request) -> Response:
        edge = edge_of(request)
        caller = await recognised(request)
        if edge.mode == "replay":
            raise ProtocolError(REPLAYED)
        by = asker(request, caller, route.command)
        key = key_of(caller, route.command, request.headers.get("idempotency-key", ""))
        to = _target(request, route, parameter)
        expected = expected_in(request.headers.get("if-match"), needed=route.needs_if_match)
        command = await read(request, route)
        await edge.turnstile.begins(request, caller.account)
        at_the_door = await sealed_command(edge, route.decider, to, command)
        keyed = await with_key(edge, to, at_the_door.command)
        submission = Submission(
            decider=route.decider.name,
            to=keyed.to,
            command=keyed.command,
            by=in_hat(by, caller, command),
            at=instant_of(request),
            expected=expected,
            request_id=request_id(request),
        )
        answer = await _asked(request, submission, key, fingerprint(to, by, at_the_door.told))
        if isinstance(answer, Replayed):
            return _reply(route, rendering, await _again(request, answer), None)
        return _reply(route, rendering, answer, keyed)

    return ask


async def _asked(request: Request, submission: Submission, key: Key, fingerprint: bytes) -> Answer:
    """What the writer answers.

    Raises:
        ProtocolError: it takes nothing now, or did not answer in time.
        DomainError: it was refused.
    """
    edge = edge_of(request)
    try:
        return await edge.writer.ask(submission, key, fingerprint, edge.command_seconds_max)
    except StaleRevision as stale:
        await tell_since(request, submission, stale)
        raise
    except (WriterBusy, LogUnavailable) as error:
        raise not_written(error) from None
    finally:
        forget_key(edge, submission)


async def _again(request: Request, replayed: Replayed) -> Accepted:
    """What the key led to before, folded from the log: the same answer, byte for byte."""
    edge, before = edge_of(request), replayed.outcome
    async with edge.reader.log() as log:
        stream = f"{before.decider}-{before.to}"
        history = await log.stream_up_to(stream, before.revision)
        size = before.last_position - before.first_position + 1
        events = await log.between(before.first_position - 1, before.last_position, size)
    _, state, _ = edge.workings.state_after(stream, history)
    return Accepted(
        decider=before.decider,
        to=before.to,
        revision=before.revision,
        state=state,
        events=tuple(events),
    )


def _reply(
    route: CommandRoute, rendering: Rendering, accepted: Accepted, keyed: WithKey | None
) -> Response:
    """The answer; without `keyed` it was given before, and a new access key is told no more."""
    headers = {"ETag": f'"{accepted.revision}"'}
    if route.command.opens:
        headers["Location"] = f"/v1/{route.decider.collection}/{accepted.to}"
    if keyed is None:
        headers["Idempotency-Replayed"] = "true"
    status = 201 if route.command.opens else 200
    text = rendering.accepted(accepted)
    if route.command in MAKERS:
        text = f'{text[:-1]}, "key": {json.dumps(keyed.text if keyed else None)}}}'
    return Response(text, status, headers, media_type="application/json")


def _target(request: Request, route: CommandRoute, parameter: str | None) -> str | None:
    if route.command.opens:
        return None
    if parameter is None:
        return SINGLE
    return valid_id(route.decider, str(request.path_params[parameter]))


def valid_id(decider: AnyDecider, to: str) -> str:
    """An id as it stands in the log; a code in its one spelling.

    Raises:
        NotFound: nothing can have this id.
    """
    if decider.identity == "uuid":
        if not _UUID.fullmatch(to):
            raise NotFound(kind=decider.name)
        return to
    try:
        return _CODE.validate_python(to)
    except ValidationError:
        raise NotFound(kind=decider.name) from None


async def in_json(request: Request, route: CommandRoute) -> Command:
    """The command that a body is.

    Raises:
        ProtocolError: it is none.
    """
    query_of(request, Nothing)
    body = await read_json(request)
    try:
        command: Command = route.body.validate_json(body)
    except ValidationError as error:
        raise malformed(error, sent=json.loads(body)) from None
    return command


def starlette_routes(
    routes: Iterable[CommandRoute],
    rendering: Rendering,
    uploads: Mapping[type[Command], Reading],
) -> list[Route]:
    """The routes for the router; they are documented by `app.api.document`.

    Args:
        routes: of the commands.
        rendering: writes answers.
        uploads: how those commands are read whose body is not the command.
    """
    return [
        Signpost(
            routed(each.path),
            endpoint(each, rendering, uploads.get(each.command, in_json)),
            methods=["POST"],
            name=operation_id(each.command),
            include_in_schema=False,
        )
        for each in routes
    ]
