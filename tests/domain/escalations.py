"""An escalation on its way, for the specs that start in the middle of it."""

from datetime import date, timedelta
from typing import Any, Final

from app.domain.escalation.decisions import (
    AcknowledgeEscalation,
    CloseEscalation,
    LinkClaim,
    NoteCapaIssued,
    RaiseEscalation,
    RecordAccountability,
    RecordTrace,
    escalation,
)
from app.domain.escalation.events import (
    AccountabilityKind,
    AccountabilityRecorded,
    ClaimLinkedToEscalation,
    EscalationAcknowledged,
    EscalationCapaIssued,
    EscalationClosed,
    EscalationRaised,
    EscalationReason,
    TraceRecorded,
)
from app.domain.rules import Decision
from app.domain.values import Department
from tests.people import ENGINEER, GENERAL_MANAGER, NOON, POLICY
from tests.spec import Spec

ESCALATION_NO: Final = "ES-2025-000001"
CLAIM_ID: Final = "00000000-0000-7000-8000-00000000000b"
CLAIM_NO: Final = "CL-2025-000003"
CAPA_ID: Final = "00000000-0000-7000-8000-00000000000a"
SPEC_CODE: Final = "TC 85×105×10 FKM"
TODAY: Final = date(2025, 3, 3)
HEADING: Final[dict[str, Any]] = {
    "escalation_no": ESCALATION_NO,
    "claim_id": CLAIM_ID,
    "claim_no": CLAIM_NO,
}


def counted(claims: int) -> Decision:
    """R-05 saw so many claims of the spec."""
    return Decision(
        rule_id="R-05",
        clause="4.5",
        rule_pack_version=1,
        observed=claims,
        operator=">=",
        threshold=3,
        unit="CLAIMS",
        fires=claims >= 3,
        evidence=tuple(f"CL-2025-{number:06d}" for number in range(1, claims + 1)),
    )


AMOUNT: Final = EscalationReason(
    code="AMOUNT",
    decision=Decision(
        rule_id="R-04",
        clause="4.5",
        rule_pack_version=1,
        observed=612_35,
        operator=">",
        threshold=500_00,
        unit="FEN",
        fires=True,
        evidence=(CLAIM_NO,),
    ),
)
SPEC_COUNT: Final = EscalationReason(
    code="SPEC_COUNT", decision=counted(3), spec_code=SPEC_CODE, window="2025", counted_on=TODAY
)


def raise_for(*reasons: EscalationReason) -> RaiseEscalation:
    """A policy takes the claim to the general manager."""
    return RaiseEscalation(claim_id=CLAIM_ID, claim_no=CLAIM_NO, customer_id="C01", reasons=reasons)


def raised(*reasons: EscalationReason, spec_code: str | None = SPEC_CODE) -> EscalationRaised:
    """It has a number, and a day until which the general manager acknowledges it."""
    return EscalationRaised(
        escalation_no=ESCALATION_NO,
        spec_code=spec_code,
        acknowledge_by=NOON + timedelta(hours=24),
        **dict(raise_for(*reasons)),
    )


LINK: Final = LinkClaim(
    claim_id="00000000-0000-7000-8000-00000000000d",
    claim_no="CL-2025-000004",
    customer_id="C02",
    spec_code=SPEC_CODE,
    counted_on=date(2025, 4, 1),
    decision=counted(4),
)
LINKED: Final = ClaimLinkedToEscalation(escalation_no=ESCALATION_NO, **dict(LINK))
ACKNOWLEDGE: Final = AcknowledgeEscalation(instruction="Screen all stock.")
ACKNOWLEDGED: Final = EscalationAcknowledged(**HEADING, **dict(ACKNOWLEDGE))
TRACE: Final = RecordTrace(
    lots=("L2501",), stock_checked=300, nok=2, findings="Two seals with a torn lip."
)
TRACED: Final = TraceRecorded(**HEADING, **dict(TRACE))
NOTE_CAPA: Final = NoteCapaIssued(capa_id=CAPA_ID, capa_no="CA-2025-000001")
CAPA_NOTED: Final = EscalationCapaIssued(**HEADING, **dict(NOTE_CAPA))
CLOSE: Final = CloseEscalation(summary="All was done.")
CLOSED: Final = EscalationClosed(**HEADING, summary="All was done.")


def record(kind: AccountabilityKind, person_id: str = "P-77") -> RecordAccountability:
    """Somebody is held accountable."""
    return RecordAccountability(
        person_id=person_id,
        department=Department.PRODUCTION,
        kind=kind,
        clause_text="Clause 4.1 of the trimming instruction.",
        measure="Training repeated.",
        decision="The last check was skipped.",
    )


def recorded(kind: AccountabilityKind, person_id: str = "P-77") -> AccountabilityRecorded:
    """It stands in the file."""
    return AccountabilityRecorded(**HEADING, **dict(record(kind, person_id)))


new_escalation: Final = Spec(escalation)
for_both: Final = new_escalation.given(POLICY.did(raised(AMOUNT, SPEC_COUNT)))
acknowledged: Final = for_both.given(GENERAL_MANAGER.did(ACKNOWLEDGED))
complete: Final = acknowledged.given(
    ENGINEER.did(TRACED),
    POLICY.did(CAPA_NOTED),
    GENERAL_MANAGER.did(recorded("PERSON")),
    GENERAL_MANAGER.did(recorded("LEADER", "P-12")),
)
closed: Final = complete.given(GENERAL_MANAGER.did(CLOSED))
