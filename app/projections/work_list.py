"""待办台账: what waits for somebody's decision, and what keeps a record from being closed.

One row a thing that waits; it goes when nothing waits any more. Time limits stand in their own
ledger (app/projections/deadlines.py). Roles are those of the command that is asked next.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field

from app.domain.appeal.events import APPEAL
from app.domain.appeal.state import AppealStatus
from app.domain.claim.events import CLAIM
from app.domain.correction.events import CORRECTION, CorrectionStatus
from app.domain.decider import Event, Stream
from app.domain.escalation.events import ESCALATION, EscalationStatus
from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.quarterly_report.events import QUARTERLY_REPORT
from app.domain.risk_control_project.events import RISK_CONTROL_PROJECT
from app.domain.risk_control_project.state import ProjectStatus
from app.domain.rule_pack.events import RULE_PACKS
from app.domain.values import Role
from app.domain.warranty_agreement.events import WARRANTY_AGREEMENT, AgreementVersionStatus
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow


class WorkItemRow(LedgerRow):
    """One thing that waits."""

    item_id: str = Field(title="待办ID")
    what: str = Field(title="事项(英文)")
    what_zh: str = Field(title="事项")
    command: str = Field(title="待执行命令", description="What is to be asked next, or instead of.")
    roles: tuple[Role, ...] = Field(title="责任角色")
    subject_kind: str = Field(title="对象类别")
    subject_id: str = Field(title="对象ID")
    subject_no: str = Field(title="对象编号")
    since: Instant = Field(title="起始时间")
    set_off_by: str = Field(title="提出人", description="Whose event made it wait.")
    blocked: bool = Field(title="关闭受阻", description="Whether a close waits for `missing`.")
    missing: tuple[str, ...] = Field(title="尚缺", description="What a close still waits for.")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What it is that waits: its number, and what is missing where it is a close."""

    no: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """A way in which a record can wait for somebody."""

    command: str
    roles: tuple[Role, ...]
    en: str
    zh: str
    stream: Stream[Any, Any]
    look: Callable[[Any], Waiting | None]
    """Whether a state waits in this way."""


def _when(number: str, waits: Callable[[Any], bool]) -> Callable[[Any], Waiting | None]:
    return lambda state: Waiting(getattr(state, number)) if waits(state) else None


def _appeal_at(*, reviewed: bool, approved: bool) -> Callable[[Any], Waiting | None]:
    def waits(appeal: Any) -> bool:  # noqa: ANN401 - states differ
        over = appeal.status in {AppealStatus.ANSWERED, AppealStatus.WITHDRAWN}
        signed = (appeal.reviewed_by is not None, appeal.approved_by is not None)
        return not over and appeal.submitted_at is None and signed == (reviewed, approved)

    return _when("appeal_no", waits)


def _agreement(agreement: Any) -> Waiting | None:  # noqa: ANN401 - states differ
    drafts = [e for e in agreement.versions if e.status is AgreementVersionStatus.DRAFT]
    return Waiting(f"{drafts[0].agreement_no} v{drafts[0].version}") if drafts else None


def _rule_pack(packs: Any) -> Waiting | None:  # noqa: ANN401 - states differ
    return None if packs.proposal is None else Waiting(f"v{packs.proposal.pack.version}")


def _unfiled(claim: Any) -> Waiting | None:  # noqa: ANN401 - states differ
    unfiled = claim.settlement is not None and claim.filing is None
    return Waiting(claim.claim_no, ("FILING",)) if unfiled else None


def _escalation(escalation: Any) -> Waiting | None:  # noqa: ANN401 - states differ
    over = escalation.status is EscalationStatus.CLOSED or not escalation.missing
    return None if over else Waiting(escalation.escalation_no, tuple(escalation.missing))


def _project(project: Any) -> Waiting | None:  # noqa: ANN401 - states differ
    over = project.status is ProjectStatus.CLOSED or not project.missing
    return None if over else Waiting(project.project_no, tuple(project.missing))


