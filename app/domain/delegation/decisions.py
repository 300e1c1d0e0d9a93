"""What can be asked of a delegation, why it may say no, and what it answers."""

from datetime import timedelta
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from pydantic import Field, StringConstraints
from typing_extensions import override

from app.domain.decider import Asked, Command, Decider, World
from app.domain.delegation.events import (
    DELEGATION,
    Delegation,
    DelegationEvent,
    DelegationGranted,
    DelegationRevoked,
    DelegationStatus,
)
from app.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound, Refused
from app.domain.registers.delegations import DELEGATIONS, delegation_key
from app.domain.registers.numbers import next_no
from app.domain.values import Actor, Code, Instant, Reason, Role, shanghai_day

DAYS_MAX: Final = 366
GRANTS_MAX: Final = 20
"""Live delegations from one person to another."""
LENDERS: Final = frozenset(Role) - {
    Role.SYSTEM,
    Role.INTEGRATION,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
}
"""Machines act in nobody's name, an auditor has nothing to lend, and whoever hands out access
does only that."""

CommandName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]{2,63}$")]

# --- why it may say no ----------------------------------------------------------------------


class DelegationNotPassedOn(Forbidden):
    """What was delegated is not passed on, nor taken back, in the grantor's name.

    Delegations are granted and revoked in one's own name, without `Sanbao-On-Behalf-Of`.

    「授权委托不得转授,也不得代为撤销。」
    """

    clause = "3"


class DelegationNotOwnRole(Forbidden):
    """Nobody delegates a role that he does not ask with.

    Use the key that has the role.

    「只能委托本人当前使用的角色。」
    """

    clause = "3"


class DelegationNotYours(Forbidden):
    """Only the grantor and the general manager revoke a delegation.

    「只有授权人或总经理可以撤销授权委托。」
    """

    clause = "3"


class DelegationToOneself(Invalid):
    """Nobody delegates to himself.

    「不能委托给本人。」
    """


class DelegationNotAhead(Invalid):
    """A delegation begins today at the earliest, and ends after it begins and after now.

    What is past cannot be delegated any more; see `now` in the details.

    「授权委托不得追溯,且结束时间须晚于开始时间和当前时间。」
    """


class DelegationTooLong(Invalid):
    """A delegation lasts for at most 366 days.

    「授权委托期限不得超过 366 天。」
    """


class TooManyDelegations(Refused):
    """There are too many live delegations to this person already.

    Revoke some of them, or wait until they end.

    「对该人员的有效授权委托过多。」
    """


class DelegationIsRevoked(Refused):
    """The delegation was revoked already.

    「授权委托已被撤销。」
    """


# --- what can be asked ----------------------------------------------------------------------


class GrantDelegation(Command):
    """Lend a role of one's own to another person for a time (授权委托)."""

    clause: ClassVar[str] = "3"
    roles: ClassVar[frozenset[Role]] = LENDERS
    opens: ClassVar[bool] = True
    refusals = (
        AlreadyExists,
        DelegationNotPassedOn,
        DelegationNotOwnRole,
        DelegationToOneself,
        DelegationNotAhead,
        DelegationTooLong,
        TooManyDelegations,
    )

    to_person: Code = Field(description="受托人: who may act in the grantor's name.")
    role: Role = Field(description="The role that is lent; one that the grantor's key has.")
    from_at: Instant
    until_at: Instant = Field(description="The first instant at which it is over.")
    commands: tuple[CommandName, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="The commands that are lent, by name; left out: all of the role.",
        examples=[["ConfirmClaimAmount"]],
    )
    reason: Reason

    @override
    def hats(self) -> frozenset[Role]:
        """The role that is lent is the one to ask with."""
        return self.roles & {self.role}


