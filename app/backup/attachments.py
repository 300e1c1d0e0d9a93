"""Attachments: files that events name by their SHA-256, copied where they are not yet.

```
<folder>/sha256/ab/ab3f…    a file, under its own hash
```

A file never changes, so that a folder that several backups share gets only what is new.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from app.backup.errors import NotABackup
from app.backup.files import copy_whole, sha256_of, sync

BY_HASH: Final = "sha256"
HASH: Final = re.compile(r"[0-9a-f]{64}")

Told = Callable[[int, int], None]


def stored_in(folder: Path) -> Iterator[Path]:
    """The files of a store, in order; what is half written there has another name."""
    for shelf in sorted((folder / BY_HASH).glob("[0-9a-f][0-9a-f]")):
        yield from (each for each in sorted(shelf.iterdir()) if HASH.fullmatch(each.name))


def copy_attachments(source: Path, target: Path, told: Told) -> list[Path]:
    """Copy what is not there yet; all that the store holds, whether it was there or not.

    Raises:
        NotABackup: a file is not what its name says; it is not copied.
        OSError: the disk refuses.
    """
    found = list(stored_in(source))
    for number, each in enumerate(found, start=1):
        put(each, target)
        told(number, len(found))
    return found


def restore_attachments(names: Sequence[str], source: Path, target: Path) -> list[str]:
    """Put back what a backup lists; what is missing or not what its name says is told.

    Raises:
        OSError: the disk refuses.
    """
    faults = []
    for name in names:
        if HASH.fullmatch(name) is None:
            faults.append(f"attachment: {name!r} is no hash")
            continue
        try:
            put(source / BY_HASH / name[:2] / name, target)
        except (NotABackup, FileNotFoundError) as error:
            faults.append(f"attachment: {error}")
    return faults


def put(file: Path, target: Path) -> bool:
    """Put one file into a store; whether it was not there.

    Raises:
        NotABackup: it is not what its name says.
    """
    shelf = target / BY_HASH / file.name[:2]
    place = shelf / file.name
    if place.exists():
        if place.stat().st_size == file.stat().st_size and sha256_of(place) == file.name:
            return False
        raise NotABackup(f"{place} is not what its name says: put it right, or away")
    shelf.mkdir(parents=True, exist_ok=True, mode=0o700)
    if copy_whole(file, place) != file.name:
        place.unlink()
        raise NotABackup(f"{file} is not what its name says")
    sync(shelf)
    return True
