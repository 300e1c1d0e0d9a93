"""Pages are what everybody would make of all rows: filtered, sorted, cut; now and at any moment."""

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.domain.decider import JsonObject
from app.projections.catalogue import LEDGERS
from app.projections.ledger import AnyLedger, Filter
from app.projections.pages import Ask, as_known, read_page
from tests.demo.conftest import Told

ASKED_OF_EACH: Final = 40
MOMENTS: Final = 12

Columns = Mapping[str, Any]


def passes(row: Columns, each: Filter, value: str | int) -> bool:
    """Whether a row is one of those that a filter asks for."""
    held = row[each.column]
    if held is None:
        return False
    match each.comparison:
        case "=":
            return bool(held == value)
        case ">=":
            return bool(held >= value)
        case "<=":
            return bool(held <= value)
        case "within":
            return bool(held <= value) and each.until is not None and row[each.until] >= value
        case "any":
            return value in json.loads(held)


def expected(rows: Sequence[Columns], ask: Ask) -> list[str]:
    """The ids of a page, made of all rows by hand."""
    found = [row for row in rows if all(passes(row, each, value) for each, value in ask.filters)]
    places = sorted(((row[ask.sort], row["row_id"]) for row in found), reverse=ask.descending)
    if ask.after is not None:
        last = ask.after
        places = [each for each in places if (each < last if ask.descending else each > last)]
    return [row_id for _, row_id in places[: ask.limit]]


def some_filters(
    ledger: AnyLedger, rows: Sequence[Columns], chance: random.Random
) -> list[tuple[Filter, str | int]]:
    """None, one or two of its filters, with values that stand in some rows."""
    asked = []
    for name in chance.sample(
        sorted(ledger.filters), min(chance.randint(0, 2), len(ledger.filters))
    ):
        each = ledger.filters[name]
        held = [row[each.column] for row in rows if row[each.column] is not None]
        if each.comparison == "any":
            held = [code for codes in held for code in json.loads(codes)]
        if held:
            asked.append((each, chance.choice(held)))
    return asked


def some_page(
    ledger: AnyLedger, rows: Sequence[Columns], as_of: int | None, chance: random.Random
) -> Ask:
    """A page that somebody could ask for, at the beginning or further on."""
    sort = chance.choice(ledger.sorts)
    after = chance.choice([None, *((row[sort], row["row_id"]) for row in rows)])
    return Ask(
        filters=some_filters(ledger, rows, chance),
        sort=sort,
        descending=chance.random() < 0.5,
        after=after if chance.random() < 0.5 else None,
        limit=chance.choice((1, 3, 50)),
        as_of=as_of,
    )


async def test_a_page_is_cut_from_all_rows_that_stood_then(told: Told) -> None:
    chance = random.Random(20_250_331)  # noqa: S311 - the same every time
    connection = await told.database.connect()
    head = int(await connection.fetchval("SELECT position FROM log_head"))

    async def fetch(text: str, *arguments: Any) -> list[JsonObject]:  # noqa: ANN401
        return [dict(row) for row in await connection.fetch(text, *arguments)]

    empty = 0
    for ledger in LEDGERS:
        for moment in (None, head, 0, 1, *(chance.randint(1, head) for _ in range(MOMENTS))):
            whole = f"SELECT * FROM {ledger.name}"  # noqa: S608 - a name of our own
            text = as_known(whole, [ledger], head if moment is None else moment)
            rows = await fetch(text)
            for _ in range(ASKED_OF_EACH):
                ask = some_page(ledger, rows, moment, chance)
                position, page = await read_page(fetch, ledger, ask)
                assert [row["row_id"] for row in page] == expected(rows, ask), (ledger.name, ask)
                assert position == head
                bodies = {row["row_id"]: row["body"] for row in rows}
                assert all(row["body"] == bodies[row["row_id"]] for row in page)
                empty += not page
    assert empty
    await connection.close()
