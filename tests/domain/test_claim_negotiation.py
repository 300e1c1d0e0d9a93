"""Dispute, negotiation and change of a claim: grounds first, then two people (R-06, T11)."""

from datetime import timedelta
from typing import Any, Final

import pytest

from app.domain.claim.events import ClaimAdjusted, ClaimCancelled, ClaimStatus
from app.domain.claim.facts import ClaimChangeRejected, LateObjectionConsented
from app.domain.claim.objections import (
    ApproveProposal,
    ClaimSharesMismatch,
    ConcludeNegotiation,
    ConsentToLateObjection,
    NeedsGeneralManager,
    NegotiationNotOpen,
    NegotiationUnderWay,
    NoGrounds_4_5,
    NoProposalWaits,
    NothingAdjusted,
    ObjectionOpen,
    ProposalWaits,
    ProposeAdjustment,
    ProposeCancellation,
    RejectProposal,
    SodAdjustment,
)
from app.domain.claim.refusals import ClaimAlreadySettled, ClaimNotConfirmed
from app.domain.claim.words import ShareRatio, SpecPieces
from app.domain.errors import ObjectionLapsed, WrongRole
from app.domain.escalation.events import ESCALATION
from app.domain.money import money
from app.domain.values import Party, Role
from tests.domain.claims import (
    COMPANY,
    CONCLUDE,
    CONCLUDED,
    CUSTOMER,
    DISPUTE,
    DISPUTE_RAISED,
    HEADING,
    REASON,
    S_A,
    THIRD,
    TODAY,
    WEEK_LATER,
    by_third_party,
    case_judged,
    claim_around,
    confirmed,
    disputed,
    opened,
    part,
    proposed,
    settled,
    shared,
    verified,
    waiting,
)
from tests.domain.escalations import AMOUNT, LINKED, raised
from tests.people import (
    CLERK,
    DIRECTOR,
    ENGINEER,
    GENERAL_MANAGER,
    ONE,
    POLICY,
    SALES,
    TECHNICIAN,
)

LAST_INSTANT: Final = WEEK_LATER - timedelta(microseconds=1)
CONSENT: Final = ConsentToLateObjection(reason="The letter went astray.")
CONSENTED: Final = LateObjectionConsented(**HEADING, reason=CONSENT.reason)
LESS: Final = ProposeAdjustment(new_total=money(300_00), reason=REASON)
CANCEL: Final = ProposeCancellation(reason=REASON)
CANCEL_PROPOSED: Final = proposed(0, kind="CANCELLATION")
REJECT: Final = RejectProposal(reason="The photos show more.")
REJECTED: Final = ClaimChangeRejected(**HEADING, kind="ADJUSTMENT", reason=REJECT.reason)


def adjusted(fen: int = 300_00, *parts: Any, **changes: Any) -> ClaimAdjusted:  # noqa: ANN401 - any field
    """Two people stand by another amount than 333.33."""
    said = {
        "old_total_fen": 333_33,
        "new_total_fen": fen,
        "shares": parts or (part(COMPANY, 7_000, 210_00), part(CUSTOMER, 3_000, 90_00)),
        "shares_changed": False,
        "reason": REASON,
        "proposed_by": TECHNICIAN.name,
    }
    return ClaimAdjusted(**(HEADING | said | changes))


CANCELLED: Final = ClaimCancelled(
    **HEADING,
    amount_released_fen=333_33,
    reason=REASON,
    proposed_by=TECHNICIAN.name,
    confirmed_on=TODAY,
    counts=True,
    specs=(SpecPieces(spec_code=S_A, pieces=2),),
)

# --- objecting in time ----------------------------------------------------------------------


def test_qa_and_sales_dispute_an_amount_that_stands() -> None:
    for who in (ENGINEER, SALES):
        shared.when(who.asks(DISPUTE)).then(DISPUTE_RAISED, opened("DISPUTE", COMPANY))
        confirmed.when(who.asks(DISPUTE)).then(DISPUTE_RAISED, opened("DISPUTE", None))
    shared.when(CLERK.asks(DISPUTE)).then_refused(WrongRole)
    verified.when(SALES.asks(DISPUTE)).then_refused(ClaimNotConfirmed)
    disputed.when(SALES.asks(DISPUTE)).then_refused(NegotiationUnderWay, because="DISPUTE")
    by_third_party.when(SALES.asks(DISPUTE)).then_refused(
        NegotiationUnderWay, because="THIRD_PARTY"
    )
    (negotiation,) = disputed.state().negotiations
    assert disputed.state().status is ClaimStatus.NEGOTIATING
    assert (negotiation.reason, negotiation.grounds) == ("DISPUTE", DISPUTE.grounds)


