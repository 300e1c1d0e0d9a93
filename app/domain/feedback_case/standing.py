"""What several decisions of a feedback case ask first, and what all its events repeat."""

from datetime import date, datetime
from typing import Any

from app.domain.feedback_case.refusals import (
    CaseIsOver,
    CaseNotClassified,
    DeadlineBeforeReceipt,
    OccurredAfterReceived,
    ProducedAfterOccurred,
)
from app.domain.feedback_case.state import FeedbackCase
from app.domain.values import Category, shanghai_day


def must_be_open(case: FeedbackCase) -> None:
    """Nothing is done to a case that is over.

    Raises:
        CaseIsOver: it is closed, voided or merged.
    """
    if case.is_over:
        raise CaseIsOver(case_no=case.case_no, status=case.status, merged_into=case.merged_into)


def category_of(case: FeedbackCase) -> Category:
    """The class of an open case.

    Raises:
        CaseIsOver: it is closed, voided or merged.
        CaseNotClassified: the clerk has not classified it yet.
    """
    must_be_open(case)
    if case.category is None:
        raise CaseNotClassified(case_no=case.case_no, next="ClassifyFeedback")
    return case.category


def must_be_in_order(
    produced_on: date | None, occurred_on: date, received_at: datetime, *, field: str = ""
) -> None:
    """A part is made, then fails, then somebody tells us.

    Raises:
        ProducedAfterOccurred, OccurredAfterReceived: it is the other way round.
    """
    if produced_on is not None and produced_on > occurred_on:
        raise ProducedAfterOccurred(
            field=f"{field}produced_on", occurred_on=occurred_on.isoformat()
        )
    received_on = shanghai_day(received_at)
    if occurred_on > received_on:
        raise OccurredAfterReceived(
            field=f"{field}occurred_on", received_on=received_on.isoformat()
        )


def must_be_ahead(
    customer_deadline: datetime | None, received_at: datetime, *, field: str = ""
) -> None:
    """A customer gives us time from when we are told; a limit before that is a slip.

    Raises:
        DeadlineBeforeReceipt: it was over before it began.
    """
    if customer_deadline is not None and customer_deadline < received_at:
        raise DeadlineBeforeReceipt(
            field=f"{field}customer_deadline", received_at=received_at.isoformat()
        )


def heading(case: FeedbackCase) -> dict[str, Any]:
    """The fields of `CaseEvent`."""
    return {
        "case_no": case.case_no,
        "customer_id": case.customer_id,
        "spec_code": case.spec_code,
        "occurred_on": case.occurred_on,
    }
