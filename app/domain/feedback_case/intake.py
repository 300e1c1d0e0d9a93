"""The way into a feedback case: a customer told us, or a carrier damaged what it carried.

Clauses 4.2.1 and 4.1.5.
"""

from datetime import date, datetime
from functools import reduce

from app.domain.decider import Asked, Happened, World
from app.domain.errors import (
    AlreadyExists,
    InTheFuture,
)
from app.domain.feedback_case.commands import FeedbackCaseCommand, RegisterFeedback
from app.domain.feedback_case.events import (
    FEEDBACK_CASE,
    FeedbackCaseEvent,
    FeedbackClassified,
    FeedbackRegistered,
    OccurrenceQuantityTargetExceeded,
)
from app.domain.feedback_case.limits import due_when_classified, due_when_registered
from app.domain.feedback_case.quantity import single_occurrence
from app.domain.feedback_case.refusals import LateReasonMissing
from app.domain.feedback_case.standing import heading, must_be_ahead, must_be_in_order
from app.domain.feedback_case.state import CaseStatus, FeedbackCase, LifePhase, Severity
from app.domain.feedback_case.transport import (
    DAMAGED_IN_TRANSPORT,
    OWN_SYSTEM,
    OpenTransportCase,
    TransportPartyNamed,
)
from app.domain.registers.case_references import (
    CASE_BY_CUSTOMER_REF,
    CASE_BY_SOURCE,
)
from app.domain.registers.numbers import next_no
from app.domain.registers.sources import must_be_news, reference_key
from app.domain.rule_pack.events import pack_in_force
from app.domain.values import SYSTEM, Category, shanghai_day


def register(
    asked: Asked[FeedbackCaseCommand], command: RegisterFeedback, case: FeedbackCase, world: World
) -> list[FeedbackCaseEvent]:
    """Give the feedback a number, and say at once when too many pieces failed (R-02).

    Raises:
        AlreadyExists: the id is taken.
        SourceIncomplete: half a natural key.
        AlreadyReported: the source system told us before.
        InTheFuture: received or occurred later than now.
        LateReasonMissing: the occurrence is older than the rule pack lets pass without a reason.
        ProducedAfterOccurred, OccurredAfterReceived: made, failed, told of, in this order.
        DeadlineBeforeReceipt: the customer's own limit was over before it began.
    """
    if case.status is not CaseStatus.NOT_REGISTERED:
        raise AlreadyExists(case_no=case.case_no)
    must_be_news(command, CASE_BY_SOURCE, world)
    pack, today = pack_in_force(world), shanghai_day(asked.at)
    received_at = command.received_at or asked.at
    occurred_on = command.occurred_on or shanghai_day(received_at)
    if received_at > asked.at:
        raise InTheFuture(field="received_at", now=asked.at.isoformat())
    if occurred_on > today:
        raise InTheFuture(field="occurred_on", today=today.isoformat())
    age_days = (today - occurred_on).days
    if age_days > pack.figures.feedback_age_days_max and command.late_reason is None:
        raise LateReasonMissing(
            field="late_reason", age_days=age_days, age_days_max=pack.figures.feedback_age_days_max
        )
    must_be_in_order(command.produced_on, occurred_on, received_at)
    must_be_ahead(command.customer_deadline, received_at)
    return _registered(command, received_at, occurred_on, world)


def _registered(
    command: RegisterFeedback, received_at: datetime, occurred_on: date, world: World
) -> list[FeedbackCaseEvent]:
    pack = pack_in_force(world)
    said = dict(command) | {"received_at": received_at, "occurred_on": occurred_on}
    registered = FeedbackRegistered(
        case_no=next_no(world, "FB"),
        occurred_on_estimated=command.occurred_on is None,
        possible_duplicate_of=_possible_duplicate(command, world),
        due=due_when_registered(world, received_at, command.customer_deadline),
        **said,
    )
    seen = single_occurrence(command.qty_reported, registered.case_no, pack)
    if not seen.fires:
        return [registered]
    return [
        registered,
        OccurrenceQuantityTargetExceeded(
            case_no=registered.case_no,
            customer_id=registered.customer_id,
            spec_code=registered.spec_code,
            occurred_on=registered.occurred_on,
            decision=seen,
        ),
    ]


def _possible_duplicate(command: RegisterFeedback, world: World) -> str | None:
    if command.customer_ref is None:
        return None
    key = reference_key(command.customer_id, command.customer_ref)
    earlier = world.entry_in(CASE_BY_CUSTOMER_REF, key)
    return None if earlier is None else earlier.case_no


def open_transport_case(
    command: OpenTransportCase, case: FeedbackCase, world: World
) -> list[FeedbackCaseEvent]:
    """Register a damage and classify it at once: its class is known, and its limits run (R-10).

    Raises:
        AlreadyExists: the id is taken.
        AlreadyReported: the damage has its case.
    """
    if case.status is not CaseStatus.NOT_REGISTERED:
        raise AlreadyExists(case_no=case.case_no)
    told = RegisterFeedback(
        customer_id=command.customer_id,
        source_system=OWN_SYSTEM,
        external_ref=command.damage_no,
        channel=command.channel,
        life_phase=LifePhase.ZERO_KM,
        occurred_on=command.occurred_on,
        spec_code=command.spec_code,
        lot_no=command.lot_no,
        failure_mode=DAMAGED_IN_TRANSPORT,
        qty_reported=command.qty,
        description=command.description,
    )
    must_be_news(told, CASE_BY_SOURCE, world)
    registered = _registered(told, world.at, command.occurred_on, world)
    opened = reduce(
        FEEDBACK_CASE.evolve,
        (Happened(each, to="", by=SYSTEM, at=world.at) for each in registered),
        case,
    )
    classified = FeedbackClassified(
        **heading(opened),
        category=Category.TRANSPORT,
        severity=Severity.GENERAL,
        due=due_when_classified(world, Category.TRANSPORT, opened),
    )
    named = TransportPartyNamed(
        **heading(opened),
        rule_id="R-10",
        delivery_id=command.delivery_id,
        delivery_no=command.delivery_no,
        damage_no=command.damage_no,
        carrier_id=command.carrier_id,
    )
    return [*registered, classified, named]
