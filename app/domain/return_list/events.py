"""What can happen to a return list, and how it adds up."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field
from typing_extensions import override

from app.domain.decider import Event, Happened, JsonObject, Stream, Subject
from app.domain.replacing import replace
from app.domain.return_list.state import (
    AnnouncedLine,
    BookedLine,
    Disposition,
    DispositionOutcome,
    LineNo,
    Measurement,
    NtfResult,
    PartNo,
    PartResult,
    PartStage,
    PartStatus,
    ReturnExcess,
    ReturnLine,
    ReturnList,
    furthest_step,
)
from app.domain.values import (
    Code,
    Count,
    CustomerId,
    Evidence,
    Id,
    Party,
    Pieces,
    Reason,
    SpecCode,
    Text,
)

# --- what happens ---------------------------------------------------------------------------


class ReturnEvent(Event):
    """What every event after the first says again, so that readers need no other stream."""

    return_no: Code
    case_id: Id


class ReturnAnnounced(Event):
    """Parts of a feedback case are to come back."""

    clause: ClassVar[str] = "4.4"
    numbered: ClassVar[str | None] = "return_no"

    return_no: Code
    case_id: Id
    case_no: Code
    customer_id: CustomerId
    reason: Reason
    lines: tuple[AnnouncedLine, ...]
    failure_mode: Text | None = Field(default=None, description="As the case tells it.")
    mileage_km: Count | None = Field(default=None, description="Of the case's vehicle.")
    hours: Count | None = Field(default=None, description="Operating hours of its vehicle.")

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T4",)

    @override
    def subject(self) -> Subject:
        """See `Event.subject`: the limits are the feedback case's."""
        return Subject("feedback-case", self.case_id)


class ReturnAuthorized(ReturnEvent):
    """QA wants the parts: the customer may send them."""

    clause: ClassVar[str] = "4.4"

    authorisation_no: Code


class ReturnReceived(ReturnEvent):
    """Parts arrived in quarantine. How many is what was counted, not what was announced."""

    clause: ClassVar[str] = "3.2"
    schema_version: ClassVar[int] = 2

    customer_id: CustomerId | None = Field(description="None: booked before it was written here.")
    arrived_at: datetime | None = Field(description="When they arrived; None: nobody said.")
    register_by: datetime | None = Field(description="T6: until when they were to be registered.")
    registered_late: bool | None = Field(description="None: nobody said when they arrived.")
    waybill: Code | None
    carrier: Code | None
    location: Code
    lines: tuple[BookedLine, ...]
    final: bool = Field(strict=True, description="Nothing more is to come.")

    @staticmethod
    def upcast_v1_v2(data: JsonObject) -> JsonObject:
        """The first version said neither whose parts of which lot they are nor when they came."""
        unknown = dict.fromkeys(("customer_id", "arrived_at", "register_by", "registered_late"))
        lines = [each | {"spec_code": None, "lot_no": None} for each in data["lines"]]
        return data | unknown | {"lines": lines}

    @override
    def subject(self) -> Subject:
        """See `Event.subject`: the limits are the feedback case's."""
        return Subject("feedback-case", self.case_id)


class ReturnDiscrepancyFound(ReturnEvent):
    """All is here, and it is not what was announced."""

    clause: ClassVar[str] = "4.4"

    line: LineNo
    announced: Pieces
    received: Count
    difference: int = Field(description="Received less announced.")


class ReturnExceedsDelivery(ReturnEvent):
    """More pieces of a lot came back than were ever delivered to the customer: a warning."""

    clause: ClassVar[str] = "4.4"

    customer_id: CustomerId
    spec_code: SpecCode
    lot_no: Code
    delivered: Count
    returned: Pieces = Field(description="On all return lists of the customer, this one included.")


class PartFindingRecorded(ReturnEvent):
    """A part was tested."""

    clause: ClassVar[str] = "4.4"

    line: LineNo
    part: PartNo
    part_id: Code | None
    stage: PartStage
    result: PartResult
    part_status: PartStatus = Field(description="What is known of the part now.")
    measurements: tuple[Measurement, ...]
    criteria_ref: Code
    evidence: Evidence


class NtfConcluded(ReturnEvent):
    """The search for a fault in a part that passed all tests ended."""

    clause: ClassVar[str] = "4.4"

    line: LineNo
    part: PartNo
    result: NtfResult
    criteria_ref: Code
    customer_agreed: bool = Field(description="Whether the customer agreed to the criteria before.")


class DispositionDecided(ReturnEvent):
    """It was decided what becomes of some pieces."""

    clause: ClassVar[str] = "3.2"

    line: LineNo
    outcome: DispositionOutcome
    qty: Pieces
    main_party: Party | None = Field(default=None, description="As the case was judged by then.")


