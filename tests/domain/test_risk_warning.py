"""Risk warnings: who is warned of what, until when."""

from dataclasses import replace
from datetime import date
from typing import Any

from app.domain.errors import AlreadyExists, NotFound, WrongRole
from app.domain.risk_control_project.events import RISK_CONTROL_PROJECT
from app.domain.risk_warning.decisions import (
    IssueRiskWarning,
    WarningCauseNotInUse,
    WarningOver,
    WarningProjectNotFound,
    WarningWithdrawn,
    WithdrawRiskWarning,
    risk_warning,
)
from app.domain.risk_warning.events import (
    RiskWarningIssued,
    RiskWarningWithdrawn,
    WarningStatus,
)
from tests.domain.cases import CATALOGUE, TODAY, TWO
from tests.domain.projects import PROJECT_NO, opened
from tests.people import CLERK, ENGINEER, POLICY, QUALITY_MANAGER
from tests.spec import Spec

new_warning = replace(Spec(risk_warning), elsewhere=Spec(risk_warning).elsewhere + CATALOGUE)


def issue(**changes: Any) -> IssueRiskWarning:  # noqa: ANN401 - any field
    """A board at the trimming station."""
    said = {
        "medium": "BOARD",
        "station": "TRIM-02",
        "cause_code": "M01",
        "text": "Look for missing rubber after trimming.",
        "valid_until": "2025-08-31",
    }
    return IssueRiskWarning.model_validate(said | changes)


def issued(**changes: Any) -> RiskWarningIssued:  # noqa: ANN401 - any field
    """It hangs there."""
    more = {"warning_no": "RW-2025-000001", "valid_from": TODAY, "project_no": None}
    return RiskWarningIssued.model_validate(dict(issue()) | more | changes)


WITHDRAW = WithdrawRiskWarning(reason="The station trims by itself now.")
WITHDRAWN = RiskWarningWithdrawn(
    warning_no="RW-2025-000001",
    cause_code="M01",
    project_id=None,
    withdrawn_on=TODAY,
    reason=WITHDRAW.reason,
)
hanging = new_warning.given(ENGINEER.did(issued()))


def test_qa_warns_a_station_from_today_until_a_day() -> None:
    new_warning.when(ENGINEER.asks(issue())).then(issued())
    new_warning.when(QUALITY_MANAGER.asks(issue(valid_until=TODAY))).then(issued(valid_until=TODAY))
    hanging.when(ENGINEER.asks(issue())).then_refused(AlreadyExists)
    new_warning.when(CLERK.asks(issue())).then_refused(WrongRole)
    state = hanging.state()
    assert (state.status, state.valid_until) == (WarningStatus.ISSUED, date(2025, 8, 31))


def test_a_warning_may_come_from_a_project() -> None:
    around = new_warning.around({RISK_CONTROL_PROJECT: (POLICY.did(opened(), to=TWO),)})

    around.when(ENGINEER.asks(issue(project_id=TWO))).then(
        issued(project_id=TWO, project_no=PROJECT_NO)
    )
    new_warning.when(ENGINEER.asks(issue(project_id=TWO))).then_refused(WarningProjectNotFound)


def test_a_warning_that_is_over_or_of_no_cause_is_refused() -> None:
    new_warning.when(ENGINEER.asks(issue(valid_until="2025-03-02"))).then_refused(
        WarningOver, today="2025-03-03"
    )
    new_warning.when(ENGINEER.asks(issue(cause_code="OLD"))).then_refused(WarningCauseNotInUse)


def test_it_is_withdrawn_once_with_a_reason() -> None:
    hanging.when(QUALITY_MANAGER.asks(WITHDRAW)).then(WITHDRAWN)
    gone = hanging.given(QUALITY_MANAGER.did(WITHDRAWN))
    gone.when(QUALITY_MANAGER.asks(WITHDRAW)).then_refused(WarningWithdrawn)
    new_warning.when(QUALITY_MANAGER.asks(WITHDRAW)).then_refused(NotFound)
    state = gone.state()
    assert (state.status, state.withdrawn_on) == (WarningStatus.WITHDRAWN, TODAY)
    assert (state.withdrawn_by, state.withdrawn_because) == ("Xu", WITHDRAW.reason)
