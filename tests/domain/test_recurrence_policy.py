"""R-08 in the house: what an approved cause, a correction and an ending lead to."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.domain.capa.events import CAPA
from app.domain.cause_catalogue.decisions import MergeCause
from app.domain.cause_catalogue.events import CAUSE_CATALOGUE
from app.domain.claim.events import CLAIM
from app.domain.decider import SINGLE, Event
from app.domain.feedback_case.commands import (
    ApproveRootCause,
    DetermineRootCause,
    MergeCase,
    VoidCase,
)
from app.domain.feedback_case.corrections import (
    ApproveFeedbackCorrection,
    ProposeFeedbackCorrection,
)
from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.feedback_case.state import CauseMethod, FeedbackChanges
from app.domain.policies.judge_recurrences import made_under_the_measure
from app.domain.recurrence.events import (
    KnownCauseBeforeMeasure,
    RecurrenceDetected,
    RecurrenceQuestionDropped,
    RecurrenceToDecide,
)
from app.domain.registers.implemented_capas import (
    IMPLEMENTED_CAPAS,
    Measure,
    cause_key,
    measures_against,
)
from app.domain.registers.risk_projects import RISK_PROJECTS, failure_key
from app.domain.risk_control_project.events import (
    RISK_CONTROL_PROJECT,
    OccurrenceLinked,
    RiskControlProjectOpened,
)
from app.domain.rule_pack.events import RULE_PACKS
from app.domain.values import Department
from tests.domain.capas import CAUSED, implemented, issued, planned
from tests.domain.capas import checked as capa_checked
from tests.domain.cases import CASE_NO, CATALOGUE, REASON, REGISTER, TWO, classified, registered
from tests.domain.claims import claim_registered
from tests.domain.projects import opened
from tests.domain.recurrences import CAPA_ID, EFFECTIVE_FROM, decide
from tests.people import CLERK, ENGINEER, NOON, ONE, POLICY, PRODUCTION, QUALITY_MANAGER
from tests.spec import FIRST_PACK, Around
from tests.turns import House

OTHER_CAPA = "00000000-0000-7000-8000-0000000000a2"
BEFORE, UNDER = date(2025, 3, 31), EFFECTIVE_FROM
PACK = Around(NOON, ((RULE_PACKS.name, FIRST_PACK),)).state_of(RULE_PACKS, SINGLE).in_force(NOON)
VERDICTS = (RecurrenceDetected, KnownCauseBeforeMeasure, RecurrenceToDecide)


def in_place(capa_id: str = CAPA_ID, since: date = EFFECTIVE_FROM) -> list[Any]:
    """A measure against M01 on the specification, wholly in place."""
    history = (
        issued(cause_code="M01"),
        planned(),
        implemented(2, since),
        implemented(1, since, measure=since),
    )
    return [PRODUCTION.did(each, to=capa_id) for each in history]


def a_house(produced_on: date | None, *cases: str, measures: Any = None) -> House:  # noqa: ANN401
    """Cases of one specification and age, whose cause nobody knows yet."""
    house = House()
    house.told(CAUSE_CATALOGUE, [happened for _, happened in CATALOGUE])
    house.told(CAPA, in_place() if measures is None else measures)
    for number, case in enumerate(cases or (ONE,), start=1):
        told = registered(produced_on=produced_on, case_no=f"FB-2025-{number:06d}")
        history = (CLERK.did(told, to=case), CLERK.did(classified(), to=case))
        house.told(FEEDBACK_CASE, history)
    return house


def approve(house: House, case: str = ONE, cause: str = "M01", **said: Any) -> list[Event]:  # noqa: ANN401
    """Two persons stand by a cause; the verdicts there are then."""
    determine = DetermineRootCause(
        cause_code=cause,
        occurrence_cause="The knife was worn.",
        method=CauseMethod.TEARDOWN,
        evidence=("P-1",),
        **said,
    )
    house.asked(determine, ENGINEER, case)
    house.asked(ApproveRootCause(), QUALITY_MANAGER, case)
    return house.happened(*VERDICTS)


def correct(house: House, **changes: Any) -> None:  # noqa: ANN401 - any field
    """Two persons say that it was registered wrongly."""
    propose = ProposeFeedbackCorrection(
        changes=FeedbackChanges.model_validate(changes), reason=REASON
    )
    house.asked(propose, CLERK, ONE)
    house.asked(ApproveFeedbackCorrection(), QUALITY_MANAGER, ONE)


@pytest.mark.parametrize(
    ("produced_on", "observed", "fires"),
    [
        pytest.param(BEFORE, -1, False, id="R-08: the day before the measure"),
        pytest.param(UNDER, 0, True, id="R-08: its first day"),
        pytest.param(date(2025, 4, 2), 1, True, id="R-08: later"),
    ],
)
def test_r08_counts_days_from_the_measure_to_the_part(
    produced_on: date, observed: int, *, fires: bool
) -> None:
    assert PACK is not None
    measure = Measure(capa_id=CAPA_ID, capa_no="CA-1", effective_from=EFFECTIVE_FROM)

    seen = made_under_the_measure(produced_on, measure, "FB-1", PACK)

    assert (seen.rule_id, seen.clause, seen.unit) == ("R-08", "4.6.1", "DAYS")
    assert (seen.observed, seen.operator, seen.threshold) == (observed, ">=", 0)
    assert (seen.fires, seen.evidence) == (fires, ("CA-1", "FB-1"))


def test_a_part_made_under_the_measure_opens_a_project_of_three_departments() -> None:
    house = a_house(UNDER)

    (detected,) = approve(house)

    assert isinstance(detected, RecurrenceDetected)
    (opened,) = house.happened(RiskControlProjectOpened)
    assert opened.departments == (Department.QA, Department.TECH, Department.PRODUCTION)
    assert (opened.cause_code, opened.spec_code) == ("M01", REGISTER.spec_code)
    assert opened.occurrence is not None
    assert opened.occurrence.capa_no == detected.capa_no
    (recorded,) = house.recorded(RiskControlProjectOpened)
    assert recorded.happened.by == POLICY.actor


def test_a_part_made_before_the_measure_is_linked_to_it_and_opens_nothing() -> None:
    house = a_house(BEFORE)

    (known,) = approve(house)

    assert isinstance(known, KnownCauseBeforeMeasure)
    assert known.capa_id == CAPA_ID
    assert not house.happened(RiskControlProjectOpened)


def test_the_second_recurrence_of_a_cause_is_linked_to_the_open_project() -> None:
    house = a_house(UNDER, ONE, TWO)

    approve(house)
    approve(house, TWO)

    (opened,) = (each.happened for each in house.recorded(RiskControlProjectOpened))
    (linked,) = (each.happened for each in house.recorded(OccurrenceLinked))
    assert linked.to == opened.to
    assert linked.event.occurrence.case_no == "FB-2025-000002"
    key = failure_key("M01", REGISTER.spec_code)
    assert house.entry_in(RISK_PROJECTS, key) == opened.to


@pytest.mark.parametrize(
    ("source", "cases"),
    [
        pytest.param({"case_id": TWO, "case_no": CASE_NO}, (CASE_NO,), id="its own case"),
        pytest.param({"claim_id": ONE}, ("FB-2025-000077",), id="those of the escalated claim"),
        pytest.param({"project_id": TWO}, (CASE_NO,), id="those of the risk-control project"),
        pytest.param({}, (), id="none"),
    ],
)
def test_a_verdict_names_the_cases_that_the_measure_was_taken_for(
    source: dict[str, str], cases: tuple[str, ...]
) -> None:
    report = issued(cause_code="M01").model_copy(update={"claim_id": None} | source)
    house = a_house(UNDER, measures=[PRODUCTION.did(report, to=CAPA_ID), *in_place()[1:]])
    claim = claim_registered(case_nos=("FB-2025-000077",))
    house.told(CLAIM, [CLERK.did(claim)])
    house.told(RISK_CONTROL_PROJECT, [POLICY.did(opened(lot_no="L-9", cause_code=None), to=TWO)])

    (detected,) = approve(house)

    assert isinstance(detected, RecurrenceDetected)
    assert detected.earlier_case_nos == cases


def test_no_verdict_is_given_where_no_measure_is_in_place() -> None:
    assert approve(a_house(UNDER), cause="M02") == []
    assert approve(a_house(UNDER, measures=in_place()[:-1])) == []
    no_cause = [
        PRODUCTION.did(implemented(1, measure=UNDER).model_copy(update={"cause_code": None}))
    ]
    assert approve(a_house(UNDER, measures=no_cause)) == []


def test_a_measure_found_ineffective_is_none_and_one_found_effective_is_one() -> None:
    effective = QUALITY_MANAGER.did(capa_checked(), to=CAPA_ID)
    ineffective = QUALITY_MANAGER.did(capa_checked("INEFFECTIVE"), to=CAPA_ID)

    assert len(approve(a_house(UNDER, measures=[*in_place(), effective]))) == 1
    house = a_house(UNDER, measures=[*in_place(), ineffective])
    assert approve(house) == []
    assert house.entry_in(IMPLEMENTED_CAPAS, cause_key("M01", str(CAUSED["spec_code"]))) is None


@pytest.mark.parametrize(
    ("produced_on", "effective_from"),
    [
        pytest.param("2025-03-31", "2025-04-01", id="before both: the first that came"),
        pytest.param("2025-04-30", "2025-04-01", id="between them: the one in place"),
        pytest.param("2025-05-01", "2025-05-01", id="under both: the last one"),
        pytest.param(None, "2025-05-01", id="unknown: the last one"),
    ],
)
def test_of_several_measures_the_one_in_place_when_the_part_was_made_is_compared(
    produced_on: str | None, effective_from: str
) -> None:
    measures = [*in_place(OTHER_CAPA, date(2025, 5, 1)), *in_place()]
    day = None if produced_on is None else date.fromisoformat(produced_on)

    (verdict,) = approve(a_house(day, measures=measures))

    assert isinstance(verdict, VERDICTS)
    assert str(verdict.effective_from) == effective_from


def test_a_merged_cause_counts_as_the_one_that_it_was_merged_into() -> None:
    merge = MergeCause(code="M01", into="M02", reason="Both mean a worn knife.")

    house = a_house(UNDER, ONE, TWO)
    approve(house)
    house.asked(merge, QUALITY_MANAGER, SINGLE)
    verdicts = approve(house, TWO, "M02")

    assert [type(each) for each in verdicts] == [RecurrenceDetected, RecurrenceDetected]
    assert len(house.happened(RiskControlProjectOpened)) == 1
    assert len(house.happened(OccurrenceLinked)) == 1


def test_a_cause_approved_anew_is_judged_once_and_another_one_for_itself() -> None:
    house = a_house(UNDER)

    approve(house)
    assert len(approve(house, supersedes_reason="Seen again.")) == 1
    assert len(approve(house, cause="M02", supersedes_reason="Seen better.")) == 1


def test_a_known_production_day_answers_what_qa_was_to_decide() -> None:
    house = a_house(None)

    approve(house)
    correct(house, produced_on="2025-01-15")

    assert [type(each) for each in house.happened(*VERDICTS)] == [
        RecurrenceToDecide,
        KnownCauseBeforeMeasure,
    ]


def test_another_correction_asks_nothing_and_none_does_before_a_cause_is_approved() -> None:
    house = a_house(None)
    correct(house, produced_on="2025-01-15")
    assert house.happened(*VERDICTS) == []

    other = a_house(None)
    approve(other)
    correct(other, failure_mode="The lip is torn.")
    assert len(other.happened(*VERDICTS)) == 1


def test_the_question_is_dropped_with_the_case_or_when_no_measure_fits() -> None:
    voided, merged, moved = a_house(None), a_house(None, ONE, TWO), a_house(None)
    for house in (voided, merged, moved):
        approve(house)

    voided.asked(VoidCase(reason=REASON), QUALITY_MANAGER, ONE)
    merged.asked(MergeCase(into=TWO, reason=REASON), ENGINEER, ONE)
    correct(moved, spec_code="TC 45×62×8 ACM")

    for house, because in ((voided, "CASE_ENDED"), (merged, "CASE_ENDED"), (moved, "NO_MEASURE")):
        (dropped,) = house.happened(RecurrenceQuestionDropped)
        assert dropped.because == because


def test_what_qa_decides_opens_a_project_or_none() -> None:
    recurs, before = a_house(None), a_house(None)
    approve(recurs)
    approve(before)

    recurs.asked(decide("RECURRENCE"), QUALITY_MANAGER, ONE)
    before.asked(decide("KNOWN_CAUSE_BEFORE_MEASURE"), QUALITY_MANAGER, ONE)

    (opened,) = (each.happened for each in recurs.recorded(RiskControlProjectOpened))
    assert recurs.state_of(RISK_CONTROL_PROJECT, opened.to).occurrences[0].kind == "RECURRENCE"
    assert not before.happened(RiskControlProjectOpened)


def test_measures_are_sorted_by_the_day_on_which_they_took_effect() -> None:
    told = [*in_place(OTHER_CAPA, date(2025, 5, 1)), *in_place()]
    world = Around(NOON, (*CATALOGUE, *((CAPA.name, replace(each, kind="capa")) for each in told)))

    found = measures_against(world, "M01", str(CAUSED["spec_code"]))

    assert [each.capa_id for each in found] == [CAPA_ID, OTHER_CAPA]
