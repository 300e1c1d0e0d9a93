"""pg_dump, pg_restore and psql, out of the wheel, against whichever server.

Where the server is and how to get in they read from their environment, which only this user can
see; a command line, with the URL in it, everybody could.
"""

import asyncio
import os
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from app.backup.errors import ProgramFailed
from app.embedded.binaries import installed_wheel

Told = Callable[[int], None]
"""Told how many tables are done."""

DUMP_JOBS: Final = 2
PIECE_BYTES: Final = 256 * 1024
DUMP: Final = (
    "--format=directory",
    "--compress=gzip:4",
    "--lock-wait-timeout=30s",
    "--no-owner",
    "--no-privileges",
    "--no-publications",
    "--no-security-labels",
    "--no-subscriptions",
    "--no-tablespaces",
    "--strict-names",
    "--verbose",
)
SCRIPT: Final = ("--no-owner", "--no-privileges", "--no-tablespaces", "--exit-on-error")
PSQL: Final = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse")
TABLE_DONE: Final = re.compile(r"(dumping contents of|processing data for) table")
COMPLAINT: Final = re.compile(r"(?:error|ERROR|FATAL|PANIC): +(.+)")
COMPLAINTS_KEPT: Final = 20

LIBPQ: Final[Mapping[str, str]] = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "passfile": "PGPASSFILE",
    "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "gssencmode": "PGGSSENCMODE",
    "krbsrvname": "PGKRBSRVNAME",
    "require_auth": "PGREQUIREAUTH",
    "service": "PGSERVICE",
    "servicefile": "PGSERVICEFILE",
    "sslmode": "PGSSLMODE",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
"""What a URL may say, and the variable that says it to libpq."""


def environment_for(url: str) -> dict[str, str]:
    """The environment that leads the programs to a database."""
    parts = urlsplit(url)
    login, _, hosts = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    places = [
        each.rpartition(":") if _has_port(each) else (each, "", "") for each in hosts.split(",")
    ]
    said = {
        "user": unquote(user),
        "password": unquote(password),
        "host": ",".join(unquote(host).strip("[]") for host, _, _ in places),
        "port": ",".join(port for _, _, port in places),
        "dbname": unquote(parts.path.removeprefix("/")),
    }
    said |= dict(parse_qsl(parts.query))
    given = {
        LIBPQ[name]: value for name, value in said.items() if name in LIBPQ and value.strip(",")
    }
    inherited = {name: value for name, value in os.environ.items() if name in LIBPQ.values()}
    plain = {"PATH": os.defpath, "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C"}
    return plain | inherited | given | {"PGAPPNAME": "sanbao backup", "PGTZ": "UTC"}


def _has_port(host: str) -> bool:
    return re.search(r":\d*$", host) is not None and (not host.startswith("[") or "]:" in host)


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs, and the database that they are to work on."""

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def of_wheel(cls, url: str) -> "Programs":
        """The wheel's; as a client, anybody may run them.

        Raises:
            EmbeddedPostgresError: no wheel is installed.
        """
        return cls(installed_wheel().programs(), environment_for(url))

    async def major(self) -> int:
        """The version of PostgreSQL that they belong to."""
        async with self._running("pg_dump", "--version", stdout=PIPE) as process:
            said, _ = await process.communicate()
        found = re.search(rb"\d+", said)
        if found is None:
            raise ProgramFailed(f"{self.folder / 'pg_dump'} does not run here")
        return int(found.group())

    async def dump(self, schema: str, snapshot: str, into: Path, told: Told) -> None:
        """Dump a schema as a snapshot shows it, into a folder that is made, synced to the disk.

        Raises:
            ProgramFailed: it gave up; the folder may be there in part.
        """
        words = (f"--schema={schema}", f"--snapshot={snapshot}", f"--file={into}")
        async with self._running("pg_dump", *DUMP, f"--jobs={DUMP_JOBS}", *words) as process:
            complaints = await _heard(process, told)
            _must_be_done(await process.wait(), "pg_dump", complaints)

    async def load(self, dump: Path, before: str, after: str, told: Told) -> None:
        """Load a dump in one transaction: all of it, or nothing.

        It is committed by the last statement that we send. A psql whose other end dies in the
        middle, or whose dump ends early, comes to no commit.

        Args:
            dump: the folder.
            before: statements ahead of it.
            after: statements behind it.
            told: of progress.

        Raises:
            ProgramFailed: a statement was refused, or the dump cannot be read.
        """
        async with (
            self._running("psql", *PSQL, stdin=PIPE) as psql,
            self._running(
                "pg_restore", *SCRIPT, "--verbose", "--file=-", str(dump), stdout=PIPE
            ) as script,
        ):
            heard = asyncio.gather(_heard(psql), _heard(script, told))
            with suppress(BrokenPipeError, ConnectionResetError):  # psql says why
                await _pumped(script, psql, before)
                if await script.wait() == 0:
                    await _send(psql, f"\n{after}\nCOMMIT;\n".encode())
            if psql.stdin is not None:
                psql.stdin.close()
            of_psql, of_script = await heard
            _must_be_done(await psql.wait(), "psql", of_psql)
            _must_be_done(await script.wait(), "pg_restore", of_script)

    @asynccontextmanager
    async def _running(
        self, program: str, *words: str, stdin: int = DEVNULL, stdout: int = DEVNULL
    ) -> AsyncIterator[Process]:
        """A program that does not outlive our interest in it, and whose files are its owner's."""
        try:
            process = await asyncio.create_subprocess_exec(
                self.folder / program,
                *words,
                stdin=stdin,
                stdout=stdout,
                stderr=PIPE,
                env=dict(self.environment),
                start_new_session=True,
                umask=0o077,
            )
        except OSError as error:
            raise ProgramFailed(f"{self.folder / program} cannot be run: {error}") from None
        try:
            yield process
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


async def _pumped(script: Process, psql: Process, before: str) -> None:
    if script.stdout is None:
        raise AssertionError("it was started with a pipe")
    await _send(psql, f"BEGIN;\n{before}\n".encode())
    while piece := await script.stdout.read(PIECE_BYTES):
        await _send(psql, piece)


async def _send(psql: Process, piece: bytes) -> None:
    if psql.stdin is None:
        raise AssertionError("it was started with a pipe")
    psql.stdin.write(piece)
    await psql.stdin.drain()


async def _heard(process: Process, told: Told = lambda _: None) -> list[str]:
    """What a program has to say, the last of it kept; read to its end, or it would wait."""
    done, kept = 0, list[str]()
    if process.stderr is None:
        raise AssertionError("it was started with a pipe")
    async for raw in process.stderr:
        line = raw.decode(errors="replace").strip()
        if TABLE_DONE.search(line):
            done += 1
            told(done)
        elif line:
            kept = [*kept[-COMPLAINTS_KEPT:], line]
    return kept


def _must_be_done(code: int, program: str, said: list[str]) -> None:
    if code == 0:
        return
    complaints = [found.group(1) for line in said if (found := COMPLAINT.search(line))]
    ended = f"it was ended by signal {-code}" if code < 0 else f"it ended with {code}"
    # The first one is the cause: what follows is what came of it.
    raise ProgramFailed(f"{program}: {(complaints or said[-1:] or [ended])[0]}")
