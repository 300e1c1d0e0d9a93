"""A return list on its way, for the specs that start in the middle of it."""

from datetime import date
from typing import Any, Final

from app.domain.feedback_case.events import FEEDBACK_CASE
from app.domain.return_list.commands import (
    AnnounceReturn,
    AuthorizeReturn,
    ReceiveReturn,
    RecordPartFinding,
)
from app.domain.return_list.decisions import return_list
from app.domain.return_list.events import (
    PartFindingRecorded,
    ReturnAnnounced,
    ReturnAuthorized,
    ReturnReceived,
)
from app.domain.return_list.state import (
    AnnouncedLine,
    BookedLine,
    Measurement,
    PartResult,
    PartStage,
    PartStatus,
    ReceivedLine,
)
from tests.domain.cases import CASE_NO, registered
from tests.people import CLERK, ENGINEER, PRODUCTION, STOREKEEPER
from tests.spec import Spec

CASE_ID: Final = "00000000-0000-7000-8000-00000000000c"
RETURN_NO: Final = "RT-2025-000001"
HEADING: Final[dict[str, Any]] = {"return_no": RETURN_NO, "case_id": CASE_ID}
LINES: Final = (
    AnnouncedLine(line=1, spec_code="TC 85×105×10 FKM", part_id="P-1", qty_announced=3),
    AnnouncedLine(
        line=2, spec_code="O 30×2.65 NBR", produced_on=date(2025, 1, 15), qty_announced=2
    ),
)
ANNOUNCE: Final = AnnounceReturn(
    case_id=CASE_ID, customer_id="C01", reason="To be analysed.", lines=LINES
)
ANNOUNCED: Final = ReturnAnnounced(
    return_no=RETURN_NO,
    case_no=CASE_NO,
    failure_mode="Oil leaks at the lip.",
    **dict(ANNOUNCE),
)
AUTHORIZED: Final = ReturnAuthorized(**HEADING, authorisation_no="RMA-9")
AUTHORIZE: Final = AuthorizeReturn(authorisation_no="RMA-9")

new_list: Final = Spec(return_list)
with_case: Final = new_list.around({FEEDBACK_CASE: (CLERK.did(registered(), to=CASE_ID),)})
announced: Final = with_case.given(CLERK.did(ANNOUNCED))
authorized: Final = announced.given(ENGINEER.did(AUTHORIZED))


def receive(*counted: tuple[int, int], final: bool = True) -> ReceiveReturn:
    """The keeper counted so many on each line."""
    lines = tuple(ReceivedLine(line=line, qty_received=qty) for line, qty in counted)
    return ReceiveReturn(waybill="SF-1", carrier="SF", location="Q-01", lines=lines, final=final)


def received(*counted: tuple[int, int], final: bool = True) -> ReturnReceived:
    """They were booked in."""
    announced_as = {each.line: each for each in LINES}
    lines = tuple(
        BookedLine(
            line=line,
            spec_code=announced_as[line].spec_code,
            lot_no=announced_as[line].lot_no,
            qty_received=qty,
        )
        for line, qty in counted
    )
    said = dict(receive(*counted, final=final)) | {"lines": lines}
    return ReturnReceived(
        **HEADING, **said, customer_id="C01", register_by=None, registered_late=None
    )


all_here: Final = authorized.given(STOREKEEPER.did(received((1, 3), (2, 2))))


def finding(
    stage: PartStage, result: PartResult = PartResult.OK, *, line: int = 1, part: int = 1
) -> RecordPartFinding:
    """A test of the first piece."""
    return RecordPartFinding(
        line=line,
        part=part,
        stage=stage,
        result=result,
        measurements=(Measurement(name="d1", value="85.12", unit="mm", limit="≤ 85.10"),),
        criteria_ref="TS-7",
        evidence=("PH-1",),
    )


def found(
    stage: PartStage, status: PartStatus, result: PartResult = PartResult.OK, part: int = 1
) -> PartFindingRecorded:
    """The test was recorded."""
    said = dict(finding(stage, result, part=part))
    return PartFindingRecorded(**HEADING, **said, part_id="P-1", part_status=status)


STANDARD, LOAD, NTF = PartStage.STANDARD, PartStage.LOAD, PartStage.NTF
standard_ok: Final = all_here.given(ENGINEER.did(found(STANDARD, PartStatus.LOAD_TEST)))
ntf_pending: Final = standard_ok.given(ENGINEER.did(found(LOAD, PartStatus.NTF_PENDING)))
faulty: Final = all_here.given(
    PRODUCTION.did(found(STANDARD, PartStatus.CONFIRMED_FAULT, PartResult.NOK))
)
