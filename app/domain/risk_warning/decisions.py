"""What can be asked of a risk warning, why not, and what is answered."""

from collections.abc import Sequence
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.cause_catalogue.events import cause_in_use
from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import AlreadyExists, Invalid, NotFound, Refused
from app.domain.registers.numbers import next_no
from app.domain.risk_control_project.events import RISK_CONTROL_PROJECT
from app.domain.risk_control_project.state import ProjectStatus
from app.domain.risk_warning.events import (
    RISK_WARNING,
    RiskWarning,
    RiskWarningEvent,
    RiskWarningIssued,
    RiskWarningWithdrawn,
    WarningMedium,
    WarningStatus,
)
from app.domain.values import Code, Day, Id, Reason, Role, Text, shanghai_day

# --- why it may say no ----------------------------------------------------------------------


class WarningOver(Invalid):
    """The last day of a warning is today or later.

    「警示有效期不能早于今天。」
    """


class WarningCauseNotInUse(Invalid):
    """The catalogue has no active cause of this code.

    「目录中没有该有效原因代码。」
    """


class WarningProjectNotFound(Invalid):
    """There is no risk-control project under this id.

    「没有此风险管控项目。」
    """


class WarningWithdrawn(Refused):
    """The warning was withdrawn.

    「该警示已撤销。」
    """


# --- what can be asked ----------------------------------------------------------------------


class IssueRiskWarning(Command):
    """Warn a station of a cause that failed before (发布风险警示)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER, Role.QA_ENGINEER})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists, WarningOver, WarningCauseNotInUse, WarningProjectNotFound)

    medium: WarningMedium = Field(description="质量看板、风险手册、过程针对性控制.")
    station: Code = Field(description="工位: the place of work that is warned.")
    cause_code: Code
    text: Text
    valid_until: Day = Field(description="有效期至: its last day.")
    project_id: Id | None = Field(default=None, description="The project it comes from.")


class WithdrawRiskWarning(Command):
    """Withdraw a warning before its last day (撤销风险警示)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER, Role.QA_ENGINEER})
    refusals = (NotFound, WarningWithdrawn)

    reason: Reason


RiskWarningCommand: TypeAlias = IssueRiskWarning | WithdrawRiskWarning

# --- what it answers ------------------------------------------------------------------------


def decide(
    asked: Asked[RiskWarningCommand], warning: RiskWarning, world: World
) -> Sequence[RiskWarningEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case IssueRiskWarning() as command:
            return issue(command, warning, world)
        case WithdrawRiskWarning() as command:
            return withdraw(command, warning, world)
        case _:
            assert_never(asked.command)


def issue(command: IssueRiskWarning, warning: RiskWarning, world: World) -> list[RiskWarningEvent]:
    """Issue it, valid from today on.

    Raises:
        AlreadyExists: the id is taken.
        WarningOver: its last day is past.
        WarningCauseNotInUse: the catalogue has no such active cause.
        WarningProjectNotFound: no such project.
    """
    if warning.status is not WarningStatus.NOT_ISSUED:
        raise AlreadyExists(warning_no=warning.warning_no)
    today = shanghai_day(world.at)
    if command.valid_until < today:
        raise WarningOver(field="valid_until", today=today.isoformat())
    if cause_in_use(world, command.cause_code) is None:
        raise WarningCauseNotInUse(field="cause_code", cause_code=command.cause_code)
    issued = RiskWarningIssued(
        warning_no=next_no(world, "RW"),
        valid_from=today,
        project_no=_project_no(command.project_id, world),
        **dict(command),
    )
    return [issued]


def _project_no(project_id: str | None, world: World) -> str | None:
    if project_id is None:
        return None
    project = world.state_of(RISK_CONTROL_PROJECT, project_id)
    if project.status is ProjectStatus.NOT_OPENED:
        raise WarningProjectNotFound(field="project_id")
    return project.project_no


def withdraw(
    command: WithdrawRiskWarning, warning: RiskWarning, world: World
) -> list[RiskWarningEvent]:
    """Withdraw it once."""
    if warning.status is WarningStatus.NOT_ISSUED:
        raise NotFound
    if warning.status is WarningStatus.WITHDRAWN:
        raise WarningWithdrawn(warning_no=warning.warning_no)
    withdrawn = RiskWarningWithdrawn(
        warning_no=warning.warning_no,
        cause_code=warning.cause_code,
        project_id=warning.project_id,
        withdrawn_on=shanghai_day(world.at),
        reason=command.reason,
    )
    return [withdrawn]


risk_warning: Final[Decider[RiskWarningCommand, RiskWarning, RiskWarningEvent]] = Decider(
    stream=RISK_WARNING,
    decide=decide,
    collection="risk-warnings",
    label_zh="风险警示",
)
