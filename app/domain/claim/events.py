"""What can happen to a claim, and how it adds up."""

from typing import Final, assert_never

from app.domain.claim.facts import (
    AmountEvent,
    CaseLinked,
    ClaimAdjusted,
    ClaimAmountConfirmed,
    ClaimCancelled,
    ClaimChangeProposed,
    ClaimChangeRejected,
    ClaimChecked,
    ClaimClosed,
    ClaimCorrected,
    ClaimCorrectionEvent,
    ClaimCorrectionProposed,
    ClaimCorrectionRejected,
    ClaimCostRecounted,
    ClaimEvent,
    ClaimExecutionApproved,
    ClaimFact,
    ClaimFiled,
    ClaimObjectionLapsed,
    ClaimRecounted,
    ClaimRegistered,
    ClaimRejected,
    ClaimSettled,
    ClaimSplitCalculated,
    ClaimVerified,
    ClaimWithdrawn,
    DisputeEvent,
    DisputeRaised,
    LateObjectionConsented,
    NegotiationConcluded,
    NegotiationOpened,
    RecoveryReceived,
    RecoveryRegistered,
    WayInEvent,
    WayOutEvent,
)
from app.domain.claim.state import (
    Adjustment,
    Check,
    Claim,
    Confirmation,
    Ending,
    Filing,
    Line,
    Negotiation,
    Proposal,
    Recovery,
    Settlement,
    Share,
    Split,
    Verification,
    furthest_step,
)
from app.domain.claim.words import ClaimChanges, ClaimStatus, SharePart
from app.domain.corrections import CorrectionProposal, applied
from app.domain.decider import Happened, Stream
from app.domain.replacing import replace

__all__ = [
    "CLAIM",
    "CaseLinked",
    "Claim",
    "ClaimAdjusted",
    "ClaimAmountConfirmed",
    "ClaimCancelled",
    "ClaimCostRecounted",
    "ClaimEvent",
    "ClaimFact",
    "ClaimFiled",
    "ClaimRecounted",
    "ClaimRegistered",
    "ClaimSettled",
    "ClaimSplitCalculated",
    "ClaimStatus",
    "ClaimWithdrawn",
]


def evolve(claim: Claim, happened: Happened[ClaimEvent]) -> Claim:
    """Apply one event; the status follows from the facts."""
    event = happened.event
    if isinstance(event, WayInEvent):
        changed = _came_in(claim, event, happened)
    elif isinstance(event, ClaimCorrectionEvent):
        changed = _corrected(claim, event, happened)
    elif isinstance(event, AmountEvent):
        changed = _stood_by(claim, event, happened)
    elif isinstance(event, DisputeEvent):
        changed = _talked_about(claim, event, happened)
    else:
        changed = _went_out(claim, event, happened)
    return replace(changed, status=furthest_step(changed))


def _came_in(claim: Claim, event: WayInEvent, happened: Happened[ClaimEvent]) -> Claim:
    by, at = happened.by.person, happened.at
    match event:
        case ClaimRegistered():
            return _registered(event, by, happened.event_id)
        case CaseLinked(case_id=case_id, case_no=case_no):
            return replace(
                claim, case_ids=(*claim.case_ids, case_id), case_nos=(*claim.case_nos, case_no)
            )
        case ClaimRecounted(category=category, counts=counts):
            return replace(claim, category=category, counts=counts)
        case ClaimChecked():
            check = Check(event.logic, event.accuracy, event.conformity, event.notes, by, at)
            return replace(claim, check=check)
        case ClaimVerified():
            seen = Verification(
                mode=event.mode,
                place=event.place,
                from_at=event.from_at,
                to_at=event.to_at,
                findings=event.findings,
                evidence=event.evidence,
                parts_seen=event.parts_seen,
                verified_by=by,
            )
            return replace(claim, verifications=(*claim.verifications, seen))
        case unknown:
            assert_never(unknown)


def _registered(event: ClaimRegistered, by: str, event_id: str) -> Claim:
    said = event.said()
    claimed, lines = said.pop("claimed_fen"), said.pop("lines")
    return Claim(
        claimed=claimed,
        registered_by=by,
        registered_event_id=event_id,
        lines=tuple(
            Line(
                line=each.line,
                spec_code=each.spec_code,
                pieces=each.pieces,
                type=each.type,
                quantity=each.quantity,
                unit_price=each.unit_price_fen,
                amount=each.amount_fen,
            )
            for each in lines
        ),
        **said,
    )


def _corrected(claim: Claim, event: ClaimCorrectionEvent, happened: Happened[ClaimEvent]) -> Claim:
    match event:
        case ClaimCorrectionProposed():
            return replace(claim, correction=CorrectionProposal.of(event, happened))
        case ClaimCorrectionRejected():
            return replace(claim, correction=None)
        case ClaimCorrected(changes=changes):
            corrections = (*claim.corrections, happened.event_id)
            new = applied(changes, ClaimChanges)
            return replace(claim, correction=None, corrections=corrections, **new)
        case unknown:
            assert_never(unknown)


def _stood_by(claim: Claim, event: AmountEvent, happened: Happened[ClaimEvent]) -> Claim:
    by, at = happened.by.person, happened.at
    match event:
        case ClaimAmountConfirmed():
            return _confirmed(claim, event, happened)
        case ClaimSplitCalculated():
            split = Split(
                source=event.source,
                agreement_no=event.agreement_no,
                agreement_year=event.agreement_year,
                agreement_version=event.agreement_version,
                basis_on=event.basis_on,
                cause_code=event.cause_code,
                cause_class=event.cause_class,
                split_by=by,
                split_at=at,
            )
            shares = _shares(event.shares)
            return replace(
                claim,
                split=split,
                shares=shares,
                shares_source=event.source,
                approved_by=None,
                approved_at=None,
            )
        case ClaimExecutionApproved():
            return replace(claim, approved_by=by, approved_at=at)
        case ClaimCostRecounted(cost_fen=cost):
            return replace(claim, counted_cost=cost)
        case unknown:
            assert_never(unknown)


