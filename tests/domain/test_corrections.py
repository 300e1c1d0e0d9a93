"""What was registered wrongly: one person says so, another agrees, the fact itself stays."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest
from pydantic import ValidationError

from app.domain.corrections import (
    CorrectionWaits,
    FieldChange,
    NoCorrectionWaits,
    NothingCorrected,
    SodCorrection,
)
from app.domain.errors import InTheFuture
from app.domain.feedback_case.corrections import (
    ApproveFeedbackCorrection,
    ProposeFeedbackCorrection,
    RejectFeedbackCorrection,
)
from app.domain.feedback_case.events import FeedbackCorrected, OccurrenceQuantityTargetExceeded
from app.domain.feedback_case.facts import (
    FeedbackCorrectionProposed,
    FeedbackCorrectionRejected,
)
from app.domain.feedback_case.refusals import DeadlineBeforeReceipt, ProducedAfterOccurred
from app.domain.feedback_case.state import FeedbackChanges
from app.domain.values import Role
from tests.domain.cases import HEADING, KNOWN, REGISTERED, registered
from tests.people import CLERK, ENGINEER, QUALITY_MANAGER

WHY: Final = "The clerk mixed up two mails."
FIRST: Final = "0194f3a2-7c1e-7b53-9d0a-3f6c2e8b1a47"
CASE: Final = KNOWN.given(replace(CLERK.did(registered()), event_id=FIRST))


def proposing(**changes: Any) -> ProposeFeedbackCorrection:  # noqa: ANN401 - any field
    """A correction of these fields."""
    return ProposeFeedbackCorrection(changes=FeedbackChanges.model_validate(changes), reason=WHY)


def proposed(field: str, old: object, new: object) -> FeedbackCorrectionProposed:
    """One field, as it was and as it should be."""
    change = FieldChange(field=field, old=old, new=new)
    return FeedbackCorrectionProposed(
        **HEADING, corrects_event_id=FIRST, changes=(change,), reason=WHY
    )


def corrected(field: str, old: object, new: object) -> FeedbackCorrected:
    """Two persons stand by it."""
    return FeedbackCorrected(
        **HEADING,
        corrects_event_id=FIRST,
        changes=(FieldChange(field=field, old=old, new=new),),
        reason=WHY,
        proposed_by=CLERK.name,
        cause_code=None,
    )


def test_one_proposes_and_another_approves() -> None:
    waiting = CASE.given(CLERK.did(proposed("occurred_on", "2025-03-01", "2025-02-28")))

    CASE.when(CLERK.asks(proposing(occurred_on="2025-02-28"))).then(
        proposed("occurred_on", "2025-03-01", "2025-02-28")
    )
    assert waiting.state().occurred_on == date(2025, 3, 1)
    approved = corrected("occurred_on", "2025-03-01", "2025-02-28")
    waiting.when(ENGINEER.asks(ApproveFeedbackCorrection())).then(approved)

    after = waiting.given(ENGINEER.did(approved)).state()
    assert after.occurred_on == date(2025, 2, 28)
    assert after.correction is None
    assert len(after.corrections) == 1


def test_the_proposer_does_not_approve_under_another_hat() -> None:
    waiting = CASE.given(CLERK.did(proposed("lot_no", "L2501", None)))
    other_hat = CLERK.wearing(Role.QA_MANAGER)

    waiting.when(other_hat.asks(ApproveFeedbackCorrection())).then_refused(SodCorrection)
    waiting.when(other_hat.asks(RejectFeedbackCorrection(reason=WHY))).then_refused(SodCorrection)
    rejected = FeedbackCorrectionRejected(**HEADING, reason=WHY)
    waiting.when(QUALITY_MANAGER.asks(RejectFeedbackCorrection(reason=WHY))).then(rejected)
    after = waiting.given(QUALITY_MANAGER.did(rejected)).state()
    assert (after.correction, after.lot_no) == (None, "L2501")


def test_one_correction_waits_at_a_time_and_one_must_wait() -> None:
    waiting = CASE.given(CLERK.did(proposed("lot_no", "L2501", "L2502")))

    waiting.when(ENGINEER.asks(proposing(lot_no="L2503"))).then_refused(CorrectionWaits)
    CASE.when(ENGINEER.asks(ApproveFeedbackCorrection())).then_refused(NoCorrectionWaits)


def test_a_field_may_be_emptied_and_what_stands_already_is_no_correction() -> None:
    CASE.when(CLERK.asks(proposing(lot_no=None))).then(proposed("lot_no", "L2501", None))
    CASE.when(CLERK.asks(proposing(lot_no="L2501"))).then_refused(NothingCorrected)
    CASE.when(CLERK.asks(proposing())).then_refused(NothingCorrected)


@pytest.mark.parametrize("field", ["occurred_on", "spec_code", "qty_reported"])
def test_what_every_case_has_is_not_emptied(field: str) -> None:
    with pytest.raises(ValidationError, match="cannot be emptied"):
        proposing(**{field: None})


def test_corrected_days_must_make_sense_with_those_that_stay() -> None:
    CASE.when(CLERK.asks(proposing(occurred_on="2025-03-04"))).then_refused(InTheFuture)
    CASE.when(CLERK.asks(proposing(occurred_on="2025-01-14"))).then_refused(ProducedAfterOccurred)
    CASE.when(CLERK.asks(proposing(produced_on="2025-03-02"))).then_refused(ProducedAfterOccurred)
    CASE.when(CLERK.asks(proposing(customer_deadline="2025-03-02T00:00:00Z"))).then_refused(
        DeadlineBeforeReceipt
    )


def test_more_pieces_than_were_registered_are_seen_by_r02() -> None:
    waiting = CASE.given(CLERK.did(proposed("qty_reported", 2, 4)))

    fact, alert = waiting.when(ENGINEER.asks(ApproveFeedbackCorrection())).answer()

    assert fact == corrected("qty_reported", 2, 4)
    assert isinstance(alert, OccurrenceQuantityTargetExceeded)
    assert alert.decision.observed == 4


def test_a_case_that_was_registered_has_nothing_to_correct_by_itself() -> None:
    assert REGISTERED.state().correction is None
