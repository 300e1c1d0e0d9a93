"""Clause 4.5: which claims go to the general manager. Rules R-04 and R-05, joined by OR.

One escalation a claim, with every reason that fires. While one is open for a specification and
its window, further claims of it are linked; the amount always raises its own. An escalation is
never taken back: when its basis changes, it is told, and the general manager closes it. That is
so as well when a claim counts again that an escalation was raised for or that was linked to it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, assert_never

from app.domain.claim.events import (
    ClaimAdjusted,
    ClaimAmountConfirmed,
    ClaimCancelled,
    ClaimRecounted,
    ClaimWithdrawn,
)
from app.domain.claim.words import SpecPieces
from app.domain.decider import Happened, Order, Policy, World
from app.domain.escalation.decisions import ChangeBasis, LinkClaim, RaiseEscalation
from app.domain.escalation.events import ESCALATION, EscalationReason, EscalationStatus
from app.domain.registers.escalations import (
    ESCALATIONS_OF_CLAIM,
    ESCALATIONS_OF_SPEC,
    EscalationOfSpec,
)
from app.domain.registers.spec_claims import Window, spec_count
from app.domain.rule_pack.events import pack_in_force
from app.domain.rules import Decision, RulePack, decided
from app.domain.values import shanghai_day

ClaimMoved = ClaimAmountConfirmed | ClaimAdjusted | ClaimRecounted | ClaimCancelled | ClaimWithdrawn


# --- the rules ------------------------------------------------------------------------------


def single_claim_amount(total_fen: int, claim_no: str, pack: RulePack) -> Decision:
    """R-04: a single claim above the threshold, in fen; exactly at it is not above it."""
    limit = pack.figures.single_claim_fen_max
    return decided("R-04", "4.5", pack, total_fen, ">", limit, "FEN", (claim_no,))


def spec_claimed_again(
    spec_code: str, window: Window, day: date, world: World, pack: RulePack
) -> Decision:
    """R-05: the same specification claimed to the threshold within the window; at it fires."""
    unit = pack.figures.spec_claims_unit
    count = spec_count(world, spec_code, window, day)
    least = pack.figures.spec_claims_min
    observed = count.observed(unit)
    return decided("R-05", "4.5", pack, observed, ">=", least, unit, count.evidence)


# --- what they set off ----------------------------------------------------------------------


def react(happened: Happened[ClaimMoved], world: World) -> Sequence[Order]:
    """Raise, link, or tell an escalation that its basis changed."""
    event = happened.event
    match event:
        case ClaimAmountConfirmed():
            day = event.confirmed_on
            counted = event.specs if event.counts else ()
            return _escalate(happened, event.confirmed_fen, counted, day, world)
        case ClaimAdjusted():
            return _escalate(happened, event.new_total_fen, (), None, world)
        case ClaimRecounted(confirmed_on=None):
            return ()
        case ClaimRecounted(counts=True):
            return _count_again(happened, event, world)
        case ClaimRecounted():
            return _tell_specs(happened, event.specs, event.confirmed_on, world)
        case ClaimCancelled() | ClaimWithdrawn():
            told = _tell_amount(happened, 0, world) or ()
            counted = event.specs if event.counts else ()
            return [*told, *_tell_specs(happened, counted, event.confirmed_on, world)]
        case _:
            assert_never(event)


def _escalate(
    happened: Happened[ClaimMoved],
    total_fen: int | None,
    specs: Sequence[SpecPieces],
    day: date | None,
    world: World,
) -> list[Order]:
    """Ask both rules; `total_fen` or `specs` is nothing where its rule has nothing new to see."""
    event, pack = happened.event, pack_in_force(world)
    orders: list[Order] = []
    reasons: list[EscalationReason] = []
    if total_fen is not None:
        told = _tell_amount(happened, total_fen, world)
        seen = single_claim_amount(total_fen, event.claim_no, pack)
        if told is not None:
            orders += told
        elif seen.fires:
            reasons.append(EscalationReason(code="AMOUNT", decision=seen))
    if day is not None:
        window = Window.around(day, event.customer_id, pack.figures)
        up_to = window.up_to(day, shanghai_day(world.at))
        for spec in specs if window.holds(day, up_to) else ():
            seen = spec_claimed_again(spec.spec_code, window, up_to, world, pack)
            its_own = _of_claim_and_spec(world, happened.to, spec.spec_code, window)
            open_one = _open_escalation(world, spec.spec_code, window)
            if open_one is not None and open_one not in its_own:
                orders.append(_link(happened, spec.spec_code, up_to, seen, open_one))
            elif seen.fires and open_one is None and not its_own:
                reasons.append(
                    EscalationReason(
                        code="SPEC_COUNT",
                        decision=seen,
                        spec_code=spec.spec_code,
                        window=window.label,
                        counted_on=up_to,
                    )
                )
    if reasons:
        orders.append(_raise(happened, reasons))
    return orders


def _count_again(
    happened: Happened[ClaimMoved], event: ClaimRecounted, world: World
) -> list[Order]:
    """Ask R-05 of a claim that counts late; whatever it is not linked to is told of it."""
    orders = _escalate(happened, None, event.specs, event.confirmed_on, world)
    linked = {(each.to, _spec_of(each)) for each in orders}
    told = _tell_specs(happened, event.specs, event.confirmed_on, world)
    return [*(each for each in told if (each.to, _spec_of(each)) not in linked), *orders]


def _raise(happened: Happened[ClaimMoved], reasons: Sequence[EscalationReason]) -> Order:
    """The amount first, then the specifications, the most claimed first."""
    ordered = sorted(reasons, key=lambda each: (each.code, -each.decision.observed))
    command = RaiseEscalation(
        claim_id=happened.to,
        claim_no=happened.event.claim_no,
        customer_id=happened.event.customer_id,
        reasons=tuple(ordered),
    )
    return Order(ESCALATION.name, command)


def _link(
    happened: Happened[ClaimMoved], spec_code: str, day: date, seen: Decision, to: str
) -> Order:
    command = LinkClaim(
        claim_id=happened.to,
        claim_no=happened.event.claim_no,
        customer_id=happened.event.customer_id,
        spec_code=spec_code,
        counted_on=day,
        decision=seen,
    )
    return Order(ESCALATION.name, command, to=to)


def _spec_of(order: Order) -> str | None:
    """The specification that a link is about."""
    command = order.command
    return command.spec_code if isinstance(command, LinkClaim | ChangeBasis) else None


def _open_escalation(world: World, spec_code: str, window: Window) -> str | None:
    """The escalation that is open for a specification in this window."""
    known = world.entry_in(ESCALATIONS_OF_SPEC, spec_code) or []
    for each in reversed(known):
        if each.window == window.label:
            state = world.state_of(ESCALATION, each.escalation_id)
            if state.status is not EscalationStatus.CLOSED:
                return each.escalation_id
    return None


def _of_claim_and_spec(world: World, claim_id: str, spec_code: str, window: Window) -> set[str]:
    """The escalations of a specification in this window that a claim is in already."""
    of_claim = world.entry_in(ESCALATIONS_OF_CLAIM, claim_id) or []
    of_spec = world.entry_in(ESCALATIONS_OF_SPEC, spec_code) or []
    in_window = {each.escalation_id for each in of_spec if each.window == window.label}
    return in_window & {each.escalation_id for each in of_claim}


def _tell_amount(happened: Happened[ClaimMoved], now_fen: int, world: World) -> list[Order] | None:
    """Tell the escalation that the claim's amount raised; None when it raised none."""
    known = world.entry_in(ESCALATIONS_OF_CLAIM, happened.to) or []
    raised = [each.escalation_id for each in known if "AMOUNT" in each.reasons]
    if not raised:
        return None
    command = ChangeBasis(
        claim_id=happened.to,
        claim_no=happened.event.claim_no,
        reason="AMOUNT",
        new_observed=now_fen,
        cause_event_id=happened.event_id,
    )
    return [Order(ESCALATION.name, command, to=each) for each in raised]


