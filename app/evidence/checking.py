"""Whether a read table says what the log says: folded anew beside it and compared, row by row."""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from asyncpg import Connection, Record

from app.events.database import Database
from app.events.folding import Folded
from app.events.workings import Workings
from app.evidence.building import Progress, Rebuild, owner_of
from app.evidence.checksums import Line, lines
from app.evidence.sharing import fold_together
from app.projections.ledger import Ledger

FIELDS_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row in which a table differs from what the log adds up to."""

    key: str
    from_position: int | None
    until_position: int | None
    kind: Literal["MISSING", "UNKNOWN", "DIFFERS"]
    """MISSING: it is not in the table. UNKNOWN: the log knows of none. DIFFERS: see `fields`."""
    fields: dict[str, tuple[Any, Any]]
    """What the table says, and what the log says."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was compared."""

    name: str
    version: int
    position: int
    versions: int
    """Rows' versions that were compared."""
    difference: Difference | None


async def check(
    database: Database,
    workings: Workings,
    names: Iterable[str],
    told: Progress | None = None,
) -> list[Checked]:
    """Fold tables anew into shadows and compare; nothing is switched, nothing is held up.

    A snapshot holds the tables as they stand at one position; the shadows are folded to it.
    """
    tables = [workings.tables[name] for name in dict.fromkeys(names)]
    async with owner_of(database) as building, owner_of(database) as standing:
        folding = Rebuild(building, workings, tables, "check", told)
        await folding.begin(afresh=True)
        await fold_together(database, folding)
        await folding.catch_up()
        async with standing.transaction(isolation="repeatable_read", readonly=True):
            await standing.execute("LOCK TABLE read_tables IN ACCESS SHARE MODE")
            head = int(await standing.fetchval("SELECT position FROM log_head"))
            await folding.fold_up_to(head)
            async with building.transaction():
                checked = [
                    await _compare(standing, building, each.live, each.table, head)
                    for each in folding.shadows
                ]
        await folding.drop()
    return checked


async def _compare(
    standing: "Connection[Record]",
    building: "Connection[Record]",
    live: Folded,
    shadow: Folded,
    position: int,
) -> Checked:
    compared = 0
    async for ours, theirs in _side_by_side(
        lines(standing, live, position), lines(building, shadow, position)
    ):
        difference = _difference(ours, theirs)
        if difference is not None:
            return Checked(live.name, live.version, position, compared, difference)
        compared += 1
    astray = await _astray(standing, live)
    return Checked(live.name, live.version, position, compared, astray)


async def _astray(standing: "Connection[Record]", live: Folded) -> Difference | None:
    """The first row that is found or sorted by something else than it says."""
    row = await standing.fetchrow(live.astray) if isinstance(live, Ledger) else None
    if row is None:
        return None
    kept, said = json.loads(row["kept"]), json.loads(row["said"])
    fields = {name: (kept[name], said[name]) for name in said if kept[name] != said[name]}
    return Difference(row["row_id"], row["from_position"], None, "DIFFERS", fields)


async def _side_by_side(
    first: AsyncIterator[Line], second: AsyncIterator[Line]
) -> AsyncIterator[tuple[Line | None, Line | None]]:
    """Both sorted sides in step; None where one has nothing in that place."""
    a, b = await anext(first, None), await anext(second, None)
    while a is not None or b is not None:
        if b is None or (a is not None and a.place < b.place):
            yield a, None
            a = await anext(first, None)
        elif a is None or b.place < a.place:
            yield None, b
            b = await anext(second, None)
        else:
            yield a, b
            a, b = await anext(first, None), await anext(second, None)


def _difference(ours: Line | None, theirs: Line | None) -> Difference | None:
    if ours is not None and theirs is not None:
        if ours.text == theirs.text:
            return None
        fields = dict(list(_fields(ours, theirs).items())[:FIELDS_MAX])
        return Difference(ours.key, ours.from_position, ours.until_position, "DIFFERS", fields)
    known = ours or theirs
    if known is None:
        raise AssertionError("two sides that are over have no line")
    kind: Literal["MISSING", "UNKNOWN"] = "MISSING" if ours is None else "UNKNOWN"
    return Difference(known.key, known.from_position, known.until_position, kind, {})


def _fields(ours: Line, theirs: Line) -> dict[str, tuple[Any, Any]]:
    found: dict[str, tuple[Any, Any]] = {}
    if ours.until_position != theirs.until_position:
        found["until_position"] = (ours.until_position, theirs.until_position)
    a, b = ours.body, theirs.body
    if not isinstance(a, dict) or not isinstance(b, dict):
        return found | ({} if a == b else {"": (a, b)})
    for name in sorted({*a, *b}):
        if a.get(name) != b.get(name):
            found[name] = (a.get(name), b.get(name))
    return found
