"""What can be asked of an escalation, why it may say no, and what it answers."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar, TypeAlias, assert_never

from pydantic import Field

from app.domain.decider import Asked, Command, Decider, World
from app.domain.due import due, limits_of
from app.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound, Refused
from app.domain.escalation.events import (
    ESCALATION,
    AccountabilityKind,
    AccountabilityRecorded,
    CapaRequested,
    ClaimLinkedToEscalation,
    Escalation,
    EscalationAcknowledged,
    EscalationBasisChanged,
    EscalationCapaIssued,
    EscalationClosed,
    EscalationEvent,
    EscalationRaised,
    EscalationReason,
    EscalationStatus,
    ReasonCode,
    TraceRecorded,
)
from app.domain.limits import Due
from app.domain.registers.numbers import next_no
from app.domain.rule_pack.events import pack_in_force
from app.domain.rules import Decision
from app.domain.values import Code, Count, CustomerId, Department, Id, Role, SpecCode, Text

# --- why it may say no ----------------------------------------------------------------------


class EscalationIsClosed(Refused):
    """The escalation is closed.

    「上报事项已关闭。」
    """


class EscalationNotAcknowledged(Refused):
    """The general manager has not acknowledged the escalation yet.

    「总经理尚未确认该上报事项。」
    """

    clause = "4.5"


class EscalationAlreadyAcknowledged(Refused):
    """The general manager has acknowledged the escalation already.

    「总经理已确认该上报事项。」
    """


class TraceNokAboveChecked(Invalid):
    """No more pieces can be faulty than were screened.

    「不合格数不能大于排查数。」
    """

    clause = "4.5"


class SodAccountability(Forbidden):
    """Nobody records his own accountability.

    「责任追究的记录人不能是被追究人本人。」
    """

    clause = "4.5"


class EscalationIncomplete(Refused):
    """Duties of clause 4.5 are still to be done.

    Record what `missing` names: TRACE, CAPA, ACCOUNTABILITY, or the one of ACCOUNTABILITY_PERSON
    and ACCOUNTABILITY_LEADER that is not there yet.

    「追溯排查、纠正预防措施或责任追究尚未完成,不能关闭。」
    """

    clause = "4.5"


# --- what can be asked ----------------------------------------------------------------------


class RaiseEscalation(Command):
    """Take a claim to the general manager (上报总经理)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists,)

    claim_id: Id
    claim_no: Code
    customer_id: CustomerId
    reasons: tuple[EscalationReason, ...] = Field(
        min_length=1, description="Every rule that fired; of several specs, the most claimed first."
    )


class LinkClaim(Command):
    """Add one more claim of the spec to its open escalation (关联索赔)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NotFound, EscalationIsClosed)

    claim_id: Id
    claim_no: Code
    customer_id: CustomerId
    spec_code: SpecCode
    counted_on: date
    decision: Decision


class ChangeBasis(Command):
    """Say that a claim of the escalation is not what it was (上报依据变更)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NotFound,)

    claim_id: Id
    claim_no: Code
    reason: ReasonCode
    spec_code: SpecCode | None = None
    new_observed: int = Field(ge=0, description="In the unit of the reason.")
    cause_event_id: str


class AcknowledgeEscalation(Command):
    """Take notice of an escalation and give an instruction (总经理确认)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.GENERAL_MANAGER})
    refusals = (NotFound, EscalationIsClosed, EscalationAlreadyAcknowledged)

    instruction: Text = Field(description="What is to be done (批示).")


class RecordTrace(Command):
    """Record which lots were traced and what stock was screened (内部追溯和排查)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER, Role.PRODUCTION})
    refusals = (NotFound, EscalationIsClosed, EscalationNotAcknowledged, TraceNokAboveChecked)

    lots: tuple[Code, ...] = Field(
        min_length=1, max_length=200, description="Lots that were traced (批次)."
    )
    stock_checked: Count = Field(description="Pieces of stock screened (排查数).")
    nok: Count = Field(description="Faulty pieces among them (不合格数).")
    findings: Text


class NoteCapaIssued(Command):
    """Note that a CAPA report was issued for the escalation (已出具纠正预防措施)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NotFound, EscalationIsClosed, EscalationNotAcknowledged)

    capa_id: Id
    capa_no: Code


class RecordAccountability(Command):
    """Record who was held accountable, the person responsible or the leader (追究责任)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.GENERAL_MANAGER})
    refusals = (NotFound, EscalationIsClosed, EscalationNotAcknowledged, SodAccountability)

    person_id: Code = Field(description="The person held accountable; never the one who asks.")
    department: Department
    kind: AccountabilityKind = Field(
        description="PERSON: who is responsible (当事人). LEADER: of the department (部门领导)."
    )
    clause_text: Text = Field(description="The clause or rule that was not kept (依据条款).")
    measure: Text = Field(description="What follows; a record, no pay is calculated (措施).")
    decision: Text = Field(description="What was decided, in words (决定).")


