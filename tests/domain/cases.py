"""A feedback case on its way, for the specs that start in the middle of it."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from app.domain.cause_catalogue.events import CAUSE_CATALOGUE, CauseDefined, CauseRetired
from app.domain.decider import SINGLE, Happened
from app.domain.feedback_case.commands import (
    ClassifyFeedback,
    ConfirmQuantity,
    RecordContainment,
    RegisterFeedback,
    StartEmergencyAction,
)
from app.domain.feedback_case.decisions import feedback_case
from app.domain.feedback_case.events import (
    FeedbackCaseEvent,
    FeedbackClassified,
    FeedbackForwarded,
    FeedbackRegistered,
    QuantityConfirmed,
    RootCauseApproved,
    RootCauseDetermined,
)
from app.domain.feedback_case.replies import ReplyToCustomer
from app.domain.feedback_case.state import (
    Area,
    CauseMethod,
    Channel,
    ContainmentAction,
    LifePhase,
    ReplyStage,
    Severity,
)
from app.domain.values import Category, CauseClass, Department
from tests.people import (
    CLERK,
    ENGINEER,
    NOON,
    QUALITY_MANAGER,
)
from tests.spec import Spec

CASE_NO: Final = "FB-2025-000001"
TODAY: Final = date(2025, 3, 3)
HEADING: Final[dict[str, Any]] = {
    "case_no": CASE_NO,
    "customer_id": "C01",
    "spec_code": "TC 85×105×10 FKM",
    "occurred_on": date(2025, 3, 1),
}
TWO: Final = "00000000-0000-7000-8000-000000000002"
REASON: Final = "It was told twice."
REGISTER: Final = RegisterFeedback(
    customer_id="C01",
    customer_ref="QN-77",
    channel=Channel.EMAIL,
    occurred_on=date(2025, 3, 1),
    life_phase=LifePhase.ZERO_KM,
    spec_code="TC 85×105×10 FKM",
    lot_no="L2501",
    produced_on=date(2025, 1, 15),
    failure_mode="Oil leaks at the lip.",
    qty_reported=2,
    description="Found on the test bench.",
)

CLASSIFY: Final = ClassifyFeedback(category=Category.PRODUCT, severity=Severity.GENERAL)
REPLY: Final = ReplyToCustomer(stage=ReplyStage.FINAL, doc_ref="RE-1")
CONTAIN: Final = RecordContainment(
    area=Area.WAREHOUSE, lot_no="L2501", checked=100, nok=5, action=ContainmentAction.SORT
)
EMERGENCY: Final = StartEmergencyAction(
    reason="The press is down.", plan_ref="EP-3", action="Deliver from C-stock.", owner="Ma"
)


def registered(**changes: Any) -> FeedbackRegistered:  # noqa: ANN401 - any field of the event
    """What `REGISTER` leads to."""
    more = {
        "case_no": CASE_NO,
        "received_at": NOON,
        "occurred_on_estimated": False,
        "possible_duplicate_of": None,
    }
    return FeedbackRegistered(**(dict(REGISTER) | more | changes))


def classified(category: Category = Category.PRODUCT) -> FeedbackClassified:
    """A general matter."""
    return FeedbackClassified(**HEADING, category=category, severity=Severity.GENERAL)


def forwarded(*departments: Department) -> FeedbackForwarded:
    """A product case went to these departments."""
    return FeedbackForwarded(**HEADING, category=Category.PRODUCT, to_departments=departments)


def determined(cause_code: str = "M01") -> RootCauseDetermined:
    """Somebody found a cause of manufacturing."""
    return RootCauseDetermined(
        **HEADING,
        category=Category.PRODUCT,
        produced_on=REGISTER.produced_on,
        cause_code=cause_code,
        cause_class=CauseClass.MANUFACTURING,
        occurrence_cause="The mould was worn.",
        escape_cause=None,
        system_cause=None,
        method=CauseMethod.FIVE_WHY,
        evidence=("PH-1",),
        supersedes=None,
        supersedes_reason=None,
    )


def approved(cause_code: str = "M01", replaces: str | None = None) -> RootCauseApproved:
    """A second person stands by it."""
    return RootCauseApproved(
        **HEADING,
        category=Category.PRODUCT,
        produced_on=REGISTER.produced_on,
        lot_no=REGISTER.lot_no,
        cause_code=cause_code,
        cause_class=CauseClass.MANUFACTURING,
        replaces=replaces,
    )


def asked_with(**changes: Any) -> RegisterFeedback:  # noqa: ANN401 - any field of the command
    """`REGISTER`, changed and checked anew."""
    return RegisterFeedback.model_validate(dict(REGISTER) | changes)


def confirm(pieces: int) -> ConfirmQuantity:
    """QA counted."""
    return ConfirmQuantity(qty_confirmed=pieces, basis="Counted at the line.")


def confirmed(before: int, pieces: int) -> QuantityConfirmed:
    """QA stands by it."""
    return QuantityConfirmed(
        **HEADING, qty_before=before, qty_confirmed=pieces, basis="Counted at the line."
    )


def _cause(code: str) -> Happened[Any]:
    defined = CauseDefined(
        code=code, zh="缺胶", en="missing rubber", cause_class=CauseClass.MANUFACTURING
    )
    return QUALITY_MANAGER.did(defined, to=SINGLE)


CATALOGUE: Final = tuple(
    (CAUSE_CATALOGUE.name, happened)
    for happened in (
        _cause("M01"),
        _cause("M02"),
        _cause("OLD"),
        QUALITY_MANAGER.did(CauseRetired(code="OLD", reason="Not used."), to=SINGLE),
    )
)

NEW_CASE: Final = Spec(feedback_case)
KNOWN: Final = replace(NEW_CASE, elsewhere=NEW_CASE.elsewhere + CATALOGUE)
REGISTERED: Final = KNOWN.given(CLERK.did(registered()))
CLASSIFIED: Final = REGISTERED.given(CLERK.did(classified()))
DETERMINED: Final = CLASSIFIED.given(ENGINEER.did(determined()))
APPROVED: Final = DETERMINED.given(QUALITY_MANAGER.did(approved()))


def of_class(category: Category) -> "Spec[Any, Any, FeedbackCaseEvent]":
    """A case of that class."""
    return REGISTERED.given(CLERK.did(classified(category)))
