"""What can be asked of a CAPA report, and why it may say no.

QA issues and closes a report, and its manager checks the effectiveness. The steps between are
taken by QA's engineers and by the department that owns the report. The manager takes none of
them, so that the one who checks has nothing of his own to check.
"""

from collections.abc import Mapping
from typing import ClassVar, Final, TypeAlias

from pydantic import Field

from app.domain.capa.state import (
    ActionNo,
    ActionPlan,
    CapaArea,
    CapaSource,
    CheckResult,
    RevisedDocument,
    TeamMember,
)
from app.domain.decider import Command
from app.domain.errors import AlreadyExists, Forbidden, Invalid, Missing, NotFound, Refused
from app.domain.values import Code, Count, Day, Department, Role, SpecCode, Text

ROLES_OF_DEPARTMENT: Final[Mapping[Department, frozenset[Role]]] = {
    Department.SALES: frozenset(
        {Role.SALES_CLERK, Role.SALES_REP, Role.FIELD_SERVICE, Role.MARKET_SPECIALIST}
    ),
    Department.QA: frozenset({Role.QA_ENGINEER}),
    Department.PRODUCTION: frozenset({Role.PRODUCTION}),
    Department.TECH: frozenset({Role.TECH_ENGINEER, Role.TECH_DIRECTOR}),
    Department.LOGISTICS: frozenset({Role.WAREHOUSE, Role.SHIPPER}),
}
"""Who works on the reports that a department owns, beside QA's engineers. Clause 3."""
WORKERS: Final = frozenset({Role.QA_ENGINEER}).union(*ROLES_OF_DEPARTMENT.values())

# --- why it may say no ----------------------------------------------------------------------


class CapaSourceNotFound(Missing):
    """There is no such escalation, case or project to issue a CAPA report for, or no ended quarter.

    「没有该编号的上报事项、反馈单或风险管控项目,或季度尚未结束,不能出具纠正预防措施。」
    """


class CapaSourceNotAcknowledged(Refused):
    """The general manager has not acknowledged the escalation that the report is for.

    「总经理尚未确认该上报事项,不能出具纠正预防措施。」
    """

    clause = "4.5"


class CapaSourceClosed(Refused):
    """The escalation or the risk-control project that the report is for is closed.

    「上报事项或风险管控项目已关闭,不能再出具纠正预防措施。」
    """


class CapaSourceDropped(Refused):
    """The feedback case that the report is for was voided or merged.

    Issue it for the case named by `merged_into`, when there is one.

    「反馈单已作废或已合并,不能出具纠正预防措施。」
    """


class CapaCauseNotInUse(Refused):
    """The cause catalogue has no active cause of this code for the CAPA report.

    「故障原因目录中没有该有效原因代码,不能用于纠正预防措施。」
    """

    clause = "3.7"


class CapaDueInThePast(Invalid):
    """Nothing is due on a day that has passed.

    「完成期限不能早于今天。」
    """


class CapaIsClosed(Refused):
    """The CAPA report is closed.

    「纠正预防措施已关闭。」
    """


class NotOfOwnerDepartment(Forbidden):
    """The CAPA report is worked on by its owner's department and by QA.

    Ask with the key of a person who has one of the `allowed` roles.

    「纠正预防措施由责任部门和品保部办理。」
    """

    clause = "4.2.3"


class TeamMemberTwice(Invalid):
    """A person is in the team once.

    「小组成员不能重复。」
    """


class CapaNokAboveChecked(Invalid):
    """No more pieces can be faulty than were looked at.

    「遏制的不合格数不能大于检查数。」
    """


class CapaNotContained(Refused):
    """A team is set and suspect pieces are looked for before the cause is recorded.

    Do first what `missing` names: TEAM (D1), CONTAINMENT (D3). Where there was nothing to check,
    record a containment of no pieces.

    「记录原因之前,须先成立小组并完成遏制。」
    """

    clause = "4.2.3"


class CapaCauseMissing(Refused):
    """The cause comes before actions and prevention.

    「须先查明原因,再制定措施或预防。」
    """

    clause = "4.2.3"


class CapaMeasureInPlace(Refused):
    """Every action of the round is in place; the next step is to check whether they help.

    A check that finds them ineffective opens the next round, with another cause and more actions.

    「本轮措施已全部实施,应先验证效果。」
    """

    clause = "4.2.3"


class NoSuchCapaAction(Invalid):
    """The round has no action of this number.

    「本轮没有该编号的措施。」
    """


class CapaActionInPlace(Refused):
    """The action is in place already.

    「该措施已实施。」
    """


class CapaNotImplemented(Refused):
    """Not every action of the round is in place yet.

    Plan actions, or implement those that `open_actions` names.

    「本轮措施尚未全部实施,不能验证效果。」
    """

    clause = "4.2.3"


class CapaNotEffectiveYet(Refused):
    """No piece has been made under the whole measure yet: its first production day lies ahead.

    「措施的生效生产日期未到,不能验证效果。」
    """

    clause = "4.2.3"


class CapaAlreadyChecked(Refused):
    """The effectiveness of this round is checked.

    「本轮效果已验证。」
    """


class SodCapa(Forbidden):
    """Whoever owns the CAPA report or one of its actions does not check its effectiveness.

    「措施的责任人或实施人不能验证其效果。」
    """

    clause = "4.2.3"


class LotsCheckedMissing(Invalid):
    """What is found effective was found so on lots; name them.

    「判定有效时必须填写所验证的批次。」
    """

    clause = "4.2.3"


