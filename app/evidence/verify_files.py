"""Whether every file that was ever attached is in the store, and is the one that was attached.

Withdrawn ones, too: what was withdrawn is not shown, and stays. One file that stands in several
events is read once, and named by the first of them.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Final

from app.events.reading import Reader
from app.evidence.contents import ContentDamaged, ContentMissing, Contents
from app.evidence.verify import Finding

PAGE_EVENTS: Final = 500
_DIGEST: Final = re.compile("[0-9a-f]{64}")

SELECT_ADDED: Final = """
    SELECT position, data->>'attachment_no' AS no, data->>'sha256' AS sha256,
           data->>'size_bytes' AS size
    FROM events WHERE type = 'AttachmentAdded' AND position > $1 ORDER BY position LIMIT $2
"""
"""As it stands: an event that was changed may be none of ours any more."""


async def check_files(reader: Reader, contents: Contents) -> AsyncIterator[Finding]:
    """Look at every file, in the order of the log. Each is read whole; writers go on meanwhile.

    Raises:
        ContentUnavailable: the store does not answer.
    """
    known: set[str] = set()
    after = 0
    while rows := await reader.fetch(SELECT_ADDED, after, PAGE_EVENTS):
        after = rows[-1]["position"]
        for row in rows:
            digest, size = str(row["sha256"]), str(row["size"])
            if digest in known or not _DIGEST.fullmatch(digest) or not size.isdigit():
                continue  # what was changed in the log, the check of the log has named
            known.add(digest)
            try:
                await asyncio.to_thread(contents.check, digest, int(size))
            except ContentMissing:
                what, what_zh = f"the file of {row['no']} is gone", f"附件{row['no']}的文件缺失"
            except ContentDamaged:
                what = f"the file of {row['no']} is not the one that was attached"
                what_zh = f"附件{row['no']}的文件与哈希不符"
            else:
                continue
            yield Finding(row["position"], what, what_zh)
