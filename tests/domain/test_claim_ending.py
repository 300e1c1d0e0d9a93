"""How a claim ends: approved, paid, recovered, filed and closed, each by another; or withdrawn."""

from typing import Any, Final

import pytest

from app.domain.claim.commands import ApproveClaimExecution, CloseClaim, FileClaim, WithdrawClaim
from app.domain.claim.events import CLAIM, ClaimStatus, ClaimWithdrawn
from app.domain.claim.facts import RecoveryReceived, RecoveryRegistered
from app.domain.claim.objections import NegotiationUnderWay, ProposalWaits
from app.domain.claim.payments import RecordRecoveryReceived, RegisterRecovery
from app.domain.claim.refusals import (
    ClaimAlreadyFiled,
    ClaimAlreadySettled,
    ClaimIsOver,
    ClaimNotConfirmed,
    ClaimNotFiled,
    ClaimNotSettled,
    ClaimNotSplit,
    ExecutionAlreadyApproved,
    ExecutionNotApproved,
    FilingNoTaken,
    MoreReceivedThanOwed,
    NotRecoverable,
    RecoveryUnknown,
    SettlementMismatch,
    SodExecution,
    SodSettlement,
)
from app.domain.claim.words import SpecPieces
from app.domain.errors import NotFound, WrongRole
from app.domain.money import money
from app.domain.values import Role
from tests.domain.claims import (
    ANOTHER,
    CLOSED,
    CONCLUDED,
    EXECUTION_APPROVED,
    FILE,
    FILED,
    HEADING,
    REASON,
    S_A,
    TODAY,
    by_third_party,
    claim_settled,
    closed,
    confirmed,
    disputed,
    executed,
    new_claim,
    proposed,
    registered,
    settle,
    settled,
    shared,
    verified,
)
from tests.people import (
    CASHIER,
    CLERK,
    DIRECTOR,
    ENGINEER,
    ERP,
    QUALITY_MANAGER,
    SALES,
    SPECIALIST,
    TECHNICIAN,
    Person,
)

APPROVE: Final = ApproveClaimExecution()
CLOSE: Final = CloseClaim()
CARRIER_APPROVED: Final = EXECUTION_APPROVED.model_copy(update={"company_fen": 66_67})
by_carrier: Final = by_third_party.given(TECHNICIAN.did(CONCLUDED), DIRECTOR.did(CARRIER_APPROVED))
"""Of 333.33 the company bears 66.67 and a carrier 266.66; approved."""

# --- approving the execution ----------------------------------------------------------------


def test_the_director_approves_what_was_split_once() -> None:
    shared.when(DIRECTOR.asks(APPROVE)).then(EXECUTION_APPROVED)
    shared.when(TECHNICIAN.asks(APPROVE)).then_refused(WrongRole)
    executed.when(DIRECTOR.asks(APPROVE)).then_refused(
        ExecutionAlreadyApproved, approved_by=DIRECTOR.name
    )
    verified.when(DIRECTOR.asks(APPROVE)).then_refused(ClaimNotConfirmed)
    confirmed.when(DIRECTOR.asks(APPROVE)).then_refused(ClaimNotSplit, next="SplitClaim")
    settled.when(DIRECTOR.asks(APPROVE)).then_refused(ClaimAlreadySettled)
    assert executed.state().status is ClaimStatus.APPROVED


def test_nothing_is_approved_while_it_may_still_change() -> None:
    disputed.when(DIRECTOR.asks(APPROVE)).then_refused(
        NegotiationUnderWay, because="DISPUTE", next="ConcludeNegotiation"
    )
    concluded = by_third_party.given(TECHNICIAN.did(CONCLUDED))
    concluded.when(DIRECTOR.asks(APPROVE)).then(CARRIER_APPROVED)
    concluded.given(TECHNICIAN.did(proposed())).when(DIRECTOR.asks(APPROVE)).then_refused(
        ProposalWaits, proposed_by=TECHNICIAN.name
    )


def test_whoever_confirmed_the_amount_does_not_approve_it() -> None:
    shared.when(SPECIALIST.wearing(Role.TECH_DIRECTOR).asks(APPROVE)).then_refused(
        SodExecution, person="Zhao"
    )


# --- settling -------------------------------------------------------------------------------


def test_finance_pays_what_the_company_bears_once() -> None:
    executed.when(CASHIER.asks(settle(233_33))).then(claim_settled())
    executed.when(DIRECTOR.asks(settle(233_33))).then_refused(WrongRole)
    shared.when(CASHIER.asks(settle(233_33))).then_refused(ExecutionNotApproved)
    settled.when(CASHIER.asks(settle(233_33))).then_refused(ClaimAlreadySettled, voucher="CN-1")
    state = settled.state()
    assert state.status is ClaimStatus.SETTLED
    assert state.settlement is not None
    assert (state.settlement.amount, state.settlement.settled_by) == (233_33, CASHIER.name)


