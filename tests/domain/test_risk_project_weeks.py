"""A risk-control project while it runs: its weeks and its milestones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.decider import Happened
from app.domain.errors import WrongRole
from app.domain.limits import Due
from app.domain.registers.deadlines import DEADLINES, Running, deadline_id
from app.domain.risk_control_project.commands import (
    RaiseRiskControlProject,
)
from app.domain.risk_control_project.events import (
    RISK_CONTROL_PROJECT,
    ProgressPublished,
    ProjectClosed,
)
from app.domain.risk_control_project.refusals import (
    NoSuchMilestone,
)
from tests.domain.projects import (
    PROJECT_NO,
    PUBLISH,
    REACH,
    RECURRED,
    SPEC_CODE,
    just_opened,
    new_project,
    notified,
    notify,
    reached,
    ready,
    running,
)
from tests.people import (
    CLERK,
    NOON,
    ONE,
    POLICY,
    QUALITY_MANAGER,
    SALES,
    TECHNICIAN,
)
from tests.spec import Around

RAISE = RaiseRiskControlProject(spec_code=SPEC_CODE, cause_code="M01", occurrence=RECURRED)
THIS_WEEK = datetime(2025, 3, 9, 16, tzinfo=UTC)
"""Monday 10 March, midnight in Shanghai."""

# --- its weeks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "week", "until"),
    [
        pytest.param("2025-03-03T04:00Z", "2025-W10", "2025-03-16T16:00Z", id="Monday noon"),
        pytest.param("2025-03-09T15:59:59Z", "2025-W10", "2025-03-16T16:00Z", id="last second"),
        pytest.param("2025-03-09T16:00Z", "2025-W11", "2025-03-23T16:00Z", id="Monday 00:00"),
        pytest.param("2025-12-30T04:00Z", "2026-W01", "2026-01-11T16:00Z", id="over New Year"),
    ],
)
def test_progress_is_that_of_the_week_in_shanghai_and_the_next_is_due_with_the_next(
    at: str, week: str, until: str
) -> None:
    published = ProgressPublished(
        project_no=PROJECT_NO,
        iso_week=week,
        **dict(PUBLISH),
        due=(Due(limit="T17", due_at=datetime.fromisoformat(until)),),
    )

    just_opened.when(TECHNICIAN.asks(PUBLISH, at=datetime.fromisoformat(at))).then(published)
    running.when(CLERK.asks(PUBLISH)).then_refused(WrongRole)


def limit_after(*history: Happened[Any]) -> Running | None:
    """The week's limit of a project."""
    own = tuple(
        (RISK_CONTROL_PROJECT.name, replace(each, kind="risk-control-project")) for each in history
    )
    return Around(NOON, own).entry_in(DEADLINES, deadline_id("T17", ONE))


def test_the_weekly_limit_runs_from_week_to_week_until_the_close() -> None:
    begun = Happened(new_project.when(POLICY.asks(RAISE)).answer()[0], ONE, POLICY.actor, NOON)
    told = just_opened.when(QUALITY_MANAGER.asks(PUBLISH)).answer()[0]
    published = QUALITY_MANAGER.did(told)
    closed = QUALITY_MANAGER.did(ProjectClosed(project_no=PROJECT_NO, summary="Done."))

    first, second = limit_after(begun), limit_after(begun, published)

    assert first is not None
    assert (first.subject_no, first.due_at) == (PROJECT_NO, THIS_WEEK)
    assert second is not None
    assert (second.due_at, second.is_open) == (THIS_WEEK + timedelta(days=7), True)
    over = limit_after(begun, published, closed)
    assert over is not None
    assert over.ended_as == "DROPPED"


def test_what_was_published_stands_week_by_week() -> None:
    told = just_opened.when(QUALITY_MANAGER.asks(PUBLISH)).answer()[0]

    (progress,) = just_opened.given(QUALITY_MANAGER.did(told)).state().progress

    assert (progress.iso_week, progress.phase, progress.channel) == ("2025-W10", "P", "BOARD")
    assert progress.published_by == "Xu"


# --- its milestones -------------------------------------------------------------------------


def test_a_milestone_concerns_the_customers_of_the_cases_when_it_says_so() -> None:
    inside = REACH.model_copy(update={"customer_relevant": False})

    running.when(QUALITY_MANAGER.asks(REACH)).then(reached("C01"))
    running.when(QUALITY_MANAGER.asks(inside)).then(reached(relevant=False))
    second = running.given(QUALITY_MANAGER.did(reached("C01")))
    second.when(QUALITY_MANAGER.asks(REACH)).then(reached("C01", number=2))


def test_sales_and_qa_tell_customers_of_a_milestone_that_there_is() -> None:
    told = running.given(QUALITY_MANAGER.did(reached("C01")))

    for person in (SALES, CLERK, QUALITY_MANAGER):
        told.when(person.asks(notify())).then(notified())
    told.when(TECHNICIAN.asks(notify())).then_refused(WrongRole)
    told.when(SALES.asks(notify(milestone=2))).then_refused(NoSuchMilestone, milestones=[1])


@pytest.mark.parametrize(
    ("concerned", "told", "missing"),
    [
        pytest.param(("C01",), (), True, id="R-16: nobody was told"),
        pytest.param(("C01",), ("C02",), True, id="R-16: somebody else was told"),
        pytest.param(("C01", "C02"), ("C01",), True, id="R-16: one of two was told"),
        pytest.param(("C01", "C02"), ("C01", "C02"), False, id="R-16: both were told"),
        pytest.param((), (), True, id="R-16: no customer is known, nobody was told"),
        pytest.param((), ("C03",), False, id="R-16: no customer is known, somebody was told"),
    ],
)
def test_every_customer_concerned_must_be_told(
    concerned: tuple[str, ...], told: tuple[str, ...], *, missing: bool
) -> None:
    state = ready.given(
        QUALITY_MANAGER.did(reached(number=1, relevant=False)),
        QUALITY_MANAGER.did(reached(*concerned, number=2)),
        *(SALES.did(notified(each, milestone=2)) for each in told),
    ).state()

    assert ("CUSTOMER_NOTICE_2" in state.missing) == missing
    assert "CUSTOMER_NOTICE_1" not in state.missing
