"""The words of a feedback case, and what it adds up to."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.corrections import CorrectionProposal
from app.domain.personal import Vin
from app.domain.values import (
    Basis,
    Category,
    CauseClass,
    Code,
    Day,
    Department,
    Instant,
    Party,
    Pieces,
    SpecCode,
    Text,
    quarter_of,
)

UNKNOWN_SPEC: Final = "UNKNOWN_SPEC"
"""What stands for the spec of a part that nobody could identify yet."""
NEVER: Final = datetime.min.replace(tzinfo=UTC)
"""When a case was received that nobody registered; nobody sees it."""

# --- words ----------------------------------------------------------------------------------


class Channel(StrEnum):
    """The way on which a customer reached us, or we the customer (反馈渠道)."""

    PHONE = "PHONE"
    EMAIL = "EMAIL"
    PORTAL = "PORTAL"
    VISIT = "VISIT"
    CRM = "CRM"


class LifePhase(StrEnum):
    """Whether the part failed before the vehicle was delivered (零公里) or in the field (售后)."""

    ZERO_KM = "ZERO_KM"
    FIELD = "FIELD"


class Severity(StrEnum):
    """How much a matter weighs (等级). Clause 4.2."""

    SERIOUS = "SERIOUS"
    GENERAL = "GENERAL"
    OCCASIONAL = "OCCASIONAL"


class Area(StrEnum):
    """Where stock is checked and blocked (遏制区域)."""

    CUSTOMER = "CUSTOMER"
    IN_TRANSIT = "IN_TRANSIT"
    WAREHOUSE = "WAREHOUSE"
    WIP = "WIP"
    RAW_MATERIAL = "RAW_MATERIAL"


class ContainmentAction(StrEnum):
    """What is done with suspect stock (遏制措施)."""

    SORT = "SORT"
    BLOCK = "BLOCK"
    SWAP = "SWAP"
    RECALL_STOCK = "RECALL_STOCK"


class CauseMethod(StrEnum):
    """How a cause was found (分析方法)."""

    FIVE_WHY = "FIVE_WHY"
    FISHBONE = "FISHBONE"
    TEST = "TEST"
    TEARDOWN = "TEARDOWN"


class ReplyStage(StrEnum):
    """What a reply tells the customer (回复阶段): received, contained, cause, the final word."""

    ACK = "ACK"
    D3 = "D3"
    D5 = "D5"
    FINAL = "FINAL"


class Outcome(StrEnum):
    """What the customer says to a reply (顾客答复)."""

    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    NO_ANSWER = "NO_ANSWER"


class CaseStatus(StrEnum):
    """The furthest step of a case that stands (状态)."""

    NOT_REGISTERED = "NOT_REGISTERED"
    REGISTERED = "REGISTERED"
    CLASSIFIED = "CLASSIFIED"
    FORWARDED = "FORWARDED"
    CONTAINED = "CONTAINED"
    CAUSE_DETERMINED = "CAUSE_DETERMINED"
    CAUSE_APPROVED = "CAUSE_APPROVED"
    RESPONSIBILITY_JUDGED = "RESPONSIBILITY_JUDGED"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"
    VOIDED = "VOIDED"
    MERGED = "MERGED"


ClosedBecause = Literal["ANSWER_ACCEPTED", "SILENCE"]


class Vehicle(BaseModel):
    """What the part is built into (装机车型)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Code
    vin: Vin | None = None
    mileage_km: Annotated[int, Field(ge=0, le=10_000_000, strict=True)] | None = None
    hours: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] | None = Field(
        default=None, description="Operating hours (工时)."
    )


class ResponsibilityShare(BaseModel):
    """What one party bears (责任比例)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: Party
    party_id: Code | None = Field(default=None, description="Which customer, carrier or supplier.")
    bps: Basis


OCCURRENCE_CLASSES: Final = frozenset({Category.PRODUCT, Category.PACKAGING})
"""Classes whose causes are our making; what happens on the road is the carrier's."""