def test_whoever_approved_does_not_pay() -> None:
    executed.when(DIRECTOR.wearing(Role.FINANCE).asks(settle(233_33))).then_refused(
        SodSettlement, person="Guo"
    )


@pytest.mark.parametrize(
    ("fen", "advanced_fen"),
    [
        pytest.param(66_67, 0, id="the company's share"),
        pytest.param(333_33, 266_66, id="and what it advances for the carrier"),
        pytest.param(66_66, None, id="one fen less"),
        pytest.param(66_68, None, id="one fen more"),
        pytest.param(333_32, None, id="a fen of the advance is missing"),
        pytest.param(266_66, None, id="the carrier's share alone"),
    ],
)
def test_what_is_paid_is_the_companys_share_with_or_without_the_advance(
    fen: int, advanced_fen: int | None
) -> None:
    asked = by_carrier.when(CASHIER.asks(settle(fen)))

    if advanced_fen is None:
        asked.then_refused(SettlementMismatch, company_borne="66.67", with_third_party="333.33")
    else:
        asked.then(claim_settled(fen, advanced_fen))


# --- recovering -----------------------------------------------------------------------------


def owes(fen: int, party_id: str = "V-7") -> RegisterRecovery:
    """A carrier is asked for it."""
    return RegisterRecovery(party_id=party_id, amount=money(fen))


def owed(fen: int, party_id: str = "V-7") -> RecoveryRegistered:
    """A carrier was asked for it."""
    return RecoveryRegistered(**HEADING, party_id=party_id, amount_fen=fen)


def pays(fen: int, party_id: str = "V-7") -> RecordRecoveryReceived:
    """Some of it came back."""
    return RecordRecoveryReceived(party_id=party_id, amount=money(fen), voucher="RV-1")


def paid(fen: int, party_id: str = "V-7") -> RecoveryReceived:
    """Some of it was recorded."""
    return RecoveryReceived(**HEADING, party_id=party_id, amount_fen=fen, voucher="RV-1")


def test_no_more_is_recovered_than_third_parties_bear() -> None:
    for who in (SALES, CASHIER):
        by_carrier.when(who.asks(owes(266_66))).then(owed(266_66))
    by_carrier.when(DIRECTOR.asks(owes(266_66))).then_refused(WrongRole)
    by_carrier.when(SALES.asks(owes(266_67))).then_refused(
        NotRecoverable, third_party_bears="266.66", registered="0.00"
    )
    confirmed.when(SALES.asks(owes(1))).then_refused(ClaimNotSplit)
    executed.when(SALES.asks(owes(1))).then_refused(NotRecoverable, third_party_bears="0.00")


def test_several_third_parties_are_asked_once_each() -> None:
    one_asked = by_carrier.given(SALES.did(owed(200_00)))

    one_asked.when(SALES.asks(owes(66_66, "V-8"))).then(owed(66_66, "V-8"))
    one_asked.when(SALES.asks(owes(66_67, "V-8"))).then_refused(NotRecoverable, registered="200.00")
    one_asked.when(SALES.asks(owes(1))).then_refused(NotRecoverable)


def test_what_comes_back_is_recorded_in_one_sum_or_several() -> None:
    asked = by_carrier.given(SALES.did(owed(200_00)), SALES.did(owed(66_66, "V-8")))
    half = asked.given(CASHIER.did(paid(100_00)))

    asked.when(CASHIER.asks(pays(200_00))).then(paid(200_00))
    asked.when(SALES.asks(pays(1))).then_refused(WrongRole)
    half.when(CASHIER.asks(pays(100_00))).then(paid(100_00))
    half.when(CASHIER.asks(pays(100_01))).then_refused(
        MoreReceivedThanOwed, owed="200.00", received="100.00"
    )
    half.when(CASHIER.asks(pays(1, "V-9"))).then_refused(RecoveryUnknown, registered=["V-7", "V-8"])
    assert [each.received for each in half.state().recoveries] == [100_00, 0]


def test_recovering_goes_on_after_the_close() -> None:
    over = by_carrier.given(
        CASHIER.did(claim_settled(333_33, 266_66)), ENGINEER.did(FILED), ENGINEER.did(CLOSED)
    )

    over.when(SALES.asks(owes(266_66))).then(owed(266_66))
    over.given(SALES.did(owed(266_66))).when(CASHIER.asks(pays(266_66))).then(paid(266_66))
    withdrawn.when(SALES.asks(owes(1))).then_refused(ClaimIsOver, status="WITHDRAWN")


