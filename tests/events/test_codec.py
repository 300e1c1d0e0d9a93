"""Old versions of an event are lifted to today's shape, step by step."""

from typing import ClassVar

from app.domain.decider import Event, Happened, JsonObject, Stream
from app.events.codec import Codec


class PartsCame(Event):
    """An event in its third version."""

    clause: ClassVar[str] = "3.2"
    schema_version: ClassVar[int] = 3

    pieces: int
    location: str
    carrier: str | None

    @staticmethod
    def upcast_v1_v2(data: JsonObject) -> JsonObject:
        """Version 1 knew one warehouse."""
        return data | {"location": "MAIN"}

    @staticmethod
    def upcast_v2_v3(data: JsonObject) -> JsonObject:
        """Version 2 did not ask who brought them."""
        return data | {"carrier": None}


def _evolve(state: int, happened: Happened[PartsCame]) -> int:
    return state + happened.event.pieces


CODEC = Codec([Stream(name="parts", initial=0, evolve=_evolve)])


def test_every_old_version_arrives_in_todays_shape() -> None:
    today = PartsCame(pieces=5, location="MAIN", carrier=None)

    assert CODEC.decode("PartsCame", 1, {"pieces": 5}) == today
    assert CODEC.decode("PartsCame", 2, {"pieces": 5, "location": "MAIN"}) == today
    assert CODEC.decode("PartsCame", 3, CODEC.encode(today)) == today
