"""The yardstick of the write path: the SQL of one command, as a function that pgbench calls.

What the service's own connection is told while one command runs alone is written down, statement
by statement with its arguments, and made into a PL/pgSQL function of the same statements in the
same order. Ids, numbers and positions, which differ from command to command, are drawn anew at
each call; all else is as it was. A call is one durable transaction. It has no journeys between its
statements, checks nothing and decides nothing: it is what PostgreSQL itself can do of such work.
"""

import re
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncpg import Connection, Record

UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
FRAME: Final = re.compile(r"^\s*(COMMIT|ROLLBACK)\b", re.IGNORECASE)
EVENTS_MAX: Final = 50
"""A command's events; a number that is no further from its first position is a position."""
TAKES_TURN: Final = "FOR UPDATE"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it was sent, with the types of its parameters."""

    query: str
    arguments: tuple[Any, ...]
    types: tuple[str, ...] = ()


@contextmanager
def listening(connection: "Connection[Record]") -> "Iterator[list[Statement]]":
    """What is sent over a connection meanwhile."""
    heard: list[Statement] = []

    def hear(record: Any) -> None:  # noqa: ANN401 - asyncpg's own
        heard.append(Statement(record.query, tuple(record.args or ())))

    connection.add_query_logger(hear)
    try:
        yield heard
    finally:
        connection.remove_query_logger(hear)


async def typed(connection: "Connection[Record]", heard: Iterable[Statement]) -> list[Statement]:
    """The statements with the types that PostgreSQL gives their parameters."""
    found = []
    for each in heard:
        types: tuple[str, ...] = ()
        if each.arguments:
            prepared = await connection.prepare(each.query)
            types = tuple(
                p.name.removesuffix("[]") + ("[]" if p.kind == "array" else "")
                for p in prepared.get_parameters()
            )
        found.append(Statement(each.query, each.arguments, types))
    return found


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What differs from one command to the next."""

    position: int
    """The position of the command's first event."""
    fresh: tuple[str, ...]
    """Ids that the command drew: new ones at each call."""
    given: tuple[str, ...]
    """Ids of records that were there before: those of the next prepared ones at each call."""
    numbers: tuple[str, ...]
    """Texts that are drawn from a sequence: a record's number, an idempotency key."""


def drawn(heard: Sequence[Statement], given: Sequence[str], numbers: Sequence[str]) -> Drawn:
    """Look for what differs in what was sent."""
    told = "\n".join(str(each.arguments) for each in heard)
    insert = next(each for each in heard if "INTO events" in each.query)
    fresh = dict.fromkeys(id_ for id_ in UUID.findall(told) if id_ not in given)
    return Drawn(
        position=next(a[0] for a in insert.arguments if isinstance(a, list)),
        fresh=tuple(fresh),
        given=tuple(given),
        numbers=tuple(numbers),
    )


def function_of(name: str, heard: Sequence[Statement], drawn: Drawn) -> str:
    """SQL that makes the function `name()`; it returns nothing.

    A service has positions without a gap, so a transaction of it holds the lock of the log's head
    until it is durable, and so does the function. (A table's triggers are part of its SQL.)
    """
    body = "\n".join(_line(each, drawn) for each in heard if not FRAME.match(each.query))
    declared = "\n".join(
        f"    fresh{n} text := overlay({_new_id(name)} placing lpad(to_hex({n}), 2, '0') from 20);"
        for n in range(len(drawn.fresh))
    )
    given = "\n".join(f"    given{n} text;" for n in range(len(drawn.given)))
    ids = ", ".join(f"ids[{n + 1}]" for n in range(len(drawn.given)))
    into = ", ".join(f"given{n}" for n in range(len(drawn.given)))
    look = f"    SELECT {ids} INTO {into} FROM {name}_given WHERE number = n;"  # noqa: S608 - ours
    fetch = look if drawn.given else ""
    return f"""
CREATE SEQUENCE {name}_numbers START {1 if drawn.given else 1_000_000};
CREATE OR REPLACE FUNCTION {name}() RETURNS void LANGUAGE plpgsql AS $bench$
DECLARE
    n bigint := nextval('{name}_numbers');
    no text := lpad(n::text, 8, '0');
    stood bigint;
    sink text;
{declared}
{given}
BEGIN
{fetch}
{body}
END
$bench$;
"""


def _new_id(name: str) -> str:
    start = f"01{md5(name.encode(), usedforsecurity=False).hexdigest()[:6]}"
    return f"'{start}-' || substr(md5(n::text), 1, 4) || '-7000-8000-' || lpad(to_hex(n), 12, '0')"


def _line(statement: Statement, drawn: Drawn) -> str:
    query = statement.query.strip()
    for number in range(len(statement.arguments), 0, -1):
        value = _written(statement.arguments[number - 1], statement.types[number - 1], drawn)
        query = query.replace(f"${number}::{statement.types[number - 1]}", f"${number}")
        query = value.join(re.split(rf"\${number}(?!\d)", query))
    if TAKES_TURN in query:
        return "    SELECT position INTO stood FROM log_head FOR UPDATE;"
    if query.startswith("SELECT"):
        return f"    PERFORM * FROM ({query}) AS looked;"
    if query.startswith("WITH") and "pg_notify" in query:
        return f"    {query} INTO sink;"
    return f"    {query};"


def _written(value: Any, kind: str, drawn: Drawn) -> str:  # noqa: ANN401 - any argument
    if kind.endswith("[]"):
        inner = ", ".join(_written(each, kind[:-2], drawn) for each in value or ())
        return f"(ARRAY[{inner}]::{kind})"
    return f"(({_scalar(value, kind, drawn)})::{kind})"


def _scalar(  # noqa: PLR0911 - a case each
    value: Any,  # noqa: ANN401 - any argument
    kind: str,
    drawn: Drawn,
) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case int() if kind in {"int8", "bigint"} and 0 <= value - drawn.position < EVENTS_MAX:
            return f"(stood + {value - drawn.position + 1})"
        case int() if kind in {"int8", "bigint"} and value == drawn.position - 1:
            return "stood"
        case int():
            return str(value)
        case bytes():
            return f"'\\x{value.hex()}'"
        case datetime():
            return "clock_timestamp()" if "timestamp" in kind else f"'{value.isoformat()}'"
        case _:
            return _text(str(value), drawn)


def _text(value: str, drawn: Drawn) -> str:
    names = {id_: f"fresh{n}" for n, id_ in enumerate(drawn.fresh)}
    names |= {id_: f"given{n}" for n, id_ in enumerate(drawn.given)}
    names |= dict.fromkeys(drawn.numbers, "no")
    if not names:
        return _literal(value)
    parts = re.split("(" + "|".join(map(re.escape, names)) + ")", value)
    written = [names.get(part) or _literal(part) for part in parts if part]
    return " || ".join(written) if len(written) > 1 else (written[0] if written else "''")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
