"""Who bears a claim: as engineering judged, else as the agreement in force says (R-18, D8)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

from app.domain.claim.amounts import main_party, parted
from app.domain.claim.commands import SplitClaim
from app.domain.claim.events import ClaimStatus
from app.domain.claim.refusals import (
    AgreementNotInForce,
    AgreementSilent,
    ClaimAlreadySettled,
    ClaimIsOver,
    ClaimNotConfirmed,
    DeliveryDayMissing,
)
from app.domain.claim.words import Rounding, ShareRatio
from app.domain.errors import NotFound, WrongRole
from app.domain.feedback_case.state import ResponsibilityShare
from app.domain.values import CauseClass
from app.domain.warranty_agreement.events import BasisDate
from tests.domain.cases import CASE_NO
from tests.domain.claims import (
    CASE,
    COMPANY,
    CUSTOMER,
    THIRD,
    case_judged,
    claim_around,
    claim_confirmed,
    claim_registered,
    claim_split,
    closed,
    confirmed,
    judged,
    new_claim,
    part,
    settled,
    shared,
    unjudged_case,
    verified,
)
from tests.domain.test_warranty_agreement import FROM_JULY, LAST_YEAR, WHOLE_YEAR, draft, drafted
from tests.people import (
    CLERK,
    DIRECTOR,
    NOON,
    SPECIALIST,
    TECHNICIAN,
)
from tests.spec import Spec

SPLIT: Final = SplitClaim()
Claim = Spec[Any, Any, Any]


def confirmed_around(*cases: Any, **around: Any) -> Claim:  # noqa: ANN401 - see `claim_around`
    """The usual claim, confirmed, in the middle of these."""
    return claim_around(*cases, **around).given(*confirmed.history)


def of_days(  # noqa: PLR0913 - the days of a claim
    around: Claim,
    failure_on: date = date(2025, 3, 1),
    *,
    notice_received_at: datetime = NOON,
    delivered_on: date | None = None,
    fen: int = 333_33,
    cases: tuple[str, ...] = (CASE,),
) -> Claim:
    """A claim of those days, confirmed."""
    came = claim_registered(
        failure_on=failure_on,
        notice_received_at=notice_received_at,
        delivered_on=delivered_on,
        case_ids=cases,
        case_nos=tuple(CASE_NO for _ in cases),
    )
    return around.given(
        CLERK.did(came), *verified.history[1:], SPECIALIST.did(claim_confirmed(fen))
    )


def split_of(spec: Claim) -> Any:  # noqa: ANN401 - an event
    """What the split says."""
    return spec.when(TECHNICIAN.asks(SPLIT)).answer()[0]


# --- by whom --------------------------------------------------------------------------------


def test_without_shares_of_the_judgement_the_agreement_splits() -> None:
    confirmed.when(TECHNICIAN.asks(SPLIT)).then(claim_split())
    confirmed.when(DIRECTOR.asks(SPLIT)).then_refused(WrongRole)
    verified.when(TECHNICIAN.asks(SPLIT)).then_refused(ClaimNotConfirmed, next="ConfirmClaimAmount")
    new_claim.when(TECHNICIAN.asks(SPLIT)).then_refused(NotFound)
    settled.when(TECHNICIAN.asks(SPLIT)).then_refused(ClaimAlreadySettled)
    closed.when(TECHNICIAN.asks(SPLIT)).then_refused(ClaimIsOver)
    state = shared.state()
    assert (state.status, state.shares_source) == (ClaimStatus.SPLIT, "AGREEMENT")
    assert (state.share_of(COMPANY), state.share_of(CUSTOMER)) == (233_33, 100_00)


def test_shares_of_the_judgement_split_and_the_split_still_cites_the_agreement() -> None:
    borne = (
        ResponsibilityShare(party=COMPANY, bps=6_000),
        ResponsibilityShare(party=THIRD, party_id="V-7", bps=4_000),
    )
    case = (*unjudged_case(), TECHNICIAN.did(judged(borne), to=CASE))
    spec = confirmed_around(case)

    spec.when(TECHNICIAN.asks(SPLIT)).then(
        claim_split(
            part(COMPANY, 6_000, 200_00),
            part(THIRD, 4_000, 133_33, "V-7"),
            source="JUDGEMENT",
            rounding=Rounding(leftover_to=(COMPANY,)),
        )
    )


def test_parts_without_a_fault_are_shared_as_agreed_for_them() -> None:
    spec = confirmed_around(case_judged(cause_class=CauseClass.NTF))

    spec.when(TECHNICIAN.asks(SPLIT)).then(
        claim_split(
            part(COMPANY, 5_000, 166_67),
            part(CUSTOMER, 5_000, 166_66),
            cause_class=CauseClass.NTF,
            main_party=None,
            rounding=Rounding(leftover_to=(COMPANY,)),
        )
    )


@pytest.mark.parametrize(
    ("fen", "company", "customer"),
    [
        (333_33, 233_33, 100_00),
        (501_15, 350_81, 150_34),
        (100_01, 70_01, 30_00),
        (5, 4, 1),
        (1, 1, 0),
        (1_234_57, 864_20, 370_37),
        (999_99, 699_99, 300_00),
        (0, 0, 0),
    ],
)
def test_a19_the_odd_fen_goes_to_the_largest_remainder(
    fen: int, company: int, customer: int
) -> None:
    event = split_of(of_days(new_claim, fen=fen))

    assert [each.amount_fen for each in event.shares] == [company, customer]
    assert event.total_fen == fen == company + customer


def test_of_equal_remainders_the_larger_share_and_then_the_company_comes_first() -> None:
    even = tuple(ShareRatio(party=each, bps=5_000) for each in (CUSTOMER, COMPANY))
    thirds = (
        ShareRatio(party=THIRD, bps=2_500),
        ShareRatio(party=CUSTOMER, bps=2_500),
        ShareRatio(party=COMPANY, bps=5_000),
    )

    assert [each.amount_fen for each in parted(1, even)[0]] == [0, 1]
    assert [each.amount_fen for each in parted(2, thirds)[0]] == [0, 1, 1]
    assert parted(2, thirds)[1].leftover_to == (CUSTOMER,)
    assert main_party(thirds) is COMPANY


# --- on which day ---------------------------------------------------------------------------

NEW_YEAR: Final = datetime(2024, 12, 31, 16, tzinfo=UTC)
"""The first instant of 2025 in Shanghai."""


@pytest.mark.parametrize(
    ("failure_on", "version", "company"),
    [
        pytest.param(date(2024, 12, 31), (2024, 1), 600_00, id="A21: the last day of 2024"),
        pytest.param(date(2025, 1, 1), (2025, 1), 700_00, id="A21: the first day of 2025"),
        pytest.param(date(2025, 6, 30), (2025, 1), 700_00, id="the last day of v1"),
        pytest.param(date(2025, 7, 1), (2025, 2), 650_00, id="v2 supersedes it"),
    ],
)
def test_the_version_in_force_on_the_failure_day_counts(
    failure_on: date, version: tuple[int, int], company: int
) -> None:
    around = claim_around(case_judged(), agreed=(LAST_YEAR, WHOLE_YEAR, FROM_JULY))
    event = split_of(of_days(around, failure_on, fen=1_000_00))

    assert (event.agreement_year, event.agreement_version) == version
    assert event.basis_on == failure_on
    assert event.shares[0].amount_fen == company


@pytest.mark.parametrize(
    ("received_at", "year"),
    [(NEW_YEAR - timedelta(seconds=1), 2024), (NEW_YEAR, 2025)],
)
def test_an_agreement_may_count_from_the_day_of_the_notice_in_shanghai(
    received_at: datetime, year: int
) -> None:
    from_notice = drafted(1, draft(2024, company_bps=6_000, basis_date=BasisDate.NOTICE))
    around = claim_around(case_judged(), agreed=(from_notice, WHOLE_YEAR))
    event = split_of(of_days(around, date(2024, 12, 1), notice_received_at=received_at))

    assert event.agreement_year == year
    assert event.basis_on == date(2024, 12, 31) + timedelta(days=year - 2024)


def test_an_agreement_may_count_from_the_day_of_delivery() -> None:
    from_delivery = drafted(1, draft(2025, basis_date=BasisDate.DELIVERY))
    around = claim_around(case_judged(), agreed=(LAST_YEAR, from_delivery))

    event = split_of(of_days(around, delivered_on=date(2024, 12, 31)))
    assert (event.agreement_year, event.basis_on) == (2024, date(2024, 12, 31))
    of_days(around).when(TECHNICIAN.asks(SPLIT)).then_refused(
        DeliveryDayMissing, agreement_no="AG-C01-2025", version=1
    )


@pytest.mark.parametrize(
    ("spec", "basis_on"),
    [
        pytest.param(
            of_days(claim_around(case_judged(), agreed=()), date(2025, 2, 1)),
            "2025-02-01",
            id="no agreement at all",
        ),
        pytest.param(of_days(new_claim, date(2024, 12, 31)), "2024-12-31", id="a day too early"),
        pytest.param(
            of_days(
                claim_around(
                    case_judged(), agreed=(drafted(1, draft(basis_date=BasisDate.DELIVERY)),)
                ),
                delivered_on=date(2024, 6, 1),
            ),
            "2024-06-01",
            id="none on the day of delivery",
        ),
        pytest.param(
            of_days(
                claim_around(case_judged((COMPANY, 10_000)), agreed=()),
                date(2025, 2, 1),
            ),
            "2025-02-01",
            id="also when engineering judged the shares",
        ),
    ],
)
def test_without_an_agreement_in_force_nothing_is_split(spec: Claim, basis_on: str) -> None:
    spec.when(TECHNICIAN.asks(SPLIT)).then_refused(
        AgreementNotInForce, customer_id="C01", basis_on=basis_on
    )
    assert AgreementNotInForce.rule == "R-18"


def test_an_agreement_that_does_not_name_the_class_is_silent() -> None:
    confirmed_around(case_judged(cause_class=CauseClass.DESIGN)).when(
        TECHNICIAN.asks(SPLIT)
    ).then_refused(
        AgreementSilent, agreement_no="AG-C01-2025", version=1, cause_class=CauseClass.DESIGN
    )
    by_judgement = confirmed_around(case_judged((COMPANY, 10_000), cause_class=CauseClass.DESIGN))
    assert split_of(by_judgement).source == "JUDGEMENT"
