"""The secrets of a data directory: in no backup, and to be kept where no backup is.

With the keys of persons they open every name; with the log they sign a history that never was.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.backup.errors import BackupFailed, CannotRestore
from app.backup.files import becoming, write_whole

SECRETS: Final = ("pepper", "person-key", "checkpoint-key.pem", "checkpoint-key.pem.next")


def save_secrets(data_dir: Path, to: Path) -> list[str]:
    """Copy what a data directory keeps secret into a new folder of its owner's alone.

    Raises:
        BackupFailed: there is nothing, or it cannot be written.
    """
    found = [name for name in SECRETS if (data_dir / name).is_file()]
    if not found:
        raise BackupFailed(f"{data_dir} keeps no secrets: settings give them, keep those")
    try:
        with becoming(to) as folder:
            for name in found:
                write_whole(folder / name, (data_dir / name).read_bytes())
    except OSError as error:
        raise BackupFailed(f"Nothing was written to {to}: {error}") from error
    return found


def put_secrets(source: Path, data_dir: Path) -> Sequence[str]:
    """Put them where a data directory has none; one that differs is never written over.

    Raises:
        CannotRestore: another secret stands there, or they cannot be read.
    """
    try:
        given = {name: (source / name).read_bytes() for name in _names(source)}
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o711)
        others = [
            name
            for name, content in given.items()
            if (data_dir / name).exists() and (data_dir / name).read_bytes() != content
        ]
        if others or not given:
            what = f"other ones stand in {data_dir}: {', '.join(others)}" if others else "none"
            raise CannotRestore(f"The secrets of {source} were not put back: {what}")
        for name, content in given.items():
            if not (data_dir / name).exists():
                write_whole(data_dir / name, content)
    except OSError as error:
        raise CannotRestore(f"The secrets of {source} cannot be put back: {error}") from error
    return list(given)


def _names(source: Path) -> list[str]:
    return [name for name in SECRETS if (source / name).is_file()]
