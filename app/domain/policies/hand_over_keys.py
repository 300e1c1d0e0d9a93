"""Clause 3: a key that was rotated has a successor, for the same person in the same roles."""

from collections.abc import Sequence
from typing import Final

from app.domain.access_key.decisions import TakeOverAccessKey
from app.domain.access_key.events import ACCESS_KEY, AccessKeyRotated
from app.domain.decider import Happened, Order, Policy, World


def react(happened: Happened[AccessKeyRotated], world: World) -> Sequence[Order]:
    """Issue the successor, in a stream of its own."""
    event, old = happened.event, world.state_of(ACCESS_KEY, happened.to)
    command = TakeOverAccessKey(
        person=event.person,
        in_roles=old.roles,
        label=old.label,
        expires_at=event.successor_expires_at,
        rotated_from=event.key_id,
    )
    return [Order(ACCESS_KEY.name, command, to=event.successor)]


hand_over_keys: Final = Policy(name="hand_over_keys", event_types=(AccessKeyRotated,), react=react)
