"""Why it failed and who is responsible: two heads for a cause, no judge in their own cause."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import NotFound, WrongRole
from app.domain.feedback_case.commands import (
    ApproveRootCause,
    CloseCase,
    DetermineRootCause,
    JudgeResponsibility,
    RejectRootCause,
)
from app.domain.feedback_case.events import ResponsibilityJudged, RootCauseRejected
from app.domain.feedback_case.refusals import (
    AlreadyJudged,
    CauseAlreadyDetermined,
    CauseNotApproved,
    CauseNotHandedOver,
    CauseNotInUse,
    NoCauseProposed,
    PartyTwice,
    SharesMismatch,
    SodCause,
    SodJudge,
)
from app.domain.feedback_case.state import CaseStatus, CauseMethod, ResponsibilityShare
from app.domain.values import CauseClass, Department, Party, Role
from tests.domain.cases import (
    APPROVED,
    CLASSIFIED,
    DETERMINED,
    HEADING,
    NEW_CASE,
    approved,
    determined,
    forwarded,
)
from tests.people import CLERK, DIRECTOR, ENGINEER, QUALITY_MANAGER, TECHNICIAN, Person

DETERMINE: Final = DetermineRootCause(
    cause_code="M01",
    occurrence_cause="The mould was worn.",
    method=CauseMethod.FIVE_WHY,
    evidence=("PH-1",),
)
REJECT: Final = RejectRootCause(reason="The photo shows another part.")
WHY_ANEW: Final = "The teardown showed more."


def rejected(stands_again: str | None = None) -> RootCauseRejected:
    """The second person does not believe it."""
    return RootCauseRejected(
        **HEADING, cause_code="M01", stands_again=stands_again, reason=REJECT.reason
    )


# --- determining ----------------------------------------------------------------------------


def test_qa_determines_an_active_cause_of_the_catalogue() -> None:
    CLASSIFIED.when(ENGINEER.asks(DETERMINE)).then(determined())
    CLASSIFIED.when(CLERK.asks(DETERMINE)).then_refused(WrongRole)
    NEW_CASE.when(ENGINEER.asks(DETERMINE)).then_refused(NotFound)
    for code in ("OLD", "NEVER"):
        CLASSIFIED.when(
            ENGINEER.asks(DETERMINE.model_copy(update={"cause_code": code}))
        ).then_refused(CauseNotInUse, cause_code=code)


def test_engineering_determines_what_was_handed_over_or_rejected() -> None:
    CLASSIFIED.when(TECHNICIAN.asks(DETERMINE)).then_refused(CauseNotHandedOver)
    handed_over = CLASSIFIED.given(CLERK.did(forwarded(Department.QA, Department.TECH)))
    handed_over.when(TECHNICIAN.asks(DETERMINE)).then(determined())
    turned_down = DETERMINED.given(QUALITY_MANAGER.did(rejected()))
    turned_down.when(TECHNICIAN.asks(DETERMINE)).then(determined())


def test_a_cause_that_stands_is_superseded_with_a_reason() -> None:
    other = DETERMINE.model_copy(update={"cause_code": "M02"})
    with_reason = other.model_copy(update={"supersedes_reason": WHY_ANEW})
    superseding = determined("M02").model_copy(
        update={"supersedes": "M01", "supersedes_reason": WHY_ANEW}
    )

    for standing in (DETERMINED, APPROVED):
        standing.when(ENGINEER.asks(other)).then_refused(CauseAlreadyDetermined, cause_code="M01")
        standing.when(ENGINEER.asks(with_reason)).then(superseding)


# --- approving ------------------------------------------------------------------------------


def test_a_second_person_approves_or_rejects() -> None:
    for who in (QUALITY_MANAGER, DIRECTOR):
        DETERMINED.when(who.asks(ApproveRootCause())).then(approved())
        DETERMINED.when(who.asks(REJECT)).then(rejected())
    DETERMINED.when(ENGINEER.asks(ApproveRootCause())).then_refused(WrongRole)


@pytest.mark.parametrize("role", [Role.QA_MANAGER, Role.TECH_DIRECTOR])
@pytest.mark.parametrize("command", [ApproveRootCause(), REJECT])
def test_the_same_head_under_another_hat_does_not(
    role: Role, command: ApproveRootCause | RejectRootCause
) -> None:
    DETERMINED.when(ENGINEER.wearing(role).asks(command)).then_refused(
        SodCause, person=ENGINEER.name
    )


def test_without_a_proposal_there_is_nothing_to_approve() -> None:
    turned_down = DETERMINED.given(QUALITY_MANAGER.did(rejected()))

    for spec in (CLASSIFIED, APPROVED, turned_down):
        spec.when(QUALITY_MANAGER.asks(ApproveRootCause())).then_refused(NoCauseProposed)
        spec.when(QUALITY_MANAGER.asks(REJECT)).then_refused(NoCauseProposed)


def test_an_approved_cause_stands_until_another_one_is_approved() -> None:
    doubted = APPROVED.given(ENGINEER.did(determined("M02")))

    assert doubted.state().status is CaseStatus.CAUSE_DETERMINED
    assert doubted.state().current_cause_code == "M02"
    doubted.when(DIRECTOR.asks(ApproveRootCause())).then(approved("M02", replaces="M01"))
    turned_down = rejected("M01").model_copy(update={"cause_code": "M02"})
    doubted.when(DIRECTOR.asks(REJECT)).then(turned_down)
    stands = doubted.given(DIRECTOR.did(turned_down)).state()
    assert stands.status is CaseStatus.CAUSE_APPROVED
    assert stands.current_cause_code == "M01"
    assert [each.rejected_because for each in stands.rejected_causes] == [REJECT.reason]
    doubted.when(ENGINEER.asks(CloseCase())).then_refused(CauseNotApproved)


def test_a_verdict_without_a_proposal_changes_nothing() -> None:
    for verdict in (approved("M02"), rejected()):
        assert APPROVED.given(DIRECTOR.did(verdict)).state().cause == APPROVED.state().cause


# --- judging --------------------------------------------------------------------------------


def shares(*pairs: tuple[Party, int]) -> tuple[ResponsibilityShare, ...]:
    """Who bears what."""
    return tuple(ResponsibilityShare(party=party, bps=bps) for party, bps in pairs)


def judgement(
    borne: tuple[ResponsibilityShare, ...] | None,
    blamed: Department | None = None,
    supersedes_reason: str | None = None,
) -> JudgeResponsibility:
    """Engineering judges."""
    return JudgeResponsibility(
        shares=borne,
        grounds="Worn mould, seen at teardown.",
        blamed_department=blamed,
        agreement_ref="AG-C01-2025",
        supersedes_reason=supersedes_reason,
    )


def judged(command: JudgeResponsibility, main_party: Party | None) -> ResponsibilityJudged:
    """Engineering judged."""
    return ResponsibilityJudged(
        **HEADING,
        **dict(command),
        cause_code="M01",
        cause_class=CauseClass.MANUFACTURING,
        main_party=main_party,
    )


COMPANY, CUSTOMER, THIRD = Party.COMPANY, Party.CUSTOMER, Party.THIRD_PARTY


@pytest.mark.parametrize(
    ("borne", "main_party"),
    [
        (shares((COMPANY, 7000), (CUSTOMER, 3000)), COMPANY),
        (shares((COMPANY, 3333), (CUSTOMER, 3333), (THIRD, 3334)), THIRD),
        (shares((COMPANY, 5000), (CUSTOMER, 5000)), None),
        (shares((CUSTOMER, 10_000)), CUSTOMER),
        (None, None),
    ],
)
def test_the_largest_share_makes_the_main_party_and_a_tie_makes_none(
    borne: tuple[ResponsibilityShare, ...] | None, main_party: Party | None
) -> None:
    command = judgement(borne, blamed=Department.PRODUCTION)
    event = judged(command, main_party)

    APPROVED.when(TECHNICIAN.asks(command)).then(event)
    after = APPROVED.given(TECHNICIAN.did(event)).state()
    assert after.status is CaseStatus.RESPONSIBILITY_JUDGED
    assert after.judgement is not None
    assert (after.judgement.shares, after.judgement.main_party) == (borne, main_party)


def test_only_an_approved_cause_is_judged() -> None:
    doubted = APPROVED.given(ENGINEER.did(determined("M02")))

    for spec in (CLASSIFIED, DETERMINED, doubted):
        spec.when(TECHNICIAN.asks(judgement(None))).then_refused(CauseNotApproved)
    APPROVED.when(ENGINEER.asks(judgement(None))).then_refused(WrongRole)


def test_shares_are_the_whole_and_each_party_bears_one() -> None:
    for total in (9_999, 10_001):
        off = judgement(shares((COMPANY, 5_000), (CUSTOMER, total - 5_000)))
        APPROVED.when(TECHNICIAN.asks(off)).then_refused(SharesMismatch, total_bps=total)
    twice = judgement(shares((COMPANY, 5_000), (COMPANY, 5_000)))
    APPROVED.when(TECHNICIAN.asks(twice)).then_refused(PartyTwice, party=COMPANY)


def test_engineering_does_not_judge_itself_but_the_warranty_leader_may() -> None:
    blames_us = judgement(None, blamed=Department.TECH)

    APPROVED.when(TECHNICIAN.asks(blames_us)).then_refused(
        SodJudge, person=TECHNICIAN.name, who_may=[Role.TECH_DIRECTOR]
    )
    APPROVED.when(DIRECTOR.asks(blames_us)).then(judged(blames_us, None))


def test_responsibility_is_judged_anew_with_a_reason() -> None:
    first, anew = judgement(None), judgement(shares((THIRD, 10_000)), supersedes_reason=WHY_ANEW)
    standing = APPROVED.given(TECHNICIAN.did(judged(first, None)))

    standing.when(TECHNICIAN.asks(first)).then_refused(AlreadyJudged, judged_by=TECHNICIAN.name)
    standing.when(TECHNICIAN.asks(anew)).then(judged(anew, THIRD))


def test_a_judgement_falls_with_the_cause_it_was_about() -> None:
    standing = APPROVED.given(TECHNICIAN.did(judged(judgement(None), None)))
    replaced = standing.given(
        ENGINEER.did(determined("M02")), DIRECTOR.did(approved("M02", replaces="M01"))
    )

    assert replaced.state().judgement is None
    assert replaced.state().status is CaseStatus.CAUSE_APPROVED


# --- properties -----------------------------------------------------------------------------


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=3))
def test_shares_are_accepted_exactly_when_they_add_up(parts: list[int]) -> None:
    borne = shares(*zip(Party, parts, strict=False))
    asked = APPROVED.when(TECHNICIAN.asks(judgement(borne)))

    if sum(parts) != 10_000:
        asked.then_refused(SharesMismatch)
        return
    (event,) = asked.answer()
    assert isinstance(event, ResponsibilityJudged)
    largest = [share.party for share in borne if share.bps == max(parts)]
    assert event.main_party == (largest[0] if len(largest) == 1 else None)


@given(st.sampled_from(["Wang", "Xu", "He"]), st.sampled_from(["Wang", "Xu", "He"]))
def test_nobody_stands_on_both_sides_of_a_cause(finder: str, approver: str) -> None:
    first, second = Person(finder, Role.QA_ENGINEER), Person(approver, Role.QA_MANAGER)
    asked = CLASSIFIED.given(first.did(determined())).when(second.asks(ApproveRootCause()))

    if finder == approver:
        asked.then_refused(SodCause)
    else:
        asked.then(approved())
