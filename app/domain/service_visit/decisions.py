"""What a service visit answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, assert_never

from app.domain.corrections import NothingCorrected
from app.domain.decider import Asked, Decider, World
from app.domain.due import due, limits_of
from app.domain.errors import AlreadyExists, InTheFuture, NotFound
from app.domain.feedback_case.events import FEEDBACK_CASE, CaseStatus, FeedbackCase
from app.domain.money import FEN_MAX, money, written
from app.domain.registers.numbers import next_no
from app.domain.service_visit.commands import (
    CancelServiceVisit,
    CaseNotVisitable,
    CompleteServiceVisit,
    CorrectVisitCost,
    DispatchServiceVisit,
    RecordServiceFinding,
    ServiceVisitCommand,
    SignatureOrReason,
    SodVisitCost,
    StartServiceVisit,
    VisitAlreadyStarted,
    VisitBackwards,
    VisitCostTooLarge,
    VisitIsOver,
    VisitNotComplete,
    VisitNotStarted,
    VisitWithoutFinding,
)
from app.domain.service_visit.events import (
    SERVICE_VISIT,
    ServiceFindingRecorded,
    ServiceVisitCancelled,
    ServiceVisitCompleted,
    ServiceVisitDispatched,
    ServiceVisitEvent,
    ServiceVisitStarted,
    VisitCostCorrected,
)
from app.domain.service_visit.state import (
    ServiceVisit,
    VisitCost,
    VisitProvince,
    VisitStatus,
)

OVER: Final = frozenset({VisitStatus.COMPLETED, VisitStatus.CANCELLED})


def decide(
    asked: Asked[ServiceVisitCommand], visit: ServiceVisit, world: World
) -> Sequence[ServiceVisitEvent]:
    """The table of contents: one line a command."""
    if isinstance(asked.command, DispatchServiceVisit):
        return dispatch(asked.command, visit, world)
    if visit.status is VisitStatus.NOT_DISPATCHED:
        raise NotFound
    if isinstance(asked.command, CorrectVisitCost):
        return correct_cost(asked, asked.command, visit)
    if visit.status in OVER:
        raise VisitIsOver(visit_no=visit.visit_no, status=visit.status)
    match asked.command:
        case StartServiceVisit() as command:
            return start(command, visit, asked.at)
        case RecordServiceFinding() as command:
            _must_have_started(visit)
            return [ServiceFindingRecorded(**_heading(visit), **dict(command))]
        case CompleteServiceVisit() as command:
            return complete(command, visit, asked.at)
        case CancelServiceVisit(reason=reason):
            return [ServiceVisitCancelled(**_heading(visit), reason=reason)]
        case _:
            assert_never(asked.command)


def dispatch(
    command: DispatchServiceVisit, visit: ServiceVisit, world: World
) -> list[ServiceVisitEvent]:
    """Send somebody for an open, classified case; how soon depends on the province (T5).

    Raises:
        AlreadyExists: the id is taken.
        CaseNotVisitable: no such case, not classified yet, or over.
    """
    if visit.status is not VisitStatus.NOT_DISPATCHED:
        raise AlreadyExists(visit_no=visit.visit_no)
    case = world.state_of(FEEDBACK_CASE, command.case_id)
    _must_be_visitable(case)
    spans = limits_of(world)
    near = command.province is VisitProvince.SAME
    span = spans.service_same_province if near else spans.service_elsewhere
    limit = due(world, "T5", span, world.at, latest=_still_ahead(case.customer_deadline, world))
    dispatched = ServiceVisitDispatched(
        visit_no=next_no(world, "SV"),
        case_no=case.case_no,
        customer_id=case.customer_id,
        spec_code=case.spec_code,
        start_by=limit.due_at,
        due=(limit,),
        **dict(command),
    )
    return [dispatched]


def _must_be_visitable(case: FeedbackCase) -> None:
    if case.status is CaseStatus.NOT_REGISTERED or case.is_over or case.category is None:
        unclassified = case.status is CaseStatus.REGISTERED
        raise CaseNotVisitable(
            field="case_id",
            status=case.status,
            merged_into=case.merged_into,
            next="ClassifyFeedback" if unclassified else None,
        )


def _still_ahead(deadline: datetime | None, world: World) -> datetime | None:
    """The customer's own limit, which wins when it is earlier; not one that is over already."""
    return deadline if deadline is not None and deadline > world.at else None


def start(
    command: StartServiceVisit, visit: ServiceVisit, now: datetime
) -> list[ServiceVisitEvent]:
    """Begin once, after the dispatch and not later than now."""
    if visit.started_at is not None:
        raise VisitAlreadyStarted(visit_no=visit.visit_no, started_by=visit.started_by)
    started_at = command.started_at or now
    _must_lie_between(visit.dispatched_at, started_at, now, "started_at")
    return [ServiceVisitStarted(**_heading(visit), started_at=started_at)]


