"""The commands of a batch at the door, and what is told of each.

What is looked at, and in which order, is what `app.api.commands` looks at; what differs is where
it stands: in an item instead of an address, headers and a body.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple, Protocol, TypeAlias

from pydantic import ValidationError
from starlette.requests import Request

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
from app.api.commands import CommandRoute, command_routes, valid_id
from app.api.edge import Edge, edge_of, instant_in, instant_of, principal_of
from app.api.keys import Caller
from app.api.kinds import MALFORMED, NOT_ALONE
from app.api.new_keys import MAKERS, with_key
from app.api.opening import open_details
from app.api.problems import (
    Fault,
    Problem,
    ProtocolError,
    malformed,
    problem_of,
    request_id,
)
from app.api.sealing import AtTheDoor, Unsealed, looked_through, seal
from app.api.uploads import UPLOADS
from app.domain.aggregates import AGGREGATES
from app.domain.decider import SINGLE, Command, JsonObject
from app.domain.errors import DomainError, NotFound
from app.domain.values import Actor
from app.events.bulk import Ask, Told, ask_each, ask_together
from app.events.deciding import NotAlone, Replayed
from app.events.store import Key
from app.events.turn import Accepted, StaleRevision, Submission
from app.events.writer import LogUnavailable, WriterBusy

ROUTES: Final[Mapping[str, CommandRoute]] = {
    each.command.__name__: each
    for each in command_routes(AGGREGATES)
    if each.command not in UPLOADS and each.command not in MAKERS
}
"""What can be asked in a batch: no file, and no key that is told only once."""
ALONE: Final = frozenset(each.__name__ for each in (*UPLOADS, *MAKERS))
PLACES: Final = {
    "header:Idempotency-Key": "/idempotency_key",
    "header:If-Match": "/if_match",
    "header:Sanbao-Time": "/at",
    "path:id": "/id",
}
"""Where an item says what a command alone says elsewhere."""

AT_ONCE: Final = 64
"""Items that are looked at before whoever else is there gets a look in."""

Refusal: TypeAlias = DomainError | ProtocolError


class Item(Protocol):
    """One command, as `app.api.batches` reads it."""

    @property
    def command(self) -> str:
        """Its name."""

    @property
    def id(self) -> str | None:
        """Of the record."""

    @property
    def if_match(self) -> str | None:
        """The revision."""

    @property
    def idempotency_key(self) -> str:
        """The key."""

    @property
    def at(self) -> str | None:
        """The instant, in a sandbox."""

    @property
    def body(self) -> JsonObject:
        """The command itself."""


class _Found(NamedTuple):
    """A command that may be asked, its personal values perhaps still to be sealed."""

    decider: str
    to: str | None
    key: Key
    expected: int | None
    at: datetime | None
    by: Actor
    hat: Actor
    told: AtTheDoor | Unsealed


@dataclass(slots=True)
class BatchDoor:
    """What stands for all items of a batch, and each item on its way in."""

    request: Request
    caller: Caller
    edge: Edge = field(init=False)
    at: datetime | None = field(init=False)
    _askers: dict[type[Command], Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the headers.

        Raises:
            ProtocolError: one of them says nothing.
        """
        self.edge = edge_of(self.request)
        self.at = instant_of(self.request)
        principal_of(self.request)

    async def looks_at(self, items: Sequence[Item]) -> list[Ask | Refusal]:
        """The command of each item, or why it is not asked; persons are looked up at once.

        Raises:
            ProtocolError: the keys of persons are not at hand.
        """
        found: list[_Found | Refusal] = []
        for number, item in enumerate(items):
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
            found.append(await self._found(item))
        values = [
            value
            for each in found
            if isinstance(each, _Found) and isinstance(each.told, Unsealed)
            for value in each.told.values
        ]
        texts = iter(await seal(self.edge, values) if values else ())
        return [
            await self._ask(each, texts) if isinstance(each, _Found) else each for each in found
        ]

    async def _found(self, item: Item) -> "_Found | Refusal":
        route = ROUTES[item.command]
        try:
            by = self._asker(route.command)
            key = key_of(self.caller, route.command, item.idempotency_key)
            to = _target(route, item.id)
            expected = expected_in(_as_etag(item.if_match), needed=route.needs_if_match)
            command = _command(route, item.body)
            at = self.at if item.at is None else instant_in(self.edge, item.at)
            told = await looked_through(self.edge, route.decider, to, command)
        except (DomainError, ProtocolError) as refusal:
            return refusal
        hat = in_hat(by, self.caller, command)
        return _Found(route.decider.name, to, key, expected, at, by, hat, told)

    async def _ask(self, found: "_Found", texts: Iterator[str]) -> Ask | Refusal:
        told = found.told
        if isinstance(told, Unsealed):
            told = told.sealed([next(texts) for _ in told.values])
        try:
            keyed = await with_key(self.edge, found.to, told.command)
        except NotFound as refusal:
            return refusal
        submission = Submission(
            decider=found.decider,
            to=keyed.to,
            command=keyed.command,
            by=found.hat,
            at=found.at,
            expected=found.expected,
            request_id=request_id(self.request),
        )
        return Ask(submission, found.key, fingerprint(found.to, found.by, told.told))

    def _asker(self, command: type[Command]) -> Actor:
        known = self._askers.get(command)
        if known is None:
            known = self._askers[command] = asker(self.request, self.caller, command)
        return known


