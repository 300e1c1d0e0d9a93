"""Days of a claim that were registered wrongly: corrected by two, until they have split it."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest
from pydantic import ValidationError

from app.domain.claim.commands import SplitClaim
from app.domain.claim.corrections import (
    ApproveClaimCorrection,
    ProposeClaimCorrection,
    RejectClaimCorrection,
)
from app.domain.claim.facts import (
    ClaimCorrected,
    ClaimCorrectionProposed,
    ClaimCorrectionRejected,
)
from app.domain.claim.refusals import (
    AlreadySplit,
    ClaimAlreadySettled,
    ClaimIsOver,
    FailureAfterNotice,
)
from app.domain.claim.words import ClaimChanges
from app.domain.corrections import (
    CorrectionWaits,
    FieldChange,
    NoCorrectionWaits,
    NothingCorrected,
    SodCorrection,
)
from app.domain.errors import InTheFuture, NotFound, WrongRole
from app.domain.values import Role
from tests.domain.claims import (
    HEADING,
    REASON,
    WEEK_LATER,
    case_judged,
    claim_around,
    claim_registered,
    closed,
    confirmed,
    new_claim,
    place_of,
    registered,
    settled,
    shared,
)
from tests.domain.test_warranty_agreement import LAST_YEAR, WHOLE_YEAR
from tests.people import CLERK, ENGINEER, QUALITY_MANAGER, SPECIALIST, TECHNICIAN

FIRST: Final = "00000000-0000-7000-8000-0000000000ee"
"""The id of the event that is corrected."""
APPROVE: Final = ApproveClaimCorrection()
REJECT: Final = RejectClaimCorrection(reason="The repair order says so.")
REJECTED: Final = ClaimCorrectionRejected(**HEADING, reason=REJECT.reason)
in_hand: Final = new_claim.given(replace(CLERK.did(claim_registered()), event_id=FIRST))


def propose(**changes: Any) -> ProposeClaimCorrection:  # noqa: ANN401 - any field
    """Other values than were registered."""
    return ProposeClaimCorrection(changes=ClaimChanges(**changes), reason=REASON)


YESTERYEAR: Final = propose(failure_on="2024-12-31")
CHANGES: Final = (FieldChange(field="failure_on", old="2025-03-01", new="2024-12-31"),)
PROPOSED: Final = ClaimCorrectionProposed(
    **HEADING, corrects_event_id=FIRST, changes=CHANGES, reason=REASON
)
CORRECTED: Final = ClaimCorrected(
    **HEADING, corrects_event_id=FIRST, changes=CHANGES, reason=REASON, proposed_by=CLERK.name
)
to_approve: Final = in_hand.given(CLERK.did(PROPOSED))


def test_one_says_what_was_wrong_and_another_stands_by_it() -> None:
    for who in (CLERK, ENGINEER):
        in_hand.when(who.asks(YESTERYEAR)).then(PROPOSED)
    in_hand.when(QUALITY_MANAGER.asks(YESTERYEAR)).then_refused(WrongRole)
    for who in (ENGINEER, QUALITY_MANAGER):
        to_approve.when(who.asks(APPROVE)).then(CORRECTED)
        to_approve.when(who.asks(REJECT)).then(REJECTED)
    to_approve.when(SPECIALIST.asks(APPROVE)).then_refused(WrongRole)
    assert to_approve.state().failure_on == date(2025, 3, 1)


def test_a_correction_that_was_approved_stands_and_the_last_day_to_object_stays() -> None:
    state = to_approve.given(replace(ENGINEER.did(CORRECTED), event_id="e-2")).state()

    assert (state.failure_on, state.correction) == (date(2024, 12, 31), None)
    assert state.corrections == ("e-2",)
    assert state.objection_until == WEEK_LATER


def test_a_correction_that_was_rejected_changes_nothing() -> None:
    state = to_approve.given(ENGINEER.did(REJECTED)).state()

    assert (state.failure_on, state.correction) == (date(2025, 3, 1), None)


def test_the_corrected_day_decides_the_agreement() -> None:
    around = claim_around(case_judged(), agreed=(LAST_YEAR, WHOLE_YEAR))
    corrected = around.given(*confirmed.history, CLERK.did(PROPOSED), ENGINEER.did(CORRECTED))

    (event,) = corrected.when(TECHNICIAN.asks(SplitClaim())).answer()

    assert (event.agreement_year, event.basis_on) == (2024, date(2024, 12, 31))


@pytest.mark.parametrize("command", [APPROVE, REJECT])
def test_nobody_answers_a_correction_of_their_own(command: Any) -> None:  # noqa: ANN401 - commands differ
    to_approve.when(CLERK.wearing(Role.QA_MANAGER).asks(command)).then_refused(
        SodCorrection, person="Lin"
    )
    in_hand.when(ENGINEER.asks(command)).then_refused(NoCorrectionWaits)


def test_one_correction_waits_at_a_time() -> None:
    to_approve.when(ENGINEER.asks(propose(tax_included=False))).then_refused(
        CorrectionWaits, proposed_by=CLERK.name
    )


@pytest.mark.parametrize(
    "changes", [{}, {"failure_on": "2025-03-01"}, {"tax_included": True, "delivered_on": None}]
)
def test_a_correction_changes_something(changes: dict[str, Any]) -> None:
    in_hand.when(CLERK.asks(propose(**changes))).then_refused(NothingCorrected)


def test_a_corrected_day_is_one_that_can_be() -> None:
    assert len(in_hand.when(CLERK.asks(propose(failure_on="2025-03-03"))).answer()) == 1
    late = in_hand.when(CLERK.asks(propose(failure_on="2025-03-04")))
    late.then_refused(FailureAfterNotice, notice_on="2025-03-03")
    assert place_of(late) == "changes.failure_on"
    assert len(in_hand.when(CLERK.asks(propose(delivered_on="2025-03-03"))).answer()) == 1
    to_come = in_hand.when(CLERK.asks(propose(delivered_on="2025-03-04")))
    to_come.then_refused(InTheFuture, today="2025-03-03")
    assert place_of(to_come) == "changes.delivered_on"


@pytest.mark.parametrize("field", ["failure_on", "tax_included"])
def test_what_a_claim_needs_is_not_emptied(field: str) -> None:
    with pytest.raises(ValidationError):
        propose(**{field: None})


def test_once_the_days_have_split_the_claim_it_is_too_late() -> None:
    split = shared.given(CLERK.did(PROPOSED))
    for spec in (shared, split):
        spec.when(CLERK.asks(YESTERYEAR)).then_refused(AlreadySplit, split_by=TECHNICIAN.name)
        spec.when(ENGINEER.asks(APPROVE)).then_refused(AlreadySplit)
    split.when(ENGINEER.asks(REJECT)).then(REJECTED)


def test_nothing_is_corrected_that_is_paid_over_or_not_there() -> None:
    for who, command in ((CLERK, YESTERYEAR), (ENGINEER, APPROVE), (ENGINEER, REJECT)):
        new_claim.when(who.asks(command)).then_refused(NotFound)
        settled.when(who.asks(command)).then_refused(ClaimAlreadySettled)
        closed.when(who.asks(command)).then_refused(ClaimIsOver)
    assert registered.state().correction is None
