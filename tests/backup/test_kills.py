"""Killed in the middle, or out of disk: nothing is left that looks whole; no secret is shown."""

import asyncio
import os
import resource
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from app.backup.programs import environment_for
from app.events.database import Database
from app.main import Plan
from tests.api.desk import open_desk
from tests.api.service import SANBAO
from tests.api.stories import feedback
from tests.backup.conftest import Ask, Hands, schemas

SECRET = "a:pass/word@with#signs"  # noqa: S105 - no secret of anybody
WAITING = """
    SELECT count(*) > 0 FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
GONE = """
    SELECT count(*) = 0 FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'sanbao backup'
"""
HOLD = (
    "CREATE TABLE held (x integer) PARTITION BY LIST (x)",
    "BEGIN",
    "LOCK TABLE held IN ACCESS EXCLUSIVE MODE",
)
"""A table that a dump waits for, and that has no rows of its own to be counted before."""


def with_password(database: Database) -> str:
    """The same address; the server trusts whoever comes in, and reads no password."""
    return database.url.replace("user=postgres", f"user=postgres&password={quote(SECRET, safe='')}")


def begin(
    *words: str, url: str, data_dir: Path, limited: Callable[[], None] | None = None
) -> "subprocess.Popen[bytes]":
    """The command in a process group of its own."""
    environment = os.environ | {"DATABASE_URL": url, "SANBAO_DATA_DIR": str(data_dir)}
    with data_dir.with_name("said").open("wb") as said:
        return subprocess.Popen(  # noqa: S603 - ours
            [SANBAO, *words],
            env=environment,
            stdout=said,
            stderr=said,
            preexec_fn=limited,  # noqa: PLW1509 - it sets a limit and nothing else
        )


async def until(database: Database, question: str) -> None:
    """Until the answer is yes; on a connection of its own, for a transaction looks only once."""
    connection = await database.connect_as_owner()
    try:
        async with asyncio.timeout(60):
            while not await connection.fetchval(question):
                pass
    finally:
        await connection.close()


def command_lines() -> str:
    """What everybody on this machine may read of every process."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(each.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(found)


async def test_a_backup_that_is_killed_leaves_nothing_that_has_its_name(
    plan: Plan, hands: Hands, tmp_path: Path
) -> None:
    async with open_desk(plan) as desk:
        await feedback(desk)
    holder = await plan.database.connect_as_owner()
    for statement in HOLD:
        await holder.execute(statement)
    words = ("backup", str(hands.backup))
    process = begin(*words, url=with_password(plan.database), data_dir=tmp_path / "data")
    await until(plan.database, WAITING)
    lines = command_lines()
    process.kill()
    process.wait()
    await holder.close()

    assert "pg_dump" in lines
    assert "pass/word" not in lines
    assert quote(SECRET, safe="") not in lines
    assert not hands.backup.exists()
    assert list(tmp_path.glob(".incoming-backup-*"))
    await hands.take(plan.database)  # the next one cleans up
    assert hands.backup.exists()
    assert not list(tmp_path.glob(".incoming-*"))


async def test_a_restore_that_is_killed_leaves_no_plant_at_all(
    plan: Plan, elsewhere: Database, hands: Hands, asked: Ask, tmp_path: Path
) -> None:
    async with open_desk(plan) as desk:
        await feedback(desk)
    await hands.take(plan.database)
    holder = await elsewhere.connect_as_owner()
    await holder.execute("BEGIN; CREATE SCHEMA sanbao")
    words = ("restore", str(hands.backup))
    process = begin(*words, url=with_password(elsewhere), data_dir=tmp_path / "data")
    await until(elsewhere, WAITING)
    lines = command_lines()
    process.kill()
    process.wait()
    await holder.execute("ROLLBACK")
    await until(elsewhere, GONE)  # psql finds nobody at its other end
    await holder.close()

    assert "psql" in lines
    assert "pass/word" not in lines
    assert await schemas(asked, elsewhere) == []
    assert (await hands.restore(elsewhere)).faults == []


async def test_a_full_disk_is_told_and_leaves_nothing(
    plan: Plan, hands: Hands, tmp_path: Path
) -> None:
    async with open_desk(plan) as desk:
        await feedback(desk)

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))

    words = ("backup", str(hands.backup))
    process = begin(*words, url=plan.database.url, data_dir=tmp_path / "data", limited=little)
    code = await asyncio.to_thread(process.wait)
    said = (tmp_path / "said").read_text()

    assert code == 1, said
    assert "Nothing was written" in said
    assert not hands.backup.exists()
    assert not list(tmp_path.glob(".incoming-*"))


async def test_a_backup_that_is_asked_to_stop_takes_back_what_is_half_done(
    plan: Plan, hands: Hands, tmp_path: Path
) -> None:
    holder = await plan.database.connect_as_owner()
    for statement in HOLD:
        await holder.execute(statement)
    words = ("backup", str(hands.backup))
    process = begin(*words, url=plan.database.url, data_dir=tmp_path / "data")
    await until(plan.database, WAITING)
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(process.wait)
    await holder.close()

    assert process.returncode != 0
    assert not list(tmp_path.glob("*backup*"))
    assert not list(tmp_path.glob(".incoming-*"))


def test_a_url_is_told_to_libpq_by_its_environment() -> None:
    url = "postgresql://app%40plant:p%2Fw@db1:5433,[::1]:5434/plant%20a?sslmode=verify-full&sslrootcert=/ca.pem"

    said = environment_for(url)

    assert said["PGUSER"] == "app@plant"
    assert said["PGPASSWORD"] == "p/w"
    assert said["PGHOST"] == "db1,::1"
    assert said["PGPORT"] == "5433,5434"
    assert said["PGDATABASE"] == "plant a"
    assert said["PGSSLMODE"] == "verify-full"
    assert said["PGSSLROOTCERT"] == "/ca.pem"
