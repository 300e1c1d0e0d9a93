"""What can happen to a customer visit, and what it adds up to."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final

from app.domain.decider import Event, Happened, Stream
from app.domain.feedback_case.state import Channel
from app.domain.personal import CustomerPerson
from app.domain.values import Code, CustomerId, Id, Text


class Satisfaction(StrEnum):
    """How content the customer is (满意程度)."""

    SATISFIED = "SATISFIED"
    NEUTRAL = "NEUTRAL"
    DISSATISFIED = "DISSATISFIED"


class CustomerVisitRecorded(Event):
    """Somebody heard from a customer how things are."""

    clause: ClassVar[str] = "3.4"
    numbered: ClassVar[str | None] = "visit_no"

    visit_no: Code
    customer_id: CustomerId
    case_ids: tuple[Id, ...]
    case_nos: tuple[Code, ...]
    visited_on: date
    channel: Channel
    place: Text | None
    participants: tuple[CustomerPerson, ...]
    findings: Text
    satisfaction: Satisfaction | None
    technical_service: Text | None
    follow_up: Text | None
    doc_ref: Code | None


@dataclass(frozen=True, slots=True)
class CustomerVisit:
    """A visit as it was recorded."""

    visit_no: str = ""
    customer_id: str = ""
    case_ids: tuple[str, ...] = ()
    case_nos: tuple[str, ...] = ()
    visited_on: date = date.min
    channel: Channel = Channel.VISIT
    place: str | None = None
    participants: tuple[str, ...] = ()
    findings: str = ""
    satisfaction: Satisfaction | None = None
    technical_service: str | None = None
    follow_up: str | None = None
    doc_ref: str | None = None
    recorded_by: str = ""


def evolve(_: CustomerVisit, happened: Happened[CustomerVisitRecorded]) -> CustomerVisit:
    """Apply the one event."""
    return CustomerVisit(recorded_by=happened.by.person, **happened.event.said())


CUSTOMER_VISIT: Final = Stream(name="customer-visit", initial=CustomerVisit(), evolve=evolve)
