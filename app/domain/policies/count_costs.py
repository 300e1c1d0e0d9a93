"""Clause 3.7: whenever the company may bear another part of a claim, the claim says it (R-03)."""

from collections.abc import Sequence
from typing import Final

from app.domain.claim.commands import RecountClaimCost
from app.domain.claim.events import (
    CLAIM,
    ClaimAdjusted,
    ClaimAmountConfirmed,
    ClaimCancelled,
    ClaimSplitCalculated,
    ClaimWithdrawn,
)
from app.domain.decider import Happened, Order, Policy, World

CostMoved = (
    ClaimAmountConfirmed | ClaimSplitCalculated | ClaimAdjusted | ClaimCancelled | ClaimWithdrawn
)


def react(happened: Happened[CostMoved], world: World) -> Sequence[Order]:
    """Ask the claim, unless the company bears what it bore."""
    claim = world.state_of(CLAIM, happened.to)
    if claim.company_cost == claim.counted_cost:
        return ()
    return [Order(CLAIM.name, RecountClaimCost(), to=happened.to)]


count_costs: Final = Policy(
    name="count_costs",
    event_types=(
        ClaimAmountConfirmed,
        ClaimSplitCalculated,
        ClaimAdjusted,
        ClaimCancelled,
        ClaimWithdrawn,
    ),
    react=react,
)
