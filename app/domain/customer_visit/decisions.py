"""What can be asked of a customer visit, why it may say no, and what it answers."""

from typing import ClassVar, Final

from pydantic import Field

from app.domain.customer_visit.events import (
    CUSTOMER_VISIT,
    CustomerVisit,
    CustomerVisitRecorded,
    Satisfaction,
)
from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import AlreadyExists, InTheFuture, Invalid, Refused
from app.domain.feedback_case.events import FEEDBACK_CASE, CaseStatus
from app.domain.feedback_case.state import Channel
from app.domain.personal import CustomerPerson
from app.domain.registers.numbers import next_no
from app.domain.values import Code, CustomerId, Day, Id, Role, Text, shanghai_day


class VisitedCaseUnknown(Refused):
    """There is no such feedback case.

    「反馈单不存在。」
    """


class VisitedCaseOfAnother(Invalid):
    """The feedback case is another customer's.

    「回访顾客与反馈单顾客不一致。」
    """


class RecordCustomerVisit(Command):
    """Record what a customer said who was visited or called (用户回访)."""

    clause: ClassVar[str] = "3.4"
    roles: ClassVar[frozenset[Role]] = frozenset(
        {Role.TECH_ENGINEER, Role.TECH_DIRECTOR, Role.SALES_REP}
    )
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists, InTheFuture, VisitedCaseUnknown, VisitedCaseOfAnother)

    customer_id: CustomerId
    case_ids: tuple[Id, ...] = Field(
        default=(), max_length=50, description="The feedback cases that were talked about (反馈单)."
    )
    visited_on: Day
    channel: Channel = Field(default=Channel.VISIT, description="回访方式.")
    place: Text | None = None
    participants: tuple[CustomerPerson, ...] = Field(
        default=(), max_length=50, description="Who was there, of both sides (参加人)."
    )
    findings: Text = Field(description="What the customer said and what was seen (回访情况).")
    satisfaction: Satisfaction | None = None
    technical_service: Text | None = Field(
        default=None, description="What technical service was given (技术服务)."
    )
    follow_up: Text | None = Field(default=None, description="What is to follow (后续事项).")
    doc_ref: Code | None = Field(default=None, description="The number of the visit's record.")


def decide(
    asked: Asked[RecordCustomerVisit], visit: CustomerVisit, world: World
) -> list[CustomerVisitRecorded]:
    """Record it once, about cases of the same customer.

    Raises:
        AlreadyExists: the id is taken.
        InTheFuture: it has not taken place yet.
        VisitedCaseUnknown, VisitedCaseOfAnother: cases that do not fit.
    """
    command = asked.command
    if visit.visit_no:
        raise AlreadyExists(visit_no=visit.visit_no)
    today = shanghai_day(asked.at)
    if command.visited_on > today:
        raise InTheFuture(field="visited_on", today=today.isoformat())
    case_ids = tuple(dict.fromkeys(command.case_ids))
    recorded = CustomerVisitRecorded(
        visit_no=next_no(world, "CV"),
        case_nos=tuple(
            _case_no(world, each, command.customer_id, f"case_ids.{index}")
            for index, each in enumerate(case_ids)
        ),
        **(dict(command) | {"case_ids": case_ids}),
    )
    return [recorded]


def _case_no(world: World, case_id: str, customer_id: str, field: str) -> str:
    case = world.state_of(FEEDBACK_CASE, case_id)
    if case.status is CaseStatus.NOT_REGISTERED:
        raise VisitedCaseUnknown(field=field, case_id=case_id)
    if case.customer_id != customer_id:
        raise VisitedCaseOfAnother(field=field, case_customer_id=case.customer_id)
    return case.case_no


customer_visit: Final[Decider[RecordCustomerVisit, CustomerVisit, CustomerVisitRecorded]] = Decider(
    stream=CUSTOMER_VISIT,
    decide=decide,
    collection="customer-visits",
    label_zh="用户回访",
)
