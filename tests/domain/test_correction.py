"""Corrections of any recorded fact: who says so, who stands by it, what stays as it was."""

from typing import Any

import pytest

from app.domain.correction.decisions import (
    ApproveCorrection,
    CorrectedEventNotFound,
    CorrectionDecided,
    HasItsOwnCorrection,
    ProposeCorrection,
    RecordedOtherwise,
    RejectCorrection,
    correction,
    must_fit,
)
from app.domain.correction.events import (
    CorrectionProposed,
    CorrectionRejected,
    CorrectionStatus,
    FactCorrected,
)
from app.domain.corrections import NothingCorrected, SodCorrection
from app.domain.errors import AlreadyExists, DomainError, NotFound, WrongRole
from tests.people import (
    CASHIER,
    DIRECTOR,
    ENGINEER,
    ERP,
    GENERAL_MANAGER,
    QUALITY_MANAGER,
    STOREKEEPER,
)
from tests.spec import Spec

STREAM = "return-list-00000000-0000-7000-8000-000000000002"
SAID: dict[str, Any] = {
    "event_id": "00000000-0000-7000-8000-000000000003",
    "stream": STREAM,
    "field": "lines.0.received",
    "recorded": 3,
    "correct": 2,
    "reason": "One part was counted twice.",
}
PROPOSE = ProposeCorrection(**SAID)
PROPOSED = CorrectionProposed(correction_no="CN-2025-000001", **SAID)
CORRECTED = FactCorrected(**PROPOSED.said(), proposed_by="Sun")
REJECTED = CorrectionRejected(**PROPOSED.said() | {"reason": "The photo shows three."})
REJECT = RejectCorrection(reason="The photo shows three.")

new_correction = Spec(correction)
waiting = new_correction.given(STOREKEEPER.did(PROPOSED))


def test_whoever_works_on_a_record_says_what_was_not_so() -> None:
    new_correction.when(STOREKEEPER.asks(PROPOSE)).then(PROPOSED)
    new_correction.when(CASHIER.asks(PROPOSE)).then(PROPOSED)
    new_correction.when(ERP.asks(PROPOSE)).then_refused(WrongRole)
    waiting.when(STOREKEEPER.asks(PROPOSE)).then_refused(AlreadyExists)
    assert waiting.state().status is CorrectionStatus.PROPOSED


def test_a_correction_says_another_value() -> None:
    same = PROPOSE.model_copy(update={"correct": 3})
    new_correction.when(STOREKEEPER.asks(same)).then_refused(NothingCorrected)


@pytest.mark.parametrize("person", [QUALITY_MANAGER, DIRECTOR, GENERAL_MANAGER])
def test_a_second_person_stands_by_it_or_turns_it_down(person: Any) -> None:  # noqa: ANN401
    waiting.when(person.asks(ApproveCorrection())).then(CORRECTED)
    waiting.when(person.asks(REJECT)).then(REJECTED)


def test_not_the_proposer_and_not_just_anybody() -> None:
    proposer = STOREKEEPER.wearing(QUALITY_MANAGER.role)
    for command in (ApproveCorrection(), REJECT):
        waiting.when(proposer.asks(command)).then_refused(SodCorrection, person="Sun")
        waiting.when(ENGINEER.asks(command)).then_refused(WrongRole)
        new_correction.when(DIRECTOR.asks(command)).then_refused(NotFound)


def test_it_is_decided_once() -> None:
    approved = waiting.given(DIRECTOR.did(CORRECTED))
    rejected = waiting.given(DIRECTOR.did(REJECTED))
    for decided in (approved, rejected):
        decided.when(QUALITY_MANAGER.asks(ApproveCorrection())).then_refused(CorrectionDecided)
        decided.when(QUALITY_MANAGER.asks(REJECT)).then_refused(CorrectionDecided)
    assert (approved.state().status, approved.state().decided_by) == ("APPROVED", "Guo")
    assert rejected.state().reason == PROPOSED.reason
    assert rejected.state().rejected_because == "The photo shows three."


DATA = {"lines": [{"received": 3, "lot_no": "L1"}], "warned": True, "remark": None}


@pytest.mark.parametrize(
    ("field", "recorded", "error"),
    [
        pytest.param("lines.0.received", 3, None, id="a place inside"),
        pytest.param("warned", True, None, id="a yes or no"),
        pytest.param("remark", None, None, id="nothing was said"),
        pytest.param("lines.0.received", 4, RecordedOtherwise, id="another value"),
        pytest.param("warned", 1, RecordedOtherwise, id="one is not yes"),
        pytest.param("lines.1.received", 3, RecordedOtherwise, id="no such line"),
        pytest.param("lines.x.received", 3, RecordedOtherwise, id="no number of a line"),
        pytest.param("lot", None, RecordedOtherwise, id="no such field"),
        pytest.param("lines", "[]", RecordedOtherwise, id="no single value"),
    ],
)
def test_it_says_what_the_event_says(
    field: str,
    recorded: Any,  # noqa: ANN401
    error: type[DomainError] | None,
) -> None:
    command = ProposeCorrection(**SAID | {"field": field, "recorded": recorded})
    if error is None:
        must_fit(command, "ReturnReceived", STREAM, DATA)
        return
    with pytest.raises(error):
        must_fit(command, "ReturnReceived", STREAM, DATA)


def test_the_event_stands_in_the_record_that_is_named() -> None:
    with pytest.raises(CorrectedEventNotFound):
        must_fit(PROPOSE, "ReturnReceived", "return-list-other", DATA)


@pytest.mark.parametrize(
    ("event_type", "field", "command"),
    [
        ("FeedbackRegistered", "occurred_on", "ProposeFeedbackCorrection"),
        ("ClaimRegistered", "failure_on", "ProposeClaimCorrection"),
        ("SalesFigureRecorded", "net_sales_fen", "CorrectSalesFigure"),
        ("CostRecorded", "amount_fen", "CorrectCost"),
        ("ServiceVisitCompleted", "travel_fen", "CorrectVisitCost"),
        ("ServiceVisitCompleted", "completed_at", "CorrectVisitCost"),
        ("VisitCostCorrected", "cost_fen", "CorrectVisitCost"),
    ],
)
def test_facts_that_figures_follow_from_have_their_own(
    event_type: str, field: str, command: str
) -> None:
    said = ProposeCorrection(**SAID | {"field": field})
    with pytest.raises(HasItsOwnCorrection) as refusal:
        must_fit(said, event_type, STREAM, {field: 3})
    assert refusal.value.details["next"] == command


def test_of_such_a_fact_other_fields_are_corrected_like_any() -> None:
    said = ProposeCorrection(**SAID | {"field": "claimed_pieces"})
    must_fit(said, "ClaimRegistered", STREAM, {"claimed_pieces": 3})
