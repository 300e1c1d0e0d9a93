"""What can be asked of a claim."""

from typing import ClassVar, TypeAlias

from pydantic import Field

from app.domain.claim.corrections import ClaimCorrectionCommand
from app.domain.claim.objections import (
    ApproveProposal,
    ConcludeNegotiation,
    ConsentToLateObjection,
    LapseObjection,
    NegotiationUnderWay,
    NoteAppeal,
    ProposalWaits,
    ProposeAdjustment,
    ProposeCancellation,
    RaiseDispute,
    RejectProposal,
)
from app.domain.claim.payments import RecordRecoveryReceived, RegisterRecovery, SettleClaim
from app.domain.claim.refusals import (
    AgreementNotInForce,
    AgreementSilent,
    AlreadySplit,
    CaseAlreadyLinked,
    CaseNotClaimable,
    CaseNotJudged,
    ClaimAlreadyConfirmed,
    ClaimAlreadyFiled,
    ClaimAlreadySettled,
    ClaimCheckFailed,
    ClaimIsOver,
    ClaimLineTwice,
    ClaimNotChecked,
    ClaimNotConfirmed,
    ClaimNotFiled,
    ClaimNotSettled,
    ClaimNotSplit,
    ClaimNotVerified,
    ClaimOfAnotherCustomer,
    ClaimWithoutCase,
    ConvertedTooLarge,
    CurrencyMismatch,
    DeliveryDayMissing,
    ExchangeRateMismatch,
    ExecutionAlreadyApproved,
    FailureAfterNotice,
    FilingNoTaken,
    JudgementsDiffer,
    LineMismatch,
    MoreThanClaimed,
    NoSuchClaimLine,
    NoticeAlreadyClaimed,
    SodClaim,
    SodExecution,
    SpecMissing,
    SumMismatch,
    VerifiedBackwards,
)
from app.domain.claim.words import (
    ConfirmedLine,
    ExchangeRate,
    NoticeLine,
    VerificationMode,
)
from app.domain.decider import Command
from app.domain.errors import (
    AlreadyExists,
    AlreadyReported,
    InTheFuture,
    NotFound,
    SourceIncomplete,
)
from app.domain.money import Amount, Currency, Money
from app.domain.values import (
    Code,
    Count,
    CustomerId,
    Day,
    Evidence,
    Id,
    Instant,
    Reason,
    Role,
    Text,
)

# --- the way in -----------------------------------------------------------------------------


class RegisterClaim(Command):
    """Register a customer's notice of claim with its cost lines (登记索赔)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_CLERK, Role.INTEGRATION})
    opens: ClassVar[bool] = True
    refusals = (
        AlreadyExists,
        SourceIncomplete,
        AlreadyReported,
        NoticeAlreadyClaimed,
        InTheFuture,
        FailureAfterNotice,
        ClaimLineTwice,
        SpecMissing,
        LineMismatch,
        SumMismatch,
        CurrencyMismatch,
        ExchangeRateMismatch,
        ConvertedTooLarge,
        CaseNotClaimable,
        ClaimOfAnotherCustomer,
        CaseAlreadyLinked,
    )

    customer_id: CustomerId
    notice_no: Code = Field(description="The customer's own number of the notice (索赔通知号).")
    notice_received_at: Instant | None = Field(
        default=None, description="When the notice reached us; now, when not given."
    )
    source_system: Code | None = Field(
        default=None, description="The system that reports, with external_ref.", examples=["ERP"]
    )
    external_ref: Code | None = Field(
        default=None, description="The number in source_system: unique there."
    )
    case_ids: tuple[Id, ...] = Field(
        default=(), max_length=50, description="The feedback cases that it is about (反馈单)."
    )
    lines: tuple[NoticeLine, ...] = Field(min_length=1, max_length=500)
    claimed_total: Amount = Field(description="索赔金额: what the lines add up to.")
    currency: Currency = Field(default="CNY", description="币种 of every amount of the notice.")
    fx: ExchangeRate | None = Field(
        default=None,
        description="Needed for another currency than CNY: it is converted once, line by line.",
    )
    tax_included: bool = Field(default=True, strict=True)
    failure_on: Day = Field(
        description="The day of the failure, or an instant of it; it decides the agreement."
    )
    delivered_on: Day | None = Field(
        default=None, description="交付日期: needed where the agreement counts from it."
    )


class LinkCase(Command):
    """Say that the claim is about one more feedback case (关联反馈单)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_CLERK, Role.QA_ENGINEER})
    refusals = (
        NotFound,
        ClaimIsOver,
        ClaimAlreadySettled,
        CaseNotClaimable,
        ClaimOfAnotherCustomer,
        CaseAlreadyLinked,
    )

    case_id: Id


