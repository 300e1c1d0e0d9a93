"""A CAPA report on its way, for the specs that start in the middle of it."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from app.domain.capa.commands import (
    CheckCapaEffectiveness,
    CloseCapa,
    ImplementCapaAction,
    IssueCapa,
    PlanCapaActions,
    RecordCapaCause,
    RecordCapaContainment,
    RecordCapaPrevention,
    SetCapaTeam,
)
from app.domain.capa.decisions import capa
from app.domain.capa.events import (
    CapaActionImplemented,
    CapaActionsPlanned,
    CapaCauseFound,
    CapaClosed,
    CapaContainmentRecorded,
    CapaEffectivenessChecked,
    CapaIssued,
    CapaPreventionRecorded,
    CapaTeamSet,
)
from app.domain.capa.state import (
    ActionPlan,
    CapaSource,
    CheckResult,
    PlannedAction,
    RevisedDocument,
    TeamMember,
)
from app.domain.escalation.events import ESCALATION
from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.values import Department
from tests.domain.cases import CASE_NO, CATALOGUE, registered
from tests.domain.escalations import (
    ACKNOWLEDGED,
    AMOUNT,
    CLAIM_ID,
    CLAIM_NO,
    ESCALATION_NO,
    SPEC_CODE,
    SPEC_COUNT,
    raised,
)
from tests.people import CLERK, ENGINEER, GENERAL_MANAGER, POLICY, PRODUCTION, QUALITY_MANAGER
from tests.spec import Spec

CAPA_NO: Final = "CA-2025-000001"
CASE_ID: Final = "00000000-0000-7000-8000-00000000000c"
ESCALATION_ID: Final = "00000000-0000-7000-8000-00000000000e"
NOWHERE_ID: Final = "00000000-0000-7000-8000-0000000000ff"
TODAY: Final = date(2025, 3, 3)
FOR_ESCALATION: Final = CapaSource(kind="ESCALATION", id=ESCALATION_ID)
FOR_CASE: Final = CapaSource(kind="CASE", id=CASE_ID)

ISSUE: Final = IssueCapa(
    source=FOR_ESCALATION,
    problem="The lip is torn in trimming.",
    owner="Ma",
    owner_department=Department.PRODUCTION,
    due_on=date(2025, 6, 30),
)
HEADING: Final[dict[str, Any]] = {
    "capa_no": CAPA_NO,
    "escalation_id": ESCALATION_ID,
    "case_id": None,
    "claim_id": CLAIM_ID,
    "spec_code": SPEC_CODE,
    "cause_code": None,
}
CAUSED: Final[dict[str, Any]] = HEADING | {"cause_code": "M01"}
"""The heading once the cause has its code."""


def issued(**changes: Any) -> CapaIssued:  # noqa: ANN401 - any field of the event
    """What `ISSUE` leads to."""
    said = ISSUE.model_dump(exclude={"source"})
    more = {"source": "ESCALATION", "escalation_no": ESCALATION_NO, "claim_no": CLAIM_NO}
    none = dict.fromkeys(("case_no", "project_id", "project_no", "quarter"))
    return CapaIssued(**(said | HEADING | more | none | changes))


NO_ESCALATION: Final = dict.fromkeys(("escalation_id", "escalation_no", "claim_id", "claim_no"))


def issued_for_case(**changes: Any) -> CapaIssued:  # noqa: ANN401 - any field of the event
    """The same for a feedback case that nobody claimed."""
    origin = {"source": "CASE", "case_id": CASE_ID, "case_no": CASE_NO}
    return issued(**(NO_ESCALATION | origin | changes))


TEAM: Final = SetCapaTeam(
    members=(
        TeamMember(person="Ma", department=Department.PRODUCTION),
        TeamMember(person="He", department=Department.TECH),
    )
)
TEAM_SET: Final = CapaTeamSet(**HEADING, **dict(TEAM))
CONTAIN: Final = RecordCapaContainment(area="WAREHOUSE", lot_no="L2501", checked=300, nok=2)
CONTAINED: Final = CapaContainmentRecorded(**HEADING, **dict(CONTAIN))
CAUSE: Final = RecordCapaCause(
    occurrence_cause="The trimming blade was worn.",
    escape_cause="The last check did not cover the lip.",
    system_cause="The life of blades is not watched.",
    cause_code="M01",
)
CAUSE_FOUND: Final = CapaCauseFound(**CAUSED, **CAUSE.model_dump(exclude={"cause_code"}))
PLAN: Final = PlanCapaActions(
    actions=(
        ActionPlan(action="Change blades by count.", owner="Qian", due_on=date(2025, 3, 31)),
        ActionPlan(action="Look at every lip.", owner="Zhou", due_on=date(2025, 3, 10)),
    )
)


def planned(first_number: int = 1, round_: int = 1) -> CapaActionsPlanned:
    """Both actions have their numbers."""
    actions = tuple(
        PlannedAction(number=number, **dict(each))
        for number, each in enumerate(PLAN.actions, start=first_number)
    )
    return CapaActionsPlanned(**CAUSED, round=round_, actions=actions)


def implement(action: int, effective_from: date = TODAY) -> ImplementCapaAction:
    """An action is in place."""
    return ImplementCapaAction(action=action, effective_from=effective_from)


def implemented(
    action: int, effective_from: date = TODAY, *, measure: date | None = None
) -> CapaActionImplemented:
    """It was recorded; with the last one, the whole measure has its day."""
    said = dict(implement(action, effective_from))
    return CapaActionImplemented(**CAUSED, **said, measure_effective_from=measure)


PREVENT: Final = RecordCapaPrevention(
    measure="Blades are counted on every press.",
    documents=(RevisedDocument(kind="CONTROL_PLAN", doc_no="CP-085", revision="C"),),
    similar_specs=("TC 90×110×10 FKM",),
)
PREVENTED: Final = CapaPreventionRecorded(**CAUSED, **dict(PREVENT))


def check(result: CheckResult = "EFFECTIVE", *lots: str) -> CheckCapaEffectiveness:
    """Somebody looks whether it helped; three lots, unless others are named."""
    named = lots if lots or result == "NOT_VERIFIABLE" else ("L2504", "L2505", "L2506")
    return CheckCapaEffectiveness(
        result=result, lots_checked=named, method="100 pieces of each lot under the lens."
    )


def checked(result: CheckResult = "EFFECTIVE", round_: int = 1) -> CapaEffectivenessChecked:
    """The result stands."""
    return CapaEffectivenessChecked(**CAUSED, **dict(check(result)), round=round_)


CLOSE: Final = CloseCapa(summary="No torn lip in three lots.")


def closed(*, verified: bool = True) -> CapaClosed:
    """The report is done."""
    return CapaClosed(**CAUSED, verified=verified, summary=CLOSE.summary)


new_capa: Final = Spec(capa)
known: Final = replace(new_capa, elsewhere=new_capa.elsewhere + CATALOGUE).around(
    {
        ESCALATION: (
            POLICY.did(raised(AMOUNT, SPEC_COUNT), to=ESCALATION_ID),
            GENERAL_MANAGER.did(ACKNOWLEDGED, to=ESCALATION_ID),
        ),
        FEEDBACK_CASE: (CLERK.did(registered(), to=CASE_ID),),
    }
)
"""An acknowledged escalation, a registered case and a catalogue of causes around no report."""
just_issued: Final = known.given(ENGINEER.did(issued()))
contained: Final = just_issued.given(PRODUCTION.did(TEAM_SET), PRODUCTION.did(CONTAINED))
caused: Final = contained.given(PRODUCTION.did(CAUSE_FOUND))
with_plan: Final = caused.given(PRODUCTION.did(planned()))
half_done: Final = with_plan.given(PRODUCTION.did(implemented(2)))
in_place: Final = half_done.given(PRODUCTION.did(implemented(1, measure=TODAY)))
effective: Final = in_place.given(QUALITY_MANAGER.did(checked()))
second_round: Final = in_place.given(QUALITY_MANAGER.did(checked("INEFFECTIVE")))
over: Final = effective.given(PRODUCTION.did(PREVENTED), ENGINEER.did(closed()))
