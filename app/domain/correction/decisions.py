"""What can be asked of a correction, why not, and what is answered.

Decisions cannot look an event up in the log; `must_fit` is asked at the edge, with the event that
the proposal names.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.claim.words import ClaimChanges
from app.domain.correction.events import (
    CORRECTION,
    Correction,
    CorrectionEvent,
    CorrectionProposed,
    CorrectionRejected,
    CorrectionStatus,
    FactCorrected,
    FieldPath,
    StreamName,
    Value,
)
from app.domain.corrections import NothingCorrected, SodCorrection
from app.domain.cost_entry.events import CostRecorded
from app.domain.decider import Asked, Command, Decider, JsonObject, World
from app.domain.errors import AlreadyExists, Invalid, Missing, NotFound, Refused
from app.domain.feedback_case.state import FeedbackChanges
from app.domain.registers.numbers import next_no
from app.domain.sales_figures.events import SalesFigureRecorded
from app.domain.service_visit.events import VisitCostCorrected
from app.domain.values import Actor, Id, Reason, Role

VISIT_COST: Final = frozenset(
    {"travel_fen", "labour_fen", "material_fen", "cost_fen", "completed_at"}
)
"""What of a completed visit its cost and the year of its cost follow from."""

OF_ITS_OWN: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "FeedbackRegistered": ("ProposeFeedbackCorrection", frozenset(FeedbackChanges.model_fields)),
    "ClaimRegistered": ("ProposeClaimCorrection", frozenset(ClaimChanges.model_fields)),
    "SalesFigureRecorded": ("CorrectSalesFigure", frozenset(SalesFigureRecorded.model_fields)),
    "CostRecorded": ("CorrectCost", frozenset(CostRecorded.model_fields)),
    "ServiceVisitCompleted": ("CorrectVisitCost", VISIT_COST),
    "VisitCostCorrected": ("CorrectVisitCost", frozenset(VisitCostCorrected.model_fields)),
}
"""Facts that figures follow from: by event, the command that corrects it, and its fields."""

# --- why it may say no ----------------------------------------------------------------------


class CorrectedEventNotFound(Missing):
    """No event of this id stands in this stream.

    「该记录中没有此事件。」
    """


class RecordedOtherwise(Invalid):
    """The event does not say this in this field.

    Read the event: `recorded` is what its field says now, `null` where there is no such field.

    「事件该字段的记录值与所填不一致。」
    """


class HasItsOwnCorrection(Refused):
    """The fact is corrected by a command of its own, so that figures follow.

    「该事实有专用的更正命令。」
    """


class CorrectionDecided(Refused):
    """The correction was approved or rejected already.

    「该更正已批准或已驳回。」
    """


# --- what can be asked ----------------------------------------------------------------------

CORRECTORS: Final = frozenset(Role) - {Role.SYSTEM, Role.AUDITOR, Role.INTEGRATION}
APPROVERS: Final = frozenset({Role.QA_MANAGER, Role.TECH_DIRECTOR, Role.GENERAL_MANAGER})


class ProposeCorrection(Command):
    """Say of one field of a recorded event that it was not so, and why (提出更正)."""

    clause: ClassVar[str] = "5.2"
    roles: ClassVar[frozenset[Role]] = CORRECTORS
    opens: ClassVar[bool] = True
    refusals = (
        AlreadyExists,
        NothingCorrected,
        CorrectedEventNotFound,
        RecordedOtherwise,
        HasItsOwnCorrection,
    )

    event_id: Id
    stream: StreamName
    field: FieldPath
    recorded: Value = Field(description="记录值: as the event has it.")
    correct: Value = Field(description="正确值.")
    reason: Reason


class ApproveCorrection(Command):
    """Stand by a correction that another person proposed (批准更正)."""

    clause: ClassVar[str] = "5.2"
    roles: ClassVar[frozenset[Role]] = APPROVERS
    refusals = (NotFound, CorrectionDecided, SodCorrection)


class RejectCorrection(Command):
    """Turn down a correction that another person proposed (驳回更正)."""

    clause: ClassVar[str] = "5.2"
    roles: ClassVar[frozenset[Role]] = APPROVERS
    refusals = (NotFound, CorrectionDecided, SodCorrection)

    reason: Reason


CorrectionCommand: TypeAlias = ProposeCorrection | ApproveCorrection | RejectCorrection

# --- what it answers ------------------------------------------------------------------------


def decide(
    asked: Asked[CorrectionCommand], correction: Correction, world: World
) -> Sequence[CorrectionEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case ProposeCorrection() as command:
            return propose(command, correction, world)
        case ApproveCorrection():
            said = _waiting(correction, asked.by)
            return [FactCorrected(**said, proposed_by=correction.proposed_by)]
        case RejectCorrection(reason=reason):
            return [CorrectionRejected(**_waiting(correction, asked.by) | {"reason": reason})]
        case _:
            assert_never(asked.command)


def propose(
    command: ProposeCorrection, correction: Correction, world: World
) -> list[CorrectionEvent]:
    """Propose it.

    Raises:
        AlreadyExists: the id is taken.
        NothingCorrected: the value is the one that was recorded.
    """
    if correction.status is not CorrectionStatus.NOT_PROPOSED:
        raise AlreadyExists(correction_no=correction.correction_no)
    if _same(command.correct, command.recorded):
        raise NothingCorrected(field="correct")
    return [CorrectionProposed(correction_no=next_no(world, "CN"), **dict(command))]


def must_fit(command: ProposeCorrection, event_type: str, stream: str, data: JsonObject) -> None:
    """Compare a proposal with the event that it names.

    Raises:
        CorrectedEventNotFound: the event stands in another stream.
        HasItsOwnCorrection: another command corrects this fact.
        RecordedOtherwise: there is no such field, or it says something else.
    """
    if stream != command.stream:
        raise CorrectedEventNotFound(field="stream", event_id=command.event_id)
    own, fields = OF_ITS_OWN.get(event_type, ("", frozenset[str]()))
    if command.field.partition(".")[0] in fields:
        raise HasItsOwnCorrection(field="field", next=own)
    found = _at(data, command.field)
    if isinstance(found, dict | list):
        raise RecordedOtherwise(field="field", recorded=None)
    if not _same(found, command.recorded):
        raise RecordedOtherwise(field="recorded", recorded=found)


def _at(data: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
    for part in path.split("."):
        if isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        elif isinstance(data, dict) and part in data:
            data = data[part]
        else:
            return {}
    return data


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _waiting(correction: Correction, by: Actor) -> dict[str, Any]:
    """The fields of `CorrectionFact`, for eyes that are not the proposer's.

    Raises:
        NotFound: there is no such correction.
        CorrectionDecided: once is enough.
        SodCorrection: the same head.
    """
    if correction.status is CorrectionStatus.NOT_PROPOSED:
        raise NotFound
    if correction.status is not CorrectionStatus.PROPOSED:
        raise CorrectionDecided(status=correction.status, decided_by=correction.decided_by)
    if by.person == correction.proposed_by:
        raise SodCorrection(person=by.person)
    names = ("correction_no", "event_id", "stream", "field", "recorded", "correct", "reason")
    return {name: getattr(correction, name) for name in names}


correction: Final[Decider[CorrectionCommand, Correction, CorrectionEvent]] = Decider(
    stream=CORRECTION,
    decide=decide,
    collection="corrections",
    label_zh="更正",
)
