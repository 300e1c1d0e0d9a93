"""A checksum of each read table, at a position of the log: whoever folds the log gets the same.

SHA-256 over one line a version of a row, `[key, from, until, row]` as canonical JSON (RFC 8785)
and a line feed, by key in the order of code points and then by position. `until` is null for the
version that stands at the position. A register keeps no versions: its lines are `[key, value]`.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from asyncpg import Connection, Record

from app.events.folding import Folded, RegisterTable
from app.events.recorded import canonical
from app.projections.ledger import Ledger

PREFETCH_ROWS: Final = 500

SELECT_VERSIONS: Final = """
    SELECT row_id AS key, from_position, until_position, body::text AS body FROM (
        SELECT row_id, from_position, NULL::bigint AS until_position, body
        FROM {name} WHERE from_position <= $1
        UNION ALL
        SELECT row_id, from_position,
               CASE WHEN until_position <= $1 THEN until_position END, body
        FROM {name}_history WHERE from_position <= $1
    ) AS versions
    ORDER BY row_id COLLATE "C", from_position
"""

SELECT_ENTRIES: Final = """
    SELECT key, NULL::bigint AS from_position, NULL::bigint AS until_position, value::text AS body
    FROM {name} WHERE register = $1 ORDER BY key COLLATE "C"
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A version of a row of a ledger, or an entry of a register."""

    key: str
    from_position: int | None
    until_position: int | None
    body: Any

    @property
    def place(self) -> tuple[bytes, int]:
        """Where it stands among the others: as PostgreSQL sorts them."""
        return self.key.encode(), self.from_position or 0

    @property
    def text(self) -> str:
        """As it is hashed."""
        if self.from_position is None:
            return _text([self.key, self.body])
        return _text([self.key, self.from_position, self.until_position, self.body])


def _text(parts: list[Any]) -> str:
    return canonical(parts) + "\n"  # type: ignore[arg-type]  # a list is canonical as an object is


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a table held at a position."""

    rows: int
    """That stood."""
    versions: int
    """Of all rows, those that stood included."""
    sha256: str


async def lines(
    connection: "Connection[Record]", table: Folded, position: int
) -> AsyncIterator[Line]:
    """The versions of a table up to a position, in order, a bounded number in memory.

    Args:
        connection: in a transaction; a register is read as it stands there.
        table: a ledger or a register.
        position: of the log.

    Raises:
        TypeError: it is neither.
    """
    match table:
        case Ledger():
            asked: tuple[str, int | str] = (SELECT_VERSIONS.format(name=table.name), position)
        case RegisterTable():
            asked = (SELECT_ENTRIES.format(name=table.kept_in), table.name)
        case _:
            raise TypeError(table)
    statement, argument = asked
    async for row in connection.cursor(statement, argument, prefetch=PREFETCH_ROWS):
        yield Line(row["key"], row["from_position"], row["until_position"], json.loads(row["body"]))


async def checksum(connection: "Connection[Record]", table: Folded, position: int) -> Checksum:
    """The checksum of a table at a position; see `lines`."""
    digest, rows, versions = sha256(), 0, 0
    async for line in lines(connection, table, position):
        digest.update(line.text.encode())
        versions += 1
        rows += line.until_position is None
    return Checksum(rows, versions, digest.hexdigest())
