"""Cases and claims on their way through real turns, for what is counted of them."""

from datetime import date
from typing import Any, Final

from app.domain.cause_catalogue.decisions import DefineCause, MergeCause
from app.domain.claim.commands import SplitClaim, WithdrawClaim
from app.domain.claim.objections import (
    ApproveProposal,
    ProposeAdjustment,
    ProposeCancellation,
    RaiseDispute,
)
from app.domain.claim.words import ShareRatio
from app.domain.cost_entry.decisions import CorrectCost, RecordCost
from app.domain.cost_entry.events import CostKind
from app.domain.decider import SINGLE
from app.domain.feedback_case.commands import (
    ClassifyFeedback,
    DetermineRootCause,
    JudgeResponsibility,
    RegisterFeedback,
    RejectRootCause,
    VoidCase,
)
from app.domain.feedback_case.corrections import (
    ApproveFeedbackCorrection,
    ProposeFeedbackCorrection,
)
from app.domain.feedback_case.state import (
    CauseMethod,
    Channel,
    FeedbackChanges,
    LifePhase,
    ResponsibilityShare,
    Severity,
)
from app.domain.money import money
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.rules import Figures
from app.domain.sales_figures.decisions import RecordSalesFigure
from app.domain.service_visit.commands import (
    CompleteServiceVisit,
    CorrectVisitCost,
    DispatchServiceVisit,
    RecordServiceFinding,
    StartServiceVisit,
)
from app.domain.service_visit.state import ServiceWork, VisitCost, VisitProvince
from app.domain.values import Category, CauseClass, Party, Role
from app.domain.warranty_agreement.commands import ApproveAgreementVersion, DraftAgreementVersion
from app.domain.warranty_agreement.events import (
    AgreementShare,
    BasisDate,
    CauseClassShares,
)
from tests.people import (
    CASHIER,
    CLERK,
    DIRECTOR,
    ENGINEER,
    GENERAL_MANAGER,
    QUALITY_MANAGER,
    SALES,
    SERVICE,
    TECHNICIAN,
    Person,
)
from tests.turns import S_A, House

SECOND_CASHIER: Final = Person("Mei", Role.FINANCE)
CAUSES: Final = ("M01", "M02", "M03", "N01")
REASON: Final = "It was found to be so."


def a_house(figures: Figures = FIRST_FIGURES) -> House:
    """Four causes, one of them no fault at all, and an agreement of 70 to 30."""
    house = House(figures)
    for code in CAUSES:
        cause_class = CauseClass.NTF if code == "N01" else CauseClass.MANUFACTURING
        define = DefineCause(code=code, zh="缺胶", en="missing rubber", cause_class=cause_class)
        house.asked(define, ENGINEER, SINGLE)
    shares = (
        AgreementShare(party=Party.COMPANY, bps=7000),
        AgreementShare(party=Party.CUSTOMER, bps=3000),
    )
    draft = DraftAgreementVersion(
        customer_name="鲁岳重型汽车",
        agreement_year=2025,
        effective_from=date(2025, 1, 1),
        effective_to=date(2025, 12, 31),
        shares_by_cause_class=(
            CauseClassShares(cause_class=CauseClass.MANUFACTURING, shares=shares),
        ),
        ntf_shares=shares,
        objection_days=30,
        basis_date=BasisDate.FAILURE,
        signed_on=date(2025, 1, 1),
        document_ref="AG-C01-2025",
    )
    house.asked(draft, SALES, "C01")
    house.asked(ApproveAgreementVersion(agreement_year=2025, version=1), DIRECTOR, "C01")
    return house


def told(house: House, on: date, category: Category = Category.PRODUCT) -> str:
    """A case of that day, classified; its id."""
    register = RegisterFeedback(
        customer_id="C01",
        channel=Channel.PHONE,
        occurred_on=on,
        life_phase=LifePhase.FIELD,
        spec_code=S_A,
        failure_mode="Oil leaks at the lip.",
        qty_reported=1,
        description="Found on the road.",
    )
    to = house.asked(register, CLERK).to
    house.asked(ClassifyFeedback(category=category, severity=Severity.GENERAL), CLERK, to)
    return to


def determine(house: House, case: str, cause: str = "M01") -> None:
    """QA finds why, whatever was found before."""
    found = DetermineRootCause(
        cause_code=cause,
        occurrence_cause="The mould was worn.",
        method=CauseMethod.FIVE_WHY,
        evidence=("PH-1",),
        supersedes_reason=REASON,
    )
    house.asked(found, ENGINEER, case)


def reject(house: House, case: str) -> None:
    """A second person does not believe the cause."""
    house.asked(RejectRootCause(reason=REASON), QUALITY_MANAGER, case)


