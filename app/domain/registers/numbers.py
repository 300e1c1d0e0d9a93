"""Numbers that people call things by: `CL-2025-000123`, running within a year and a kind."""

from typing import Final

from app.domain.decider import Event, Happened, Register, World
from app.domain.values import shanghai_day


def _no_of(happened: Happened[Event]) -> str | None:
    field = type(happened.event).numbered
    return None if field is None else str(getattr(happened.event, field))


def _keys(happened: Happened[Event]) -> list[str]:
    no = _no_of(happened)
    return [] if no is None else [no.rpartition("-")[0]]


def _fold(_: int | None, happened: Happened[Event], key: str) -> int:
    return int(str(_no_of(happened)).removeprefix(f"{key}-"))


NUMBERS: Final[Register[int]] = Register(
    name="numbers", value_type=int, event_types=(Event,), keys=_keys, fold=_fold
)
"""The last number given out, by kind and year: `CL-2025`."""


def next_no(world: World, kind: str) -> str:
    """The next number of a kind (`CL`) in the company's calendar year of this turn."""
    series = f"{kind}-{shanghai_day(world.at).year}"
    return f"{series}-{(world.entry_in(NUMBERS, series) or 0) + 1:06d}"