def test_a_week_after_the_notice_the_claim_is_taken_as_accepted() -> None:
    late = shared.when(SALES.asks(DISPUTE, at=WEEK_LATER))
    consented = shared.given(GENERAL_MANAGER.did(CONSENTED, at=WEEK_LATER))

    assert len(shared.when(SALES.asks(DISPUTE, at=LAST_INSTANT)).answer()) == 2
    late.then_refused(ObjectionLapsed, next="ConsentToLateObjection")
    consented.when(SALES.asks(DISPUTE, at=WEEK_LATER)).then(
        DISPUTE_RAISED, opened("DISPUTE", COMPANY)
    )


def test_the_general_manager_consents_once_it_is_late() -> None:
    shared.when(GENERAL_MANAGER.asks(CONSENT, at=WEEK_LATER)).then(CONSENTED)
    shared.when(GENERAL_MANAGER.asks(CONSENT, at=LAST_INSTANT)).then_refused(ObjectionOpen)
    shared.when(DIRECTOR.asks(CONSENT, at=WEEK_LATER)).then_refused(WrongRole)
    settled.when(GENERAL_MANAGER.asks(CONSENT, at=WEEK_LATER)).then_refused(ClaimAlreadySettled)
    state = shared.given(GENERAL_MANAGER.did(CONSENTED)).state()
    assert state.late_objection_consented_by == GENERAL_MANAGER.name
    assert state.status is ClaimStatus.SPLIT


# --- concluding -----------------------------------------------------------------------------


def test_engineering_concludes_when_nothing_waits() -> None:
    for spec in (disputed, by_third_party):
        spec.when(TECHNICIAN.asks(CONCLUDE)).then(CONCLUDED)
        assert spec.given(TECHNICIAN.did(CONCLUDED)).state().status is ClaimStatus.SPLIT
    disputed.when(DIRECTOR.asks(CONCLUDE)).then_refused(WrongRole)
    shared.when(TECHNICIAN.asks(CONCLUDE)).then_refused(NegotiationNotOpen)
    waiting.when(TECHNICIAN.asks(CONCLUDE)).then_refused(
        ProposalWaits, kind="ADJUSTMENT", proposed_by=TECHNICIAN.name
    )


def test_each_negotiation_keeps_its_own_minutes() -> None:
    again = disputed.given(
        TECHNICIAN.did(CONCLUDED), SALES.did(DISPUTE_RAISED), SALES.did(opened("DISPUTE", COMPANY))
    )
    other = CONCLUDED.model_copy(update={"minutes_ref": "MIN-13"})

    again.when(
        TECHNICIAN.asks(ConcludeNegotiation(minutes_ref="MIN-13", agreed=CONCLUDE.agreed))
    ).then(other)
    state = again.given(TECHNICIAN.did(other)).state()
    assert [each.minutes_ref for each in state.negotiations] == ["MIN-12", "MIN-13"]


# --- proposing ------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [LESS, CANCEL])
def test_a_change_needs_grounds(command: Any) -> None:  # noqa: ANN401 - commands differ
    for spec in (shared, confirmed, disputed.given(TECHNICIAN.did(CONCLUDED))):
        spec.when(TECHNICIAN.asks(command)).then_refused(NoGrounds_4_5, next="RaiseDispute")
    assert (NoGrounds_4_5.code(), NoGrounds_4_5.rule) == ("NO_GROUNDS_4_5", "R-06")
    for spec in (disputed, by_third_party, by_third_party.given(TECHNICIAN.did(CONCLUDED))):
        assert len(spec.when(TECHNICIAN.asks(command)).answer()) == 1


@pytest.mark.parametrize(
    ("pairs", "is_grounds"),
    [
        pytest.param([(COMPANY, 2_000), (THIRD, 8_000)], True, id="the carrier, as judged"),
        pytest.param([(COMPANY, 8_000), (THIRD, 2_000)], False, id="we are, as judged"),
        pytest.param([], False, id="the agreement decides"),
    ],
)
def test_before_the_split_the_judgement_says_who_is_to_blame(
    pairs: list[tuple[Party, int]],
    is_grounds: bool,  # noqa: FBT001 - a column of the table
) -> None:
    asked = claim_around(case_judged(*pairs)).given(*confirmed.history).when(TECHNICIAN.asks(LESS))

    if is_grounds:
        asked.then(proposed())
    else:
        asked.then_refused(NoGrounds_4_5, main_party=None)


