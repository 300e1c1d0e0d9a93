"""Parts are tested in order: standard, under load, for NTF."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.errors import WrongRole
from app.domain.return_list.commands import (
    ConcludeNtf,
    NoSuchLine,
    NoSuchPart,
    NtfNotPending,
    PartConcluded,
    PartTestOutOfOrder,
)
from app.domain.return_list.events import (
    NtfConcluded,
    ReturnListEvent,
)
from app.domain.return_list.state import (
    Measurement,
    NtfResult,
    PartResult,
    PartStage,
    PartStatus,
    ReturnStatus,
)
from tests.domain.returns import (
    HEADING,
    LOAD,
    NTF,
    STANDARD,
    all_here,
    authorized,
    faulty,
    finding,
    found,
    ntf_pending,
    received,
    standard_ok,
)
from tests.people import ENGINEER, PRODUCTION, STOREKEEPER
from tests.spec import Spec


@pytest.mark.parametrize(
    ("spec", "stage", "result", "leads_to"),
    [
        (all_here, STANDARD, PartResult.OK, PartStatus.LOAD_TEST),
        (all_here, STANDARD, PartResult.NOK, PartStatus.CONFIRMED_FAULT),
        (all_here, STANDARD, PartResult.INCONCLUSIVE, PartStatus.STANDARD_TEST),
        (standard_ok, LOAD, PartResult.OK, PartStatus.NTF_PENDING),
        (standard_ok, LOAD, PartResult.NOK, PartStatus.CONFIRMED_FAULT),
        (standard_ok, LOAD, PartResult.INCONCLUSIVE, PartStatus.LOAD_TEST),
        (ntf_pending, NTF, PartResult.OK, PartStatus.NTF_PENDING),
        (ntf_pending, NTF, PartResult.NOK, PartStatus.CONFIRMED_FAULT),
        (ntf_pending, NTF, PartResult.INCONCLUSIVE, PartStatus.NTF_PENDING),
    ],
)
def test_each_test_leads_to_the_next_or_to_a_result(
    spec: Spec[Any, Any, ReturnListEvent],
    stage: PartStage,
    result: PartResult,
    leads_to: PartStatus,
) -> None:
    spec.when(PRODUCTION.asks(finding(stage, result))).then(found(stage, leads_to, result))


@pytest.mark.parametrize(
    ("spec", "stage", "expected"),
    [
        (all_here, LOAD, STANDARD),
        (all_here, NTF, STANDARD),
        (standard_ok, STANDARD, LOAD),
        (standard_ok, NTF, LOAD),
        (ntf_pending, LOAD, NTF),
    ],
)
def test_tests_keep_their_order(
    spec: Spec[Any, Any, ReturnListEvent], stage: PartStage, expected: PartStage
) -> None:
    spec.when(ENGINEER.asks(finding(stage))).then_refused(PartTestOutOfOrder, expected=expected)


def test_a_part_with_a_result_is_not_tested_again() -> None:
    faulty.when(ENGINEER.asks(finding(LOAD))).then_refused(
        PartConcluded, part_status="CONFIRMED_FAULT"
    )


def test_only_received_pieces_are_tested() -> None:
    all_here.when(ENGINEER.asks(finding(STANDARD, part=3))).then(
        found(STANDARD, PartStatus.LOAD_TEST, part=3)
    )
    all_here.when(ENGINEER.asks(finding(STANDARD, part=4))).then_refused(NoSuchPart, received=3)
    all_here.when(ENGINEER.asks(finding(STANDARD, line=9))).then_refused(NoSuchLine)


@pytest.mark.parametrize("value", ["85,12", "1e3", "", "0085", "NaN"])
def test_a_measured_value_is_a_decimal_string(value: str) -> None:
    with pytest.raises(ValidationError):
        Measurement(name="d1", value=value, unit="mm", limit="≤ 85.10")


def test_ntf_is_concluded_for_parts_that_passed_both_tests() -> None:
    for result in NtfResult:
        conclude = ConcludeNtf(
            line=1, part=1, result=result, criteria_ref="NTF-2", customer_agreed=True
        )
        concluded = NtfConcluded(**HEADING, **dict(conclude))
        ntf_pending.when(ENGINEER.asks(conclude)).then(concluded)
        ntf_pending.when(PRODUCTION.asks(conclude)).then_refused(WrongRole)
        for spec in (all_here, standard_ok, faulty):
            spec.when(ENGINEER.asks(conclude)).then_refused(NtfNotPending)
        done = ntf_pending.given(ENGINEER.did(concluded))
        done.when(ENGINEER.asks(conclude)).then_refused(NtfNotPending, part_status=result)
        assert done.state().lines[0].parts[0].customer_agreed is True
    nowhere = ConcludeNtf(
        line=1, part=9, result=NtfResult.NTF, criteria_ref="NTF-2", customer_agreed=False
    )
    all_here.when(ENGINEER.asks(nowhere)).then_refused(NoSuchPart)
    all_here.when(ENGINEER.asks(nowhere.model_copy(update={"line": 9}))).then_refused(NoSuchLine)


def test_a_list_is_analysed_when_every_piece_has_its_result() -> None:
    one = authorized.given(STOREKEEPER.did(received((1, 2), (2, 0))))
    nok = {
        part: found(STANDARD, PartStatus.CONFIRMED_FAULT, PartResult.NOK, part=part)
        for part in (1, 2)
    }

    assert one.given(ENGINEER.did(nok[2])).state().status is ReturnStatus.RECEIVED
    both = one.given(ENGINEER.did(nok[2]), ENGINEER.did(nok[1])).state()
    assert both.status is ReturnStatus.ANALYSED
    assert [each.part for each in both.lines[0].parts] == [1, 2]


@given(st.lists(st.tuples(st.sampled_from(PartStage), st.sampled_from(PartResult)), max_size=8))
def test_no_part_reaches_ntf_but_through_both_tests(
    tries: list[tuple[PartStage, PartResult]],
) -> None:
    spec: Spec[Any, Any, ReturnListEvent] = all_here
    passed: list[PartStage] = []
    for stage, result in tries:
        try:
            told = spec.when(ENGINEER.asks(finding(stage, result))).answer()
        except (PartConcluded, PartTestOutOfOrder):
            continue
        spec = spec.given(*map(ENGINEER.did, told))
        passed += [stage] if result is PartResult.OK else []

    status = spec.state().lines[0].piece(1).status
    if status is PartStatus.NTF_PENDING:
        assert passed[:2] == [STANDARD, LOAD]
    assert status is not PartStatus.NTF
