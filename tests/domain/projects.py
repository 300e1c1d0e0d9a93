"""A risk-control project on its way, for the specs that start in the middle of it."""

from typing import Any, Final

from app.domain.risk_control_project.commands import (
    AssignMember,
    CloseProject,
    NotifyCustomer,
    PublishProgress,
    ReachMilestone,
    ReviewDocument,
    VerifyProject,
)
from app.domain.risk_control_project.decisions import risk_control_project
from app.domain.risk_control_project.events import (
    CustomerNotified,
    DocumentReviewed,
    MemberAssigned,
    MilestoneReached,
    ProjectVerified,
    RiskControlProjectOpened,
)
from app.domain.risk_control_project.state import (
    DEPARTMENTS,
    DOCUMENTS,
    ProjectDocument,
    ProjectOccurrence,
)
from app.domain.values import Department
from tests.domain.cases import CASE_NO
from tests.people import DIRECTOR, ONE, POLICY, QUALITY_MANAGER, SALES, TECHNICIAN
from tests.spec import Spec

PROJECT_NO: Final = "RP-2025-000001"
SPEC_CODE: Final = "TC 85×105×10 FKM"
EVENT_ID: Final = "0194f3a2-7c1e-7b53-9d0a-3f6c2e8b1a47"
RECURRED: Final = ProjectOccurrence(
    kind="RECURRENCE", event_id=EVENT_ID, case_id=ONE, case_no=CASE_NO, customer_id="C01"
)
DECLARED: Final = ProjectOccurrence(kind="BATCH_DECLARED", event_id=EVENT_ID)


def opened(**changes: Any) -> RiskControlProjectOpened:  # noqa: ANN401 - any field of the event
    """A policy had it opened about a recurrence."""
    said = {
        "project_no": PROJECT_NO,
        "spec_code": SPEC_CODE,
        "cause_code": "M01",
        "lot_no": None,
        "departments": DEPARTMENTS,
        "occurrence": RECURRED,
        "reason": None,
    }
    return RiskControlProjectOpened.model_validate(said | changes)


def assign(department: Department, person: str = "He") -> AssignMember:
    """A person works on it."""
    return AssignMember(person=person, department=department)


def assigned(department: Department, person: str = "He") -> MemberAssigned:
    """It stands in the file."""
    return MemberAssigned(project_no=PROJECT_NO, **dict(assign(department, person)))


def review(document: ProjectDocument = "PFMEA", **changes: Any) -> ReviewDocument:  # noqa: ANN401
    """Nothing changes, another person verified it."""
    said = {
        "document": document,
        "doc_no": "D-085",
        "revision_before": "B",
        "result": "NO_CHANGE",
        "verified_by": "Guo",
    }
    return ReviewDocument.model_validate(said | changes)


def reviewed(document: ProjectDocument = "PFMEA", **changes: Any) -> DocumentReviewed:  # noqa: ANN401
    """It stands in the file."""
    return DocumentReviewed(project_no=PROJECT_NO, **dict(review(document, **changes)))


PUBLISH: Final = PublishProgress(phase="P", channel="BOARD", text="The trial is planned.")
REACH: Final = ReachMilestone(text="The first good lot.", customer_relevant=True)


def reached(*customers: str, number: int = 1, relevant: bool = True) -> MilestoneReached:
    """A milestone, and the customers concerned."""
    return MilestoneReached(
        project_no=PROJECT_NO,
        milestone=number,
        text=REACH.text,
        customer_relevant=relevant,
        customers=customers,
    )


def notify(customer_id: str = "C01", milestone: int = 1) -> NotifyCustomer:
    """Sales tells a customer."""
    return NotifyCustomer(milestone=milestone, customer_id=customer_id, doc_ref="LT-1")


def notified(customer_id: str = "C01", milestone: int = 1) -> CustomerNotified:
    """The customer knows."""
    return CustomerNotified(project_no=PROJECT_NO, **dict(notify(customer_id, milestone)))


VERIFY: Final = VerifyProject(findings="No missing rubber in three lots.")
VERIFIED: Final = ProjectVerified(project_no=PROJECT_NO, findings=VERIFY.findings)
CLOSE: Final = CloseProject(summary="Control plan and PFMEA are revised.")

new_project: Final = Spec(risk_control_project)
just_opened: Final = new_project.given(POLICY.did(opened()))
running: Final = just_opened.given(
    *(QUALITY_MANAGER.did(assigned(department)) for department in DEPARTMENTS)
)
ready: Final = running.given(*(TECHNICIAN.did(reviewed(document)) for document in DOCUMENTS))
complete: Final = ready.given(
    QUALITY_MANAGER.did(reached("C01")),
    SALES.did(notified()),
    DIRECTOR.did(VERIFIED),
)
