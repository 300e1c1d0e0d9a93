"""A backup under load holds what was acknowledged; a restore ends with a proof, or is none."""

import asyncio
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from app.backup.errors import BackupFailed, CannotRestore, NotABackup
from app.backup.judging import Trusted
from app.backup.manifest import Manifest
from app.events.database import Database
from app.events.recorded import canonical, leaf_hash
from app.events.tree import extended
from app.evidence.verify import Known
from app.main import Plan
from tests.api.desk import Desk, open_desk
from tests.api.stories import agree, confirmed, define_cause, feedback
from tests.backup.conftest import Ask, Hands, Line, schemas
from tests.evidence.plant import connected_as_owner

CLIENTS = 4


async def writes(desk: Desk, acknowledged: list[str]) -> None:
    """One clerk, case after case."""
    while True:
        acknowledged.append(await feedback(desk))


async def test_what_was_acknowledged_before_a_backup_under_load_is_in_it(
    plan: Plan, elsewhere: Database, hands: Hands, asked: Ask
) -> None:
    acknowledged: list[str] = []
    async with open_desk(plan) as desk:
        await define_cause(desk)
        await agree(desk)
        await confirmed(desk, "520.00")
        clerks = [asyncio.create_task(writes(desk, acknowledged)) for _ in range(CLIENTS)]
        await feedback(desk)  # they are at it, meanwhile
        before = set(acknowledged)
        taken = await hands.take(plan.database)
        during = len(acknowledged) - len(before)
        for clerk in clerks:
            clerk.cancel()
        await asyncio.gather(*clerks, return_exceptions=True)

    restored = await hands.restore(elsewhere, keys=hands.keys)

    assert restored.faults == []
    assert during > 0  # nobody waited for it
    head = await asked(elsewhere, "SELECT position FROM log_head")
    assert head == taken.plant.position == restored.manifest.position
    streams = await asked(
        elsewhere,
        "SELECT array_agg(substr(stream, 15)) FROM events WHERE type = $1",
        "FeedbackRegistered",
    )
    assert before <= set(streams)
    again = await plan_goes_on(plan, elsewhere)
    assert again == head + 3


async def plan_goes_on(plan: Plan, database: Database) -> int:
    """The service serves what was restored: the position of its next event."""
    async with open_desk(Plan(database=database, pepper=plan.pepper)) as desk:
        assert (await desk.get("/v1/ledgers/claims"))["data"]
        await feedback(desk)
        return int((await desk.get("/v1/events"))["head"])


