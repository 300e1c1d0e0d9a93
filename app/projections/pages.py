"""Pages of a ledger: filters, keyset, sort. Time grows with the page, not with the ledger.

A page is one statement, so that its rows and the position that they are known at are of one moment.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Table,
    bindparam,
    column,
    select,
    table,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects import postgresql

from app.domain.decider import JsonObject
from app.projections.ledger import AnyLedger, Filter, stood_in

DIALECT: Final = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]
STATEMENTS_MAX: Final = 2_000
HEAD: Final = table("log_head", column("position", BigInteger))

Fetch: TypeAlias = Callable[..., Awaitable[Sequence[JsonObject]]]
"""Takes a statement and its arguments, and answers rows: a reader's, or a snapshot's."""


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


@dataclass(frozen=True, slots=True)
class _Shape:
    """All of a question but the values in it. One shape is one statement."""

    filters: tuple[Filter, ...]
    sort: str
    descending: bool
    onward: bool
    past: bool


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL, and by name what it takes, in the order of its arguments."""

    text: str
    takes: Sequence[tuple[str, Callable[[Any], Any] | None]]


async def read_page(fetch: Fetch, ledger: AnyLedger, ask: Ask) -> tuple[int, Sequence[JsonObject]]:
    """The position of the log, and the rows of a page: `row_id`, `body`, `sorted_by`."""
    text, arguments = statement(ledger, ask)
    rows = await fetch(text, *arguments)
    position: int = rows[0]["position"]
    return position, [] if rows[0]["row_id"] is None else rows


def statement(ledger: AnyLedger, ask: Ask) -> tuple[str, tuple[Any, ...]]:
    """SQL with its arguments for one page; an empty one is a row with a position and no more."""
    shape = _Shape(
        filters=tuple(each for each, _ in ask.filters),
        sort=ask.sort,
        descending=ask.descending,
        onward=ask.after is not None,
        past=ask.as_of is not None,
    )
    made = _statement(ledger.table, ledger.history, shape)
    values: dict[str, Any] = {"limit": ask.limit, "as_of": ask.as_of}
    values["after_sort"], values["after_id"] = ask.after or (None, None)
    for number, (each, value) in enumerate(ask.filters):
        values[f"filter_{number}"] = [value] if each.comparison == "any" else value
    return made.text, tuple(
        values[name] if processed is None else processed(values[name])
        for name, processed in made.takes
    )


@lru_cache(STATEMENTS_MAX)
def _statement(now: Table, then: Table, shape: _Shape) -> _Statement:
    """Putting a statement together takes longer than PostgreSQL takes to answer it."""
    made = _select(now, then, shape).compile(dialect=DIALECT)
    types = {name: bind.type.dialect_impl(DIALECT) for name, bind in made.binds.items()}
    names = made.positiontup or ()
    return _Statement(str(made), [(name, types[name].bind_processor(DIALECT)) for name in names])


def _select(now: Table, then: Table, shape: _Shape) -> Select[Any]:
    """The rows beside the head of the log, which is there also when they are none."""
    page = _rows(now, then, shape).subquery("page")
    beside = HEAD.outerjoin(page, true())
    asked = select(HEAD.c.position, page.c.row_id, page.c.body, page.c.sorted_by)
    return _in_order(asked.select_from(beside), page.c.sorted_by, page.c.row_id, shape)


def _rows(now: Table, then: Table, shape: _Shape) -> Select[Any]:
    """Rows of a page; of the past, one page of each of the two tables, put together and cut again.

    The rows that still stand are walked in their order until the page is full; those that came
    later are passed over in the index, unseen. Of the superseded versions, those that stood then
    are few: what was open at that moment.
    """
    if not shape.past:
        return _cut(_page_of(now, shape), now.c[shape.sort], now.c.row_id, shape)
    as_of = bindparam("as_of", type_=BigInteger)
    still = _page_of(now, shape).where(now.c.from_position <= as_of)
    superseded = _page_of(then, shape).where(stood_in(then).op("@>")(as_of))
    halves = union_all(
        *(
            select(_cut(each, kept.c[shape.sort], kept.c.row_id, shape).subquery())
            for each, kept in ((still, now), (superseded, then))
        )
    ).subquery("halves")
    return _cut(select(halves), halves.c.sorted_by, halves.c.row_id, shape)


def _page_of(kept: Table, shape: _Shape) -> Select[Any]:
    """What a page wants of a table, not yet ordered."""
    sort, row_id = kept.c[shape.sort], kept.c.row_id
    asked = select(row_id, kept.c.body, sort.label("sorted_by"))
    for number, each in enumerate(shape.filters):
        value = bindparam(f"filter_{number}", type_=kept.c[each.column].type)
        asked = asked.where(_compared(kept.c[each.column], each, value))
        if each.until is not None:
            asked = asked.where(kept.c[each.until] >= value)
    if shape.onward:
        last = tuple_(
            bindparam("after_sort", type_=sort.type), bindparam("after_id", type_=row_id.type)
        )
        place = tuple_(sort, row_id)
        asked = asked.where(place < last if shape.descending else place > last)
    return asked


def _cut(
    asked: Select[Any], sort: ColumnElement[Any], row_id: ColumnElement[Any], shape: _Shape
) -> Select[Any]:
    limit = bindparam("limit", type_=BigInteger)
    return _in_order(asked, sort, row_id, shape).limit(limit)


def _in_order(
    asked: Select[Any], sort: ColumnElement[Any], row_id: ColumnElement[Any], shape: _Shape
) -> Select[Any]:
    if shape.descending:
        return asked.order_by(sort.desc(), row_id.desc())
    return asked.order_by(sort, row_id)


def _compared(
    held: ColumnElement[Any], each: Filter, value: BindParameter[Any]
) -> ColumnElement[bool]:
    match each.comparison:
        case "=":
            return held == value
        case ">=":
            return held >= value
        case "<=" | "within":
            return held <= value
        case "any":
            return held.contains(value)