def test_engineering_proposes_one_change_at_a_time() -> None:
    disputed.when(TECHNICIAN.asks(LESS)).then(proposed())
    disputed.when(TECHNICIAN.asks(CANCEL)).then(CANCEL_PROPOSED)
    for command in (LESS, CANCEL):
        disputed.when(DIRECTOR.asks(command)).then_refused(WrongRole)
        verified.when(TECHNICIAN.asks(command)).then_refused(ClaimNotConfirmed)
        settled.when(TECHNICIAN.asks(command)).then_refused(ClaimAlreadySettled)
        waiting.when(TECHNICIAN.asks(command)).then_refused(ProposalWaits)
    assert waiting.state().proposal is not None
    assert waiting.state().amount == 333_33


def ratios(*pairs: tuple[Party, int]) -> tuple[ShareRatio, ...]:
    """Who is to bear what."""
    return tuple(ShareRatio(party=party, bps=bps) for party, bps in pairs)


STANDING: Final = ratios((COMPANY, 7_000), (CUSTOMER, 3_000))
EVEN: Final = ratios((COMPANY, 5_000), (CUSTOMER, 5_000))


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        pytest.param({}, False, id="nothing said"),
        pytest.param({"new_total": money(333_33)}, False, id="the amount as it stands"),
        pytest.param({"shares": STANDING}, False, id="the shares as they stand"),
        pytest.param({"new_total": money(333_34)}, True, id="one fen more"),
        pytest.param({"new_total": money(333_32), "shares": STANDING}, True, id="one fen less"),
        pytest.param({"shares": EVEN}, True, id="other shares"),
        pytest.param({"new_total": money(0)}, True, id="nothing at all"),
    ],
)
def test_an_adjustment_changes_something(
    said: dict[str, Any],
    changes: bool,  # noqa: FBT001 - a column of the table
) -> None:
    asked = disputed.when(TECHNICIAN.asks(ProposeAdjustment(reason=REASON, **said)))

    if changes:
        new = said["new_total"].fen if "new_total" in said else 333_33
        asked.then(proposed(new, shares=said.get("shares")))
    else:
        asked.then_refused(NothingAdjusted)


@pytest.mark.parametrize(
    ("shares", "total"),
    [
        (ratios((COMPANY, 5_000), (CUSTOMER, 4_999)), 9_999),
        (ratios((COMPANY, 5_000), (CUSTOMER, 5_001)), 10_001),
        (ratios((COMPANY, 5_000), (COMPANY, 5_000)), 10_000),
    ],
)
def test_proposed_shares_are_the_whole_and_each_party_bears_one(
    shares: tuple[ShareRatio, ...], total: int
) -> None:
    asked = ProposeAdjustment(shares=shares, reason=REASON)

    disputed.when(TECHNICIAN.asks(asked)).then_refused(ClaimSharesMismatch, total_bps=total)


# --- approving and rejecting ----------------------------------------------------------------


def test_a_second_person_approves_or_rejects() -> None:
    for who in (DIRECTOR, GENERAL_MANAGER):
        waiting.when(who.asks(ApproveProposal())).then(adjusted())
        waiting.when(who.asks(REJECT)).then(REJECTED)
        disputed.when(who.asks(ApproveProposal())).then_refused(NoProposalWaits)
        disputed.when(who.asks(REJECT)).then_refused(NoProposalWaits)
    waiting.when(TECHNICIAN.asks(ApproveProposal())).then_refused(WrongRole)
    after = waiting.given(DIRECTOR.did(REJECTED)).state()
    assert (after.proposal, after.amount) == (None, 333_33)


@pytest.mark.parametrize("role", [Role.TECH_DIRECTOR, Role.GENERAL_MANAGER])
@pytest.mark.parametrize("command", [ApproveProposal(), REJECT])
def test_the_same_head_under_another_hat_does_not(role: Role, command: Any) -> None:  # noqa: ANN401 - commands differ
    waiting.when(TECHNICIAN.wearing(role).asks(command)).then_refused(SodAdjustment, person="He")


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(raised(AMOUNT).model_copy(update={"claim_id": ONE}), id="it was escalated"),
        pytest.param(LINKED.model_copy(update={"claim_id": ONE}), id="it was linked"),
    ],
)
def test_once_escalated_the_general_manager_approves(told: Any) -> None:  # noqa: ANN401 - events differ
    at_the_top = "00000000-0000-7000-8000-00000000000e"
    escalated = waiting.around({ESCALATION: (POLICY.did(told, to=at_the_top),)})

    escalated.when(DIRECTOR.asks(ApproveProposal())).then_refused(
        NeedsGeneralManager, escalation_ids=[at_the_top], who_may=[Role.GENERAL_MANAGER]
    )
    escalated.when(GENERAL_MANAGER.asks(ApproveProposal())).then(adjusted())
    escalated.when(DIRECTOR.asks(REJECT)).then(REJECTED)
    he_at_the_top = TECHNICIAN.wearing(Role.GENERAL_MANAGER)
    escalated.when(he_at_the_top.asks(ApproveProposal())).then_refused(SodAdjustment)