def _tell_specs(
    happened: Happened[ClaimMoved], specs: Sequence[SpecPieces], day: date | None, world: World
) -> list[Order]:
    """Tell every escalation in whose window the claim was counted what is counted now."""
    if day is None:
        return []
    told = (
        _tell_spec(happened, spec.spec_code, each, day, world)
        for spec in specs
        for each in world.entry_in(ESCALATIONS_OF_SPEC, spec.spec_code) or []
    )
    return [order for order in told if order is not None]


def _tell_spec(
    happened: Happened[ClaimMoved], spec_code: str, of: EscalationOfSpec, day: date, world: World
) -> Order | None:
    ground = world.state_of(ESCALATION, of.escalation_id).ground("SPEC_COUNT", spec_code)
    window = Window(of.window)
    if window.customer_id not in {None, happened.event.customer_id}:
        return None
    if ground is None or ground.counted_on is None or not window.holds(day, ground.counted_on):
        return None
    count = spec_count(world, spec_code, window, ground.counted_on)
    command = ChangeBasis(
        claim_id=happened.to,
        claim_no=happened.event.claim_no,
        reason="SPEC_COUNT",
        spec_code=spec_code,
        new_observed=count.observed(ground.decision.unit),
        cause_event_id=happened.event_id,
    )
    return Order(ESCALATION.name, command, to=of.escalation_id)


escalate_claims: Final = Policy(
    name="escalate_claims",
    event_types=(
        ClaimAmountConfirmed,
        ClaimAdjusted,
        ClaimRecounted,
        ClaimCancelled,
        ClaimWithdrawn,
    ),
    react=react,
)
