"""Which lots are batch problems: by their figures over all cases, or because QA says so."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.decider import SINGLE
from app.domain.errors import WrongRole
from app.domain.feedback_case.commands import RecordContainment
from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.feedback_case.state import Area, ContainmentAction
from app.domain.lot_quality.decisions import (
    BatchProblemDeclaredAlready,
    DeclareBatchProblem,
    lot_quality,
)
from app.domain.lot_quality.events import (
    LOT_QUALITY,
    BatchProblemDeclared,
    BatchProblemDetected,
)
from app.domain.policies.detect_batch_problems import faulty_in_lot
from app.domain.registers.lot_checks import EVIDENCE_MAX, LOT_CHECKS, LotCheck
from app.domain.risk_control_project.events import (
    RISK_CONTROL_PROJECT,
    OccurrenceLinked,
    ProjectClosed,
    RiskControlProjectOpened,
)
from app.domain.rule_pack.events import RULE_PACKS
from app.domain.values import Department
from tests.domain.cases import TWO, classified, registered
from tests.people import CLERK, ENGINEER, NOON, ONE, QUALITY_MANAGER
from tests.spec import FIRST_PACK, Around, Spec
from tests.turns import House

LOT, SPEC_CODE, WHY = "L2501", "TC 85×105×10 FKM", "The defect is one of function."
DECLARE = DeclareBatchProblem(spec_code=SPEC_CODE, reason=WHY)
PACK = Around(NOON, ((RULE_PACKS.name, FIRST_PACK),)).state_of(RULE_PACKS, SINGLE).in_force(NOON)
a_lot = Spec(lot_quality, to=LOT)


def a_house() -> House:
    """Two classified cases."""
    house = House()
    for number, case in enumerate((ONE, TWO), start=1):
        told = registered(case_no=f"FB-2025-{number:06d}")
        house.told(FEEDBACK_CASE, (CLERK.did(told, to=case), CLERK.did(classified(), to=case)))
    return house


def contain(
    house: House, checked: int, nok: int, case: str = ONE, lot_no: str | None = LOT
) -> None:
    """Pieces of the lot were inspected."""
    command = RecordContainment(
        area=Area.WAREHOUSE, lot_no=lot_no, checked=checked, nok=nok, action=ContainmentAction.SORT
    )
    house.asked(command, ENGINEER, case)


def opened_for(**changes: Any) -> RiskControlProjectOpened:  # noqa: ANN401 - any field
    """A project about the lot."""
    said = {
        "project_no": "RP-2025-000001",
        "spec_code": SPEC_CODE,
        "cause_code": None,
        "lot_no": LOT,
        "departments": (Department.QA, Department.TECH, Department.PRODUCTION),
        "occurrence": None,
        "reason": WHY,
    }
    return RiskControlProjectOpened.model_validate(said | changes)


@pytest.mark.parametrize(
    ("checked", "nok", "permille", "fires"),
    [
        pytest.param(100, 4, 40, False, id="R-09: 4.0 %"),
        pytest.param(100, 5, 50, True, id="R-09: exactly 5.0 %"),
        pytest.param(1_000, 49, 49, False, id="R-09: 4.9 %"),
        pytest.param(10_001, 500, 49, False, id="R-09: a hair below 5 % is rounded down"),
        pytest.param(20, 1, 50, True, id="R-09: one of twenty"),
        pytest.param(1, 1, 1_000, True, id="R-09: all of them"),
        pytest.param(0, 0, 0, False, id="R-09: nothing inspected"),
    ],
)
def test_r09_fires_at_fifty_in_a_thousand(
    checked: int, nok: int, permille: int, *, fires: bool
) -> None:
    assert PACK is not None

    seen = faulty_in_lot(LotCheck(checked=checked, nok=nok, case_nos=("FB-1",)), PACK)

    assert (seen.rule_id, seen.clause, seen.unit) == ("R-09", "4.6.1", "PERMILLE")
    assert (seen.observed, seen.operator, seen.threshold) == (permille, ">=", 50)
    assert (seen.fires, seen.evidence) == (fires, ("FB-1",))
    assert seen.fires == (checked > 0 and nok * 1_000 >= checked * 50)


def test_the_pieces_of_all_cases_add_up_and_open_one_project() -> None:
    house = a_house()

    contain(house, 80, 2)
    assert not house.happened(BatchProblemDetected)
    contain(house, 20, 3, TWO)

    (detected,) = house.happened(BatchProblemDetected)
    assert (detected.checked, detected.nok, detected.rate_permille) == (100, 5, 50)
    assert detected.case_no == "FB-2025-000002"
    assert detected.decision.evidence == ("FB-2025-000001", "FB-2025-000002")
    (opened,) = house.happened(RiskControlProjectOpened)
    assert (opened.lot_no, opened.cause_code) == (LOT, None)
    assert house.state_of(LOT_QUALITY, LOT).detected == detected.decision


def test_a_batch_problem_is_detected_once_a_lot_and_each_lot_for_itself() -> None:
    house = a_house()

    contain(house, 100, 5)
    contain(house, 100, 50, TWO)
    contain(house, 100, 50, TWO, lot_no=None)
    contain(house, 100, 4, TWO, lot_no="L2502")

    assert len(house.happened(BatchProblemDetected)) == 1
    assert len(house.happened(RiskControlProjectOpened)) == 1


def test_the_quality_manager_declares_a_lot_whatever_its_figures_say() -> None:
    house = a_house()
    contain(house, 100, 4)

    house.asked(DECLARE, QUALITY_MANAGER, LOT)

    (declared,) = house.happened(BatchProblemDeclared)
    assert declared == BatchProblemDeclared(
        lot_no=LOT, spec_code=SPEC_CODE, checked=100, nok=4, reason=WHY
    )
    (opened,) = house.happened(RiskControlProjectOpened)
    assert opened.occurrence is not None
    assert opened.occurrence.kind == "BATCH_DECLARED"
    a_lot.when(ENGINEER.asks(DECLARE, to=LOT)).then_refused(WrongRole)


def test_a_lot_that_was_detected_and_is_declared_has_one_project() -> None:
    house = a_house()

    contain(house, 100, 5)
    house.asked(DECLARE, QUALITY_MANAGER, LOT)

    assert len(house.happened(RiskControlProjectOpened)) == 1
    (linked,) = house.happened(OccurrenceLinked)
    assert linked.occurrence.kind == "BATCH_DECLARED"


def test_a_lot_that_was_declared_is_not_declared_again_while_its_project_is_open() -> None:
    declared = BatchProblemDeclared(lot_no=LOT, spec_code=SPEC_CODE, checked=0, nok=0, reason=WHY)
    project = QUALITY_MANAGER.did(opened_for())
    closed = QUALITY_MANAGER.did(ProjectClosed(project_no="RP-2025-000001", summary="Done."))
    told = a_lot.given(QUALITY_MANAGER.did(declared, to=LOT))
    asked = QUALITY_MANAGER.asks(DECLARE, to=LOT)

    told.around({RISK_CONTROL_PROJECT: (project,)}).when(asked).then_refused(
        BatchProblemDeclaredAlready, project_no="RP-2025-000001"
    )
    told.around({RISK_CONTROL_PROJECT: (project, closed)}).when(asked).then(declared)
    a_lot.around({RISK_CONTROL_PROJECT: (project,)}).when(asked).then(declared)


def test_the_last_cases_of_a_lot_are_named() -> None:
    house = House()
    for number in range(EVIDENCE_MAX + 2):
        case = f"00000000-0000-7000-8000-{number:012d}"
        told = registered(case_no=f"FB-2025-{number:06d}")
        history = (CLERK.did(told, to=case), CLERK.did(classified(), to=case))
        house.told(FEEDBACK_CASE, history)
        contain(house, 100, 1, case)
        contain(house, 100, 1, case)

    found = house.entry_in(LOT_CHECKS, LOT)

    assert found is not None
    assert (found.checked, found.nok) == (200 * (EVIDENCE_MAX + 2), 2 * (EVIDENCE_MAX + 2))
    assert found.case_nos == tuple(f"FB-2025-{n:06d}" for n in range(2, EVIDENCE_MAX + 2))


checks = (
    st.integers(0, 200)
    .flatmap(lambda checked: st.tuples(st.just(checked), st.integers(0, max(checked // 10, 1))))
    .filter(lambda check: check[1] <= check[0])
)


@settings(max_examples=60)
@given(st.lists(st.tuples(checks, st.sampled_from((ONE, TWO))), max_size=8))
def test_in_whatever_order_pieces_are_inspected_the_verdict_is_that_of_the_sums(
    told: list[tuple[tuple[int, int], str]],
) -> None:
    house = a_house()
    sums = [(0, 0)]
    for (checked, nok), case in told:
        contain(house, checked, nok, case)
        sums.append((sums[-1][0] + checked, sums[-1][1] + nok))

    too_many = [(c, n) for c, n in sums if c > 0 and n * 1_000 >= c * 50]

    detected = house.happened(BatchProblemDetected)
    assert [(each.checked, each.nok) for each in detected] == too_many[:1]
    assert len(house.happened(RiskControlProjectOpened)) == len(detected)
    found = house.entry_in(LOT_CHECKS, LOT) or LotCheck()
    assert (found.checked, found.nok) == sums[-1]
