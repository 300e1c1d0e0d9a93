"""A claim on its way, for the specs that start in the middle of it."""

from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from app.domain.claim.commands import (
    CheckClaim,
    ConfirmClaimAmount,
    FileClaim,
    RegisterClaim,
    VerifyClaim,
)
from app.domain.claim.decisions import claim
from app.domain.claim.events import (
    ClaimAmountConfirmed,
    ClaimFiled,
    ClaimRegistered,
    ClaimSettled,
    ClaimSplitCalculated,
)
from app.domain.claim.facts import (
    ClaimChangeProposed,
    ClaimChecked,
    ClaimClosed,
    ClaimExecutionApproved,
    ClaimVerified,
    DisputeRaised,
    NegotiationConcluded,
    NegotiationOpened,
)
from app.domain.claim.objections import ConcludeNegotiation, RaiseDispute
from app.domain.claim.payments import SettleClaim
from app.domain.claim.words import (
    CostLine,
    LineType,
    NoticeLine,
    Rounding,
    SettlementMethod,
    SharePart,
    SpecPieces,
    SpecStanding,
    VerificationMode,
)
from app.domain.decider import Happened
from app.domain.errors import DomainError
from app.domain.feedback_case.events import FEEDBACK_CASE, FeedbackCaseEvent, ResponsibilityJudged
from app.domain.feedback_case.state import ResponsibilityShare
from app.domain.money import money
from app.domain.values import Category, CauseClass, Party
from app.domain.warranty_agreement.events import WARRANTY_AGREEMENT, AgreementVersionDrafted
from tests.domain.cases import CASE_NO, TWO, approved, classified, determined
from tests.domain.cases import HEADING as CASE_HEADING
from tests.domain.cases import registered as case_registered
from tests.domain.test_warranty_agreement import WHOLE_YEAR, history
from tests.people import (
    CASHIER,
    CLERK,
    DIRECTOR,
    ENGINEER,
    NOON,
    QUALITY_MANAGER,
    SALES,
    SPECIALIST,
    TECHNICIAN,
)
from tests.spec import Spec

S_A: Final = "TC 85×105×10 FKM"
S_B: Final = "TC 45×62×8 ACM"
CASE: Final = TWO
"""The feedback case that the claim is about."""
OTHER_CASE: Final = "00000000-0000-7000-8000-000000000003"
CLAIM_NO: Final = "CL-2025-000001"
TODAY: Final = date(2025, 3, 3)
HEADING: Final[dict[str, Any]] = {"claim_no": CLAIM_NO, "customer_id": "C01"}
WEEK_LATER: Final = datetime(2025, 3, 10, 16, tzinfo=UTC)
"""The end of the seventh day after the notice, in Shanghai."""
COMPANY, CUSTOMER, THIRD = Party.COMPANY, Party.CUSTOMER, Party.THIRD_PARTY
REASON: Final = "The photos show it."

ANOTHER: Final = "00000000-0000-7000-8000-00000000000b"
"""The id of another claim."""


def place_of(spec: Spec[Any, Any, Any]) -> str | None:
    """Where in the command the cause of a refusal lies."""
    with pytest.raises(DomainError) as refusal:
        spec.answer()
    return refusal.value.field


# --- the case and the agreement around it ---------------------------------------------------


def shares(*pairs: tuple[Party, int]) -> tuple[ResponsibilityShare, ...]:
    """Who bears what."""
    return tuple(ResponsibilityShare(party=party, bps=bps) for party, bps in pairs)


def judged(
    borne: tuple[ResponsibilityShare, ...] | None,
    cause_class: CauseClass = CauseClass.MANUFACTURING,
) -> ResponsibilityJudged:
    """Engineering judged; without shares the agreement decides."""
    largest = max((each.bps for each in borne or ()), default=0)
    leaders = [each.party for each in borne or () if each.bps == largest]
    return ResponsibilityJudged(
        **CASE_HEADING,
        cause_code="M01",
        cause_class=cause_class,
        shares=borne,
        main_party=leaders[0] if len(leaders) == 1 else None,
        grounds="Worn mould, seen at teardown.",
        blamed_department=None,
        agreement_ref=None,
        supersedes_reason=None,
    )


def unjudged_case(
    *,
    to: str = CASE,
    cause_class: CauseClass = CauseClass.MANUFACTURING,
    **said: Any,  # noqa: ANN401 - any field
) -> tuple[Happened[FeedbackCaseEvent], ...]:
    """A product case with a cause that two people stand by."""
    of_class = {"cause_class": cause_class}
    return (
        CLERK.did(case_registered(**said), to=to),
        CLERK.did(classified(), to=to),
        ENGINEER.did(determined().model_copy(update=of_class), to=to),
        QUALITY_MANAGER.did(approved().model_copy(update=of_class), to=to),
    )


