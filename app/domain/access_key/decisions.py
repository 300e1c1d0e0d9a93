"""What can be asked of an access key, why it may say no, and what it answers."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError
from typing_extensions import override

from app.domain.access_key.events import (
    ACCESS_KEY,
    AccessKey,
    AccessKeyEvent,
    AccessKeyIssued,
    AccessKeyRevoked,
    AccessKeyRotated,
    AccessKeyStatus,
    KeyLabel,
)
from app.domain.access_key.roles import alone_among, is_reserved
from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import AlreadyExists, Forbidden, Invalid, Refused
from app.domain.registers.access_keys import KEYS_OF_PERSON
from app.domain.values import Actor, Code, Instant, Reason, Role

DAYS_MAX: Final = 400
"""Of a person's key; a system's may be without an end."""
DAYS_UNLESS_SAID: Final = 365
OVERLAP_HOURS_MAX: Final = 720
LAST: Final = datetime.max.replace(tzinfo=UTC)

KEYHOLDERS: Final = frozenset(Role) - {Role.SYSTEM, Role.INTEGRATION, Role.AUDITOR}
"""Who may give back his own key himself; machines and auditors do nothing but their one task."""


def _never_sent(value: object, told: ValidationInfo) -> object:
    """The door names keys; to whoever sends a name there is no such field."""
    if told.mode == "json":
        raise PydanticCustomError("extra_forbidden", "Extra inputs are not permitted")
    return value


NewKeyId = SkipJsonSchema[Annotated[str, BeforeValidator(_never_sent)]]

# --- why it may say no ----------------------------------------------------------------------


class SodAccessKey(Forbidden):
    """Whoever hands out access gives himself nothing but the right to hand it out.

    Another administrator issues the key.

    「管理员不得为本人签发业务角色的密钥。」
    """

    clause = "3"


class AccessKeyNotYours(Forbidden):
    """Only an administrator revokes another one's key.

    「只有系统管理员可以撤销他人的密钥。」
    """

    clause = "3"


class RolesStandAlone(Invalid):
    """These roles are not held by one person together.

    Whoever hands out access decides nothing, whoever audits does nothing, and another system
    only reports facts: see `alone` and what the person `holds` already. Use another person, or
    revoke the other key.

    「该角色不得与其他角色由同一人兼任。」
    """

    clause = "3"


class RoleNotGiven(Invalid):
    """The service's own role is given to nobody.

    「本系统角色不得授予任何人。」
    """


class PersonReserved(Invalid):
    """The log means the service or its operator by this name.

    「该人员名称为系统保留。」
    """


class AccessKeyNotAhead(Invalid):
    """A key ends after now.

    「密钥到期时间须晚于当前时间。」
    """


class AccessKeyTooLong(Invalid):
    """A person's key ends within 400 days; rotate it before.

    「个人密钥有效期不得超过 400 天。」
    """


class AccessKeyNotRecorded(Refused):
    """A key of the first start cannot be rotated: the log does not know whose it is.

    Issue another one, then revoke this one.

    「首次启动时生成的密钥不能轮换,请另行签发后撤销。」
    """


class AccessKeyIsOver(Refused):
    """The key has ended, or was revoked or rotated already.

    Rotate its `successor`, or issue another one.

    「密钥已失效、已撤销或已轮换。」
    """


class TwoKeysOpen(Refused):
    """The key before this one still opens; there are never three.

    Wait `until` it has ended, or revoke it.

    「上一把密钥仍然有效,同时有效的密钥不得超过两把。」
    """


# --- what can be asked ----------------------------------------------------------------------


class IssueAccessKey(Command):
    """Give a person or a system a key (签发访问密钥).

    The answer holds the key's text, this once: only a keyed hash of it is kept.
    """

    clause: ClassVar[str] = "3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.ADMINISTRATOR})
    opens: ClassVar[bool] = True
    refusals = (
        AlreadyExists,
        SodAccessKey,
        RolesStandAlone,
        RoleNotGiven,
        PersonReserved,
        AccessKeyNotAhead,
        AccessKeyTooLong,
    )

    person: Code = Field(description="人员: whose key it is; of a system, its name.")
    in_roles: tuple[Role, ...] = Field(
        min_length=1,
        max_length=len(Role),
        description="角色: in which the key may ask; the first that fits is worn.",
    )
    label: KeyLabel
    expires_at: Instant | None = Field(
        default=None,
        description="到期时间: at most 400 days ahead; left out: in a year. A system's key may go "
        "on without end: left out, it does.",
    )


class RotateAccessKey(Command):
    """Have a successor take over from a key (轮换访问密钥).

    The answer holds the successor's text, this once; both open until the old one ends.
    """

    clause: ClassVar[str] = "3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.ADMINISTRATOR})
    refusals = (
        AccessKeyNotRecorded,
        AccessKeyIsOver,
        TwoKeysOpen,
        AccessKeyNotAhead,
        AccessKeyTooLong,
    )

    overlap_hours: int = Field(
        ge=0,
        le=OVERLAP_HOURS_MAX,
        strict=True,
        description="重叠时间: for how many hours the old key goes on.",
    )
    expires_at: Instant | None = Field(
        default=None, description="到期时间 of the successor, as when a key is issued."
    )
    successor: NewKeyId = ""


class RevokeAccessKey(Command):
    """Have a key open nothing any more (撤销访问密钥): an administrator, or whose key it is."""

    clause: ClassVar[str] = "3"
    roles: ClassVar[frozenset[Role]] = KEYHOLDERS
    refusals = (AccessKeyNotYours, AccessKeyIsOver)

    reason: Reason

    @override
    def hats(self) -> frozenset[Role]:
        """The administrator revokes anybody's; whose key it is his own in any role."""
        return frozenset({Role.ADMINISTRATOR})


