"""The simulated clock, and ids that depend on nothing but the seed and the instant."""

from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256, shake_256
from typing import Final

from app.events.ids import uuid7
from app.events.person_keys import Draw

RANDOM_BITS: Final = 74
"""Of a UUIDv7 (RFC 9562)."""


_INSTANT: Final[ContextVar[datetime]] = ContextVar("_INSTANT")


def put(at: datetime) -> None:
    """Put the clock of this task, and of no other, to an instant."""
    _INSTANT.set(at)


def now() -> datetime:
    """The instant of the command under way."""
    return _INSTANT.get()


@dataclass(slots=True)
class Ids:
    """Ids by seed, instant and count.

    No two commands of the demo share an instant, so that a load that was interrupted draws, when
    it is taken up again, the ids that it would have drawn.
    """

    seed: int
    _drawn: "Counter[datetime]" = field(default_factory=Counter)

    def new(self, at: datetime) -> str:
        """The next id of an instant."""
        digest = sha256(f"{self.seed}:id:{at.isoformat()}:{self._drawn[at]}".encode()).digest()
        self._drawn[at] += 1
        return uuid7(at, int.from_bytes(digest, "big") >> (8 * len(digest) - RANDOM_BITS))


def drawing(seed: int) -> Draw:
    """Keys of persons that depend on nothing but the seed: the people of the demo are made up."""

    def draw(label: str, size: int) -> bytes:
        return shake_256(f"{seed}:person:{label}".encode()).digest(size)

    return draw
