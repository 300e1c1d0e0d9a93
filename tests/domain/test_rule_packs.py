"""Rule packs: figures are data, proposed by one, approved by another, never backwards."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decider import SINGLE, Happened
from app.domain.errors import AlreadyExists, DomainError, WrongRole
from app.domain.rule_pack.decisions import (
    AdoptFirstRulePack,
    ApproveRulePack,
    EffectiveInThePast,
    NoSuchProposal,
    ProposalPending,
    ProposeRulePack,
    RejectRulePack,
    RulePackCommand,
    SodRulePack,
    rule_packs,
)
from app.domain.rule_pack.events import (
    RULE_PACKS,
    RulePackApproved,
    RulePackEvent,
    RulePackProposed,
    RulePackRejected,
    pack_in_force,
)
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.values import Role
from tests.people import ENGINEER, GENERAL_MANAGER, NOON, POLICY, QUALITY_MANAGER, Person
from tests.spec import FIRST_PACK, Around, Spec

TOMORROW: Final = NOON + timedelta(days=1)
STRICTER: Final = FIRST_FIGURES.model_copy(update={"single_claim_fen_max": 300_00})
ADOPT: Final = AdoptFirstRulePack(
    procedure_revision="A0",
    effective_from=datetime(2000, 1, 1, tzinfo=UTC),
    figures=FIRST_FIGURES,
)
PROPOSE: Final = ProposeRulePack(
    procedure_revision="A1",
    effective_from=TOMORROW,
    figures=STRICTER,
    reason="Costs rise.",
)
REJECT: Final = RejectRulePack(version=2, reason="Next year, perhaps.")


def proposed(version: int, effective_from: datetime = TOMORROW) -> RulePackProposed:
    """The QA manager proposes it."""
    said = dict(PROPOSE) | {"effective_from": effective_from}
    return RulePackProposed(version=version, **said)


def approved(version: int, effective_from: datetime) -> tuple[Happened[Any], Happened[Any]]:
    """Proposed by one, approved by the other."""
    return (
        QUALITY_MANAGER.did(proposed(version, effective_from), to=SINGLE),
        GENERAL_MANAGER.did(RulePackApproved(version=version), to=SINGLE),
    )


nothing: Final = Spec(rule_packs)
first: Final = nothing.given(FIRST_PACK)
waiting: Final = first.given(QUALITY_MANAGER.did(proposed(2), to=SINGLE))


def test_the_procedure_as_it_was_signed_is_adopted_once() -> None:
    nothing.when(POLICY.asks(ADOPT)).then(FIRST_PACK.event)
    first.when(POLICY.asks(ADOPT)).then_refused(AlreadyExists)
    nothing.when(GENERAL_MANAGER.asks(ADOPT)).then_refused(WrongRole)


def test_the_first_figures_are_those_of_the_procedure() -> None:
    assert FIRST_FIGURES.occurrence_pieces_max == 3
    assert FIRST_FIGURES.single_claim_fen_max == 500_00
    assert FIRST_FIGURES.spec_claims_min == 3


# --- proposing ------------------------------------------------------------------------------


def test_the_qa_manager_proposes_one_at_a_time() -> None:
    first.when(QUALITY_MANAGER.asks(PROPOSE)).then(proposed(2))
    first.when(ENGINEER.asks(PROPOSE)).then_refused(WrongRole)
    waiting.when(QUALITY_MANAGER.asks(PROPOSE)).then_refused(ProposalPending, version=2)


@pytest.mark.parametrize(
    ("effective_from", "fits"),
    [
        pytest.param(NOON, True, id="now"),
        pytest.param(NOON - timedelta(microseconds=1), False, id="just past"),
    ],
)
def test_figures_take_effect_now_or_later(effective_from: datetime, fits: bool) -> None:  # noqa: FBT001 - a column of the table
    asked = first.when(
        QUALITY_MANAGER.asks(PROPOSE.model_copy(update={"effective_from": effective_from}))
    )

    if fits:
        asked.then(proposed(2, effective_from))
    else:
        asked.then_refused(EffectiveInThePast, now=NOON.isoformat())


# --- the general manager's word -------------------------------------------------------------


def test_the_general_manager_approves_what_waits() -> None:
    waiting.when(GENERAL_MANAGER.asks(ApproveRulePack(version=2))).then(RulePackApproved(version=2))
    waiting.when(QUALITY_MANAGER.asks(ApproveRulePack(version=2))).then_refused(WrongRole)
    waiting.when(GENERAL_MANAGER.asks(ApproveRulePack(version=3))).then_refused(
        NoSuchProposal, version=3
    )
    first.when(GENERAL_MANAGER.asks(ApproveRulePack(version=1))).then_refused(NoSuchProposal)


def test_whoever_proposed_does_not_approve_under_another_hat() -> None:
    same_head = QUALITY_MANAGER.wearing(Role.GENERAL_MANAGER)

    waiting.when(same_head.asks(ApproveRulePack(version=2))).then_refused(
        SodRulePack, person=QUALITY_MANAGER.name
    )


def test_an_approval_that_comes_too_late_is_none() -> None:
    approve = ApproveRulePack(version=2)

    waiting.when(GENERAL_MANAGER.asks(approve, at=TOMORROW)).then(RulePackApproved(version=2))
    waiting.when(
        GENERAL_MANAGER.asks(approve, at=TOMORROW + timedelta(microseconds=1))
    ).then_refused(EffectiveInThePast, effective_from=TOMORROW.isoformat())


def test_a_rejected_version_stays_used() -> None:
    rejected = RulePackRejected(**dict(REJECT))
    turned_down = waiting.given(GENERAL_MANAGER.did(rejected, to=SINGLE))

    waiting.when(GENERAL_MANAGER.asks(REJECT)).then(rejected)
    waiting.when(QUALITY_MANAGER.asks(REJECT)).then_refused(WrongRole)
    for spec in (first, turned_down):
        spec.when(GENERAL_MANAGER.asks(REJECT)).then_refused(NoSuchProposal, version=2)
    waiting.when(GENERAL_MANAGER.asks(REJECT.model_copy(update={"version": 1}))).then_refused(
        NoSuchProposal, version=1
    )
    turned_down.when(QUALITY_MANAGER.asks(PROPOSE)).then(proposed(3))


# --- what is in force -----------------------------------------------------------------------


def version_at(spec: Spec[Any, Any, Any], at: datetime) -> int | None:
    """Which pack is in force at an instant."""
    pack = spec.state().in_force(at)
    return None if pack is None else pack.version


def test_a_pack_is_in_force_from_its_instant_on() -> None:
    second = first.given(*approved(2, TOMORROW))

    assert version_at(second, TOMORROW - timedelta(microseconds=1)) == 1
    assert version_at(second, TOMORROW) == 2
    assert version_at(waiting, TOMORROW) == 1
    assert version_at(first, datetime(1999, 12, 31, tzinfo=UTC)) is None


def test_a_pack_approved_later_for_an_earlier_instant_does_not_outlast_the_other() -> None:
    in_june, in_april = datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC)
    both = first.given(*approved(2, in_june), *approved(3, in_april))

    assert version_at(both, in_april) == 3
    assert version_at(both, in_june) == 2
    same_instant = both.given(*approved(4, in_june))
    assert version_at(same_instant, in_june) == 4


def test_decisions_ask_for_the_pack_of_their_turn() -> None:
    changed = (FIRST_PACK, *approved(2, TOMORROW))
    log = tuple((RULE_PACKS.name, each) for each in changed)

    assert pack_in_force(Around(NOON, log)).figures.single_claim_fen_max == 500_00
    assert pack_in_force(Around(TOMORROW, log)).figures.single_claim_fen_max == 300_00
    with pytest.raises(AssertionError, match="first start"):
        pack_in_force(Around(NOON))


# --- properties -----------------------------------------------------------------------------

PEOPLE: Final = (
    QUALITY_MANAGER,
    GENERAL_MANAGER,
    QUALITY_MANAGER.wearing(Role.GENERAL_MANAGER),
    GENERAL_MANAGER.wearing(Role.QA_MANAGER),
)
WISHES: Final[tuple[RulePackCommand, ...]] = (
    PROPOSE,
    *(ApproveRulePack(version=version) for version in (2, 3)),
    *(REJECT.model_copy(update={"version": version}) for version in (2, 3)),
)


@given(st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(WISHES)), max_size=12))
def test_whoever_asks_whatever_two_heads_stand_behind_every_approved_pack(
    wishes: list[tuple[Person, RulePackCommand]],
) -> None:
    spec = first
    for who, command in wishes:
        try:
            told = spec.when(who.asks(command)).answer()
        except DomainError:
            continue
        spec = spec.given(*(who.did(event, to=SINGLE) for event in told))

    proposers = proposer_by_version(spec.history)
    for happened in spec.history:
        if isinstance(happened.event, RulePackApproved):
            assert happened.by.person != proposers[happened.event.version]
    versions = [each.version for each in spec.state().approved]
    assert versions == sorted(set(versions))


def proposer_by_version(history: tuple[Happened[RulePackEvent], ...]) -> dict[int, str]:
    """Who proposed what."""
    return {
        each.event.version: each.by.person
        for each in history
        if isinstance(each.event, RulePackProposed)
    }