class TakeOverAccessKey(Command):
    """The successor of a key that was rotated, for the same person in the same roles (密钥接替)."""

    clause: ClassVar[str] = "3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists,)

    person: Code
    in_roles: tuple[Role, ...]
    label: KeyLabel
    expires_at: datetime | None
    rotated_from: str


AccessKeyCommand: TypeAlias = IssueAccessKey | RotateAccessKey | RevokeAccessKey | TakeOverAccessKey

# --- what it answers ------------------------------------------------------------------------


def decide(asked: Asked[AccessKeyCommand], key: AccessKey, world: World) -> list[AccessKeyEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case IssueAccessKey() as command:
            return issue(asked, command, key, world)
        case RotateAccessKey() as command:
            return rotate(asked, command, key, world)
        case RevokeAccessKey() as command:
            return revoke(asked, command, key)
        case TakeOverAccessKey() as command:
            return take_over(asked, command, key)
        case _:
            assert_never(asked.command)


def issue(
    asked: Asked[AccessKeyCommand], command: IssueAccessKey, key: AccessKey, world: World
) -> list[AccessKeyEvent]:
    """Issue it.

    Raises:
        AlreadyExists: the id is taken.
        RoleNotGiven, PersonReserved: it is for nobody.
        SodAccessKey: an administrator would give himself another role.
        RolesStandAlone: one of the roles is not held beside another.
        AccessKeyNotAhead, AccessKeyTooLong: it ends at the wrong time.
    """
    if key.status is not AccessKeyStatus.NOT_ISSUED:
        raise AlreadyExists(key_id=asked.to)
    if is_reserved(command.person):
        raise PersonReserved(field="person")
    roles = tuple(dict.fromkeys(command.in_roles))
    if Role.SYSTEM in roles:
        raise RoleNotGiven(field="in_roles")
    if command.person == asked.by.person and set(roles) != {Role.ADMINISTRATOR}:
        raise SodAccessKey(field="in_roles", person=command.person)
    _must_stand_together(command.person, roles, world)
    issued = AccessKeyIssued(
        key_id=asked.to,
        person=command.person,
        roles=roles,
        label=command.label,
        expires_at=_end(roles, command.expires_at, world.at),
        rotated_from=None,
    )
    return [issued]


def _must_stand_together(person: str, roles: tuple[Role, ...], world: World) -> None:
    """On the person, not on the key: two keys in one hand are one hand.

    Raises:
        RolesStandAlone: with what he holds already, a role would not stand alone.
    """
    known = world.entry_in(KEYS_OF_PERSON, person) or []
    held = {role for each in known if each.opens(world.at) for role in each.roles}
    alone = alone_among({*roles, *held})
    if alone is not None:
        raise RolesStandAlone(field="in_roles", alone=alone, holds=sorted(held))


def _end(roles: tuple[Role, ...], said: datetime | None, at: datetime) -> datetime | None:
    """When a key that is made now ends.

    Raises:
        AccessKeyNotAhead: before it begins.
        AccessKeyTooLong: it is a person's.
    """
    is_system = Role.INTEGRATION in roles
    if said is None:
        return None if is_system else _after(at, timedelta(days=DAYS_UNLESS_SAID))
    if said <= at:
        raise AccessKeyNotAhead(field="expires_at", now=at.isoformat())
    if not is_system and said - at > timedelta(days=DAYS_MAX):
        raise AccessKeyTooLong(field="expires_at", days_max=DAYS_MAX)
    return said


def _after(at: datetime, span: timedelta) -> datetime:
    """So much later, as far as the calendar goes: a sandbox's clock may stand at its end."""
    return min(at, LAST - span) + span


def rotate(
    asked: Asked[AccessKeyCommand], command: RotateAccessKey, key: AccessKey, world: World
) -> list[AccessKeyEvent]:
    """Rotate it.

    Raises:
        AccessKeyNotRecorded: it was made at the first start.
        AccessKeyIsOver: it ended, or was revoked or rotated.
        TwoKeysOpen: its own predecessor has not ended yet.
        AccessKeyNotAhead, AccessKeyTooLong: the successor ends at the wrong time.
    """
    if key.status is AccessKeyStatus.NOT_ISSUED:
        raise AccessKeyNotRecorded(key_id=asked.to)
    if key.status is not AccessKeyStatus.ISSUED or not key.opens(world.at):
        raise AccessKeyIsOver(status=key.status, successor=key.rotated_to)
    if key.rotated_from is not None:
        before = world.state_of(ACCESS_KEY, key.rotated_from)
        if before.opens(world.at):
            raise TwoKeysOpen(key_id=key.rotated_from, until=before.expires_at)
    until = _after(world.at, timedelta(hours=command.overlap_hours))
    rotated = AccessKeyRotated(
        key_id=asked.to,
        person=key.person,
        successor=command.successor,
        until=until if key.expires_at is None else min(until, key.expires_at),
        successor_expires_at=_end(key.roles, command.expires_at, world.at),
    )
    return [rotated]


def revoke(
    asked: Asked[AccessKeyCommand], command: RevokeAccessKey, key: AccessKey
) -> list[AccessKeyEvent]:
    """Revoke it; of a key of the first start, the door has looked whether there is one.

    Raises:
        AccessKeyNotYours: it is another one's.
        AccessKeyIsOver: it was revoked before.
    """
    by = asked.by
    if by.role is not Role.ADMINISTRATOR and not _is_his(key, by):
        raise AccessKeyNotYours
    if key.status is AccessKeyStatus.REVOKED:
        raise AccessKeyIsOver(status=key.status, revoked_by=key.revoked_by)
    revoked = AccessKeyRevoked(key_id=asked.to, person=key.person or None, reason=command.reason)
    return [revoked]


def _is_his(key: AccessKey, by: Actor) -> bool:
    return by.person == key.person and by.on_behalf_of is None


def take_over(
    asked: Asked[AccessKeyCommand], command: TakeOverAccessKey, key: AccessKey
) -> list[AccessKeyEvent]:
    """Take over.

    Raises:
        AlreadyExists: the id is taken.
    """
    if key.status is not AccessKeyStatus.NOT_ISSUED:
        raise AlreadyExists(key_id=asked.to)
    taken = AccessKeyIssued(
        key_id=asked.to,
        person=command.person,
        roles=command.in_roles,
        label=command.label,
        expires_at=command.expires_at,
        rotated_from=command.rotated_from,
    )
    return [taken]


access_key: Final[Decider[AccessKeyCommand, AccessKey, AccessKeyEvent]] = Decider(
    stream=ACCESS_KEY,
    decide=decide,
    collection="access-keys",
    label_zh="访问密钥",
    identity="code",
    code_name="key_id",
)
