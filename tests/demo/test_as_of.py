"""The past is what a fold up to it gives: every ledger of the demo, at a hundred positions."""

import json
import random
from typing import Any, Final

import asyncpg

from app.events.store import Log
from app.main import workings
from app.projections.catalogue import LEDGERS
from app.projections.ledger import AnyLedger
from app.projections.pages import as_known
from tests.demo.conftest import Told

MOMENTS: Final = 100
WORKINGS: Final = workings()


async def standing(
    connection: "asyncpg.Connection[asyncpg.Record]", ledger: AnyLedger, position: int
) -> dict[str, Any]:
    """The rows of a ledger as a reader gets them with `as_of`."""
    text = as_known(f"SELECT row_id, body::text FROM {ledger.name}", [ledger], position)  # noqa: S608
    return {row["row_id"]: json.loads(row["body"]) for row in await connection.fetch(text)}


async def test_every_ledger_as_of_a_hundred_positions_is_a_fold_from_scratch(told: Told) -> None:
    chance = random.Random(20_250_401)  # noqa: S311 - the same every time
    head = len(told.events)
    moments = {chance.randint(1, head) for _ in range(MOMENTS)} | {head}
    connection = await told.database.connect()
    try:
        states: dict[str, Any] = {}
        folded: dict[str, dict[str, Any]] = {ledger.name: {} for ledger in LEDGERS}
        for recorded in await Log(connection, WORKINGS.codec).between(0, head, head):
            evolved = WORKINGS.evolved(recorded, states.get(recorded.stream))
            states[recorded.stream] = evolved.state
            for ledger in LEDGERS:
                if isinstance(recorded.event, ledger.event_types):
                    rows = folded[ledger.name]
                    for key in ledger.keys(evolved):
                        rows[key] = ledger.fold(rows.get(key), evolved, key)
            if recorded.position not in moments:
                continue
            for ledger in LEDGERS:
                expected = {
                    key: json.loads(ledger.encode(row))
                    for key, row in folded[ledger.name].items()
                    if row is not None
                }
                found = await standing(connection, ledger, recorded.position)
                assert found == expected, (ledger.name, recorded.position)
    finally:
        await connection.close()
