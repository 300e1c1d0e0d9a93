"""When the parties disagree or a third party is to blame: negotiation and change. Clause 4.5."""

from app.domain.claim.amounts import parted
from app.domain.claim.events import Claim, ClaimAdjusted, ClaimCancelled, ClaimEvent
from app.domain.claim.facts import (
    ClaimChangeProposed,
    ClaimChangeRejected,
    ClaimObjectionLapsed,
    DisputeRaised,
    LateObjectionConsented,
    NegotiationConcluded,
    NegotiationOpened,
)
from app.domain.claim.objections import (
    ClaimSharesMismatch,
    ConcludeNegotiation,
    ConsentToLateObjection,
    NeedsGeneralManager,
    NegotiationNotOpen,
    NegotiationUnderWay,
    NoGrounds_4_5,
    NoProposalWaits,
    NoteAppeal,
    NothingAdjusted,
    ObjectionOpen,
    ProposeAdjustment,
    ProposeCancellation,
    RaiseDispute,
    RejectProposal,
    SodAdjustment,
)
from app.domain.claim.standing import (
    case_as_it_counts,
    confirmation_of,
    heading,
    leaving,
    must_be_unsettled,
    must_go_on,
    must_not_wait,
)
from app.domain.claim.state import Proposal
from app.domain.claim.words import WHOLE_BPS, ShareRatio
from app.domain.decider import Asked, Command, World
from app.domain.errors import ObjectionLapsed
from app.domain.registers.escalations import ESCALATIONS_OF_CLAIM
from app.domain.values import Actor, Party, Role


def lapse(claim: Claim, world: World) -> list[ClaimEvent]:
    """Say once that nobody objected in time."""
    must_be_unsettled(claim)
    if world.at < claim.objection_until or claim.objection_lapsed_at is not None:
        raise ObjectionOpen(objection_until=claim.objection_until.isoformat())
    return [ClaimObjectionLapsed(**heading(claim), due_at=claim.objection_until)]


def consent(command: ConsentToLateObjection, claim: Claim, world: World) -> list[ClaimEvent]:
    """Let somebody object late; before the end nobody needs it."""
    must_be_unsettled(claim)
    if world.at < claim.objection_until:
        raise ObjectionOpen(objection_until=claim.objection_until.isoformat())
    return [LateObjectionConsented(**heading(claim), reason=command.reason)]


def dispute(command: RaiseDispute, claim: Claim, world: World) -> list[ClaimEvent]:
    """Object in time, or with consent; engineering negotiates from now on (R-06).

    Raises:
        ClaimNotConfirmed: there is no amount to object to; check or reject it instead.
        NegotiationUnderWay: it is talked about already.
        ObjectionLapsed: the time is over (T11).
    """
    must_be_unsettled(claim)
    confirmation_of(claim)
    if claim.negotiation is not None:
        raise NegotiationUnderWay(because=claim.negotiation.reason)
    if world.at >= claim.objection_until and claim.late_objection_consented_by is None:
        raise ObjectionLapsed(
            objection_until=claim.objection_until.isoformat(), next="ConsentToLateObjection"
        )
    return _disputed(claim, command.grounds)


def note_appeal(command: NoteAppeal, claim: Claim) -> list[ClaimEvent]:
    """An appeal objects; where it is talked about already, it is one more paper on the table.

    Whether it came in time was decided when it was submitted. It may come before the amount is
    confirmed: the time to object runs from the notice.
    """
    must_be_unsettled(claim)
    return [] if claim.negotiation is not None else _disputed(claim, command.grounds)


def _disputed(claim: Claim, grounds: str) -> list[ClaimEvent]:
    return [
        DisputeRaised(**heading(claim), grounds=grounds),
        NegotiationOpened(
            **heading(claim), rule_id="R-06", because="DISPUTE", main_party=claim.main_party
        ),
    ]


def conclude(command: ConcludeNegotiation, claim: Claim) -> list[ClaimEvent]:
    """End the negotiation; what was agreed on was proposed and approved before."""
    must_go_on(claim)
    if claim.negotiation is None:
        raise NegotiationNotOpen(claim_no=claim.claim_no)
    must_not_wait(claim)
    return [NegotiationConcluded(**heading(claim), **dict(command))]