def complete(
    command: CompleteServiceVisit, visit: ServiceVisit, now: datetime
) -> list[ServiceVisitEvent]:
    """End it with what the customer signed, or with why not.

    Raises:
        VisitNotStarted: nobody was there.
        VisitWithoutFinding: there is nothing to sign.
        SignatureOrReason: neither of the two, or both.
        InTheFuture, VisitBackwards: instants that cannot be.
        VisitCostTooLarge: its parts come to too much.
    """
    _must_have_started(visit)
    if not visit.findings:
        raise VisitWithoutFinding(visit_no=visit.visit_no, next="RecordServiceFinding")
    signature = command.customer_signature
    if (signature is None) == (command.not_signed_because is None):
        raise SignatureOrReason(field="customer_signature")
    completed_at = command.completed_at or now
    _must_lie_between(visit.started_at, completed_at, now, "completed_at")
    if signature is not None:
        signed_at = signature.signed_at
        _must_lie_between(visit.started_at, signed_at, now, "customer_signature.signed_at")
    cost = command.cost
    _must_be_writable(cost, "cost")
    completed = ServiceVisitCompleted(
        **_heading(visit),
        customer_signature=signature,
        not_signed_because=command.not_signed_because,
        travel_fen=cost.travel.fen,
        labour_fen=cost.labour.fen,
        material_fen=cost.material.fen,
        cost_fen=cost.total_fen,
        completed_at=completed_at,
    )
    return [completed]


def correct_cost(
    asked: Asked[ServiceVisitCommand], command: CorrectVisitCost, visit: ServiceVisit
) -> list[ServiceVisitEvent]:
    """Correct what a complete visit cost; a visit that never took place cost nothing.

    Raises:
        VisitNotComplete: nobody said yet what it cost.
        SodVisitCost: the same person completed it.
        InTheFuture, VisitBackwards: it ends after it began, and not later than now.
        VisitCostTooLarge: its parts come to too much.
        NothingCorrected: every value stands as it is.

    Source:
        Clause 3.7: the year's cost is what was spent, whoever wrote it down first.
    """
    if visit.status is not VisitStatus.COMPLETED or visit.completed_at is None:
        raise VisitNotComplete(visit_no=visit.visit_no, status=visit.status)
    if asked.by.person == visit.completed_by:
        raise SodVisitCost(person=asked.by.person)
    completed_at = command.completed_at or visit.completed_at
    _must_lie_between(visit.started_at, completed_at, asked.at, "completed_at")
    was = VisitCost(
        travel=money(visit.travel or 0),
        labour=money(visit.labour or 0),
        material=money(visit.material or 0),
    )
    now = VisitCost(
        travel=command.travel or was.travel,
        labour=command.labour or was.labour,
        material=command.material or was.material,
    )
    if (now.parts_fen, completed_at) == (was.parts_fen, visit.completed_at):
        raise NothingCorrected(field="travel")
    _must_be_writable(now, "travel")
    corrected = VisitCostCorrected(
        **_heading(visit),
        corrects_event_id=visit.completed_event_id,
        old_travel_fen=was.travel.fen,
        travel_fen=now.travel.fen,
        old_labour_fen=was.labour.fen,
        labour_fen=now.labour.fen,
        old_material_fen=was.material.fen,
        material_fen=now.material.fen,
        old_cost_fen=was.total_fen,
        cost_fen=now.total_fen,
        old_completed_at=visit.completed_at,
        completed_at=completed_at,
        reason=command.reason,
    )
    return [corrected]


def _must_have_started(visit: ServiceVisit) -> None:
    if visit.started_at is None:
        raise VisitNotStarted(visit_no=visit.visit_no, next="StartServiceVisit")


def _must_be_writable(cost: VisitCost, field: str) -> None:
    if cost.total_fen > FEN_MAX:
        raise VisitCostTooLarge(
            field=field, in_all=written(cost.total_fen), at_most=written(FEN_MAX)
        )


def _must_lie_between(
    earliest: datetime | None, instant: datetime, now: datetime, field: str
) -> None:
    if instant > now:
        raise InTheFuture(field=field, now=now.isoformat())
    if earliest is not None and instant < earliest:
        raise VisitBackwards(field=field, earliest=earliest.isoformat())


def _heading(visit: ServiceVisit) -> dict[str, Any]:
    """The fields of `VisitFact`."""
    return {
        "visit_no": visit.visit_no,
        "case_id": visit.case_id,
        "case_no": visit.case_no,
        "customer_id": visit.customer_id,
        "spec_code": visit.spec_code,
    }


service_visit: Decider[ServiceVisitCommand, ServiceVisit, ServiceVisitEvent] = Decider(
    stream=SERVICE_VISIT,
    decide=decide,
    collection="service-visits",
    label_zh="现场服务",
)
