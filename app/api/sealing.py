"""Personal values are sealed at the door, before anything is decided on them or kept of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.api.edge import Edge
from app.api.kinds import (
    MALFORMED,
    UNAVAILABLE,
)
from app.api.opening import opened_json
from app.api.problems import (
    Fault,
    ProtocolError,
)
from app.domain.correction.decisions import CorrectedEventNotFound, ProposeCorrection, must_fit
from app.domain.correction.events import CorrectionFact
from app.domain.corrections import SaysCorrection
from app.domain.decider import Command, JsonObject, Stream
from app.domain.errors import NotFound
from app.domain.personal import (
    MARKS,
    OWNER,
    SEALED,
    PersonalKind,
    Said,
    holds_some,
    kind_at,
    places_of,
    said_in,
)
from app.domain.personal_data.events import PERSONAL_DATA
from app.domain.values import Code
from app.events.person_keys import Value, WrongPersonKey
from app.events.recorded import Recorded
from app.events.store import aggregate_id
from app.events.workings import AnyDecider

_CODE: Final[TypeAdapter[str]] = TypeAdapter(Code)


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """A command with its personal values sealed."""

    command: Command
    told: str
    """What makes it the same command when it is sent again; no personal value can be read in it."""


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A command whose personal values can still be read; what tells it again holds none of them."""

    command: type[Command]
    body: JsonObject
    said: Sequence[Said]
    values: Sequence[Value]
    told: str

    def sealed(self, texts: Sequence[str]) -> AtTheDoor:
        """With a sealed text in place of each value."""
        _put(self.said, texts)
        sealed: Command = TypeAdapter(self.command).validate_json(json.dumps(self.body))
        return AtTheDoor(sealed, self.told)


async def sealed_command(
    edge: Edge, decider: AnyDecider, to: str | None, command: Command
) -> AtTheDoor:
    """Seal the personal values of a command.

    Raises:
        ProtocolError, DomainError: as `looked_through`.
    """
    found = await looked_through(edge, decider, to, command)
    return found if isinstance(found, AtTheDoor) else found.sealed(await seal(edge, found.values))


async def looked_through(
    edge: Edge, decider: AnyDecider, to: str | None, command: Command
) -> AtTheDoor | Unsealed:
    """Look for personal values in a command; those of several commands can be sealed at once.

    Args:
        edge: the world outside.
        decider: whose command it is.
        to: which record; None when it opens one.
        command: as it came in.

    Raises:
        ProtocolError: a sealed text, or what is read in place of an erased one, was sent in.
        NotFound: the erasure of somebody who is not known.
        DomainError: a correction that does not fit its event.
    """
    told = command.model_dump_json()
    if SEALED.search(told):
        raise _misfit("", "sealed", "A sealed text cannot be sent in")
    if isinstance(command, ProposeCorrection):
        return await _sealed_correction(edge, command, told)
    if decider.name == PERSONAL_DATA.name and to is not None and not await edge.persons.knows(to):
        raise NotFound(kind=decider.name)
    said_fields = command.model_fields_set
    if not any(way[0] in said_fields for way, _ in places_of(type(command))):
        return AtTheDoor(command, told)
    body = command.model_dump(mode="json", exclude_unset=True)
    said = said_in(type(command), body)
    if not said:
        return AtTheDoor(command, told)
    owners = await _owners(edge, {each.kind for each in said}, body, decider.stream, to)
    values = [Value(each.kind, owners[each.kind], _plain(each)) for each in said]
    _put(said, [edge.persons.mark(each) for each in values])
    told = json.dumps(body, sort_keys=True)
    return Unsealed(type(command), body, said, values, told)


