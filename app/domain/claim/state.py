"""What a claim adds up to. Amounts are whole fen to decide with, and money where people read."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from app.domain.claim.words import (
    ClaimStatus,
    ForeignNotice,
    LineType,
    NegotiationReason,
    ProposalKind,
    SettlementMethod,
    ShareRatio,
    SharesSource,
    SpecPieces,
    SpecStanding,
    VerificationMode,
)
from app.domain.corrections import CorrectionProposal
from app.domain.money import Shown
from app.domain.values import Category, CauseClass, Party

NEVER: Final = datetime.min.replace(tzinfo=UTC)
"""When a notice came that nobody registered; nobody sees it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A cost line, and what was confirmed of it when the specialist went line by line."""

    line: int
    spec_code: str | None
    pieces: int | None
    type: LineType
    quantity: str | None
    unit_price: Shown | None
    amount: Shown
    confirmed: Shown | None = None
    confirmed_because: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """QA's three questions: does it hang together, is it accurate, is it our part."""

    logic: bool
    accuracy: bool
    conformity: bool
    notes: str
    checked_by: str
    checked_at: datetime

    @property
    def passed(self) -> bool:
        """Whether all three are answered with yes."""
        return self.logic and self.accuracy and self.conformity


@dataclass(frozen=True, slots=True)
class Verification:
    """One look at the failure (飞行确认)."""

    mode: VerificationMode
    place: str
    from_at: datetime
    to_at: datetime
    findings: str
    evidence: tuple[str, ...]
    parts_seen: int
    verified_by: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The amount that the specialist stands by."""

    amount: Shown
    reason: str | None
    confirmed_by: str
    confirmed_at: datetime
    confirmed_on: date
    file_by: datetime
    spec_standings: tuple[SpecStanding, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """By which agreement and on which grounds a claim was split."""

    source: SharesSource
    agreement_no: str
    agreement_year: int
    agreement_version: int
    basis_on: date
    cause_code: str
    cause_class: CauseClass
    split_by: str
    split_at: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """What one party bears of the amount as it stands."""

    party: Party
    party_id: str | None
    bps: int
    amount: Shown


@dataclass(frozen=True, slots=True)
class Negotiation:
    """What engineering negotiates with the customer, and how it ended."""

    reason: NegotiationReason
    grounds: str | None
    opened_at: datetime
    minutes_ref: str | None = None
    agreed: str | None = None
    concluded_by: str | None = None
    concluded_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still talked about."""
        return self.concluded_at is None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the amount that waits for a second person."""

    kind: ProposalKind
    new_total: Shown
    shares: tuple[ShareRatio, ...] | None
    reason: str
    proposed_by: str
    proposed_at: datetime


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change of the amount or of the shares that two people stand by."""

    old_total: Shown
    new_total: Shown
    reason: str
    proposed_by: str
    approved_by: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was paid, how, and by whom."""

    method: SettlementMethod
    voucher: str
    amount: Shown
    advanced_for_third_party: Shown
    settled_by: str
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class Filing:
    """Under which number QA filed the claim."""

    filing_no: str
    filed_by: str
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a third party owes us for a claim, and what came back."""

    party_id: str
    amount: Shown
    received: Shown = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a claim ended without being settled."""

    status: ClaimStatus
    reason: str
    ended_by: str
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it stands."""

    status: ClaimStatus = ClaimStatus.NOT_REGISTERED
    claim_no: str = ""
    customer_id: str = ""
    notice_no: str = ""
    notice_received_at: datetime = NEVER
    source_system: str | None = None
    external_ref: str | None = None
    case_ids: tuple[str, ...] = ()
    case_nos: tuple[str, ...] = ()
    category: Category | None = None
    """The class of its cases; none while no case is linked and classified."""
    counts: bool = True
    """Whether it counts against its specifications (R-05): product claims, and unclassified."""
    lines: tuple[Line, ...] = ()
    specs: tuple[SpecPieces, ...] = ()
    claimed: Shown = 0
    foreign: ForeignNotice | None = None
    """What the notice says, where it is in another currency than CNY."""
    tax_included: bool = True
    failure_on: date = date.min
    delivered_on: date | None = None
    objection_until: datetime = NEVER
    objection_lapsed_at: datetime | None = None
    late_objection_consented_by: str | None = None
    registered_by: str = ""
    check: Check | None = None
    verifications: tuple[Verification, ...] = ()
    confirmation: Confirmation | None = None
    amount: Shown | None = None
    """The gross amount as it stands: confirmed, then adjusted. A cancelled claim has none."""
    split: Split | None = None
    shares: tuple[Share, ...] = ()
    shares_source: SharesSource | None = None
    counted_cost: Shown = 0
    """What the year's cost of after-sales service counts of it (R-03)."""
    negotiations: tuple[Negotiation, ...] = ()
    proposal: Proposal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    approved_by: str | None = None
    approved_at: datetime | None = None
    settlement: Settlement | None = None
    filing: Filing | None = None
    recoveries: tuple[Recovery, ...] = ()
    ending: Ending | None = None
    closed_at: datetime | None = None
    registered_event_id: str = ""
    correction: CorrectionProposal | None = None
    """A correction of what was registered that waits for the second person."""
    corrections: tuple[str, ...] = ()
    """The events by which it was corrected."""

    @property
    def negotiation(self) -> Negotiation | None:
        """The negotiation that is open."""
        return next((each for each in self.negotiations if each.is_open), None)

    def share_of(self, party: Party) -> int:
        """What a party bears, in fen."""
        return sum(each.amount for each in self.shares if each.party is party)

    @property
    def company_cost(self) -> int:
        """What the company bears of a confirmed claim, in fen: all of it until it is split."""
        if self.confirmation is None or self.ending is not None:
            return 0
        return self.share_of(Party.COMPANY) if self.shares else self.amount or 0

    @property
    def main_party(self) -> Party | None:
        """The party with the largest share; none on a tie or before the split."""
        largest = max((each.bps for each in self.shares), default=0)
        leaders = [each.party for each in self.shares if each.bps == largest]
        return leaders[0] if len(leaders) == 1 else None


def furthest_step(claim: Claim) -> ClaimStatus:
    """The furthest step that the facts of a registered claim support."""
    if claim.ending is not None:
        return claim.ending.status
    steps = (
        (ClaimStatus.CLOSED, claim.closed_at is not None),
        (ClaimStatus.SETTLED, claim.settlement is not None),
        (ClaimStatus.NEGOTIATING, claim.negotiation is not None),
        (ClaimStatus.APPROVED, claim.approved_at is not None),
        (ClaimStatus.SPLIT, bool(claim.shares)),
        (ClaimStatus.CONFIRMED, claim.confirmation is not None),
        (ClaimStatus.VERIFIED, bool(claim.verifications)),
        (ClaimStatus.CHECKED, claim.check is not None),
    )
    return next((status for status, stands in steps if stands), ClaimStatus.REGISTERED)
