"""Every shape that an event ever had can still be read. A file in shapes/ is never edited."""

import json
from pathlib import Path

import pytest

from app.domain.aggregates import AGGREGATES
from app.events.codec import Codec, UnknownEvent

SHAPES = Path(__file__).parent / "shapes"
CODEC = Codec(each.stream for each in AGGREGATES)


@pytest.mark.parametrize("shape", sorted(SHAPES.iterdir()), ids=lambda shape: shape.name)
def test_the_shape_can_be_read(shape: Path) -> None:
    type_, version, _ = shape.name.split(".")
    data = json.loads(shape.read_text())

    event = CODEC.decode(type_, int(version.removeprefix("v")), data)

    assert type(event).__name__ == type_


def test_every_version_of_every_event_has_its_shape() -> None:
    wanted = {
        f"{name}.v{version}.json"
        for name, event_type in CODEC.event_types.items()
        for version in range(1, event_type.schema_version + 1)
    }

    assert {shape.name for shape in SHAPES.iterdir()} == wanted


@pytest.mark.parametrize(("type_", "version"), [("NeverHeardOf", 1), ("CauseDefined", 99)])
def test_an_event_that_this_version_does_not_know_stops_the_reader(
    type_: str, version: int
) -> None:
    with pytest.raises(UnknownEvent):
        CODEC.decode(type_, version, {})
