"""The files of attachments, each under its own hash: `sha256/ab/ab34…`.

What is written is durable before anybody is told of it. What is read is compared with its hash
first, and handed out as the very copy that was compared. Nothing is ever changed or removed here.

Everything blocks: ask from a thread.
"""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

if TYPE_CHECKING:
    from obstore.store import ObjectStore, RetryConfig

ROOT: Final = "sha256"
PIECE_BYTES: Final = 262_144
"""How much of a file is in memory at once."""
IN_MEMORY_BYTES: Final = 1_048_576
"""A copy that is handed out is in memory up to this size, and beyond it on the disk."""
PARTS_AT_ONCE: Final = 2
"""Of a file that goes to S3, how many parts of 5 MiB are under way."""
LEFT_OVER_SECONDS: Final = 86_400
"""A part that is older was left by a process that fell."""
BYTES_MAX: Final = 20 * 1024 * 1024

log: Final = structlog.get_logger(__name__)


class ContentUnavailable(Exception):
    """The store did not answer, or cannot take any more."""


class ContentMissing(Exception):
    """The store does not have the file."""


class ContentDamaged(Exception):
    """What the store has under the hash is something else."""


LOST: Final = (ContentMissing, ContentDamaged, ContentUnavailable)
"""Why a file cannot be read."""


def key_of(digest: str) -> str:
    """Where a file stands in the store, by its SHA-256 in hex."""
    return f"{ROOT}/{digest[:2]}/{digest}"


@dataclass(slots=True)
class Incoming:
    """A file on its way in, seen by nobody else yet."""

    path: Path
    file: IO[bytes]
    size: int = 0
    head: bytes = b""
    _hash: Any = field(default_factory=sha256)

    def write(self, piece: bytes, head_bytes: int) -> None:
        """The next piece."""
        self.file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)
        if len(self.head) < head_bytes:
            self.head = (self.head + piece)[:head_bytes]

    @property
    def digest(self) -> bytes:
        """The SHA-256 of what has come in."""
        digest: bytes = self._hash.digest()
        return digest

    def tail(self, tail_bytes: int) -> bytes:
        """Its last bytes."""
        self.file.seek(max(0, self.size - tail_bytes))
        return self.file.read()


class Contents:
    """Keeps files, and finds them again by their hash."""

    def __init__(
        self,
        store: "ObjectStore",
        spool: Path,
        *,
        folder: Path | None = None,
        bytes_max: int = BYTES_MAX,
    ) -> None:
        """Take a store into use.

        Args:
            store: whatever holds objects by key.
            spool: a directory of ours for files on their way in and out.
            folder: where the store is a directory, this one: we write there ourselves.
            bytes_max: how large a file may be.
        """
        self._store = store
        self._spool = spool
        self._folder = folder
        self.bytes_max = bytes_max
        spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sweep()

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """A file that is being received: gone afterwards, unless it was kept.

        Raises:
            ContentUnavailable: the disk is full, or not there.
        """
        path = self._spool / f"{secrets.token_hex(16)}.part"
        try:
            with _private(path) as file:
                yield Incoming(path, file)
        except OSError as error:
            raise _unavailable(error) from error
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def keep(self, incoming: Incoming) -> None:
        """Make a file durable under its hash. One that is there already is compared, not trusted.

        Raises:
            ContentUnavailable: it could not be written.
        """
        digest = incoming.digest.hex()
        try:
            incoming.file.flush()
            os.fsync(incoming.file.fileno())
            if not self._has(digest, incoming.size):
                self._put(incoming.path, key_of(digest))
            if self._folder is not None:
                _settle(self._folder / key_of(digest), self._folder)
        except (OSError, BaseError) as error:
            raise _unavailable(error) from error

    def checked(self, digest: str, size: int) -> IO[bytes]:
        """A copy of a file, compared with its hash; it is gone when it is closed.

        Raises:
            ContentMissing, ContentDamaged, ContentUnavailable: there is no such copy.
        """
        copy: IO[bytes] = SpooledTemporaryFile(  # noqa: SIM115 - handed on
            IN_MEMORY_BYTES, dir=str(self._spool)
        )
        try:
            self._compare(digest, size, copy)
            copy.seek(0)
        except OSError as error:
            copy.close()
            raise _unavailable(error) from error
        except LOST:
            copy.close()
            raise
        return copy

    def check(self, digest: str, size: int) -> None:
        """Compare a file with its hash.

        Raises:
            ContentMissing, ContentDamaged, ContentUnavailable: it does not hold.
        """
        self._compare(digest, size, None)

    def _compare(self, digest: str, size: int, copy: IO[bytes] | None) -> None:
        """Read a file whole, at most one byte beyond its size, and hash it."""
        found, told = sha256(), 0
        for piece in self._pieces(key_of(digest)):
            told += len(piece)
            if told > size:
                break
            found.update(piece)
            if copy is not None:
                copy.write(piece)
        if told != size or found.hexdigest() != digest:
            log.error("attachments.damaged", sha256=digest)
            raise ContentDamaged(digest)

    def _pieces(self, key: str) -> Iterator[bytes]:
        try:
            yield from obstore.get(self._store, key).stream(PIECE_BYTES)
        except (FileNotFoundError, NotFoundError) as error:
            if self._folder is not None and not (self._folder / ROOT).is_dir():
                raise _unavailable(error) from error  # a disk that is not mounted lacks no file
            raise ContentMissing(key) from None
        except (OSError, BaseError) as error:
            raise _unavailable(error) from error

    def _has(self, digest: str, size: int) -> bool:
        try:
            self.check(digest, size)
        except (ContentMissing, ContentDamaged):
            return False
        return True

    def _put(self, path: Path, key: str) -> None:
        """Nobody sees a part of it, and whoever is overtaken puts the same bytes there."""
        if self._folder is None:
            obstore.put(self._store, key, path, max_concurrency=PARTS_AT_ONCE)
            return
        target = self._folder / key
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.replace(target)

    def _sweep(self) -> None:
        """Remove what processes that fell have left behind."""
        for path in self._spool.glob("*.part"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > LEFT_OVER_SECONDS:
                    path.unlink()


def contents_at(url: str | None, data_dir: Path, bytes_max: int) -> Contents:
    """The store that the settings name.

    Args:
        url: `s3://bucket/prefix`, whose endpoint and keys are in the environment (`AWS_…`);
            `file:///folder`; None is a folder in the data directory.
        data_dir: where the folder is, and files are on their way to S3.
        bytes_max: how large a file may be.
    """
    if url is not None and url.startswith("s3://"):
        # no `client_options`: they would be taken instead of the environment's, not beside them
        retries: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
        store = S3Store.from_url(url, retry_config=retries)
        return Contents(store, data_dir / "attachments" / "incoming", bytes_max=bytes_max)
    folder = data_dir / "attachments" if url is None else Path(unquote(urlsplit(url).path))
    for each in (folder, folder / ROOT):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
    local = LocalStore(folder)
    return Contents(local, folder / "incoming", folder=folder, bytes_max=bytes_max)


def _settle(path: Path, folder: Path) -> None:
    """Wait until a file and its name are on the disk.

    obstore's local store waits for neither (seen with strace: open, write, link), and cannot be
    asked to; a file that somebody else has just put here may not have been waited for yet.
    """
    for each in (path, *path.parents):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if each == folder:
            return


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def _unavailable(error: Exception) -> ContentUnavailable:
    # not the error's own words: an object store's repeat addresses and headers
    log.error("attachments.unavailable", error=type(error).__name__)
    return ContentUnavailable(type(error).__name__)