async def _sealed_correction(edge: Edge, command: ProposeCorrection, told: str) -> AtTheDoor:
    """A correction names an event of the log, where decisions cannot look; events never change."""
    recorded = await edge.reader.one(command.event_id)
    if recorded is None:
        raise CorrectedEventNotFound(field="event_id", event_id=command.event_id)
    opened = await opened_json(edge.persons, recorded.data)
    must_fit(command, recorded.type, recorded.stream, opened)
    origin, place = await _origin(edge, recorded, command.field)
    stored = _at(recorded.data, command.field)
    kind = place.kind
    if place.holds_some and command.correct is not None:
        raise _misfit("/field", "not_one_value", "Name the field within it that was another one")
    if kind is None:
        return AtTheDoor(command, told)
    codec = edge.workings.codec
    stream = edge.workings.deciders[codec.stream_of[origin.type]].stream
    to = aggregate_id(origin.stream, origin.event, codec)
    owners = await _owners(edge, {kind}, origin.data, stream, to)
    body = command.model_dump(mode="json") | {"correct": _name_or_none(command.correct)}
    said = [
        Said(kind, body, name, f"/{name}")
        for name in ("recorded", "correct")
        if isinstance(body[name], str)
    ]
    is_sealed = isinstance(stored, str) and SEALED.fullmatch(stored) is not None
    if is_sealed:
        said = [each for each in said if each.key != "recorded"]
    values = [Value(kind, owners[kind], _plain(each)) for each in said]
    _put(said, [edge.persons.mark(each) for each in values])
    if is_sealed:
        body["recorded"] = stored
    told = json.dumps(body, sort_keys=True)
    _put(said, await seal(edge, values))
    return AtTheDoor(ProposeCorrection.model_validate(body), told)


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands in a field of an event."""

    kind: PersonalKind | None
    holds_some: bool
    """Whether it has personal fields within."""


async def _origin(edge: Edge, recorded: Recorded, field: str) -> tuple[Recorded, _Place]:
    """The event that said a value first, and what the value is.

    A correction repeats the values of the event that it corrects, in fields that can be anything:
    they are of the kind, and of the person, that they were there.
    """
    while isinstance(recorded.event, CorrectionFact) and field in {"recorded", "correct"}:
        fact = recorded.event
        origin = await edge.reader.one(fact.event_id)
        if origin is None:
            raise AssertionError(f"{fact.event_id} was corrected and is not in the log")
        recorded, field = origin, fact.field
    event: BaseModel = recorded.event
    types = [type(recorded.event)]
    match field.split("."):
        case ["changes", number, "old" | "new", *within] if isinstance(event, SaysCorrection):
            codec = edge.workings.codec
            field = ".".join((event.changes[int(number)].field, *within))
            types = list(edge.workings.deciders[codec.stream_of[recorded.type]].stream.event_types)
        case _:
            pass
    kinds = [kind for each in types if (kind := kind_at(each, field)) is not None]
    return recorded, _Place(next(iter(kinds), None), any(holds_some(t, field) for t in types))


def _name_or_none(correct: object) -> str | None:
    """What a personal field can say.

    Raises:
        ProtocolError: it is no name or number on paper; another value would not be sealed.
    """
    if correct is None:
        return None
    try:
        return _CODE.validate_python(correct, strict=True)
    except ValidationError as error:
        raise _misfit("/correct", error.errors()[0]["type"], error.errors()[0]["msg"]) from None


async def _owners(
    edge: Edge,
    kinds: set[PersonalKind],
    body: JsonObject,
    stream: Stream[Any, Any],
    to: str | None,
) -> dict[PersonalKind, str]:
    """Whose person it is, by kind: as the command says, else as its record says."""
    owners = {kind: str(body.get(OWNER.get(kind, ""), "")) for kind in kinds}
    if to is not None and any(not owners[kind] for kind in kinds & OWNER.keys()):
        async with edge.reader.snapshot() as snapshot:
            state = await snapshot.state_of(stream, to)
        for kind in kinds & OWNER.keys():
            owners[kind] = owners[kind] or str(getattr(state, OWNER[kind], ""))
    return owners


async def seal(edge: Edge, values: Sequence[Value]) -> list[str]:
    """The sealed texts of values.

    Raises:
        ProtocolError: the keys of persons are not at hand.
    """
    try:
        return await edge.persons.seal(values)
    except WrongPersonKey:
        raise ProtocolError(UNAVAILABLE, headers={"Retry-After": "2"}) from None


def _put(said: Sequence[Said], texts: Sequence[str]) -> None:
    for each, text in zip(said, texts, strict=True):
        each.container[each.key] = text


def _plain(said: Said) -> str:
    """A value that somebody wrote, and did not read where a person was erased.

    Raises:
        ProtocolError: the mark of an erased value was sent back.
    """
    if said.value in MARKS:
        raise _misfit(
            said.pointer,
            "not_a_value",
            "It stands in place of a value that you cannot read: say who, or leave it out",
        )
    return said.value


def _at(data: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
    """What stands at a dotted path that `must_fit` has followed before."""
    for part in path.split("."):
        data = data[int(part)] if isinstance(data, list) else data.get(part)
    return data


def _misfit(pointer: str, code: str, detail: str) -> ProtocolError:
    return ProtocolError(MALFORMED, faults=[Fault(pointer=pointer, code=code, detail=detail)])
