"""A failure whose cause was met by a measure, for the specs that start in the middle of it."""

from datetime import UTC, date, datetime
from typing import Any, Final

from app.domain.recurrence.decisions import DecideRecurrence, JudgeRecurrence, recurrence
from app.domain.recurrence.events import (
    Basis,
    KnownCauseBeforeMeasure,
    RecurrenceDetected,
    RecurrenceToDecide,
    Verdict,
)
from app.domain.rules import Decision
from tests.domain.capas import CAPA_NO
from tests.domain.cases import CASE_NO, HEADING
from tests.people import ONE, POLICY
from tests.spec import Spec

CAPA_ID: Final = "00000000-0000-7000-8000-00000000000a"
EFFECTIVE_FROM: Final = date(2025, 4, 1)
DECIDE_BY: Final = datetime(2025, 4, 2, 16, tzinfo=UTC)
"""Thirty days after noon of 3 March."""
WHY: Final = "The mould mark is that of May."

FAILURE: Final[dict[str, Any]] = {
    "case_no": CASE_NO,
    "customer_id": HEADING["customer_id"],
    "spec_code": HEADING["spec_code"],
    "cause_code": "M01",
    "capa_id": CAPA_ID,
    "capa_no": CAPA_NO,
    "effective_from": EFFECTIVE_FROM,
    "earlier_case_nos": ("FB-2025-000007",),
}


def seen(days: int) -> Decision:
    """R-08 saw so many days from the measure to the part."""
    return Decision(
        rule_id="R-08",
        clause="4.6.1",
        rule_pack_version=1,
        observed=days,
        operator=">=",
        threshold=0,
        unit="DAYS",
        fires=days >= 0,
        evidence=(CAPA_NO, CASE_NO),
    )


def judge(produced_on: date | None, **changes: Any) -> JudgeRecurrence:  # noqa: ANN401 - any field
    """A policy compares."""
    decision = None if produced_on is None else seen((produced_on - EFFECTIVE_FROM).days)
    said = FAILURE | {"produced_on": produced_on, "decision": decision} | changes
    return JudgeRecurrence.model_validate(said)


def said(
    verdict: Verdict,
    basis: Basis,
    produced_on: date | None = None,
    reason: str | None = None,
) -> RecurrenceDetected | KnownCauseBeforeMeasure:
    """The verdict."""
    event_type = RecurrenceDetected if verdict == "RECURRENCE" else KnownCauseBeforeMeasure
    decision = None if produced_on is None else seen((produced_on - EFFECTIVE_FROM).days)
    return event_type(
        **FAILURE,
        case_id=ONE,
        produced_on=produced_on,
        basis=basis,
        decision=decision,
        reason=reason,
    )


def decide(verdict: Verdict) -> DecideRecurrence:
    """QA decides."""
    return DecideRecurrence(verdict=verdict, reason=WHY)


def question() -> RecurrenceToDecide:
    """Nobody knows when the part was made."""
    (asked,) = new_recurrence.when(POLICY.asks(judge(None))).answer()
    assert isinstance(asked, RecurrenceToDecide)
    return asked


new_recurrence: Final = Spec(recurrence)
