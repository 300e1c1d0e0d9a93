"""How a feedback case ends: answered, closed and reopened, voided, merged."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import WrongRole
from app.domain.feedback_case.commands import (
    ClassifyFeedback,
    CloseCase,
    ForwardFeedback,
    MergeCase,
    ReopenCase,
    VoidCase,
)
from app.domain.feedback_case.events import (
    FEEDBACK_CASE,
    CaseClosed,
    CaseMerged,
    CaseReopened,
    CaseVoided,
    CustomerAnswered,
    CustomerReplied,
)
from app.domain.feedback_case.refusals import (
    AlreadyClassified,
    CaseIsOver,
    CaseNotClassified,
    CaseNotClosed,
    CauseNotApproved,
    CustomerNotSatisfied,
    MergeAcrossCustomers,
    MergedIntoItself,
    MergeTargetUnusable,
    NotReplied,
)
from app.domain.feedback_case.replies import RecordCustomerAnswer
from app.domain.feedback_case.state import (
    CaseStatus,
    Outcome,
    ReplyStage,
)
from app.domain.values import Category, Department
from tests.domain.cases import (
    APPROVED,
    CASE_NO,
    CLASSIFIED,
    CLASSIFY,
    CONTAIN,
    DETERMINED,
    HEADING,
    REASON,
    REGISTERED,
    REPLY,
    TWO,
    confirm,
    of_class,
    registered,
)
from tests.people import (
    CLERK,
    DIRECTOR,
    ENGINEER,
    NOON,
    ONE,
    QUALITY_MANAGER,
    SALES,
)

# --- answering and closing ------------------------------------------------------------------


def replied(stage: ReplyStage = ReplyStage.FINAL) -> CustomerReplied:
    """We told the customer."""
    return CustomerReplied(**HEADING, stage=stage, doc_ref="RE-1")


def answered(outcome: Outcome, stage: ReplyStage = ReplyStage.FINAL) -> CustomerAnswered:
    """The customer told us."""
    return CustomerAnswered(**HEADING, stage=stage, outcome=outcome)


ACCEPTED: Final = answered(Outcome.ACCEPTED)
CLOSED_ON_ANSWER: Final = CaseClosed(**HEADING, closed_because="ANSWER_ACCEPTED", summary=None)


def test_an_answer_stands_beside_the_last_reply() -> None:
    answer = RecordCustomerAnswer(outcome=Outcome.REJECTED)

    CLASSIFIED.when(SALES.asks(REPLY)).then(replied())
    CLASSIFIED.when(SALES.asks(answer)).then_refused(NotReplied)
    told = CLASSIFIED.given(SALES.did(replied()), SALES.did(replied(ReplyStage.D3)))
    no = answered(Outcome.REJECTED, ReplyStage.D3)
    told.when(CLERK.asks(answer)).then(no)
    replies = told.given(CLERK.did(no)).state().replies
    assert [each.outcome for each in replies] == [None, Outcome.REJECTED]


def test_a_case_closes_when_the_cause_is_approved_and_the_final_reply_accepted() -> None:
    happy = APPROVED.given(SALES.did(replied()), SALES.did(ACCEPTED))

    happy.when(ENGINEER.asks(CloseCase())).then(CLOSED_ON_ANSWER)
    happy.when(CLERK.asks(CloseCase())).then_refused(WrongRole)
    for unexplained in (CLASSIFIED, DETERMINED):
        unexplained.given(SALES.did(replied()), SALES.did(ACCEPTED)).when(
            ENGINEER.asks(CloseCase())
        ).then_refused(CauseNotApproved)


@pytest.mark.parametrize("category", Category)
def test_delivery_and_service_close_without_a_cause(category: Category) -> None:
    happy = of_class(category).given(SALES.did(replied()), SALES.did(ACCEPTED))
    asked = happy.when(ENGINEER.asks(CloseCase()))

    if category in {Category.DELIVERY, Category.SERVICE}:
        asked.then(CLOSED_ON_ANSWER)
    else:
        asked.then_refused(CauseNotApproved)


def test_only_the_final_reply_closes_a_case() -> None:
    early = APPROVED.given(
        SALES.did(replied(ReplyStage.D5)), SALES.did(answered(Outcome.ACCEPTED, ReplyStage.D5))
    )

    early.when(ENGINEER.asks(CloseCase())).then_refused(CustomerNotSatisfied, final_reply=None)


@pytest.mark.parametrize("said", [(), (SALES.did(answered(Outcome.NO_ANSWER)),)])
def test_seven_days_of_silence_are_an_answer(said: tuple[Any, ...]) -> None:
    silent = APPROVED.given(SALES.did(replied()), *said)
    week, second = NOON + timedelta(days=7), timedelta(seconds=1)

    silent.when(ENGINEER.asks(CloseCase(summary="No word."), at=week)).then(
        CaseClosed(**HEADING, closed_because="SILENCE", summary="No word.")
    )
    silent.when(ENGINEER.asks(CloseCase(), at=week - second)).then_refused(
        CustomerNotSatisfied, silence_days_min=7, silence_counts_from=week.isoformat()
    )


def test_a_rejected_reply_needs_another_one() -> None:
    rejected = APPROVED.given(SALES.did(replied()), SALES.did(answered(Outcome.REJECTED)))
    month_later = NOON + timedelta(days=30)

    rejected.when(ENGINEER.asks(CloseCase(), at=month_later)).then_refused(CustomerNotSatisfied)
    again = rejected.given(SALES.did(replied()), SALES.did(ACCEPTED))
    again.when(ENGINEER.asks(CloseCase(), at=month_later)).then(CLOSED_ON_ANSWER)


def test_a_reopened_case_needs_another_final_reply() -> None:
    closed = APPROVED.given(
        SALES.did(replied()), SALES.did(ACCEPTED), ENGINEER.did(CLOSED_ON_ANSWER)
    )
    reopen = ReopenCase(reason="It leaks again.")
    reopened = CaseReopened(**HEADING, reason="It leaks again.")

    assert closed.state().status is CaseStatus.CLOSED
    closed.when(QUALITY_MANAGER.asks(reopen)).then(reopened)
    APPROVED.when(ENGINEER.asks(reopen)).then_refused(CaseNotClosed)
    again = closed.given(ENGINEER.did(reopened))
    assert again.state().status is CaseStatus.CAUSE_APPROVED
    assert len(again.state().earlier_replies) == 1
    again.when(ENGINEER.asks(CloseCase())).then_refused(CustomerNotSatisfied)


# --- voiding and merging --------------------------------------------------------------------


def test_an_open_case_is_voided_by_the_manager_and_a_closed_one_never() -> None:
    void = VoidCase(reason=REASON)
    voided = CaseVoided(**HEADING, cause_code=None, reason=REASON)

    REGISTERED.when(QUALITY_MANAGER.asks(void)).then(voided)
    REGISTERED.when(ENGINEER.asks(void)).then_refused(WrongRole)
    DETERMINED.when(QUALITY_MANAGER.asks(void)).then(
        voided.model_copy(update={"cause_code": "M01"})
    )
    closed = APPROVED.given(ENGINEER.did(CLOSED_ON_ANSWER))
    for over in (closed, REGISTERED.given(QUALITY_MANAGER.did(voided))):
        over.when(QUALITY_MANAGER.asks(void)).then_refused(CaseIsOver)
    assert REGISTERED.given(QUALITY_MANAGER.did(voided)).state().status is CaseStatus.VOIDED


def test_a_case_is_merged_into_another_one_that_counts() -> None:
    merge = MergeCase(into=TWO, reason=REASON)
    other_no = "FB-2025-000002"
    merged = CaseMerged(**HEADING, **dict(merge), cause_code=None, into_case_no=other_no)
    other = CLERK.did(registered(case_no=other_no), to=TWO)
    voided = CaseVoided(**HEADING, cause_code=None, reason=REASON)
    both = REGISTERED.around({FEEDBACK_CASE: (other,)})

    both.when(ENGINEER.asks(merge)).then(merged)
    REGISTERED.when(ENGINEER.asks(merge)).then_refused(MergeTargetUnusable)
    both.around({FEEDBACK_CASE: (QUALITY_MANAGER.did(voided, to=TWO),)}).when(
        ENGINEER.asks(merge)
    ).then_refused(MergeTargetUnusable, status="VOIDED")
    both.when(ENGINEER.asks(merge.model_copy(update={"into": ONE}))).then_refused(MergedIntoItself)
    stranger = CLERK.did(registered(case_no=other_no, customer_id="C02"), to=TWO)
    REGISTERED.around({FEEDBACK_CASE: (stranger,)}).when(ENGINEER.asks(merge)).then_refused(
        MergeAcrossCustomers, other_customer_id="C02"
    )
    gone = both.given(ENGINEER.did(merged))
    assert gone.state().status is CaseStatus.MERGED
    gone.when(ENGINEER.asks(merge)).then_refused(CaseIsOver, merged_into=TWO)


# --- properties -----------------------------------------------------------------------------

WISHES: Final[tuple[Callable[[], Any], ...]] = (
    lambda: CLERK.asks(CLASSIFY),
    lambda: CLERK.asks(ForwardFeedback(to_departments=(Department.QA,))),
    lambda: ENGINEER.asks(CONTAIN),
    lambda: ENGINEER.asks(confirm(4)),
    lambda: SALES.asks(REPLY),
    lambda: SALES.asks(RecordCustomerAnswer(outcome=Outcome.ACCEPTED)),
    lambda: ENGINEER.asks(CloseCase()),
    lambda: ENGINEER.asks(ReopenCase(reason="Once more.")),
    lambda: QUALITY_MANAGER.asks(VoidCase(reason=REASON)),
    lambda: DIRECTOR.asks(VoidCase(reason=REASON)),
)


@given(st.lists(st.sampled_from(WISHES), max_size=12))
def test_whatever_is_asked_the_class_comes_first_and_the_end_is_the_end(
    wishes: list[Callable[[], Any]],
) -> None:
    case = REGISTERED
    for wish in wishes:
        asked = wish()
        before = case.state()
        try:
            told = case.when(asked).answer()
        except (CaseIsOver, CaseNotClassified, AlreadyClassified, NotReplied):
            continue
        except (CustomerNotSatisfied, CaseNotClosed, CauseNotApproved, WrongRole):
            continue
        assert before.category or isinstance(asked.command, ClassifyFeedback | VoidCase)
        assert not before.is_over or isinstance(asked.command, ReopenCase)
        case = case.given(*(asked_by(asked, event) for event in told))
        assert all(event.case_no == CASE_NO for event in told)


def asked_by(asked: Any, event: Any) -> Any:  # noqa: ANN401 - of any command
    """What the asker did."""
    (person,) = (
        each for each in (CLERK, ENGINEER, SALES, QUALITY_MANAGER) if each.name == asked.by.person
    )
    return person.did(event)
