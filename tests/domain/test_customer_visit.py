"""The customer visit: one fact, about cases of the same customer."""

from datetime import date

from app.domain.customer_visit.decisions import (
    RecordCustomerVisit,
    VisitedCaseOfAnother,
    VisitedCaseUnknown,
    customer_visit,
)
from app.domain.customer_visit.events import CustomerVisitRecorded, Satisfaction
from app.domain.errors import AlreadyExists, InTheFuture, WrongRole
from app.domain.feedback_case.events import FEEDBACK_CASE
from tests.domain.cases import CASE_NO, registered
from tests.people import CLERK, DIRECTOR, SALES, TECHNICIAN
from tests.spec import Spec

CASE_ID = "00000000-0000-7000-8000-00000000000c"
RECORD = RecordCustomerVisit(
    customer_id="C01",
    case_ids=(CASE_ID, CASE_ID),
    visited_on=date(2025, 3, 3),
    place="Jinan",
    participants=("He", "Zhou"),
    findings="No leak since the sleeve is used.",
    satisfaction=Satisfaction.SATISFIED,
    follow_up="Call again in May.",
)
RECORDED = CustomerVisitRecorded(
    visit_no="CV-2025-000001",
    case_nos=(CASE_NO,),
    **(dict(RECORD) | {"case_ids": (CASE_ID,)}),
)
new_visit = Spec(customer_visit)
with_case = new_visit.around({FEEDBACK_CASE: (CLERK.did(registered(), to=CASE_ID),)})


def test_engineering_and_sales_record_what_a_customer_said() -> None:
    for who in (TECHNICIAN, DIRECTOR, SALES):
        with_case.when(who.asks(RECORD)).then(RECORDED)
    with_case.when(CLERK.asks(RECORD)).then_refused(WrongRole)
    bare = RECORD.model_copy(update={"case_ids": ()})
    new_visit.when(SALES.asks(bare)).then(
        RECORDED.model_copy(update={"case_ids": (), "case_nos": ()})
    )


def test_a_visit_took_place_and_is_about_cases_of_the_customer() -> None:
    tomorrow = RECORD.model_copy(update={"visited_on": date(2025, 3, 4)})
    with_case.when(SALES.asks(tomorrow)).then_refused(InTheFuture, today="2025-03-03")
    new_visit.when(SALES.asks(RECORD)).then_refused(VisitedCaseUnknown, case_id=CASE_ID)
    other = RECORD.model_copy(update={"customer_id": "C02"})
    with_case.when(SALES.asks(other)).then_refused(VisitedCaseOfAnother, case_customer_id="C01")


def test_a_visit_is_recorded_once() -> None:
    recorded = with_case.given(SALES.did(RECORDED))

    recorded.when(SALES.asks(RECORD)).then_refused(AlreadyExists, visit_no="CV-2025-000001")
    assert recorded.state().recorded_by == "Gao"
    assert recorded.state().case_nos == (CASE_NO,)
