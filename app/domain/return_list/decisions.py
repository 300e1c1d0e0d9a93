"""What a return list answers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, assert_never

from app.domain.decider import Asked, Decider, World
from app.domain.due import due, ends, limits_of
from app.domain.errors import AlreadyExists, InTheFuture, NotFound
from app.domain.feedback_case.events import FEEDBACK_CASE, CaseStatus
from app.domain.limits import Due
from app.domain.registers.numbers import next_no
from app.domain.return_list.commands import (
    AnnounceReturn,
    AuthorizeReturn,
    CaseNotReturnable,
    CloseReturn,
    ConcludeNtf,
    DecideDisposition,
    LineTwice,
    MoreDisposedThanReceived,
    MoreShippedThanReplaced,
    NoSuchLine,
    NoSuchPart,
    NtfNotPending,
    PartConcluded,
    PartTestOutOfOrder,
    PiecesNotDisposed,
    ReceiveReturn,
    RecordPartFinding,
    ReturnAlreadyAuthorized,
    ReturnFullyReceived,
    ReturnIsClosed,
    ReturnListCommand,
    ReturnNotAuthorized,
    ReturnNotFullyReceived,
    ReturnOfAnotherCustomer,
    ShipReplacement,
)
from app.domain.return_list.events import (
    RETURN_LIST,
    DispositionDecided,
    NtfConcluded,
    PartFindingRecorded,
    ReplacementShipped,
    ReturnAnnounced,
    ReturnAuthorized,
    ReturnClosed,
    ReturnDiscrepancyFound,
    ReturnListEvent,
    ReturnReceived,
)
from app.domain.return_list.excess import beyond_delivery
from app.domain.return_list.state import (
    BookedLine,
    Part,
    PartResult,
    PartStage,
    PartStatus,
    ReturnLine,
    ReturnList,
    ReturnStatus,
)
from app.domain.values import Party

NO_RETURNS: Final = frozenset({CaseStatus.NOT_REGISTERED, CaseStatus.VOIDED, CaseStatus.MERGED})
"""Feedback cases that no parts come back for."""
STAGE_OF: Final[Mapping[PartStatus, PartStage]] = {
    PartStatus.STANDARD_TEST: PartStage.STANDARD,
    PartStatus.LOAD_TEST: PartStage.LOAD,
    PartStatus.NTF_PENDING: PartStage.NTF,
}
"""The test that a part without a result comes to next."""
AFTER_OK: Final[Mapping[PartStage, PartStatus]] = {
    PartStage.STANDARD: PartStatus.LOAD_TEST,
    PartStage.LOAD: PartStatus.NTF_PENDING,
    PartStage.NTF: PartStatus.NTF_PENDING,
}
"""Where a part goes that passed a test. NTF is concluded, never slid into."""


def decide(  # noqa: C901, PLR0911 - a table of contents has as many lines as commands
    asked: Asked[ReturnListCommand], returned: ReturnList, world: World
) -> Sequence[ReturnListEvent]:
    """The table of contents: one line a command."""
    if isinstance(asked.command, AnnounceReturn):
        return announce(asked.command, returned, world)
    if returned.status is ReturnStatus.NOT_ANNOUNCED:
        raise NotFound
    if isinstance(asked.command, ShipReplacement):
        return ship_replacement(asked.command, returned)
    if returned.status is ReturnStatus.CLOSED:
        raise ReturnIsClosed(return_no=returned.return_no)
    match asked.command:
        case AuthorizeReturn() as command:
            return authorize(command, returned)
        case ReceiveReturn() as command:
            return receive(command, returned, world)
        case RecordPartFinding() as command:
            return record_finding(command, returned)
        case ConcludeNtf() as command:
            return conclude_ntf(command, returned)
        case DecideDisposition() as command:
            return decide_disposition(command, returned, world)
        case CloseReturn():
            return close(returned, world)
        case _:
            assert_never(asked.command)


def announce(command: AnnounceReturn, returned: ReturnList, world: World) -> list[ReturnListEvent]:
    """Announce parts of a case that counts, of the case's own customer.

    Raises:
        AlreadyExists: the id is taken.
        CaseNotReturnable: no such case, or it was voided or merged. A closed one may have returns.
        ReturnOfAnotherCustomer: the case is another customer's.
        LineTwice: a line number stands twice.
    """
    if returned.status is not ReturnStatus.NOT_ANNOUNCED:
        raise AlreadyExists(return_no=returned.return_no)
    case = world.state_of(FEEDBACK_CASE, command.case_id)
    if case.status in NO_RETURNS:
        raise CaseNotReturnable(field="case_id", status=case.status, merged_into=case.merged_into)
    if case.customer_id != command.customer_id:
        raise ReturnOfAnotherCustomer(field="customer_id", customer_id=case.customer_id)
    _once_each([each.line for each in command.lines])
    announced = ReturnAnnounced(
        return_no=next_no(world, "RT"),
        case_no=case.case_no,
        failure_mode=case.failure_mode,
        mileage_km=case.vehicle.mileage_km if case.vehicle else None,
        hours=case.vehicle.hours if case.vehicle else None,
        **dict(command),
    )
    return [announced]


def authorize(command: AuthorizeReturn, returned: ReturnList) -> list[ReturnListEvent]:
    """Authorise once."""
    if returned.authorisation_no is not None:
        raise ReturnAlreadyAuthorized(authorisation_no=returned.authorisation_no)
    return [ReturnAuthorized(**_heading(returned), **dict(command))]


def receive(command: ReceiveReturn, returned: ReturnList, world: World) -> list[ReturnListEvent]:
    """Book in the count; with the final receipt, say beside it which lines differ.

    With the first receipt the analysis is due (T7), at the latest some days after the case. More
    pieces than were ever delivered are booked in as they came, with a warning beside.

    Raises:
        ReturnNotAuthorized: QA has not said that it wants the parts.
        ReturnFullyReceived: the final receipt was before.
        LineTwice: a line number stands twice.
        NoSuchLine: a line that was never announced.
        InTheFuture: it has not arrived yet.
    """
    if returned.authorisation_no is None:
        raise ReturnNotAuthorized(return_no=returned.return_no, next="AuthorizeReturn")
    if returned.fully_received:
        raise ReturnFullyReceived(return_no=returned.return_no)
    _once_each([each.line for each in command.lines])
    arrived = ReturnReceived(
        **_heading(returned),
        **(dict(command) | {"lines": _booked(command, returned)}),
        **_registration(command, world),
        customer_id=returned.customer_id,
        due=_analysis_due(returned, world),
    )
    differences = _differences(command, returned) if command.final else []
    return [arrived, *differences, *beyond_delivery(arrived, world)]


def _booked(command: ReceiveReturn, returned: ReturnList) -> tuple[BookedLine, ...]:
    """What was counted, with the spec and lot that were announced."""
    lines = [
        (_line_of(returned, each.line, field=f"lines.{index}.line"), each.qty_received)
        for index, each in enumerate(command.lines)
    ]
    return tuple(
        BookedLine(line=line.line, spec_code=line.spec_code, lot_no=line.lot_no, qty_received=qty)
        for line, qty in lines
    )


def _registration(command: ReceiveReturn, world: World) -> dict[str, Any]:
    """T6: whether the parts are registered in time, where it is known when they arrived.

    The limit begins and ends with this one event, so it never runs: the event says how it ended.
    """
    if command.arrived_at is None:
        return {"register_by": None, "registered_late": None}
    if command.arrived_at > world.at:
        raise InTheFuture(field="arrived_at", now=world.at.isoformat())
    end = ends(world, limits_of(world).part_registration, command.arrived_at)
    return {"register_by": end, "registered_late": world.at > end}


def _analysis_due(returned: ReturnList, world: World) -> tuple[Due, ...]:
    case = world.state_of(FEEDBACK_CASE, returned.case_id)
    if returned.first_received_at is not None or case.cause is not None or case.is_over:
        return ()
    spans = limits_of(world)
    latest = ends(world, spans.part_analysis_latest, case.received_at)
    return (due(world, "T7", spans.part_analysis, world.at, latest=latest),)


def _differences(command: ReceiveReturn, returned: ReturnList) -> list[ReturnDiscrepancyFound]:
    counted = {each.line: each.qty_received for each in command.lines}
    sums = [(each, each.qty_received + counted.get(each.line, 0)) for each in returned.lines]
    return [
        ReturnDiscrepancyFound(
            **_heading(returned),
            line=line.line,
            announced=line.qty_announced,
            received=received,
            difference=received - line.qty_announced,
        )
        for line, received in sums
        if received != line.qty_announced
    ]


def record_finding(command: RecordPartFinding, returned: ReturnList) -> list[ReturnListEvent]:
    """Record one test of one part: standard, then under load, then for NTF.

    Raises:
        NoSuchLine: a line that was never announced.
        NoSuchPart: fewer pieces were received.
        PartConcluded: the part has its result.
        PartTestOutOfOrder: another test comes next.
    """
    line, piece = _piece_of(returned, command.line, command.part)
    if piece.is_concluded:
        raise PartConcluded(field="part", part_status=piece.status)
    if command.stage is not STAGE_OF[piece.status]:
        raise PartTestOutOfOrder(field="stage", expected=STAGE_OF[piece.status])
    known = {
        PartResult.OK: AFTER_OK[command.stage],
        PartResult.NOK: PartStatus.CONFIRMED_FAULT,
        PartResult.INCONCLUSIVE: piece.status,
    }[command.result]
    found = PartFindingRecorded(
        **_heading(returned), **dict(command), part_id=line.part_id, part_status=known
    )
    return [found]


def conclude_ntf(command: ConcludeNtf, returned: ReturnList) -> list[ReturnListEvent]:
    """Conclude a part in which no test found a fault."""
    _, piece = _piece_of(returned, command.line, command.part)
    if piece.status is not PartStatus.NTF_PENDING:
        raise NtfNotPending(field="part", part_status=piece.status)
    return [NtfConcluded(**_heading(returned), **dict(command))]


def decide_disposition(
    command: DecideDisposition, returned: ReturnList, world: World
) -> list[ReturnListEvent]:
    """Decide on pieces that are here and not decided on yet."""
    line = _line_of(returned, command.line, field="line")
    if line.qty_disposed + command.qty > line.qty_received:
        raise MoreDisposedThanReceived(
            field="qty", received=line.qty_received, disposed=line.qty_disposed
        )
    party = _main_party(returned, world)
    return [DispositionDecided(**_heading(returned), **dict(command), main_party=party)]


def ship_replacement(command: ShipReplacement, returned: ReturnList) -> list[ReturnListEvent]:
    """Ship what was decided and has not left; what is owed is owed after the close, too."""
    line = _line_of(returned, command.line, field="line")
    if line.qty_replaced + command.qty > line.qty_to_replace:
        raise MoreShippedThanReplaced(
            field="qty", to_replace=line.qty_to_replace, shipped=line.qty_replaced
        )
    return [ReplacementShipped(**_heading(returned), **dict(command))]


def close(returned: ReturnList, world: World) -> list[ReturnListEvent]:
    """Close a list of which all is here and all is decided."""
    if not returned.fully_received:
        raise ReturnNotFullyReceived(return_no=returned.return_no, next="ReceiveReturn")
    left = {
        str(line.line): line.qty_received - line.qty_disposed
        for line in returned.lines
        if line.qty_disposed < line.qty_received
    }
    if left:
        raise PiecesNotDisposed(pieces_left_by_line=left)
    closed = ReturnClosed(
        **_heading(returned),
        qty_received=returned.qty_received,
        main_party=_main_party(returned, world),
    )
    return [closed]


def _main_party(returned: ReturnList, world: World) -> Party | None:
    """Who is responsible in the main, where engineering judged it already."""
    judgement = world.state_of(FEEDBACK_CASE, returned.case_id).judgement
    return None if judgement is None else judgement.main_party


def _heading(returned: ReturnList) -> dict[str, Any]:
    """The fields of `ReturnEvent`."""
    return {"return_no": returned.return_no, "case_id": returned.case_id}


def _once_each(numbers: Sequence[int]) -> None:
    for index, number in enumerate(numbers):
        if number in numbers[:index]:
            raise LineTwice(field=f"lines.{index}.line", line=number)


def _line_of(returned: ReturnList, number: int, *, field: str) -> ReturnLine:
    line = returned.line(number)
    if line is None:
        raise NoSuchLine(field=field, lines=[each.line for each in returned.lines])
    return line


def _piece_of(returned: ReturnList, number: int, part: int) -> tuple[ReturnLine, Part]:
    line = _line_of(returned, number, field="line")
    if part > line.qty_received:
        raise NoSuchPart(field="part", received=line.qty_received)
    return line, line.piece(part)


return_list: Decider[ReturnListCommand, ReturnList, ReturnListEvent] = Decider(
    stream=RETURN_LIST,
    decide=decide,
    collection="return-lists",
    label_zh="退货清单",
)