# --- filing and closing ---------------------------------------------------------------------


def test_qa_files_a_claim_any_time_after_the_amount_stands() -> None:
    for spec in (confirmed, shared, disputed, settled, withdrawn):
        spec.when(ENGINEER.asks(FILE)).then(FILED)
    verified.when(ENGINEER.asks(FILE)).then_refused(ClaimNotConfirmed)
    confirmed.when(QUALITY_MANAGER.asks(FILE)).then_refused(WrongRole)
    closed.when(ENGINEER.asks(FILE)).then_refused(ClaimAlreadyFiled, filing_no=FILE.filing_no)
    filed = confirmed.given(ENGINEER.did(FILED)).state()
    assert filed.status is ClaimStatus.CONFIRMED
    assert filed.filing is not None
    assert filed.filing.filed_by == ENGINEER.name


def test_a_filing_number_is_used_once() -> None:
    other = FILED.model_copy(update={"claim_no": "CL-2025-000009"})
    taken = confirmed.around({CLAIM: (ENGINEER.did(other, to=ANOTHER),)})

    taken.when(ENGINEER.asks(FILE)).then_refused(FilingNoTaken, claim_no="CL-2025-000009")
    next_no = FileClaim(filing_no="SH-2025-002")
    taken.when(ENGINEER.asks(next_no)).then(
        FILED.model_copy(update={"filing_no": next_no.filing_no})
    )


def test_what_is_settled_and_filed_is_closed() -> None:
    filed = executed.given(ENGINEER.did(FILED))

    settled.given(ENGINEER.did(FILED)).when(ENGINEER.asks(CLOSE)).then(CLOSED)
    settled.given(ENGINEER.did(FILED)).when(CASHIER.asks(CLOSE)).then_refused(WrongRole)
    filed.when(ENGINEER.asks(CLOSE)).then_refused(ClaimNotSettled, next="SettleClaim")
    settled.when(ENGINEER.asks(CLOSE)).then_refused(ClaimNotFiled, next="FileClaim")
    assert ClaimNotFiled.rule == "R-07"
    assert closed.state().status is ClaimStatus.CLOSED


# --- withdrawing ----------------------------------------------------------------------------


def claim_withdrawn(**said: Any) -> ClaimWithdrawn:  # noqa: ANN401 - any field
    """The customer took it back once it was confirmed."""
    since: dict[str, Any] = {"amount_released_fen": 333_33, "confirmed_on": TODAY}
    specs = (SpecPieces(spec_code=S_A, pieces=2),)
    return ClaimWithdrawn(**HEADING, reason=REASON, counts=True, specs=specs, **(since | said))


WITHDRAW: Final = WithdrawClaim(reason=REASON)
withdrawn: Final = disputed.given(TECHNICIAN.did(proposed()), CLERK.did(claim_withdrawn()))


def test_the_customer_takes_a_claim_back_until_it_is_paid() -> None:
    before_it_counts = claim_withdrawn(amount_released_fen=0, confirmed_on=None)
    for who in (CLERK, ERP):
        registered.when(who.asks(WITHDRAW)).then(before_it_counts)
        for spec in (confirmed, executed, disputed):
            spec.when(who.asks(WITHDRAW)).then(claim_withdrawn())
    registered.when(SALES.asks(WITHDRAW)).then_refused(WrongRole)
    settled.when(CLERK.asks(WITHDRAW)).then_refused(ClaimAlreadySettled)
    state = withdrawn.state()
    assert (state.status, state.proposal) == (ClaimStatus.WITHDRAWN, None)


@pytest.mark.parametrize(
    ("who", "command"),
    [
        (DIRECTOR, APPROVE),
        (CASHIER, settle(233_33)),
        (ENGINEER, CLOSE),
        (CLERK, WITHDRAW),
    ],
)
def test_nothing_is_done_to_a_claim_that_is_over(who: Person, command: Any) -> None:  # noqa: ANN401 - commands differ
    for spec in (withdrawn, closed):
        spec.when(who.asks(command)).then_refused(ClaimIsOver, status=spec.state().status)


@pytest.mark.parametrize(
    ("who", "command"),
    [
        (DIRECTOR, APPROVE),
        (CASHIER, settle(233_33)),
        (SALES, owes(1)),
        (CASHIER, pays(1)),
        (ENGINEER, FILE),
        (ENGINEER, CLOSE),
        (CLERK, WITHDRAW),
    ],
)
def test_nothing_is_done_to_a_claim_that_is_not_there(who: Person, command: Any) -> None:  # noqa: ANN401 - commands differ
    new_claim.when(who.asks(command)).then_refused(NotFound)
