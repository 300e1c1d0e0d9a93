"""Issuing a CAPA report: for an escalation or a case that stands, with what it tells."""

from datetime import date
from typing import Any

import pytest

from app.domain.capa.commands import (
    CapaCauseNotInUse,
    CapaDueInThePast,
    CapaSourceClosed,
    CapaSourceDropped,
    CapaSourceNotAcknowledged,
    CapaSourceNotFound,
    IssueCapa,
)
from app.domain.capa.events import CapaIssued
from app.domain.capa.state import CapaSource, CapaStatus
from app.domain.errors import AlreadyExists, WrongRole
from app.domain.escalation.events import ESCALATION
from app.domain.feedback_case.events import (
    FEEDBACK_CASE,
    UNKNOWN_SPEC,
    CaseClosed,
    CaseMerged,
    CaseVoided,
)
from app.domain.quarterly_report.events import QUARTERLY_REPORT, QuarterEnded
from app.domain.risk_control_project.events import RISK_CONTROL_PROJECT, ProjectClosed
from tests.domain.capas import (
    CAPA_NO,
    CASE_ID,
    ESCALATION_ID,
    FOR_CASE,
    ISSUE,
    NO_ESCALATION,
    NOWHERE_ID,
    TODAY,
    issued,
    issued_for_case,
    just_issued,
    known,
    new_capa,
)
from tests.domain.cases import HEADING as CASE_HEADING
from tests.domain.cases import TWO, approved, determined, registered
from tests.domain.escalations import (
    ACKNOWLEDGED,
    AMOUNT,
    CLOSED,
    raised,
)
from tests.domain.projects import PROJECT_NO, opened
from tests.people import (
    CLERK,
    ENGINEER,
    GENERAL_MANAGER,
    NOON,
    POLICY,
    PRODUCTION,
    QUALITY_MANAGER,
)

# --- issuing for an escalation --------------------------------------------------------------


def issue_with(**changes: Any) -> IssueCapa:  # noqa: ANN401 - any field of the command
    """`ISSUE`, changed and checked anew."""
    return IssueCapa.model_validate(dict(ISSUE) | changes)


def test_qa_issues_a_report_for_an_acknowledged_escalation() -> None:
    known.when(ENGINEER.asks(ISSUE)).then(issued())
    known.when(PRODUCTION.asks(ISSUE)).then_refused(WrongRole)
    just_issued.when(ENGINEER.asks(ISSUE)).then_refused(AlreadyExists, capa_no=CAPA_NO)
    state = just_issued.state()
    assert (state.status, state.round) == (CapaStatus.ISSUED, 1)
    assert (state.issued_by, state.issued_at) == (ENGINEER.name, NOON)


def test_what_the_asker_says_goes_before_what_the_escalation_says() -> None:
    other = {"spec_code": "O 30×2.65 NBR", "cause_code": "M02"}

    known.when(ENGINEER.asks(issue_with(**other))).then(issued(**other))


def test_an_escalation_for_its_amount_names_no_spec() -> None:
    for_amount = new_capa.around(
        {
            ESCALATION: (
                POLICY.did(raised(AMOUNT, spec_code=None), to=ESCALATION_ID),
                GENERAL_MANAGER.did(ACKNOWLEDGED, to=ESCALATION_ID),
            )
        }
    )

    for_amount.when(ENGINEER.asks(ISSUE)).then(issued(spec_code=None))


def test_the_escalation_must_be_there_acknowledged_and_open() -> None:
    new_capa.when(ENGINEER.asks(ISSUE)).then_refused(CapaSourceNotFound, kind="ESCALATION")
    only_raised = new_capa.around({ESCALATION: (POLICY.did(raised(AMOUNT), to=ESCALATION_ID),)})
    only_raised.when(ENGINEER.asks(ISSUE)).then_refused(
        CapaSourceNotAcknowledged, next="AcknowledgeEscalation"
    )
    known.around({ESCALATION: (GENERAL_MANAGER.did(CLOSED, to=ESCALATION_ID),)}).when(
        ENGINEER.asks(ISSUE)
    ).then_refused(CapaSourceClosed, escalation_no="ES-2025-000001")


def test_a_refused_source_is_pointed_at() -> None:
    with pytest.raises(CapaSourceNotFound) as refusal:
        new_capa.when(ENGINEER.asks(ISSUE)).answer()

    assert refusal.value.field == "source.id"


@pytest.mark.parametrize(
    ("due_on", "fits"),
    [
        pytest.param(TODAY, True, id="today"),
        pytest.param(date(2025, 3, 2), False, id="yesterday"),
    ],
)
def test_a_report_is_due_today_or_later(due_on: date, fits: bool) -> None:  # noqa: FBT001 - a column of the table
    asked = known.when(ENGINEER.asks(issue_with(due_on=due_on)))

    if fits:
        asked.then(issued(due_on=due_on))
    else:
        asked.then_refused(CapaDueInThePast, today="2025-03-03")


