"""People are read by those whose work needs them, and by nobody else who has a key."""

from typing import Final

import asyncpg
import pytest

from app.boot import FIRST_PEOPLE
from app.domain.aggregates import AGGREGATES
from app.domain.decider import Command
from app.domain.personal import SEALED, SEEN_BY, WITHHELD, PersonalKind, places_of
from app.domain.values import Role
from app.events.database import Database
from tests.api.desk import Desk
from tests.api.personal import DRIVER, OTHER_VIN, PEOPLE, VIN, Told, everything, tell
from tests.api.stories import define_cause

KINDS: Final = {
    VIN: PersonalKind.VEHICLE,
    OTHER_VIN: PersonalKind.VEHICLE,
    DRIVER: PersonalKind.CARRIER_PERSON,
}


@pytest.fixture
async def told(sandbox: Desk) -> Told:
    """Everybody was named somewhere."""
    sandbox.at = "2025-03-03T02:00:00Z"
    await define_cause(sandbox)
    return await tell(sandbox)


def readable(role: Role) -> set[str]:
    """The people whom a role reads."""
    return {
        each for each in PEOPLE if role in SEEN_BY[KINDS.get(each, PersonalKind.CUSTOMER_PERSON)]
    }


async def test_everybody_reads_the_people_whom_his_work_needs_and_no_others(
    sandbox: Desk, told: Told
) -> None:
    for person, role in FIRST_PEOPLE:
        if role is Role.ADMINISTRATOR:  # reads no record at all
            continue
        read, may = await everything(sandbox, told, by=person), readable(role)

        assert {each for each in PEOPLE if each in read} == may, role
        assert (WITHHELD in read) == (len(may) < len(PEOPLE)), role
        assert SEALED.search(read) is None, role


def test_whoever_says_who_it_was_may_read_it_again() -> None:
    for decider in AGGREGATES:
        for command in decider.command_types:
            carried: type[Command] = command
            for _, kind in places_of(carried):
                assert command.roles - {Role.INTEGRATION} <= SEEN_BY[kind], command


async def test_an_integration_is_not_even_answered_what_it_sent(sandbox: Desk, told: Told) -> None:
    body = {
        "customer_id": "C01",
        "channel": "PHONE",
        "life_phase": "FIELD",
        "spec_code": "TC 85×105×10 FKM",
        "failure_mode": "漏油",
        "qty_reported": 1,
        "description": "x",
        "vehicle": {"model": "WD615", "vin": VIN},
    }
    sent = await sandbox.does("/v1/feedback-cases", body, by="erp")
    seen = await sandbox.get(f"/v1/feedback-cases/{sent['id']}", by="erp")
    sent_back = await sandbox.post(
        "/v1/feedback-cases", body | {"vehicle": seen["state"]["vehicle"]}, by="erp"
    )

    assert told.position
    assert sent["state"]["vehicle"]["vin"] == WITHHELD
    assert seen["state"]["vehicle"]["vin"] == WITHHELD
    assert sent_back.status_code == 422
    assert sent_back.json()["errors"][0]["pointer"] == "/vehicle/vin"


async def test_keys_from_before_kinds_were_kept_open_to_those_who_see_every_kind(
    sandbox: Desk, told: Told, database: Database
) -> None:
    owner = await asyncpg.connect(database.url)
    await owner.execute("UPDATE sanbao_keys.person_keys SET kind = NULL")
    await owner.close()

    seen = {
        by: VIN in str(await sandbox.get(f"{told.records[0]}/timeline", by=by))
        for by in ("u.qam", "u.qa1")
    }

    assert seen == {"u.qam": True, "u.qa1": False}