def propose_adjustment(command: ProposeAdjustment, claim: Claim, world: World) -> list[ClaimEvent]:
    """Propose another amount, other shares, or both.

    Raises:
        NoGrounds_4_5: no dispute, and no third party to blame.
        ProposalWaits: one at a time.
        NothingAdjusted: it would leave all as it is.
        ClaimSharesMismatch: shares that are not the whole.
    """
    old = _negotiable(claim, world)
    new = old if command.new_total is None else command.new_total.fen
    if command.shares is not None:
        _must_be_whole(command.shares)
    standing = tuple(
        ShareRatio(party=each.party, party_id=each.party_id, bps=each.bps) for each in claim.shares
    )
    if new == old and command.shares in {None, standing}:
        raise NothingAdjusted(field="new_total")
    proposed = ClaimChangeProposed(
        **heading(claim),
        kind="ADJUSTMENT",
        old_total_fen=old,
        new_total_fen=new,
        shares=command.shares,
        reason=command.reason,
    )
    return [proposed]


def propose_cancellation(
    command: ProposeCancellation, claim: Claim, world: World
) -> list[ClaimEvent]:
    """Propose not to pay at all."""
    proposed = ClaimChangeProposed(
        **heading(claim),
        kind="CANCELLATION",
        old_total_fen=_negotiable(claim, world),
        new_total_fen=0,
        shares=None,
        reason=command.reason,
    )
    return [proposed]


def _negotiable(claim: Claim, world: World) -> int:
    """The amount as it stands, when there are grounds to change it."""
    must_be_unsettled(claim)
    confirmation_of(claim)
    if claim.negotiation is None and not _third_party_is_to_blame(claim, world):
        raise NoGrounds_4_5(main_party=claim.main_party, next="RaiseDispute")
    must_not_wait(claim)
    return claim.amount or 0


def _third_party_is_to_blame(claim: Claim, world: World) -> bool:
    """As the claim was split, or as its cases were judged before it is."""
    if claim.shares:
        return claim.main_party is Party.THIRD_PARTY
    judged = (case_as_it_counts(world, each).judgement for each in claim.case_ids)
    return any(each is not None and each.main_party is Party.THIRD_PARTY for each in judged)


def _must_be_whole(shares: tuple[ShareRatio, ...]) -> None:
    parties = {each.party for each in shares}
    total = sum(each.bps for each in shares)
    if len(parties) != len(shares) or total != WHOLE_BPS:
        raise ClaimSharesMismatch(field="shares", total_bps=total, wanted_bps=WHOLE_BPS)


def approve_proposal(asked: Asked[Command], claim: Claim, world: World) -> list[ClaimEvent]:
    """Carry the proposal out; the general manager does, once the claim was escalated.

    Raises:
        NoProposalWaits: there is none.
        SodAdjustment: whoever proposed it does not approve it.
        NeedsGeneralManager: the claim was taken to the general manager.
    """
    must_go_on(claim)
    proposal = _proposal_of_another(asked.by, claim)
    escalations = world.entry_in(ESCALATIONS_OF_CLAIM, asked.to)
    if escalations and asked.by.role is not Role.GENERAL_MANAGER:
        raise NeedsGeneralManager(
            escalation_ids=[each.escalation_id for each in escalations],
            who_may=[Role.GENERAL_MANAGER],
        )
    if proposal.kind == "CANCELLATION":
        cancelled = ClaimCancelled(
            **heading(claim),
            amount_released_fen=claim.amount or 0,
            reason=proposal.reason,
            proposed_by=proposal.proposed_by,
            **leaving(claim),
        )
        return [cancelled]
    return [_adjusted(claim, proposal)]


def _adjusted(claim: Claim, proposal: Proposal) -> ClaimAdjusted:
    ratios = proposal.shares or tuple(
        ShareRatio(party=each.party, party_id=each.party_id, bps=each.bps) for each in claim.shares
    )
    parts = parted(proposal.new_total, ratios)[0] if ratios else ()
    return ClaimAdjusted(
        **heading(claim),
        old_total_fen=claim.amount or 0,
        new_total_fen=proposal.new_total,
        shares=parts,
        shares_changed=proposal.shares is not None,
        reason=proposal.reason,
        proposed_by=proposal.proposed_by,
    )


def reject_proposal(command: RejectProposal, by: Actor, claim: Claim) -> list[ClaimEvent]:
    """Leave all as it is."""
    must_go_on(claim)
    proposal = _proposal_of_another(by, claim)
    return [ClaimChangeRejected(**heading(claim), kind=proposal.kind, reason=command.reason)]


def _proposal_of_another(by: Actor, claim: Claim) -> Proposal:
    if claim.proposal is None:
        raise NoProposalWaits(claim_no=claim.claim_no)
    if by.person == claim.proposal.proposed_by:
        raise SodAdjustment(person=by.person)
    return claim.proposal
