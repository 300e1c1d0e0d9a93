"""A split follows the judgement of the cases; whom it blames decides what is negotiated (R-06)."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from app.domain.claim.events import ClaimStatus
from app.domain.claim.refusals import (
    AlreadySplit,
    CaseNotJudged,
    ClaimWithoutCase,
    JudgementsDiffer,
)
from app.domain.feedback_case.events import CaseMerged, CaseVoided
from app.domain.feedback_case.state import ResponsibilityShare
from app.domain.values import CauseClass, Party
from tests.domain.cases import CASE_NO
from tests.domain.cases import HEADING as CASE_HEADING
from tests.domain.claims import (
    CASE,
    COMPANY,
    CUSTOMER,
    OTHER_CASE,
    REASON,
    SEVENTY_THIRTY,
    THIRD,
    THIRD_PARTY_SPLIT,
    case_judged,
    claim_around,
    claim_split,
    executed,
    judged,
    new_claim,
    opened,
    part,
    shared,
    unjudged_case,
)
from tests.domain.test_claim_split import SPLIT, Claim, confirmed_around, of_days, split_of
from tests.people import (
    ENGINEER,
    NOON,
    QUALITY_MANAGER,
    TECHNICIAN,
)

# --- by which case --------------------------------------------------------------------------


def test_nobody_splits_what_nobody_judged() -> None:
    of_days(new_claim, cases=()).when(TECHNICIAN.asks(SPLIT)).then_refused(
        ClaimWithoutCase, next="LinkCase"
    )
    confirmed_around(unjudged_case()).when(TECHNICIAN.asks(SPLIT)).then_refused(
        CaseNotJudged, case_no=CASE_NO, next="JudgeResponsibility"
    )
    void = QUALITY_MANAGER.did(CaseVoided(**CASE_HEADING, cause_code="M01", reason=REASON), to=CASE)
    confirmed_around((*case_judged(), void)).when(TECHNICIAN.asks(SPLIT)).then_refused(
        CaseNotJudged, status="VOIDED"
    )


BOTH: Final = (CASE, OTHER_CASE)


def test_a_merged_case_is_judged_as_the_one_that_goes_on() -> None:
    merged = CaseMerged(
        **CASE_HEADING, cause_code="M01", into=OTHER_CASE, into_case_no=CASE_NO, reason=REASON
    )
    case = (*unjudged_case(), ENGINEER.did(merged, to=CASE))
    around = claim_around(case, case_judged((CUSTOMER, 10_000), to=OTHER_CASE))

    assert split_of(of_days(around)).main_party is CUSTOMER
    assert split_of(of_days(around, cases=BOTH)).case_ids == BOTH


def test_cases_that_say_the_same_split_one_claim() -> None:
    alike = (COMPANY, 6_000), (CUSTOMER, 4_000)
    by_shares = claim_around(case_judged(*alike), case_judged(*alike, to=OTHER_CASE))
    by_class = claim_around(case_judged(), case_judged(to=OTHER_CASE))

    assert split_of(of_days(by_shares, cases=BOTH)).shares[0].bps == 6_000
    assert split_of(of_days(by_class, cases=BOTH)).shares == SEVENTY_THIRTY


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(case_judged((COMPANY, 10_000), to=OTHER_CASE), id="shares and none"),
        pytest.param(case_judged(to=OTHER_CASE, cause_class=CauseClass.NTF), id="another class"),
    ],
)
def test_cases_that_were_judged_differently_do_not(other: Any) -> None:  # noqa: ANN401 - a history
    of_days(claim_around(case_judged(), other), cases=BOTH).when(
        TECHNICIAN.asks(SPLIT)
    ).then_refused(JudgementsDiffer, case_nos=[CASE_NO, CASE_NO])


# --- anew -----------------------------------------------------------------------------------


def judged_again(at: datetime) -> Claim:
    """The claim was split and approved; then engineering judged the carrier."""
    anew = TECHNICIAN.did(
        judged(
            (
                ResponsibilityShare(party=COMPANY, bps=2_000),
                ResponsibilityShare(party=THIRD, bps=8_000),
            )
        ),
        to=CASE,
        at=at,
    )
    return claim_around((*case_judged(), anew)).given(*executed.history)


def test_a_claim_is_split_anew_only_after_a_new_judgement() -> None:
    later = NOON + timedelta(seconds=1)

    shared.when(TECHNICIAN.asks(SPLIT)).then_refused(AlreadySplit, split_by=TECHNICIAN.name)
    judged_again(NOON).when(TECHNICIAN.asks(SPLIT)).then_refused(AlreadySplit)
    judged_again(later).when(TECHNICIAN.asks(SPLIT)).then(
        THIRD_PARTY_SPLIT, opened("THIRD_PARTY", main_party=THIRD)
    )


def test_an_approval_of_the_earlier_split_falls_away() -> None:
    to_customer = claim_split(
        part(CUSTOMER, 10_000, 333_33), source="JUDGEMENT", main_party=CUSTOMER
    )
    anew = executed.given(TECHNICIAN.did(to_customer)).state()

    assert executed.state().status is ClaimStatus.APPROVED
    assert (anew.status, anew.approved_by) == (ClaimStatus.SPLIT, None)
    assert anew.share_of(COMPANY) == 0


# --- what it opens --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "because", "main"),
    [
        pytest.param([(COMPANY, 7_000), (CUSTOMER, 3_000)], None, COMPANY, id="we are to blame"),
        pytest.param([(CUSTOMER, 10_000)], None, CUSTOMER, id="the customer is"),
        pytest.param([(COMPANY, 4_999), (THIRD, 5_001)], "THIRD_PARTY", THIRD, id="a third party"),
        pytest.param([(COMPANY, 5_001), (THIRD, 4_999)], None, COMPANY, id="a third party helps"),
        pytest.param([(COMPANY, 5_000), (CUSTOMER, 5_000)], "TIE", None, id="a judged tie"),
        pytest.param([(COMPANY, 5_000), (THIRD, 5_000)], "TIE", None, id="a tie with a third"),
    ],
)
def test_r06_a_third_party_as_main_party_or_a_judged_tie_is_negotiated(
    pairs: list[tuple[Party, int]], because: str | None, main: Party | None
) -> None:
    spec = confirmed_around(case_judged(*pairs))
    split, *negotiation = spec.when(TECHNICIAN.asks(SPLIT)).answer()

    assert split.main_party is main
    assert negotiation == ([opened(because, main)] if because else [])
    after = spec.given(TECHNICIAN.did(split), *map(TECHNICIAN.did, negotiation)).state()
    assert after.status is (ClaimStatus.NEGOTIATING if because else ClaimStatus.SPLIT)
    assert after.main_party is main


def test_an_agreed_tie_is_agreed() -> None:
    even = confirmed_around(case_judged(cause_class=CauseClass.NTF))

    assert len(even.when(TECHNICIAN.asks(SPLIT)).answer()) == 1


def test_what_is_negotiated_already_is_not_opened_twice() -> None:
    by_carrier = confirmed_around(case_judged((COMPANY, 2_000), (THIRD, 8_000)))
    disputed = by_carrier.given(TECHNICIAN.did(opened("TIE", main_party=None)))

    disputed.when(TECHNICIAN.asks(SPLIT)).then(THIRD_PARTY_SPLIT)
