"""The words of a service visit, and what it adds up to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from app.domain.money import Money, Shown
from app.domain.personal import CustomerPerson
from app.domain.values import Code, Instant

# --- words ----------------------------------------------------------------------------------


class VisitProvince(StrEnum):
    """How far it is: within the company's province or beyond (省内/省外). It decides T5."""

    SAME = "SAME"
    OTHER = "OTHER"


class ServiceWork(StrEnum):
    """What was done on the spot (服务内容). Clause 3.6."""

    INSTALL_GUIDE = "INSTALL_GUIDE"
    ANALYSIS = "ANALYSIS"
    REPLACE = "REPLACE"
    SORT = "SORT"
    REPAIR = "REPAIR"
    OTHER = "OTHER"


class VisitStatus(StrEnum):
    """How far a visit is (状态)."""

    NOT_DISPATCHED = "NOT_DISPATCHED"
    DISPATCHED = "DISPATCHED"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class CustomerSignature(BaseModel):
    """Who signed the service record for the customer (顾客签字)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: CustomerPerson
    signed_at: Instant
    doc_ref: Code = Field(description="The number of the signed service record (服务记录单).")


class VisitCost(BaseModel):
    """What the visit cost the company (服务费用)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    travel: Money = Field(description="差旅费.")
    labour: Money = Field(description="人工费.")
    material: Money = Field(description="材料费.")

    @property
    def parts_fen(self) -> tuple[int, int, int]:
        """Travel, labour and material, in whole fen."""
        return self.travel.fen, self.labour.fen, self.material.fen

    @property
    def total_fen(self) -> int:
        """All of it, in whole fen."""
        return sum(self.parts_fen)


# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ServiceFinding:
    """What was seen and done on the spot."""

    work: ServiceWork
    findings: str
    qty: int
    photos: tuple[str, ...]
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceVisit:
    """A visit as it stands."""

    status: VisitStatus = VisitStatus.NOT_DISPATCHED
    visit_no: str = ""
    case_id: str = ""
    case_no: str = ""
    customer_id: str = ""
    spec_code: str = ""
    person: str = ""
    place: str = ""
    province: VisitProvince = VisitProvince.SAME
    bring: str | None = None
    purpose: str = ""
    start_by: datetime | None = None
    dispatched_by: str = ""
    dispatched_at: datetime | None = None
    started_by: str | None = None
    started_at: datetime | None = None
    findings: tuple[ServiceFinding, ...] = ()
    customer_signature: CustomerSignature | None = None
    not_signed_because: str | None = None
    travel: Shown | None = None
    labour: Shown | None = None
    material: Shown | None = None
    cost: Shown | None = None
    """Travel, labour and material together."""
    completed_by: str | None = None
    completed_at: datetime | None = None
    completed_event_id: str = ""
    cost_corrected_because: tuple[str, ...] = ()
    cancelled_because: str | None = None
    cancelled_at: datetime | None = None
