"""An appeal that went out is an objection: the claim is negotiated, and T11 is kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.claim.decisions import claim
from app.domain.claim.facts import ClaimSettled, ClaimWithdrawn, DisputeRaised, NegotiationOpened
from app.domain.claim.objections import NoteAppeal
from app.domain.claim.refusals import ClaimAlreadySettled, ClaimIsOver
from app.domain.claim.words import ClaimStatus, SettlementMethod
from app.domain.decider import Order
from app.domain.errors import NotFound
from app.domain.limits import Due
from app.domain.policies.object_by_appeal import react
from app.domain.registers.deadlines import DEADLINES, deadline_id
from tests.domain.appeals import APPEAL_NO, CLAIM_HEADING, CLAIM_ID, CLAIMED, SUBMITTED, UNTIL
from tests.people import CASHIER, CLERK, NOON, POLICY, SALES
from tests.spec import Around, Spec, happened_at_noon

GROUNDS = f"{APPEAL_NO}: ASSEMBLY_DAMAGE"
NOTE = NoteAppeal(appeal_no=APPEAL_NO, grounds=GROUNDS)
DISPUTED = DisputeRaised(**CLAIM_HEADING, grounds=GROUNDS)
OPENED = NegotiationOpened(**CLAIM_HEADING, rule_id="R-06", because="DISPUTE", main_party=None)
registered = Spec(claim).given(CLERK.did(CLAIMED, to=CLAIM_ID))


def test_the_claim_is_told() -> None:
    told = react(happened_at_noon(SUBMITTED), Around(NOON))

    assert told == [Order("claim", NOTE, to=CLAIM_ID)]


def test_an_appeal_opens_the_negotiation_also_before_the_amount_is_confirmed() -> None:
    registered.when(POLICY.asks(NOTE, to=CLAIM_ID)).then(DISPUTED, OPENED)
    talking = registered.given(POLICY.did(DISPUTED, to=CLAIM_ID), POLICY.did(OPENED, to=CLAIM_ID))
    assert talking.state().status is ClaimStatus.NEGOTIATING


@pytest.mark.parametrize("because", ["DISPUTE", "THIRD_PARTY"])
def test_where_it_is_talked_about_already_nothing_is_opened(because: str) -> None:
    first = DISPUTED if because == "DISPUTE" else OPENED.model_copy(update={"because": because})
    talking = registered.given(POLICY.did(first, to=CLAIM_ID))

    talking.when(POLICY.asks(NOTE, to=CLAIM_ID)).then()


def test_a_claim_that_is_paid_or_over_is_not_negotiated() -> None:
    paid = ClaimSettled(
        **CLAIM_HEADING,
        method=SettlementMethod.TRANSFER,
        voucher="CN-1",
        amount_fen=1,
        advanced_fen=0,
    )
    gone = ClaimWithdrawn(
        **CLAIM_HEADING,
        amount_released_fen=0,
        reason="Sent by mistake.",
        confirmed_on=None,
        counts=True,
        specs=(),
    )
    settled = registered.given(CASHIER.did(paid, to=CLAIM_ID))
    settled.when(POLICY.asks(NOTE, to=CLAIM_ID)).then_refused(ClaimAlreadySettled)
    withdrawn = registered.given(CLERK.did(gone, to=CLAIM_ID))
    withdrawn.when(POLICY.asks(NOTE, to=CLAIM_ID)).then_refused(ClaimIsOver)
    Spec(claim).when(POLICY.asks(NOTE)).then_refused(NotFound)


@pytest.mark.parametrize(("days", "how"), [(6, "MET"), (8, "LATE")])
def test_submitting_keeps_the_time_to_object(days: int, how: str) -> None:
    begun = CLAIMED.model_copy(update={"due": (Due(limit="T11", due_at=UNTIL),)})
    history = (
        ("claim", replace(CLERK.did(begun, to=CLAIM_ID), kind="claim")),
        (
            "appeal",
            replace(SALES.did(SUBMITTED, at=NOON + timedelta(days=days)), kind="appeal"),
        ),
    )

    kept = Around(NOON, history).entry_in(DEADLINES, deadline_id("T11", CLAIM_ID))

    assert kept is not None
    assert (kept.ended_as, kept.subject_kind) == (how, "claim")
