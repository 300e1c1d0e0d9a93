"""Personal data: which fields tell of people outside the company, or of whose vehicle it is.

Such a field is marked by its type. Before anything is decided, its value is sealed under the key
of the person (app/events/person_keys.py), so that events, states and rows only ever hold the
sealed text; it is opened again on the way out. Rules may compare sealed texts, as the same value
of the same person is the same text, and may not look into them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final, TypeAlias, get_args, get_origin

from pydantic import BaseModel, Field, WrapValidator

from app.domain.values import Code, Role

SEALED: Final = re.compile(
    r"sealed:1:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([\w-]{38,400})", re.ASCII
)
"""A sealed text: the subject's id, then nonce and ciphertext in base64 for addresses."""
ERASED: Final = "[erased 已删除]"
"""What is read where a person was erased. It is a text like any name, so that types stay valid."""
UNREADABLE: Final = "[unreadable 无法读取]"
"""What is read where a key is missing that nobody erased."""
WITHHELD: Final = "[withheld 无权查看]"
"""What is read by whoever does not need it for his work."""
MARKS: Final = frozenset({ERASED, UNREADABLE, WITHHELD})
"""What is read in place of a value, and can be said of nobody."""


class PersonalKind(StrEnum):
    """What tells one subject of personal data from another (个人信息类别)."""

    VEHICLE = "VEHICLE"
    CUSTOMER_PERSON = "CUSTOMER_PERSON"
    CARRIER_PERSON = "CARRIER_PERSON"


_ALWAYS: Final = frozenset({Role.QA_MANAGER, Role.GENERAL_MANAGER, Role.AUDITOR})
"""Who stands by erasures, and who reads all (PIPL, articles 6 and 51)."""
_OFFICE: Final = _ALWAYS | {Role.SALES_CLERK, Role.SALES_REP}
_ON_THE_CASE: Final = _OFFICE | {
    Role.QA_ENGINEER,
    Role.TECH_ENGINEER,
    Role.TECH_DIRECTOR,
    Role.FIELD_SERVICE,
}
SEEN_BY: Final[Mapping[PersonalKind, frozenset[Role]]] = {
    PersonalKind.VEHICLE: _ON_THE_CASE,
    PersonalKind.CUSTOMER_PERSON: _ON_THE_CASE | {Role.MARKET_SPECIALIST},
    PersonalKind.CARRIER_PERSON: _OFFICE | {Role.SHIPPER, Role.WAREHOUSE},
}
"""Who needs which values for his work. An integration keeps what it sent, and reads none here."""


def seen_in(roles: Iterable[Role]) -> frozenset[PersonalKind]:
    """What is seen in some hats."""
    hats = frozenset(roles)
    return frozenset(kind for kind, seers in SEEN_BY.items() if seers & hats)


OWNER: Final = {
    PersonalKind.CUSTOMER_PERSON: "customer_id",
    PersonalKind.CARRIER_PERSON: "carrier_id",
}
"""Whose person it is: people of one name at two customers are two subjects."""


@dataclass(frozen=True, slots=True)
class Personal:
    """The mark of a personal field."""

    kind: PersonalKind


def _or_sealed(value: object, check: Callable[[object], object]) -> object:
    """A sealed text was checked before it was sealed."""
    if isinstance(value, str) and SEALED.fullmatch(value):
        return value
    return check(value)


_SEALABLE: Final = WrapValidator(_or_sealed)
Vin = Annotated[
    Code,
    _SEALABLE,
    Personal(PersonalKind.VEHICLE),
    Field(description="Vehicle identification number (车架号); sealed, see /v1/personal-data."),
]
CustomerPerson = Annotated[Code, _SEALABLE, Personal(PersonalKind.CUSTOMER_PERSON)]
"""The name of somebody whom the customer sent, or who was met there."""
CarrierPerson = Annotated[Code, _SEALABLE, Personal(PersonalKind.CARRIER_PERSON)]
"""The name under a list that goes with the goods: the driver's, and beside it our own people's."""


def normalised(kind: PersonalKind, text: str) -> str:
    """What of a value tells the person: `王 伟` is `王伟`, `lzz-5` is `LZZ5`."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+" if kind is PersonalKind.VEHICLE else r"\s+", "", folded)


# --- where personal fields are --------------------------------------------------------------

Place: TypeAlias = tuple[tuple[str, ...], PersonalKind]
"""The way to a field, `*` for each item of a list: `("signatures", "*", "name")`."""


@cache
def places_of(model: type[BaseModel]) -> tuple[Place, ...]:
    """Every personal field of a command or an event, however deep."""
    return tuple(dict.fromkeys(_fields(model, ())))


def _fields(model: type[BaseModel], way: tuple[str, ...]) -> Iterator[Place]:
    for name, field in model.model_fields.items():
        yield from _marked(field.metadata, (*way, name))
        yield from _within(field.annotation, (*way, name))


def _within(annotation: Any, way: tuple[str, ...]) -> Iterator[Place]:  # noqa: ANN401 - any type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _fields(annotation, way)
        return
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        yield from _marked(marks, way)
        yield from _within(inner, way)
        return
    below = (*way, "*") if get_origin(annotation) in {tuple, list} else way
    for part in get_args(annotation):
        yield from _within(part, below)


def _marked(marks: Any, way: tuple[str, ...]) -> Iterator[Place]:  # noqa: ANN401
    for mark in marks:
        if isinstance(mark, Personal):
            yield way, mark.kind


def kind_at(model: type[BaseModel], path: str) -> PersonalKind | None:
    """The kind of the personal field at a dotted path, `signatures.0.name`; None of any other."""
    return next((kind for way, kind in places_of(model) if way == _way(path)), None)


def holds_some(model: type[BaseModel], path: str) -> bool:
    """Whether personal fields stand below a dotted path: below `signatures.0` there is a name."""
    above = _way(path)
    return any(way[: len(above)] == above != way for way, _ in places_of(model))


def _way(path: str) -> tuple[str, ...]:
    return tuple("*" if part.isdigit() else part for part in path.split("."))


@dataclass(frozen=True, slots=True)
class Said:
    """A personal value where it stands in the JSON of a command."""

    kind: PersonalKind
    container: Any
    key: str | int
    pointer: str

    @property
    def value(self) -> str:
        """The value itself."""
        return str(self.container[self.key])


def said_in(model: type[BaseModel], value: Any) -> list[Said]:  # noqa: ANN401 - any JSON
    """The personal values that stand in the JSON of a model."""
    return [each for way, kind in places_of(model) for each in _at(value, way, kind, "")]


def _at(value: Any, way: tuple[str, ...], kind: PersonalKind, pointer: str) -> Iterator[Said]:  # noqa: ANN401
    step, rest = way[0], way[1:]
    if step == "*":
        keys: list[Any] = list(range(len(value))) if isinstance(value, list) else []
    else:
        keys = [step] if isinstance(value, dict) and step in value else []
    for key in keys:
        if rest:
            yield from _at(value[key], rest, kind, f"{pointer}/{key}")
        elif isinstance(value[key], str):
            yield Said(kind, value, key, f"{pointer}/{key}")