class CapaNotChecked(Refused):
    """The effectiveness of this round is not checked yet.

    「本轮效果尚未验证,不能关闭。」
    """

    clause = "4.2.3"


class CapaPreventionMissing(Refused):
    """An effective measure is also carried into documents or to similar products first.

    「措施有效时,须先记录预防和水平展开,再关闭。」
    """

    clause = "4.2.3"


STEP_REFUSALS: Final = (NotFound, CapaIsClosed, NotOfOwnerDepartment)
"""What every working step may be refused with."""

# --- what can be asked ----------------------------------------------------------------------


class IssueCapa(Command):
    """Issue a CAPA report for an escalation, case, project or quarter (出具纠正预防措施, D2)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    opens: ClassVar[bool] = True
    refusals = (
        AlreadyExists,
        CapaSourceNotFound,
        CapaSourceNotAcknowledged,
        CapaSourceClosed,
        CapaSourceDropped,
        CapaCauseNotInUse,
        CapaDueInThePast,
    )

    source: CapaSource
    problem: Text = Field(description="What is wrong, and how it shows (问题描述).")
    owner: Code = Field(description="The person who answers for it (责任人).")
    owner_department: Department = Field(description="The person's department (责任部门).")
    due_on: Day
    spec_code: SpecCode | None = Field(
        default=None, description="规格; that of the source, when not given."
    )
    cause_code: Code | None = Field(
        default=None, description="原因代码; the approved cause of the case, when not given."
    )


class CapaStep(Command):
    """A step of the people who work on a report."""

    clause: ClassVar[str] = "4.2.3"
    roles: ClassVar[frozenset[Role]] = WORKERS


class SetCapaTeam(CapaStep):
    """Say who works on it; it replaces an earlier team (成立小组, D1)."""

    refusals = (*STEP_REFUSALS, TeamMemberTwice)

    members: tuple[TeamMember, ...] = Field(min_length=1, max_length=50)


class RecordCapaContainment(CapaStep):
    """Record where suspect pieces were looked for, and how many are faulty (遏制, D3)."""

    refusals = (*STEP_REFUSALS, CapaNokAboveChecked)

    area: CapaArea
    lot_no: Code | None = Field(default=None, description="生产批次.")
    checked: Count = Field(description="Pieces looked at (检查数).")
    nok: Count = Field(description="Faulty pieces among them (不合格数).")


class RecordCapaCause(CapaStep):
    """Record why it happened and why nobody noticed (原因, D4)."""

    refusals = (*STEP_REFUSALS, CapaNotContained, CapaMeasureInPlace, CapaCauseNotInUse)

    occurrence_cause: Text = Field(description="Why it happened (发生原因).")
    escape_cause: Text = Field(description="Why it was not noticed (流出原因).")
    system_cause: Text | None = Field(
        default=None, description="What in the system let it happen (系统原因)."
    )
    cause_code: Code | None = Field(
        default=None, description="原因代码 of the catalogue; the known one stays, when not given."
    )


class PlanCapaActions(CapaStep):
    """Plan actions against the cause, beside those planned before (制定措施, D5)."""

    refusals = (*STEP_REFUSALS, CapaCauseMissing, CapaMeasureInPlace, CapaDueInThePast)

    actions: tuple[ActionPlan, ...] = Field(min_length=1, max_length=100)


class ImplementCapaAction(CapaStep):
    """Say that an action is in place, from a production day on (实施措施, D6)."""

    refusals = (*STEP_REFUSALS, NoSuchCapaAction, CapaActionInPlace)

    action: ActionNo
    effective_from: Day = Field(
        description="The first production day under the action (生效生产日期); it may lie ahead."
    )
    lot_no: Code | None = Field(default=None, description="The first lot under it (生效批次).")


class RecordCapaPrevention(CapaStep):
    """Carry the lesson into documents and to similar products (预防与水平展开, D7)."""

    refusals = (*STEP_REFUSALS, CapaCauseMissing)

    measure: Text
    documents: tuple[RevisedDocument, ...] = Field(default=(), max_length=50)
    similar_specs: tuple[SpecCode, ...] = Field(
        default=(), max_length=100, description="Similar products that it was carried to (规格)."
    )


class CheckCapaEffectiveness(Command):
    """Check, as somebody who had no part in it, whether the measure helped (效果验证, D8)."""

    clause: ClassVar[str] = "4.2.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (
        NotFound,
        CapaIsClosed,
        CapaNotImplemented,
        CapaAlreadyChecked,
        CapaNotEffectiveYet,
        SodCapa,
        LotsCheckedMissing,
    )

    result: CheckResult = Field(
        description="INEFFECTIVE begins the next round; NOT_VERIFIABLE: no lot could be checked."
    )
    lots_checked: tuple[Code, ...] = Field(
        default=(), max_length=200, description="Lots made under the measure (验证批次)."
    )
    method: Text = Field(description="How it was checked (验证方法).")


class CloseCapa(Command):
    """Close a report whose measure was checked (关闭纠正预防措施)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NotFound, CapaIsClosed, CapaNotChecked, CapaPreventionMissing)

    summary: Text


CapaCommand: TypeAlias = (
    IssueCapa
    | SetCapaTeam
    | RecordCapaContainment
    | RecordCapaCause
    | PlanCapaActions
    | ImplementCapaAction
    | RecordCapaPrevention
    | CheckCapaEffectiveness
    | CloseCapa
)
