"""Why it failed, and who is responsible. Clause 3.4.

QA looks first. Engineering takes over the causes that are not confirmed: when the case was
forwarded to it, or when a determination was rejected. A person's department is that of their role.
"""

from collections.abc import Sequence

from app.domain.cause_catalogue.events import cause_in_use
from app.domain.decider import World
from app.domain.feedback_case.commands import (
    DetermineRootCause,
    JudgeResponsibility,
    RejectRootCause,
)
from app.domain.feedback_case.events import (
    FeedbackCaseEvent,
    ResponsibilityJudged,
    RootCauseApproved,
    RootCauseDetermined,
    RootCauseRejected,
)
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
from app.domain.feedback_case.standing import category_of, heading
from app.domain.feedback_case.state import FeedbackCase, ResponsibilityShare, RootCause
from app.domain.values import Actor, Department, Party, Role

WHOLE_BPS = 10_000


def determine_cause(
    command: DetermineRootCause, by: Actor, case: FeedbackCase, world: World
) -> list[FeedbackCaseEvent]:
    """Propose a cause; an approved one stands until the new one is approved.

    Raises:
        CauseNotHandedOver: Engineering is not asked yet.
        CauseAlreadyDetermined: a cause stands, and nothing says why it should not.
        CauseNotInUse: the catalogue has no such active cause.
    """
    category, standing = category_of(case), case.current_cause
    if by.role is Role.TECH_ENGINEER and not _with_engineering(case):
        raise CauseNotHandedOver(forwarded_to=list(case.forwarded_to), next="ForwardFeedback")
    if standing is not None and command.supersedes_reason is None:
        raise CauseAlreadyDetermined(field="supersedes_reason", cause_code=standing.cause_code)
    cause = cause_in_use(world, command.cause_code)
    if cause is None:
        raise CauseNotInUse(field="cause_code", cause_code=command.cause_code)
    determined = RootCauseDetermined(
        **heading(case),
        **dict(command),
        category=category,
        produced_on=case.produced_on,
        cause_class=cause.cause_class,
        supersedes=case.current_cause_code,
    )
    return [determined]


def _with_engineering(case: FeedbackCase) -> bool:
    return Department.TECH in case.forwarded_to or bool(case.rejected_causes)


def approve_cause(by: Actor, case: FeedbackCase) -> list[FeedbackCaseEvent]:
    """Approve the proposed cause; a judgement on an earlier one no longer stands."""
    category = category_of(case)
    proposed = _proposed_by_another(by, case)
    approved = RootCauseApproved(
        **heading(case),
        category=category,
        produced_on=case.produced_on,
        lot_no=case.lot_no,
        cause_code=proposed.cause_code,
        cause_class=proposed.cause_class,
        replaces=None if case.cause is None else case.cause.cause_code,
    )
    return [approved]


def reject_cause(
    command: RejectRootCause, by: Actor, case: FeedbackCase
) -> list[FeedbackCaseEvent]:
    """Turn the proposed cause down; one that was approved before stands on."""
    category_of(case)
    rejected = RootCauseRejected(
        **heading(case),
        cause_code=_proposed_by_another(by, case).cause_code,
        stands_again=None if case.cause is None else case.cause.cause_code,
        reason=command.reason,
    )
    return [rejected]


def _proposed_by_another(by: Actor, case: FeedbackCase) -> RootCause:
    """The proposed cause, for eyes that are not the determiner's.

    Raises:
        NoCauseProposed: nothing waits.
        SodCause: the same head under another hat.
    """
    if case.proposed_cause is None:
        raise NoCauseProposed(case_no=case.case_no)
    if by.person == case.proposed_cause.determined_by:
        raise SodCause(person=by.person)
    return case.proposed_cause


def judge(command: JudgeResponsibility, by: Actor, case: FeedbackCase) -> list[FeedbackCaseEvent]:
    """Judge who bears what, or leave the split to the agreement's table for the cause class.

    Raises:
        CauseNotApproved: no cause is approved, or another one waits for approval.
        AlreadyJudged: it is judged, and nothing says why anew.
        SodJudge: an engineer of Engineering would judge Engineering; the director may.
        PartyTwice: a party with two shares.
        SharesMismatch: the shares are not the whole.
    """
    category_of(case)
    cause = approved_cause(case)
    if case.judgement is not None and command.supersedes_reason is None:
        raise AlreadyJudged(field="supersedes_reason", judged_by=case.judgement.judged_by)
    if by.role is Role.TECH_ENGINEER and command.blamed_department is Department.TECH:
        raise SodJudge(field="blamed_department", person=by.person, who_may=[Role.TECH_DIRECTOR])
    judged = ResponsibilityJudged(
        **heading(case),
        **dict(command),
        cause_code=cause.cause_code,
        cause_class=cause.cause_class,
        main_party=_main_party(_checked(command.shares or ())),
    )
    return [judged]


def approved_cause(case: FeedbackCase) -> RootCause:
    """The approved cause, when no other one waits.

    Raises:
        CauseNotApproved: none is approved, or another one is proposed.
    """
    if case.cause is None or case.proposed_cause is not None:
        raise CauseNotApproved(
            case_no=case.case_no,
            cause_code=case.current_cause_code,
            who_may=[Role.QA_MANAGER, Role.TECH_DIRECTOR],
        )
    return case.cause


def _checked(shares: Sequence[ResponsibilityShare]) -> Sequence[ResponsibilityShare]:
    parties = [share.party for share in shares]
    for index, party in enumerate(parties):
        if party in parties[:index]:
            raise PartyTwice(field=f"shares.{index}.party", party=party)
    total = sum(share.bps for share in shares)
    if shares and total != WHOLE_BPS:
        raise SharesMismatch(field="shares", total_bps=total, wanted_bps=WHOLE_BPS)
    return shares


def _main_party(shares: Sequence[ResponsibilityShare]) -> Party | None:
    """The largest share; a tie has no main party and is treated as a dispute."""
    largest = max((share.bps for share in shares), default=0)
    leaders = [share.party for share in shares if share.bps == largest]
    return leaders[0] if len(leaders) == 1 else None
