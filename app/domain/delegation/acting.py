"""Acting in another's name: which hat was lent, and whose heads a decision concerns."""

from collections.abc import Iterator
from typing import NamedTuple

from app.domain.decider import Command, World
from app.domain.errors import Forbidden
from app.domain.registers.delegations import DELEGATIONS, delegation_key
from app.domain.replacing import replace
from app.domain.values import Actor


class NotDelegated(Forbidden):
    """The person in whose name you ask has not delegated this to you.

    Ask the `grantor` for a delegation of one of the `roles` that covers this command and this
    instant, or leave `Sanbao-On-Behalf-Of` out and ask in your own name.

    「被代表人未将该操作授权给您,或授权已失效。」
    """

    clause = "3"


class Deputy(NamedTuple):
    """Somebody who acted in another's name."""

    person: str
    principal: str


def in_lent_hat(by: Actor, command: Command, world: World) -> Actor:
    """The asker in the role that the principal lent him for the command: the oldest that fits.

    Raises:
        NotDelegated: no live delegation covers it.
    """
    grantor = by.on_behalf_of or ""
    name = type(command).__name__
    for grant in world.entry_in(DELEGATIONS, delegation_key(grantor, by.person)) or []:
        if grant.role in command.roles and grant.covers(name, world.at):
            return replace(by, role=grant.role)
    raise NotDelegated(grantor=grantor, roles=sorted(command.roles), command=name)


def further_heads(by: Actor, deputies: frozenset[Deputy]) -> Iterator[Actor]:
    """Everybody else as whom the asker counts in a record, for segregation of duties.

    His principal does not do through him what he may not do himself. And what a deputy did in
    somebody's name before stands there as the deputy's: it is that person's doing as well.

    Args:
        by: who asks, in whichever name.
        deputies: who acted in whose name in this record.
    """
    own = {by.person} if by.on_behalf_of is None else {by.person, by.on_behalf_of}
    acted = {each.person for each in deputies if each.principal in own}
    for head in sorted((own | acted) - {by.person}):
        yield replace(by, person=head)
