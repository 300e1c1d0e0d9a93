"""The embedded PostgreSQL with real processes, and what a crash leaves of them."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.embedded import EmbeddedPostgres, EmbeddedPostgresError
from app.embedded.account import account_of_a_new_cluster
from app.embedded.binaries import installed_wheel
from app.embedded.living import living, living_by_ps, postmaster
from app.embedded.place import POINTER, SHARED, SHORT, settle

ROOT: Final = Path(__file__).parents[2]
IS_ROOT: Final = os.geteuid() == 0
BUSY_FOR_SECONDS: Final = "SELECT count(*) FROM generate_series(1, 15000000)"
"""Looks up from its work too seldom to see that the server was killed."""
SELECT_LOCALE: Final = "SELECT datlocprovider::text || datlocale FROM pg_database LIMIT 1"


class User:
    """Another process that uses the server."""

    def __init__(self, data_dir: Path, *options: str, path: Path | None = None) -> None:
        """Start it; it takes a while until it is up. `path` is looked up first for imports."""
        before = [str(path)] if path else []
        imports = os.pathsep.join([*before, *filter(None, [os.environ.get("PYTHONPATH")])])
        self.process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-m", "tests.embedded.user", str(data_dir), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": imports, "PYTHONWARNINGS": "error"},
        )

    def is_up(self) -> str:
        """Wait until it is, and return where its programs are."""
        assert self.process.stdout is not None
        word, _, programs = self.process.stdout.readline().decode().strip().partition(" ")
        assert word == "up"
        return programs

    def leave(self) -> None:
        """Have it end as it should."""
        self.process.communicate(timeout=20)
        assert self.process.returncode == 0

    def kill(self) -> None:
        """Have it end at once."""
        self.process.kill()
        self.process.communicate(timeout=20)


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder that every user may pass, as those of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="sanbao-test-")).resolve()
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(ground: Path) -> Iterator[Path]:
    """Where a test has its cluster."""
    folder = ground / "missing" / "postgres"
    yield folder
    EmbeddedPostgres(folder, durable=False).discard()


def answer(server: EmbeddedPostgres, query: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(server.dsn)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(ask())


async def answer_to_sqlalchemy(server: EmbeddedPostgres, query: str) -> object:
    engine = create_async_engine(server.url(driver="postgresql+asyncpg"))
    async with engine.connect() as connection:
        found: object = await connection.scalar(text(query))
    await engine.dispose()
    return found


def psql(server: EmbeddedPostgres, query: str) -> "subprocess.Popen[str]":
    command = [str(server.binaries / "psql"), "-XAtd", server.dsn, "-c", query]
    return subprocess.Popen(  # noqa: S603 - our own words
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def modes_above(folder: Path) -> dict[Path, tuple[int, int, int]]:
    found = {each: each.stat() for each in (folder, *folder.parents)}
    return {each: (of.st_mode, of.st_uid, of.st_gid) for each, of in found.items()}


def starts(data_dir: Path) -> int:
    return settle(data_dir).log.read_text().count("ready to accept connections")


def is_alive(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is None


def test_what_it_was_told_is_there_after_a_restart(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        answer(server, "CREATE TABLE told (word text)")
        answer(server, "INSERT INTO told VALUES ('三包')")
    place = settle(data_dir)
    assert living(place) == set()

    with EmbeddedPostgres(data_dir) as server:
        assert answer(server, "SELECT word FROM told") == "三包"
        pid = postmaster(place)
        assert pid is not None
        assert os.getsid(pid) != os.getsid(0), "Ctrl-C in the terminal would reach it"
        assert living_by_ps(place) == living(place)
    assert living(place) == set()
    assert stat.S_IMODE(place.cluster.stat().st_mode) == 0o700
    assert stat.S_IMODE(data_dir.parent.stat().st_mode) == 0o711


def test_every_driver_takes_its_url_whatever_the_environment_says(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGHOST", "nowhere.invalid")
    monkeypatch.setenv("LC_ALL", "no_SUCH.locale")
    with EmbeddedPostgres(data_dir, durable=False) as server:
        to_sqlalchemy = asyncio.run(answer_to_sqlalchemy(server, SELECT_LOCALE))
        to_asyncpg = answer(server, "SHOW listen_addresses")
        to_psql, _ = psql(server, "SHOW data_checksums").communicate(timeout=10)

    assert to_sqlalchemy == "bC.UTF-8"
    assert to_asyncpg == "", "it listens on a network"
    assert to_psql == "on\n"


def test_who_needs_it_durable_does_not_share_one_that_is_not(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert answer(server, "SHOW fsync") == "off"
        with pytest.raises(EmbeddedPostgresError, match="fsync=off"):
            EmbeddedPostgres(data_dir).start()
        assert answer(server, "SELECT 1") == 1
    assert settle(data_dir).unsynced.exists()

    with EmbeddedPostgres(data_dir) as server:
        assert not settle(data_dir).unsynced.exists()
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert answer(server, f"SHOW {setting}") == "on"


def test_two_share_it_and_the_last_one_out_stops_it(data_dir: Path) -> None:
    first, second = User(data_dir), User(data_dir)
    first.is_up()
    second.is_up()
    place = settle(data_dir)
    pid = postmaster(place)

    first.leave()
    assert postmaster(place) == pid
    second.leave()

    assert living(place) == set()
    assert starts(data_dir) == 1


def test_the_server_of_a_killed_user_is_taken_over_and_stopped(data_dir: Path) -> None:
    killed = User(data_dir)
    killed.is_up()
    place = settle(data_dir)
    pid = postmaster(place)
    killed.kill()
    assert postmaster(place) == pid is not None

    with EmbeddedPostgres(data_dir, durable=False):
        assert postmaster(place) == pid

    assert living(place) == set()


def test_a_killed_server_is_started_again_once_its_orphans_are_done(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as server:
        place = settle(data_dir)
        with psql(server, BUSY_FOR_SECONDS) as busy:
            time.sleep(0.5)
            pid = postmaster(place)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.2)
            assert living(place), "the query should outlive its server"

            server.start()

            assert answer(server, "SELECT 1") == 1
            assert postmaster(place) not in {pid, None}
            busy.kill()
        pid = postmaster(place)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        server.start()
        assert answer(server, "SELECT 1") == 1
    assert living(place) == set()


def test_a_stale_pid_that_is_now_anothers_harms_nobody(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False):
        place = settle(data_dir)
        left_behind = (place.cluster / "postmaster.pid").read_text().split("\n")
    with subprocess.Popen(["/bin/sleep", "60"]) as bystander:
        stale = "\n".join([str(bystander.pid), *left_behind[1:]])
        (place.cluster / "postmaster.pid").write_text(stale)
        (place.run / ".s.PGSQL.5432.lock").write_text(stale)

        with EmbeddedPostgres(data_dir, durable=False) as server:
            assert answer(server, "SELECT 1") == 1
            (place.cluster / "postmaster.pid").write_text(stale)
        assert is_alive(bystander)
        assert living(place), "it was not stopped by a pid that is not its own"

        (place.cluster / "postmaster.pid").write_text("\n".join(left_behind))
        for pid in living(place):
            with suppress(ProcessLookupError):  # it went with its postmaster
                os.kill(pid, signal.SIGKILL)
        with EmbeddedPostgres(data_dir, durable=False) as server:
            assert answer(server, "SELECT 1") == 1
        assert is_alive(bystander)
        bystander.kill()


def test_a_folder_that_only_we_may_enter_stays_so(ground: Path) -> None:
    private = ground / "private"
    private.mkdir(mode=0o700)
    data_dir = private / "postgres"
    data_dir.mkdir(mode=0o750)
    before = modes_above(data_dir)

    with EmbeddedPostgres(data_dir, durable=False) as server:
        answer(server, "CREATE TABLE told ()")
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert answer(server, "SELECT count(*) FROM told") == 0

    assert modes_above(data_dir) == before
    home = settle(data_dir).home
    assert (data_dir / POINTER).exists() == IS_ROOT
    assert home == (SHARED / "clusters" / home.name if IS_ROOT else data_dir)
    server.discard()
    if IS_ROOT:
        shutil.rmtree(home)


def test_a_cluster_elsewhere_is_not_taken_for_that_of_a_new_folder(ground: Path) -> None:
    if not IS_ROOT:
        pytest.skip("only root's clusters lie elsewhere")
    data_dir = ground / "private" / "postgres"
    data_dir.parent.mkdir(mode=0o700)
    first = settle(data_dir).home
    (first / "cluster").mkdir(mode=0o700)
    (data_dir / POINTER).unlink()

    second = settle(data_dir).home

    assert second != first
    first.rename(second.with_name("moved-away"))
    second.rmdir()
    with pytest.raises(EmbeddedPostgresError, match="is not there"):
        settle(data_dir)
    shutil.rmtree(second.with_name("moved-away"))


def test_another_user_can_run_it(ground: Path) -> None:
    if not IS_ROOT:
        pytest.skip("only root can become another user; these tests run as one already")
    if not account_of_a_new_cluster().may_run(installed_wheel().programs() / "postgres"):
        pytest.skip("other users may not read this checkout")
    shutil.chown(ground, "nobody")
    data_dir = ground / "of-nobody" / "postgres"

    user = User(data_dir, "--user", "nobody")
    user.is_up()
    assert settle(data_dir).cluster.owner() == "nobody"
    user.leave()
    with EmbeddedPostgres(data_dir, durable=False) as as_root:
        assert settle(data_dir).account.name == "nobody"
    user = User(data_dir, "--user", "nobody")
    user.is_up()
    user.leave()

    assert living(settle(data_dir)) == set()
    as_root.discard()


def test_programs_that_the_stand_in_cannot_reach_are_copied_once(
    ground: Path, data_dir: Path
) -> None:
    if not IS_ROOT:
        pytest.skip("only root hands them to a stand-in")
    wheel = installed_wheel()
    copy = SHARED / wheel.label
    was_there = copy.exists()
    hidden = ground / "hidden"
    hidden.mkdir(mode=0o700)
    for each in wheel.package.parent.glob(f"{wheel.package.name}*"):
        (hidden / each.name).symlink_to(each)

    users = [User(data_dir, path=hidden) for _ in range(2)]
    for user in users:
        assert Path(user.is_up()).is_relative_to(copy)
    for user in users:
        user.leave()

    assert not list(SHARED.glob(".incoming-*"))
    if not was_there:
        shutil.rmtree(copy)


@pytest.mark.parametrize("name", ["n" * 120, "with space, comma and $(dollar) 数据"])
def test_a_path_too_long_or_too_odd_for_a_socket(ground: Path, name: str) -> None:
    data_dir = ground / name

    with EmbeddedPostgres(data_dir, durable=False) as server:
        run = settle(data_dir).run
        assert answer(server, "SELECT 1") == 1
        assert run.parent == SHORT
        assert stat.S_IMODE(run.stat().st_mode) == 0o700

    assert not run.exists()
    server.discard()


def test_six_short_users_start_it_once(data_dir: Path) -> None:
    users = [User(data_dir) for _ in range(6)]
    for user in users:
        user.process.communicate(timeout=20)
        assert user.process.returncode == 0

    assert starts(data_dir) == 1
    assert living(settle(data_dir)) == set()


def test_a_cluster_of_another_major_version_is_told(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False):
        pass
    version = settle(data_dir).cluster / "PG_VERSION"
    version.write_text("16\n")

    with pytest.raises(EmbeddedPostgresError, match="made by PostgreSQL 16") as told:
        EmbeddedPostgres(data_dir, durable=False).start()

    assert "\n" not in str(told.value)


def test_what_cannot_be_is_told_in_one_line(ground: Path) -> None:
    (ground / "file").touch()

    with pytest.raises(EmbeddedPostgresError, match="directories") as told:
        EmbeddedPostgres(ground / "file" / "postgres").start()

    assert "\n" not in str(told.value)


def test_a_server_that_does_not_start_is_told_with_its_own_words(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False):
        pass
    with (settle(data_dir).cluster / "postgresql.conf").open("a") as settings:
        settings.write("\nwork_mem = 'much'\n")

    with pytest.raises(EmbeddedPostgresError, match="contains errors") as told:
        EmbeddedPostgres(data_dir, durable=False).start()

    assert "\n" not in str(told.value)
