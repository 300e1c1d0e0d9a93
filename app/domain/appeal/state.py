"""The words of an appeal statement, and what it adds up to."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from app.domain.money import Shown
from app.domain.values import Text

NEVER: Final = datetime.min.replace(tzinfo=UTC)
"""When the notice came of an appeal that nobody drafted; nobody sees it."""

# --- words ----------------------------------------------------------------------------------


class AppealVerdict(StrEnum):
    """Whose fault the investigation found it to be (判定)."""

    COMPANY = "COMPANY"
    CUSTOMER = "CUSTOMER"
    THIRD_PARTY = "THIRD_PARTY"
    NTF = "NTF"


class GroundCode(StrEnum):
    """Why a claim should not stand (申诉理由)."""

    NOT_OUR_PART = "NOT_OUR_PART"
    OUT_OF_WARRANTY = "OUT_OF_WARRANTY"
    MISUSE = "MISUSE"
    ASSEMBLY_DAMAGE = "ASSEMBLY_DAMAGE"
    NTF = "NTF"
    CALCULATION_ERROR = "CALCULATION_ERROR"
    DOUBLE_CLAIM = "DOUBLE_CLAIM"


class RequestedOutcome(StrEnum):
    """What we want of the customer (要求): nothing paid, less paid, or the cost shared."""

    CANCEL = "CANCEL"
    REDUCE_TO = "REDUCE_TO"
    SHARE = "SHARE"


class AppealReply(StrEnum):
    """What the customer says to it (顾客答复)."""

    ACCEPTED = "ACCEPTED"
    PARTLY = "PARTLY"
    REJECTED = "REJECTED"


class AppealStatus(StrEnum):
    """How far an appeal is (状态)."""

    NOT_DRAFTED = "NOT_DRAFTED"
    DRAFTED = "DRAFTED"
    REVIEWED = "REVIEWED"
    APPROVED = "APPROVED"
    SUBMITTED = "SUBMITTED"
    ANSWERED = "ANSWERED"
    WITHDRAWN = "WITHDRAWN"


class AppealGround(BaseModel):
    """One reason, and what supports it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: GroundCode
    text: Text


# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AppealAnswer:
    """What the customer said to it."""

    outcome: AppealReply
    agreed: Shown | None
    """What is still to be paid, where both sides agreed on an amount."""
    doc_ref: str
    answered_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal statement as it stands."""

    status: AppealStatus = AppealStatus.NOT_DRAFTED
    appeal_no: str = ""
    claim_id: str = ""
    claim_no: str = ""
    customer_id: str = ""
    notice_no: str = ""
    notice_received_at: datetime = NEVER
    objection_until: datetime = NEVER
    claimed: Shown = 0
    claimed_pieces: int = 0
    received_pieces: int = 0
    tests: str = ""
    findings: str = ""
    photos: tuple[str, ...] = ()
    verdict: AppealVerdict = AppealVerdict.NTF
    grounds: tuple[AppealGround, ...] = ()
    evidence: tuple[str, ...] = ()
    requested: RequestedOutcome = RequestedOutcome.CANCEL
    reduce_to: Shown | None = None
    company_bps: int | None = None
    revision: int = 1
    prepared_by: tuple[str, ...] = ()
    """Everybody who wrote on it; the last one last."""
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    submitted_by: str | None = None
    submitted_at: datetime | None = None
    submitted_doc_ref: str | None = None
    answer: AppealAnswer | None = None
    withdrawn_because: str | None = None
    withdrawn_at: datetime | None = None
