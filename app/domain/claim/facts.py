"""What can happen to a claim: the events. Money is whole fen."""

from datetime import date, datetime
from typing import ClassVar, TypeAlias

from pydantic import Field
from typing_extensions import override

from app.domain.claim.words import (
    CostLine,
    ForeignNotice,
    LineResult,
    NegotiationReason,
    ProposalKind,
    Rounding,
    SettlementMethod,
    SharePart,
    ShareRatio,
    SharesSource,
    SpecPieces,
    SpecStanding,
    VerificationMode,
)
from app.domain.corrections import SaysCorrection
from app.domain.decider import Event
from app.domain.money import Fen
from app.domain.values import (
    Category,
    CauseClass,
    Code,
    Count,
    CustomerId,
    Evidence,
    Id,
    Party,
    Reason,
    Text,
)


def _is_none(value: object) -> bool:
    return value is None


class ClaimFact(Event):
    """What every event after the first says again, so that readers need no other stream."""

    clause: ClassVar[str] = "4.5"

    claim_no: Code
    customer_id: CustomerId


# --- the way in -----------------------------------------------------------------------------


class ClaimRegistered(Event):
    """A customer sent a notice of claim."""

    clause: ClassVar[str] = "4.5"
    numbered: ClassVar[str | None] = "claim_no"

    claim_no: Code
    customer_id: CustomerId
    notice_no: Code
    notice_received_at: datetime
    source_system: Code | None
    external_ref: Code | None
    case_ids: tuple[Id, ...]
    case_nos: tuple[Code, ...]
    category: Category | None = Field(description="The class of its cases, where one is known.")
    counts: bool = Field(description="Whether it will count against its specifications (R-05).")
    lines: tuple[CostLine, ...]
    specs: tuple[SpecPieces, ...]
    claimed_fen: Fen
    tax_included: bool
    failure_on: date
    delivered_on: date | None
    objection_until: datetime = Field(description="Until when we can object (T11).")
    foreign: ForeignNotice | None = Field(
        default=None,
        exclude_if=_is_none,
        description="What the notice says, where it is in another currency; all else is CNY.",
    )


class CaseLinked(ClaimFact):
    """The claim is about one more feedback case."""

    case_id: Id
    case_no: Code


class ClaimRecounted(ClaimFact):
    """Its cases are of another class now: it counts against its specifications, or no longer."""

    category: Category | None
    counts: bool
    confirmed_on: date | None = Field(description="The day that it counts on; none: not yet.")
    specs: tuple[SpecPieces, ...]


class ClaimChecked(ClaimFact):
    """QA answered whether the claim hangs together, is accurate and is about our part."""

    logic: bool
    accuracy: bool
    conformity: bool
    notes: Text

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T12",)


class ClaimVerified(ClaimFact):
    """The market specialist saw the failure, or evidence of it (飞行确认)."""

    mode: VerificationMode
    place: Text
    from_at: datetime
    to_at: datetime
    findings: Text
    evidence: Evidence
    parts_seen: Count


class ClaimCorrectionProposed(ClaimFact, SaysCorrection):
    """Somebody says that it was registered wrongly; a second person has yet to agree."""


class ClaimCorrected(ClaimFact, SaysCorrection):
    """Two persons stand by other values than were registered."""

    proposed_by: Code


class ClaimCorrectionRejected(ClaimFact):
    """A second person does not agree; all stays as it was registered."""

    reason: Reason


# --- the amount -----------------------------------------------------------------------------


class ClaimAmountConfirmed(ClaimFact):
    """The market specialist stands by this amount."""

    confirmed_fen: Fen
    claimed_fen: Fen
    line_results: tuple[LineResult, ...] = Field(description="Empty: not gone through line by line")
    reason: Reason | None
    confirmed_on: date = Field(description="The day in Shanghai; it decides the agreement year.")
    counts: bool
    specs: tuple[SpecPieces, ...]
    spec_standings: tuple[SpecStanding, ...] = Field(
        description="How often its specifications were claimed, this claim included (R-05)."
    )
    file_by: datetime = Field(description="Until when QA files it (R-07).")


class ClaimSplitCalculated(ClaimFact):
    """The amount was split by the agreement in force (R-18)."""

    source: SharesSource
    agreement_no: Code
    agreement_year: int
    agreement_version: int
    basis_on: date = Field(description="The day whose agreement counts.")
    case_ids: tuple[Id, ...]
    cause_code: Code
    cause_class: CauseClass
    total_fen: Fen
    shares: tuple[SharePart, ...]
    main_party: Party | None
    rounding: Rounding


