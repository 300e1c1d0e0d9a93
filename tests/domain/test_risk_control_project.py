"""A risk-control project: its team, its documents, its end."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from app.domain.errors import AlreadyExists, NotFound, WrongRole
from app.domain.limits import Due
from app.domain.risk_control_project.commands import (
    LinkOccurrence,
    OpenRiskControlProject,
    RaiseRiskControlProject,
    RiskControlProjectCommand,
)
from app.domain.risk_control_project.events import (
    RISK_CONTROL_PROJECT,
    OccurrenceLinked,
    ProjectClosed,
)
from app.domain.risk_control_project.refusals import (
    MemberAssignedAlready,
    ProjectCauseNotInUse,
    ProjectIncomplete,
    ProjectIsClosed,
    ProjectNotReady,
    ProjectOpenAlready,
    ProjectSubjectMissing,
    ProjectVerifiedAlready,
    ReviewReasonMissing,
    RevisionsMismatch,
    SodDocumentReview,
    SodProjectVerification,
)
from app.domain.risk_control_project.state import DEPARTMENTS, DOCUMENTS, ProjectStatus
from app.domain.values import Department, Role
from tests.domain.cases import CATALOGUE, TWO
from tests.domain.projects import (
    CLOSE,
    DECLARED,
    PROJECT_NO,
    PUBLISH,
    REACH,
    RECURRED,
    SPEC_CODE,
    VERIFIED,
    VERIFY,
    assign,
    assigned,
    complete,
    just_opened,
    new_project,
    notify,
    opened,
    reached,
    ready,
    review,
    reviewed,
    running,
)
from tests.people import (
    DIRECTOR,
    ENGINEER,
    POLICY,
    PRODUCTION,
    QUALITY_MANAGER,
    SALES,
    TECHNICIAN,
)
from tests.spec import Spec

WHY = "The board decided so."
RAISE = RaiseRiskControlProject(spec_code=SPEC_CODE, cause_code="M01", occurrence=RECURRED)
THIS_WEEK = datetime(2025, 3, 9, 16, tzinfo=UTC)
"""Monday 10 March, midnight in Shanghai."""
known = replace(new_project, elsewhere=new_project.elsewhere + CATALOGUE)
by_hand = opened(occurrence=None, reason=WHY)


def open_by_hand(**said: Any) -> OpenRiskControlProject:  # noqa: ANN401 - any field
    """QA opens it."""
    return OpenRiskControlProject.model_validate({"reason": WHY} | said)


# --- the way in -----------------------------------------------------------------------------


def test_a_policy_opens_it_and_its_first_progress_is_due_with_the_week() -> None:
    due = (Due(limit="T17", due_at=THIS_WEEK),)

    new_project.when(POLICY.asks(RAISE)).then(opened(due=due))
    just_opened.when(POLICY.asks(RAISE)).then_refused(AlreadyExists)
    state = just_opened.state()
    assert (state.status, state.departments) == (ProjectStatus.OPENED, DEPARTMENTS)
    assert state.customers == ("C01",)


def test_qa_opens_one_about_a_lot_or_a_cause_on_a_specification() -> None:
    about_cause = open_by_hand(cause_code="M01", spec_code=SPEC_CODE)
    about_lot = open_by_hand(lot_no="L2501")

    known.when(QUALITY_MANAGER.asks(about_cause)).then(by_hand)
    known.when(QUALITY_MANAGER.asks(about_lot)).then(
        by_hand.model_copy(update={"spec_code": None, "cause_code": None, "lot_no": "L2501"})
    )
    known.when(ENGINEER.asks(about_lot)).then_refused(WrongRole)


def test_what_it_is_about_must_be_said_whole() -> None:
    for said in ({}, {"spec_code": SPEC_CODE}, {"cause_code": "M01"}):
        known.when(QUALITY_MANAGER.asks(open_by_hand(**said))).then_refused(ProjectSubjectMissing)
    known.when(QUALITY_MANAGER.asks(open_by_hand(cause_code="OLD"))).then_refused(
        ProjectCauseNotInUse, cause_code="OLD"
    )


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ({"cause_code": "M01", "spec_code": SPEC_CODE}, {}),
        ({"lot_no": "L2501"}, {"lot_no": "L2501", "cause_code": None}),
    ],
)
def test_one_problem_has_one_open_project(said: dict[str, Any], about: dict[str, Any]) -> None:
    other = POLICY.did(opened(**about), to=TWO)
    closed = QUALITY_MANAGER.did(ProjectClosed(project_no=PROJECT_NO, summary="Done."), to=TWO)
    asked = QUALITY_MANAGER.asks(open_by_hand(**said))

    known.around({RISK_CONTROL_PROJECT: (other,)}).when(asked).then_refused(
        ProjectOpenAlready, project_id=TWO, project_no=PROJECT_NO
    )
    (again,) = known.around({RISK_CONTROL_PROJECT: (other, closed)}).when(asked).answer()
    assert again.project_no == "RP-2025-000002"


def test_the_same_problem_that_shows_again_is_linked() -> None:
    link = POLICY.asks(LinkOccurrence(occurrence=DECLARED))
    linked = OccurrenceLinked(project_no=PROJECT_NO, occurrence=DECLARED)

    just_opened.when(link).then(linked)
    assert just_opened.given(POLICY.did(linked)).state().occurrences == (RECURRED, DECLARED)


# --- the team and its documents -------------------------------------------------------------


def test_it_runs_when_all_three_departments_have_a_member() -> None:
    two = just_opened.given(
        QUALITY_MANAGER.did(assigned(Department.QA)), QUALITY_MANAGER.did(assigned(Department.TECH))
    )

    two.when(QUALITY_MANAGER.asks(assign(Department.PRODUCTION))).then(
        assigned(Department.PRODUCTION)
    )
    assert two.state().status is ProjectStatus.OPENED
    assert two.state().missing[0] == "MEMBER_PRODUCTION"
    assert running.state().status is ProjectStatus.RUNNING


def test_a_person_is_a_member_for_a_department_once() -> None:
    running.when(QUALITY_MANAGER.asks(assign(Department.QA))).then_refused(MemberAssignedAlready)
    running.when(QUALITY_MANAGER.asks(assign(Department.SALES))).then(assigned(Department.SALES))
    running.when(TECHNICIAN.asks(assign(Department.SALES))).then_refused(WrongRole)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({}, id="nothing changes"),
        pytest.param({"revision_after": "B"}, id="nothing changes, and it says so"),
        pytest.param({"result": "CHANGED", "revision_after": "C"}, id="a new revision"),
        pytest.param(
            {"result": "CHANGED", "revision_before": None, "revision_after": "A"},
            id="a new document",
        ),
        pytest.param(
            {"result": "NOT_APPLICABLE", "doc_no": None, "reason": "No design of ours."},
            id="does not apply",
        ),
    ],
)
def test_a_review_says_what_became_of_the_revision(said: dict[str, Any]) -> None:
    for person in (ENGINEER, QUALITY_MANAGER, TECHNICIAN, PRODUCTION):
        running.when(person.asks(review(**said))).then(reviewed(**said))


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"revision_after": "C"}, RevisionsMismatch),
        ({"result": "CHANGED"}, RevisionsMismatch),
        ({"result": "CHANGED", "revision_after": "B"}, RevisionsMismatch),
        ({"result": "CHANGED", "revision_after": "C", "doc_no": None}, RevisionsMismatch),
        ({"doc_no": None}, RevisionsMismatch),
        ({"result": "NOT_APPLICABLE"}, ReviewReasonMissing),
        ({"result": "NOT_APPLICABLE", "reason": WHY, "revision_after": "C"}, RevisionsMismatch),
        ({"verified_by": TECHNICIAN.name}, SodDocumentReview),
    ],
)
def test_a_review_that_contradicts_itself_is_refused(said: dict[str, Any], error: Any) -> None:  # noqa: ANN401
    running.when(TECHNICIAN.asks(review(**said))).then_refused(error)


def test_the_last_review_of_a_document_counts() -> None:
    again = {"result": "CHANGED", "revision_after": "C"}

    state = ready.given(TECHNICIAN.did(reviewed("DFMEA", **again))).state()

    assert [each.document for each in state.documents] == list(DOCUMENTS)
    assert state.documents[0].revision_after == "C"
    assert len(state.reviews) == 5


# --- its end --------------------------------------------------------------------------------


def test_a_second_person_verifies_it_once_when_team_and_documents_are_complete() -> None:
    ready.when(DIRECTOR.asks(VERIFY)).then(VERIFIED)
    ready.when(QUALITY_MANAGER.asks(VERIFY)).then(VERIFIED)
    ready.when(ENGINEER.asks(VERIFY)).then_refused(WrongRole)
    running.when(DIRECTOR.asks(VERIFY)).then_refused(
        ProjectNotReady, missing=[f"DOCUMENT_{each}" for each in DOCUMENTS]
    )
    complete.when(DIRECTOR.asks(VERIFY)).then_refused(ProjectVerifiedAlready)
    assert complete.state().status is ProjectStatus.VERIFIED


def test_whoever_opened_it_does_not_verify_it_whatever_the_hat() -> None:
    history = tuple(each for each in ready.history if each.event != opened())
    mine = new_project.given(QUALITY_MANAGER.did(by_hand), *history)

    mine.when(QUALITY_MANAGER.asks(VERIFY)).then_refused(SodProjectVerification, person="Xu")
    mine.when(QUALITY_MANAGER.wearing(Role.TECH_DIRECTOR).asks(VERIFY)).then_refused(
        SodProjectVerification
    )
    mine.when(DIRECTOR.asks(VERIFY)).then(VERIFIED)


def test_it_is_closed_when_nothing_is_missing() -> None:
    closed = ProjectClosed(project_no=PROJECT_NO, summary=CLOSE.summary)

    complete.when(QUALITY_MANAGER.asks(CLOSE)).then(closed)
    complete.when(DIRECTOR.asks(CLOSE)).then_refused(WrongRole)
    assert complete.given(QUALITY_MANAGER.did(closed)).state().status is ProjectStatus.CLOSED


@pytest.mark.parametrize(
    ("project", "missing"),
    [
        pytest.param(
            just_opened,
            [
                "MEMBER_QA",
                "MEMBER_TECH",
                "MEMBER_PRODUCTION",
                "DOCUMENT_DFMEA",
                "DOCUMENT_PROCESS_FLOW",
                "DOCUMENT_PFMEA",
                "DOCUMENT_CONTROL_PLAN",
                "VERIFICATION",
            ],
            id="all of it",
        ),
        pytest.param(
            ready.given(QUALITY_MANAGER.did(reached("C01")), DIRECTOR.did(VERIFIED)),
            ["CUSTOMER_NOTICE_1"],
            id="a customer notice",
        ),
        pytest.param(ready, ["VERIFICATION"], id="the verification"),
    ],
)
def test_a_refused_close_names_what_is_missing(
    project: Spec[Any, Any, Any], missing: list[str]
) -> None:
    project.when(QUALITY_MANAGER.asks(CLOSE)).then_refused(ProjectIncomplete, missing=missing)


def test_nothing_is_asked_of_a_project_that_is_not_there_or_closed() -> None:
    closed = QUALITY_MANAGER.did(ProjectClosed(project_no=PROJECT_NO, summary="Done."))
    over = complete.given(closed)
    commands = (
        POLICY.asks(LinkOccurrence(occurrence=DECLARED)),
        QUALITY_MANAGER.asks(assign(Department.QA)),
        TECHNICIAN.asks(review()),
        TECHNICIAN.asks(PUBLISH),
        QUALITY_MANAGER.asks(REACH),
        SALES.asks(notify()),
        DIRECTOR.asks(VERIFY),
        QUALITY_MANAGER.asks(CLOSE),
    )

    assert len(commands) == len(get_args(RiskControlProjectCommand)) - 2
    for asked in commands:
        new_project.when(asked).then_refused(NotFound)
        over.when(asked).then_refused(ProjectIsClosed, project_no=PROJECT_NO)