def _target(route: CommandRoute, id_: str | None) -> str | None:
    """The record that a command is for.

    Raises:
        ProtocolError: it says none, or one where there is none to say.
        NotFound: nothing can have this id.
    """
    is_told = not route.command.opens and route.decider.identity != "single"
    if is_told and id_ is not None:
        return valid_id(route.decider, id_)
    if is_told or id_ is not None:
        code, words = ("missing", "Which record") if is_told else ("extra_forbidden", "It has none")
        fault = Fault(pointer="path:id", code=code, detail=words)
        raise ProtocolError(MALFORMED, faults=[fault])
    return None if route.command.opens else SINGLE


def _as_etag(if_match: str | None) -> str | None:
    return f'"{if_match}"' if if_match is not None and if_match.isdigit() else if_match


def _command(route: CommandRoute, body: JsonObject) -> Command:
    """The command, read from JSON as it is where it comes alone.

    Raises:
        ProtocolError: it is none.
    """
    try:
        command: Command = route.body.validate_json(json.dumps(body))
    except ValidationError as error:
        raise malformed(error, sent=body) from None
    return command


async def asked(
    edge: Edge, looked_at: Sequence[Ask | Refusal], *, atomic: bool
) -> list[Told | Refusal]:
    """What became of each."""
    asks = [each for each in looked_at if isinstance(each, Ask)]
    if atomic and len(asks) < len(looked_at):
        return [NotAlone() if isinstance(each, Ask) else each for each in looked_at]
    ask = ask_together if atomic else ask_each
    try:
        told = iter(await ask(edge.writer, asks, edge.command_seconds_max))
    finally:
        for each in asks:
            forget_key(edge, each.submission)
    return [next(told) if isinstance(each, Ask) else each for each in looked_at]


async def problems_of(
    request: Request, looked_at: Sequence[Ask | Refusal], told: Sequence[Told | Refusal]
) -> dict[int, Problem]:
    """The problem of each that did not happen, by its index."""
    found: dict[int, Problem] = {}
    alone = [
        index
        for index, each in enumerate(told)
        if not isinstance(each, Accepted | Replayed | NotAlone)
    ]
    for index, (asked_, each) in enumerate(zip(looked_at, told, strict=True)):
        if isinstance(each, Accepted | Replayed):
            continue
        if isinstance(each, StaleRevision) and isinstance(asked_, Ask):
            await tell_since(request, asked_.submission, each)
        if isinstance(each, DomainError):
            await open_details(request, each)
        found[index] = _placed(problem_of(request, _refusal(each, alone)), index)
    return found


def _refusal(
    told: Refusal | NotAlone | WriterBusy | LogUnavailable, refused: Sequence[int]
) -> Refusal:
    if isinstance(told, NotAlone):
        return ProtocolError(NOT_ALONE, refused=list(refused))
    if isinstance(told, WriterBusy | LogUnavailable):
        return not_written(told)
    return told


def _placed(problem: Problem, index: int) -> Problem:
    """A problem whose pointers lead into the batch."""
    faults = [
        each.model_copy(update={"pointer": f"/items/{index}{_place(each.pointer)}"})
        for each in problem.errors
    ]
    return problem.model_copy(update={"errors": faults})


def _place(pointer: str) -> str:
    return PLACES.get(pointer, f"/body{pointer}")
