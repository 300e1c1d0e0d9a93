"""Which roles a person has lent to another one, and until when."""

from datetime import datetime
from typing import Final, TypeAlias, assert_never

from pydantic import BaseModel, ConfigDict

from app.domain.decider import Happened, Register
from app.domain.delegation.events import DelegationGranted, DelegationRevoked
from app.domain.values import Role

Granting: TypeAlias = DelegationGranted | DelegationRevoked


class Grant(BaseModel):
    """A delegation that was not taken back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delegation_id: str
    delegation_no: str
    role: Role
    from_at: datetime
    until_at: datetime
    commands: tuple[str, ...] | None

    def covers(self, command: str, at: datetime) -> bool:
        """Whether it lends a command at an instant. It ends before `until_at`."""
        named = self.commands is None or command in self.commands
        return named and self.from_at <= at < self.until_at


def delegation_key(grantor: str, delegate: str) -> str:
    """Who lends to whom. No code contains a tab."""
    return f"{grantor}\t{delegate}"


def _keys(happened: Happened[Granting]) -> list[str]:
    return [delegation_key(happened.event.grantor, happened.event.to_person)]


def _fold(known: list[Grant] | None, happened: Happened[Granting], _: str) -> list[Grant] | None:
    """What has ended is dropped when the next thing happens, so that the list stays short."""
    live = [
        each
        for each in known or []
        if each.until_at > happened.at and each.delegation_id != happened.to
    ]
    match happened.event:
        case DelegationRevoked():
            return live or None
        case DelegationGranted() as event:
            grant = Grant(
                delegation_id=happened.to,
                delegation_no=event.delegation_no,
                role=event.role,
                from_at=event.from_at,
                until_at=event.until_at,
                commands=event.commands,
            )
            return [*live, grant]
        case unknown:
            assert_never(unknown)


DELEGATIONS: Final[Register[list[Grant]]] = Register(
    name="delegations",
    value_type=list[Grant],
    event_types=(DelegationGranted, DelegationRevoked),
    keys=_keys,
    fold=_fold,
)
"""By `delegation_key`, oldest first; a grant is refused when there are too many."""
