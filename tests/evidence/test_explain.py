"""Which rules an event's data names: timelines and explanations read them by one function."""

from typing import Any

import pytest

from app.evidence.explain import rules_in


def decided(rule_id: str) -> dict[str, Any]:
    """What a rule said, as it is recorded."""
    return {
        "rule_id": rule_id,
        "clause": "4.5",
        "rule_pack_version": 1,
        "observed": 520_00,
        "operator": ">",
        "threshold": 500_00,
        "unit": "FEN",
        "fires": True,
    }


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        pytest.param({}, (), id="no rule reacted"),
        pytest.param({"rule_id": "R-10"}, ("R-10",), id="it compares nothing"),
        pytest.param({"limit": "T1", "rule_id": None}, (), id="a limit that is no rule's"),
        pytest.param({"decision": decided("R-02"), "rule_id": "R-02"}, ("R-02",), id="said twice"),
        pytest.param({"decision": None, "reason": "Because."}, (), id="a person decided"),
        pytest.param(
            {"reasons": [{"decision": decided(each)} for each in ("R-05", "R-04", "R-05")]},
            ("R-05", "R-04"),
            id="several reasons, each once",
        ),
    ],
)
def test_the_rules_behind_an_event(data: dict[str, Any], rules: tuple[str, ...]) -> None:
    assert rules_in(data) == rules