class Occurrence(BaseModel):
    """Under which cause and in which quarter a case counts (R-01)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quarter: str = Field(examples=["2025Q2"])
    cause_code: Code


NEVER_EMPTY: Final = ("occurred_on", "life_phase", "spec_code", "failure_mode", "qty_reported")


class FeedbackChanges(BaseModel):
    """New values; fields that are left out stay as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer_ref: Code | None = None
    occurred_on: Day | None = None
    life_phase: LifePhase | None = None
    spec_code: SpecCode | None = None
    drawing_no: Code | None = None
    lot_no: Code | None = None
    produced_on: Day | None = None
    failure_mode: Text | None = None
    qty_reported: Pieces | None = None
    vehicle: Vehicle | None = None
    customer_deadline: Instant | None = None

    @model_validator(mode="after")
    def _keep_what_is_needed(self) -> Self:
        emptied = [each for each in NEVER_EMPTY if each in self.model_fields_set]
        if any(getattr(self, each) is None for each in emptied):
            raise ValueError(f"{', '.join(NEVER_EMPTY)} cannot be emptied")
        return self


# --- what a case adds up to -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EmergencyAction:
    """What was started because internal reasons keep us from answering in time (应急处置)."""

    reason: str
    plan_ref: str
    action: str
    owner: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Containment:
    """One check of stock and what was done with it."""

    area: Area
    lot_no: str | None
    checked: int
    nok: int
    action: ContainmentAction
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class QuantityAlert:
    """The alert of R-02. It is never taken back; `observed` follows the facts."""

    rule_id: str
    observed: int
    threshold: int
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class RootCause:
    """A cause, who determined it and who said what to it."""

    cause_code: str
    cause_class: CauseClass
    occurrence_cause: str
    escape_cause: str | None
    system_cause: str | None
    method: CauseMethod
    evidence: tuple[str, ...]
    determined_by: str
    determined_at: datetime
    verdict_by: str | None = None
    rejected_because: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Who is responsible. No shares: the agreement's table for the cause class decides."""

    cause_code: str
    shares: tuple[ResponsibilityShare, ...] | None
    main_party: Party | None
    grounds: str
    blamed_department: Department | None
    agreement_ref: str | None
    judged_by: str
    judged_at: datetime

    @property
    def clears_the_company(self) -> bool:
        """Whether its own shares leave nothing to the company."""
        if self.shares is None:
            return False
        return not any(each.bps for each in self.shares if each.party is Party.COMPANY)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the customer was told, and what the customer said to it."""

    stage: ReplyStage
    doc_ref: str
    replied_at: datetime
    replied_by: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class FeedbackCase:
    """A case as it stands."""

    status: CaseStatus = CaseStatus.NOT_REGISTERED
    case_no: str = ""
    customer_id: str = ""
    customer_ref: str | None = None
    source_system: str | None = None
    external_ref: str | None = None
    channel: Channel = Channel.CRM
    received_at: datetime = NEVER
    registered_by: str = ""
    occurred_on: date = date.min
    occurred_on_estimated: bool = False
    life_phase: LifePhase = LifePhase.FIELD
    spec_code: str = UNKNOWN_SPEC
    drawing_no: str | None = None
    lot_no: str | None = None
    produced_on: date | None = None
    failure_mode: str = ""
    qty_reported: int = 0
    qty_confirmed: int | None = None
    vehicle: Vehicle | None = None
    customer_deadline: datetime | None = None
    description: str = ""
    late_reason: str | None = None
    possible_duplicate_of: str | None = None
    candidate_third_party: str | None = None
    """The carrier, where the case was opened for a transport damage; nobody has judged yet."""
    delivery_id: str | None = None
    """The delivery on which the damage happened."""
    delivery_no: str | None = None
    category: Category | None = None
    severity: Severity | None = None
    forwarded_to: tuple[Department, ...] = ()
    forwarded_at: datetime | None = None
    acknowledged_at: datetime | None = None
    emergency_actions: tuple[EmergencyAction, ...] = ()
    containments: tuple[Containment, ...] = ()
    quantity_alert: QuantityAlert | None = None
    proposed_cause: RootCause | None = None
    """Determined, and waiting for the second person."""
    cause: RootCause | None = None
    """Determined and approved."""
    rejected_causes: tuple[RootCause, ...] = ()
    judgement: Judgement | None = None
    counted_as: Occurrence | None = None
    """What the case was last counted as (R-01)."""
    replies: tuple[Reply, ...] = ()
    earlier_replies: tuple[Reply, ...] = ()
    """Replies from before the case was reopened; they do not close it again."""
    closed_at: datetime | None = None
    closed_because: ClosedBecause | None = None
    reopened_because: tuple[str, ...] = ()
    voided_because: str | None = None
    merged_into: str | None = None
    registered_event_id: str = ""
    correction: CorrectionProposal | None = None
    """A correction of what was registered that waits for the second person."""
    corrections: tuple[str, ...] = ()
    """The events by which it was corrected."""

    @property
    def pieces(self) -> int:
        """Failed pieces: what was confirmed, else what was reported. Clause 3.7."""
        return self.qty_reported if self.qty_confirmed is None else self.qty_confirmed

    @property
    def current_cause(self) -> RootCause | None:
        """The cause the case is counted under: the one determined last and not rejected."""
        return self.proposed_cause or self.cause

    @property
    def current_cause_code(self) -> str | None:
        """The code of the current cause."""
        return None if self.current_cause is None else self.current_cause.cause_code

    @property
    def occurrence(self) -> Occurrence | None:
        """What the case counts as by its facts (R-01). Clause 3.7.

        A matter of product or packaging that stands, with a cause, unless the shares that were
        judged leave nothing to the company. A judgement is on the cause that was approved: it
        says nothing of another one that waits.
        """
        gone = self.voided_because is not None or self.merged_into is not None
        cause_code = self.current_cause_code
        if gone or cause_code is None or self.category not in OCCURRENCE_CLASSES:
            return None
        if self.proposed_cause is None and self.judgement and self.judgement.clears_the_company:
            return None
        return Occurrence(quarter=quarter_of(self.occurred_on), cause_code=cause_code)

    @property
    def final_reply(self) -> Reply | None:
        """The last FINAL reply since the case was opened or reopened."""
        finals = [reply for reply in self.replies if reply.stage is ReplyStage.FINAL]
        return finals[-1] if finals else None

    @property
    def is_over(self) -> bool:
        """Whether it is closed, voided or merged."""
        return self.status in {CaseStatus.CLOSED, CaseStatus.VOIDED, CaseStatus.MERGED}


def furthest_step(case: FeedbackCase) -> CaseStatus:
    """The furthest step that the facts of a registered case support."""
    final = case.final_reply
    steps = (
        (CaseStatus.MERGED, case.merged_into is not None),
        (CaseStatus.VOIDED, case.voided_because is not None),
        (CaseStatus.CLOSED, case.closed_at is not None),
        (CaseStatus.ANSWERED, final is not None and final.outcome is Outcome.ACCEPTED),
        (CaseStatus.CAUSE_DETERMINED, case.proposed_cause is not None),
        (CaseStatus.RESPONSIBILITY_JUDGED, case.judgement is not None),
        (CaseStatus.CAUSE_APPROVED, case.cause is not None),
        (CaseStatus.CONTAINED, bool(case.containments)),
        (CaseStatus.FORWARDED, bool(case.forwarded_to)),
        (CaseStatus.CLASSIFIED, case.category is not None),
    )
    return next((status for status, stands in steps if stands), CaseStatus.REGISTERED)
