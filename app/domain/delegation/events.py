"""What can happen to a delegation, and what it adds up to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias, assert_never

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.values import Code, Reason, Role


class DelegationStatus(StrEnum):
    """Whether it was taken back (状态). When it ends by itself, `until_at` says."""

    NOT_GRANTED = "NOT_GRANTED"
    GRANTED = "GRANTED"
    REVOKED = "REVOKED"


# --- what can happen ------------------------------------------------------------------------


class DelegationGranted(Event):
    """A person lent a role of his to another one, for a time."""

    clause: ClassVar[str] = "3"
    numbered: ClassVar[str | None] = "delegation_no"

    delegation_no: Code
    grantor: Code
    to_person: Code
    role: Role
    from_at: datetime
    until_at: datetime
    commands: tuple[Code, ...] | None
    reason: Reason


class DelegationRevoked(Event):
    """A delegation was taken back; what was done under it stands."""

    clause: ClassVar[str] = "3"

    delegation_no: Code
    grantor: Code
    to_person: Code
    role: Role
    reason: Reason


DelegationEvent: TypeAlias = DelegationGranted | DelegationRevoked

# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delegation:
    """A delegation as it stands."""

    status: DelegationStatus = DelegationStatus.NOT_GRANTED
    delegation_no: str = ""
    grantor: str = ""
    to_person: str = ""
    role: Role = Role.SYSTEM
    from_at: datetime | None = None
    until_at: datetime | None = None
    commands: tuple[str, ...] | None = None
    reason: str = ""
    revoked_by: str | None = None
    revoked_at: datetime | None = None
    revoked_because: str | None = None


def evolve(delegation: Delegation, happened: Happened[DelegationEvent]) -> Delegation:
    """Apply one event."""
    match happened.event:
        case DelegationGranted() as event:
            return Delegation(status=DelegationStatus.GRANTED, **event.said())
        case DelegationRevoked() as event:
            return replace(
                delegation,
                status=DelegationStatus.REVOKED,
                revoked_by=happened.by.person,
                revoked_at=happened.at,
                revoked_because=event.reason,
            )
        case unknown:
            assert_never(unknown)


DELEGATION: Final = Stream(name="delegation", initial=Delegation(), evolve=evolve)
"""Delegations: who may act in whose name, in which role, for how long."""