WAITS: Final = (
    Wait("ApproveProposal", (Role.GENERAL_MANAGER, Role.TECH_DIRECTOR),
         "Adjustment or cancellation to approve", "待批准的调整或取消", CLAIM,
         _when("claim_no", lambda claim: claim.proposal is not None)),
    Wait("ApproveClaimCorrection", (Role.QA_ENGINEER, Role.QA_MANAGER, Role.SALES_CLERK),
         "Correction of a claim to approve", "待批准的索赔更正", CLAIM,
         _when("claim_no", lambda claim: claim.correction is not None)),
    Wait("FileClaim", (Role.QA_ENGINEER,),
         "Settled claim to file", "已结算待归档的索赔", CLAIM, _unfiled),
    Wait("ApproveFeedbackCorrection", (Role.QA_ENGINEER, Role.QA_MANAGER, Role.SALES_CLERK),
         "Correction of a case to approve", "待批准的反馈更正", FEEDBACK_CASE,
         _when("case_no", lambda case: case.correction is not None)),
    Wait("ApproveRootCause", (Role.QA_MANAGER, Role.TECH_DIRECTOR),
         "Root cause to approve", "待批准的根本原因", FEEDBACK_CASE,
         _when("case_no", lambda case: case.proposed_cause is not None)),
    Wait("ReviewAppeal", (Role.QA_MANAGER,),
         "Appeal statement to review", "待审核的申诉书", APPEAL,
         _appeal_at(reviewed=False, approved=False)),
    Wait("ApproveAppeal", (Role.TECH_DIRECTOR,),
         "Appeal statement to approve", "待批准的申诉书", APPEAL,
         _appeal_at(reviewed=True, approved=False)),
    Wait("SubmitAppeal", (Role.SALES_REP,),
         "Appeal statement to send", "待提交的申诉书", APPEAL,
         _appeal_at(reviewed=True, approved=True)),
    Wait("ApproveAgreementVersion", (Role.TECH_DIRECTOR,),
         "Agreement version to approve", "待批准的协议版本", WARRANTY_AGREEMENT, _agreement),
    Wait("ApproveRulePack", (Role.GENERAL_MANAGER,),
         "Rule pack to approve", "待批准的规则包", RULE_PACKS, _rule_pack),
    Wait("IssueReport", (Role.QA_MANAGER,),
         "Quarterly report to issue", "待发布的季度报告", QUARTERLY_REPORT,
         _when("report_no", lambda report: report.last and report.last.issued_at is None)),
    Wait("ApproveCorrection", (Role.GENERAL_MANAGER, Role.QA_MANAGER, Role.TECH_DIRECTOR),
         "Correction of a fact to approve", "待批准的更正", CORRECTION,
         _when("correction_no", lambda said: said.status is CorrectionStatus.PROPOSED)),
    Wait("CloseEscalation", (Role.GENERAL_MANAGER,),
         "Escalation that cannot be closed yet", "尚不能关闭的上报事项", ESCALATION, _escalation),
    Wait("CloseProject", (Role.QA_MANAGER,),
         "Risk-control project that cannot be closed yet", "尚不能关闭的风险管控项目",
         RISK_CONTROL_PROJECT, _project),
)  # fmt: skip

BY_COMMAND: Final = {each.command: each for each in WAITS}
OF_EVENT: Final[dict[type[Event], tuple[Wait, ...]]] = {
    event_type: tuple(each for each in WAITS if event_type in each.stream.event_types)
    for wait in WAITS
    for event_type in wait.stream.event_types
}


def keys_of(recorded: Recorded) -> Iterable[str]:
    """Every way in which the record of an event can wait."""
    waits = OF_EVENT[type(recorded.event)]
    return [f"{each.command}:{recorded.happened.to}" for each in waits]


def fold(row: WorkItemRow | None, recorded: Recorded, key: str) -> WorkItemRow | None:
    """The row after an event: it stays, begins or goes."""
    wait = BY_COMMAND[key.partition(":")[0]]
    waiting = wait.look(recorded.state)
    if waiting is None:
        return None
    if row is not None:
        same = (row.subject_no, row.missing) == (waiting.no, waiting.missing)
        changes = {"subject_no": waiting.no, "missing": waiting.missing}
        return row if same else row.model_copy(update=changes)
    return WorkItemRow(
        item_id=key,
        what=wait.en,
        what_zh=wait.zh,
        command=wait.command,
        roles=wait.roles,
        subject_kind=wait.stream.name,
        subject_id=recorded.happened.to,
        subject_no=waiting.no,
        since=recorded.happened.at,
        set_off_by=recorded.happened.by.person,
        blocked=bool(waiting.missing),
        missing=waiting.missing,
    )


WORK_ITEMS_LEDGER: Final = Ledger[WorkItemRow](
    name="work_items",
    version=3,
    title="What waits for a decision or keeps a record open",
    title_zh="待办台账",
    clauses=("3.5", "4.2"),
    row_type=WorkItemRow,
    event_types=tuple(OF_EVENT),
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "since": "text",
        "command": "text",
        "subject_kind": "text",
        "subject_id": "text",
        "subject_no": "text",
        "blocked": "text",
        "roles": "codes",
    },
    sorts=("since",),
    filters={
        "role": Filter("roles", "any", "责任角色: what waits for this role."),
        "command": Filter("command", "=", "待执行命令."),
        "subject_kind": Filter("subject_kind", "=", "对象类别."),
        "subject_id": Filter("subject_id", "=", "对象ID."),
        "subject_no": Filter("subject_no", "=", "对象编号."),
        "blocked": Filter("blocked", "=", "关闭受阻."),
    },
)
