"""Whether a log continues what was signed of it and kept outside of the database.

A database that was restored to an older state, or a standby that took over without the newest
events, is a log that looks whole. Only what was kept elsewhere tells.
"""

from pathlib import Path
from typing import Final

from app.evidence.hash_tree import Fetch, HashTree
from app.evidence.outside import Directory, DirectoryDamaged
from app.evidence.refusals import TreeIncomplete

SELECT_HEAD: Final = "SELECT position FROM log_head"


async def not_continued(database: Fetch, folder: Path) -> str | None:
    """What was signed of this log and is not in it any more; None where it continues all of it.

    Args:
        database: the log's.
        folder: where copies of checkpoints are kept.
    """
    try:
        size, root = Directory(folder).ends_at()
    except (DirectoryDamaged, OSError) as error:
        return f"the checkpoints in {folder} cannot be read: {error}"
    (head,) = await database.fetch(SELECT_HEAD)
    position = head["position"]
    if size > position:
        return (
            f"{size} events were signed, and {position} are here: events {position + 1} to "
            f"{size} were recorded once and are lost"
        )
    try:
        if size and await HashTree(database).root(size) != root:
            return f"the first {size} events are not those that were signed"
    except TreeIncomplete:
        return f"hashes of the first {size} events are missing"
    return None
