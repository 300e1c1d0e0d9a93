"""The targets of clause 3.7: R-01 and R-03 at their edges, and what is told when figures move."""

from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from app.domain.cause_catalogue.decisions import CauseClassesDiffer
from app.domain.cost_entry.events import CostRecorded
from app.domain.feedback_case.commands import ApproveRootCause
from app.domain.feedback_case.events import FEEDBACK_CASE, OccurrenceRecounted
from app.domain.money import money
from app.domain.policies.count_occurrences import count_occurrences
from app.domain.policies.watch_targets import watch_targets
from app.domain.registers.costs import YearCost
from app.domain.registers.occurrences import CauseCount
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.rules import RulePack
from app.domain.sales_figures.decisions import CorrectSalesFigure
from app.domain.target.decisions import cause_exceeded, cause_near, cost_exceeded, cost_near
from app.domain.target.events import (
    TARGET,
    AlertLevel,
    CauseFrequencyEarlyWarned,
    CauseFrequencyTargetExceeded,
    CostRatioEarlyWarned,
    CostRatioTargetExceeded,
    TargetBasisChanged,
)
from tests.domain.counting import (
    REASON,
    SECOND_CASHIER,
    a_house,
    determine,
    judge,
    merge_causes,
    occurred_rather_on,
    reject,
    sell,
    spend,
    spent_rather,
    told,
    void,
)
from tests.people import QUALITY_MANAGER
from tests.turns import House

PACK: Final = RulePack(
    version=1,
    effective_from=datetime(2000, 1, 1, tzinfo=UTC),
    procedure_revision="A0",
    figures=FIRST_FIGURES,
)
DAY: Final = date(2025, 2, 3)
CAUSE_EVENTS: Final = (
    CauseFrequencyEarlyWarned,
    CauseFrequencyTargetExceeded,
    TargetBasisChanged,
)


@pytest.mark.parametrize(
    ("cases", "near", "exceeded"),
    [
        pytest.param(7, False, False, id="7: nothing is said"),
        pytest.param(8, True, False, id="8: early warning"),
        pytest.param(10, True, False, id="10 is a pass"),
        pytest.param(11, True, True, id="the 11th"),
    ],
)
def test_r_01_at_its_edges(cases: int, near: bool, exceeded: bool) -> None:  # noqa: FBT001
    count = CauseCount(cases, ("FB-2025-000001",))

    warning, limit = cause_near(count, PACK), cause_exceeded(count, PACK)

    assert (warning.fires, limit.fires) == (near, exceeded)
    assert (limit.rule_id, limit.clause, limit.observed, limit.operator, limit.threshold) == (
        "R-01",
        "3.7",
        cases,
        ">",
        10,
    )


@pytest.mark.parametrize(
    ("cost_fen", "sales_fen", "near", "exceeded"),
    [
        pytest.param(149_99, 10_000_00, False, False, id="one fen below 1.5 %"),
        pytest.param(150_00, 10_000_00, True, False, id="1.5 %"),
        pytest.param(200_00, 10_000_00, True, False, id="2 % is a pass"),
        pytest.param(200_01, 10_000_00, True, True, id="one fen above 2 %"),
        pytest.param(1, 99, False, False, id="2 % of 0.99 is 0.0198: 0.01 is below 1.5 %"),
        pytest.param(1, 66, True, False, id="2 % of 0.66 is 0.0132"),
        pytest.param(1, 49, True, True, id="2 % of 0.49 is 0.0098: one fen is above it"),
        pytest.param(1, 0, True, True, id="nothing was sold"),
    ],
)
def test_r_03_at_its_edges(
    cost_fen: int,
    sales_fen: int,
    near: bool,  # noqa: FBT001
    exceeded: bool,  # noqa: FBT001
) -> None:
    costs = YearCost(claims_fen=cost_fen)

    warning, limit = cost_near(costs, sales_fen, PACK), cost_exceeded(costs, sales_fen, PACK)

    assert (warning.fires, limit.fires) == (near, exceeded)
    assert limit.fires == (cost_fen * 100 > sales_fen * 2)
    assert warning.fires == (cost_fen * 1000 >= sales_fen * 15)
    assert (limit.rule_id, limit.clause, limit.unit) == ("R-03", "3.7", "FEN")


