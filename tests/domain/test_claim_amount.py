"""QA checks, the specialist looks and stands by an amount: nobody confirms what they registered."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

from app.domain.claim.commands import CheckClaim, RejectClaim, VerifyClaim
from app.domain.claim.events import CLAIM, ClaimStatus
from app.domain.claim.facts import ClaimRejected
from app.domain.claim.refusals import (
    ClaimAlreadyConfirmed,
    ClaimCheckFailed,
    ClaimIsOver,
    ClaimLineTwice,
    ClaimNotChecked,
    ClaimNotVerified,
    MoreThanClaimed,
    NoSuchClaimLine,
    SodClaim,
    SumMismatch,
    VerifiedBackwards,
)
from app.domain.claim.words import (
    ConfirmedLine,
    LineResult,
    SpecPieces,
    SpecStanding,
    VerificationMode,
)
from app.domain.errors import InTheFuture, NotFound, WrongRole
from app.domain.money import money
from app.domain.values import Role
from tests.domain.claims import (
    ANOTHER,
    CLAIM_NO,
    HEADING,
    REASON,
    S_A,
    S_B,
    VERIFIED,
    VERIFY,
    check,
    checked,
    claim_checked,
    claim_confirmed,
    claim_registered,
    closed,
    confirm,
    confirmed,
    new_claim,
    registered,
    verified,
)
from tests.people import (
    CLERK,
    ENGINEER,
    NOON,
    QUALITY_MANAGER,
    SPECIALIST,
    Person,
)

REJECT: Final = RejectClaim(reason="The part is another maker's.")
REJECTED: Final = ClaimRejected(**HEADING, reason=REJECT.reason)

# --- checking and looking -------------------------------------------------------------------


def test_qa_answers_three_questions_and_may_answer_anew() -> None:
    registered.when(ENGINEER.asks(check())).then(claim_checked())
    registered.when(CLERK.asks(check())).then_refused(WrongRole)
    new_claim.when(ENGINEER.asks(check())).then_refused(NotFound)
    assert checked.state().status is ClaimStatus.CHECKED
    for spec in (checked, verified):
        spec.when(ENGINEER.asks(check(conformity=False))).then(claim_checked(conformity=False))
    confirmed.when(ENGINEER.asks(check())).then_refused(
        ClaimAlreadyConfirmed, confirmed_by=SPECIALIST.name
    )


@pytest.mark.parametrize("question", ["logic", "accuracy", "conformity"])
def test_one_no_is_enough_to_fail(question: str) -> None:
    answers = {"logic": True, "accuracy": True, "conformity": True} | {question: False}
    failed = CheckClaim(**answers, notes="Another drawing.")
    spec = registered.given(
        ENGINEER.did(registered.when(ENGINEER.asks(failed)).answer()[0]), SPECIALIST.did(VERIFIED)
    )

    spec.when(SPECIALIST.asks(confirm())).then_refused(ClaimCheckFailed, **answers)
    spec.given(ENGINEER.did(claim_checked())).when(SPECIALIST.asks(confirm())).then(
        claim_confirmed()
    )


def test_the_specialist_looks_as_often_as_needed_once_qa_checked() -> None:
    for spec in (checked, verified):
        spec.when(SPECIALIST.asks(VERIFY)).then(VERIFIED)
    registered.when(SPECIALIST.asks(VERIFY)).then_refused(ClaimNotChecked, next="CheckClaim")
    checked.when(ENGINEER.asks(VERIFY)).then_refused(WrongRole)
    confirmed.when(SPECIALIST.asks(VERIFY)).then_refused(ClaimAlreadyConfirmed)
    state = verified.given(SPECIALIST.did(VERIFIED)).state()
    assert state.status is ClaimStatus.VERIFIED
    assert [each.mode for each in state.verifications] == [VerificationMode.UNANNOUNCED_VISIT] * 2


def visit(from_at: datetime, to_at: datetime) -> VerifyClaim:
    """A look from then to then."""
    return VERIFY.model_copy(update={"from_at": from_at, "to_at": to_at})


def test_a_visit_is_over_and_did_not_end_before_it_began() -> None:
    second = timedelta(seconds=1)

    for spec in (visit(NOON, NOON), visit(NOON - second, NOON)):
        assert len(checked.when(SPECIALIST.asks(spec)).answer()) == 1
    checked.when(SPECIALIST.asks(visit(NOON, NOON + second))).then_refused(InTheFuture)
    checked.when(SPECIALIST.asks(visit(NOON, NOON - second))).then_refused(VerifiedBackwards)


# --- confirming -----------------------------------------------------------------------------


def test_an_amount_is_confirmed_after_someone_looked() -> None:
    checked.when(SPECIALIST.asks(confirm())).then_refused(ClaimNotVerified, next="VerifyClaim")
    verified.when(SPECIALIST.asks(confirm())).then(claim_confirmed())
    verified.when(CLERK.asks(confirm())).then_refused(WrongRole)
    state = confirmed.state()
    assert state.status is ClaimStatus.CONFIRMED
    assert state.amount == 333_33
    assert state.confirmation is not None
    assert state.confirmation.confirmed_by == SPECIALIST.name


def test_an_amount_is_confirmed_once() -> None:
    confirmed.when(SPECIALIST.asks(confirm())).then_refused(
        ClaimAlreadyConfirmed, confirmed_by=SPECIALIST.name
    )


def test_whoever_registered_a_claim_does_not_confirm_it() -> None:
    lin_with_another_hat = CLERK.wearing(Role.MARKET_SPECIALIST)

    verified.when(lin_with_another_hat.asks(confirm())).then_refused(SodClaim, person="Lin")
    someone_else = Person("Mei", Role.MARKET_SPECIALIST)
    verified.when(someone_else.asks(confirm())).then(claim_confirmed())


@pytest.mark.parametrize(
    ("fen", "reason", "fits"),
    [
        pytest.param(0, None, True, id="nothing"),
        pytest.param(333_33, None, True, id="what was claimed"),
        pytest.param(333_34, None, False, id="one fen more needs a reason"),
        pytest.param(333_34, REASON, True, id="one fen more with a reason"),
    ],
)
def test_more_than_was_claimed_is_confirmed_only_with_a_reason(
    fen: int,
    reason: str | None,
    fits: bool,  # noqa: FBT001 - a column of the table
) -> None:
    asked = verified.when(SPECIALIST.asks(confirm(fen, reason=reason)))

    if fits:
        asked.then(claim_confirmed(fen, reason=reason))
    else:
        asked.then_refused(MoreThanClaimed, claimed="333.33")


def lines(*pairs: tuple[int, int]) -> tuple[ConfirmedLine, ...]:
    """Amounts by line."""
    return tuple(ConfirmedLine(line=line, confirmed=money(fen)) for line, fen in pairs)


def test_lines_that_are_left_out_are_confirmed_as_claimed() -> None:
    less = ConfirmedLine(line=2, confirmed=money(100_00), reason="One hour was enough.")
    results = (
        LineResult(line=1, confirmed_fen=200_00, reason=None),
        LineResult(line=2, confirmed_fen=100_00, reason=less.reason),
    )
    told = claim_confirmed(300_00, line_results=results)

    verified.when(SPECIALIST.asks(confirm(300_00, lines=(less,)))).then(told)
    first, second = verified.given(SPECIALIST.did(told)).state().lines
    assert (first.confirmed, first.confirmed_because) == (200_00, None)
    assert (second.confirmed, second.confirmed_because) == (100_00, "One hour was enough.")


def test_without_lines_nothing_is_said_of_them() -> None:
    assert [each.confirmed for each in confirmed.state().lines] == [None, None]


def test_lines_that_an_event_does_not_name_stay_as_they_are() -> None:
    only_one = claim_confirmed(line_results=(LineResult(line=2, confirmed_fen=1, reason=None),))

    state = verified.given(SPECIALIST.did(only_one)).state()

    assert [each.confirmed for each in state.lines] == [None, 1]


@pytest.mark.parametrize("off", [-1, 1])
def test_the_lines_make_up_the_amount(off: int) -> None:
    verified.when(SPECIALIST.asks(confirm(300_00 + off, lines=lines((2, 100_00))))).then_refused(
        SumMismatch,
        lines_total="300.00",
        confirmed_total=money(300_00 + off).amount,
        difference="-0.01" if off < 0 else "0.01",
    )


def test_a_line_is_one_of_the_claim_and_named_once() -> None:
    verified.when(SPECIALIST.asks(confirm(lines=lines((3, 1_00))))).then_refused(
        NoSuchClaimLine, lines=[1, 2]
    )
    verified.when(SPECIALIST.asks(confirm(lines=lines((1, 1_00), (1, 1_00))))).then_refused(
        ClaimLineTwice, line=1
    )


# --- what it counts for ---------------------------------------------------------------------


def test_it_is_confirmed_on_the_day_in_shanghai_and_filed_in_the_days_of_the_rule_pack() -> None:
    new_years_eve = datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC)
    second_later = new_years_eve + timedelta(seconds=1)

    (last_year,) = verified.when(SPECIALIST.asks(confirm(), at=new_years_eve)).answer()
    (next_year,) = verified.when(SPECIALIST.asks(confirm(), at=second_later)).answer()

    assert (last_year.confirmed_on, next_year.confirmed_on) == (
        date(2025, 12, 31),
        date(2026, 1, 1),
    )
    assert last_year.file_by == datetime(2026, 1, 10, 16, tzinfo=UTC)
    assert next_year.file_by == datetime(2026, 1, 11, 16, tzinfo=UTC)


def test_it_says_how_often_its_specifications_were_claimed_itself_included() -> None:
    two = (SpecPieces(spec_code=S_A, pieces=2), SpecPieces(spec_code=S_B, pieces=1))
    earlier = claim_confirmed(claim_no="CL-2025-000009", customer_id="C02")
    spec = (
        new_claim.around({CLAIM: (SPECIALIST.did(earlier, to=ANOTHER),)})
        .given(CLERK.did(claim_registered(specs=two)))
        .given(*verified.history[1:])
    )

    (event,) = spec.when(SPECIALIST.asks(confirm())).answer()

    assert event.spec_standings == (
        SpecStanding(spec_code=S_A, window="2025", claims=2, pieces=4),
        SpecStanding(spec_code=S_B, window="2025", claims=1, pieces=1),
    )


def test_a_claim_that_is_no_product_matter_counts_for_nothing() -> None:
    spec = new_claim.given(CLERK.did(claim_registered(counts=False))).given(*verified.history[1:])

    spec.when(SPECIALIST.asks(confirm())).then(claim_confirmed(counts=False, spec_standings=()))


# --- rejecting ------------------------------------------------------------------------------


def test_a_claim_is_rejected_until_its_amount_stands() -> None:
    for spec in (registered, checked, verified):
        for who in (QUALITY_MANAGER, SPECIALIST):
            spec.when(who.asks(REJECT)).then(REJECTED)
    registered.when(ENGINEER.asks(REJECT)).then_refused(WrongRole)
    confirmed.when(QUALITY_MANAGER.asks(REJECT)).then_refused(
        ClaimAlreadyConfirmed, next="RaiseDispute"
    )
    over = verified.given(QUALITY_MANAGER.did(REJECTED))
    assert over.state().status is ClaimStatus.REJECTED
    assert over.state().ending is not None
    assert over.state().ending.reason == REJECT.reason


@pytest.mark.parametrize(
    ("who", "command"),
    [
        (ENGINEER, check()),
        (SPECIALIST, VERIFY),
        (SPECIALIST, confirm()),
        (QUALITY_MANAGER, REJECT),
    ],
)
def test_nothing_is_done_to_a_claim_that_is_over(who: Person, command: Any) -> None:  # noqa: ANN401 - commands differ
    for spec in (verified.given(QUALITY_MANAGER.did(REJECTED)), closed):
        spec.when(who.asks(command)).then_refused(
            ClaimIsOver, claim_no=CLAIM_NO, status=spec.state().status
        )
    new_claim.when(who.asks(command)).then_refused(NotFound)
