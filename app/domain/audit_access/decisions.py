"""What can be asked of an audit access: that the service records it."""

from typing import ClassVar, TypeAlias, assert_never

from app.domain.audit_access.events import (
    AUDIT_ACCESS,
    AccessKind,
    AuditAccess,
    AuditAccessEvent,
    AuditAccessRecorded,
    Many,
    Position,
)
from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import AlreadyExists
from app.domain.registers.numbers import next_no
from app.domain.values import Code, Role, Text


class RecordAuditAccess(Command):
    """Write down who reads how much of the log, before it is read (记录审核访问)."""

    clause: ClassVar[str] = "5.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists,)

    kind: AccessKind
    person: Code
    role: Role
    key_id: Code
    what: Text
    after: Position | None = None
    up_to: Position | None = None
    count: Many = 0
    purpose: Text | None = None


AuditAccessCommand: TypeAlias = RecordAuditAccess


def decide(
    asked: Asked[AuditAccessCommand], access: AuditAccess, world: World
) -> list[AuditAccessEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case RecordAuditAccess() as command:
            return record(command, access, world)
        case unknown:
            assert_never(unknown)


def record(command: RecordAuditAccess, access: AuditAccess, world: World) -> list[AuditAccessEvent]:
    """Record it. An export without an end ends with the very event of its beginning.

    Raises:
        AlreadyExists: the id is taken.
    """
    if access.kind is not None:
        raise AlreadyExists(access_no=access.access_no)
    up_to, count = command.up_to, command.count
    if command.kind is AccessKind.EXPORT:
        up_to = world.position + 1 if up_to is None else up_to
        count = up_to - (command.after or 0)
    said = dict(command) | {"up_to": up_to, "count": count}
    return [AuditAccessRecorded(access_no=next_no(world, "AA"), **said)]


audit_access: Decider[AuditAccessCommand, AuditAccess, AuditAccessEvent] = Decider(
    stream=AUDIT_ACCESS, decide=decide, collection="audit-accesses", label_zh="审核访问"
)