def case_judged(
    *pairs: tuple[Party, int],
    to: str = CASE,
    cause_class: CauseClass = CauseClass.MANUFACTURING,
    at: datetime = NOON,
    **said: Any,  # noqa: ANN401 - any field
) -> tuple[Happened[FeedbackCaseEvent], ...]:
    """The same, judged; without shares the agreement decides."""
    judgement = judged(shares(*pairs) or None, cause_class)
    return (
        *unjudged_case(to=to, cause_class=cause_class, **said),
        TECHNICIAN.did(judgement, to=to, at=at),
    )


def claim_around(
    *cases: tuple[Happened[Any], ...],
    agreed: tuple[AgreementVersionDrafted, ...] = (WHOLE_YEAR,),
) -> Spec[Any, Any, Any]:
    """No claim yet, in the middle of these cases and of the customer's agreement."""
    return Spec(claim).around(
        {
            FEEDBACK_CASE: tuple(each for case in cases for each in case),
            WARRANTY_AGREEMENT: tuple(history(*agreed)),
        }
    )


# --- the way in -----------------------------------------------------------------------------

LINES: Final = (
    NoticeLine(
        line=1,
        spec_code=S_A,
        pieces=2,
        type=LineType.MATERIAL,
        quantity="2",
        unit_price=money(100_00),
        amount=money(200_00),
    ),
    NoticeLine(
        line=2,
        spec_code=S_A,
        type=LineType.LABOUR,
        quantity="1.5",
        unit_price=money(88_89),
        amount=money(133_33),
    ),
)
COST_LINES: Final = tuple(
    CostLine(
        line=each.line,
        spec_code=each.spec_code,
        pieces=each.pieces,
        type=each.type,
        quantity=each.quantity,
        unit_price_fen=each.unit_price.hundredths if each.unit_price else None,
        amount_fen=each.amount.hundredths,
    )
    for each in LINES
)
REGISTER: Final = RegisterClaim(
    customer_id="C01",
    notice_no="N-77",
    case_ids=(CASE,),
    lines=LINES,
    claimed_total=money(333_33),
    failure_on=date(2025, 3, 1),
)


def asked_with(**changes: Any) -> RegisterClaim:  # noqa: ANN401 - any field
    """`REGISTER`, changed and checked anew."""
    return RegisterClaim.model_validate(dict(REGISTER) | changes)


def claim_registered(**changes: Any) -> ClaimRegistered:  # noqa: ANN401 - any field
    """What `REGISTER` leads to."""
    elsewhere = {"claimed_total", "currency", "fx"}
    said = {name: value for name, value in REGISTER if name not in elsewhere}
    more = {
        "claim_no": CLAIM_NO,
        "notice_received_at": NOON,
        "case_nos": tuple(CASE_NO for _ in REGISTER.case_ids),
        "category": Category.PRODUCT,
        "counts": True,
        "lines": COST_LINES,
        "specs": (SpecPieces(spec_code=S_A, pieces=2),),
        "claimed_fen": 333_33,
        "objection_until": WEEK_LATER,
    }
    return ClaimRegistered(**(said | more | changes))


def check(*, conformity: bool = True) -> CheckClaim:
    """QA answers, the last question with yes unless told otherwise."""
    return CheckClaim(logic=True, accuracy=True, conformity=conformity, notes="Drawing compared.")


def claim_checked(*, conformity: bool = True) -> ClaimChecked:
    """QA answered."""
    return ClaimChecked(**HEADING, **dict(check(conformity=conformity)))


VERIFY: Final = VerifyClaim(
    mode=VerificationMode.UNANNOUNCED_VISIT,
    place="Jinan, service station 4",
    from_at=datetime(2025, 3, 3, 1, tzinfo=UTC),
    to_at=datetime(2025, 3, 3, 2, tzinfo=UTC),
    findings="Oil at the rear crankshaft seal.",
    evidence=("IMG-1",),
    parts_seen=2,
)
VERIFIED: Final = ClaimVerified(**HEADING, **dict(VERIFY))

# --- the amount -----------------------------------------------------------------------------


def confirm(fen: int = 333_33, **said: Any) -> ConfirmClaimAmount:  # noqa: ANN401 - any field
    """The specialist stands by it."""
    return ConfirmClaimAmount(confirmed_total=money(fen), **said)


def claim_confirmed(fen: int = 333_33, **changes: Any) -> ClaimAmountConfirmed:  # noqa: ANN401 - any field
    """What `confirm` leads to: the first claim of its specification this year."""
    said = {
        "confirmed_fen": fen,
        "claimed_fen": 333_33,
        "line_results": (),
        "reason": None,
        "confirmed_on": TODAY,
        "counts": True,
        "specs": (SpecPieces(spec_code=S_A, pieces=2),),
        "spec_standings": (SpecStanding(spec_code=S_A, window="2025", claims=1, pieces=2),),
        "file_by": datetime(2025, 3, 13, 16, tzinfo=UTC),
    }
    return ClaimAmountConfirmed(**(HEADING | said | changes))


