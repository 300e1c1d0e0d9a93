"""附件台账: which files belong to which record, who added them, and their hashes. Clause 5.2.

One row an attachment, read from its state. By `about`, all files of a record are one query; by
`sha256`, all records that one and the same file was attached to.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Final

from pydantic import Field

from app.domain.aggregates import AGGREGATES
from app.domain.attachment.events import ATTACHMENT, Attachment
from app.domain.attachment.words import AttachmentKind, AttachmentStatus
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow

COLLECTIONS: Final = {each.name: each.collection for each in AGGREGATES}
ATTACHED_TO: Final = """
    SELECT 'attachment-' || row_id AS stream FROM attachments_ledger
    WHERE stream = ANY($1::text[]) ORDER BY attachment_no
"""
"""The streams of what is attached to some records, by their streams."""
NUMBER: Final = re.compile(r"AT-\d{4}-\d{6,9}", re.ASCII)
"""What an attachment's number looks like."""
ID_OF_NO: Final = "SELECT row_id FROM attachments_ledger WHERE attachment_no = $1"
"""The id of an attachment by the number that people name it by."""


class AttachmentRow(LedgerRow):
    """One attachment."""

    attachment_id: str = Field(title="附件ID")
    attachment_no: str = Field(title="附件号")
    about: str = Field(title="所属记录", description="As its address ends: `claims/<id>`.")
    stream: str = Field(title="流", description="The same record, as the log calls it.")
    kind: AttachmentKind = Field(title="附件类别")
    file_name: str = Field(title="文件名")
    media_type: str = Field(title="媒体类型")
    size_bytes: int = Field(title="字节数")
    sha256: str = Field(title="SHA-256")
    description: str | None = Field(title="说明")
    taken_on: date | None = Field(title="拍摄日期")
    added_by: str = Field(title="添加人")
    added_at: Instant = Field(title="添加时间")
    status: AttachmentStatus = Field(title="状态")
    withdrawn_by: str | None = Field(title="撤回人")
    withdrawn_at: Instant | None = Field(title="撤回时间")
    withdrawn_because: str | None = Field(title="撤回原因")


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The attachment that an event concerns."""
    return (recorded.happened.to,)


def fold(_: AttachmentRow | None, recorded: Recorded, key: str) -> AttachmentRow:
    """The row after an event: what the attachment says."""
    attachment: Attachment = recorded.state
    about = attachment.about
    assert about is not None  # noqa: S101 - every attachment begins with its record
    address = {"about": f"{COLLECTIONS[about.kind]}/{about.id}", "stream": about.stream}
    said = asdict(attachment) | address
    return AttachmentRow.model_validate({"attachment_id": key, **said})


ATTACHMENTS_LEDGER: Final = Ledger[AttachmentRow](
    name="attachments_ledger",
    version=2,
    title="Ledger of attachments",
    title_zh="附件台账",
    clauses=("5.2",),
    row_type=AttachmentRow,
    event_types=ATTACHMENT.event_types,
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "attachment_no": "text",
        "added_at": "text",
        "about": "text",
        "stream": "text",
        "kind": "text",
        "added_by": "text",
        "status": "text",
        "sha256": "text",
    },
    sorts=("attachment_no", "added_at"),
    filters={
        "attachment_no": Filter("attachment_no", "=", "附件号."),
        "about": Filter("about", "=", "所属记录: `feedback-cases/<id>`, as its address ends."),
        "stream": Filter("stream", "=", "流: the same, as the log calls the record."),
        "kind": Filter("kind", "=", "附件类别."),
        "added_by": Filter("added_by", "=", "添加人."),
        "status": Filter("status", "=", "状态."),
        "sha256": Filter("sha256", "=", "SHA-256: wherever the same file was attached."),
        "added_from": Filter("added_at", ">=", "添加时间, from this instant on."),
        "added_to": Filter("added_at", "<=", "添加时间, up to this instant."),
    },
)
