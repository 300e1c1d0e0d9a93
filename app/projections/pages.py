"""Pages of a ledger: filters, keyset, sort. Time grows with the page, not with the ledger."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    cast,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects import postgresql

from app.projections.ledger import AnyLedger, Filter, stood_in

DIALECT: Final = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Ask:
    """Which rows, in which order, after which."""

    filters: Sequence[tuple[Filter, str | int]]
    sort: str
    descending: bool
    after: tuple[str | int, str] | None
    """The sort value, which no row lacks, and the id of the last row of the page before."""
    limit: int
    as_of: int | None = None
    """The rows as they stood at this position; None is now."""


def as_known(text: str, ledgers: Iterable[AnyLedger], as_of: int) -> str:
    """A statement over ledgers, put to them as they stood at a position.

    Each ledger that it names is shadowed by a common table expression of the same name, in which
    the name still means the table itself.
    """
    shadows = [
        f"{each.name} AS ("  # noqa: S608 - names of our own, and a whole number
        f"SELECT {_columns(each)} FROM {each.name} WHERE from_position <= {as_of:d} UNION ALL "
        f"SELECT {_columns(each)} FROM {each.name}_history "
        f"WHERE int8range(from_position, until_position) @> {as_of:d}::bigint)"
        for each in ledgers
        if re.search(rf"\b{each.name}\b", text)
    ]
    return f"WITH {', '.join(shadows)} {text}" if shadows else text


def _columns(ledger: AnyLedger) -> str:
    return ", ".join(f'"{each.name}"' for each in ledger.table.c)


def statement(ledger: AnyLedger, ask: Ask) -> tuple[str, tuple[Any, ...]]:
    """SQL with its arguments for one page: `row_id`, `from_position`, `body`, `sorted_by`."""
    return compiled(_select(ledger, ask))


def _select(ledger: AnyLedger, ask: Ask) -> Select[Any]:
    """A page; of the past, one of each of the two tables, put together and cut once more.

    The rows that still stand are walked in their order until the page is full. Of the superseded
    versions, those that stood then are few: what was open at that moment.
    """
    now, then = ledger.table, ledger.history
    if ask.as_of is None:
        return _ordered(_page_of(now, ask), now.c[ask.sort], now.c.row_id, ask)
    still = _page_of(now, ask).where(now.c.from_position <= ask.as_of)
    at = cast(literal(ask.as_of), BigInteger)
    superseded = _page_of(then, ask).where(stood_in(then).op("@>")(at))
    halves = union_all(
        *(
            select(_ordered(each, table.c[ask.sort], table.c.row_id, ask).subquery())
            for each, table in ((still, now), (superseded, then))
        )
    ).subquery("page")
    return _ordered(select(halves), halves.c.sorted_by, halves.c.row_id, ask)


def _page_of(table: Table, ask: Ask) -> Select[Any]:
    """What a page wants of a table, not yet ordered."""
    column = table.c[ask.sort]
    asked = select(table.c.row_id, table.c.from_position, table.c.body, column.label("sorted_by"))
    for each, value in ask.filters:
        asked = asked.where(_compared(table.c[each.column], each, value))
        if each.until is not None:
            asked = asked.where(table.c[each.until] >= value)
    place = tuple_(column, table.c.row_id)
    if ask.after is not None:
        last = tuple_(*ask.after, types=[column.type, table.c.row_id.type])
        asked = asked.where(place < last if ask.descending else place > last)
    return asked


def _ordered(
    asked: Select[Any], column: ColumnElement[Any], row_id: ColumnElement[Any], ask: Ask
) -> Select[Any]:
    if ask.descending:
        return asked.order_by(column.desc(), row_id.desc()).limit(ask.limit)
    return asked.order_by(column, row_id).limit(ask.limit)


def _compared(column: ColumnElement[Any], each: Filter, value: str | int) -> ColumnElement[bool]:
    match each.comparison:
        case "=":
            return column == value
        case ">=":
            return column >= value
        case "<=" | "within":
            return column <= value
        case "any":
            return column.contains([value])


def compiled(asked: Select[Any]) -> tuple[str, tuple[Any, ...]]:
    """A statement as asyncpg takes it."""
    made = asked.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    names = made.positiontup or ()
    processed = made.construct_params()
    arguments = []
    for name in names:
        bind = made.binds[name]
        value = processed[name]
        processor = bind.type.dialect_impl(DIALECT).bind_processor(DIALECT)
        arguments.append(processor(value) if processor else value)
    return str(made), tuple(arguments)
