"""The numbers by which other systems know what they told us: told once, recorded once."""

from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from app.domain.decider import Happened, Register, World
from app.domain.errors import AlreadyReported, SourceIncomplete

Reference = TypeVar("Reference", bound=BaseModel)
"""Which record it is: its id and its number."""


class Sourced(Protocol):
    """A command or an event that may come from another system."""

    @property
    def source_system(self) -> str | None:
        """Which system, by its code."""

    @property
    def external_ref(self) -> str | None:
        """The number there."""


def reference_key(owner: str, reference: str) -> str:
    """A number is unique to whoever gave it. No code contains a tab."""
    return f"{owner}\t{reference}"


def source_keys(happened: Happened[Any]) -> list[str]:
    """The natural key under which an event was told, if another system told it."""
    told: Sourced = happened.event
    if told.source_system is None or told.external_ref is None:
        return []
    return [reference_key(told.source_system, told.external_ref)]


def must_be_news(command: Sourced, known: Register[Reference], world: World) -> None:
    """A system tells a thing once.

    Args:
        command: what is told now.
        known: what was told before, by natural key; its values say which record it became.
        world: the turn.

    Raises:
        SourceIncomplete: half a natural key.
        AlreadyReported: the source system told us before.
    """
    if command.source_system is None and command.external_ref is None:
        return
    if command.source_system is None or command.external_ref is None:
        missing = "source_system" if command.source_system is None else "external_ref"
        raise SourceIncomplete(field=missing)
    before = world.entry_in(known, reference_key(command.source_system, command.external_ref))
    if before is not None:
        raise AlreadyReported(field="external_ref", **before.model_dump())