class ClaimCostRecounted(ClaimFact):
    """The company bears another amount of the claim now (R-03)."""

    clause: ClassVar[str] = "3.7"

    confirmed_on: date = Field(description="The day that decides in which year it counts.")
    old_cost_fen: Fen
    cost_fen: Fen


class ClaimExecutionApproved(ClaimFact):
    """The technical director says that the claim is carried out."""

    total_fen: Fen
    company_fen: Fen


# --- dispute and negotiation ----------------------------------------------------------------


class LateObjectionConsented(ClaimFact):
    """The general manager lets somebody object after the window."""

    reason: Reason


class DisputeRaised(ClaimFact):
    """One side objects to the claim."""

    grounds: Text

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T11",)


class NegotiationOpened(ClaimFact):
    """Engineering negotiates with the customer (R-06)."""

    rule_id: Code
    because: NegotiationReason
    main_party: Party | None


class NegotiationConcluded(ClaimFact):
    """Both sides came to an end."""

    minutes_ref: Code
    agreed: Text


class ClaimChangeProposed(ClaimFact):
    """Engineering proposes to adjust or cancel the amount."""

    kind: ProposalKind
    old_total_fen: Fen
    new_total_fen: Fen
    shares: tuple[ShareRatio, ...] | None
    reason: Reason


class ClaimChangeRejected(ClaimFact):
    """A second person does not want the change."""

    kind: ProposalKind
    reason: Reason


class ClaimAdjusted(ClaimFact):
    """The amount or the shares are others now; two people stand by it."""

    old_total_fen: Fen
    new_total_fen: Fen
    shares: tuple[SharePart, ...] = Field(description="Empty: it is not split yet.")
    shares_changed: bool
    reason: Reason
    proposed_by: Code


class ClaimCancelled(ClaimFact):
    """The claim is not paid; two people stand by it."""

    amount_released_fen: Fen
    reason: Reason
    proposed_by: Code
    confirmed_on: date | None
    counts: bool
    specs: tuple[SpecPieces, ...]

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`."""
        return ("T11", "T12")


# --- the way out ----------------------------------------------------------------------------


class ClaimSettled(ClaimFact):
    """Finance paid what the company bears."""

    method: SettlementMethod
    voucher: Code
    amount_fen: Fen
    advanced_fen: Fen = Field(description="Of it, paid for a third party, to be recovered.")

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`."""
        return ("T11",)


class RecoveryRegistered(ClaimFact):
    """A third party is asked for what it bears."""

    party_id: Code
    amount_fen: Fen


class RecoveryReceived(ClaimFact):
    """A third party paid back."""

    party_id: Code
    amount_fen: Fen
    voucher: Code


class ClaimFiled(ClaimFact):
    """QA filed the claim (R-07)."""

    filing_no: Code

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T21",)


class ClaimClosed(ClaimFact):
    """It is settled and filed; nothing is left to do."""


class ClaimObjectionLapsed(ClaimFact):
    """Nobody objected in time (T11): the claim is taken as accepted."""

    due_at: datetime

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`."""
        return ("T11",)


class ClaimRejected(ClaimFact):
    """It is no claim on us."""

    reason: Reason

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`."""
        return ("T11", "T12", "T21")


class ClaimWithdrawn(ClaimFact):
    """The customer took it back."""

    amount_released_fen: Fen
    reason: Reason
    confirmed_on: date | None
    counts: bool
    specs: tuple[SpecPieces, ...]

    @override
    def drops(self) -> tuple[str, ...]:
        """See `Event.drops`."""
        return ("T11", "T12", "T21")


WayInEvent: TypeAlias = ClaimRegistered | CaseLinked | ClaimRecounted | ClaimChecked | ClaimVerified
ClaimCorrectionEvent: TypeAlias = ClaimCorrectionProposed | ClaimCorrected | ClaimCorrectionRejected
AmountEvent: TypeAlias = (
    ClaimAmountConfirmed | ClaimSplitCalculated | ClaimExecutionApproved | ClaimCostRecounted
)
DisputeEvent: TypeAlias = (
    ClaimObjectionLapsed
    | LateObjectionConsented
    | DisputeRaised
    | NegotiationOpened
    | NegotiationConcluded
    | ClaimChangeProposed
    | ClaimChangeRejected
    | ClaimAdjusted
    | ClaimCancelled
)
WayOutEvent: TypeAlias = (
    ClaimSettled
    | RecoveryRegistered
    | RecoveryReceived
    | ClaimFiled
    | ClaimClosed
    | ClaimRejected
    | ClaimWithdrawn
)
ClaimEvent: TypeAlias = WayInEvent | ClaimCorrectionEvent | AmountEvent | DisputeEvent | WayOutEvent
