"""What holds for every claim, whatever people ask, in whatever order."""

from datetime import timedelta
from typing import Any, Final

from hypothesis import event as note
from hypothesis import given
from hypothesis import strategies as st

from app.domain.claim.commands import (
    ApproveClaimExecution,
    CloseClaim,
    LinkCase,
    RejectClaim,
    SplitClaim,
    WithdrawClaim,
)
from app.domain.claim.events import (
    CLAIM,
    ClaimAdjusted,
    ClaimAmountConfirmed,
    ClaimCancelled,
    ClaimRegistered,
    ClaimSettled,
    ClaimStatus,
)
from app.domain.claim.facts import ClaimChangeRejected, ClaimExecutionApproved
from app.domain.claim.objections import (
    ApproveProposal,
    ConsentToLateObjection,
    ProposeAdjustment,
    ProposeCancellation,
    RejectProposal,
)
from app.domain.claim.payments import RecordRecoveryReceived, RegisterRecovery, SettleClaim
from app.domain.claim.state import Claim
from app.domain.claim.words import SettlementMethod, ShareRatio
from app.domain.decider import Command, Happened
from app.domain.errors import DomainError
from app.domain.feedback_case.state import ResponsibilityShare
from app.domain.money import money
from app.domain.values import Party
from tests.domain.claims import (
    CASE,
    COMPANY,
    CONCLUDE,
    CUSTOMER,
    DISPUTE,
    FILE,
    OTHER_CASE,
    REASON,
    THIRD,
    VERIFY,
    asked_with,
    case_judged,
    check,
    claim_around,
    confirm,
    judged,
)
from tests.people import NOON, TECHNICIAN, Person
from tests.spec import Spec

# --- one claim ------------------------------------------------------------------------------

Asking = tuple[Command, str]
"""A command and who asks, under whatever hat the command wants."""

NAMES: Final = ("Lin", "Zhao", "Guo", "Tang", "Mei")
names: Final = st.sampled_from(NAMES)
amounts: Final = st.integers(0, 1_000_00)


def ratios(*pairs: tuple[Party, int]) -> tuple[ShareRatio, ...]:
    """Who is to bear what."""
    return tuple(ShareRatio(party=party, bps=bps) for party, bps in pairs)


@st.composite
def proposals(draw: st.DrawFn) -> Command:
    """Another amount, other shares, both or neither."""
    company = draw(st.integers(0, 10_000))
    third = draw(st.integers(0, 10_000 - company))
    parts = ratios((COMPANY, company), (THIRD, third), (CUSTOMER, 10_000 - company - third))
    return ProposeAdjustment(
        new_total=draw(st.none() | amounts.map(money)),
        shares=draw(st.none() | st.just(parts)),
        reason=REASON,
    )


def settling(fen: int) -> Command:
    """Finance pays that much."""
    return SettleClaim(method=SettlementMethod.TRANSFER, voucher="V", amount=money(fen))


PAY: Final = settling(0)
"""Stands for the amount that the company bears just then, with or without the advance."""

commands: Final[st.SearchStrategy[Command]] = st.one_of(
    st.sampled_from(
        [
            asked_with(),
            check(),
            check(conformity=False),
            VERIFY,
            SplitClaim(),
            ApproveClaimExecution(),
            DISPUTE,
            CONCLUDE,
            ConsentToLateObjection(reason=REASON),
            ApproveProposal(),
            ProposeCancellation(reason=REASON),
            RejectProposal(reason=REASON),
            PAY,
            FILE,
            CloseClaim(),
            LinkCase(case_id=OTHER_CASE),
            RejectClaim(reason=REASON),
            WithdrawClaim(reason=REASON),
        ]
    ),
    amounts.map(lambda fen: confirm(fen, reason=REASON)),
    amounts.map(settling),
    amounts.map(lambda fen: RegisterRecovery(party_id="V-7", amount=money(fen))),
    amounts.map(lambda fen: RecordRecoveryReceived(party_id="V-7", amount=money(fen), voucher="R")),
    proposals(),
)


@st.composite
def stretches(draw: st.DrawFn) -> list[Asking]:
    """The usual way, or the way of a dispute, by whoever is at hand."""
    usual: tuple[Command, ...] = (
        asked_with(),
        check(),
        VERIFY,
        confirm(draw(amounts), reason=REASON),
        SplitClaim(),
        CONCLUDE,
        ApproveClaimExecution(),
        PAY,
        FILE,
        CloseClaim(),
    )
    cancelling = st.just(ProposeCancellation(reason=REASON))
    change = draw(st.one_of(proposals(), cancelling))
    disputed: tuple[Command, ...] = (DISPUTE, change, ApproveProposal(), CONCLUDE)
    way = draw(st.sampled_from([usual, usual[:7], disputed]))
    return [(each, draw(names)) for each in way]


histories: Final = st.lists(
    st.one_of(st.tuples(commands, names).map(lambda one: [one]), stretches()), max_size=10
).map(lambda parts: [each for part in parts for each in part])

