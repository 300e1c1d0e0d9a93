"""Who PostgreSQL runs as: it refuses root, so root hands it to a user with fewer rights."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from app.embedded.errors import EmbeddedPostgresError

ROOT: Final = 0
STAND_INS: Final = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of(cls, uid: int, gid: int) -> Self:
        """The user of this id; containers run ids that have no name."""
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            return cls(str(uid), uid, gid)
        return cls(entry.pw_name, uid, entry.pw_gid)

    @property
    def switch_to(self) -> tuple[int, int] | None:
        """User and group that a program must be handed to, or None if they are ours."""
        return None if self.uid == os.geteuid() else (self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        """Whether the modes let it through every folder from the root down to this one.

        Access control lists are not read: one that grants more costs a detour, one that grants
        less an error that names the folder.
        """
        return all(self._may(each, stat.S_IXUSR) for each in (folder, *folder.parents))

    def may_run(self, program: Path) -> bool:
        """Whether it can reach, read and run a program, by its name and where that leads."""
        return all(
            self.may_enter(each.parent) and self._may(each, stat.S_IRUSR | stat.S_IXUSR)
            for each in (program, program.resolve())
        )

    def _may(self, path: Path, rights: int) -> bool:
        """Whether the mode grants rights, given as those of an owner."""
        status = path.stat()
        if status.st_uid != self.uid:
            rights >>= 3 if status.st_gid == self.gid else 6
        return status.st_mode & rights == rights


def account_of_a_new_cluster() -> Account:
    """Ourselves; or a stand-in, where we are root.

    Raises:
        EmbeddedPostgresError: we are root and the machine knows no stand-in.
    """
    if os.geteuid() != ROOT:
        return Account.of(os.geteuid(), os.getegid())
    for name in STAND_INS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresError(
        f"PostgreSQL does not run as root, and there is no user {' or '.join(STAND_INS)}.",
        "Run as another user.",
    )


def account_of(cluster: Path) -> Account:
    """The owner of a cluster that exists.

    Raises:
        EmbeddedPostgresError: it is root's, or another's and we are not root.
    """
    status = cluster.stat()
    owner = Account.of(status.st_uid, status.st_gid)
    if owner.uid == ROOT:
        raise EmbeddedPostgresError(
            f"The cluster {cluster} belongs to root, and PostgreSQL does not run as root.",
            "Give it to the user that owned it: chown -R.",
        )
    if os.geteuid() not in {ROOT, owner.uid}:
        raise EmbeddedPostgresError(
            f"The cluster {cluster} belongs to user {owner.name}.",
            "Run as that user, or choose another directory.",
        )
    return owner
