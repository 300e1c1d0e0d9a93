"""The files of a dossier: what is attached to its records, and what their events name by number.

How many go in is bounded; of each that does not, the list says why. What goes in was compared with
its hash, and is compared again by the script that goes with it.
"""

import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

from app.domain.attachment.events import ATTACHMENT
from app.domain.attachment.words import AttachmentStatus
from app.events.reading import Reader
from app.evidence.contents import ContentDamaged, ContentMissing, Contents, ContentUnavailable
from app.projections.attachments_ledger import ATTACHMENTS_LEDGER, NUMBER, AttachmentRow

FILES_BYTES_MAX: Final = 50 * 1024 * 1024
"""Of all files of one dossier; the rest is downloaded one by one."""
PREFIX: Final = f"{ATTACHMENT.name}-"
LEFT_OUT: Final = {
    "WITHDRAWN": "It was attached by mistake and withdrawn. 已撤回。",
    "TOO_MUCH": f"The files before it fill the dossier's {FILES_BYTES_MAX} bytes. 超出卷宗容量。",
    "MISSING": "The store does not have it any more. 存储中已无该文件。",
    "DAMAGED": "What the store has is not what was attached. 存储中的文件与哈希不符。",
    "UNAVAILABLE": "The store did not answer. 附件存储不可用。",
}
"""Why a file is not in a dossier."""
_WHY: Final[Mapping[type[Exception], str]] = {
    ContentMissing: "MISSING",
    ContentDamaged: "DAMAGED",
    ContentUnavailable: "UNAVAILABLE",
}

SELECT_ATTACHED: Final = """
    SELECT row_id, body::text AS body FROM attachments_ledger
    WHERE row_id = ANY($1::text[]) OR attachment_no = ANY($2::text[]) ORDER BY attachment_no
"""


async def attached(
    reader: Reader, streams: Iterable[str], documents: Iterable[Mapping[str, str]]
) -> dict[str, AttachmentRow]:
    """Attachments by their streams: those among the streams, and those that documents name.

    Args:
        reader: of the ledger.
        streams: of the dossier's records and what belongs to them.
        documents: what their events name, with its number under `no`.
    """
    ids = [each.removeprefix(PREFIX) for each in streams if each.startswith(PREFIX)]
    numbers = [each["no"] for each in documents if NUMBER.fullmatch(each["no"])]
    rows = await reader.fetch(SELECT_ATTACHED, ids, numbers)
    return {f"{PREFIX}{row['row_id']}": ATTACHMENTS_LEDGER.decode(row["body"]) for row in rows}


def pack(
    zipped: zipfile.ZipFile,
    contents: Contents | None,
    rows: Sequence[AttachmentRow],
    entry_of: Any,  # noqa: ANN401 - makes an entry of the archive from a name
) -> Iterator[dict[str, Any]]:
    """Put files into an archive, as long as there is room; what the list says of each."""
    room = FILES_BYTES_MAX
    for row in rows:
        extension = PurePath(row.file_name).suffix.lower()
        name, why = f"attachments/{row.attachment_no}{extension}", _barred(row, room)
        if why is None:
            why = _packed(zipped, contents, row, entry_of(name))
        if why is None:
            room -= row.size_bytes
        said = row.model_dump(mode="json", exclude={"row_version"})
        reason = None if why is None else {"code": why, "words": LEFT_OUT[why]}
        yield {"file": name if why is None else None, "left_out": reason} | said


def _barred(row: AttachmentRow, room: int) -> str | None:
    """Why a file is left out before it is looked for. For everybody alike: archives are equal."""
    if row.status is AttachmentStatus.WITHDRAWN:
        return "WITHDRAWN"
    return "TOO_MUCH" if row.size_bytes > room else None


def _packed(
    zipped: zipfile.ZipFile, contents: Contents | None, row: AttachmentRow, entry: zipfile.ZipInfo
) -> str | None:
    if contents is None:
        return "UNAVAILABLE"
    try:
        copy = contents.checked(row.sha256, row.size_bytes)
    except (ContentMissing, ContentDamaged, ContentUnavailable) as error:
        return _WHY[type(error)]
    entry.compress_type = zipfile.ZIP_STORED  # photos and papers are compressed already
    entry.file_size = row.size_bytes
    with copy, zipped.open(entry, "w") as file:
        shutil.copyfileobj(copy, file)
    return None
