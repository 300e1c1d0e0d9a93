"""A claim and a feedback case whose lives leave no column of their ledgers empty."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from app.domain.capa.commands import IssueCapa
from app.domain.capa.state import CapaSource
from app.domain.cause_catalogue.decisions import DefineCause
from app.domain.claim.commands import (
    ApproveClaimExecution,
    CheckClaim,
    CloseClaim,
    ConfirmClaimAmount,
    FileClaim,
    RegisterClaim,
    SplitClaim,
    VerifyClaim,
)
from app.domain.claim.objections import ApproveProposal, ConcludeNegotiation, ProposeAdjustment
from app.domain.claim.payments import RecordRecoveryReceived, RegisterRecovery, SettleClaim
from app.domain.claim.words import (
    LineType,
    NoticeLine,
    SettlementMethod,
    ShareRatio,
    VerificationMode,
)
from app.domain.decider import SINGLE
from app.domain.escalation.events import EscalationRaised
from app.domain.feedback_case.commands import (
    AcknowledgeFeedback,
    ApproveRootCause,
    ClassifyFeedback,
    CloseCase,
    ConfirmQuantity,
    DetermineRootCause,
    ForwardFeedback,
    JudgeResponsibility,
    RecordContainment,
    RegisterFeedback,
    StartEmergencyAction,
)
from app.domain.feedback_case.replies import RecordCustomerAnswer, ReplyToCustomer
from app.domain.feedback_case.state import (
    Area,
    CauseMethod,
    Channel,
    ContainmentAction,
    LifePhase,
    Outcome,
    ReplyStage,
    ResponsibilityShare,
    Severity,
    Vehicle,
)
from app.domain.money import money
from app.domain.return_list.commands import DecideDisposition, ReceiveReturn
from app.domain.return_list.state import DispositionOutcome, ReceivedLine
from app.domain.values import Category, CauseClass, Department, Party
from app.domain.warranty_agreement.commands import ApproveAgreementVersion
from tests.domain.returns import ANNOUNCE, AUTHORIZE
from tests.domain.test_warranty_agreement import draft
from tests.people import (
    CASHIER,
    CLERK,
    DIRECTOR,
    ENGINEER,
    GENERAL_MANAGER,
    QUALITY_MANAGER,
    SALES,
    SPECIALIST,
    STOREKEEPER,
    TECHNICIAN,
)
from tests.turns import S_A, House, claim_confirmed, close_escalation

REASON: Final = "The photos show it."


@dataclass
class Lived:
    """The ids of what was lived, and where."""

    house: House
    case: str
    claim: str


def an_agreed_year() -> House:
    """A cause in the catalogue and an agreement in force."""
    house = House()
    cause = DefineCause(
        code="M01", zh="唇口缺胶", en="missing rubber", cause_class=CauseClass.MANUFACTURING
    )
    house.asked(cause, ENGINEER, SINGLE)
    house.asked(draft(), SALES, "C01")
    house.asked(ApproveAgreementVersion(agreement_year=2025, version=1), DIRECTOR, "C01")
    return house


def a_case(house: House) -> str:
    """A case that everything happens to, up to the judgement; its id."""
    told = RegisterFeedback(
        customer_id="C01",
        customer_ref="QN-77",
        channel=Channel.EMAIL,
        received_at=datetime.fromisoformat("2025-03-03T09:30:00+08:00"),
        occurred_on=date(2025, 3, 1),
        life_phase=LifePhase.FIELD,
        spec_code=S_A,
        drawing_no="SJ-085105-01",
        lot_no="L2501",
        produced_on=date(2025, 1, 15),
        failure_mode="后油封漏油",
        qty_reported=5,
        vehicle=Vehicle(model="WD615", vin="LZZ5CLSB8NA123456", mileage_km=12_000, hours=410),
        customer_deadline=datetime.fromisoformat("2025-03-10T16:00:00+08:00"),
        description="用户行驶 12 000 km 后发现漏油。",
    )
    to = house.asked(told, CLERK).to
    shares = (
        ResponsibilityShare(party=Party.COMPANY, bps=2_000),
        ResponsibilityShare(party=Party.THIRD_PARTY, party_id="V-7", bps=8_000),
    )
    found = DetermineRootCause(
        cause_code="M01",
        occurrence_cause="The trimming knife was worn.",
        method=CauseMethod.TEARDOWN,
        evidence=("PH-1",),
    )
    stock = RecordContainment(
        area=Area.WAREHOUSE, lot_no="L2501", checked=100, nok=5, action=ContainmentAction.SORT
    )
    emergency = StartEmergencyAction(
        reason="The press is down.", plan_ref="EP-3", action="Deliver from C-stock.", owner="Ma"
    )
    for who, command in (
        (CLERK, ClassifyFeedback(category=Category.PRODUCT, severity=Severity.SERIOUS)),
        (CLERK, ForwardFeedback(to_departments=(Department.QA, Department.TECH))),
        (CLERK, AcknowledgeFeedback(channel=Channel.PHONE)),
        (CLERK, emergency),
        (ENGINEER, stock),
        (ENGINEER, ConfirmQuantity(qty_confirmed=4, basis="Counted at the line.")),
        (ENGINEER, found),
        (QUALITY_MANAGER, ApproveRootCause()),
        (TECHNICIAN, JudgeResponsibility(shares=shares, grounds="The box fell from the truck.")),
    ):
        house.asked(command, who, to)
    return to


def a_case_ends(house: House, case: str) -> None:
    """Parts come back, a report is issued, the customer is content."""
    returned = house.asked(ANNOUNCE.model_copy(update={"case_id": case}), CLERK).to
    house.asked(AUTHORIZE, ENGINEER, returned)
    counted = ReceiveReturn(
        waybill="SF-1",
        carrier="SF",
        location="Q-01",
        lines=(ReceivedLine(line=1, qty_received=3), ReceivedLine(line=2, qty_received=2)),
        final=True,
    )
    house.asked(counted, STOREKEEPER, returned)
    scrap = DecideDisposition(line=1, outcome=DispositionOutcome.SCRAP, qty=2)
    house.asked(scrap, ENGINEER, returned)
    house.asked(report(CapaSource(kind="CASE", id=case)), ENGINEER)
    house.asked(ReplyToCustomer(stage=ReplyStage.FINAL, doc_ref="RE-1"), CLERK, case)
    house.asked(RecordCustomerAnswer(outcome=Outcome.ACCEPTED), CLERK, case)
    house.asked(CloseCase(), ENGINEER, case)


def report(source: CapaSource) -> IssueCapa:
    """QA wants to know why."""
    return IssueCapa(
        source=source,
        problem="The lip is torn in trimming.",
        owner="Ma",
        owner_department=Department.PRODUCTION,
        due_on=date(2025, 6, 30),
    )


def cost(number: int, kind: LineType, fen: int) -> NoticeLine:
    """One cost line of the specification."""
    return NoticeLine(line=number, spec_code=S_A, type=kind, amount=money(fen))


COSTS: Final = (
    *(cost(number, kind, number * 10_00) for number, kind in enumerate(LineType, start=1)),
    cost(9, LineType.MATERIAL, 300_00),
)
"""10.00 to 80.00, one line a kind, and 300.00 more of material: 660.00 in all."""


def a_claim(house: House, case: str) -> str:
    """The third claim of its specification, confirmed at 640.00: escalated for both reasons."""
    for _ in range(2):
        claim_confirmed(house, 80_00)
    notice = RegisterClaim(
        customer_id="C01",
        notice_no="SQ-2025-0418",
        notice_received_at=datetime.fromisoformat("2025-03-03T08:00:00+08:00"),
        case_ids=(case,),
        lines=COSTS,
        claimed_total=money(660_00),
        tax_included=False,
        failure_on=date(2025, 3, 1),
    )
    to = house.asked(notice, CLERK).to
    seen = VerifyClaim(
        mode=VerificationMode.UNANNOUNCED_VISIT,
        place="济南",
        from_at=datetime(2025, 3, 3, 1, tzinfo=UTC),
        to_at=datetime(2025, 3, 3, 2, tzinfo=UTC),
        findings="漏油",
        evidence=("IMG-1",),
        parts_seen=1,
    )
    for who, command in (
        (ENGINEER, CheckClaim(logic=True, accuracy=True, conformity=True, notes="相符")),
        (SPECIALIST, seen),
        (SPECIALIST, ConfirmClaimAmount(confirmed_total=money(640_00))),
    ):
        house.asked(command, who, to)
    return to


def a_claim_ends(house: House, claim: str) -> None:
    """The carrier is to blame: negotiated, adjusted to 600.00, advanced, recovered, closed."""
    raised = [e for e in house.events if isinstance(e.event, EscalationRaised)]
    shares = (
        ShareRatio(party=Party.COMPANY, bps=3_000),
        ShareRatio(party=Party.THIRD_PARTY, party_id="V-7", bps=7_000),
    )
    house.asked(SplitClaim(), TECHNICIAN, claim)
    proposal = ProposeAdjustment(new_total=money(600_00), shares=shares, reason=REASON)
    house.asked(proposal, TECHNICIAN, claim)
    house.asked(ApproveProposal(), GENERAL_MANAGER, claim)
    close_escalation(house, raised[-1].happened.to)
    paid = SettleClaim(method=SettlementMethod.TRANSFER, voucher="V-1", amount=money(600_00))
    back = RecordRecoveryReceived(party_id="V-7", amount=money(400_00), voucher="RV-1")
    for who, command in (
        (TECHNICIAN, ConcludeNegotiation(minutes_ref="MIN-12", agreed="600.00, 30/70.")),
        (DIRECTOR, ApproveClaimExecution()),
        (CASHIER, paid),
        (SALES, RegisterRecovery(party_id="V-7", amount=money(420_00))),
        (CASHIER, back),
        (ENGINEER, FileClaim(filing_no="SH-2025-001")),
        (ENGINEER, CloseClaim()),
    ):
        house.asked(command, who, claim)


def whole_lives() -> Lived:
    """Both, from the first call to the last signature."""
    house = an_agreed_year()
    case = a_case(house)
    claim = a_claim(house, case)
    a_claim_ends(house, claim)
    a_case_ends(house, case)
    return Lived(house, case, claim)


def empty_columns(row: Any) -> list[str]:  # noqa: ANN401 - rows differ
    """The columns of a row that say nothing."""
    return [name for name, value in dict(row).items() if value in (None, (), "", 0)]
