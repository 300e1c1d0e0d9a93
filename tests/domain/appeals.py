"""An appeal on its way, and the claim that it is against."""

from datetime import date, timedelta
from typing import Any, Final

from app.domain.appeal.commands import (
    DraftAppeal,
    RecordAppealAnswer,
    ReviseAppeal,
    SubmitAppeal,
    WriteStatement,
)
from app.domain.appeal.decisions import appeal
from app.domain.appeal.events import (
    AppealApproved,
    AppealDrafted,
    AppealReviewed,
    AppealRevised,
    AppealSubmitted,
)
from app.domain.appeal.state import (
    AppealGround,
    AppealReply,
    AppealVerdict,
    GroundCode,
    RequestedOutcome,
)
from app.domain.claim.events import CLAIM, ClaimRegistered
from app.domain.claim.words import CostLine, LineType, SpecPieces
from app.domain.money import money
from tests.people import CLERK, DIRECTOR, ENGINEER, NOON, QUALITY_MANAGER, SALES
from tests.spec import Spec

CLAIM_ID: Final = "00000000-0000-7000-8000-00000000000b"
CLAIM_NO: Final = "CL-2025-000003"
APPEAL_NO: Final = "AP-2025-000001"
UNTIL: Final = NOON + timedelta(days=7)
HEADING: Final[dict[str, Any]] = {
    "appeal_no": APPEAL_NO,
    "claim_id": CLAIM_ID,
    "claim_no": CLAIM_NO,
    "customer_id": "C01",
}
CLAIM_HEADING: Final[dict[str, Any]] = {"claim_no": CLAIM_NO, "customer_id": "C01"}
CLAIMED: Final = ClaimRegistered(
    **CLAIM_HEADING,
    notice_no="N-9",
    notice_received_at=NOON,
    source_system=None,
    external_ref=None,
    case_ids=(),
    case_nos=(),
    category=None,
    counts=True,
    lines=(
        CostLine(
            line=1,
            spec_code="TC 85×105×10 FKM",
            pieces=4,
            type=LineType.MATERIAL,
            quantity=None,
            unit_price_fen=None,
            amount_fen=800_00,
        ),
    ),
    specs=(SpecPieces(spec_code="TC 85×105×10 FKM", pieces=4),),
    claimed_fen=800_00,
    tax_included=True,
    failure_on=date(2025, 2, 20),
    delivered_on=None,
    objection_until=UNTIL,
)
STATEMENT: Final[dict[str, Any]] = {
    "received_pieces": 3,
    "tests": "Standard test and under load, TS-7.",
    "findings": "The lip was cut by the shaft's edge.",
    "photos": ("PH-3",),
    "verdict": AppealVerdict.CUSTOMER,
    "grounds": (AppealGround(code=GroundCode.ASSEMBLY_DAMAGE, text="Cut at mounting."),),
    "evidence": ("TR-12",),
    "requested": RequestedOutcome.CANCEL,
}
DRAFT: Final = DraftAppeal(claim_id=CLAIM_ID, **STATEMENT)
WRITTEN: Final[dict[str, Any]] = STATEMENT | {"reduce_to_fen": None, "company_bps": None}
DRAFTED: Final = AppealDrafted(
    **HEADING,
    **WRITTEN,
    notice_no="N-9",
    notice_received_at=NOON,
    objection_until=UNTIL,
    claimed_fen=800_00,
    claimed_pieces=4,
)
REVISE: Final = ReviseAppeal(**STATEMENT)
REVISED: Final = AppealRevised(**HEADING, **WRITTEN, revision=2)
REVIEWED: Final = AppealReviewed(**HEADING, revision=1, remark=None)
APPROVED: Final = AppealApproved(**HEADING, revision=1)
SUBMIT: Final = SubmitAppeal(doc_ref="AP-1.pdf")
SUBMITTED: Final = AppealSubmitted(**HEADING, doc_ref="AP-1.pdf", grounds=STATEMENT["grounds"])


def asking(requested: RequestedOutcome, **what: Any) -> DraftAppeal:  # noqa: ANN401
    """The same statement with another request."""
    return DraftAppeal(claim_id=CLAIM_ID, **(STATEMENT | {"requested": requested} | what))


def said(command: WriteStatement) -> AppealDrafted:
    """What a draft leads to."""
    reduce_to = command.reduce_to
    return DRAFTED.model_copy(
        update={
            "requested": command.requested,
            "reduce_to_fen": None if reduce_to is None else reduce_to.fen,
            "company_bps": command.company_bps,
        }
    )


def answer(outcome: AppealReply, agreed_fen: int | None = None) -> RecordAppealAnswer:
    """The customer wrote back."""
    agreed = None if agreed_fen is None else money(agreed_fen)
    return RecordAppealAnswer(outcome=outcome, agreed_amount=agreed, doc_ref="MAIL-7")


new_appeal: Final = Spec(appeal)
with_claim: Final = new_appeal.around({CLAIM: (CLERK.did(CLAIMED, to=CLAIM_ID),)})
drafted: Final = with_claim.given(ENGINEER.did(DRAFTED))
reviewed: Final = drafted.given(QUALITY_MANAGER.did(REVIEWED))
approved: Final = reviewed.given(DIRECTOR.did(APPROVED))
submitted: Final = approved.given(SALES.did(SUBMITTED))
