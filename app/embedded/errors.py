"""What cannot be done, told in one line that says what to do."""

import errno
import os
import re
from pathlib import Path
from typing import Final

REMEDIES: Final = {
    errno.ENOSPC: "Free disk space.",
    errno.EDQUOT: "Free disk space.",
    errno.EROFS: "Choose a directory that is not mounted read-only.",
    errno.EACCES: "Choose a directory that this user may write, or run as its owner.",
    errno.EPERM: "Choose a directory that this user may write, or run as its owner.",
    errno.ENOTDIR: "Choose a path whose parents are directories.",
    errno.EEXIST: "Choose a path whose parents are directories.",
}
COMPLAINT: Final = re.compile(r"(?:error|FATAL|PANIC): +(?!the database system is )(.+)")
"""That it is starting up or shutting down it says to clients; it is no reason."""
ELSE: Final = "Or name a server of your own in DATABASE_URL."


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot run; the message says in one line what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        """Tell what went wrong, and what to do about it, as sentences."""
        super().__init__(f"{what} {remedy} {ELSE}")


def explained(error: OSError, data_dir: Path) -> EmbeddedPostgresError:
    """An error of the operating system, in our words."""
    where = error.filename or data_dir
    who = f"user id {os.geteuid()}"
    remedy = REMEDIES.get(error.errno or 0, "See to it, and start again.")
    return EmbeddedPostgresError(f"{where}: {error.strerror or error} ({who}).", remedy)


def in_words(output: str) -> str:
    """What tells most of a program's output or log: its last complaint, else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    complaints = [found.group(1) for line in lines if (found := COMPLAINT.search(line))]
    return (complaints or lines or ["it said nothing"])[-1].rstrip(".")


def remedy_for(complaint: str) -> str:
    """What to do about a complaint of PostgreSQL, as far as it names a cause that we know."""
    for number, remedy in REMEDIES.items():
        if os.strerror(number) in complaint:
            return remedy
    if "could not look up effective user ID" in complaint:
        return "Run as a user that has an entry in /etc/passwd."
    return "See to it, and start again."
