"""Other figures over the recorded history: the same answer as living it under those figures."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.decider import JsonObject
from app.domain.errors import DomainError
from app.domain.escalation.events import ESCALATION, EscalationRaised
from app.domain.feedback_case.commands import ApproveRootCause, ConfirmQuantity, RecordContainment
from app.domain.feedback_case.state import Area, ContainmentAction
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.rules import Figures
from app.evidence.what_if import Inquiry, NoSuchFigure, Override, with_changes
from app.evidence.what_if_answer import WhatIf, WouldBe, shown
from app.evidence.what_if_world import WANTED, Alternative, Reaction, Told
from tests.domain.counting import (
    a_house,
    adjust,
    cancel,
    determine,
    dispute,
    merge_causes,
    sell,
    spend,
    told,
    withdraw,
)
from tests.domain.recurrences import decide, judge
from tests.people import ENGINEER, ONE, POLICY, QUALITY_MANAGER
from tests.turns import S_A, House, claim_confirmed, close_escalation, noon_of

Step = Callable[[House], object]
S_B: Final = "TC 30×45×8 NBR"
FIRST_DAY: Final = date(2025, 3, 10)


def asked_of(house: House, changes: JsonObject) -> WhatIf:
    """What would be, had the history of a house been lived under other figures."""
    inquiry = Inquiry(changes)
    for turn in turns_of(house):
        inquiry.turn(turn)
    return inquiry.answer(house.position, house.at)


def turns_of(house: House) -> Iterator[list[Told]]:
    """The history of a house, command by command."""
    facts = [Told(each.happened, each.command_id, each.causation_id) for each in house.events]
    for _, turn in groupby(facts, key=lambda each: each.command_id):
        yield list(turn)


def lived(steps: Sequence[Step], figures: Figures = FIRST_FIGURES, days_apart: int = 7) -> House:
    """The same steps under some figures."""
    house = a_house(figures)
    for number, step in enumerate(steps):
        house.at = noon_of(FIRST_DAY + timedelta(days=number * days_apart))
        step(house)
    return house


def reactions_of(house: House) -> Counter[tuple[str, ...]]:
    """What rules set off in a house, without ids, which differ from house to house."""
    return Counter(
        name
        for each in house.events
        for one in shown(Reaction(each.happened, each.position))
        for name in [_name(one)]
    )


def _name(each: WouldBe) -> tuple[str, ...]:
    seen = each.decision
    assert seen is not None
    figures = (str(seen.observed), str(seen.threshold), *seen.evidence)
    number = each.subject.no or ""
    return (each.kind, each.rule_id, number, each.detail or "", str(each.at), *figures)


def agrees(steps: Sequence[Step], changes: JsonObject, days_apart: int = 7) -> WhatIf:
    """Ask what if, live it, and hold both side by side; the answer."""
    recorded = lived(steps, FIRST_FIGURES, days_apart)
    really = lived(steps, with_changes(FIRST_FIGURES, changes), days_apart)

    answer = asked_of(recorded, changes)

    before, after = reactions_of(recorded), reactions_of(really)
    gone = Counter(_name(each) for each in (*answer.vanish, *(m.recorded for m in answer.moved)))
    new = Counter(_name(each) for each in (*answer.appear, *(m.then for m in answer.moved)))
    same = [_bare(each) for each in (before - gone).elements()]
    assert not gone - before
    assert not new - after
    assert Counter(same) == Counter(_bare(each) for each in (after - new).elements())
    assert sum(each.recorded for each in answer.summary) == before.total()
    assert sum(each.then for each in answer.summary) == after.total()
    assert answer.refused == 0
    return answer


def _bare(name: tuple[str, ...]) -> tuple[str, ...]:
    """Without the figures: a reaction that stays rests on another threshold."""
    return name[:5]


def claim(fen: int, spec: str = S_A, customer: str = "C01", pieces: int = 1) -> Step:
    """A claim whose amount is confirmed."""
    return lambda house: claim_confirmed(house, fen, spec, customer=customer, pieces=pieces)


def of_claim(number: int, do: Callable[..., object], *said: Any) -> Step:  # noqa: ANN401 - of the helper
    """Something done to the claim that was confirmed as the n-th."""

    def step(house: House) -> object:
        claims = [e.stream for e in house.events if e.type == "ClaimRegistered"]
        return do(house, claims[number].removeprefix("claim-"), *said)

    return step


def case(cause: str | None = "M01", lot: tuple[int, int] | None = None, pieces: int = 1) -> Step:
    """A case with its cause approved, its lot inspected and its pieces counted."""

    def step(house: House) -> object:
        to = told(house, house.at.date() - timedelta(days=1))
        if pieces != 1:
            house.asked(ConfirmQuantity(qty_confirmed=pieces, basis="Counted."), ENGINEER, to)
        if lot is not None:
            checked, nok = lot
            check = RecordContainment(
                area=Area.WAREHOUSE,
                lot_no="L2501",
                checked=checked,
                nok=nok,
                action=ContainmentAction.SORT,
            )
            house.asked(check, ENGINEER, to)
        if cause is not None:
            determine(house, to, cause)
            house.asked(ApproveRootCause(), QUALITY_MANAGER, to)
        return to

    return step


CLAIMS: Final = (claim(300_00), claim(300_01), claim(499_99, S_B), claim(80_00), claim(500_01))
EVERYTHING: Final[tuple[Step, ...]] = (
    *CLAIMS[:2],
    of_claim(0, dispute),
    of_claim(0, adjust, 900_00),
    *CLAIMS[2:],
    *(case() for _ in range(12)),
    case(pieces=5),
    case(pieces=3),
    case("M02", lot=(100, 4)),
    case("M02", lot=(100, 7)),
    lambda house: sell(house, 10_000_00),
    lambda house: spend(house, 100_00, house.at.date()),
    lambda house: spend(house, 100_00, house.at.date()),
    of_claim(3, withdraw),
    lambda house: merge_causes(house, "M02", "M01"),
)


def test_the_figures_in_force_change_nothing() -> None:
    answer = asked_of(lived(EVERYTHING), FIRST_FIGURES.model_dump(mode="json"))

    assert (answer.appear, answer.vanish, answer.moved) == ([], [], [])
    assert answer.basis_changes_recorded == answer.basis_changes_then > 0
    assert {each.rule_id for each in answer.summary} >= {"R-01", "R-02", "R-03", "R-04", "R-05"}
    assert {each.rule_id for each in answer.summary} >= {"R-09"}
    of_an_agreement = {"C01": 5}  # it says itself how long we may object (T11)
    assert (answer.refused, answer.limits_not_recomputed) == (0, of_an_agreement["C01"])


def test_a_lower_amount_brings_the_claims_above_it_and_no_other() -> None:
    answer = agrees(CLAIMS, {"single_claim_fen_max": 300_00})

    amounts = [each for each in answer.appear if each.rule_id == "R-04"]
    assert [each.decision.observed for each in amounts if each.decision] == [300_01, 499_99]
    assert [each.decision.threshold for each in amounts if each.decision] == [300_00, 300_00]
    assert answer.vanish == []


def test_at_the_second_claim_instead_of_the_third() -> None:
    answer = agrees(CLAIMS, {"spec_claims_min": 2})

    (second,) = (each for each in answer.appear if each.kind == "ESCALATION")
    assert second.decision is not None
    assert (second.decision.observed, second.subject.no) == (2, "CL-2025-000002")
    assert [each.subject.no for each in answer.vanish] == ["CL-2025-000004"]
    linked = [each.subject.no for each in answer.appear if each.kind == "LINK"]
    assert linked == ["CL-2025-000004"]


def test_a_lower_target_alerts_earlier_and_warns_earlier() -> None:
    steps = [lambda house: [case()(house) for _ in range(12)]]

    lower = {"cause_occurrences_quarter_max": 8, "cause_occurrences_warning_min": 6}
    answer = agrees(steps, lower)

    assert answer.appear == answer.vanish == []
    seen = [(m.then.kind, m.recorded.decision, m.then.decision) for m in answer.moved]
    observed = [(kind, a.observed, b.observed) for kind, a, b in seen if a and b]
    assert observed == [("EARLY_WARNING", 8, 6), ("ALERT", 11, 9)]


@pytest.mark.parametrize(
    "changes",
    [
        {"cause_occurrences_quarter_max": 3, "cause_occurrences_warning_min": 2},
        {"cause_occurrences_quarter_max": 50},
        {"occurrence_pieces_max": 4},
        {"occurrence_pieces_max": 2},
        {"cost_ratio_permille_max": 500, "cost_ratio_warning_permille_min": 400},
        {"batch_nok_permille_min": 40},
        {"batch_nok_permille_min": 900},
        {"spec_claims_unit": "PIECES"},
        {"spec_claims_window": "QUARTER"},
        {"spec_claims_window": "ROLLING_365D", "spec_claims_min": 2},
        {"spec_claims_per_customer": True},
        {"single_claim_fen_max": 1_000_00},
        {"single_claim_fen_max": 50_00, "spec_claims_min": 1},
    ],
    ids=str,
)
def test_what_if_says_what_living_it_says(changes: JsonObject) -> None:
    agrees(EVERYTHING, changes)


CLAIM_STEPS: Final = st.one_of(
    st.builds(
        claim,
        st.sampled_from([100_00, 299_99, 300_01, 500_00, 500_01, 900_00]),
        st.sampled_from([S_A, S_B]),
        st.sampled_from(["C01", "C02"]),
        st.integers(1, 4),
    ),
    st.builds(
        case,
        st.sampled_from(["M01", "M02", "N01", None]),
        st.sampled_from([None, (10, 0), (10, 1), (100, 3)]),
        st.integers(1, 5),
    ),
    st.builds(of_claim, st.integers(0, 2), st.sampled_from([dispute, cancel, withdraw])),
    st.builds(lambda fen: of_claim(0, adjust, fen), st.sampled_from([200_00, 600_00])),
    st.just(lambda house: merge_causes(house, "M02", "M01")),
    st.builds(lambda fen: lambda house: sell(house, fen), st.sampled_from([1_000_00, 90_000_00])),
)
CHANGES: Final = st.fixed_dictionaries(
    {},
    optional={
        "single_claim_fen_max": st.sampled_from([200_00, 300_00, 700_00]),
        "spec_claims_min": st.integers(1, 5),
        "spec_claims_unit": st.sampled_from(["CLAIMS", "PIECES"]),
        "spec_claims_window": st.sampled_from(["AGREEMENT_YEAR", "QUARTER", "ROLLING_365D"]),
        "spec_claims_per_customer": st.booleans(),
        "cause_occurrences_quarter_max": st.integers(0, 5),
        "cause_occurrences_warning_min": st.integers(1, 5),
        "occurrence_pieces_max": st.integers(0, 5),
        "cost_ratio_permille_max": st.sampled_from([1, 20, 300]),
        "batch_nok_permille_min": st.sampled_from([10, 50, 100, 500]),
    },
)


def closed(house: House) -> None:
    """The general manager closes the first escalation."""
    first = next(each.stream for each in house.events if each.type == "EscalationRaised")
    close_escalation(house, first.removeprefix("escalation-"))


def unless_refused(step: Step) -> Step:
    """A step that may not fit into the story; whether it does never hangs on a figure."""

    def tried(house: House) -> object:
        try:
            return step(house)
        except (DomainError, IndexError):
            return None

    return tried


@settings(max_examples=40)
@given(st.lists(CLAIM_STEPS, min_size=3, max_size=14), CHANGES, st.sampled_from([1, 30]))
def test_whatever_was_lived_and_whatever_changes(
    steps: list[Step], changes: JsonObject, days_apart: int
) -> None:
    agrees([unless_refused(each) for each in steps], changes, days_apart)


def test_what_people_did_about_an_escalation_that_would_not_be_is_dropped() -> None:
    house = lived([claim(600_00), closed, claim(700_00, S_B)])

    answer = asked_of(house, {"single_claim_fen_max": 650_00})

    assert [each.subject.no for each in answer.vanish] == ["CL-2025-000001"]
    assert (answer.appear, answer.refused) == ([], 0)


def test_an_escalation_that_came_later_is_closed_for_the_one_that_would_have_come_before() -> None:
    steps = [claim(400_00), of_claim(0, dispute), of_claim(0, adjust, 600_00), closed]
    house, changes = lived(steps), {"single_claim_fen_max": 300_00}
    world = Alternative(Override(changes))

    for turn in turns_of(house):
        facts = [each for each in turn if type(each.happened.event) in WANTED]
        if facts:
            world.turn(facts)

    raised = [r.happened for r in world.reactions if type(r.happened.event) is EscalationRaised]
    assert [world.state_of(ESCALATION, each.to).status for each in raised] == ["CLOSED"]
    (moved,) = asked_of(house, changes).moved
    assert moved.then.at < moved.recorded.at


def test_shorter_limits_are_missed_and_longer_ones_kept() -> None:
    house = lived([claim(80_00), claim(90_00)])

    shorter = asked_of(house, {"time_limits": {"claim_check": {"amount": 0, "unit": "HOURS"}}})
    longer = asked_of(house, {"claim_filing_days_max": 300})

    assert shorter.limits_not_recomputed == longer.limits_not_recomputed == 0
    assert [each.rule_id for each in longer.vanish] == []
    house.at = noon_of(FIRST_DAY + timedelta(days=60))
    later = asked_of(house, {"claim_filing_days_max": 300})
    assert [(e.detail, e.subject.no) for e in later.vanish] == [
        ("T21", "CL-2025-000001"),
        ("T21", "CL-2025-000002"),
    ]
    assert later.appear == []


def test_of_recurrences_only_the_time_to_decide_is_a_figure() -> None:
    """R-08 compares days with no figure; under a shorter T23 the question would have lapsed."""
    house = a_house(FIRST_FIGURES)
    house.at = noon_of(FIRST_DAY)
    house.asked(judge(None), POLICY, ONE)
    house.at = noon_of(FIRST_DAY + timedelta(days=20))
    house.asked(decide("KNOWN_CAUSE_BEFORE_MEASURE"), QUALITY_MANAGER, ONE)

    answers = [
        asked_of(house, {"time_limits": {"recurrence_decision": {"amount": days, "unit": "DAYS"}}})
        for days in (19, 20)
    ]

    lapsed, kept = ([(e.rule_id, e.detail, e.quarter) for e in each.appear] for each in answers)
    assert (lapsed, kept) == ([("R-08", "T23", "2025Q1")], [])
    assert [each.limits_not_recomputed for each in answers] == [0, 0]


@pytest.mark.parametrize(
    "changes",
    [
        {"no_such_figure": 1},
        {"spec_claims_min": 0},
        {"spec_claims_min": "2"},
        {"spec_claims_window": "MONTH"},
        {"time_limits": {"claim_check": 3}},
        {"time_limits": {"coffee": {"amount": 1, "unit": "HOURS"}}},
        {"time_limits": 3},
    ],
    ids=str,
)
def test_what_is_no_figure_is_said_so(changes: JsonObject) -> None:
    with pytest.raises(NoSuchFigure) as refused:
        Inquiry(changes)
    assert refused.value.faults