class RecountClaim(Command):
    """See whether the claim still counts against its specifications (重新计数)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NotFound,)


class RecountClaimCost(Command):
    """See what the company bears of the claim, as the yearly target counts it (重新计入费用)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NotFound, ClaimNotConfirmed)


class CheckClaim(Command):
    """Answer the three questions: does it hang together, is it accurate, is it our part (审核)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NotFound, ClaimIsOver, ClaimAlreadyConfirmed)

    logic: bool = Field(strict=True, description="Symptom, cause and measure fit (逻辑性).")
    accuracy: bool = Field(strict=True, description="Drawing, supplier, unit are right (准确性).")
    conformity: bool = Field(strict=True, description="The part is really ours (符合性).")
    notes: Text


class VerifyClaim(Command):
    """Record a look at the failure, at short notice and on the spot (飞行确认)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.MARKET_SPECIALIST})
    refusals = (
        NotFound,
        ClaimIsOver,
        ClaimAlreadyConfirmed,
        ClaimNotChecked,
        InTheFuture,
        VerifiedBackwards,
    )

    mode: VerificationMode
    place: Text
    from_at: Instant
    to_at: Instant
    findings: Text
    evidence: Evidence
    parts_seen: Count


# --- the amount -----------------------------------------------------------------------------


class ConfirmClaimAmount(Command):
    """Stand by an amount, in all or line by line (确认索赔金额)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.MARKET_SPECIALIST})
    refusals = (
        NotFound,
        ClaimIsOver,
        ClaimAlreadyConfirmed,
        ClaimNotVerified,
        ClaimCheckFailed,
        SodClaim,
        NoSuchClaimLine,
        ClaimLineTwice,
        SumMismatch,
        MoreThanClaimed,
    )

    confirmed_total: Money = Field(description="确认金额.")
    lines: tuple[ConfirmedLine, ...] = Field(
        default=(),
        max_length=500,
        description="What is confirmed of lines; one that is left out is confirmed as claimed.",
    )
    reason: Reason | None = Field(
        default=None, description="Needed to confirm more than was claimed."
    )


class SplitClaim(Command):
    """Split the amount by responsibility, as judged or as the yearly agreement says (责任分担)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_ENGINEER})
    refusals = (
        NotFound,
        ClaimIsOver,
        ClaimAlreadySettled,
        ClaimNotConfirmed,
        ClaimWithoutCase,
        CaseNotJudged,
        JudgementsDiffer,
        AgreementNotInForce,
        AgreementSilent,
        DeliveryDayMissing,
        AlreadySplit,
    )


class ApproveClaimExecution(Command):
    """Say that the claim is carried out as it was split (批准执行)."""

    clause: ClassVar[str] = "3.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_DIRECTOR})
    refusals = (
        NotFound,
        ClaimIsOver,
        ClaimAlreadySettled,
        ClaimNotConfirmed,
        ClaimNotSplit,
        NegotiationUnderWay,
        ProposalWaits,
        SodExecution,
        ExecutionAlreadyApproved,
    )


# --- the way out ----------------------------------------------------------------------------


class FileClaim(Command):
    """File the claim in 《售后管理台账》 under a number (归档)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NotFound, ClaimNotConfirmed, ClaimAlreadyFiled, FilingNoTaken)

    filing_no: Code = Field(description="归档号.")


class CloseClaim(Command):
    """Close a claim that is settled and filed (关闭索赔)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NotFound, ClaimIsOver, ClaimNotSettled, ClaimNotFiled)


class RejectClaim(Command):
    """Tell the customer that it is no claim on us (拒绝索赔)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER, Role.MARKET_SPECIALIST})
    refusals = (NotFound, ClaimIsOver, ClaimAlreadyConfirmed)

    reason: Reason


class WithdrawClaim(Command):
    """Record that the customer took the claim back (撤回索赔)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_CLERK, Role.INTEGRATION})
    refusals = (NotFound, ClaimIsOver, ClaimAlreadySettled)

    reason: Reason


ClaimCommand: TypeAlias = (
    RegisterClaim
    | LinkCase
    | RecountClaim
    | RecountClaimCost
    | CheckClaim
    | VerifyClaim
    | ConfirmClaimAmount
    | SplitClaim
    | ApproveClaimExecution
    | LapseObjection
    | ConsentToLateObjection
    | RaiseDispute
    | NoteAppeal
    | ConcludeNegotiation
    | ProposeAdjustment
    | ProposeCancellation
    | ApproveProposal
    | RejectProposal
    | SettleClaim
    | RegisterRecovery
    | RecordRecoveryReceived
    | FileClaim
    | CloseClaim
    | RejectClaim
    | WithdrawClaim
    | ClaimCorrectionCommand
)
