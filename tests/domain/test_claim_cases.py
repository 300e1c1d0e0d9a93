"""Which cases a claim is about, and whether it counts against its specifications by them."""

from datetime import date
from typing import Any, Final

import pytest

from app.domain.claim.commands import LinkCase, RecountClaim, WithdrawClaim
from app.domain.claim.events import CaseLinked, ClaimRecounted
from app.domain.claim.refusals import (
    CaseAlreadyLinked,
    CaseNotClaimable,
    ClaimAlreadySettled,
    ClaimIsOver,
    ClaimOfAnotherCustomer,
)
from app.domain.claim.words import SpecPieces
from app.domain.errors import (
    NotFound,
    WrongRole,
)
from app.domain.feedback_case.events import CaseMerged, CaseVoided
from app.domain.values import Category
from tests.domain.cases import CASE_NO, classified
from tests.domain.cases import HEADING as CASE_HEADING
from tests.domain.cases import registered as case_registered
from tests.domain.claims import (
    CASE,
    HEADING,
    OTHER_CASE,
    REASON,
    S_A,
    TODAY,
    asked_with,
    case_judged,
    claim_around,
    claim_registered,
    closed,
    confirmed,
    new_claim,
    place_of,
    registered,
    settled,
)
from tests.people import CLERK, ENGINEER, POLICY, QUALITY_MANAGER, SPECIALIST
from tests.spec import Spec

# --- cases ----------------------------------------------------------------------------------

MERGED: Final = CaseMerged(
    **CASE_HEADING, cause_code=None, into=OTHER_CASE, into_case_no=CASE_NO, reason=REASON
)
VOIDED: Final = CaseVoided(**CASE_HEADING, cause_code=None, reason=REASON)


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        pytest.param(None, "NOT_REGISTERED", id="nowhere"),
        pytest.param(VOIDED, "VOIDED", id="voided"),
        pytest.param(MERGED, "MERGED", id="merged"),
    ],
)
def test_a_claim_is_about_cases_that_go_on(
    ending: CaseVoided | CaseMerged | None, status: str
) -> None:
    history = (*case_judged(), QUALITY_MANAGER.did(ending, to=CASE)) if ending else ()
    about = claim_around(history)
    asked = about.when(CLERK.asks(asked_with()))

    asked.then_refused(CaseNotClaimable, status=status)
    assert place_of(asked) == "case_ids.0"
    linked = about.given(CLERK.did(claim_registered(case_ids=(), case_nos=())))
    link = linked.when(CLERK.asks(LinkCase(case_id=CASE)))
    link.then_refused(CaseNotClaimable, status=status)
    assert place_of(link) == "case_id"


def test_a_claim_is_about_cases_of_its_customer() -> None:
    about = claim_around(case_judged(customer_id="C02"))

    about.when(CLERK.asks(asked_with())).then_refused(
        ClaimOfAnotherCustomer, case_customer_id="C02"
    )


def test_a_claim_is_about_each_case_once() -> None:
    asked = new_claim.when(CLERK.asks(asked_with(case_ids=(CASE, CASE))))

    asked.then_refused(CaseAlreadyLinked, case_id=CASE)
    assert place_of(asked) == "case_ids.1"
    registered.when(CLERK.asks(LinkCase(case_id=CASE))).then_refused(CaseAlreadyLinked)


def test_a_case_is_linked_until_the_claim_is_paid() -> None:
    linked = CaseLinked(**HEADING, case_id=OTHER_CASE, case_no=CASE_NO)
    two = claim_around(case_judged(), case_judged(to=OTHER_CASE))
    link = LinkCase(case_id=OTHER_CASE)

    for who in (CLERK, ENGINEER):
        two.given(*registered.history).when(who.asks(link)).then(linked)
    two.given(*registered.history).when(SPECIALIST.asks(link)).then_refused(WrongRole)
    two.given(*settled.history).when(CLERK.asks(link)).then_refused(
        ClaimAlreadySettled, voucher="CN-1"
    )
    two.given(*closed.history).when(CLERK.asks(link)).then_refused(ClaimIsOver, status="CLOSED")
    state = two.given(*registered.history, CLERK.did(linked)).state()
    assert (state.case_ids, state.case_nos) == ((CASE, OTHER_CASE), (CASE_NO, CASE_NO))


