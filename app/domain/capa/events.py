"""What can happen to a CAPA report, and how it adds up."""

from datetime import date, datetime
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field
from typing_extensions import override

from app.domain.capa.state import (
    Capa,
    CapaAction,
    CapaArea,
    CapaCheck,
    CapaContainment,
    CapaSourceKind,
    CheckResult,
    FoundCause,
    PlannedAction,
    Prevention,
    RevisedDocument,
    TeamMember,
    furthest_step,
)
from app.domain.decider import Event, Happened, JsonObject, Stream
from app.domain.replacing import replace
from app.domain.values import Code, Count, Department, Id, SpecCode, Text

# --- what happens ---------------------------------------------------------------------------


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
    schema_version: ClassVar[int] = 2
    numbered: ClassVar[str | None] = "capa_no"

    source: CapaSourceKind
    escalation_no: Code | None
    case_no: Code | None
    claim_no: Code | None
    project_id: Id | None = Field(description="The risk-control project that it is for.")
    project_no: Code | None
    quarter: Code | None = Field(description="The quarter that showed the problem.")
    problem: Text
    owner: Code
    owner_department: Department
    due_on: date

    @staticmethod
    def upcast_v1_v2(data: JsonObject) -> JsonObject:
        """The first version was issued for an escalation or for a case."""
        source = "CASE" if data["escalation_id"] is None else "ESCALATION"
        unknown = dict.fromkeys(("project_id", "project_no", "quarter"))
        return data | unknown | {"source": source}


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

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`. The measure is in place with the last of its actions."""
        return () if self.measure_effective_from is None else ("T9",)


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

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T10",)


class CapaClosed(CapaFact):
    """The report is done. Not verified: no lot could be checked."""

    clause: ClassVar[str] = "4.5"

    verified: bool
    summary: Text

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`."""
        return ("T9", "T10")


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

# --- how it adds up -------------------------------------------------------------------------


def evolve(capa: Capa, happened: Happened[CapaEvent]) -> Capa:
    """Apply one event; the status follows from the facts."""
    changed = _applied(capa, happened)
    return replace(changed, status=furthest_step(changed))


def _applied(  # noqa: PLR0911 - one line an event
    capa: Capa, happened: Happened[CapaEvent]
) -> Capa:
    by, at = happened.by.person, happened.at
    match happened.event:
        case CapaIssued() as event:
            return Capa(issued_by=by, issued_at=at, **event.said())
        case CapaTeamSet(members=members):
            return replace(capa, team=members)
        case CapaContainmentRecorded() as event:
            look = CapaContainment(event.area, event.lot_no, event.checked, event.nok, by, at)
            return replace(capa, containments=(*capa.containments, look))
        case CapaCauseFound() as event:
            return _caused(capa, event, by, at)
        case CapaActionsPlanned() as event:
            planned = (CapaAction(round=event.round, **dict(each)) for each in event.actions)
            return replace(capa, actions=(*capa.actions, *planned))
        case CapaActionImplemented() as event:
            return _implemented(capa, event, by, at)
        case CapaPreventionRecorded() as event:
            lesson = Prevention(event.measure, event.documents, event.similar_specs, by)
            return replace(capa, preventions=(*capa.preventions, lesson))
        case CapaEffectivenessChecked() as event:
            return _checked(capa, event, by, at)
        case CapaClosed(summary=summary):
            return replace(capa, closed_at=at, closed_by=by, summary=summary)
        case unknown:
            assert_never(unknown)


def _caused(capa: Capa, event: CapaCauseFound, by: str, at: datetime) -> Capa:
    cause = FoundCause(
        occurrence_cause=event.occurrence_cause,
        escape_cause=event.escape_cause,
        system_cause=event.system_cause,
        found_by=by,
        found_at=at,
    )
    return replace(capa, cause=cause, cause_code=event.cause_code)


def _implemented(capa: Capa, event: CapaActionImplemented, by: str, at: datetime) -> Capa:
    actions = (
        replace(
            each,
            effective_from=event.effective_from,
            lot_no=event.lot_no,
            implemented_by=by,
            implemented_at=at,
        )
        if each.number == event.action
        else each
        for each in capa.actions
    )
    return replace(capa, actions=tuple(actions), effective_from=event.measure_effective_from)


def _checked(capa: Capa, event: CapaEffectivenessChecked, by: str, at: datetime) -> Capa:
    check = CapaCheck(event.round, event.result, event.lots_checked, event.method, by, at)
    checked = replace(capa, checks=(*capa.checks, check))
    if event.result != "INEFFECTIVE":
        return checked
    return replace(checked, round=event.round + 1, effective_from=None)


CAPA: Final = Stream(name="capa", initial=Capa(), evolve=evolve)
