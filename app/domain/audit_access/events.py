"""What can happen to an audit access: it is recorded, once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.decider import Event, Happened, Stream
from app.domain.values import Code, Role, Text

Position = Annotated[int, Field(ge=0, le=2**62, strict=True)]
Many = Annotated[int, Field(ge=0, le=2**53, strict=True)]


class AccessKind(StrEnum):
    """What was done with the log (访问方式)."""

    EXPORT = "EXPORT"
    BULK_READ = "BULK_READ"
    WHAT_IF = "WHAT_IF"
    REPLAY = "REPLAY"
    VERIFY = "VERIFY"
    REBUILD = "REBUILD"


class AuditAccessRecorded(Event):
    """Somebody took or read much of the log, looked after it, or asked what would have been."""

    clause: ClassVar[str] = "5.2"
    numbered: ClassVar[str | None] = "access_no"

    access_no: Code
    kind: AccessKind
    person: Code
    role: Role
    key_id: Code = Field(description="The key that asked; the person may have several.")
    what: Text = Field(description="The address, with its question.")
    after: Position | None = Field(description="Positions above this one; None: not by position.")
    up_to: Position | None = Field(description="The last position; None: not by position.")
    count: Many = Field(description="Events or rows: of an export, those that were asked for.")
    purpose: Text | None = Field(description="As the reader states it.")


AuditAccessEvent: TypeAlias = AuditAccessRecorded


@dataclass(frozen=True, slots=True)
class AuditAccess:
    """An access as it was recorded."""

    access_no: str = ""
    kind: AccessKind | None = None
    person: str = ""
    role: Role = Role.SYSTEM
    key_id: str = ""
    what: str = ""
    after: int | None = None
    up_to: int | None = None
    count: int = 0
    purpose: str | None = None
    at: datetime | None = None


def evolve(_: AuditAccess, happened: Happened[AuditAccessEvent]) -> AuditAccess:
    """Apply one event."""
    match happened.event:
        case AuditAccessRecorded() as event:
            return AuditAccess(at=happened.at, **event.said())
        case unknown:
            assert_never(unknown)


AUDIT_ACCESS: Final = Stream(name="audit-access", initial=AuditAccess(), evolve=evolve)
"""Audit accesses: who read or took how much of the log."""