class ReplacementShipped(ReturnEvent):
    """Good pieces left for the customer."""

    clause: ClassVar[str] = "3.2"

    delivery_no: Code
    line: LineNo
    qty: Pieces


class ReturnClosed(ReturnEvent):
    """It is settled what becomes of every piece."""

    clause: ClassVar[str] = "4.4"

    qty_received: Count
    main_party: Party | None = Field(default=None, description="As the case was judged by then.")


ReturnListEvent: TypeAlias = (
    ReturnAnnounced
    | ReturnAuthorized
    | ReturnReceived
    | ReturnDiscrepancyFound
    | ReturnExceedsDelivery
    | PartFindingRecorded
    | NtfConcluded
    | DispositionDecided
    | ReplacementShipped
    | ReturnClosed
)

# --- how it adds up -------------------------------------------------------------------------


def evolve(returned: ReturnList, happened: Happened[ReturnListEvent]) -> ReturnList:
    """Apply one event; the status follows from the facts."""
    changed = _applied(returned, happened)
    return replace(changed, status=furthest_step(changed))


def _applied(  # noqa: PLR0911 - one line an event
    returned: ReturnList, happened: Happened[ReturnListEvent]
) -> ReturnList:
    match happened.event:
        case ReturnAnnounced() as event:
            said = event.said() | {"lines": tuple(_line(each) for each in event.lines)}
            return ReturnList(announced_by=happened.by.person, **said)
        case ReturnAuthorized(authorisation_no=authorisation_no):
            return replace(returned, authorisation_no=authorisation_no)
        case ReturnReceived() as event:
            return _received(returned, event, happened.at)
        case ReturnDiscrepancyFound(line=number):
            return replace(returned, discrepancies=(*returned.discrepancies, number))
        case ReturnExceedsDelivery() as event:
            excess = ReturnExcess(event.spec_code, event.lot_no, event.delivered, event.returned)
            return replace(returned, excesses=(*returned.excesses, excess))
        case (PartFindingRecorded() | NtfConcluded()) as found:
            return _with_line(returned, found.line, lambda line: _tested(line, found))
        case DispositionDecided() as decision:
            by = happened.by.person
            known = replace(returned, main_party=decision.main_party or returned.main_party)
            return _with_line(known, decision.line, lambda line: _disposed(line, decision, by))
        case ReplacementShipped(delivery_no=delivery_no, line=number, qty=qty):
            shipped = _with_line(
                returned, number, lambda line: replace(line, qty_replaced=line.qty_replaced + qty)
            )
            deliveries = (*returned.replacement_deliveries, delivery_no)
            return replace(shipped, replacement_deliveries=deliveries)
        case ReturnClosed(main_party=main_party):
            party = main_party or returned.main_party
            return replace(returned, closed_at=happened.at, main_party=party)
        case unknown:
            assert_never(unknown)


def _line(line: AnnouncedLine) -> ReturnLine:
    return ReturnLine(**dict(line))


def _with_line(
    returned: ReturnList, number: int, change: Callable[[ReturnLine], ReturnLine]
) -> ReturnList:
    lines = tuple(change(each) if each.line == number else each for each in returned.lines)
    return replace(returned, lines=lines)


def _received(returned: ReturnList, event: ReturnReceived, at: datetime) -> ReturnList:
    counted = {each.line: each.qty_received for each in event.lines}
    known = [each for each in (returned.registered_late, event.registered_late) if each is not None]
    return replace(
        returned,
        arrived_at=event.arrived_at,
        register_by=event.register_by,
        registered_late=any(known) if known else None,
        waybills=returned.waybills + ((event.waybill,) if event.waybill else ()),
        carriers=returned.carriers + ((event.carrier,) if event.carrier else ()),
        location=event.location,
        first_received_at=returned.first_received_at or at,
        fully_received=event.final,
        lines=tuple(
            replace(each, qty_received=each.qty_received + counted.get(each.line, 0))
            for each in returned.lines
        ),
    )


def _tested(line: ReturnLine, event: PartFindingRecorded | NtfConcluded) -> ReturnLine:
    piece = line.piece(event.part)
    if isinstance(event, PartFindingRecorded):
        known = replace(piece, status=event.part_status, findings=piece.findings + 1)
    else:
        status = PartStatus(event.result)
        known = replace(piece, status=status, customer_agreed=event.customer_agreed)
    return line.with_piece(known)


def _disposed(line: ReturnLine, event: DispositionDecided, by: str) -> ReturnLine:
    replaced = event.qty if event.outcome is DispositionOutcome.REPLACE else 0
    return replace(
        line,
        dispositions=(*line.dispositions, Disposition(event.outcome, event.qty, by)),
        qty_disposed=line.qty_disposed + event.qty,
        qty_to_replace=line.qty_to_replace + replaced,
    )


RETURN_LIST: Final = Stream(name="return-list", initial=ReturnList(), evolve=evolve)