@pytest.mark.parametrize("code", ["OLD", "NEVER"])
def test_a_cause_that_is_named_is_an_active_one(code: str) -> None:
    known.when(ENGINEER.asks(issue_with(cause_code=code))).then_refused(
        CapaCauseNotInUse, cause_code=code
    )


# --- issuing for a case ---------------------------------------------------------------------


def test_a_case_gives_its_number_its_spec_and_its_approved_cause() -> None:
    for_case = issue_with(source=FOR_CASE)
    known.when(ENGINEER.asks(for_case)).then(issued_for_case())
    proposed = known.around({FEEDBACK_CASE: (ENGINEER.did(determined(), to=CASE_ID),)})
    proposed.when(ENGINEER.asks(for_case)).then(issued_for_case())
    stands = proposed.around({FEEDBACK_CASE: (QUALITY_MANAGER.did(approved(), to=CASE_ID),)})
    stands.when(ENGINEER.asks(for_case)).then(issued_for_case(cause_code="M01"))
    stands.when(ENGINEER.asks(issue_with(source=FOR_CASE, cause_code="M02"))).then(
        issued_for_case(cause_code="M02")
    )


def test_an_unknown_spec_is_no_spec() -> None:
    unknown = known.around(
        {FEEDBACK_CASE: (CLERK.did(registered(spec_code=UNKNOWN_SPEC), to=CASE_ID),)}
    )

    unknown.when(ENGINEER.asks(issue_with(source=FOR_CASE))).then(issued_for_case(spec_code=None))
    known.when(ENGINEER.asks(issue_with(spec_code=UNKNOWN_SPEC))).then(issued(spec_code=None))


def test_a_closed_case_may_have_a_report_and_a_dropped_one_may_not() -> None:
    for_case = ENGINEER.asks(issue_with(source=FOR_CASE))
    shut = CaseClosed(**CASE_HEADING, closed_because="SILENCE", summary=None)
    voided = CaseVoided(**CASE_HEADING, cause_code=None, reason="Not ours.")
    merged = CaseMerged(
        **CASE_HEADING,
        cause_code=None,
        into=TWO,
        into_case_no="FB-2025-000002",
        reason="Told twice.",
    )
    known.around({FEEDBACK_CASE: (ENGINEER.did(shut, to=CASE_ID),)}).when(for_case).then(
        issued_for_case()
    )
    for event, into in ((voided, None), (merged, TWO)):
        known.around({FEEDBACK_CASE: (QUALITY_MANAGER.did(event, to=CASE_ID),)}).when(
            for_case
        ).then_refused(CapaSourceDropped, merged_into=into)
    nowhere = issue_with(source=CapaSource(kind="CASE", id=NOWHERE_ID))
    known.when(ENGINEER.asks(nowhere)).then_refused(CapaSourceNotFound, kind="CASE")


# --- issuing for a project or a quarter -----------------------------------------------------


def test_a_risk_control_project_gives_its_number_its_spec_and_its_cause() -> None:
    command = ENGINEER.asks(issue_with(source=CapaSource(kind="RISK_PROJECT", id=TWO)))
    project = known.around({RISK_CONTROL_PROJECT: (POLICY.did(opened(), to=TWO),)})
    about = {"source": "RISK_PROJECT", "project_id": TWO, "project_no": PROJECT_NO}

    project.when(command).then(issued(**NO_ESCALATION, **about, cause_code="M01"))
    known.when(command).then_refused(CapaSourceNotFound, kind="RISK_PROJECT")
    end = ProjectClosed(project_no=PROJECT_NO, summary="All is done.")
    over = project.around({RISK_CONTROL_PROJECT: (QUALITY_MANAGER.did(end, to=TWO),)})
    over.when(command).then_refused(CapaSourceClosed, project_no=PROJECT_NO)


def test_what_a_quarter_showed_is_answered_once_it_is_over() -> None:
    command = ENGINEER.asks(issue_with(source=CapaSource(kind="QUARTER", id="2025Q1")))
    end = QuarterEnded(report_no="QR-2025Q1", quarter="2025Q1", ended_on=date(2025, 3, 31))
    quarter = known.around({QUARTERLY_REPORT: (POLICY.did(end, to="2025Q1"),)})

    about = {"source": "QUARTER", "quarter": "2025Q1", "spec_code": None}
    quarter.when(command).then(issued(**NO_ESCALATION, **about))
    known.when(command).then_refused(CapaSourceNotFound, kind="QUARTER")


@pytest.mark.parametrize(("escalation", "source"), [(ESCALATION_ID, "ESCALATION"), (None, "CASE")])
def test_the_first_version_of_the_event_told_its_source_by_what_it_named(
    escalation: str | None, source: str
) -> None:
    lifted = CapaIssued.upcast_v1_v2({"escalation_id": escalation})

    assert (lifted["source"], lifted["project_no"], lifted["quarter"]) == (source, None, None)
