"""Where a cluster lies.

```
<data dir>/               0711 if made here
    cluster/              0700, of the user that PostgreSQL runs as
    run/                  0700, the socket
    postgres.log
    turn.lock             one starts or stops at a time
    users.lock            held by all who use it
    not-synced            there if it ran as a throwaway
```

All of it lies elsewhere, and a text file in the data dir says where, if we are root and the user of
PostgreSQL could not reach the data dir. The socket alone lies in the folder for temporary files if
its path would be too long for the kernel or too odd for a URL.
"""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.embedded.account import ROOT, Account, account_of, account_of_a_new_cluster
from app.embedded.errors import EmbeddedPostgresError
from app.embedded.locks import exclusive

SHARED: Final = Path("/var/lib/sanbao")
"""Where root puts what the user of PostgreSQL could not reach elsewhere."""
POINTER: Final = "cluster-lies-elsewhere.txt"
SOCKET: Final = ".s.PGSQL.5432"
SOCKET_PATH_BYTES_MAX: Final = 107
"""Of `sun_path` on Linux, less the final zero. macOS has 103; see `_fits`."""
SHORT: Final = Path("/tmp")  # noqa: S108 - of one name for all who share, whatever TMPDIR says; we look whose it is
PLAIN: Final = re.compile(r"[A-Za-z0-9_./-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one cluster lies, and whose it is."""

    home: Path
    account: Account

    @property
    def name(self) -> str:
        """Tells its processes from those of other clusters."""
        return f"sanbao-{_hash(self.home)}"

    @property
    def cluster(self) -> Path:
        """What PostgreSQL calls its data directory."""
        return self.home / "cluster"

    @property
    def run(self) -> Path:
        """The folder of the socket."""
        beside = self.home / "run"
        return beside if _fits(beside) else SHORT / self.name

    @property
    def log(self) -> Path:
        """What PostgreSQL has to say."""
        return self.home / "postgres.log"

    @property
    def unsynced(self) -> Path:
        """There if it ran without syncing what it wrote."""
        return self.home / "not-synced"

    @property
    def turn(self) -> Path:
        """Whoever holds this lock may start or stop it."""
        return self.home / "turn.lock"

    @property
    def users(self) -> Path:
        """All who use it hold this lock."""
        return self.home / "users.lock"

    def open_run(self) -> None:
        """See that the folder of the socket is there, and that nobody else may enter.

        Raises:
            EmbeddedPostgresError: somebody else made it.
        """
        if not self.run.exists():
            self.own(self.run)
        status = self.run.lstat()
        private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
        if status.st_uid != self.account.uid or not private:
            raise EmbeddedPostgresError(
                f"{self.run} is not a private folder of user {self.account.name}.", "Remove it."
            )

    def own(self, folder: Path) -> None:
        """Make a new private folder for PostgreSQL."""
        folder.mkdir(mode=0o700)
        self.give(folder)

    def give(self, folder: Path) -> None:
        """Hand a folder of ours to PostgreSQL."""
        if self.account.switch_to is not None:
            os.chown(folder, *self.account.switch_to)


def settle(data_dir: Path) -> Place:
    """Find or prepare the place of a data dir's cluster.

    Raises:
        EmbeddedPostgresError: it is another's, or out of reach.
        OSError: a folder cannot be made.
    """
    data_dir = data_dir.resolve()
    make_folder(data_dir)
    with exclusive(data_dir):
        home = _home(data_dir)
        cluster = home / "cluster"
        account = account_of(cluster) if cluster.exists() else account_of_a_new_cluster()
        if account.switch_to is not None and not account.may_enter(home):
            raise EmbeddedPostgresError(
                f"User {account.name} can no longer reach its cluster {cluster}.",
                "Give it back the right to pass every folder above: chmod o+x.",
            )
        return Place(home, account)


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, open to be passed by all and read by us."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o711)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        folder.chmod(0o711)  # the umask may have taken some of it


def make_trusted_folder(folder: Path) -> None:
    """Make a folder of root's in which nobody else can put anything.

    Raises:
        EmbeddedPostgresError: it is there and somebody else could.
    """
    make_folder(folder)
    status = folder.stat()
    if status.st_uid != ROOT or status.st_mode & 0o022:
        raise EmbeddedPostgresError(
            f"{folder} can be written by others than root.", "Give it to root, mode 0711."
        )


def _home(data_dir: Path) -> Path:
    pointer = data_dir / POINTER
    if (data_dir / "cluster").exists():
        return data_dir
    if pointer.exists():
        return _followed(pointer)
    if os.geteuid() != ROOT or account_of_a_new_cluster().may_enter(data_dir):
        return data_dir
    return _elsewhere(data_dir, pointer)


def _followed(pointer: Path) -> Path:
    home = Path(pointer.read_text().partition("\n")[0])
    if home.parent != SHARED / "clusters" or not home.is_dir():
        raise EmbeddedPostgresError(
            f"The cluster that {pointer} names is not there.",
            "Restore it; or remove that file, to begin with an empty one.",
        )
    return home


def _elsewhere(data_dir: Path, pointer: Path) -> Path:
    """A new home; a cluster whose data dir was removed is left alone, and not taken for new."""
    clusters = SHARED / "clusters"
    make_trusted_folder(SHARED)
    make_trusted_folder(clusters)
    first = re.sub(r"[^A-Za-z0-9._-]", "_", data_dir.name)[:40] + f"-{_hash(data_dir)}"
    home, others = clusters / first, 1
    while (home / "cluster").exists():
        others += 1
        home = clusters / f"{first}-{others}"
    make_folder(home)
    draft = pointer.with_suffix(".new")
    draft.write_text(
        f"{home}\n\nPostgreSQL does not run as root, and its user cannot reach this folder.\n"
        "The cluster lies in the folder above. Remove this file to begin with an empty one.\n"
    )
    draft.rename(pointer)
    return home


def _hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _fits(folder: Path) -> bool:
    """Whether a socket in the folder has a path that the kernel, asyncpg and URLs all take.

    The lock of the socket has the longest name, and is held to the limit too; that leaves room
    for the shorter limit of macOS.
    """
    longest = str(folder / f"{SOCKET}.lock")
    return len(longest) <= SOCKET_PATH_BYTES_MAX and PLAIN.fullmatch(longest) is not None
