"""Pages of a ledger: filters, keyset, sort. Time grows with the page, not with the ledger."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, select, tuple_, union_all
from sqlalchemy.dialects import postgresql

from app.projections.ledger import AnyLedger, Filter

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


def standing(ledger: AnyLedger, as_of: int | None) -> FromClause:
    """The rows of a ledger as they stood at a position, or as they stand."""
    now, then = ledger.table, ledger.history
    if as_of is None:
        return now
    still = select(*now.c).where(now.c.from_position <= as_of)
    superseded = select(*(then.c[each.name] for each in now.c)).where(
        then.c.from_position <= as_of, then.c.until_position > as_of
    )
    return union_all(still, superseded).subquery("standing")


def as_known(text: str, ledgers: Iterable[AnyLedger], as_of: int) -> str:
    """A statement over ledgers, put to them as they stood at a position.

    Each ledger that it names is shadowed by a common table expression of the same name, in which
    the name still means the table itself.
    """
    shadows = [
        f"{each.name} AS ("  # noqa: S608 - names of our own, and a whole number
        f"SELECT {_columns(each)} FROM {each.name} WHERE from_position <= {as_of:d} UNION ALL "
        f"SELECT {_columns(each)} FROM {each.name}_history "
        f"WHERE from_position <= {as_of:d} AND until_position > {as_of:d})"
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
    table = standing(ledger, ask.as_of)
    column = table.c[ask.sort]
    asked = select(
        table.c.row_id, table.c.from_position, table.c.body, column.label("sorted_by")
    ).limit(ask.limit)
    for each, value in ask.filters:
        asked = asked.where(_compared(table.c[each.column], each, value))
        if each.until is not None:
            asked = asked.where(table.c[each.until] >= value)
    place = tuple_(column, table.c.row_id)
    if ask.after is not None:
        last = tuple_(*ask.after, types=[column.type, table.c.row_id.type])
        asked = asked.where(place < last if ask.descending else place > last)
    if ask.descending:
        return asked.order_by(column.desc(), table.c.row_id.desc())
    return asked.order_by(column, table.c.row_id)


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
