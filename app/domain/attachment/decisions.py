"""What can be asked of an attachment, why it may say no, and what it answers.

Decisions see neither the file nor every record there is: that the record exists, that the file is
in the store and is what it says, is looked after at the door (app/api/uploads.py).
"""

from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field
from typing_extensions import override

from app.domain.attachment.events import (
    ATTACHMENT,
    Attachment,
    AttachmentAdded,
    AttachmentEvent,
    AttachmentWithdrawn,
)
from app.domain.attachment.words import (
    EXTENSIONS,
    AttachedTo,
    AttachmentKind,
    AttachmentStatus,
    Bytes,
    FileName,
    MediaType,
    Sha256,
)
from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import (
    AlreadyExists,
    Forbidden,
    InTheFuture,
    Invalid,
    Missing,
    NotFound,
    Refused,
)
from app.domain.registers.numbers import next_no
from app.domain.values import Actor, Day, Reason, Role, Text, shanghai_day

ADDERS: Final = frozenset(Role) - {Role.SYSTEM, Role.AUDITOR}
"""Everybody who records facts."""

# --- why it may say no ----------------------------------------------------------------------


class AttachedToNothing(Missing):
    """There is no record of this kind and id to attach a file to.

    Name it as its address does: `about=feedback-cases/<id>`.

    「没有可附加文件的该记录。」
    """


class FileNameDoesNotFit(Invalid):
    """The file is not called as files of its media type are.

    See `extensions` in the details; files of other types are not taken.

    「文件扩展名与媒体类型不符。」
    """


class AttachmentNotYours(Forbidden):
    """Only whoever added an attachment, or the quality manager, withdraws it.

    「只有附件添加人或品保经理可以撤回附件。」
    """


class AttachmentIsWithdrawn(Refused):
    """The attachment was withdrawn already.

    「该附件已被撤回。」
    """


# --- what can be asked ----------------------------------------------------------------------


class AddAttachment(Command):
    """Attach a file to a record (添加附件)."""

    clause: ClassVar[str] = "5.2"
    roles: ClassVar[frozenset[Role]] = ADDERS
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists, AttachedToNothing, FileNameDoesNotFit, InTheFuture)

    about: AttachedTo
    kind: AttachmentKind
    file_name: FileName
    media_type: MediaType
    size_bytes: Bytes
    sha256: Sha256
    description: Text | None = Field(default=None, description="What it shows (说明).")
    taken_on: Day | None = Field(
        default=None, description="Of a photo: when it was taken; else its date (拍摄日期)."
    )


class WithdrawAttachment(Command):
    """Say that a file was attached by mistake (撤回附件)."""

    clause: ClassVar[str] = "5.2"
    roles: ClassVar[frozenset[Role]] = ADDERS
    refusals = (NotFound, AttachmentNotYours, AttachmentIsWithdrawn)

    reason: Reason

    @override
    def hats(self) -> frozenset[Role]:
        """The quality manager withdraws anybody's; whoever added it, his own in any role."""
        return frozenset({Role.QA_MANAGER})


AttachmentCommand: TypeAlias = AddAttachment | WithdrawAttachment

# --- what it answers ------------------------------------------------------------------------


def decide(
    asked: Asked[AttachmentCommand], attachment: Attachment, world: World
) -> list[AttachmentEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case AddAttachment() as command:
            return add(command, attachment, world)
        case WithdrawAttachment() as command:
            return withdraw(asked.by, command, attachment)
        case _:
            assert_never(asked.command)


def add(command: AddAttachment, attachment: Attachment, world: World) -> list[AttachmentEvent]:
    """Add it.

    Raises:
        AlreadyExists: the id is taken.
        FileNameDoesNotFit: its name is that of another type.
        InTheFuture: it was not taken yet.
    """
    if attachment.status is not AttachmentStatus.NOT_ADDED:
        raise AlreadyExists(attachment_no=attachment.attachment_no)
    must_be_called(command.file_name, command.media_type)
    if command.taken_on is not None and command.taken_on > shanghai_day(world.at):
        raise InTheFuture(field="taken_on")
    return [AttachmentAdded(attachment_no=next_no(world, "AT"), **dict(command))]


def must_be_called(file_name: str, media_type: str) -> None:
    """Whoever opens a downloaded file has it opened by what its name ends in.

    Raises:
        FileNameDoesNotFit: in another ending than those of its media type.
    """
    extensions = EXTENSIONS.get(media_type, ())
    if not file_name.lower().endswith(extensions):
        raise FileNameDoesNotFit(field="file_name", extensions=list(extensions))


def withdraw(
    by: Actor, command: WithdrawAttachment, attachment: Attachment
) -> list[AttachmentEvent]:
    """Withdraw it.

    Raises:
        NotFound: nothing was added under this id.
        AttachmentNotYours: neither who added it nor the quality manager asks.
        AttachmentIsWithdrawn: it was withdrawn before.
    """
    if attachment.status is AttachmentStatus.NOT_ADDED:
        raise NotFound
    its_own = attachment.added_by in {by.person, by.on_behalf_of}
    if not its_own and by.role is not Role.QA_MANAGER:
        raise AttachmentNotYours(added_by=attachment.added_by)
    if attachment.status is AttachmentStatus.WITHDRAWN:
        raise AttachmentIsWithdrawn(withdrawn_by=attachment.withdrawn_by)
    return [AttachmentWithdrawn(attachment_no=attachment.attachment_no, reason=command.reason)]


attachment: Decider[AttachmentCommand, Attachment, AttachmentEvent] = Decider(
    stream=ATTACHMENT, decide=decide, collection="attachments", label_zh="附件"
)
