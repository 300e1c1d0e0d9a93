"""What a code list is: codes with a Chinese and an English label each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Label(NamedTuple):
    """What people read instead of a code."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class CodeList:
    """The values of one enumeration, in the order of their course."""

    name: str
    """As the enumeration is called in the OpenAPI document: `ClaimStatus`."""
    zh: str
    en: str
    codes: Mapping[str, Label]