def counted(house: House, times: int, on: date = DAY, cause: str = "M01") -> list[str]:
    """So many cases of a cause; their ids."""
    cases = [told(house, on) for _ in range(times)]
    for case in cases:
        determine(house, case, cause)
    return cases


def names(house: House, *types: type[Any]) -> list[str]:
    """What was said, in order."""
    return [type(each).__name__ for each in house.happened(*(types or CAUSE_EVENTS))]


def test_the_eighth_case_warns_and_the_eleventh_exceeds_the_target() -> None:
    house = a_house()
    counted(house, 7)
    assert names(house) == []

    counted(house, 4)

    assert names(house) == [
        "CauseFrequencyEarlyWarned",
        "TargetBasisChanged",
        "TargetBasisChanged",
        "CauseFrequencyTargetExceeded",
    ]
    (alert,) = house.happened(CauseFrequencyTargetExceeded)
    assert (alert.quarter, alert.cause_code) == ("2025Q1", "M01")
    assert (alert.decision.observed, alert.decision.threshold) == (11, 10)
    assert alert.decision.evidence == tuple(f"FB-2025-{n:06d}" for n in range(1, 12))
    assert alert.decision.rule_pack_version == 1
    target = house.state_of(TARGET, "R-01-2025Q1-M01")
    assert (target.level, target.period, target.cause_code) == (
        AlertLevel.EXCEEDED,
        "2025Q1",
        "M01",
    )
    assert target.warned_at is not None


def test_a_decision_names_at_most_twenty_cases() -> None:
    house = a_house()
    counted(house, 23)

    last = house.happened(TargetBasisChanged)[-1]

    assert (last.new_observed, len(last.decision.evidence)) == (23, 20)


def test_an_alert_is_kept_when_its_figure_falls_and_is_not_raised_twice() -> None:
    house = a_house()
    first, *_ = counted(house, 11)
    before = len(house.happened(TargetBasisChanged))

    void(house, first)
    moved = house.happened(TargetBasisChanged)[before:]
    assert [(m.old_observed, m.new_observed, m.decision.fires) for m in moved] == [(11, 10, False)]
    counted(house, 1)

    assert len(house.happened(CauseFrequencyTargetExceeded)) == 1
    assert house.state_of(TARGET, "R-01-2025Q1-M01").observed == 11


def test_a_late_fact_moves_the_quarter_in_which_it_occurred() -> None:
    house = a_house()
    counted(house, 10, date(2024, 12, 31))
    house.at = datetime(2025, 5, 6, 4, tzinfo=UTC)

    counted(house, 1, date(2024, 12, 1))

    (alert,) = house.happened(CauseFrequencyTargetExceeded)
    assert alert.quarter == "2024Q4"


def test_every_way_on_which_a_case_counts_otherwise_is_told_to_both_figures() -> None:
    house = a_house()
    one, two, three, *_ = counted(house, 9)
    start = len(house.happened(OccurrenceRecounted))

    determine(house, one, "M02")
    reject(house, one)
    occurred_rather_on(house, two, date(2024, 12, 31))
    house.asked(ApproveRootCause(), QUALITY_MANAGER, three)
    judge(house, three, 0)
    judge(house, three, 1)
    judge(house, three, None)

    told_now = [(e.was, e.now) for e in house.happened(OccurrenceRecounted)[start:]]
    written = [
        tuple(None if o is None else f"{o.quarter} {o.cause_code}" for o in pair)
        for pair in told_now
    ]
    assert written == [
        ("2025Q1 M01", "2025Q1 M02"),
        ("2025Q1 M02", None),
        ("2025Q1 M01", "2024Q4 M01"),
        ("2025Q1 M01", None),
        (None, "2025Q1 M01"),
    ]
    observed = [e.new_observed for e in house.happened(TargetBasisChanged)]
    assert observed == [9, 8, 7, 6, 7]
    assert house.state_of(FEEDBACK_CASE, one).counted_as is None


def test_parts_without_a_fault_are_no_occurrence() -> None:
    house = a_house()
    counted(house, 12, cause="N01")

    assert names(house) == []