async def test_a_restored_log_is_append_only(
    plan: Plan, elsewhere: Database, hands: Hands, asked: Ask
) -> None:
    await with_cases(plan, 1)
    await hands.take(plan.database)
    await hands.restore(elsewhere)

    service = await elsewhere.connect()
    for statement in ("UPDATE events SET person = 'x'", "DELETE FROM events", "TRUNCATE events"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(statement)
    await service.close()
    for statement in ("UPDATE events SET person = 'x'", "TRUNCATE events"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):  # the owner, by the trigger
            await asked(elsewhere, statement)
    enabled = "SELECT array_agg(tgenabled::text) FROM pg_trigger WHERE tgrelid = 'events'::regclass"
    assert set(await asked(elsewhere, enabled)) == {"A"}


async def with_cases(plan: Plan, count: int) -> None:
    """A log with a few cases in it."""
    async with open_desk(plan) as desk:
        for _ in range(count):
            await feedback(desk)


def flip(path: Path) -> None:
    """One bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def biggest(folder: Path) -> Path:
    """The dump's largest file."""
    return max((folder / "dump").iterdir(), key=lambda each: each.stat().st_size)


def cut(path: Path) -> None:
    """The end is gone."""
    path.write_bytes(path.read_bytes()[:-10])


HARM: dict[str, Callable[[Path], object]] = {
    "a flipped bit in the dump": lambda folder: flip(biggest(folder)),
    "a flipped bit in the manifest": lambda folder: flip(folder / "manifest.json"),
    "another hash of the manifest": lambda folder: flip(folder / "manifest.sha256"),
    "a dump that was cut off": lambda folder: cut(biggest(folder)),
    "a file that is missing": lambda folder: biggest(folder).unlink(),
    "a file too many": lambda folder: (folder / "dump" / "more.dat").write_bytes(b"more"),
    "a link": lambda folder: (folder / "dump" / "more.dat").symlink_to("/etc/hostname"),
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
}


async def test_what_is_not_as_it_was_written_is_refused_before_anything_is_touched(
    plan: Plan, elsewhere: Database, hands: Hands, asked: Ask
) -> None:
    await with_cases(plan, 1)
    await hands.take(plan.database)
    for name, harm in HARM.items():
        harmed = hands.folder / name.replace(" ", "-")
        shutil.copytree(hands.backup, harmed)
        harm(harmed)

        with pytest.raises(NotABackup):
            await hands.restore(elsewhere, backup=harmed)

    assert await schemas(asked, elsewhere) == []


async def test_a_log_that_does_not_hold_is_quarantined_under_a_name_that_says_so(
    plan: Plan, elsewhere: Database, hands: Hands, asked: Ask
) -> None:
    await with_cases(plan, 1)
    owner = await connected_as_owner(plan.database)
    await owner.execute("ALTER TABLE events DISABLE TRIGGER USER")
    await owner.execute("UPDATE events SET person = 'u.other' WHERE position = 2")
    await owner.close()
    await hands.take(plan.database)

    restored = await hands.restore(elsewhere)

    assert restored.faults[0] == "position 2: columns say another thing: person"
    name = restored.settled.schema
    assert name.startswith("sanbao_quarantined_")
    assert await schemas(asked, elsewhere) == [name, f"{name}_keys"]


async def test_a_log_that_was_rewritten_whole_shows_by_what_was_kept_outside(
    plan: Plan, elsewhere: Database, hands: Hands
) -> None:
    await with_cases(plan, 1)
    leaves = await rewritten(plan.database, 1)
    await hands.take(plan.database)

    believed = await hands.restore(elsewhere)
    trusted = Trusted(Known([], leaves))
    held = await hands.restore(elsewhere, trusted=trusted, replace=True)

    assert believed.faults == []
    assert held.faults == ["position 1: its hash is not the one that was kept outside"]


async def rewritten(database: Database, position: int) -> bytes:
    """A superuser changes an event and computes every hash anew; the leaves as they were."""
    owner = await connected_as_owner(database)
    before = [row[0] for row in await owner.fetch("SELECT leaf_hash FROM events ORDER BY position")]
    said = json.loads(
        await owner.fetchval("SELECT canonical FROM events WHERE position = $1", position)
    )
    text = canonical(said | {"person": "u.other"})
    after = [*before[: position - 1], leaf_hash(text), *before[position:]]
    await owner.execute("ALTER TABLE events DISABLE TRIGGER USER")
    await owner.execute(
        "UPDATE events SET person = 'u.other', canonical = $2, leaf_hash = $3 WHERE position = $1",
        position, text, leaf_hash(text),
    )  # fmt: skip
    await owner.execute("UPDATE log_head SET tree = $1", extended(0, (), after)[1])
    for trigger in ("append_only", "contiguous", "destroy_person_key"):
        await owner.execute(f"ALTER TABLE events ENABLE ALWAYS TRIGGER events_{trigger}")
    await owner.close()
    return b"".join(before)


async def test_a_place_that_is_taken_is_refused_or_moved_aside(
    plan: Plan, hands: Hands, asked: Ask
) -> None:
    await with_cases(plan, 1)
    await hands.take(plan.database)
    await with_cases(plan, 2)
    newer = await asked(plan.database, "SELECT position FROM log_head")

    with pytest.raises(CannotRestore, match="sanbao is there already"):
        await hands.restore(plan.database)
    async with plan.database.pool(connections_max=1) as pool:
        await pool.fetchval("SELECT 1")
        with pytest.raises(CannotRestore, match="stop it first"):
            await hands.restore(plan.database, replace=True)
    restored = await hands.restore(plan.database, replace=True)

    assert restored.faults == []
    aside = restored.settled.aside
    assert aside is not None
    assert restored.settled.keys == "kept"
    assert await asked(plan.database, f"SELECT position FROM {aside}.log_head") == newer  # noqa: S608
    assert await asked(plan.database, "SELECT position FROM log_head") < newer
    assert await schemas(asked, plan.database) == ["sanbao", "sanbao_keys", aside]


async def test_a_plant_is_restored_under_another_name_beside_the_one_that_is_served(
    plan: Plan, hands: Hands, asked: Ask
) -> None:
    async with open_desk(plan) as desk:
        await feedback(desk)
        await hands.take(plan.database)
        copy = Database(plan.database.url, "kopie")
        restored = await hands.restore(copy, keys=hands.keys)
        await feedback(desk)

    assert restored.faults == []
    assert await schemas(asked, copy) == ["kopie", "kopie_keys", "sanbao", "sanbao_keys"]
    destroyer = (
        "SELECT prosrc FROM pg_proc WHERE pronamespace = 'kopie'::regnamespace AND proname = $1"
    )
    assert "kopie_keys.person_keys" in await asked(copy, destroyer, "destroy_person_key")


async def test_a_name_that_is_taken_and_a_folder_inside_are_refused(
    plan: Plan, hands: Hands
) -> None:
    hands.backup.mkdir()
    with pytest.raises(BackupFailed, match="new name"):
        await hands.take(plan.database)
    with pytest.raises(BackupFailed, match="kept apart"):
        await hands.take(plan.database, attachments_to=hands.backup / "shared")
    assert not hands.keys.exists()


async def test_a_past_that_is_shown_and_a_schema_without_a_plant_are_not_backed_up(
    plan: Plan, hands: Hands
) -> None:
    connection = await connected_as_owner(plan.database)
    await connection.execute("UPDATE log_head SET mode = 'replay'")
    with pytest.raises(BackupFailed, match="past of another"):
        await hands.take(plan.database)
    with pytest.raises(BackupFailed, match="holds no plant"):
        await hands.take(Database(plan.database.url, "nowhere"))
    await connection.close()


async def test_a_backup_is_its_owners_alone_and_a_sandbox_stays_one(
    sandbox: Desk, plan: Plan, elsewhere: Database, hands: Hands, asked: Ask
) -> None:
    sandbox.at = "2025-02-03T02:00:00Z"
    await feedback(sandbox)
    await hands.take(plan.database)
    modes = {stat.S_IMODE(each.stat().st_mode) for each in hands.backup.rglob("*")}
    assert modes == {0o700, 0o600}
    assert stat.S_IMODE(hands.backup.stat().st_mode) == 0o700

    await hands.restore(elsewhere)

    assert await asked(elsewhere, "SELECT mode FROM log_head") == "sandbox"


async def test_the_line_says_what_was_written_and_what_came_back(
    plan: Plan, hands: Hands, line: Line
) -> None:
    await with_cases(plan, 1)
    written = await line("backup", str(hands.backup), "--json")
    said = json.loads(written.stdout)
    taken = await line("backup", str(hands.backup))
    refused = await line("restore", str(hands.backup))
    done = await line("restore", str(hands.backup), "--replace", "--json")
    told = json.loads(done.stdout)

    assert (written.exit_code, taken.exit_code, refused.exit_code, done.exit_code) == (0, 1, 2, 0)
    assert (said["keys_of_persons"], said["secrets"]) == ("not taken", [])
    assert Manifest.model_validate_json((hands.backup / "manifest.json").read_text()).position == 4
    assert (told["holds"], told["position"], told["root"]) == (True, 4, said["root"])
    assert told["not_continued"] is None
