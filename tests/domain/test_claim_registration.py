"""A notice of claim comes in: lines that add up, days that can be, cases that fit, once each."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app.domain.claim.commands import LinkCase, RegisterClaim, WithdrawClaim
from app.domain.claim.events import CLAIM
from app.domain.claim.refusals import (
    ClaimLineTwice,
    FailureAfterNotice,
    LineMismatch,
    NoticeAlreadyClaimed,
    SpecMissing,
    SumMismatch,
)
from app.domain.claim.words import ClaimStatus, CostLine, LineType, NoticeLine, SpecPieces, specs_of
from app.domain.errors import (
    AlreadyExists,
    AlreadyReported,
    InTheFuture,
    NotFound,
    SourceIncomplete,
    WrongRole,
)
from app.domain.money import money
from tests.domain.claims import (
    ANOTHER,
    CASE,
    CLAIM_NO,
    LINES,
    REASON,
    S_A,
    S_B,
    WEEK_LATER,
    asked_with,
    case_judged,
    claim_around,
    claim_registered,
    new_claim,
    place_of,
    registered,
)
from tests.domain.test_warranty_agreement import draft, drafted
from tests.people import CLERK, ENGINEER, ERP, NOON, SPECIALIST


def without_cases(**changes: Any) -> RegisterClaim:  # noqa: ANN401 - any field of the command
    """A notice that is about no case yet."""
    return asked_with(case_ids=(), **changes)


# --- registering ----------------------------------------------------------------------------


def test_a_notice_gets_a_number_and_a_last_day_to_object() -> None:
    for who in (CLERK, ERP):
        new_claim.when(who.asks(asked_with())).then(claim_registered())
    new_claim.when(SPECIALIST.asks(asked_with())).then_refused(WrongRole)
    registered.when(CLERK.asks(asked_with())).then_refused(AlreadyExists, claim_no=CLAIM_NO)
    state = registered.state()
    assert state.status is ClaimStatus.REGISTERED
    assert (state.registered_by, state.claimed) == (CLERK.name, 333_33)
    assert [each.amount for each in state.lines] == [200_00, 133_33]


def test_nothing_but_a_registered_claim_is_linked_to_a_case() -> None:
    new_claim.when(ENGINEER.asks(LinkCase(case_id=CASE))).then_refused(NotFound)


def test_the_numbers_run_within_the_year() -> None:
    others = new_claim.around(
        {CLAIM: (CLERK.did(claim_registered(claim_no="CL-2025-000041"), to=ANOTHER),)}
    )

    others.when(CLERK.asks(asked_with(notice_no="N-78"))).then(
        claim_registered(claim_no="CL-2025-000042", notice_no="N-78")
    )


@pytest.mark.parametrize(
    ("customer_id", "notice_no", "is_new"),
    [
        pytest.param("C01", "N-77", False, id="the same notice"),
        pytest.param("C01", "N-78", True, id="another notice"),
        pytest.param("C02", "N-77", True, id="another customer's"),
    ],
)
def test_a_notice_is_claimed_once(customer_id: str, notice_no: str, is_new: bool) -> None:  # noqa: FBT001 - a column of the table
    before = claim_registered(case_ids=(), case_nos=())
    taken = new_claim.around({CLAIM: (CLERK.did(before, to=ANOTHER),)})
    asked = taken.when(CLERK.asks(without_cases(customer_id=customer_id, notice_no=notice_no)))

    if is_new:
        assert len(asked.answer()) == 1
    else:
        asked.then_refused(NoticeAlreadyClaimed, claim_id=ANOTHER, claim_no=CLAIM_NO)
        assert place_of(asked) == "notice_no"


def test_a_notice_of_a_withdrawn_claim_stays_claimed() -> None:
    (gone,) = registered.when(CLERK.asks(WithdrawClaim(reason=REASON))).answer()
    others = new_claim.around(
        {CLAIM: (CLERK.did(claim_registered(), to=ANOTHER), CLERK.did(gone, to=ANOTHER))}
    )

    others.when(CLERK.asks(asked_with())).then_refused(NoticeAlreadyClaimed)


def test_a_source_system_reports_once_under_its_number() -> None:
    natural = {"source_system": "ERP", "external_ref": "4711"}
    told = claim_registered(**natural, notice_no="N-1")
    known = new_claim.around({CLAIM: (ERP.did(told, to=ANOTHER),)})

    new_claim.when(ERP.asks(asked_with(**natural))).then(claim_registered(**natural))
    again = known.when(ERP.asks(asked_with(**natural)))
    again.then_refused(AlreadyReported, claim_id=ANOTHER)
    assert place_of(again) == "external_ref"
    other = natural | {"source_system": "CRM"}
    assert len(known.when(ERP.asks(asked_with(**other))).answer()) == 1


@pytest.mark.parametrize(
    ("half", "missing"),
    [({"source_system": "ERP"}, "external_ref"), ({"external_ref": "4711"}, "source_system")],
)
def test_half_a_natural_key_is_none(half: dict[str, str], missing: str) -> None:
    asked = new_claim.when(ERP.asks(asked_with(**half)))

    asked.then_refused(SourceIncomplete)
    assert place_of(asked) == missing


# --- days -----------------------------------------------------------------------------------


def test_a_notice_comes_now_unless_it_came_before() -> None:
    monday, late_sunday = NOON, datetime.fromisoformat("2025-03-02T23:59:59+08:00")
    earlier = claim_registered(
        notice_received_at=late_sunday, objection_until=WEEK_LATER - timedelta(days=1)
    )

    new_claim.when(CLERK.asks(asked_with(notice_received_at=monday))).then(claim_registered())
    new_claim.when(CLERK.asks(asked_with(notice_received_at=late_sunday))).then(earlier)
    asked = new_claim.when(
        CLERK.asks(asked_with(notice_received_at=NOON + timedelta(microseconds=1)))
    )
    asked.then_refused(InTheFuture)
    assert place_of(asked) == "notice_received_at"


def test_a_part_fails_on_the_day_of_the_notice_at_the_latest() -> None:
    on_the_day, day_after = date(2025, 3, 3), date(2025, 3, 4)

    new_claim.when(CLERK.asks(asked_with(failure_on=on_the_day))).then(
        claim_registered(failure_on=on_the_day)
    )
    new_claim.when(CLERK.asks(asked_with(failure_on=day_after))).then_refused(
        FailureAfterNotice, notice_on="2025-03-03"
    )


def test_a_part_was_delivered_by_today() -> None:
    today = date(2025, 3, 3)

    new_claim.when(CLERK.asks(asked_with(delivered_on=today))).then(
        claim_registered(delivered_on=today)
    )
    new_claim.when(CLERK.asks(asked_with(delivered_on=date(2025, 3, 4)))).then_refused(
        InTheFuture, today="2025-03-03"
    )


@pytest.mark.parametrize(
    ("failure_on", "days"),
    [
        pytest.param(date(2025, 3, 1), 14, id="the agreement in force on the failure day"),
        pytest.param(date(2024, 12, 31), 7, id="no agreement: the rule pack's days"),
    ],
)
def test_how_long_we_can_object(failure_on: date, days: int) -> None:
    fortnight = drafted(1, draft(objection_days=14))
    (event,) = (
        claim_around(case_judged(), agreed=(fortnight,))
        .when(CLERK.asks(asked_with(failure_on=failure_on)))
        .answer()
    )

    assert event.objection_until == WEEK_LATER + timedelta(days=days - 7)


# --- lines ----------------------------------------------------------------------------------


def material(**said: Any) -> NoticeLine:  # noqa: ANN401 - any field of the line
    """The only line of a notice."""
    return NoticeLine.model_validate(dict(LINES[0]) | said)


def notice_of(*lines: NoticeLine, total_fen: int | None = None) -> RegisterClaim:
    """A notice of these lines, about no case."""
    total = sum(each.amount.hundredths for each in lines) if total_fen is None else total_fen
    return without_cases(lines=lines, claimed_total=money(total))


@pytest.mark.parametrize("off", [-1, 1])
def test_the_lines_add_up_to_the_fen(off: int) -> None:
    asked = new_claim.when(CLERK.asks(notice_of(*LINES, total_fen=333_33 + off)))

    asked.then_refused(
        SumMismatch,
        lines_total="333.33",
        claimed_total=money(333_33 + off).amount,
        difference="-0.01" if off < 0 else "0.01",
    )
    assert place_of(asked) == "claimed_total"


@pytest.mark.parametrize(
    ("quantity", "price_fen", "fen", "fits"),
    [
        pytest.param("2", 100_00, 200_00, True, id="exactly"),
        pytest.param("2", 100_00, 200_01, False, id="one fen more"),
        pytest.param("2", 100_00, 199_99, False, id="one fen less"),
        pytest.param("1.5", 3_33, 4_99, True, id="half a fen cut off"),
        pytest.param("1.5", 3_33, 5_00, True, id="half a fen rounded up"),
        pytest.param("1.5", 3_33, 4_98, False, id="more than rounding takes"),
        pytest.param("1.5", 3_33, 5_01, False, id="more than rounding gives"),
        pytest.param("0.3333", 100, 33, True, id="a third"),
        pytest.param("0", 100_00, 0, True, id="nothing costs nothing"),
    ],
)
def test_quantity_times_price_is_the_amount_to_the_fen(
    quantity: str,
    price_fen: int,
    fen: int,
    fits: bool,  # noqa: FBT001 - a column of the table
) -> None:
    line = material(quantity=quantity, unit_price=money(price_fen), amount=money(fen))
    asked = new_claim.when(CLERK.asks(notice_of(line)))

    if fits:
        assert asked.answer()[0].claimed_fen == fen
    else:
        asked.then_refused(LineMismatch, line=1, amount=money(fen).amount)
        assert place_of(asked) == "lines.0.amount"


def test_quantity_and_price_are_given_together_or_not_at_all() -> None:
    only_amount = material(quantity=None, unit_price=None)
    assert len(new_claim.when(CLERK.asks(notice_of(only_amount))).answer()) == 1
    for missing in ("quantity", "unit_price"):
        asked = new_claim.when(CLERK.asks(notice_of(material(**{missing: None}))))
        asked.then_refused(LineMismatch, line=1)
        assert place_of(asked) == f"lines.0.{missing}"


def test_a_material_line_names_its_specification_and_so_does_every_claim() -> None:
    labour = material(line=2, type=LineType.LABOUR, spec_code=None)

    assert len(new_claim.when(CLERK.asks(notice_of(LINES[0], labour))).answer()) == 1
    nameless = new_claim.when(CLERK.asks(notice_of(LINES[0], material(line=2, spec_code=None))))
    nameless.then_refused(SpecMissing)
    assert place_of(nameless) == "lines.1.spec_code"
    nowhere = new_claim.when(CLERK.asks(notice_of(labour)))
    nowhere.then_refused(SpecMissing)
    assert place_of(nowhere) == "lines.0.spec_code"


def test_a_line_number_is_used_once() -> None:
    asked = new_claim.when(CLERK.asks(notice_of(LINES[0], material(amount=money(200_00)))))

    asked.then_refused(ClaimLineTwice, line=1)
    assert place_of(asked) == "lines.1.line"


@pytest.mark.parametrize("quantity", ["-1", "1e3", "01", "1.23456", ""])
def test_a_quantity_is_a_plain_decimal(quantity: str) -> None:
    with pytest.raises(ValidationError):
        material(quantity=quantity)


def cost(kind: LineType, pieces: int | None, spec: str | None = S_A) -> CostLine:
    """One line of a specification."""
    return CostLine(
        line=1,
        spec_code=spec,
        pieces=pieces,
        type=kind,
        quantity=None,
        unit_price_fen=None,
        amount_fen=1_00,
    )


@pytest.mark.parametrize(
    ("lines", "pieces"),
    [
        pytest.param([cost(LineType.MATERIAL, 2), cost(LineType.MATERIAL, 3)], 5, id="added up"),
        pytest.param([cost(LineType.MATERIAL, None)], 1, id="one when not given"),
        pytest.param(
            [cost(LineType.MATERIAL, 2), cost(LineType.LABOUR, 9)], 2, id="labour repeats them"
        ),
        pytest.param(
            [cost(LineType.LABOUR, 2), cost(LineType.TRAVEL, 3)], 3, id="the largest other line"
        ),
        pytest.param(
            [cost(LineType.LABOUR, 7), cost(LineType.MATERIAL, 2), cost(LineType.OTHER, 1, None)],
            2,
            id="in whatever order",
        ),
    ],
)
def test_how_many_pieces_of_a_specification_a_claim_is_about(
    lines: list[CostLine], pieces: int
) -> None:
    assert specs_of(tuple(lines)) == (SpecPieces(spec_code=S_A, pieces=pieces),)


def test_specifications_stand_in_the_order_of_the_lines() -> None:
    lines = (cost(LineType.MATERIAL, 1, S_B), cost(LineType.MATERIAL, 1), cost(LineType.OTHER, 1))

    assert [each.spec_code for each in specs_of(lines)] == [S_B, S_A]
