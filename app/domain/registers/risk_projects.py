"""Which risk-control project is about a cause on a specification, or about a lot."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from app.domain.cause_catalogue.events import codes_of_one_cause
from app.domain.decider import Happened, Register, World
from app.domain.risk_control_project.events import (
    RISK_CONTROL_PROJECT,
    RiskControlProjectOpened,
)
from app.domain.risk_control_project.state import ProjectStatus


class OpenProject(NamedTuple):
    """A project that is not closed."""

    project_id: str
    project_no: str


def lot_key(lot_no: str) -> str:
    """No code contains a tab."""
    return f"lot\t{lot_no}"


def failure_key(cause_code: str, spec_code: str) -> str:
    """A cause on a specification."""
    return f"cause\t{cause_code}\t{spec_code}"


def failure_keys(world: World, cause_code: str, spec_code: str) -> list[str]:
    """The same failure under every code that means its cause."""
    return [failure_key(code, spec_code) for code in codes_of_one_cause(world, cause_code)]


def _keys(happened: Happened[RiskControlProjectOpened]) -> list[str]:
    event = happened.event
    keys = [] if event.lot_no is None else [lot_key(event.lot_no)]
    if event.cause_code is not None and event.spec_code is not None:
        keys.append(failure_key(event.cause_code, event.spec_code))
    return keys


def _last(_: str | None, happened: Happened[RiskControlProjectOpened], __: str) -> str:
    return happened.to


RISK_PROJECTS: Final[Register[str]] = Register(
    name="project_of_problem",
    value_type=str,
    event_types=(RiskControlProjectOpened,),
    keys=_keys,
    fold=_last,
)
"""The id of the project opened last; at most one about a problem is open at a time."""


def open_project(world: World, keys: Iterable[str]) -> OpenProject | None:
    """The project about a problem that is not closed, if there is one."""
    for key in keys:
        project_id = world.entry_in(RISK_PROJECTS, key)
        if project_id is not None:
            project = world.state_of(RISK_CONTROL_PROJECT, project_id)
            if project.status is not ProjectStatus.CLOSED:
                return OpenProject(project_id, project.project_no)
    return None
