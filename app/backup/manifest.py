"""What a backup says of itself: `manifest.json`, written last, and its hash beside it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.backup.errors import NotABackup
from app.backup.files import files_in, sha256_of, write_whole

MANIFEST: Final = "manifest.json"
MANIFEST_HASH: Final = "manifest.sha256"
DUMP: Final = "dump"
CHECKPOINT: Final = "checkpoint"
ATTACHMENTS: Final = "attachments"
ATTACHMENTS_LIST: Final = "attachments.txt"
"""The names of all that belong to it, a line each; a name is the hash of a file."""

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
SchemaName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class File(_Part):
    """A file of the backup."""

    bytes: int
    sha256: Hash


class Attached(_Part):
    """Attachments that were copied."""

    files: int
    bytes: int
    inside: bool
    """Whether they lie in this backup; else in a folder that several share."""


class Manifest(_Part):
    """A backup, as of one snapshot of the database."""

    format: Literal[1] = 1
    kind: Literal["plant", "keys"]
    """Log, tables and settings of a plant; or the keys of its persons."""
    sanbao: str
    postgres: str
    plant: SchemaName
    """The schema that it was taken of."""
    revision: str
    mode: Literal["live", "sandbox"] | None
    """None of one that was never served."""
    taken_at: str
    position: int
    """The last event."""
    root: Hash
    """Of the tree of hashes over all events."""
    checkpoint: str | None = None
    """The newest that was signed."""
    rows: dict[str, int]
    """Of each table."""
    guards: list[str]
    """Triggers that keep tables append-only, and how they are enabled."""
    granted_to: list[str]
    """Roles that are not ours and were given something; a restore gives them nothing."""
    attachments: Attached | None = None
    keys_of_persons: Literal["here", "apart", "not taken"]
    secrets: Literal["not here"] = "not here"
    files: dict[str, File] = {}

    @property
    def dumped(self) -> str:
        """The schema in the dump."""
        return f"{self.plant}_keys" if self.kind == "keys" else self.plant


def seal(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest over all files that are there; nothing is added afterwards."""
    files = {
        str(each.relative_to(folder)): File(bytes=each.stat().st_size, sha256=sha256_of(each))
        for each in files_in(folder)
    }
    sealed = manifest.model_copy(update={"files": files})
    content = (sealed.model_dump_json(indent=2) + "\n").encode()
    write_whole(folder / MANIFEST, content)
    line = f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}\n"  # as `sha256sum -c` reads it
    write_whole(folder / MANIFEST_HASH, line.encode())
    return sealed


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup; its files are not looked at.

    Raises:
        NotABackup: there is none, it is not as it was written, or a newer version wrote it.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
        said = (folder / MANIFEST_HASH).read_text().split()[0]
    except (OSError, IndexError, UnicodeDecodeError):
        raise NotABackup(f"{folder} is no backup, or was never finished: no manifest") from None
    if hashlib.sha256(content).hexdigest() != said:
        raise NotABackup(f"{folder / MANIFEST} is not as it was written: another hash")
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, each["loc"])) for each in error.errors()[:3])
        raise NotABackup(
            f"{folder / MANIFEST} is none that this version of the service reads: {places}"
        ) from None


def faults_in(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What is missing, too much, or not as it was written."""
    found = {str(each.relative_to(folder)): each for each in files_in(folder)}
    for name in found.keys() - manifest.files.keys() - {MANIFEST, MANIFEST_HASH}:
        yield f"{name} is not of this backup"
    for name, told in manifest.files.items():
        path = found.get(name)
        if path is None or path.is_symlink() or not path.is_file():
            yield f"{name} is missing"
        elif path.stat().st_size != told.bytes:
            yield f"{name} has {path.stat().st_size} bytes of {told.bytes}"
        elif sha256_of(path) != told.sha256:
            yield f"{name} is not as it was written: another hash"
