"""What can be asked about a recurrence, why not, and what is answered."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.decider import Asked, Command, Decider, World
from app.domain.due import due, limits_of
from app.domain.errors import NotFound, Refused
from app.domain.recurrence.events import (
    RECURRENCE,
    Basis,
    KnownCauseBeforeMeasure,
    Recurrence,
    RecurrenceDetected,
    RecurrenceEvent,
    RecurrenceGround,
    RecurrenceQuestionDropped,
    RecurrenceStatus,
    RecurrenceToDecide,
    Verdict,
)
from app.domain.rules import Decision
from app.domain.values import Code, CustomerId, Id, Reason, Role, SpecCode

# --- why it may say no ----------------------------------------------------------------------


class NothingToDecide(Refused):
    """Whether the failure recurred is said already, or is no question any more.

    「该问题是否重复发生已有结论,或无须判定。」
    """

    clause = "4.6.1"
    rule = "R-08"


class RecurrenceDecisionOpen(Refused):
    """QA has still time to decide.

    「判定期限未过。」
    """


# --- what can be asked ----------------------------------------------------------------------


class JudgeRecurrence(Command):
    """Compare a failure with the measure against its cause."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    case_no: Code
    customer_id: CustomerId
    spec_code: SpecCode
    cause_code: Code
    produced_on: date | None
    capa_id: Id
    capa_no: Code
    effective_from: date
    earlier_case_nos: tuple[Code, ...] = Field(
        description="The cases that the measure was taken for."
    )
    decision: Decision | None = Field(description="None: nobody knows when the part was made.")


class DropRecurrence(Command):
    """Say that there is nothing to decide any more."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    case_ended: bool


class DecideRecurrence(Command):
    """Decide whether a part of unknown age was made under the measure (判定重复发生)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (NotFound, NothingToDecide)

    verdict: Verdict = Field(
        description="RECURRENCE: made under the measure. KNOWN_CAUSE_BEFORE_MEASURE: made before."
    )
    reason: Reason


class LapseRecurrence(Command):
    """Say that nobody decided in time: it is taken as a recurrence."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NotFound, NothingToDecide, RecurrenceDecisionOpen)


RecurrenceCommand: TypeAlias = JudgeRecurrence | DropRecurrence | DecideRecurrence | LapseRecurrence

# --- what it answers ------------------------------------------------------------------------


def decide(
    asked: Asked[RecurrenceCommand], recurrence: Recurrence, world: World
) -> Sequence[RecurrenceEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case JudgeRecurrence() as command:
            return judge(asked.to, command, recurrence, world)
        case DropRecurrence() as command:
            return drop(asked.to, command, recurrence)
        case DecideRecurrence() as command:
            heading = _to_decide(asked.to, recurrence)
            return [_verdict(command.verdict, "DECIDED", heading, command.reason)]
        case LapseRecurrence():
            return lapse(asked.to, recurrence, world)
        case _:
            assert_never(asked.command)


def judge(
    case_id: str, command: JudgeRecurrence, recurrence: Recurrence, world: World
) -> list[RecurrenceEvent]:
    """Say what the production day says, or ask QA; the same ground is not judged twice.

    Source:
        Clause 4.6.1 and D13: a part made from the day on from which the measure is in place.
    """
    heading = dict(command) | {"case_id": case_id}
    decision = heading.pop("decision")
    if _ground_of(command) == recurrence.ground:
        return []
    if decision is None:
        ends = due(world, "T23", limits_of(world).recurrence_decision, world.at)
        return [RecurrenceToDecide(**heading, due=(ends,))]
    verdict: Verdict = "RECURRENCE" if decision.fires else "KNOWN_CAUSE_BEFORE_MEASURE"
    return [_verdict(verdict, "PRODUCTION_DATE", heading, decision=decision)]


def drop(case_id: str, command: DropRecurrence, recurrence: Recurrence) -> list[RecurrenceEvent]:
    """Drop a question that waits; what was said stands."""
    if recurrence.status is not RecurrenceStatus.TO_DECIDE:
        return []
    because = "CASE_ENDED" if command.case_ended else "NO_MEASURE"
    return [RecurrenceQuestionDropped(**_heading(case_id, recurrence), because=because)]


def lapse(case_id: str, recurrence: Recurrence, world: World) -> list[RecurrenceEvent]:
    """Take it as a recurrence when the time is over."""
    heading = _to_decide(case_id, recurrence)
    if recurrence.decide_by is None or world.at < recurrence.decide_by:
        raise RecurrenceDecisionOpen(decide_by=str(recurrence.decide_by))
    return [_verdict("RECURRENCE", "LAPSED", heading)]


def _to_decide(case_id: str, recurrence: Recurrence) -> dict[str, Any]:
    """The heading of a question that waits.

    Raises:
        NotFound: no measure was ever against the cause of this case.
        NothingToDecide: the question was answered or dropped.
    """
    if recurrence.status is RecurrenceStatus.NOT_TESTED:
        raise NotFound(kind="recurrence")
    if recurrence.status is not RecurrenceStatus.TO_DECIDE:
        raise NothingToDecide(case_no=recurrence.case_no, status=recurrence.status)
    return _heading(case_id, recurrence)


def _verdict(
    verdict: Verdict,
    basis: Basis,
    heading: dict[str, Any],
    reason: str | None = None,
    decision: Decision | None = None,
) -> RecurrenceEvent:
    event_type = RecurrenceDetected if verdict == "RECURRENCE" else KnownCauseBeforeMeasure
    return event_type(**heading, basis=basis, decision=decision, reason=reason)


def _ground_of(command: JudgeRecurrence) -> RecurrenceGround:
    return RecurrenceGround(
        spec_code=command.spec_code,
        cause_code=command.cause_code,
        produced_on=command.produced_on,
        capa_id=command.capa_id,
        capa_no=command.capa_no,
        effective_from=command.effective_from,
    )


def _heading(case_id: str, recurrence: Recurrence) -> dict[str, Any]:
    """The fields of `RecurrenceFact`."""
    named = {
        "case_id": case_id,
        "case_no": recurrence.case_no,
        "customer_id": recurrence.customer_id,
        "earlier_case_nos": recurrence.earlier_case_nos,
    }
    return named | (asdict(recurrence.ground) if recurrence.ground else {})


recurrence: Final[Decider[RecurrenceCommand, Recurrence, RecurrenceEvent]] = Decider(
    stream=RECURRENCE,
    decide=decide,
    collection="recurrences",
    label_zh="重复发生判定",
    identity="code",
    code_name="case_id",
)
