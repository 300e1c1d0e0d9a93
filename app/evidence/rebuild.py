"""Building read tables anew, blue/green: in shadows, some pages at a time, switched when caught up.

Readers and writers go on meanwhile; see `app/evidence/building.py`.
"""

from collections.abc import Iterable
from typing import Final

import structlog
from asyncpg import Connection, Record

from app.events.database import Database
from app.events.folding import Folded
from app.events.store import Log
from app.events.workings import Workings
from app.evidence.building import (
    COUNT_SWITCH,
    DROP_OBSOLETE,
    MARK_BUILT,
    Built,
    Overtaken,
    Progress,
    Rebuild,
    owner_of,
)
from app.evidence.shadows import index, make
from app.evidence.sharing import fold_together

OVERTAKEN_MAX: Final = 5

log: Final = structlog.get_logger(__name__)


async def rebuild(
    database: Database,
    workings: Workings,
    names: Iterable[str],
    *,
    afresh: bool = False,
    told: Progress | None = None,
) -> list[Built]:
    """Build tables anew and switch to them.

    Args:
        database: where.
        workings: with the tables as they are to be.
        names: of the tables; each is one of the workings'.
        afresh: from the beginning, also where a rebuild broke off.
        told: of progress.

    Raises:
        Overtaken: somebody else finished it, or began it for another version.
    """
    async with owner_of(database) as connection:
        tables = [workings.tables[name] for name in dict.fromkeys(names)]
        building = Rebuild(connection, workings, tables, "next", told)
        await building.begin(afresh=afresh)
        await fold_together(database, building)
        await building.catch_up()
        return await building.switch()


async def build_missing(
    database: Database, workings: Workings, told: Progress | None = None
) -> list[str]:
    """Build the tables that do not stand at their version.

    On an empty log they are made at once. Else they are built beside what stands, while processes
    of an older version go on; when it is switched, those find tables that are not theirs, and stop
    writing.

    Returns:
        The names of the tables that were built.
    """
    async with owner_of(database) as connection:
        for attempt in range(1, OVERTAKEN_MAX + 1):
            missing = await _missing(connection, workings)
            if not missing or await _made_on_an_empty_log(connection, workings):
                return [each.name for each in missing]
            building = Rebuild(connection, workings, missing, "next", told)
            log.info("read_tables.build", tables=building.names)
            try:
                await building.begin(afresh=False)
                await fold_together(database, building)
                await building.catch_up()
                return [each.name for each in await building.switch()]
            except Overtaken:
                log.info("read_tables.overtaken", tables=building.names)
                if attempt == OVERTAKEN_MAX:
                    raise
    raise AssertionError(missing)


async def _missing(connection: "Connection[Record]", workings: Workings) -> list[Folded]:
    built = await Log(connection, workings.codec).built()
    return [each for each in workings.tables.values() if built.get(each.name) != each.version]


async def _made_on_an_empty_log(connection: "Connection[Record]", workings: Workings) -> bool:
    """Make what is missing, unless something happened already."""
    async with connection.transaction():
        head = await Log(connection, workings.codec).lock_head()
        if head.position:
            return False
        for each in await _missing(connection, workings):
            await make(connection, each)
            await index(connection, each)
            await connection.execute(MARK_BUILT, each.name, each.version, 0)
        await connection.execute(DROP_OBSOLETE, list(workings.tables))
        await connection.execute(COUNT_SWITCH)
    return True
