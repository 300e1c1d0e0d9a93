"""R-02: more pieces in one occurrence than the target allows. Scenario A13."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.feedback_case.events import (
    AlertBasisChanged,
    OccurrenceQuantityTargetExceeded,
)
from app.domain.rules import Decision
from tests.domain.cases import (
    CASE_NO,
    CLASSIFIED,
    HEADING,
    NEW_CASE,
    asked_with,
    classified,
    confirm,
    confirmed,
    registered,
)
from tests.people import (
    CLERK,
    ENGINEER,
    NOON,
)


def quantity(pieces: int) -> Decision:
    """What R-02 says to a number of pieces."""
    return Decision(
        rule_id="R-02",
        clause="3.7",
        rule_pack_version=1,
        observed=pieces,
        operator=">",
        threshold=3,
        unit="PIECES",
        fires=pieces > 3,
        evidence=(CASE_NO,),
    )


def test_three_pieces_are_within_the_target_and_four_are_not() -> None:
    NEW_CASE.when(CLERK.asks(asked_with(qty_reported=3))).then(registered(qty_reported=3))
    NEW_CASE.when(CLERK.asks(asked_with(qty_reported=4))).then(
        registered(qty_reported=4),
        OccurrenceQuantityTargetExceeded(**HEADING, decision=quantity(4)),
    )


def test_an_alert_is_kept_and_follows_the_confirmed_figure() -> None:
    alerted = NEW_CASE.given(
        CLERK.did(registered(qty_reported=5)),
        CLERK.did(OccurrenceQuantityTargetExceeded(**HEADING, decision=quantity(5))),
        CLERK.did(classified()),
    )
    moved = AlertBasisChanged(
        **HEADING, rule_id="R-02", old_observed=5, new_observed=3, decision=quantity(3)
    )

    alerted.when(ENGINEER.asks(confirm(3))).then(confirmed(5, 3), moved)
    alerted.when(ENGINEER.asks(confirm(5))).then(confirmed(5, 5))

    after = alerted.given(
        ENGINEER.did(confirmed(5, 3)), ENGINEER.did(moved, at=NOON + timedelta(hours=1))
    )
    alert = after.state().quantity_alert
    assert alert is not None
    assert (alert.observed, alert.threshold, alert.raised_at) == (3, 3, NOON)
    after.when(ENGINEER.asks(confirm(7))).then(
        confirmed(3, 7),
        AlertBasisChanged(
            **HEADING, rule_id="R-02", old_observed=3, new_observed=7, decision=quantity(7)
        ),
    )


def test_the_confirmed_quantity_is_tested_as_the_reported_one() -> None:
    CLASSIFIED.when(ENGINEER.asks(confirm(3))).then(confirmed(2, 3))
    CLASSIFIED.when(ENGINEER.asks(confirm(4))).then(
        confirmed(2, 4), OccurrenceQuantityTargetExceeded(**HEADING, decision=quantity(4))
    )


@given(reported=st.integers(1, 9), counts=st.lists(st.integers(0, 9), max_size=6))
def test_an_alert_stands_when_any_figure_was_above_the_target_and_shows_the_last(
    reported: int, counts: list[int]
) -> None:
    asked = asked_with(qty_reported=reported)
    case = NEW_CASE.given(*map(CLERK.did, NEW_CASE.when(CLERK.asks(asked)).answer()))
    case = case.given(CLERK.did(classified()))
    for count in counts:
        told = case.when(ENGINEER.asks(confirm(count))).answer()
        case = case.given(*map(ENGINEER.did, told))

    alert, figures = case.state().quantity_alert, [reported, *counts]
    assert (alert is not None) == any(each > 3 for each in figures)
    assert alert is None or alert.observed == figures[-1] == case.state().pieces
