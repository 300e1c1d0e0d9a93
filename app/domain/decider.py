"""The one shape every aggregate has.

A person asks (`Asked`); the aggregate decides on its state and on the `World` around it, and
answers with events, or refuses. Who, when and to whom travel beside commands and events, so that
neither repeats them.

Decisions are pure: a `World` that does not have an answer at hand raises `NotAtHand`, the writer
fetches it and has the command decided anew. Nothing has happened in between.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import (
    Any,
    ClassVar,
    Generic,
    Literal,
    NamedTuple,
    Protocol,
    TypeAlias,
    TypeVar,
    get_args,
    get_type_hints,
)

from pydantic import BaseModel, ConfigDict, Field

from app.domain.errors import DomainError, WrongRole
from app.domain.limits import Due
from app.domain.values import Actor, Role

JsonObject: TypeAlias = dict[str, Any]


def _is_empty(value: tuple[object, ...]) -> bool:
    return not value


class Subject(NamedTuple):
    """A record, by its kind (`feedback-case`) and id."""

    kind: str
    id: str


class Command(BaseModel):
    """An intent: it may be refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clause: ClassVar[str]
    roles: ClassVar[frozenset[Role]]
    opens: ClassVar[bool] = False
    """Whether it begins a new stream."""
    refusals: ClassVar[tuple[type[DomainError], ...]] = ()
    """What it can be refused with, beside a wrong role. A test holds it complete."""

    def hats(self) -> frozenset[Role]:
        """The roles that whoever has several had better ask with: `roles`, unless it says more."""
        return self.roles


class Event(BaseModel):
    """What happened: never refused, edited or deleted. Its class name is its name for ever.

    When its fields change, raise `schema_version` by one and add the next upcast step,
    `upcast_v1_v2` and so on: a pure function from the old JSON to the new.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    clause: ClassVar[str]
    schema_version: ClassVar[int] = 1
    numbered: ClassVar[str | None] = None
    """The field with the number that people call the aggregate by, on the event that opens it."""

    due: tuple[Due, ...] = Field(
        default=(),
        exclude_if=_is_empty,
        description="The time limits that the event starts, and until when (时限).",
    )

    def said(self) -> JsonObject:
        """Its fields, but for the limits that it starts: what a state takes over."""
        return {name: value for name, value in self if name != "due"}

    def evidence_of(self) -> tuple[str, ...]:
        """The clauses of YTCXQP034 that it shows to be lived: its own, unless it says more."""
        return (self.clause,)

    def stops(self) -> tuple[str, ...]:
        """The time limits that are kept by it."""
        return ()

    def drops(self) -> tuple[str, ...]:
        """The time limits that nobody has to keep any more."""
        return ()

    def subject(self) -> Subject | None:
        """Whose limits it starts and stops; None: those of its own record."""
        return None

    def stops_of(self) -> tuple[tuple[Subject, str], ...]:
        """The time limits of further records that are kept by it, each with its record."""
        return ()


C = TypeVar("C", bound=Command)
F = TypeVar("F", bound=Event)
S = TypeVar("S")
V = TypeVar("V")
C_co = TypeVar("C_co", bound=Command, covariant=True)
F_co = TypeVar("F_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Asked(Generic[C_co]):
    """A command, of which aggregate, by whom and when it was asked. `at` is UTC."""

    command: C_co
    to: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Happened(Generic[F_co]):
    """An event, and to which aggregate, through whom and when it happened. `at` is UTC."""

    event: F_co
    to: str
    by: Actor
    at: datetime
    event_id: str = ""
    position: int = 0
    kind: str = ""
    """The kind of its aggregate: `claim`."""


Identity: TypeAlias = Literal["uuid", "code", "single"]
"""How an aggregate is told from its kin: by an id we make, by a code people know, not at all."""

SINGLE: str = "main"
"""The id of an aggregate of which there is one."""


@dataclass(frozen=True, eq=False)
class Stream(Generic[S, F]):
    """What an aggregate adds up to: the half of it that others may look at."""

    name: str
    """The glossary's word in kebab-case: `claim`. A stream of the log is `claim-<id>`."""
    initial: S
    evolve: Callable[[S, Happened[F]], S]

    @cached_property
    def event_types(self) -> tuple[type[F], ...]:
        """Every event that can stand in the stream, read from the annotation of `evolve`."""
        return members(self.evolve, "happened")


@dataclass(frozen=True, eq=False)
class Register(Generic[V]):
    """A value by key, folded from the events of any stream; decisions and policies look it up.

    `keys` says which values an event concerns, in the order in which they are folded; `fold` takes
    the value as it was, or None, and the event. Values are pydantic models or plain JSON values;
    `value_type` reads them back. None says that there is no value any more.
    """

    name: str
    value_type: Any
    event_types: tuple[type[Event], ...]
    keys: Callable[[Happened[Any]], Iterable[str]]
    fold: Callable[[V | None, Happened[Any], str], V | None]
    version: int = 1
    """Raised when the fold changes: the register is then built anew."""


class NotAtHand(Exception):
    """What a decision wants to know must be fetched first: a wish to the writer, no error."""

    def __init__(self, wanted: Hashable) -> None:
        super().__init__(wanted)
        self.wanted = wanted


class World(Protocol):
    """What else is true in this turn, every event before it included."""

    @property
    def at(self) -> datetime:
        """The instant of the turn, UTC."""

    @property
    def position(self) -> int:
        """The last position of the log, before what is decided now."""

    def state_of(self, stream: Stream[S, Any], to: str) -> S:
        """Another aggregate as it stands; its initial state when nothing happened to it."""

    def entry_in(self, register: Register[V], key: str) -> V | None:
        """The value of a register, or None."""


@dataclass(frozen=True, eq=False)
class Decider(Generic[C, S, F]):
    """An aggregate: nothing in it waits, reads a clock or touches a database."""

    stream: Stream[S, F]
    decide: Callable[[Asked[C], S, World], Sequence[F]]
    collection: str
    """The plural of the HTTP path: `claims`."""
    label_zh: str
    identity: Identity = "uuid"
    code_name: str = "code"
    """What the code is, where `identity` is one: the path parameter."""

    @property
    def name(self) -> str:
        """The stream's name."""
        return self.stream.name

    def answer(self, asked: Asked[C], state: S, world: World) -> Sequence[F]:
        """Decide.

        Raises:
            WrongRole: the clause gives the command to another role.
            DomainError: the aggregate refuses.
        """
        allowed = asked.command.roles
        if asked.by.role not in allowed:
            raise WrongRole(role=asked.by.role, allowed=sorted(allowed))
        return self.decide(asked, state, world)

    @cached_property
    def command_types(self) -> tuple[type[C], ...]:
        """Every command decided here, read from the annotation of `decide`."""
        return members(self.decide, "asked")


@dataclass(frozen=True, slots=True)
class Order:
    """What a policy asks of an aggregate, in the same turn. No `to` means: open a new one."""

    decider: str
    command: Command
    to: str | None = None


@dataclass(frozen=True)
class Policy:
    """When this happens to one, ask that of another. `react` is pure."""

    name: str
    event_types: tuple[type[Event], ...]
    react: Callable[[Happened[Any], World], Sequence[Order]]


def members(function: Callable[..., Any], parameter: str) -> tuple[type[Any], ...]:
    """The classes A, B, C of a parameter annotated `Happened[A | B | C]` or `Happened[A]`."""
    (inside,) = get_args(get_type_hints(function)[parameter])
    return get_args(inside) or (inside,)


def slug(name: str) -> str:
    """`ConfirmClaimAmount` is `confirm-claim-amount`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
