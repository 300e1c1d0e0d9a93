"""The return list: what was announced, what came, what was found, and what became of it."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.decider import Subject
from app.domain.errors import AlreadyExists, NotFound, WrongRole
from app.domain.feedback_case.events import (
    FEEDBACK_CASE,
    CaseClosed,
    CaseVoided,
    ResponsibilityJudged,
)
from app.domain.feedback_case.state import Vehicle
from app.domain.return_list.commands import (
    CaseNotReturnable,
    CloseReturn,
    ConcludeNtf,
    DecideDisposition,
    LineTwice,
    MoreDisposedThanReceived,
    MoreShippedThanReplaced,
    NoSuchLine,
    PiecesNotDisposed,
    ReturnAlreadyAuthorized,
    ReturnFullyReceived,
    ReturnIsClosed,
    ReturnNotAuthorized,
    ReturnNotFullyReceived,
    ReturnOfAnotherCustomer,
    ShipReplacement,
)
from app.domain.return_list.events import (
    DispositionDecided,
    ReplacementShipped,
    ReturnClosed,
    ReturnDiscrepancyFound,
    ReturnListEvent,
)
from app.domain.return_list.state import (
    DispositionOutcome,
    NtfResult,
    ReturnStatus,
)
from app.domain.values import CauseClass, Party
from tests.domain.cases import HEADING as CASE_HEADING
from tests.domain.cases import registered
from tests.domain.returns import (
    ANNOUNCE,
    ANNOUNCED,
    AUTHORIZE,
    AUTHORIZED,
    CASE_ID,
    HEADING,
    LINES,
    RETURN_NO,
    STANDARD,
    all_here,
    announced,
    authorized,
    finding,
    new_list,
    receive,
    received,
    with_case,
)
from tests.people import (
    CLERK,
    ENGINEER,
    ERP,
    PRODUCTION,
    QUALITY_MANAGER,
    STOREKEEPER,
    TECHNICIAN,
)

# --- announcing and authorising -------------------------------------------------------------


def test_a_return_belongs_to_a_case_of_the_same_customer() -> None:
    for who in (CLERK, ERP):
        with_case.when(who.asks(ANNOUNCE)).then(ANNOUNCED)
    with_case.when(ENGINEER.asks(ANNOUNCE)).then_refused(WrongRole)
    new_list.when(CLERK.asks(ANNOUNCE)).then_refused(CaseNotReturnable, status="NOT_REGISTERED")
    other = ANNOUNCE.model_copy(update={"customer_id": "C02"})
    with_case.when(CLERK.asks(other)).then_refused(ReturnOfAnotherCustomer, customer_id="C01")
    announced.when(CLERK.asks(ANNOUNCE)).then_refused(AlreadyExists, return_no=RETURN_NO)


def test_a_closed_case_may_have_returns_and_a_voided_one_may_not() -> None:
    closed = CaseClosed(**CASE_HEADING, closed_because="SILENCE", summary=None)
    voided = CaseVoided(**CASE_HEADING, cause_code=None, reason="Not ours.")

    with_case.around({FEEDBACK_CASE: (ENGINEER.did(closed, to=CASE_ID),)}).when(
        CLERK.asks(ANNOUNCE)
    ).then(ANNOUNCED)
    with_case.around({FEEDBACK_CASE: (QUALITY_MANAGER.did(voided, to=CASE_ID),)}).when(
        CLERK.asks(ANNOUNCE)
    ).then_refused(CaseNotReturnable, status="VOIDED")


def test_a_line_number_is_used_once() -> None:
    twice = ANNOUNCE.model_copy(update={"lines": (LINES[0], LINES[0])})

    with_case.when(CLERK.asks(twice)).then_refused(LineTwice, line=1)
    authorized.when(STOREKEEPER.asks(receive((1, 1), (1, 2)))).then_refused(LineTwice, line=1)


def test_qa_authorises_once() -> None:
    announced.when(ENGINEER.asks(AUTHORIZE)).then(AUTHORIZED)
    announced.when(CLERK.asks(AUTHORIZE)).then_refused(WrongRole)
    authorized.when(ENGINEER.asks(AUTHORIZE)).then_refused(
        ReturnAlreadyAuthorized, authorisation_no="RMA-9"
    )
    new_list.when(ENGINEER.asks(AUTHORIZE)).then_refused(NotFound)


# --- receiving ------------------------------------------------------------------------------


def discrepancy(line: int, said: int, came: int) -> ReturnDiscrepancyFound:
    """The count is another one."""
    return ReturnDiscrepancyFound(
        **HEADING, line=line, announced=said, received=came, difference=came - said
    )


def test_nothing_is_received_without_authorisation() -> None:
    announced.when(STOREKEEPER.asks(receive((1, 3)))).then_refused(ReturnNotAuthorized)
    authorized.when(CLERK.asks(receive((1, 3)))).then_refused(WrongRole)
    authorized.when(STOREKEEPER.asks(receive((1, 3), (3, 1)))).then_refused(
        NoSuchLine, lines=[1, 2]
    )


def test_what_was_announced_came() -> None:
    authorized.when(STOREKEEPER.asks(receive((1, 3), (2, 2)))).then(received((1, 3), (2, 2)))


def test_a_difference_is_told_beside_the_final_receipt() -> None:
    authorized.when(STOREKEEPER.asks(receive((1, 4), (2, 0)))).then(
        received((1, 4), (2, 0)), discrepancy(1, 3, 4), discrepancy(2, 2, 0)
    )
    authorized.when(STOREKEEPER.asks(receive((1, 3)))).then(received((1, 3)), discrepancy(2, 2, 0))
    told = authorized.given(
        STOREKEEPER.did(received((1, 3))), STOREKEEPER.did(discrepancy(2, 2, 0))
    )
    assert told.state().discrepancies == (2,)


def test_receipts_add_up_until_one_is_final() -> None:
    first = received((1, 1), final=False)
    partly = authorized.given(STOREKEEPER.did(first))

    authorized.when(STOREKEEPER.asks(receive((1, 1), final=False))).then(first)
    assert partly.state().status is ReturnStatus.PARTLY_RECEIVED
    partly.when(STOREKEEPER.asks(receive((1, 2), (2, 2)))).then(received((1, 2), (2, 2)))
    all_here.when(STOREKEEPER.asks(receive((1, 1)))).then_refused(ReturnFullyReceived)
    assert all_here.state().status is ReturnStatus.RECEIVED
    assert all_here.state().waybills == ("SF-1",)


def test_a_receipt_needs_no_papers() -> None:
    bare = received((1, 3), (2, 2)).model_copy(update={"waybill": None, "carrier": None})
    here = authorized.given(STOREKEEPER.did(bare)).state()

    assert (here.waybills, here.carriers, here.location) == ((), (), "Q-01")


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(0, 4)), min_size=1, max_size=5))
def test_differences_are_between_the_sums_and_the_announcement(
    receipts: list[tuple[int, int]],
) -> None:
    spec = authorized
    told: list[ReturnListEvent] = []
    for index, counted in enumerate(receipts, start=1):
        asked = STOREKEEPER.asks(receive(counted, final=index == len(receipts)))
        told = spec.when(asked).answer()
        spec = spec.given(*map(STOREKEEPER.did, told))

    sums = {no: sum(qty for line, qty in receipts if line == no) for no in (1, 2)}
    found = {e.line: e.difference for e in told if isinstance(e, ReturnDiscrepancyFound)}
    wanted = {each.line: sums[each.line] - each.qty_announced for each in LINES}
    assert found == {line: by for line, by in wanted.items() if by}
    assert spec.state().qty_received == sum(sums.values())


def test_a_list_says_what_its_case_tells_of_the_parts() -> None:
    case = registered(vehicle=Vehicle(model="K13", mileage_km=12_000, hours=310))
    known = new_list.around({FEEDBACK_CASE: (CLERK.did(case, to=CASE_ID),)})

    known.when(CLERK.asks(ANNOUNCE)).then(
        ANNOUNCED.model_copy(update={"mileage_km": 12_000, "hours": 310})
    )


# --- what becomes of them -------------------------------------------------------------------


def dispose(outcome: DispositionOutcome, qty: int, line: int = 1) -> DecideDisposition:
    """So many pieces."""
    return DecideDisposition(line=line, outcome=outcome, qty=qty)


def disposed(outcome: DispositionOutcome, qty: int, line: int = 1) -> DispositionDecided:
    """It was decided."""
    return DispositionDecided(**HEADING, **dict(dispose(outcome, qty, line)))


REPLACE, SCRAP = DispositionOutcome.REPLACE, DispositionOutcome.SCRAP


def test_no_more_pieces_are_disposed_of_than_came() -> None:
    two = all_here.given(ENGINEER.did(disposed(REPLACE, 2)))

    two.when(PRODUCTION.asks(dispose(SCRAP, 1))).then(disposed(SCRAP, 1))
    two.when(ENGINEER.asks(dispose(SCRAP, 2))).then_refused(
        MoreDisposedThanReceived, received=3, disposed=2
    )
    authorized.when(ENGINEER.asks(dispose(SCRAP, 1))).then_refused(
        MoreDisposedThanReceived, received=0
    )
    all_here.when(ENGINEER.asks(dispose(SCRAP, 1, line=9))).then_refused(NoSuchLine)


def test_replacements_leave_up_to_what_was_decided() -> None:
    def ship(qty: int, line: int = 1) -> ShipReplacement:
        return ShipReplacement(delivery_no="DL-2025-000009", line=line, qty=qty)

    def shipped(qty: int) -> ReplacementShipped:
        return ReplacementShipped(**HEADING, **dict(ship(qty)))

    two = all_here.given(ENGINEER.did(disposed(REPLACE, 2)), ENGINEER.did(disposed(SCRAP, 1)))
    two.when(STOREKEEPER.asks(ship(2))).then(shipped(2))
    two.when(ENGINEER.asks(ship(2))).then_refused(WrongRole)
    two.when(STOREKEEPER.asks(ship(3))).then_refused(
        MoreShippedThanReplaced, to_replace=2, shipped=0
    )
    two.when(STOREKEEPER.asks(ship(1, line=9))).then_refused(NoSuchLine)
    one_left = two.given(STOREKEEPER.did(shipped(1)))
    assert one_left.state().replacement_deliveries == ("DL-2025-000009",)
    one_left.when(STOREKEEPER.asks(ship(2))).then_refused(MoreShippedThanReplaced, shipped=1)
    closed = ReturnClosed(**HEADING, qty_received=3)
    one_left.given(ENGINEER.did(closed)).when(STOREKEEPER.asks(ship(1))).then(shipped(1))


def test_a_list_closes_when_it_is_settled_what_becomes_of_every_piece() -> None:
    settled = all_here.given(
        ENGINEER.did(disposed(REPLACE, 3)), ENGINEER.did(disposed(SCRAP, 2, line=2))
    )
    closed = ReturnClosed(**HEADING, qty_received=5)

    assert settled.state().status is ReturnStatus.DISPOSED
    settled.when(ENGINEER.asks(CloseReturn())).then(closed)
    settled.when(STOREKEEPER.asks(CloseReturn())).then_refused(WrongRole)
    all_here.given(ENGINEER.did(disposed(REPLACE, 3))).when(
        ENGINEER.asks(CloseReturn())
    ).then_refused(PiecesNotDisposed, pieces_left_by_line={"2": 2})
    authorized.when(ENGINEER.asks(CloseReturn())).then_refused(ReturnNotFullyReceived)
    over = settled.given(ENGINEER.did(closed))
    assert over.state().status is ReturnStatus.CLOSED
    for command in (CloseReturn(), AUTHORIZE, dispose(SCRAP, 1), finding(STANDARD)):
        over.when(ENGINEER.asks(command)).then_refused(ReturnIsClosed)
    over.when(STOREKEEPER.asks(receive((1, 1)))).then_refused(ReturnIsClosed)
    conclude = ConcludeNtf(
        line=1, part=1, result=NtfResult.NTF, criteria_ref="NTF-2", customer_agreed=True
    )
    over.when(ENGINEER.asks(conclude)).then_refused(ReturnIsClosed)


def test_a_return_keeps_and_starts_limits_of_its_case() -> None:
    (came,) = authorized.when(STOREKEEPER.asks(receive((1, 3), (2, 2)))).answer()

    assert [each.limit for each in came.due] == ["T7"]
    for event in (ANNOUNCED, came):
        assert event.subject() == Subject("feedback-case", CASE_ID)
    assert (ANNOUNCED.stops(), ANNOUNCED.stops_of()) == (("T4",), ())


def test_a_disposition_and_the_close_say_who_is_responsible_once_it_is_judged() -> None:
    judgement = ResponsibilityJudged(
        **CASE_HEADING,
        cause_code="M01",
        cause_class=CauseClass.MANUFACTURING,
        shares=None,
        main_party=Party.COMPANY,
        grounds="Seen on the teardown photos.",
        blamed_department=None,
        agreement_ref=None,
        supersedes_reason=None,
    )
    judged = all_here.around({FEEDBACK_CASE: (TECHNICIAN.did(judgement, to=CASE_ID),)})
    ours = {"main_party": Party.COMPANY}

    scrapped = disposed(SCRAP, 3).model_copy(update=ours)
    judged.when(ENGINEER.asks(dispose(SCRAP, 3))).then(scrapped)
    rest = judged.given(ENGINEER.did(scrapped), ENGINEER.did(disposed(SCRAP, 2, line=2)))
    assert rest.state().main_party is Party.COMPANY
    closed = ReturnClosed(**HEADING, qty_received=5, main_party=Party.COMPANY)
    rest.when(ENGINEER.asks(CloseReturn())).then(closed)
    assert rest.given(ENGINEER.did(closed)).state().main_party is Party.COMPANY


def test_a_list_shows_how_far_it_is() -> None:
    assert announced.state().status is ReturnStatus.ANNOUNCED
    assert authorized.state().status is ReturnStatus.AUTHORIZED


@given(st.lists(st.tuples(st.sampled_from(DispositionOutcome), st.integers(1, 3)), max_size=6))
def test_disposed_pieces_never_exceed_received_ones(
    wishes: list[tuple[DispositionOutcome, int]],
) -> None:
    spec = all_here
    for outcome, qty in wishes:
        try:
            told = spec.when(ENGINEER.asks(dispose(outcome, qty))).answer()
        except MoreDisposedThanReceived:
            continue
        spec = spec.given(*map(ENGINEER.did, told))

    line = spec.state().lines[0]
    assert line.qty_disposed == sum(each.qty for each in line.dispositions) <= line.qty_received
    assert line.qty_to_replace <= line.qty_disposed