JUDGEMENTS: Final = [
    (),
    ((COMPANY, 7_000), (CUSTOMER, 3_000)),
    ((COMPANY, 2_000), (THIRD, 8_000)),
    ((COMPANY, 3_333), (CUSTOMER, 3_333), (THIRD, 3_334)),
    ((COMPANY, 5_000), (CUSTOMER, 5_000)),
]


def lived(asked: list[Asking], judgement: tuple[tuple[Party, int], ...]) -> list[Happened[Any]]:
    """What happens when people ask all that; what is refused leaves no trace."""
    anew = judged((ResponsibilityShare(party=CUSTOMER, bps=10_000),))
    later = NOON + timedelta(minutes=len(asked) // 2)
    case = (*case_judged(*judgement), TECHNICIAN.did(anew, to=CASE, at=later))
    spec: Spec[Any, Any, Any] = claim_around(
        case if len(asked) % 2 else case[:-1], case_judged(*judgement, to=OTHER_CASE)
    )
    for minutes, (command, name) in enumerate(asked):
        at = NOON + timedelta(minutes=minutes)
        ready = _paying(spec.state(), minutes) if command is PAY else command
        who = Person(name, min(ready.roles))
        try:
            answer = spec.when(who.asks(ready, at=at)).answer()
        except DomainError:
            continue
        spec = spec.given(*(who.did(each, at=at) for each in answer))
    return list(spec.history)


def _paying(claim: Claim, turn: int) -> Command:
    advance = claim.share_of(THIRD) if turn % 2 else 0
    return settling(claim.share_of(COMPANY) + advance)


def states_of(history: list[Happened[Any]]) -> list[Claim]:
    """The claim after every event."""
    states = [CLAIM.initial]
    for each in history:
        states.append(CLAIM.evolve(states[-1], each))
    return states


def people_of(history: list[Happened[Any]], kind: type[Any]) -> list[str]:
    """Who did that, oldest first."""
    return [each.by.person for each in history if isinstance(each.event, kind)]


@given(histories, st.sampled_from(JUDGEMENTS))
def test_shares_always_add_up_to_the_amount_as_it_stands(
    asked: list[Asking], judgement: tuple[tuple[Party, int], ...]
) -> None:
    for state in states_of(lived(asked, judgement)):
        note(f"status {state.status}")
        if state.shares:
            assert sum(each.amount for each in state.shares) == state.amount
            assert sum(each.bps for each in state.shares) == 10_000
        if state.status is ClaimStatus.CANCELLED:
            assert (state.amount, state.shares) == (None, ())


@given(histories, st.sampled_from(JUDGEMENTS))
def test_an_amount_is_confirmed_at_most_once_and_never_by_the_registrar(
    asked: list[Asking], judgement: tuple[tuple[Party, int], ...]
) -> None:
    history = lived(asked, judgement)

    confirmers = people_of(history, ClaimAmountConfirmed)
    assert len(confirmers) <= 1
    assert not set(confirmers) & set(people_of(history, ClaimRegistered))


@given(histories, st.sampled_from(JUDGEMENTS))
def test_nobody_is_on_both_sides(
    asked: list[Asking], judgement: tuple[tuple[Party, int], ...]
) -> None:
    history = lived(asked, judgement)
    states = states_of(history)

    for before, each in zip(states, history, strict=False):
        by = each.by.person
        if isinstance(each.event, ClaimExecutionApproved):
            assert before.confirmation is not None
            assert by != before.confirmation.confirmed_by
            assert before.proposal is None
            assert before.negotiation is None
        if isinstance(each.event, ClaimSettled):
            assert before.approved_by is not None
            assert by != before.approved_by
        if isinstance(each.event, ClaimAdjusted | ClaimCancelled | ClaimChangeRejected):
            assert before.proposal is not None
            assert by != before.proposal.proposed_by


@given(histories, st.sampled_from(JUDGEMENTS))
def test_a_claim_is_settled_at_most_once_and_for_what_was_approved(
    asked: list[Asking], judgement: tuple[tuple[Party, int], ...]
) -> None:
    history = lived(asked, judgement)
    states = states_of(history)

    paid = [at for at, each in enumerate(history) if isinstance(each.event, ClaimSettled)]
    assert len(paid) <= 1
    for at in paid:
        before, after = states[at], states[-1]
        approvals = [e.event for e in history[:at] if isinstance(e.event, ClaimExecutionApproved)]
        company, third = before.share_of(COMPANY), before.share_of(THIRD)
        assert history[at].event.amount_fen in {company, company + third}
        assert history[at].event.advanced_fen in {0, third}
        assert (approvals[-1].company_fen, approvals[-1].total_fen) == (company, before.amount)
        assert (after.amount, after.shares) == (before.amount, before.shares)
        assert after.status in {ClaimStatus.SETTLED, ClaimStatus.CLOSED}


@given(histories, st.sampled_from(JUDGEMENTS), st.randoms(use_true_random=False))
def test_evolve_never_fails_whatever_stands_in_the_stream(
    asked: list[Asking],
    judgement: tuple[tuple[Party, int], ...],
    chance: Any,  # noqa: ANN401 - a Random
) -> None:
    history = lived(asked, judgement)
    chance.shuffle(history)

    assert all(isinstance(each.status, ClaimStatus) for each in states_of(history))