@pytest.mark.parametrize(
    ("classes", "category", "counts"),
    [
        pytest.param([], None, True, id="no case: taken as a product matter"),
        pytest.param([None], None, True, id="not classified"),
        pytest.param([Category.PRODUCT], Category.PRODUCT, True, id="product"),
        pytest.param([Category.TRANSPORT], Category.TRANSPORT, False, id="transport"),
        pytest.param([Category.SERVICE, None], Category.SERVICE, False, id="one is known"),
        pytest.param(
            [Category.SERVICE, Category.PRODUCT], Category.PRODUCT, True, id="product wins"
        ),
    ],
)
def test_only_product_matters_count(
    classes: list[Category | None],
    category: Category | None,
    counts: bool,  # noqa: FBT001 - a column of the table
) -> None:
    cases = [
        (
            CLERK.did(case_registered(), to=to),
            *([CLERK.did(classified(each), to=to)] if each else []),
        )
        for to, each in zip((CASE, OTHER_CASE), classes, strict=False)
    ]
    ids = (CASE, OTHER_CASE)[: len(classes)]

    (event,) = claim_around(*cases).when(CLERK.asks(asked_with(case_ids=ids))).answer()

    assert (event.category, event.counts) == (category, counts)


# --- counting -------------------------------------------------------------------------------

RECOUNT: Final = RecountClaim()
SERVICE: Final = claim_around(
    (CLERK.did(case_registered(), to=CASE), CLERK.did(classified(Category.SERVICE), to=CASE))
)
TWO_PIECES: Final = (SpecPieces(spec_code=S_A, pieces=2),)


def recounted(category: Category, *, counts: bool, **said: Any) -> ClaimRecounted:  # noqa: ANN401 - any field
    """Its cases are of another class now."""
    before: dict[str, Any] = {"confirmed_on": None, "specs": ()}
    return ClaimRecounted(**HEADING, category=category, counts=counts, **(before | said))


def test_a_recount_says_only_what_is_news() -> None:
    unclassified = new_claim.given(CLERK.did(claim_registered(category=None)))

    registered.when(POLICY.asks(RECOUNT)).then()
    unclassified.when(POLICY.asks(RECOUNT)).then(recounted(Category.PRODUCT, counts=True))
    registered.when(QUALITY_MANAGER.asks(RECOUNT)).then_refused(WrongRole)
    new_claim.when(POLICY.asks(RECOUNT)).then_refused(NotFound)


@pytest.mark.parametrize(
    ("claim", "confirmed_on"),
    [
        pytest.param(registered, None, id="not confirmed yet"),
        pytest.param(confirmed, TODAY, id="counted from that day"),
        pytest.param(closed, TODAY, id="closed: it was a claim for all that"),
    ],
)
def test_a_claim_that_is_no_product_matter_says_what_it_counted_for(
    claim: Spec[Any, Any, Any], confirmed_on: date | None
) -> None:
    moved = recounted(Category.SERVICE, counts=False, confirmed_on=confirmed_on, specs=TWO_PIECES)
    about = SERVICE.given(*claim.history)

    about.when(POLICY.asks(RECOUNT)).then(moved)
    after = about.given(POLICY.did(moved))
    assert (after.state().category, after.state().counts) == (Category.SERVICE, False)
    after.when(POLICY.asks(RECOUNT)).then()


def test_a_claim_that_ended_counts_no_more_and_is_not_recounted() -> None:
    (gone,) = confirmed.when(CLERK.asks(WithdrawClaim(reason=REASON))).answer()

    SERVICE.given(*confirmed.history, CLERK.did(gone)).when(POLICY.asks(RECOUNT)).then()


def test_a_merged_case_is_of_the_class_of_the_one_that_goes_on() -> None:
    merged = (*case_judged(), ENGINEER.did(MERGED, to=CASE))
    target = (
        CLERK.did(case_registered(), to=OTHER_CASE),
        CLERK.did(classified(Category.SERVICE), to=OTHER_CASE),
    )

    claim_around(merged, target).given(*registered.history).when(POLICY.asks(RECOUNT)).then(
        recounted(Category.SERVICE, counts=False, specs=TWO_PIECES)
    )
