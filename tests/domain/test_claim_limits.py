"""The time limits of a claim: T11 lapses, T12 is kept by the check, T21 by the filing."""

from datetime import timedelta

from app.domain.claim.commands import RecountClaimCost
from app.domain.claim.events import ClaimFiled
from app.domain.claim.facts import ClaimObjectionLapsed, ClaimRejected, ClaimWithdrawn
from app.domain.claim.objections import LapseObjection, ObjectionOpen
from tests.domain.claims import HEADING, REASON, WEEK_LATER, claim_checked, confirmed, registered
from tests.people import POLICY


def test_the_time_to_object_lapses_once_and_not_before_its_end() -> None:
    lapsed = ClaimObjectionLapsed(**HEADING, due_at=WEEK_LATER)
    before = WEEK_LATER - timedelta(microseconds=1)

    registered.when(POLICY.asks(LapseObjection(), at=before)).then_refused(ObjectionOpen)
    registered.when(POLICY.asks(LapseObjection(), at=WEEK_LATER)).then(lapsed)
    after = registered.given(POLICY.did(lapsed, at=WEEK_LATER))
    assert after.state().objection_lapsed_at == WEEK_LATER
    after.when(POLICY.asks(LapseObjection(), at=WEEK_LATER)).then_refused(ObjectionOpen)


def test_what_keeps_a_limit_and_what_ends_it() -> None:
    assert claim_checked().stops() == ("T12",)
    assert ClaimFiled(**HEADING, filing_no="SH-1").stops() == ("T21",)
    assert ClaimRejected(**HEADING, reason=REASON).drops() == ("T11", "T12", "T21")
    withdrawn = ClaimWithdrawn(
        **HEADING, amount_released_fen=0, reason=REASON, confirmed_on=None, counts=True, specs=()
    )
    assert withdrawn.drops() == ("T11", "T12", "T21")


def test_a_cost_that_has_not_moved_is_not_told_again() -> None:
    told = confirmed.when(POLICY.asks(RecountClaimCost())).answer()

    confirmed.given(*map(POLICY.did, told)).when(POLICY.asks(RecountClaimCost())).then()
