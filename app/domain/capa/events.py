"""What can happen to a CAPA report."""

from datetime import date
from typing import ClassVar, TypeAlias

from app.domain.capa.state import (
    CapaArea,
    CheckResult,
    PlannedAction,
    RevisedDocument,
    TeamMember,
)
from app.domain.decider import Event
from app.domain.values import Code, Count, Department, Id, SpecCode, Text


class CapaFact(Event):
    """What every event repeats: which report it is, what for, and of which spec and cause."""

    clause: ClassVar[str] = "4.2.3"

    capa_no: Code
    escalation_id: Id | None
    case_id: Id | None
    claim_id: Id | None
    spec_code: SpecCode | None
    cause_code: Code | None


class CapaIssued(CapaFact):
    """A problem is given to an owner, to be solved by a day (D2)."""

    clause: ClassVar[str] = "4.5"
    numbered: ClassVar[str | None] = "capa_no"

    escalation_no: Code | None
    case_no: Code | None
    claim_no: Code | None
    problem: Text
    owner: Code
    owner_department: Department
    due_on: date


class CapaTeamSet(CapaFact):
    """Who works on it (D1). It replaces an earlier team."""

    members: tuple[TeamMember, ...]


class CapaContainmentRecorded(CapaFact):
    """Suspect pieces were looked for, and kept from doing harm (D3)."""

    area: CapaArea
    lot_no: Code | None
    checked: Count
    nok: Count


class CapaCauseFound(CapaFact):
    """Why it happened, why nobody noticed, and what in the system let it (D4)."""

    occurrence_cause: Text
    escape_cause: Text
    system_cause: Text | None


class CapaActionsPlanned(CapaFact):
    """Actions against the cause, each with an owner and a day (D5)."""

    round: int
    actions: tuple[PlannedAction, ...]


class CapaActionImplemented(CapaFact):
    """An action is in place (D6).

    `measure_effective_from` is set with the last action of the round: parts produced from that
    day on are made under the whole measure.
    """

    action: int
    effective_from: date
    lot_no: Code | None
    measure_effective_from: date | None


class CapaPreventionRecorded(CapaFact):
    """The lesson went into documents and to similar products (D7)."""

    measure: Text
    documents: tuple[RevisedDocument, ...]
    similar_specs: tuple[SpecCode, ...]


class CapaEffectivenessChecked(CapaFact):
    """Somebody other than the owner looked whether it helped (D8)."""

    round: int
    result: CheckResult
    lots_checked: tuple[Code, ...]
    method: Text


class CapaClosed(CapaFact):
    """The report is done. Not verified: no lot could be checked."""

    clause: ClassVar[str] = "4.5"

    verified: bool
    summary: Text


CapaEvent: TypeAlias = (
    CapaIssued
    | CapaTeamSet
    | CapaContainmentRecorded
    | CapaCauseFound
    | CapaActionsPlanned
    | CapaActionImplemented
    | CapaPreventionRecorded
    | CapaEffectivenessChecked
    | CapaClosed
)
