"""The words of a claim: what people write, and what events keep."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.money import Amount, AmountText, Currency, Fen, Money, Rate
from app.domain.values import Basis, Code, Day, Party, Pieces, SpecCode

WHOLE_BPS: Final = 10_000


class LineType(StrEnum):
    """What a line of a claim pays for (费用明细). Clause 4.5."""

    MATERIAL = "MATERIAL"
    LABOUR = "LABOUR"
    AUXILIARY = "AUXILIARY"
    FREIGHT = "FREIGHT"
    TRAVEL = "TRAVEL"
    LINE_STOP = "LINE_STOP"
    MGMT_FEE = "MGMT_FEE"
    OTHER = "OTHER"


class VerificationMode(StrEnum):
    """How the specialist saw the failure (飞行确认方式). Clause 4.5."""

    UNANNOUNCED_VISIT = "UNANNOUNCED_VISIT"
    ANNOUNCED_VISIT = "ANNOUNCED_VISIT"
    REMOTE_EVIDENCE = "REMOTE_EVIDENCE"


class SettlementMethod(StrEnum):
    """How a claim is paid (结算方式)."""

    CREDIT_NOTE = "CREDIT_NOTE"
    DEDUCTION = "DEDUCTION"
    REPLACEMENT = "REPLACEMENT"
    TRANSFER = "TRANSFER"


class ClaimStatus(StrEnum):
    """The furthest step of a claim that stands (状态)."""

    NOT_REGISTERED = "NOT_REGISTERED"
    REGISTERED = "REGISTERED"
    CHECKED = "CHECKED"
    VERIFIED = "VERIFIED"
    CONFIRMED = "CONFIRMED"
    SPLIT = "SPLIT"
    NEGOTIATING = "NEGOTIATING"
    APPROVED = "APPROVED"
    SETTLED = "SETTLED"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    WITHDRAWN = "WITHDRAWN"


SharesSource = Literal["JUDGEMENT", "AGREEMENT", "NEGOTIATION"]
"""Who said how a claim is shared: engineering, the yearly agreement, or both sides at a table."""
NegotiationReason = Literal["DISPUTE", "THIRD_PARTY", "TIE"]
"""Why there is a negotiation (R-06): somebody objects, or no own party is the main party."""
ProposalKind = Literal["ADJUSTMENT", "CANCELLATION"]

LineNo = Annotated[int, Field(ge=1, le=10_000, strict=True, description="行号, from 1.")]
Quantity = Annotated[
    str,
    Field(
        strict=True,
        pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?$",
        description="Pieces or hours as a decimal string, at most four places.",
        examples=["1.5"],
    ),
]


class NoticeLine(BaseModel):
    """One cost line as the customer's notice has it (索赔明细)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: LineNo
    spec_code: SpecCode | None = Field(
        default=None, description="规格 of the part that the line is about; needed for MATERIAL."
    )
    pieces: Pieces | None = Field(default=None, description="Failed pieces; 1 when not given.")
    type: LineType
    quantity: Quantity | None = None
    unit_price: Amount | None = Field(default=None, description="With quantity, or not at all.")
    amount: Amount


class ExchangeRate(BaseModel):
    """At which rate a notice in another currency is converted (汇率)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: Rate
    on: Day = Field(description="The day of the rate (汇率日期).")
    source_ref: Code = Field(description="Where the rate is published (汇率来源).")


class ForeignLine(BaseModel):
    """A cost line as the notice has it, in its own currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: LineNo
    unit_price: AmountText | None
    amount: AmountText


class ForeignNotice(BaseModel):
    """What a notice in another currency says, and how it was converted, once and for all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: Currency
    rate: Rate
    rate_on: date
    source_ref: Code
    claimed_total: AmountText
    lines: tuple[ForeignLine, ...]


class ConfirmedLine(BaseModel):
    """What the specialist stands by of one line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: LineNo
    confirmed: Money
    reason: Annotated[str, Field(min_length=4, max_length=2_000)] | None = None


class ShareRatio(BaseModel):
    """What one party bears (责任比例)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: Party
    party_id: Code | None = Field(default=None, description="Which customer, carrier or supplier.")
    bps: Basis


class ClaimChanges(BaseModel):
    """New values; fields that are left out stay as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    failure_on: Day | None = None
    delivered_on: Day | None = None
    tax_included: bool | None = None

    @model_validator(mode="after")
    def _keep_what_is_needed(self) -> Self:
        for each in ("failure_on", "tax_included"):
            if each in self.model_fields_set and getattr(self, each) is None:
                raise ValueError(f"{each} cannot be emptied")
        return self


class CostLine(BaseModel):
    """One cost line as an event keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: LineNo
    spec_code: SpecCode | None
    pieces: Pieces | None
    type: LineType
    quantity: Quantity | None
    unit_price_fen: Fen | None
    amount_fen: Fen


class LineResult(BaseModel):
    """What was confirmed of one line, as an event keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: LineNo
    confirmed_fen: Fen
    reason: str | None


class SharePart(BaseModel):
    """What one party bears, in basis points and in fen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: Party
    party_id: Code | None
    bps: Basis
    amount_fen: Fen


class SpecPieces(BaseModel):
    """A specification that a claim is about, and how many pieces of it failed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    spec_code: SpecCode
    pieces: Pieces


class SpecStanding(BaseModel):
    """How often a specification was claimed in its window, this claim included (同规格累计)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    spec_code: SpecCode
    window: str = Field(examples=["2025"])
    claims: int
    pieces: int


class Rounding(BaseModel):
    """Who got the fen that were left over, one each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["LARGEST_REMAINDER"] = "LARGEST_REMAINDER"
    leftover_to: tuple[Party, ...]


def specs_of(lines: tuple[CostLine, ...]) -> tuple[SpecPieces, ...]:
    """The specifications of a claim in order of appearance.

    The pieces of a spec are those of its material lines added up; where it has none, those of its
    largest other line, because labour and travel repeat the pieces that they were spent on.
    """
    found: dict[str, tuple[int, int]] = {}
    for each in lines:
        if each.spec_code is None:
            continue
        material, other = found.get(each.spec_code, (0, 0))
        pieces = each.pieces or 1
        if each.type is LineType.MATERIAL:
            found[each.spec_code] = material + pieces, other
        else:
            found[each.spec_code] = material, max(other, pieces)
    return tuple(
        SpecPieces(spec_code=spec_code, pieces=material or other)
        for spec_code, (material, other) in found.items()
    )
