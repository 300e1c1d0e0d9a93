"""Other figures over the demo's history: none when none is changed, and a few counted by hand."""

from typing import Any

from app.domain.rule_pack.first import FIRST_FIGURES
from app.evidence.what_if import what_if
from app.evidence.what_if_answer import WhatIf
from tests.api.desk import Json
from tests.demo.conftest import Told


async def asked(told: Told, changes: dict[str, Any]) -> WhatIf:
    """What if."""
    connection = await told.database.connect()
    try:
        return await what_if(connection, changes)
    finally:
        await connection.close()


async def test_the_figures_in_force_change_nothing(told: Told) -> None:
    """Whatever a rule set off in the demo is set off again, and nothing else."""
    answer = await asked(told, FIRST_FIGURES.model_dump(mode="json"))

    assert (answer.appear, answer.vanish, answer.moved) == ([], [], [])
    assert answer.basis_changes_recorded == answer.basis_changes_then
    assert answer.refused == 0
    recorded = {(each.rule_id, each.kind): each.recorded for each in answer.summary}
    assert sum(recorded.values()) > 10
    types = [each["type"] for each in told.events]
    raised = [each for each in told.events if each["type"] == "EscalationRaised"]
    reasons = sum(len(each["data"]["reasons"]) for each in raised)
    by_kind: dict[str, int] = {}
    for each in answer.summary:
        by_kind[each.kind] = by_kind.get(each.kind, 0) + each.recorded
    assert by_kind["ESCALATION"] == reasons
    assert by_kind["BATCH_PROBLEM"] == types.count("BatchProblemDetected")
    assert by_kind.get("LINK", 0) == types.count("ClaimLinkedToEscalation")


async def test_limits_are_computed_as_they_were(told: Told) -> None:
    """Every recorded end follows from the figures, but where an agreement or a correction rules."""
    spans = FIRST_FIGURES.model_dump(mode="json")["time_limits"]

    answer = await asked(told, {"time_limits": spans})

    assert answer.limits_not_recomputed == 0
    assert answer.vanish == answer.appear == []


async def test_a_lower_amount_brings_exactly_the_claims_between(told: Told) -> None:
    """300 yuan instead of 500."""
    answer = await asked(told, {"single_claim_fen_max": 300_00})

    between = {
        each["data"]["claim_no"]
        for each in told.events
        if each["type"] == "ClaimAmountConfirmed"
        and 300_00 < each["data"]["confirmed_fen"] <= 500_00
    }
    new = [each for each in answer.appear if each.rule_id == "R-04"]
    earlier = [each.then for each in answer.moved if each.then.rule_id == "R-04"]
    assert {each.subject.no for each in (*new, *earlier)} == between
    assert between
    assert not [each for each in answer.vanish if each.rule_id == "R-04"]


async def test_a_higher_count_alone_makes_alerts_vanish(told: Told) -> None:
    """No cause occurs a thousand times."""
    answer = await asked(told, {"cause_occurrences_quarter_max": 1_000})

    def exceeded(event: Json) -> bool:
        return bool(event["type"] == "CauseFrequencyTargetExceeded")

    gone = [(each.quarter, each.detail) for each in answer.vanish]
    data = [each["data"] for each in told.events if exceeded(each)]
    assert gone == [(each["quarter"], each["cause_code"]) for each in data]
    assert {(each.kind, each.rule_id) for each in answer.appear} <= {("EARLY_WARNING", "R-01")}
