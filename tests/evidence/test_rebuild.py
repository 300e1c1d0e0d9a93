"""Read tables built anew while everybody goes on, and compared with what stood before."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import MetaData

from app.domain.aggregates import AGGREGATES
from app.domain.policies.catalogue import POLICIES
from app.events.workings import Workings
from app.evidence.building import Overtaken, Rebuild, owner_of
from app.evidence.checking import check
from app.evidence.checksums import Checksum, checksum
from app.evidence.folding_pass import Bounds
from app.evidence.rebuild import build_missing, rebuild
from app.evidence.sharing import fold_together
from app.main import Plan
from app.projections.claims_ledger import CLAIMS_LEDGER
from app.projections.deadlines import DEADLINES_LEDGER
from app.projections.ledger import AnyLedger
from tests.api.desk import Desk
from tests.api.stories import feedback, verified

NARROW = Bounds(page_events=3, pages=1, span_positions=7, remembered=2)
"""Pages of three events, and a memory of two: everything else must be read back."""


async def checksums(plan: Plan, house: Workings, position: int) -> dict[str, Checksum]:
    """Of every table; of ledgers at the position."""
    async with owner_of(plan.database) as connection, connection.transaction():
        return {
            name: await checksum(connection, table, position)
            for name, table in house.tables.items()
        }


async def test_tables_built_anew_are_those_that_stood(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    head = await lived.edge.reader.head()
    before = await checksums(plan, house, head)

    built = await rebuild(plan.database, house, house.tables)

    assert {each.name for each in built} == set(house.tables)
    assert {each.position for each in built} == {head}
    assert await checksums(plan, house, head) == before
    assert sum(each.rows for each in before.values()) > 30


@pytest.mark.parametrize("pages", [1, 2, 5, 1_000])
async def test_with_little_memory_and_small_pages_they_are_the_same(
    lived: Desk, plan: Plan, house: Workings, pages: int
) -> None:
    head = await lived.edge.reader.head()
    before = await checksums(plan, house, head)
    seen: list[tuple[int, int]] = []

    async with owner_of(plan.database) as connection:
        told = lambda done, total: seen.append((done, total))  # noqa: E731 - one line
        bounds = replace(NARROW, pages=pages)
        building = Rebuild(connection, house, house.tables.values(), "next", told, bounds)
        await building.begin(afresh=False)
        await building.catch_up()
        await building.switch()

    assert await checksums(plan, house, head) == before
    assert seen[0] == (min(3 * pages, head), head)
    assert seen[-1] == (head, head)


async def test_a_rebuild_that_broke_off_goes_on_where_it_was(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    head = await lived.edge.reader.head()
    before = await checksums(plan, house, head)
    async with owner_of(plan.database) as connection:
        building = Rebuild(connection, house, house.tables.values(), "next", None, NARROW)
        await building.begin(afresh=False)
        await building.fold_up_to(10)
        connection.terminate()  # as a process that was killed leaves it
    listed = await lived.get("/v1/projections")
    assert {each["rebuilding_at"] for each in listed["data"]} == {10}

    seen: list[int] = []
    await rebuild(plan.database, house, house.tables, told=lambda done, _: seen.append(done))

    assert min(seen) > 10
    assert await checksums(plan, house, head) == before
    listed = await lived.get("/v1/projections")
    assert {each["rebuilding_at"] for each in listed["data"]} == {None}


async def test_tables_at_different_places_meet_before_they_are_switched(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    head = await lived.edge.reader.head()
    before = await checksums(plan, house, head)
    async with owner_of(plan.database) as connection:
        some = [house.tables["claims_ledger"], house.tables["spec_claims"]]
        begun = Rebuild(connection, house, some, "next", None, NARROW)
        await begun.begin(afresh=False)
        await begun.fold_up_to(20)

    await rebuild(plan.database, house, ["claims_ledger", "spec_claims", "numbers"])

    assert await checksums(plan, house, head) == before


async def test_two_processes_fold_a_long_way_together(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    head = await lived.edge.reader.head()
    before = await checksums(plan, house, head)
    seen: list[tuple[int, int]] = []

    async with owner_of(plan.database) as connection:
        told = lambda done, total: seen.append((done, total))  # noqa: E731 - one line
        building = Rebuild(connection, house, house.tables.values(), "next", told, NARROW)
        await building.begin(afresh=False)
        await fold_together(plan.database, building, far=head + 1)
        assert await building.reached() == 0
        await fold_together(plan.database, building, far=head)
        assert await building.reached() == head
        await building.switch()

    assert await checksums(plan, house, head) == before
    assert seen[-1] == (head, head)


async def test_what_the_second_process_does_not_understand_is_folded_by_the_first(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    head = await lived.edge.reader.head()
    before = await checksums(plan, house, head)
    newer = with_newer(DEADLINES_LEDGER, house)

    async with owner_of(plan.database) as connection:
        building = Rebuild(connection, newer, newer.tables.values(), "next")
        await building.begin(afresh=False)
        await fold_together(plan.database, building, far=0)
        assert await building.reached() == 0
        await building.catch_up()
        await building.switch()

    assert await checksums(plan, house, head) == before


async def test_readers_and_writers_go_on_and_no_reader_meets_an_empty_ledger(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    at_first = len((await lived.get("/v1/ledgers/claims"))["data"])
    done = asyncio.Event()

    async def read() -> list[int]:
        seen = []
        while not done.is_set():
            seen.append(len((await lived.get("/v1/ledgers/claims"))["data"]))
        return seen

    async def write() -> None:
        for _ in range(3):
            await verified(lived, "80.00")

    async def build() -> None:
        async with owner_of(plan.database) as connection:
            building = Rebuild(connection, house, house.tables.values(), "next", None, NARROW)
            await building.begin(afresh=False)
            await building.catch_up()
            await building.switch()
        done.set()

    seen, _, _ = await asyncio.gather(read(), write(), build())

    assert min(seen) >= at_first
    assert seen == sorted(seen)
    await verified(lived, "90.00")  # the writer met other tables, and goes on
    assert len((await lived.get("/v1/ledgers/claims"))["data"]) == at_first + 4
    checked = await check(plan.database, house, house.tables)
    assert [each.name for each in checked if each.difference] == []


async def test_a_check_names_the_first_row_that_differs_and_a_rebuild_mends_it(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    connection = await plan.database.connect()
    row = await connection.fetchval("SELECT min(row_id) FROM claims_ledger")
    await connection.execute("""
        UPDATE claims_ledger SET body = jsonb_set(body::jsonb, '{customer_id}', '"C99"')::json
        WHERE row_id = (SELECT min(row_id) FROM claims_ledger)
    """)
    await connection.execute("DELETE FROM registers WHERE register = 'numbers'")
    await connection.close()

    claims, numbers, cases = await check(
        plan.database, house, ["claims_ledger", "numbers", "feedback_ledger"]
    )

    assert claims.difference is not None
    assert (claims.difference.kind, claims.difference.key) == ("DIFFERS", row)
    assert claims.difference.fields["customer_id"][0] == "C99"
    assert numbers.difference is not None
    assert numbers.difference.kind == "MISSING"
    assert cases.difference is None
    assert cases.versions > 1
    await rebuild(plan.database, house, ["claims_ledger", "numbers"])
    assert not [each for each in await check(plan.database, house, house.tables) if each.difference]
    await feedback(lived)  # numbered on, from the entry that is back


async def test_a_check_names_a_row_that_is_found_by_something_else_than_it_says(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    assert await lived.edge.reader.head()
    connection = await plan.database.connect()
    row = await connection.fetchval("SELECT min(row_id) FROM claims_ledger_history")
    await connection.execute("""
        UPDATE claims_ledger_history SET customer_id = 'C99'
        WHERE row_id = (SELECT min(row_id) FROM claims_ledger_history)
    """)
    await connection.close()

    (claims,) = await check(plan.database, house, ["claims_ledger"])

    assert claims.difference is not None
    assert (claims.difference.kind, claims.difference.key) == ("DIFFERS", row)
    assert claims.difference.fields == {"customer_id": ("C99", "C01")}
    await rebuild(plan.database, house, ["claims_ledger"])
    assert not (await check(plan.database, house, ["claims_ledger"]))[0].difference


async def test_who_finds_a_rebuild_finished_by_somebody_else_is_told(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    assert await lived.edge.reader.head()
    async with owner_of(plan.database) as one, owner_of(plan.database) as two:
        first = Rebuild(one, house, [CLAIMS_LEDGER], "next", None, NARROW)
        second = Rebuild(two, house, [CLAIMS_LEDGER], "next", None, NARROW)
        for each in (first, second):
            await each.begin(afresh=False)
        for position in (6, 12):  # in turns: each notices that the other went on
            await first.fold_up_to(position)
            await second.fold_up_to(position + 3)
        await first.catch_up()
        await first.switch()
        with pytest.raises(Overtaken):
            await second.catch_up()

    assert not (await check(plan.database, house, ["claims_ledger"]))[0].difference


def with_newer(ledger: AnyLedger, house: Workings) -> Workings:
    """The house of a version of the service in which a ledger is folded in another way."""
    newer = replace(ledger, version=99, metadata=MetaData())
    tables = [newer if each is ledger else each for each in house.tables.values()]
    return Workings(AGGREGATES, POLICIES, tables)


async def test_a_process_of_an_older_version_writes_no_more_once_a_newer_one_switched(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    newer = with_newer(CLAIMS_LEDGER, house)
    claims: Sequence[object] = (await lived.get("/v1/ledgers/claims"))["data"]

    assert await build_missing(plan.database, newer) == ["claims_ledger"]

    body = {"code": "M77", "zh": "缺胶", "en": "missing", "cause_class": "MANUFACTURING"}
    refused = await lived.post("/v1/cause-catalogue/define", body, by="u.qa1")
    assert (refused.status_code, refused.json()["code"]) == (503, "LOG_UNAVAILABLE")
    assert (await lived.get("/v1/ledgers/claims"))["data"] == claims
    assert await build_missing(plan.database, house) == ["claims_ledger"]
    await lived.does("/v1/cause-catalogue/define", body, by="u.qa1")


async def test_every_table_is_listed_with_its_checksum(
    lived: Desk, plan: Plan, house: Workings
) -> None:
    listed = await lived.get("/v1/projections")
    head = listed["position"]
    expected = await checksums(plan, house, head)

    assert {each["name"]: each["rows"] for each in listed["data"]} == {
        name: each.rows for name, each in expected.items()
    }
    found = await lived.get("/v1/projections/claims_ledger/checksum")
    assert found["sha256"] == expected["claims_ledger"].sha256
    assert (found["position"], found["rows"]) == (head, 3)
    await verified(lived, "80.00")
    later = await lived.get("/v1/projections/claims_ledger/checksum")
    assert (later["rows"], later["sha256"] == found["sha256"]) == (4, False)
    then = await lived.get("/v1/projections/claims_ledger/checksum", as_of=head)
    assert then == found
    register = await lived.get("/v1/projections/numbers/checksum")
    assert register["versions"] == register["rows"] > 0


async def test_a_register_has_no_past_and_what_is_unknown_is_not_found(lived: Desk) -> None:
    headers = {"Authorization": f"Bearer {lived.keys['u.aud']}"}
    path = "/v1/projections/{}/checksum?as_of=3"
    no_past = await lived.http.get(path.format("numbers"), headers=headers)
    unknown = await lived.http.get(path.format("nothing"), headers=headers)

    assert (no_past.status_code, no_past.json()["errors"][0]["code"]) == (422, "no_history")
    assert unknown.status_code == 404
