"""What a ledger keeps in PostgreSQL: every version of a row, and the same rows when built anew."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import pytest
from asyncpg import Connection, Record
from sqlalchemy import MetaData

from app.domain.aggregates import AGGREGATES
from app.domain.policies.catalogue import POLICIES
from app.events.store import Log
from app.events.workings import Workings
from app.evidence.rebuild import build_missing
from app.main import Plan
from app.projections.catalogue import LEDGERS
from app.projections.ledger import AnyLedger
from app.projections.tables import fresh_rows
from tests.api.desk import Desk
from tests.api.stories import S_B, agree, confirmed, define_cause, split_claim, verified
from tests.turns import TABLES

Kept = dict[str, list[Mapping[str, Any]]]
"""The versions of each row, oldest first, the one that stands last."""


async def kept(connection: "Connection[Record]", ledger: AnyLedger) -> Kept:
    """Every version of every row as the tables have them."""
    rows: Kept = defaultdict(list)
    for table, until in ((ledger.history, "until_position"), (ledger.table, "NULL::bigint")):
        statement = f"""
            SELECT row_id, from_position, {until} AS until_position, body::text AS body
            FROM {table.name} ORDER BY row_id, from_position
        """  # noqa: S608 - names of our own tables
        for row in await connection.fetch(statement):
            rows[row["row_id"]].append(dict(row))
    return dict(rows)


@pytest.fixture
async def lived(sandbox: Desk) -> Desk:
    """A claim from its case to the close, one that is escalated, one that waits."""
    sandbox.at = "2025-02-03T02:00:00Z"
    await define_cause(sandbox)
    await agree(sandbox)
    done = await split_claim(sandbox, "333.33")
    filed = {"filing_no": "SH-2025-001"}
    await sandbox.does(f"/v1/claims/{done['id']}/file", filed, by="u.qa1")
    await confirmed(sandbox, "500.01", spec=S_B, customer="C02")
    await verified(sandbox, "80.00")
    return sandbox


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda each: each.name)
async def test_the_versions_of_a_row_follow_one_another_without_a_gap(
    lived: Desk, plan: Plan, ledger: AnyLedger
) -> None:
    connection = await plan.database.connect()
    rows = await kept(connection, ledger)
    head = await lived.edge.reader.head()
    await connection.close()

    assert len(rows) == {"claims_ledger": 3, "feedback_ledger": 1}.get(ledger.name, len(rows))
    for versions in rows.values():
        read = [ledger.decode(each["body"]) for each in versions]
        assert [each.row_version for each in read] == list(range(1, len(read) + 1))
        assert [each["until_position"] for each in versions[:-1]] == [
            each["from_position"] for each in versions[1:]
        ]
        for before, after in pairwise(versions):
            assert before["from_position"] < after["from_position"] <= head
        for before, after in pairwise(read):
            assert after.event_ids[:-1] == before.event_ids


async def test_two_events_of_one_turn_make_two_versions(lived: Desk, plan: Plan) -> None:
    (claims,) = (each for each in LEDGERS if each.name == "claims_ledger")
    (raised,) = await lived.events("EscalationRaised")
    connection = await plan.database.connect()
    versions = (await kept(connection, claims))[raised["data"]["claim_id"]]
    await connection.close()

    by_position = {each["from_position"]: claims.decode(each["body"]) for each in versions}
    confirmed_only = by_position[raised["position"] - 1]
    assert (confirmed_only.status, confirmed_only.escalated) == ("CONFIRMED", False)
    assert by_position[raised["position"]].escalated


VERSION: Final = 99


def raised_version(ledger: AnyLedger) -> AnyLedger:
    """The same ledger, whose fold is said to have changed."""
    return replace(ledger, version=VERSION, metadata=MetaData())


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda each: each.name)
async def test_a_table_whose_version_was_raised_is_built_anew_to_the_same_rows(
    lived: Desk, plan: Plan, ledger: AnyLedger
) -> None:
    connection = await plan.database.connect()
    before = await kept(connection, ledger)
    newer = raised_version(ledger)
    others = [each for each in TABLES if each.name != ledger.name]
    workings = Workings(AGGREGATES, POLICIES, [*others, newer])

    assert await build_missing(plan.database, workings) == [ledger.name]
    assert await build_missing(plan.database, workings) == []

    assert await kept(connection, newer) == before
    log = Log(connection, workings.codec)
    fresh = await fresh_rows(log, workings, newer, await lived.edge.reader.head())
    assert {key: newer.encode(row) for key, row in fresh.items()} == {
        key: versions[-1]["body"]
        for key, versions in before.items()
        if versions[-1]["until_position"] is None  # what waits for nobody any more has no row
    }
    await connection.close()


async def test_registers_are_built_anew_to_the_same_entries(lived: Desk, plan: Plan) -> None:
    async def entries() -> list[tuple[str, str, str]]:
        statement = "SELECT register, key, value::text FROM registers ORDER BY register, key"
        return [tuple(row) for row in await connection.fetch(statement)]

    assert await lived.edge.reader.head() > 0
    connection = await plan.database.connect()
    before = await entries()
    registers = {each.name for each in TABLES} - {each.name for each in LEDGERS}
    await connection.execute("DELETE FROM read_tables WHERE name = ANY($1)", list(registers))

    built = await build_missing(plan.database, lived.edge.workings)

    assert set(built) == registers
    assert await entries() == before
    assert {name for name, _, _ in before} <= set(built)
    await connection.close()