def test_a_merge_exceeds_the_target_of_the_cause_that_goes_on() -> None:
    house = a_house()
    counted(house, 6, cause="M01")
    counted(house, 8, cause="M02")
    counted(house, 1, date(2024, 11, 1), cause="M02")

    merge_causes(house, "M02", "M01")

    (alert,) = house.happened(CauseFrequencyTargetExceeded)
    assert (alert.cause_code, alert.decision.observed) == ("M01", 14)
    (kept,) = house.happened(TargetBasisChanged)
    assert (kept.cause_code, kept.old_observed, kept.new_observed) == ("M02", 8, 0)


def test_a_cause_named_by_what_it_was_merged_into_moves_no_figure() -> None:
    house = a_house()
    first, *_ = counted(house, 8, cause="M02")
    merge_causes(house, "M02", "M01")
    before = len(house.events)

    determine(house, first, "M01")

    assert [each.type for each in house.events[before:]] == [
        "RootCauseDetermined",
        "OccurrenceRecounted",
    ]


def test_no_merge_into_no_fault_takes_cases_out_of_the_count() -> None:
    house = a_house()
    counted(house, 8)

    with pytest.raises(CauseClassesDiffer):
        merge_causes(house, "M01", "N01")

    assert house.state_of(TARGET, "R-01-2025Q1-M01").observed == 8
    assert house.state_of(TARGET, "R-01-2025Q1-N01").level is AlertLevel.NONE


def test_without_sales_nothing_is_said_of_the_cost() -> None:
    house = a_house()
    spend(house, 500_00, DAY)

    assert names(house, CostRatioEarlyWarned, CostRatioTargetExceeded) == []


def test_sales_that_become_known_exceed_the_target_too() -> None:
    house = a_house()
    spend(house, 500_00, DAY)
    spend(house, 1_00, date(2024, 6, 1))

    sell(house, 10_000_00)

    (alert,) = house.happened(CostRatioTargetExceeded)
    assert (alert.year, alert.cost_fen, alert.net_sales_fen) == ("2025", 500_00, 10_000_00)
    assert (alert.decision.observed, alert.decision.threshold) == (500_00, 200_00)
    assert alert.decision.evidence == ("CE-2025-000001",)


def test_a_year_without_cost_warns_of_nothing() -> None:
    house = a_house()

    sell(house, 0)

    assert names(house, CostRatioEarlyWarned, CostRatioTargetExceeded) == []


def test_the_cost_of_a_year_warns_exceeds_and_moves_with_cost_and_with_sales() -> None:
    house = a_house()
    sell(house, 10_000_00)
    entry = spend(house, 150_00, DAY)
    spent_rather(house, entry, 200_01, DAY)
    spent_rather(house, entry, 200_02, DAY)  # still too much: nothing new
    spent_rather(house, entry, 200_02, date(2024, 12, 31))
    spent_rather(house, entry, 300_00, DAY)
    figure = CorrectSalesFigure(
        month=1, net_sales=money(20_000_00), source_ref="GL-2", reason=REASON
    )
    house.asked(figure, SECOND_CASHIER, "2025")

    assert names(house, CostRatioEarlyWarned, CostRatioTargetExceeded, TargetBasisChanged) == [
        "CostRatioEarlyWarned",
        "CostRatioTargetExceeded",
        "TargetBasisChanged",
        "TargetBasisChanged",
        "TargetBasisChanged",
    ]
    less, more, sales = house.happened(TargetBasisChanged)
    assert (less.period, less.old_observed, less.new_observed) == ("2025", 200_01, 0)
    assert (more.old_observed, more.new_observed) == (0, 300_00)
    assert (sales.old_threshold, sales.decision.threshold) == (200_00, 400_00)
    target = house.state_of(TARGET, "R-03-2025")
    assert (target.level, target.unit, target.threshold) == (AlertLevel.EXCEEDED, "FEN", 400_00)


def test_nobody_is_asked_when_a_case_counts_as_it_did() -> None:
    house = a_house()
    (case,) = counted(house, 1)
    before = len(house.events)

    house.asked(ApproveRootCause(), QUALITY_MANAGER, case)

    assert [each.type for each in house.events[before:]] == ["RootCauseApproved"]


def test_policies_say_what_they_react_to() -> None:
    assert OccurrenceRecounted in watch_targets.event_types
    assert CostRecorded in watch_targets.event_types
    assert OccurrenceRecounted not in count_occurrences.event_types