def judge(house: House, case: str, company_bps: int | None) -> None:
    """Engineering judges; None leaves it to the agreement."""
    shares = None
    if company_bps is not None:
        shares = (
            ResponsibilityShare(party=Party.COMPANY, bps=company_bps),
            ResponsibilityShare(party=Party.CUSTOMER, bps=10_000 - company_bps),
        )
    judgement = JudgeResponsibility(shares=shares, grounds=REASON, supersedes_reason=REASON)
    house.asked(judgement, TECHNICIAN, case)


def void(house: House, case: str) -> None:
    """It was no case."""
    house.asked(VoidCase(reason=REASON), QUALITY_MANAGER, case)


def occurred_rather_on(house: House, case: str, on: date) -> None:
    """Two persons correct the day."""
    changes = FeedbackChanges(occurred_on=on)
    house.asked(ProposeFeedbackCorrection(changes=changes, reason=REASON), CLERK, case)
    house.asked(ApproveFeedbackCorrection(), QUALITY_MANAGER, case)


def merge_causes(house: House, code: str, into: str) -> None:
    """Both mean one cause."""
    house.asked(MergeCause(code=code, into=into, reason=REASON), QUALITY_MANAGER, SINGLE)


def split(house: House, claim: str) -> None:
    """Engineering splits the claim."""
    house.asked(SplitClaim(), TECHNICIAN, claim)


def dispute(house: House, claim: str) -> None:
    """Somebody objects."""
    house.asked(RaiseDispute(grounds=REASON), SALES, claim)


def adjust(house: House, claim: str, fen: int, company_bps: int | None = None) -> None:
    """Engineering proposes another amount, and perhaps other shares; it is approved."""
    shares = None
    if company_bps is not None:
        shares = (
            ShareRatio(party=Party.COMPANY, bps=company_bps),
            ShareRatio(party=Party.CUSTOMER, bps=10_000 - company_bps),
        )
    adjustment = ProposeAdjustment(new_total=money(fen), shares=shares, reason=REASON)
    house.asked(adjustment, TECHNICIAN, claim)
    house.asked(ApproveProposal(), GENERAL_MANAGER, claim)


def cancel(house: House, claim: str) -> None:
    """Nothing is paid."""
    house.asked(ProposeCancellation(reason=REASON), TECHNICIAN, claim)
    house.asked(ApproveProposal(), GENERAL_MANAGER, claim)


def withdraw(house: House, claim: str) -> None:
    """The customer takes it back."""
    house.asked(WithdrawClaim(reason=REASON), CLERK, claim)


def spend(house: House, fen: int, on: date, **said: Any) -> str:  # noqa: ANN401 - any field
    """A visit, entered by hand; the entry's id."""
    visit = RecordCost(kind=CostKind.VISIT, amount=money(fen), on=on, voucher="V-1", **said)
    return house.asked(visit, CASHIER).to


def spent_rather(house: House, entry: str, fen: int, on: date) -> None:
    """Another person of finance corrects it."""
    house.asked(CorrectCost(amount=money(fen), on=on, reason=REASON), SECOND_CASHIER, entry)


def visit_begun(house: House, case: str) -> str:
    """Somebody is on the spot and has seen something; the visit's id."""
    go = DispatchServiceVisit(
        case_id=case,
        person=SERVICE.name,
        place="Jinan",
        province=VisitProvince.SAME,
        purpose="See the leak.",
    )
    to = house.asked(go, ENGINEER).to
    found = RecordServiceFinding(work=ServiceWork.SORT, findings="Two leak.", qty=40)
    house.asked(StartServiceVisit(), SERVICE, to)
    house.asked(found, SERVICE, to)
    return to


def visit_ended(house: House, visit: str, fen: int) -> None:
    """It cost so much, all of it for the way."""
    cost = VisitCost(travel=money(fen), labour=money(0), material=money(0))
    house.asked(CompleteServiceVisit(not_signed_because=REASON, cost=cost), SERVICE, visit)


def visited(house: House, case: str, fen: int) -> str:
    """Somebody went to the customer; the visit's id."""
    to = visit_begun(house, case)
    visit_ended(house, to, fen)
    return to


def visited_rather(house: House, visit: str, **said: Any) -> None:  # noqa: ANN401 - any field
    """A visit cost something else."""
    house.asked(CorrectVisitCost(reason=REASON, **said), CASHIER, visit)


def sell(house: House, fen: int, month: int = 1) -> None:
    """The net sales of a month of 2025."""
    figure = RecordSalesFigure(month=month, net_sales=money(fen), source_ref="GL-1")
    house.asked(figure, CASHIER, "2025")
