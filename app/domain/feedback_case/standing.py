"""What several decisions of a feedback case ask first, and what all its events repeat."""

from typing import Any

from app.domain.feedback_case.refusals import CaseIsOver, CaseNotClassified
from app.domain.feedback_case.state import FeedbackCase
from app.domain.values import Category


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


def heading(case: FeedbackCase) -> dict[str, Any]:
    """The fields of `CaseEvent`."""
    return {
        "case_no": case.case_no,
        "customer_id": case.customer_id,
        "spec_code": case.spec_code,
        "occurred_on": case.occurred_on,
    }
