"""What can happen to the cause catalogue, and what it adds up to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias, assert_never

from app.domain.decider import SINGLE, Event, Happened, Stream, World
from app.domain.replacing import replace
from app.domain.values import CauseClass, Code, Reason, Text


class CauseDefined(Event):
    """A failure cause has a code, a name in two languages and a class."""

    clause: ClassVar[str] = "3.7"

    code: Code
    zh: Text
    en: Text
    cause_class: CauseClass


class CauseMerged(Event):
    """Two codes meant one cause; the first is counted as the second from now on and before."""

    clause: ClassVar[str] = "3.7"

    code: Code
    into: Code
    reason: Reason


class CauseRetired(Event):
    """A cause is not used for new decisions any more."""

    clause: ClassVar[str] = "3.7"

    code: Code
    reason: Reason


CauseCatalogueEvent: TypeAlias = CauseDefined | CauseMerged | CauseRetired


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of the catalogue."""

    code: str
    zh: str
    en: str
    cause_class: CauseClass
    status: Literal["ACTIVE", "MERGED", "RETIRED"] = "ACTIVE"
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class CauseCatalogue:
    """Every cause that was ever defined, by code."""

    causes: Mapping[str, Cause] = field(default_factory=dict)

    def active(self, code: str) -> Cause | None:
        """The cause, when new decisions may use it."""
        cause = self.causes.get(code)
        return cause if cause and cause.status == "ACTIVE" else None

    def head_of(self, code: str) -> str:
        """The code that a cause is counted as: its own, or what it was merged into in the end."""
        cause = self.causes.get(code)
        while cause is not None and cause.merged_into is not None:
            code = cause.merged_into
            cause = self.causes.get(code)
        return code

    def members_of(self, code: str) -> tuple[str, ...]:
        """The code and all that was merged into it, also by way of others."""
        members = [code]
        for each in members:
            members += [other.code for other in self.causes.values() if other.merged_into == each]
        return tuple(members)


def evolve(catalogue: CauseCatalogue, happened: Happened[CauseCatalogueEvent]) -> CauseCatalogue:
    """Apply one event."""
    causes = catalogue.causes
    match happened.event:
        case CauseDefined(code=code, zh=zh, en=en, cause_class=cause_class):
            changed = Cause(code, zh, en, cause_class)
        case CauseMerged(code=code, into=into):
            changed = replace(causes[code], status="MERGED", merged_into=into)
        case CauseRetired(code=code):
            changed = replace(causes[code], status="RETIRED")
        case unknown:
            assert_never(unknown)
    return CauseCatalogue(causes={**causes, code: changed})


CAUSE_CATALOGUE = Stream(name="cause-catalogue", initial=CauseCatalogue(), evolve=evolve)


def codes_of_one_cause(world: World, code: str) -> tuple[str, ...]:
    """Every code that means the cause of this code, itself first: those merged with it."""
    causes = world.state_of(CAUSE_CATALOGUE, SINGLE).causes
    meant = _counted_as(causes, code)
    others = (each for each in causes if each != code and _counted_as(causes, each) == meant)
    return (code, *others)


def _counted_as(causes: Mapping[str, Cause], code: str) -> str:
    """Only an active cause is merged, into another that is active then: there is no circle."""
    while (cause := causes.get(code)) is not None and cause.merged_into is not None:
        code = cause.merged_into
    return code


def cause_in_use(world: World, code: str) -> Cause | None:
    """The active cause of that code, or None."""
    return world.state_of(CAUSE_CATALOGUE, SINGLE).active(code)