def _confirmed(claim: Claim, event: ClaimAmountConfirmed, happened: Happened[ClaimEvent]) -> Claim:
    results = {each.line: each for each in event.line_results}
    lines = tuple(
        replace(
            each,
            confirmed=results[each.line].confirmed_fen,
            confirmed_because=results[each.line].reason,
        )
        if each.line in results
        else each
        for each in claim.lines
    )
    confirmation = Confirmation(
        amount=event.confirmed_fen,
        reason=event.reason,
        confirmed_by=happened.by.person,
        confirmed_at=happened.at,
        confirmed_on=event.confirmed_on,
        file_by=event.file_by,
        spec_standings=event.spec_standings,
    )
    return replace(claim, confirmation=confirmation, amount=event.confirmed_fen, lines=lines)


def _shares(parts: tuple[SharePart, ...]) -> tuple[Share, ...]:
    return tuple(Share(each.party, each.party_id, each.bps, each.amount_fen) for each in parts)


def _talked_about(  # noqa: C901, PLR0911 - one line an event
    claim: Claim, event: DisputeEvent, happened: Happened[ClaimEvent]
) -> Claim:
    by, at = happened.by.person, happened.at
    match event:
        case ClaimObjectionLapsed():
            return replace(claim, objection_lapsed_at=at)
        case LateObjectionConsented():
            return replace(claim, late_objection_consented_by=by)
        case DisputeRaised(grounds=grounds):
            return _negotiating(claim, Negotiation("DISPUTE", grounds, at))
        case NegotiationOpened(because="DISPUTE"):
            return claim
        case NegotiationOpened(because=because):
            return _negotiating(claim, Negotiation(because, None, at))
        case NegotiationConcluded(minutes_ref=minutes_ref, agreed=agreed):
            concluded = tuple(
                replace(
                    each, minutes_ref=minutes_ref, agreed=agreed, concluded_by=by, concluded_at=at
                )
                if each.is_open
                else each
                for each in claim.negotiations
            )
            return replace(claim, negotiations=concluded)
        case ClaimChangeProposed():
            waits = Proposal(event.kind, event.new_total_fen, event.shares, event.reason, by, at)
            return replace(claim, proposal=waits)
        case ClaimChangeRejected():
            return replace(claim, proposal=None)
        case ClaimAdjusted():
            return _adjusted(claim, event, happened)
        case ClaimCancelled(reason=reason):
            ending = Ending(ClaimStatus.CANCELLED, reason, by, at)
            return replace(
                claim, ending=ending, proposal=None, amount=None, shares=(), shares_source=None
            )
        case unknown:
            assert_never(unknown)


def _negotiating(claim: Claim, negotiation: Negotiation) -> Claim:
    """An approval from before is worth nothing while it is talked about."""
    return replace(
        claim,
        negotiations=(*claim.negotiations, negotiation),
        approved_by=None,
        approved_at=None,
    )


def _adjusted(claim: Claim, event: ClaimAdjusted, happened: Happened[ClaimEvent]) -> Claim:
    adjustment = Adjustment(
        old_total=event.old_total_fen,
        new_total=event.new_total_fen,
        reason=event.reason,
        proposed_by=event.proposed_by,
        approved_by=happened.by.person,
        approved_at=happened.at,
    )
    return replace(
        claim,
        amount=event.new_total_fen,
        shares=_shares(event.shares),
        shares_source="NEGOTIATION" if event.shares_changed else claim.shares_source,
        adjustments=(*claim.adjustments, adjustment),
        proposal=None,
        approved_by=None,
        approved_at=None,
    )


def _went_out(  # noqa: PLR0911 - one line an event
    claim: Claim, event: WayOutEvent, happened: Happened[ClaimEvent]
) -> Claim:
    by, at = happened.by.person, happened.at
    match event:
        case ClaimSettled():
            settlement = Settlement(
                method=event.method,
                voucher=event.voucher,
                amount=event.amount_fen,
                advanced_for_third_party=event.advanced_fen,
                settled_by=by,
                settled_at=at,
            )
            return replace(claim, settlement=settlement)
        case RecoveryRegistered(party_id=party_id, amount_fen=amount):
            return replace(claim, recoveries=(*claim.recoveries, Recovery(party_id, amount)))
        case RecoveryReceived(party_id=party_id, amount_fen=amount):
            received = tuple(
                replace(each, received=each.received + amount)
                if each.party_id == party_id
                else each
                for each in claim.recoveries
            )
            return replace(claim, recoveries=received)
        case ClaimFiled(filing_no=filing_no):
            return replace(claim, filing=Filing(filing_no, by, at))
        case ClaimClosed():
            return replace(claim, closed_at=at)
        case ClaimRejected(reason=reason):
            return replace(claim, ending=Ending(ClaimStatus.REJECTED, reason, by, at))
        case ClaimWithdrawn(reason=reason):
            ending = Ending(ClaimStatus.WITHDRAWN, reason, by, at)
            return replace(
                claim, ending=ending, proposal=None, amount=None, shares=(), shares_source=None
            )
        case unknown:
            assert_never(unknown)


CLAIM: Final = Stream(name="claim", initial=Claim(), evolve=evolve)
