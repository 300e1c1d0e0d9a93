"""The words of a CAPA report, and what it adds up to."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.values import Code, Day, Department, Text

CapaArea = Literal["CUSTOMER", "IN_TRANSIT", "WAREHOUSE", "WIP", "RAW_MATERIAL"]
"""Where suspect pieces are looked for (遏制区域)."""
CheckResult = Literal["EFFECTIVE", "INEFFECTIVE", "NOT_VERIFIABLE"]
"""What the effectiveness check says (效果验证)."""
DocumentKind = Literal["DFMEA", "PROCESS_FLOW", "PFMEA", "CONTROL_PLAN", "WORK_INSTRUCTION"]
"""A document that a lesson goes into."""
ActionNo = Annotated[int, Field(ge=1, le=1_000_000, strict=True, description="As numbered by us.")]


class CapaStatus(StrEnum):
    """The furthest step that stands (状态)."""

    NOT_ISSUED = "NOT_ISSUED"
    ISSUED = "ISSUED"
    TEAM_SET = "TEAM_SET"
    CONTAINED = "CONTAINED"
    CAUSE_FOUND = "CAUSE_FOUND"
    ACTIONS_PLANNED = "ACTIONS_PLANNED"
    IMPLEMENTED = "IMPLEMENTED"
    EFFECTIVENESS_CHECKED = "EFFECTIVENESS_CHECKED"
    CLOSED = "CLOSED"
    CLOSED_UNVERIFIED = "CLOSED_UNVERIFIED"


CapaSourceKind = Literal["ESCALATION", "CASE", "RISK_PROJECT", "QUARTER"]
"""What a report can be issued for: also a risk-control project, or what a quarter showed."""


class CapaSource(BaseModel):
    """What a report is issued for (来源)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: CapaSourceKind
    id: Annotated[
        str,
        Field(
            pattern=r"^([0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|[12][0-9]{3}Q[1-4])$",
            description="The id of the escalation, of the feedback case or of the risk-control "
            "project; a quarter is its own id: 2025Q1.",
        ),
    ]


class TeamMember(BaseModel):
    """A person of a team, and the department (小组成员)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: Code
    department: Department


class ActionPlan(BaseModel):
    """What is to be done, by whom and by when (措施)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Text
    owner: Code = Field(description="The person who does it (责任人).")
    due_on: Day


class PlannedAction(BaseModel):
    """An action as it was planned, with the number we gave it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: ActionNo
    action: Text
    owner: Code
    due_on: date


class RevisedDocument(BaseModel):
    """A document and its new revision."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: DocumentKind
    doc_no: Code
    revision: Code


# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CapaContainment:
    """One look for suspect pieces."""

    area: CapaArea
    lot_no: str | None
    checked: int
    nok: int
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class FoundCause:
    """Why, as it was found."""

    occurrence_cause: str
    escape_cause: str
    system_cause: str | None
    found_by: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class CapaAction:
    """An action as it stands; it is in place when it has `effective_from`."""

    number: int
    round: int
    action: str
    owner: str
    due_on: date
    effective_from: date | None = None
    lot_no: str | None = None
    implemented_by: str | None = None
    implemented_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Prevention:
    """A lesson and where it went."""

    measure: str
    documents: tuple[RevisedDocument, ...]
    similar_specs: tuple[str, ...]
    recorded_by: str


@dataclass(frozen=True, slots=True)
class CapaCheck:
    """One check, and who made it."""

    round: int
    result: CheckResult
    lots_checked: tuple[str, ...]
    method: str
    checked_by: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Capa:
    """A report as it stands."""

    status: CapaStatus = CapaStatus.NOT_ISSUED
    capa_no: str = ""
    source: CapaSourceKind = "CASE"
    escalation_id: str | None = None
    escalation_no: str | None = None
    case_id: str | None = None
    case_no: str | None = None
    claim_id: str | None = None
    claim_no: str | None = None
    project_id: str | None = None
    project_no: str | None = None
    quarter: str | None = None
    spec_code: str | None = None
    cause_code: str | None = None
    problem: str = ""
    owner: str = ""
    owner_department: Department = Department.QA
    due_on: date | None = None
    issued_by: str = ""
    issued_at: datetime | None = None
    team: tuple[TeamMember, ...] = ()
    containments: tuple[CapaContainment, ...] = ()
    cause: FoundCause | None = None
    round: int = 1
    """It begins with 1; a check that finds the measure ineffective raises it."""
    actions: tuple[CapaAction, ...] = ()
    effective_from: date | None = None
    """The production day from which all actions of the round are in place."""
    preventions: tuple[Prevention, ...] = ()
    checks: tuple[CapaCheck, ...] = ()
    closed_at: datetime | None = None
    closed_by: str | None = None
    summary: str | None = None

    @property
    def actions_of_the_round(self) -> tuple[CapaAction, ...]:
        """The actions planned since the last check."""
        return tuple(each for each in self.actions if each.round == self.round)

    @property
    def check(self) -> CapaCheck | None:
        """The check of this round."""
        return next((each for each in self.checks if each.round == self.round), None)

    def action(self, number: int) -> CapaAction | None:
        """The action of that number, when it belongs to this round."""
        return next((each for each in self.actions_of_the_round if each.number == number), None)


def whole_measure_from(actions: tuple[CapaAction, ...]) -> date | None:
    """The day from which the last of the actions is in place, once all are."""
    days = [each.effective_from for each in actions if each.effective_from is not None]
    return max(days) if days and len(days) == len(actions) else None


def furthest_step(capa: Capa) -> CapaStatus:
    """The furthest step that the facts of an issued report support."""
    over = capa.closed_at is not None
    unverified = capa.check is not None and capa.check.result == "NOT_VERIFIABLE"
    steps = (
        (CapaStatus.CLOSED_UNVERIFIED, over and unverified),
        (CapaStatus.CLOSED, over),
        (CapaStatus.EFFECTIVENESS_CHECKED, capa.check is not None),
        (CapaStatus.IMPLEMENTED, capa.effective_from is not None),
        (CapaStatus.ACTIONS_PLANNED, bool(capa.actions)),
        (CapaStatus.CAUSE_FOUND, capa.cause is not None),
        (CapaStatus.CONTAINED, bool(capa.containments)),
        (CapaStatus.TEAM_SET, bool(capa.team)),
    )
    return next((status for status, stands in steps if stands), CapaStatus.ISSUED)
