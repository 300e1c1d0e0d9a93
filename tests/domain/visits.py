"""A service visit on its way, for the specs that start in the middle of it."""

from datetime import timedelta
from typing import Any, Final

from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.money import Money
from app.domain.service_visit.commands import (
    CompleteServiceVisit,
    DispatchServiceVisit,
    RecordServiceFinding,
)
from app.domain.service_visit.decisions import service_visit
from app.domain.service_visit.events import (
    ServiceFindingRecorded,
    ServiceVisitCompleted,
    ServiceVisitDispatched,
    ServiceVisitStarted,
)
from app.domain.service_visit.state import (
    CustomerSignature,
    ServiceWork,
    VisitCost,
    VisitProvince,
)
from tests.domain.cases import CASE_NO, classified, registered
from tests.people import CLERK, ENGINEER, NOON, SERVICE
from tests.spec import Spec

CASE_ID: Final = "00000000-0000-7000-8000-00000000000c"
VISIT_NO: Final = "SV-2025-000001"
HEADING: Final[dict[str, Any]] = {
    "visit_no": VISIT_NO,
    "case_id": CASE_ID,
    "case_no": CASE_NO,
    "customer_id": "C01",
    "spec_code": "TC 85×105×10 FKM",
}
SOON: Final = NOON + timedelta(hours=5)
LATER: Final = NOON + timedelta(hours=7)


def dispatch(province: VisitProvince = VisitProvince.SAME) -> DispatchServiceVisit:
    """Somebody is to go."""
    return DispatchServiceVisit(
        case_id=CASE_ID,
        person="Luo",
        place="Jinan, gate 3",
        province=province,
        bring="Ten seals, a mounting sleeve",
        purpose="See the leak and sort the stock.",
    )


def dispatched(hours: int = 24) -> ServiceVisitDispatched:
    """Somebody goes."""
    said = dict(dispatch(VisitProvince.SAME if hours == 24 else VisitProvince.OTHER))
    return ServiceVisitDispatched(**(HEADING | said), start_by=NOON + timedelta(hours=hours))


STARTED: Final = ServiceVisitStarted(**HEADING, started_at=SOON)
FIND: Final = RecordServiceFinding(
    work=ServiceWork.SORT, findings="Two of forty leak.", qty=40, photos=("PH-7",)
)
FOUND: Final = ServiceFindingRecorded(**HEADING, **dict(FIND))
SIGNATURE: Final = CustomerSignature(name="Zhou", signed_at=LATER, doc_ref="SR-1")
COST: Final = VisitCost(
    travel=Money(amount="312.50"), labour=Money(amount="200.00"), material=Money(amount="0.00")
)
COMPLETE: Final = CompleteServiceVisit(customer_signature=SIGNATURE, cost=COST)


def completed(**said: Any) -> ServiceVisitCompleted:  # noqa: ANN401 - any field of the event
    """The customer signed."""
    whole: dict[str, Any] = {
        "customer_signature": SIGNATURE,
        "not_signed_because": None,
        "travel_fen": 312_50,
        "labour_fen": 200_00,
        "material_fen": 0,
        "cost_fen": 512_50,
        "completed_at": LATER,
    }
    return ServiceVisitCompleted(**HEADING, **(whole | said))


new_visit: Final = Spec(service_visit)
with_case: Final = new_visit.around(
    {FEEDBACK_CASE: (CLERK.did(registered(), to=CASE_ID), CLERK.did(classified(), to=CASE_ID))}
)
on_the_way: Final = with_case.given(ENGINEER.did(dispatched()))
there: Final = on_the_way.given(SERVICE.did(STARTED, at=SOON))
looked: Final = there.given(SERVICE.did(FOUND, at=SOON))
done: Final = looked.given(SERVICE.did(completed(), at=LATER))
