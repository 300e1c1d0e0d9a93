"""What can happen to a customer's warranty agreement, and what it adds up to."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from pydantic import BaseModel, ConfigDict, Field

from app.domain.decider import Event, Happened, Stream, World
from app.domain.replacing import replace
from app.domain.values import Basis, CauseClass, Code, CustomerId, Party, Reason, Text

# --- words ----------------------------------------------------------------------------------

AgreementYear = Annotated[
    int,
    Field(ge=2000, le=2100, strict=True, description="协议年度: 1 January to 31 December."),
]
VersionNo = Annotated[
    int, Field(ge=1, le=1_000_000, strict=True, description="Version within the year (版本).")
]
ObjectionDays = Annotated[
    int,
    Field(ge=1, le=366, strict=True, description="Days in which a side may object (异议期)."),
]


class BasisDate(StrEnum):
    """The day that says which version a claim is shared by (基准日): D8."""

    FAILURE = "FAILURE"
    NOTICE = "NOTICE"
    DELIVERY = "DELIVERY"


class AgreementVersionStatus(StrEnum):
    """What was decided on a version (状态). In force is none: it is read from the days."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class AgreementShare(BaseModel):
    """What one party bears (责任比例)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: Party
    bps: Basis


ShareTable = Annotated[tuple[AgreementShare, ...], Field(min_length=1, max_length=len(Party))]


class CauseClassShares(BaseModel):
    """How failures of one cause class are shared (原因类别的责任比例)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cause_class: CauseClass
    shares: ShareTable


CauseClassTable = Annotated[
    tuple[CauseClassShares, ...],
    Field(
        min_length=1,
        max_length=len(CauseClass),
        description="责任比例表: each cause class at most once; NTF stands in `ntf_shares`.",
    ),
]
NtfShares = Annotated[
    ShareTable, Field(description="How parts in which no fault was found are shared (NTF).")
]

# --- what can happen ------------------------------------------------------------------------


class AgreementFact(Event):
    """What every event says, so that readers need no other."""

    clause: ClassVar[str] = "4.5"

    customer_id: CustomerId
    agreement_no: Code = Field(examples=["AG-C01-2025"])
    agreement_year: AgreementYear
    version: VersionNo


class AgreementVersionDrafted(AgreementFact):
    """A version of a customer's agreement waits for the technical director."""

    customer_name: Text
    effective_from: date
    effective_to: date
    shares_by_cause_class: CauseClassTable
    ntf_shares: NtfShares
    objection_days: ObjectionDays
    basis_date: BasisDate
    signed_on: date
    document_ref: Code


class AgreementVersionApproved(AgreementFact):
    """A version counts for the days that it names, until a later one supersedes it."""

    effective_from: date
    effective_to: date


class AgreementVersionRejected(AgreementFact):
    """A version never counts; its number stays used."""

    reason: Reason


WarrantyAgreementEvent: TypeAlias = (
    AgreementVersionDrafted | AgreementVersionApproved | AgreementVersionRejected
)

# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgreementVersion:
    """One version: what it says, who drafted it and who decided on it."""

    agreement_no: str
    agreement_year: int
    version: int
    effective_from: date
    effective_to: date
    shares_by_cause_class: tuple[CauseClassShares, ...]
    ntf_shares: tuple[AgreementShare, ...]
    objection_days: int
    basis_date: BasisDate
    signed_on: date
    document_ref: str
    drafted_by: str
    drafted_at: datetime
    status: AgreementVersionStatus = AgreementVersionStatus.DRAFT
    decided_by: str | None = None
    decided_at: datetime | None = None
    rejected_because: str | None = None

    @property
    def label(self) -> str:
        """What people call it: `2025 v2`."""
        return f"{self.agreement_year} v{self.version}"

    def covers(self, on: date) -> bool:
        """Whether a day is among its days, the first and the last included."""
        return self.effective_from <= on <= self.effective_to

    def shares_for(self, cause_class: CauseClass) -> tuple[AgreementShare, ...] | None:
        """How failures of a class are shared, or None when the table does not name it."""
        if cause_class is CauseClass.NTF:
            return self.ntf_shares
        named = (each for each in self.shares_by_cause_class if each.cause_class is cause_class)
        found = next(named, None)
        return None if found is None else found.shares


@dataclass(frozen=True, slots=True)
class WarrantyAgreement:
    """Every version that was ever drafted for a customer, oldest first."""

    customer_id: str = ""
    customer_name: str = ""
    """As the last draft writes it."""
    versions: tuple[AgreementVersion, ...] = ()

    def in_force(self, on: date) -> AgreementVersion | None:
        """The approved version that covers a day; of several the one that began last."""
        covering = [
            each
            for each in self.versions
            if each.status is AgreementVersionStatus.APPROVED and each.covers(on)
        ]
        return max(covering, key=lambda each: (each.effective_from, each.version), default=None)

    def version_of(self, agreement_year: int, version: int) -> AgreementVersion | None:
        """The version of that year and number, or None."""
        asked = (agreement_year, version)
        named = (each for each in self.versions if (each.agreement_year, each.version) == asked)
        return next(named, None)

    def next_version(self, agreement_year: int) -> int:
        """The number of the next draft of a year."""
        return 1 + sum(1 for each in self.versions if each.agreement_year == agreement_year)


def evolve(
    agreement: WarrantyAgreement, happened: Happened[WarrantyAgreementEvent]
) -> WarrantyAgreement:
    """Apply one event."""
    match happened.event:
        case AgreementVersionDrafted() as event:
            return WarrantyAgreement(
                customer_id=event.customer_id,
                customer_name=event.customer_name,
                versions=(*agreement.versions, _drafted(event, happened)),
            )
        case AgreementVersionApproved():
            return _decided(agreement, happened, AgreementVersionStatus.APPROVED)
        case AgreementVersionRejected(reason=reason):
            return _decided(agreement, happened, AgreementVersionStatus.REJECTED, reason)
        case unknown:
            assert_never(unknown)


def _drafted(
    event: AgreementVersionDrafted, happened: Happened[WarrantyAgreementEvent]
) -> AgreementVersion:
    return AgreementVersion(
        agreement_no=event.agreement_no,
        agreement_year=event.agreement_year,
        version=event.version,
        effective_from=event.effective_from,
        effective_to=event.effective_to,
        shares_by_cause_class=event.shares_by_cause_class,
        ntf_shares=event.ntf_shares,
        objection_days=event.objection_days,
        basis_date=event.basis_date,
        signed_on=event.signed_on,
        document_ref=event.document_ref,
        drafted_by=happened.by.person,
        drafted_at=happened.at,
    )


def _decided(
    agreement: WarrantyAgreement,
    happened: Happened[WarrantyAgreementEvent],
    status: AgreementVersionStatus,
    rejected_because: str | None = None,
) -> WarrantyAgreement:
    """The agreement with the one version changed that the event names."""
    about = (happened.event.agreement_year, happened.event.version)
    versions = tuple(
        replace(
            each,
            status=status,
            decided_by=happened.by.person,
            decided_at=happened.at,
            rejected_because=rejected_because,
        )
        if (each.agreement_year, each.version) == about
        else each
        for each in agreement.versions
    )
    return replace(agreement, versions=versions)


WARRANTY_AGREEMENT: Final = Stream(
    name="warranty-agreement", initial=WarrantyAgreement(), evolve=evolve
)


def agreement_of(world: World, customer_id: str) -> WarrantyAgreement:
    """A customer's agreement with all its versions; there are none when nothing was agreed."""
    return world.state_of(WARRANTY_AGREEMENT, customer_id)