class RevokeDelegation(Command):
    """Take a delegation back before it ends (撤销授权)."""

    clause: ClassVar[str] = "3"
    roles: ClassVar[frozenset[Role]] = LENDERS
    refusals = (NotFound, DelegationNotPassedOn, DelegationNotYours, DelegationIsRevoked)

    reason: Reason

    @override
    def hats(self) -> frozenset[Role]:
        """The general manager takes back anybody's; a grantor his own in any role."""
        return frozenset({Role.GENERAL_MANAGER})


DelegationCommand: TypeAlias = GrantDelegation | RevokeDelegation

# --- what it answers ------------------------------------------------------------------------


def decide(
    asked: Asked[DelegationCommand], delegation: Delegation, world: World
) -> list[DelegationEvent]:
    """The table of contents: one line a command."""
    if asked.by.on_behalf_of is not None:
        raise DelegationNotPassedOn(on_behalf_of=asked.by.on_behalf_of)
    match asked.command:
        case GrantDelegation() as command:
            return grant(asked.by, command, delegation, world)
        case RevokeDelegation() as command:
            return revoke(asked.by, command, delegation)
        case _:
            assert_never(asked.command)


def grant(
    by: Actor, command: GrantDelegation, delegation: Delegation, world: World
) -> list[DelegationEvent]:
    """Grant it.

    Raises:
        AlreadyExists: the id is taken.
        DelegationNotOwnRole: the grantor asks with another role than the one he lends.
        DelegationToOneself: there is nobody to lend it to.
        DelegationNotAhead, DelegationTooLong: it lies in the past, or does not end in time.
        TooManyDelegations: the person has enough of them.
    """
    if delegation.status is not DelegationStatus.NOT_GRANTED:
        raise AlreadyExists(delegation_no=delegation.delegation_no)
    if command.role is not by.role:
        raise DelegationNotOwnRole(field="role", asked_with=by.role)
    if command.to_person == by.person:
        raise DelegationToOneself(field="to_person")
    _must_lie_ahead(command, world)
    known = world.entry_in(DELEGATIONS, delegation_key(by.person, command.to_person)) or []
    live = [each.delegation_no for each in known if each.until_at > world.at]
    if len(live) >= GRANTS_MAX:
        raise TooManyDelegations(field="to_person", live=live)
    granted = DelegationGranted(
        delegation_no=next_no(world, "DG"), grantor=by.person, **dict(command)
    )
    return [granted]


def _must_lie_ahead(command: GrantDelegation, world: World) -> None:
    """From today on: `from_at` is what the caller's clock says, which may be a little behind."""
    if shanghai_day(command.from_at) < shanghai_day(world.at):
        raise DelegationNotAhead(field="from_at", now=world.at.isoformat())
    if command.until_at <= max(command.from_at, world.at):
        raise DelegationNotAhead(field="until_at", now=world.at.isoformat())
    if command.until_at - command.from_at > timedelta(days=DAYS_MAX):
        raise DelegationTooLong(field="until_at", days_max=DAYS_MAX)


def revoke(by: Actor, command: RevokeDelegation, delegation: Delegation) -> list[DelegationEvent]:
    """Take it back.

    Raises:
        NotFound: nothing was granted under this id.
        DelegationNotYours: neither the grantor nor the general manager asks.
        DelegationIsRevoked: it was taken back before.
    """
    if delegation.status is DelegationStatus.NOT_GRANTED:
        raise NotFound
    if by.person != delegation.grantor and by.role is not Role.GENERAL_MANAGER:
        raise DelegationNotYours(grantor=delegation.grantor)
    if delegation.status is DelegationStatus.REVOKED:
        raise DelegationIsRevoked(revoked_by=delegation.revoked_by)
    revoked = DelegationRevoked(
        delegation_no=delegation.delegation_no,
        grantor=delegation.grantor,
        to_person=delegation.to_person,
        role=delegation.role,
        reason=command.reason,
    )
    return [revoked]


delegation: Decider[DelegationCommand, Delegation, DelegationEvent] = Decider(
    stream=DELEGATION, decide=decide, collection="delegations", label_zh="授权委托"
)
