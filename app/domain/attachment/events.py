"""What can happen to an attachment, and what it adds up to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.attachment.words import (
    AttachedTo,
    AttachmentKind,
    AttachmentStatus,
    Bytes,
    Sha256,
)
from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.values import Code, Reason, Text

# --- what can happen ------------------------------------------------------------------------


class AttachmentAdded(Event):
    """A file was attached to a record; the store keeps it under its hash."""

    clause: ClassVar[str] = "5.2"
    numbered: ClassVar[str | None] = "attachment_no"

    attachment_no: Code
    about: AttachedTo
    kind: AttachmentKind
    file_name: str = Field(description="As it was called; it names nothing in the store.")
    media_type: str
    size_bytes: Bytes
    sha256: Sha256
    description: Text | None
    taken_on: date | None = Field(description="Of a photo: when it was taken; else its date.")


class AttachmentWithdrawn(Event):
    """A file had been attached by mistake; it is not shown any more, and stays."""

    clause: ClassVar[str] = "5.2"

    attachment_no: Code
    reason: Reason


AttachmentEvent: TypeAlias = AttachmentAdded | AttachmentWithdrawn

# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment as it stands."""

    status: AttachmentStatus = AttachmentStatus.NOT_ADDED
    attachment_no: str = ""
    about: AttachedTo | None = None
    kind: AttachmentKind = AttachmentKind.OTHER
    file_name: str = ""
    media_type: str = ""
    size_bytes: int = 0
    sha256: str = ""
    description: str | None = None
    taken_on: date | None = None
    added_by: str = ""
    added_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_because: str | None = None


def evolve(attachment: Attachment, happened: Happened[AttachmentEvent]) -> Attachment:
    """Apply one event."""
    by, at = happened.by.person, happened.at
    match happened.event:
        case AttachmentAdded() as event:
            return Attachment(
                status=AttachmentStatus.ADDED, added_by=by, added_at=at, **event.said()
            )
        case AttachmentWithdrawn(reason=reason):
            return replace(
                attachment,
                status=AttachmentStatus.WITHDRAWN,
                withdrawn_by=by,
                withdrawn_at=at,
                withdrawn_because=reason,
            )
        case unknown:
            assert_never(unknown)


ATTACHMENT: Final = Stream(name="attachment", initial=Attachment(), evolve=evolve)
"""Attachments: which file belongs to which record."""
