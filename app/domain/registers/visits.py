"""Which service visits were paid, or are to be paid, to a feedback case. Clause 4.3."""

from collections.abc import Iterable
from typing import Final, TypeAlias

from app.domain.decider import Happened, Register
from app.domain.service_visit.events import ServiceVisitCancelled, ServiceVisitDispatched

Visiting: TypeAlias = ServiceVisitDispatched | ServiceVisitCancelled

KEPT_MAX: Final = 200
"""Visits to one case that are remembered; the last ones."""


def _keys(happened: Happened[Visiting]) -> Iterable[str]:
    return (happened.event.case_id,)


def _fold(known: list[str] | None, happened: Happened[Visiting], _: str) -> list[str] | None:
    event = happened.event
    others = [each for each in known or [] if each != event.visit_no]
    if isinstance(event, ServiceVisitDispatched):
        others.append(event.visit_no)
    return others[-KEPT_MAX:] or None


VISITS_OF_CASE: Final[Register[list[str]]] = Register(
    name="visits_of_case",
    value_type=list[str],
    event_types=(ServiceVisitDispatched, ServiceVisitCancelled),
    keys=_keys,
    fold=_fold,
)
"""The numbers of the visits by the case's id; a cancelled one is none."""
