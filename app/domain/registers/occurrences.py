"""How often a failure cause occurred in a quarter, as R-01 counts it. Clause 3.7.

One a feedback case: the case itself says under which cause and quarter it counts now, and under
which it counted before (docs/decisions/0008). Counts are kept under the code that was determined;
causes that were merged are added up when they are asked for, so that a merge moves nothing.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from app.domain.cause_catalogue.events import CAUSE_CATALOGUE, CauseCatalogue
from app.domain.decider import SINGLE, Happened, Register, World
from app.domain.feedback_case.events import OccurrenceRecounted
from app.domain.values import CauseClass

NAMED_MAX: Final = 50
"""Cases of one cause and quarter that are named as evidence; more are counted, not named."""
EVIDENCE_MAX: Final = 20
"""Cases that a decision names; the last ones."""


class Occurrences(BaseModel):
    """The cases of one cause in one quarter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cases: int = 0
    case_nos: tuple[str, ...] = ()


def occurrence_key(quarter: str, cause_code: str) -> str:
    """No code contains a tab."""
    return f"{quarter}\t{cause_code}"


def _keys(happened: Happened[OccurrenceRecounted]) -> list[str]:
    event = happened.event
    return [occurrence_key(o.quarter, o.cause_code) for o in (event.was, event.now) if o]


def _fold(
    before: Occurrences | None, happened: Happened[OccurrenceRecounted], key: str
) -> Occurrences | None:
    event, known = happened.event, before or Occurrences()
    others = tuple(each for each in known.case_nos if each != event.case_no)
    now = event.now
    if now is None or occurrence_key(now.quarter, now.cause_code) != key:
        return Occurrences(cases=known.cases - 1, case_nos=others) if known.cases > 1 else None
    return Occurrences(cases=known.cases + 1, case_nos=(*others, event.case_no)[-NAMED_MAX:])


OCCURRENCES: Final[Register[Occurrences]] = Register(
    name="occurrences",
    value_type=Occurrences,
    event_types=(OccurrenceRecounted,),
    keys=_keys,
    fold=_fold,
)
"""By quarter and cause code, as determined."""


def _cause_keys(happened: Happened[OccurrenceRecounted]) -> list[str]:
    now = happened.event.now
    return [] if now is None else [now.cause_code]


def _one_more(
    quarters: list[str] | None, happened: Happened[OccurrenceRecounted], _: str
) -> list[str] | None:
    known, now = quarters or [], happened.event.now
    if now is None or now.quarter in known:
        return quarters
    return sorted([*known, now.quarter])


QUARTERS_OF_CAUSE: Final[Register[list[str]]] = Register(
    name="quarters_of_cause",
    value_type=list[str],
    event_types=(OccurrenceRecounted,),
    keys=_cause_keys,
    fold=_one_more,
)
"""The quarters in which a cause ever counted, by its code; a merge asks for them."""


@dataclass(frozen=True, slots=True)
class CauseCount:
    """How often, and by which cases; the last ones in the order of their numbers."""

    cases: int
    evidence: tuple[str, ...]


def cause_count(world: World, quarter: str, cause_code: str) -> CauseCount:
    """How often a cause occurred, with all that was merged into it.

    A cause that was merged into another one is counted as that one, and no longer as itself;
    parts without a fault (NTF) are no occurrence of ours.
    """
    catalogue = catalogue_of(world)
    if catalogue.head_of(cause_code) != cause_code or not counts(catalogue, cause_code):
        return CauseCount(0, ())
    found = [
        world.entry_in(OCCURRENCES, occurrence_key(quarter, each))
        for each in catalogue.members_of(cause_code)
    ]
    known = [each for each in found if each is not None]
    named = sorted(case_no for each in known for case_no in each.case_nos)
    return CauseCount(sum(each.cases for each in known), tuple(named[-EVIDENCE_MAX:]))


def counts(catalogue: CauseCatalogue, cause_code: str) -> bool:
    """Whether cases of a cause, as it is counted, are occurrences at all."""
    cause = catalogue.causes.get(catalogue.head_of(cause_code))
    return cause is None or cause.cause_class is not CauseClass.NTF


def quarters_of(world: World, cause_code: str) -> list[str]:
    """The quarters in which a cause or what was merged into it ever counted."""
    members = catalogue_of(world).members_of(cause_code)
    return sorted(
        {each for code in members for each in world.entry_in(QUARTERS_OF_CAUSE, code) or []}
    )


def catalogue_of(world: World) -> CauseCatalogue:
    """The catalogue as it stands."""
    return world.state_of(CAUSE_CATALOGUE, SINGLE)