def part(party: Party, bps: int, fen: int, party_id: str | None = None) -> SharePart:
    """What one party bears."""
    return SharePart(party=party, party_id=party_id, bps=bps, amount_fen=fen)


SEVENTY_THIRTY: Final = (part(COMPANY, 7_000, 233_33), part(CUSTOMER, 3_000, 100_00))


def claim_split(*parts: SharePart, **changes: Any) -> ClaimSplitCalculated:  # noqa: ANN401 - any field
    """333.33 as the agreement shares manufacturing, unless told otherwise."""
    said = {
        "source": "AGREEMENT",
        "agreement_no": "AG-C01-2025",
        "agreement_year": 2025,
        "agreement_version": 1,
        "basis_on": date(2025, 3, 1),
        "case_ids": (CASE,),
        "cause_code": "M01",
        "cause_class": CauseClass.MANUFACTURING,
        "total_fen": 333_33,
        "shares": parts or SEVENTY_THIRTY,
        "main_party": COMPANY,
        "rounding": Rounding(leftover_to=(Party.CUSTOMER,)),
    }
    return ClaimSplitCalculated(**(HEADING | said | changes))


EXECUTION_APPROVED: Final = ClaimExecutionApproved(**HEADING, total_fen=333_33, company_fen=233_33)

# --- dispute and negotiation ----------------------------------------------------------------

DISPUTE: Final = RaiseDispute(grounds="Towing is missing.")
DISPUTE_RAISED: Final = DisputeRaised(**HEADING, grounds=DISPUTE.grounds)
CONCLUDE: Final = ConcludeNegotiation(minutes_ref="MIN-12", agreed="It stays at 333.33.")
CONCLUDED: Final = NegotiationConcluded(**HEADING, **dict(CONCLUDE))


def opened(because: str, main_party: Party | None) -> NegotiationOpened:
    """Engineering negotiates."""
    said: dict[str, Any] = {"because": because, "main_party": main_party}
    return NegotiationOpened(**HEADING, rule_id="R-06", **said)


def proposed(new_fen: int = 300_00, **changes: Any) -> ClaimChangeProposed:  # noqa: ANN401 - any field
    """Engineering proposes another amount of 333.33."""
    said = {
        "kind": "ADJUSTMENT",
        "old_total_fen": 333_33,
        "new_total_fen": new_fen,
        "shares": None,
        "reason": REASON,
    }
    return ClaimChangeProposed(**(HEADING | said | changes))


# --- the way out ----------------------------------------------------------------------------


def settle(fen: int) -> SettleClaim:
    """Finance pays."""
    return SettleClaim(method=SettlementMethod.CREDIT_NOTE, voucher="CN-1", amount=money(fen))


def claim_settled(fen: int = 233_33, advanced_fen: int = 0) -> ClaimSettled:
    """Finance paid."""
    return ClaimSettled(
        **HEADING,
        method=SettlementMethod.CREDIT_NOTE,
        voucher="CN-1",
        amount_fen=fen,
        advanced_fen=advanced_fen,
    )


FILE: Final = FileClaim(filing_no="SH-2025-001")
FILED: Final = ClaimFiled(**HEADING, filing_no=FILE.filing_no)
CLOSED: Final = ClaimClosed(**HEADING)

# --- claims on their way --------------------------------------------------------------------

new_claim: Final = claim_around(case_judged())
registered: Final = new_claim.given(CLERK.did(claim_registered()))
checked: Final = registered.given(ENGINEER.did(claim_checked()))
verified: Final = checked.given(SPECIALIST.did(VERIFIED))
confirmed: Final = verified.given(SPECIALIST.did(claim_confirmed()))
shared: Final = confirmed.given(TECHNICIAN.did(claim_split()))
executed: Final = shared.given(DIRECTOR.did(EXECUTION_APPROVED))
settled: Final = executed.given(CASHIER.did(claim_settled()))
closed: Final = settled.given(ENGINEER.did(FILED), ENGINEER.did(CLOSED))
disputed: Final = shared.given(
    SALES.did(DISPUTE_RAISED), SALES.did(opened("DISPUTE", main_party=COMPANY))
)
waiting: Final = disputed.given(TECHNICIAN.did(proposed()))
"""A proposal waits for a second person."""
THIRD_PARTY_SPLIT: Final = claim_split(
    part(COMPANY, 2_000, 66_67),
    part(THIRD, 8_000, 266_66),
    source="JUDGEMENT",
    main_party=THIRD,
    rounding=Rounding(leftover_to=(COMPANY,)),
)
by_third_party: Final = (
    claim_around(case_judged((COMPANY, 2_000), (THIRD, 8_000)))
    .given(*confirmed.history)
    .given(
        TECHNICIAN.did(THIRD_PARTY_SPLIT),
        TECHNICIAN.did(opened("THIRD_PARTY", main_party=THIRD)),
    )
)
"""A carrier is to blame for the most; it is negotiated."""
