"""The feedback case: registered once, classified before anything else, forwarded by its class."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.domain.decider import Command
from app.domain.errors import (
    AlreadyExists,
    AlreadyReported,
    InTheFuture,
    NotFound,
    SourceIncomplete,
    WrongRole,
)
from app.domain.feedback_case.commands import (
    AcknowledgeFeedback,
    CloseCase,
    ForwardFeedback,
    ReclassifyFeedback,
)
from app.domain.feedback_case.decisions import FORWARDING
from app.domain.feedback_case.events import (
    FEEDBACK_CASE,
    UNKNOWN_SPEC,
    CaseVoided,
    ContainmentRecorded,
    EmergencyActionStarted,
    FeedbackAcknowledged,
    FeedbackForwarded,
    FeedbackReclassified,
)
from app.domain.feedback_case.refusals import (
    AlreadyAcknowledged,
    AlreadyClassified,
    BeforeReceipt,
    CaseIsOver,
    CaseNotClassified,
    ClassUnchanged,
    DeadlineBeforeReceipt,
    DepartmentMismatch,
    LateReasonMissing,
    MoreNokThanChecked,
    OccurredAfterReceived,
    ProducedAfterOccurred,
)
from app.domain.feedback_case.replies import RecordCustomerAnswer
from app.domain.feedback_case.state import (
    CaseStatus,
    Channel,
    Outcome,
    Severity,
)
from app.domain.values import Category, Department
from tests.domain.cases import (
    CASE_NO,
    CLASSIFIED,
    CLASSIFY,
    CONTAIN,
    DETERMINED,
    EMERGENCY,
    HEADING,
    NEW_CASE,
    REASON,
    REGISTER,
    REGISTERED,
    REPLY,
    TODAY,
    TWO,
    asked_with,
    classified,
    confirm,
    forwarded,
    of_class,
    registered,
)
from tests.people import (
    CLERK,
    ENGINEER,
    ERP,
    NOON,
    ONE,
    PRODUCTION,
    QUALITY_MANAGER,
    SALES,
)

# --- registering ----------------------------------------------------------------------------


def test_feedback_is_registered_under_a_number_of_its_own() -> None:
    NEW_CASE.when(CLERK.asks(REGISTER)).then(registered())
    NEW_CASE.when(ERP.asks(REGISTER)).then(registered())
    NEW_CASE.when(ENGINEER.asks(REGISTER)).then_refused(WrongRole)
    REGISTERED.when(CLERK.asks(REGISTER)).then_refused(AlreadyExists, case_no=CASE_NO)


def test_a_part_that_nobody_can_name_yet_has_an_unknown_spec() -> None:
    unknown = asked_with(spec_code=UNKNOWN_SPEC)

    NEW_CASE.when(CLERK.asks(unknown)).then(registered(spec_code=UNKNOWN_SPEC))


def test_a_day_that_is_not_known_is_the_day_of_receipt_and_marked() -> None:
    late_evening = datetime(2025, 3, 1, 16, 30, tzinfo=UTC)

    NEW_CASE.when(CLERK.asks(asked_with(occurred_on=None, received_at=late_evening))).then(
        registered(
            occurred_on=date(2025, 3, 2), occurred_on_estimated=True, received_at=late_evening
        )
    )


def test_an_instant_becomes_the_day_in_shanghai_once() -> None:
    before = asked_with(occurred_on=datetime(2025, 2, 28, 15, 59, 59, tzinfo=UTC))
    after = asked_with(occurred_on=datetime(2025, 2, 28, 16, 0, 0, tzinfo=UTC))

    NEW_CASE.when(CLERK.asks(before)).then(registered(occurred_on=date(2025, 2, 28)))
    NEW_CASE.when(CLERK.asks(after)).then(registered(occurred_on=date(2025, 3, 1)))


def test_nothing_is_received_or_occurs_in_the_future() -> None:
    second = timedelta(seconds=1)

    NEW_CASE.when(CLERK.asks(asked_with(received_at=NOON))).then(registered())
    NEW_CASE.when(CLERK.asks(asked_with(received_at=NOON + second))).then_refused(InTheFuture)
    NEW_CASE.when(CLERK.asks(asked_with(occurred_on=TODAY))).then(registered(occurred_on=TODAY))
    tomorrow = asked_with(occurred_on=TODAY + timedelta(days=1))
    NEW_CASE.when(CLERK.asks(tomorrow)).then_refused(InTheFuture, today="2025-03-03")


def test_an_occurrence_of_more_than_400_days_ago_needs_a_reason() -> None:
    just, older = TODAY - timedelta(days=400), TODAY - timedelta(days=401)
    reason = "The dealer sent it by sea."

    def said(day: date, late_reason: str | None = None) -> dict[str, Any]:
        return {"occurred_on": day, "produced_on": None, "late_reason": late_reason}

    NEW_CASE.when(CLERK.asks(asked_with(**said(just)))).then(registered(**said(just)))
    NEW_CASE.when(CLERK.asks(asked_with(**said(older)))).then_refused(
        LateReasonMissing, age_days=401, age_days_max=400
    )
    NEW_CASE.when(CLERK.asks(asked_with(**said(older, reason)))).then(
        registered(**said(older, reason))
    )


def test_a_part_is_made_before_it_fails() -> None:
    same_day = asked_with(produced_on=date(2025, 3, 1))
    day_after = asked_with(produced_on=date(2025, 3, 2))

    NEW_CASE.when(CLERK.asks(same_day)).then(registered(produced_on=date(2025, 3, 1)))
    NEW_CASE.when(CLERK.asks(day_after)).then_refused(ProducedAfterOccurred)


def test_nobody_tells_of_a_failure_before_it_occurs() -> None:
    last_moment = datetime(2025, 3, 1, 15, 59, 59, tzinfo=UTC)
    day_before = datetime(2025, 2, 28, 15, 59, 59, tzinfo=UTC)

    NEW_CASE.when(CLERK.asks(asked_with(received_at=last_moment))).then(
        registered(received_at=last_moment)
    )
    NEW_CASE.when(CLERK.asks(asked_with(received_at=day_before))).then_refused(
        OccurredAfterReceived, received_on="2025-02-28"
    )


def test_a_customers_deadline_is_not_over_before_it_begins() -> None:
    before = asked_with(received_at=NOON, customer_deadline=NOON - timedelta(seconds=1))

    NEW_CASE.when(CLERK.asks(before)).then_refused(DeadlineBeforeReceipt)


def test_a_source_system_reports_a_number_once() -> None:
    source = {"source_system": "CRM", "external_ref": "4711"}
    plain = CLERK.did(registered(customer_ref=None), to=ONE[:-1] + "3")
    told = NEW_CASE.around({FEEDBACK_CASE: (plain, ERP.did(registered(**source), to=TWO))})
    again = asked_with(**source, customer_ref=None)

    told.when(ERP.asks(again)).then_refused(AlreadyReported, case_id=TWO, case_no=CASE_NO)
    other = asked_with(source_system="ERP", external_ref="4711", customer_ref=None)
    assert told.when(ERP.asks(other)).answer()


@pytest.mark.parametrize("half", [{"source_system": "CRM"}, {"external_ref": "4711"}])
def test_half_a_natural_key_is_none(half: dict[str, str]) -> None:
    NEW_CASE.when(ERP.asks(asked_with(**half))).then_refused(SourceIncomplete)


def test_the_same_reference_of_the_same_customer_hints_at_a_duplicate() -> None:
    told = NEW_CASE.around(
        {
            FEEDBACK_CASE: (
                CLERK.did(registered(customer_ref=None), to=ONE[:-1] + "4"),
                CLERK.did(registered(), to=TWO),
                CLERK.did(registered(case_no="FB-2025-000002"), to=ONE[:-1] + "3"),
            )
        }
    )
    third: dict[str, Any] = {"case_no": "FB-2025-000003"}

    told.when(CLERK.asks(REGISTER)).then(registered(**third, possible_duplicate_of=CASE_NO))
    told.when(CLERK.asks(asked_with(customer_ref=None))).then(
        registered(**third, customer_ref=None)
    )
    told.when(CLERK.asks(asked_with(customer_id="C02"))).then(
        registered(**third, customer_id="C02")
    )


# --- the class comes first ------------------------------------------------------------------


def test_a_case_is_classified_once() -> None:
    REGISTERED.when(CLERK.asks(CLASSIFY)).then(classified())
    CLASSIFIED.when(CLERK.asks(CLASSIFY)).then_refused(AlreadyClassified, next="ReclassifyFeedback")
    NEW_CASE.when(CLERK.asks(CLASSIFY)).then_refused(NotFound)


@pytest.mark.parametrize(
    ("who", "command"),
    [
        (CLERK, ForwardFeedback(to_departments=(Department.QA,))),
        (SALES, AcknowledgeFeedback(channel=Channel.PHONE)),
        (CLERK, EMERGENCY),
        (PRODUCTION, CONTAIN),
        (ENGINEER, confirm(1)),
        (SALES, REPLY),
        (SALES, RecordCustomerAnswer(outcome=Outcome.ACCEPTED)),
        (ENGINEER, CloseCase()),
        (
            ENGINEER,
            ReclassifyFeedback(
                category=Category.SERVICE, severity=Severity.GENERAL, reason="It was rude."
            ),
        ),
    ],
)
def test_nothing_is_done_before_the_class_is_known_or_after_the_end(
    who: Any,  # noqa: ANN401 - a person
    command: Command,
) -> None:
    voided = CaseVoided(**HEADING, cause_code=None, reason=REASON)

    REGISTERED.when(who.asks(command)).then_refused(CaseNotClassified)
    CLASSIFIED.given(QUALITY_MANAGER.did(voided)).when(who.asks(command)).then_refused(CaseIsOver)


def test_qa_changes_the_class_with_a_reason_and_it_is_forwarded_anew() -> None:
    change = ReclassifyFeedback(
        category=Category.TRANSPORT, severity=Severity.SERIOUS, reason="The box was crushed."
    )
    changed = FeedbackReclassified(
        **HEADING,
        **dict(change),
        old_category=Category.PRODUCT,
        old_severity=Severity.GENERAL,
        cause_code="M01",
    )
    sent = DETERMINED.given(CLERK.did(forwarded(Department.QA)))

    sent.when(ENGINEER.asks(change)).then(changed)
    after = sent.given(ENGINEER.did(changed)).state()
    assert (after.category, after.severity) == (Category.TRANSPORT, Severity.SERIOUS)
    assert after.forwarded_to == ()
    same = change.model_copy(update={"category": Category.PRODUCT, "severity": Severity.GENERAL})
    sent.when(ENGINEER.asks(same)).then_refused(ClassUnchanged)


# --- forwarding -----------------------------------------------------------------------------

QA, SALES_DEPT, TECH, WORKSHOP, LOGISTICS = (
    Department.QA,
    Department.SALES,
    Department.TECH,
    Department.PRODUCTION,
    Department.LOGISTICS,
)


@pytest.mark.parametrize(
    ("category", "to", "fits"),
    [
        (Category.DELIVERY, (SALES_DEPT,), True),
        (Category.DELIVERY, (SALES_DEPT, QA), False),
        (Category.DELIVERY, (QA,), False),
        (Category.PRODUCT, (QA,), True),
        (Category.PRODUCT, (QA, TECH, WORKSHOP), True),
        (Category.PRODUCT, (TECH,), False),
        (Category.PRODUCT, (QA, LOGISTICS), False),
        (Category.PACKAGING, (QA, LOGISTICS), True),
        (Category.PACKAGING, (QA,), False),
        (Category.TRANSPORT, (QA, LOGISTICS), True),
        (Category.TRANSPORT, (LOGISTICS,), False),
        (Category.SERVICE, (SALES_DEPT,), True),
        (Category.SERVICE, (QA,), False),
    ],
)
def test_the_class_says_which_departments_must_know(
    category: Category,
    to: tuple[Department, ...],
    fits: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    asked = of_class(category).when(CLERK.asks(ForwardFeedback(to_departments=to)))

    if fits:
        in_order = tuple(each for each in Department if each in to)
        asked.then(FeedbackForwarded(**HEADING, category=category, to_departments=in_order))
    else:
        required, copies = FORWARDING[category]
        asked.then_refused(
            DepartmentMismatch,
            category=category,
            required=sorted(required),
            copies_allowed=sorted(copies),
        )


def test_a_copy_may_follow_later() -> None:
    sent = CLASSIFIED.given(CLERK.did(forwarded(QA)))
    copy = ForwardFeedback(to_departments=(TECH,))

    sent.when(CLERK.asks(copy)).then(forwarded(TECH))
    twice = sent.given(CLERK.did(forwarded(QA, TECH), at=NOON + timedelta(hours=1))).state()
    assert twice.forwarded_to == (QA, TECH)
    assert twice.forwarded_at == NOON


def test_a_receipt_is_acknowledged_once_and_at_a_possible_time() -> None:
    def ack(minutes: int | None) -> AcknowledgeFeedback:
        told_at = None if minutes is None else NOON + timedelta(minutes=minutes)
        return AcknowledgeFeedback(channel=Channel.PHONE, acknowledged_at=told_at)

    later = NOON + timedelta(hours=1)
    told = FeedbackAcknowledged(**HEADING, acknowledged_at=NOON, channel=Channel.PHONE)

    CLASSIFIED.when(CLERK.asks(ack(None))).then(told)
    CLASSIFIED.when(SALES.asks(ack(0), at=later)).then(told)
    CLASSIFIED.when(SALES.asks(ack(61), at=later)).then_refused(InTheFuture)
    CLASSIFIED.when(SALES.asks(ack(-1), at=later)).then_refused(BeforeReceipt)
    acknowledged = CLASSIFIED.given(CLERK.did(told))
    acknowledged.when(CLERK.asks(ack(None))).then_refused(AlreadyAcknowledged)
    assert acknowledged.state().acknowledged_at == NOON


# --- first aid ------------------------------------------------------------------------------


def test_emergency_handling_starts_whenever_it_is_needed() -> None:
    started = EmergencyActionStarted(**HEADING, **dict(EMERGENCY))

    for who in (CLERK, ENGINEER):
        CLASSIFIED.when(who.asks(EMERGENCY)).then(started)
    (action,) = CLASSIFIED.given(CLERK.did(started)).state().emergency_actions
    assert (action.plan_ref, action.owner, action.started_at) == ("EP-3", "Ma", NOON)


def test_no_more_pieces_are_faulty_than_were_checked() -> None:
    recorded = ContainmentRecorded(**HEADING, **dict(CONTAIN))
    all_faulty = CONTAIN.model_copy(update={"nok": 100})

    CLASSIFIED.when(PRODUCTION.asks(CONTAIN)).then(recorded)
    CLASSIFIED.when(ENGINEER.asks(all_faulty)).then(recorded.model_copy(update={"nok": 100}))
    CLASSIFIED.when(ENGINEER.asks(CONTAIN.model_copy(update={"nok": 101}))).then_refused(
        MoreNokThanChecked, checked=100
    )
    contained = CLASSIFIED.given(PRODUCTION.did(recorded)).state()
    assert contained.status is CaseStatus.CONTAINED
    assert contained.containments[0].recorded_by == PRODUCTION.name