class CloseEscalation(Command):
    """Close an escalation whose duties are all done (关闭上报事项)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.GENERAL_MANAGER})
    refusals = (NotFound, EscalationIsClosed, EscalationIncomplete)

    summary: Text


EscalationCommand: TypeAlias = (
    RaiseEscalation
    | LinkClaim
    | ChangeBasis
    | AcknowledgeEscalation
    | RecordTrace
    | NoteCapaIssued
    | RecordAccountability
    | CloseEscalation
)

# --- what it answers ------------------------------------------------------------------------


def decide(  # noqa: C901, PLR0911 - a table of contents has as many lines as commands
    asked: Asked[EscalationCommand], escalation: Escalation, world: World
) -> Sequence[EscalationEvent]:
    """The table of contents: one line a command."""
    if isinstance(asked.command, RaiseEscalation):
        return raise_escalation(asked, asked.command, escalation, world)
    if escalation.status is EscalationStatus.NOT_RAISED:
        raise NotFound
    if isinstance(asked.command, ChangeBasis):
        return change_basis(asked.command, escalation)
    if escalation.status is EscalationStatus.CLOSED:
        raise EscalationIsClosed(escalation_no=escalation.escalation_no)
    match asked.command:
        case LinkClaim() as command:
            return link_claim(command, escalation)
        case AcknowledgeEscalation() as command:
            return acknowledge(command, escalation, world)
        case RecordTrace() as command:
            return record_trace(command, escalation)
        case NoteCapaIssued() as command:
            _must_be_acknowledged(escalation)
            return [EscalationCapaIssued(**_heading(escalation), **dict(command))]
        case RecordAccountability() as command:
            return record_accountability(asked.by.person, command, escalation)
        case CloseEscalation() as command:
            return close(command, escalation)
        case _:
            assert_never(asked.command)


def raise_escalation(
    asked: Asked[EscalationCommand], command: RaiseEscalation, escalation: Escalation, world: World
) -> list[EscalationEvent]:
    """Raise it, due in the hours of the rule pack (T13); each spec also asks for a CAPA report."""
    if escalation.status is not EscalationStatus.NOT_RAISED:
        raise AlreadyExists(escalation_no=escalation.escalation_no)
    hours = pack_in_force(world).figures.general_manager_report_hours_max
    acknowledge_by = asked.at + timedelta(hours=hours)
    specs = [each.spec_code for each in command.reasons if each.spec_code is not None]
    raised = EscalationRaised(
        escalation_no=next_no(world, "ES"),
        spec_code=specs[0] if specs else None,
        acknowledge_by=acknowledge_by,
        due=(Due(limit="T13", due_at=acknowledge_by),),
        **dict(command),
    )
    requested = [
        CapaRequested(
            escalation_no=raised.escalation_no,
            claim_id=command.claim_id,
            claim_no=command.claim_no,
            spec_code=spec_code,
            due=(due(world, "T18", limits_of(world).capa_request, asked.at),),
        )
        for spec_code in specs
    ]
    return [raised, *requested]


def link_claim(command: LinkClaim, escalation: Escalation) -> list[EscalationEvent]:
    """Link a further claim."""
    return [ClaimLinkedToEscalation(escalation_no=escalation.escalation_no, **dict(command))]


def change_basis(command: ChangeBasis, escalation: Escalation) -> list[EscalationEvent]:
    """Say what a reason rests on now. It is never un-raised, and a closed one is told, too."""
    ground = escalation.ground(command.reason, command.spec_code)
    if ground is None or ground.observed_now == command.new_observed:
        return []
    changed = EscalationBasisChanged(
        escalation_no=escalation.escalation_no,
        old_observed=ground.observed_now,
        unit=ground.decision.unit,
        **dict(command),
    )
    return [changed]


def acknowledge(
    command: AcknowledgeEscalation, escalation: Escalation, world: World
) -> list[EscalationEvent]:
    """Acknowledge once; tracing is due from now on (T14)."""
    if escalation.status is EscalationStatus.ACKNOWLEDGED:
        raise EscalationAlreadyAcknowledged(acknowledged_by=escalation.acknowledged_by)
    traced_by = due(world, "T14", limits_of(world).internal_trace, world.at)
    told = EscalationAcknowledged(**_heading(escalation), **dict(command), due=(traced_by,))
    return [told]


def record_trace(command: RecordTrace, escalation: Escalation) -> list[EscalationEvent]:
    """Record one round of tracing; there may be several."""
    _must_be_acknowledged(escalation)
    if command.nok > command.stock_checked:
        raise TraceNokAboveChecked(field="nok", stock_checked=command.stock_checked)
    return [TraceRecorded(**_heading(escalation), **dict(command))]


def record_accountability(
    person: str, command: RecordAccountability, escalation: Escalation
) -> list[EscalationEvent]:
    """Record it; nobody judges himself."""
    _must_be_acknowledged(escalation)
    if command.person_id == person:
        raise SodAccountability(field="person_id", person=person)
    return [AccountabilityRecorded(**_heading(escalation), **dict(command))]


def close(command: CloseEscalation, escalation: Escalation) -> list[EscalationEvent]:
    """Close it when nothing is missing; what is missing can only be done once acknowledged."""
    if escalation.missing:
        raise EscalationIncomplete(
            escalation_no=escalation.escalation_no,
            status=escalation.status,
            missing=list(escalation.missing),
        )
    return [EscalationClosed(**_heading(escalation), **dict(command))]


def _must_be_acknowledged(escalation: Escalation) -> None:
    if escalation.status is EscalationStatus.RAISED:
        raise EscalationNotAcknowledged(
            escalation_no=escalation.escalation_no, next="AcknowledgeEscalation"
        )


def _heading(escalation: Escalation) -> dict[str, Any]:
    """The fields of `EscalationFact`."""
    return {
        "escalation_no": escalation.escalation_no,
        "claim_id": escalation.claim_id,
        "claim_no": escalation.claim_no,
    }


escalation: Decider[EscalationCommand, Escalation, EscalationEvent] = Decider(
    stream=ESCALATION,
    decide=decide,
    collection="escalations",
    label_zh="上报事项",
)
