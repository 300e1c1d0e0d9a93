"""The appeal: three people stand by it, it goes out in time, and the customer answers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.appeal.commands import (
    AgreedAmountMismatch,
    AppealAlreadyApproved,
    AppealAlreadyReviewed,
    AppealAlreadySubmitted,
    AppealCommand,
    AppealIsOver,
    AppealNotApproved,
    AppealNotReviewed,
    AppealNotSubmitted,
    AppealRequestMismatch,
    AppealUnderWay,
    ApproveAppeal,
    ClaimNotAppealable,
    NothingReduced,
    ReviewAppeal,
    SodAppeal,
    WithdrawAppeal,
)
from app.domain.appeal.events import AppealAnswered, AppealWithdrawn
from app.domain.appeal.state import AppealReply, AppealStatus, RequestedOutcome
from app.domain.claim.events import CLAIM, ClaimWithdrawn
from app.domain.claim.facts import ClaimSettled, LateObjectionConsented
from app.domain.claim.words import SettlementMethod
from app.domain.decider import Asked
from app.domain.errors import (
    AlreadyExists,
    DomainError,
    NotFound,
    ObjectionLapsed,
    WrongRole,
)
from app.domain.money import money
from app.domain.registers.appeals import OPEN_APPEAL_OF_CLAIM
from app.domain.values import Role
from tests.domain.appeals import (
    APPEAL_NO,
    APPROVED,
    CLAIM_HEADING,
    CLAIM_ID,
    DRAFT,
    DRAFTED,
    HEADING,
    REVIEWED,
    REVISE,
    REVISED,
    SUBMIT,
    SUBMITTED,
    UNTIL,
    answer,
    approved,
    asking,
    drafted,
    new_appeal,
    reviewed,
    said,
    submitted,
    with_claim,
)
from tests.people import (
    CASHIER,
    CLERK,
    DIRECTOR,
    ENGINEER,
    GENERAL_MANAGER,
    NOON,
    QUALITY_MANAGER,
    SALES,
    Person,
)
from tests.spec import Around, Spec

REVIEW, APPROVE = ReviewAppeal(), ApproveAppeal()
WITHDRAW = WithdrawAppeal(reason="The customer took the claim back.")
WITHDRAWN = AppealWithdrawn(**HEADING, reason="The customer took the claim back.")
CANCEL, REDUCE, SHARE = RequestedOutcome
ACCEPTED, PARTLY, REJECTED = AppealReply
GONE = ClaimWithdrawn(
    **CLAIM_HEADING,
    amount_released_fen=800_00,
    reason="Sent by mistake.",
    confirmed_on=None,
    counts=True,
    specs=(),
)
PAID = ClaimSettled(
    **CLAIM_HEADING,
    method=SettlementMethod.CREDIT_NOTE,
    voucher="CN-1",
    amount_fen=800_00,
    advanced_fen=0,
)

# --- writing --------------------------------------------------------------------------------


def test_qa_drafts_an_appeal_against_a_claim_that_stands() -> None:
    with_claim.when(ENGINEER.asks(DRAFT)).then(DRAFTED)
    with_claim.when(SALES.asks(DRAFT)).then_refused(WrongRole)
    new_appeal.when(ENGINEER.asks(DRAFT)).then_refused(ClaimNotAppealable, status="NOT_REGISTERED")
    drafted.when(ENGINEER.asks(DRAFT)).then_refused(AlreadyExists, appeal_no=APPEAL_NO)
    new_appeal.when(ENGINEER.asks(REVISE)).then_refused(NotFound)


@pytest.mark.parametrize("ended", [CLERK.did(GONE, to=CLAIM_ID), CASHIER.did(PAID, to=CLAIM_ID)])
def test_nobody_appeals_against_a_claim_that_is_paid_or_over(ended: Any) -> None:  # noqa: ANN401
    def over(spec: Spec[Any, Any, Any]) -> Spec[Any, Any, Any]:
        return spec.around({CLAIM: (ended,)})

    over(with_claim).when(ENGINEER.asks(DRAFT)).then_refused(ClaimNotAppealable)
    over(drafted).when(ENGINEER.asks(REVISE)).then_refused(ClaimNotAppealable)
    over(approved).when(SALES.asks(SUBMIT)).then_refused(ClaimNotAppealable)
    over(drafted).when(ENGINEER.asks(WITHDRAW)).then(WITHDRAWN)


def test_one_appeal_a_claim_is_open() -> None:
    other = "00000000-0000-7000-8000-000000000009"
    first = ENGINEER.did(DRAFTED, to=other)
    accepted = AppealAnswered(**HEADING, outcome=ACCEPTED, agreed_fen=0, doc_ref="MAIL-7")
    second = replace(with_claim, elsewhere=(*with_claim.elsewhere, ("appeal", first)))
    next_no = DRAFTED.model_copy(update={"appeal_no": "AP-2025-000002"})

    second.when(ENGINEER.asks(DRAFT)).then_refused(AppealUnderWay, appeal_no=APPEAL_NO)
    for end in (WITHDRAWN, accepted):
        ended = replace(second, elsewhere=(*second.elsewhere, ("appeal", SALES.did(end, to=other))))
        ended.when(ENGINEER.asks(DRAFT)).then(next_no)


@pytest.mark.parametrize(
    ("requested", "what", "error"),
    [
        pytest.param(CANCEL, {}, None, id="nothing paid"),
        pytest.param(CANCEL, {"reduce_to": money(1)}, AppealRequestMismatch, id="and an amount"),
        pytest.param(CANCEL, {"company_bps": 1}, AppealRequestMismatch, id="and a share"),
        pytest.param(REDUCE, {"reduce_to": money(799_99)}, None, id="a fen less"),
        pytest.param(REDUCE, {"reduce_to": money(800_00)}, NothingReduced, id="all of it"),
        pytest.param(REDUCE, {}, AppealRequestMismatch, id="to what"),
        pytest.param(SHARE, {"company_bps": 0}, None, id="a share of nothing"),
        pytest.param(SHARE, {}, AppealRequestMismatch, id="which share"),
        pytest.param(
            SHARE,
            {"company_bps": 5000, "reduce_to": money(1)},
            AppealRequestMismatch,
            id="a share and an amount",
        ),
    ],
)
def test_what_is_asked_for_is_said_in_full(
    requested: RequestedOutcome, what: dict[str, Any], error: type[DomainError] | None
) -> None:
    command = asking(requested, **what)
    asked = with_claim.when(ENGINEER.asks(command))

    if error is None:
        asked.then(said(command))
    else:
        asked.then_refused(error)


# --- three people ---------------------------------------------------------------------------


def test_a_second_person_reviews_and_a_third_one_approves() -> None:
    drafted.when(QUALITY_MANAGER.asks(REVIEW)).then(REVIEWED)
    drafted.when(ENGINEER.asks(REVIEW)).then_refused(WrongRole)
    drafted.when(ENGINEER.wearing(Role.QA_MANAGER).asks(REVIEW)).then_refused(
        SodAppeal, person="Wang"
    )
    drafted.when(DIRECTOR.asks(APPROVE)).then_refused(AppealNotReviewed, next="ReviewAppeal")
    reviewed.when(QUALITY_MANAGER.asks(REVIEW)).then_refused(
        AppealAlreadyReviewed, reviewed_by="Xu"
    )
    reviewed.when(DIRECTOR.asks(APPROVE)).then(APPROVED)
    reviewed.when(QUALITY_MANAGER.asks(APPROVE)).then_refused(WrongRole)
    for who in (ENGINEER, QUALITY_MANAGER):
        reviewed.when(who.wearing(Role.TECH_DIRECTOR).asks(APPROVE)).then_refused(SodAppeal)
    approved.when(DIRECTOR.asks(APPROVE)).then_refused(AppealAlreadyApproved, approved_by="Guo")


def test_what_is_written_anew_is_reviewed_and_approved_anew() -> None:
    for spec in (drafted, reviewed, approved):
        spec.when(ENGINEER.asks(REVISE)).then(REVISED)
    other = Person("Bai", Role.QA_ENGINEER)
    anew = approved.given(other.did(REVISED))
    state = anew.state()
    assert (state.status, state.revision) == (AppealStatus.DRAFTED, 2)
    assert state.prepared_by == ("Wang", "Bai")
    assert (state.reviewed_by, state.approved_by) == (None, None)
    for who in (ENGINEER, other):
        anew.when(who.wearing(Role.QA_MANAGER).asks(REVIEW)).then_refused(SodAppeal)
    anew.when(QUALITY_MANAGER.asks(REVIEW)).then(REVIEWED.model_copy(update={"revision": 2}))


# --- to the customer and back ---------------------------------------------------------------


def test_an_appeal_goes_out_as_long_as_there_is_time_to_object() -> None:
    last = UNTIL - timedelta(seconds=1)

    approved.when(SALES.asks(SUBMIT, at=last)).then(SUBMITTED)
    approved.when(ENGINEER.asks(SUBMIT)).then_refused(WrongRole)
    reviewed.when(SALES.asks(SUBMIT)).then_refused(AppealNotApproved, next="ApproveAppeal")
    approved.when(SALES.asks(SUBMIT, at=UNTIL)).then_refused(
        ObjectionLapsed, next="ConsentToLateObjection", claim_id=CLAIM_ID
    )


def test_the_general_manager_may_let_it_go_out_late() -> None:
    consent = LateObjectionConsented(**CLAIM_HEADING, reason="The parts came late.")
    consented = approved.around({CLAIM: (GENERAL_MANAGER.did(consent, to=CLAIM_ID, at=UNTIL),)})

    consented.when(SALES.asks(SUBMIT, at=UNTIL)).then(SUBMITTED)


def test_what_the_customer_has_is_not_written_on() -> None:
    for who, command in (
        (ENGINEER, REVISE),
        (QUALITY_MANAGER, REVIEW),
        (DIRECTOR, APPROVE),
        (SALES, SUBMIT),
    ):
        submitted.when(who.asks(command)).then_refused(AppealAlreadySubmitted)
    assert submitted.state().status is AppealStatus.SUBMITTED


@pytest.mark.parametrize(
    ("draft", "outcome", "agreed", "kept"),
    [
        pytest.param(asking(CANCEL), ACCEPTED, None, 0, id="nothing is paid"),
        pytest.param(asking(CANCEL), ACCEPTED, 10_00, 10_00, id="almost nothing is paid"),
        pytest.param(
            asking(REDUCE, reduce_to=money(300_00)), ACCEPTED, None, 300_00, id="what we asked for"
        ),
        pytest.param(asking(SHARE, company_bps=5000), ACCEPTED, None, None, id="shared"),
        pytest.param(asking(CANCEL), PARTLY, 400_00, 400_00, id="half of it"),
        pytest.param(asking(CANCEL), REJECTED, None, None, id="no"),
    ],
)
def test_the_customer_answers(
    draft: Any,  # noqa: ANN401 - a command
    outcome: AppealReply,
    agreed: int | None,
    kept: int | None,
) -> None:
    spec = with_claim.given(
        ENGINEER.did(said(draft)),
        QUALITY_MANAGER.did(REVIEWED),
        DIRECTOR.did(APPROVED),
        SALES.did(SUBMITTED),
    )
    answered = AppealAnswered(**HEADING, outcome=outcome, agreed_fen=kept, doc_ref="MAIL-7")

    spec.when(SALES.asks(answer(outcome, agreed))).then(answered)
    state = spec.given(SALES.did(answered)).state()
    assert state.status is AppealStatus.ANSWERED
    assert state.answer is not None
    assert (state.answer.agreed, state.answer.recorded_by) == (kept, "Gao")


def test_an_answer_says_what_was_agreed_on() -> None:
    submitted.when(SALES.asks(answer(PARTLY))).then_refused(AgreedAmountMismatch)
    submitted.when(SALES.asks(answer(REJECTED, 1))).then_refused(AgreedAmountMismatch)
    submitted.when(ENGINEER.asks(answer(REJECTED))).then_refused(WrongRole)
    approved.when(SALES.asks(answer(REJECTED))).then_refused(
        AppealNotSubmitted, next="SubmitAppeal"
    )


def test_an_appeal_is_given_up_until_it_is_answered() -> None:
    for spec in (drafted, reviewed, approved, submitted):
        for who in (ENGINEER, SALES):
            spec.when(who.asks(WITHDRAW)).then(WITHDRAWN)
    drafted.when(QUALITY_MANAGER.asks(WITHDRAW)).then_refused(WrongRole)
    gone = drafted.given(ENGINEER.did(WITHDRAWN))
    assert gone.state().status is AppealStatus.WITHDRAWN
    for who, command in (
        (ENGINEER, REVISE),
        (ENGINEER, WITHDRAW),
        (QUALITY_MANAGER, REVIEW),
        (DIRECTOR, APPROVE),
        (SALES, SUBMIT),
        (SALES, answer(REJECTED)),
    ):
        gone.when(who.asks(command)).then_refused(AppealIsOver, status="WITHDRAWN")


# --- whatever people ask --------------------------------------------------------------------

people = st.sampled_from(["Wang", "Xu", "Guo", "Gao"])
wishes = st.sampled_from(
    [
        (Role.QA_ENGINEER, DRAFT),
        (Role.QA_ENGINEER, REVISE),
        (Role.QA_MANAGER, REVIEW),
        (Role.TECH_DIRECTOR, APPROVE),
        (Role.SALES_REP, SUBMIT),
        (Role.SALES_REP, answer(ACCEPTED)),
        (Role.SALES_REP, WITHDRAW),
    ]
)


@given(st.lists(st.tuples(people, wishes, st.integers(0, 10)), max_size=25))
def test_what_goes_out_has_three_people_behind_it_and_goes_out_in_time(
    asks: list[tuple[str, tuple[Role, AppealCommand], int]],
) -> None:
    spec, days = with_claim, 0
    for name, (role, command), day in asks:
        days = max(days, day)
        who = Person(name, role)
        asked: Asked[Any] = who.asks(command, at=NOON + timedelta(days=days))
        try:
            told = spec.when(asked).answer()
        except DomainError:
            continue
        spec = spec.given(*(who.did(each, at=asked.at) for each in told))

    state = spec.state()
    if state.submitted_at is not None:
        assert state.submitted_at < UNTIL
        assert state.reviewed_by not in {None, *state.prepared_by}
        assert state.approved_by not in {None, state.reviewed_by, *state.prepared_by}
    world = Around(NOON, tuple(("appeal", each) for each in spec.history))
    known = world.entry_in(OPEN_APPEAL_OF_CLAIM, CLAIM_ID)
    over = {AppealStatus.NOT_DRAFTED, AppealStatus.ANSWERED, AppealStatus.WITHDRAWN}
    assert (known is None) == (state.status in over)
