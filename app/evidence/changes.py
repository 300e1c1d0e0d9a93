"""What is different in a ledger between two moments, row by row, and the events that made it so.

Both moments are looked up in the kept versions of rows: time grows with what changed, not with
the history.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from app.domain.decider import JsonObject
from app.events.reading import Snapshot
from app.projections.ledger import AnyLedger
from app.projections.pages import as_known

Difference: TypeAlias = Literal["APPEARED", "CHANGED", "VANISHED"]
BOOKKEEPING: Final = frozenset({"row_version", "event_ids"})
"""Fields that change with every event and say nothing by themselves."""

MOVED: Final = """
    SELECT row_id FROM (
        SELECT row_id FROM {name} WHERE from_position > $1 AND from_position <= $2
        UNION
        SELECT row_id FROM {name}_history
        WHERE (from_position > $1 AND from_position <= $2)
           OR (until_position > $1 AND until_position <= $2)
    ) AS moved
    WHERE ($3::text IS NULL OR row_id > $3) AND ($4::text IS NULL OR row_id = $4)
    ORDER BY row_id LIMIT $5
"""

STANDING: Final = "SELECT row_id, body::text AS body FROM {name} WHERE row_id = ANY($1)"

SELECT_MADE: Final = """
    SELECT position, event_id::text AS event_id, type, person, role, recorded_at, reason
    FROM events WHERE event_id = ANY($1::uuid[]) ORDER BY position
"""


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that is not what it was."""

    row_id: str
    difference: Difference
    before: JsonObject | None
    after: JsonObject | None
    fields: tuple[str, ...]
    """Columns with another value; none of a row that appeared or vanished."""
    event_ids: tuple[str, ...]
    """The events between the two moments that made the difference, in order."""


async def changed_rows(  # noqa: PLR0913 - a page of a question
    snapshot: Snapshot,
    ledger: AnyLedger,
    *,
    since: int,
    after_row: str | None,
    row_id: str | None,
    limit: int,
) -> tuple[list[RowChange], str | None]:
    """A page of rows that differ between `since` and the snapshot's own position.

    Rows that were touched and stand as they stood are passed over, so that a page may be short.

    Args:
        snapshot: of the later moment.
        ledger: which.
        since: position of the earlier moment.
        after_row: the last row of the page before.
        row_id: this row alone.
        limit: rows to look at.

    Returns:
        The rows, and where to go on; None when that was all.
    """
    moved = await snapshot.fetch(
        MOVED.format(name=ledger.name), since, snapshot.position, after_row, row_id, limit + 1
    )
    ids = [row["row_id"] for row in moved[:limit]]
    before = await _standing(snapshot, ledger, ids, since)
    after = await _standing(snapshot, ledger, ids, snapshot.position)
    rows = [_change(each, before.get(each), after.get(each)) for each in ids]
    more = ids[-1] if len(moved) > limit else None
    return [each for each in rows if each is not None], more


async def made_by(snapshot: Snapshot, event_ids: Sequence[str]) -> Mapping[str, JsonObject]:
    """The events behind changes, by id."""
    rows = await snapshot.fetch(SELECT_MADE, list(event_ids))
    return {row["event_id"]: row for row in rows}


async def _standing(
    snapshot: Snapshot, ledger: AnyLedger, ids: list[str], position: int
) -> dict[str, JsonObject]:
    text = as_known(STANDING.format(name=ledger.name), [ledger], position)
    return {row["row_id"]: json.loads(row["body"]) for row in await snapshot.fetch(text, ids)}


def _change(row_id: str, before: JsonObject | None, after: JsonObject | None) -> RowChange | None:
    if before == after:
        return None
    known = set((before or {}).get("event_ids", ()))
    made = tuple(each for each in _ids(after) if each not in known)
    difference: Difference = "CHANGED"
    fields: tuple[str, ...] = ()
    if before is None:
        difference = "APPEARED"
    elif after is None:
        difference = "VANISHED"
    else:
        names = [*after, *(name for name in before if name not in after)]
        fields = tuple(
            name
            for name in names
            if name not in BOOKKEEPING and _of(before, name) != _of(after, name)
        )
    return RowChange(row_id, difference, before, after, fields, made)


def _ids(row: JsonObject | None) -> Sequence[str]:
    return () if row is None else row["event_ids"]


def _of(row: JsonObject, name: str) -> Any:  # noqa: ANN401 - any value of a column
    return row.get(name)
