"""The second process of a rebuild: `python -m app.evidence.folding_process`, its order on stdin."""

import asyncio
import json
import sys
from typing import Any

from app.domain.aggregates import AGGREGATES
from app.events.database import Database
from app.events.workings import Workings
from app.evidence.building import Overtaken, Rebuild, owner_of
from app.projections.catalogue import read_tables

NOT_OURS = 3
"""What it ends with where the tables are of another version, or somebody else's by now."""


async def fold(order: dict[str, Any]) -> None:
    """Fold some tables that were begun, up to a position."""
    workings = Workings(AGGREGATES, (), read_tables())
    tables = [workings.tables[name] for name in order["names"]]
    async with owner_of(Database(order["url"], order["schema"])) as connection:
        await Rebuild(connection, workings, tables, order["slot"]).fold_up_to(order["up_to"])


def main() -> None:
    """Take one order and carry it out."""
    try:
        asyncio.run(fold(json.loads(sys.stdin.read())))
    except Overtaken:
        raise SystemExit(NOT_OURS) from None


if __name__ == "__main__":
    main()
