"""What can be asked of a return list, and why it may say no."""

from typing import ClassVar, TypeAlias

from pydantic import Field

from app.domain.decider import Command
from app.domain.errors import AlreadyExists, InTheFuture, Invalid, NotFound, Refused
from app.domain.return_list.state import (
    AnnouncedLine,
    DispositionOutcome,
    LineNo,
    Measurement,
    NtfResult,
    PartNo,
    PartResult,
    PartStage,
    ReceivedLine,
)
from app.domain.values import Code, CustomerId, Evidence, Id, Instant, Pieces, Reason, Role

# --- why it may say no ----------------------------------------------------------------------


class CaseNotReturnable(Refused):
    """There is no such feedback case, or it was voided or merged.

    「反馈单不存在,或已作废、已合并。」
    """

    clause = "4.4"


class ReturnOfAnotherCustomer(Invalid):
    """The feedback case is another customer's.

    「退货顾客与反馈单顾客不一致。」
    """


class LineTwice(Invalid):
    """A line number is used once.

    「行号不能重复。」
    """


class NoSuchLine(Invalid):
    """The return list has no line of this number.

    「退货清单中没有该行号。」
    """


class ReturnAlreadyAuthorized(Refused):
    """The return has its authorisation.

    「退货已授权。」
    """


class ReturnNotAuthorized(Refused):
    """QA has not authorised the return yet.

    「退货尚未授权。」
    """

    clause = "4.4"


class ReturnFullyReceived(Refused):
    """The last receipt was marked as final.

    「退货已全部收齐。」
    """


class ReturnNotFullyReceived(Refused):
    """No receipt was marked as final yet.

    「退货尚未收齐。」
    """


class ReturnIsClosed(Refused):
    """The return list is closed.

    「退货清单已关闭。」
    """


class NoSuchPart(Invalid):
    """So many pieces of this line were not received.

    「该行收到的件数中没有此件。」
    """


class PartTestOutOfOrder(Refused):
    """A part is tested by the standard test, then under load, then for NTF.

    「检验须按顺序进行:标准检验、负载检验、NTF。」
    """

    clause = "4.4"


class PartConcluded(Refused):
    """The part has its result.

    「该件已有结论。」
    """


class NtfNotPending(Refused):
    """Only a part that passed the standard test and the load test can be concluded.

    「只有标准检验和负载检验均合格的件才能作 NTF 结论。」
    """

    clause = "4.4"


class MoreDisposedThanReceived(Refused):
    """No more pieces can be disposed of than were received.

    「处置数量不能超过实收数量。」
    """

    clause = "3.2"


class MoreShippedThanReplaced(Refused):
    """No more replacements leave than were decided.

    「换货发运数量不能超过已决定的换货数量。」
    """

    clause = "3.2"


class PiecesNotDisposed(Refused):
    """It is not decided yet what becomes of every received piece.

    「仍有实收件未作处置。」
    """

    clause = "4.4"


# --- what can be asked ----------------------------------------------------------------------


class AnnounceReturn(Command):
    """Announce parts of a feedback case that are to come back (登记退货)."""

    clause: ClassVar[str] = "4.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_CLERK, Role.INTEGRATION})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists, CaseNotReturnable, ReturnOfAnotherCustomer, LineTwice)

    case_id: Id = Field(description="The feedback case (反馈单) that the parts belong to.")
    customer_id: CustomerId
    reason: Reason
    lines: tuple[AnnouncedLine, ...] = Field(min_length=1, max_length=500)


class AuthorizeReturn(Command):
    """Let the customer send the parts (退货授权)."""

    clause: ClassVar[str] = "4.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NotFound, ReturnIsClosed, ReturnAlreadyAuthorized)

    authorisation_no: Code


class ReceiveReturn(Command):
    """Book in what was counted, into quarantine (退货接收)."""

    clause: ClassVar[str] = "3.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.WAREHOUSE})
    refusals = (
        NotFound,
        ReturnIsClosed,
        ReturnNotAuthorized,
        ReturnFullyReceived,
        LineTwice,
        NoSuchLine,
        InTheFuture,
    )

    arrived_at: Instant | None = Field(
        default=None,
        description="When the parts arrived, where that is known: they are to be registered "
        "within T6 (到货时间).",
    )
    waybill: Code | None = Field(default=None, description="运单号.")
    carrier: Code | None = Field(default=None, description="承运商.")
    location: Code = Field(description="The quarantine location (隔离位置).")
    lines: tuple[ReceivedLine, ...] = Field(
        min_length=1, max_length=500, description="What this receipt brought, line by line."
    )
    final: bool = Field(
        default=True,
        strict=True,
        description="False while more is on its way. With the final receipt the sums of all "
        "receipts are compared with what was announced; a line never received counts as none.",
    )


class RecordPartFinding(Command):
    """Record what a test says of one part (记录检验结果)."""

    clause: ClassVar[str] = "4.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER, Role.PRODUCTION})
    refusals = (
        NotFound,
        ReturnIsClosed,
        NoSuchLine,
        NoSuchPart,
        PartConcluded,
        PartTestOutOfOrder,
    )

    line: LineNo
    part: PartNo
    stage: PartStage
    result: PartResult = Field(description="An INCONCLUSIVE test is repeated.")
    measurements: tuple[Measurement, ...] = Field(default=(), max_length=200)
    criteria_ref: Code = Field(description="The document with the test criteria.")
    evidence: Evidence


class ConcludeNtf(Command):
    """End the search for a fault in a part that passed all tests (NTF 结论)."""

    clause: ClassVar[str] = "4.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NotFound, ReturnIsClosed, NoSuchLine, NoSuchPart, NtfNotPending)

    line: LineNo
    part: PartNo
    result: NtfResult
    criteria_ref: Code = Field(description="The document with the criteria for NTF.")
    customer_agreed: bool = Field(
        strict=True, description="Whether the customer agreed to the criteria before."
    )


class DecideDisposition(Command):
    """Decide what becomes of pieces of a line (决定处置)."""

    clause: ClassVar[str] = "3.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER, Role.PRODUCTION})
    refusals = (NotFound, ReturnIsClosed, NoSuchLine, MoreDisposedThanReceived)

    line: LineNo
    outcome: DispositionOutcome
    qty: Pieces


class ShipReplacement(Command):
    """Send good pieces for those to be replaced (换货发运)."""

    clause: ClassVar[str] = "3.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.WAREHOUSE})
    refusals = (NotFound, NoSuchLine, MoreShippedThanReplaced)

    delivery_no: Code
    line: LineNo
    qty: Pieces


class CloseReturn(Command):
    """Close a list of which every piece is disposed of (关闭退货清单)."""

    clause: ClassVar[str] = "4.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NotFound, ReturnIsClosed, ReturnNotFullyReceived, PiecesNotDisposed)


ReturnListCommand: TypeAlias = (
    AnnounceReturn
    | AuthorizeReturn
    | ReceiveReturn
    | RecordPartFinding
    | ConcludeNtf
    | DecideDisposition
    | ShipReplacement
    | CloseReturn
)
