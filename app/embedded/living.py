"""Which processes are at work on a cluster.

Seen from their command lines, which everybody may read: a pid alone says nothing, for after a
crash or in a new container it is soon another's. A process that is dead but not yet reaped has no
command line, and counts as gone.
"""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from app.embedded.place import Place

PROC: Final = Path("/proc")
PID_LINE: Final = 0
STATUS_LINE: Final = 7
PS: Final = ("ps", "-axww", "-o", "pid=,command=")


def living(place: Place) -> set[int]:
    """The pids of all PostgreSQL processes at work on the cluster."""
    if (PROC / "self/cmdline").exists():
        return {
            pid
            for pid, command in _commands_of_proc()
            if _is_at_work(command, place) or _stands_in(pid, place.cluster)
        }
    return living_by_ps(place)


def living_by_ps(place: Place) -> set[int]:
    """The same, where there is no /proc."""
    return {pid for pid, command in _commands_of_ps() if _is_at_work(command, place)}


def postmaster(place: Place) -> int | None:
    """The first of the processes, if it lives."""
    with suppress(ValueError):
        pid = int(_pid_file(place)[PID_LINE])
        return pid if pid in living(place) else None
    return None


def says_ready(place: Place) -> bool:
    """Whether it says of itself that it takes connections; it may have died since."""
    return _pid_file(place)[STATUS_LINE].strip() == "ready"


def _pid_file(place: Place) -> list[str]:
    try:
        lines = (place.cluster / "postmaster.pid").read_text().split("\n")
    except OSError:
        lines = []
    return lines + [""] * (STATUS_LINE + 1)


def _is_at_work(command: str, place: Place) -> bool:
    """By its arguments, for the first one; by its title, for those that it started."""
    command += " "
    return f" -D {place.cluster} " in command or command.startswith(f"postgres: {place.name}: ")


def _stands_in(pid: int, cluster: Path) -> bool:
    """Whether it works there: one that was started by hand has other arguments.

    In a container, root may not know that of another user's process; then the command decides.
    """
    with suppress(OSError):
        return (PROC / str(pid) / "cwd").readlink() == cluster
    return False


def _commands_of_proc() -> Iterator[tuple[int, str]]:
    for each in PROC.iterdir():
        if not each.name.isdecimal():
            continue
        with suppress(OSError):  # it ended while we looked
            if (each / "comm").read_bytes() == b"postgres\n":
                words = (each / "cmdline").read_bytes().replace(b"\0", b" ")
                yield int(each.name), words.decode(errors="surrogateescape").rstrip()


def _commands_of_ps() -> Iterator[tuple[int, str]]:
    listing = subprocess.run(PS, capture_output=True, text=True, check=True, timeout=10)  # noqa: S603 - a constant
    for line in listing.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        if command.partition(" ")[0].rstrip(":").endswith("postgres"):
            yield int(pid), command
