"""The words of a return list, and what it adds up to."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain.replacing import replace
from app.domain.values import Code, Count, Day, Party, Pieces, SpecCode

# --- words ----------------------------------------------------------------------------------

LineNo = Annotated[int, Field(ge=1, le=10_000, strict=True, description="行号, from 1.")]
PartNo = Annotated[
    int,
    Field(ge=1, le=1_000_000, strict=True, description="Which piece of the line, from 1 (件)."),
]


class PartStage(StrEnum):
    """How far a part is tested (检验阶段). Clause 4.4."""

    STANDARD = "STANDARD"
    LOAD = "LOAD"
    NTF = "NTF"


class PartResult(StrEnum):
    """What a test says (检验结果)."""

    OK = "OK"
    NOK = "NOK"
    INCONCLUSIVE = "INCONCLUSIVE"


class PartStatus(StrEnum):
    """What is known of one part."""

    STANDARD_TEST = "STANDARD_TEST"
    LOAD_TEST = "LOAD_TEST"
    NTF_PENDING = "NTF_PENDING"
    NTF = "NTF"
    CONFIRMED_FAULT = "CONFIRMED_FAULT"


class NtfResult(StrEnum):
    """How the search for a fault ends (NTF 结论)."""

    NTF = "NTF"
    CONFIRMED_FAULT = "CONFIRMED_FAULT"


class DispositionOutcome(StrEnum):
    """What becomes of pieces (处置)."""

    REPAIR = "REPAIR"
    REPLACE = "REPLACE"
    REFUND = "REFUND"
    SCRAP = "SCRAP"
    RETURN_TO_CUSTOMER = "RETURN_TO_CUSTOMER"
    KEEP_SAMPLE = "KEEP_SAMPLE"


class ReturnStatus(StrEnum):
    """The furthest step of a return list that stands (状态)."""

    NOT_ANNOUNCED = "NOT_ANNOUNCED"
    ANNOUNCED = "ANNOUNCED"
    AUTHORIZED = "AUTHORIZED"
    PARTLY_RECEIVED = "PARTLY_RECEIVED"
    RECEIVED = "RECEIVED"
    ANALYSED = "ANALYSED"
    DISPOSED = "DISPOSED"
    CLOSED = "CLOSED"


class AnnouncedLine(BaseModel):
    """What the customer says is coming."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: LineNo
    spec_code: SpecCode
    lot_no: Code | None = Field(default=None, description="生产批次.")
    produced_on: Day | None = None
    part_id: Code | None = Field(default=None, description="件号/追溯码.")
    qty_announced: Pieces


class ReceivedLine(BaseModel):
    """What was counted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: LineNo
    qty_received: Count


class BookedLine(BaseModel):
    """What was counted, and of what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: LineNo
    spec_code: SpecCode | None = Field(description="None: booked before it was written here.")
    lot_no: Code | None
    qty_received: Count


class Measurement(BaseModel):
    """One measured value beside its limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Code
    value: Annotated[
        str,
        Field(
            strict=True,
            max_length=40,
            pattern=r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$",
            description="Decimal string: never a float.",
            examples=["85.12"],
        ),
    ]
    unit: Code = Field(examples=["mm"])
    limit: Code = Field(
        description="What it must keep, as the drawing words it.", examples=["≤ 85.10"]
    )


# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """One piece that was tested."""

    part: int
    status: PartStatus = PartStatus.STANDARD_TEST
    """What is known, or the test that comes next."""
    findings: int = 0
    customer_agreed: bool | None = None

    @property
    def is_concluded(self) -> bool:
        """Whether no test is left."""
        return self.status in {PartStatus.NTF, PartStatus.CONFIRMED_FAULT}


@dataclass(frozen=True, slots=True)
class Disposition:
    """What becomes of some pieces of a line, and who decided it."""

    outcome: DispositionOutcome
    qty: int
    decided_by: str


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """A line as it stands."""

    line: int
    spec_code: str
    lot_no: str | None
    produced_on: date | None
    part_id: str | None
    qty_announced: int
    qty_received: int = 0
    parts: tuple[Part, ...] = ()
    dispositions: tuple[Disposition, ...] = ()
    qty_disposed: int = 0
    qty_to_replace: int = 0
    qty_replaced: int = 0

    def piece(self, part: int) -> Part:
        """What is known of one piece."""
        return next((each for each in self.parts if each.part == part), Part(part))

    def with_piece(self, changed: Part) -> "ReturnLine":
        """The line with one piece changed."""
        others = tuple(each for each in self.parts if each.part != changed.part)
        return replace(self, parts=tuple(sorted((*others, changed), key=lambda each: each.part)))

    @property
    def is_analysed(self) -> bool:
        """Whether every received piece has its result."""
        concluded = sum(1 for each in self.parts if each.is_concluded)
        return concluded >= self.qty_received


@dataclass(frozen=True, slots=True)
class ReturnExcess:
    """A lot of which more came back than was ever delivered to the customer."""

    spec_code: str
    lot_no: str
    delivered: int
    returned: int


@dataclass(frozen=True, slots=True)
class ReturnList:
    """A return list as it stands."""

    status: ReturnStatus = ReturnStatus.NOT_ANNOUNCED
    return_no: str = ""
    case_id: str = ""
    case_no: str = ""
    customer_id: str = ""
    reason: str = ""
    announced_by: str = ""
    authorisation_no: str | None = None
    waybills: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    location: str | None = None
    """Where the last pieces went into quarantine."""
    first_received_at: datetime | None = None
    arrived_at: datetime | None = None
    """When the last receipt arrived; None: nobody said."""
    register_by: datetime | None = None
    """Until when it was to be registered (T6)."""
    registered_late: bool | None = None
    """Whether any receipt was registered too late; None: no arrival is known."""
    fully_received: bool = False
    lines: tuple[ReturnLine, ...] = ()
    discrepancies: tuple[int, ...] = ()
    """Lines of which more or fewer pieces came than announced."""
    replacement_deliveries: tuple[str, ...] = ()
    excesses: tuple[ReturnExcess, ...] = ()
    """What came back beyond what was delivered, as it stood at the receipt."""
    failure_mode: str | None = None
    mileage_km: int | None = None
    hours: int | None = None
    main_party: Party | None = None
    """Who is responsible in the main, as the case was judged at the last disposition or close."""
    closed_at: datetime | None = None

    def line(self, number: int) -> ReturnLine | None:
        """The line of that number, or None."""
        return next((each for each in self.lines if each.line == number), None)

    @property
    def qty_received(self) -> int:
        """Pieces received on all lines."""
        return sum(each.qty_received for each in self.lines)

    @property
    def qty_disposed(self) -> int:
        """Pieces of which it is decided what becomes of them."""
        return sum(each.qty_disposed for each in self.lines)


def furthest_step(returned: ReturnList) -> ReturnStatus:
    """The furthest step that the facts of an announced list support."""
    here = returned.fully_received
    steps = (
        (ReturnStatus.CLOSED, returned.closed_at is not None),
        (ReturnStatus.DISPOSED, here and returned.qty_disposed == returned.qty_received),
        (ReturnStatus.ANALYSED, here and all(each.is_analysed for each in returned.lines)),
        (ReturnStatus.RECEIVED, here),
        (ReturnStatus.PARTLY_RECEIVED, returned.first_received_at is not None),
        (ReturnStatus.AUTHORIZED, returned.authorisation_no is not None),
    )
    return next((status for status, stands in steps if stands), ReturnStatus.ANNOUNCED)
