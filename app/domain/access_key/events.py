"""What can happen to an access key, and what it adds up to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from pydantic import Field, StringConstraints

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.values import Code, Reason, Role

KeyId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{12}$"),
    Field(
        description="密钥编号: the middle of `sk_<id>_<secret>`; no secret.",
        examples=["3f6c2e8b1a47"],
    ),
]
KeyLabel = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, strip_whitespace=True),
    Field(description="用途: where the key is kept and what for.", examples=["ERP, production"]),
]


class AccessKeyStatus(StrEnum):
    """What was done with a key (状态). When it ends by itself, `expires_at` says."""

    NOT_ISSUED = "NOT_ISSUED"
    ISSUED = "ISSUED"
    ROTATED = "ROTATED"
    REVOKED = "REVOKED"


# --- what can happen ------------------------------------------------------------------------


class AccessKeyIssued(Event):
    """A person or a system was given a key, with the roles it may ask in."""

    clause: ClassVar[str] = "3"

    key_id: KeyId
    person: Code
    roles: tuple[Role, ...]
    label: KeyLabel
    expires_at: datetime | None
    """The first instant at which it opens nothing; None: a system's key that does not end."""
    rotated_from: KeyId | None


class AccessKeyRotated(Event):
    """A successor takes over; until an instant both keys open."""

    clause: ClassVar[str] = "3"

    key_id: KeyId
    person: Code
    successor: KeyId
    until: datetime
    """The first instant at which the old one opens nothing."""
    successor_expires_at: datetime | None


class AccessKeyRevoked(Event):
    """A key opens nothing any more; what was done with it stands."""

    clause: ClassVar[str] = "3"

    key_id: KeyId
    person: Code | None
    """None of a key that was made at the first start, before there was a log."""
    reason: Reason


AccessKeyEvent: TypeAlias = AccessKeyIssued | AccessKeyRotated | AccessKeyRevoked

# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key as it stands."""

    status: AccessKeyStatus = AccessKeyStatus.NOT_ISSUED
    person: str = ""
    roles: tuple[Role, ...] = ()
    label: str = ""
    expires_at: datetime | None = None
    rotated_from: str | None = None
    rotated_to: str | None = None
    issued_by: str | None = None
    issued_at: datetime | None = None
    revoked_by: str | None = None
    revoked_at: datetime | None = None
    revoked_because: str | None = None

    def opens(self, at: datetime) -> bool:
        """Whether it is of use at an instant. It ends before `expires_at`."""
        given = self.status in {AccessKeyStatus.ISSUED, AccessKeyStatus.ROTATED}
        return given and (self.expires_at is None or at < self.expires_at)


def evolve(key: AccessKey, happened: Happened[AccessKeyEvent]) -> AccessKey:
    """Apply one event."""
    match happened.event:
        case AccessKeyIssued() as event:
            return AccessKey(
                status=AccessKeyStatus.ISSUED,
                person=event.person,
                roles=event.roles,
                label=event.label,
                expires_at=event.expires_at,
                rotated_from=event.rotated_from,
                issued_by=happened.by.person,
                issued_at=happened.at,
            )
        case AccessKeyRotated() as event:
            return replace(
                key,
                status=AccessKeyStatus.ROTATED,
                expires_at=event.until,
                rotated_to=event.successor,
            )
        case AccessKeyRevoked() as event:
            return replace(
                key,
                status=AccessKeyStatus.REVOKED,
                revoked_by=happened.by.person,
                revoked_at=happened.at,
                revoked_because=event.reason,
            )
        case unknown:
            assert_never(unknown)


ACCESS_KEY: Final = Stream(name="access-key", initial=AccessKey(), evolve=evolve)
"""Access keys by their id: who got in with which key."""
