"""The private keys that sign checkpoints: a file of their owner alone, or a setting."""

import base64
import binascii
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from app.evidence.notes import SigningKey

SEED_BYTES: Final = 32
FILE_NAME: Final = "checkpoint-key.pem"


class NotASigningKey(ValueError):
    """It is neither an Ed25519 key in PEM nor a seed of 32 bytes in hex or base64."""

    def __init__(self) -> None:
        super().__init__("an Ed25519 private key in PEM, or its seed: 32 bytes in hex or base64")


def private_key(text: str) -> Ed25519PrivateKey:
    """A private key as settings and files spell it.

    Raises:
        NotASigningKey: it is none; the text itself is not repeated.
    """
    text = text.strip()
    if text.startswith("-----BEGIN"):
        with suppress(ValueError, TypeError):
            key = load_pem_private_key(text.encode(), password=None)
            if isinstance(key, Ed25519PrivateKey):
                return key
        raise NotASigningKey
    with suppress(ValueError, binascii.Error):
        seed = bytes.fromhex(text) if len(text) == 2 * SEED_BYTES else base64.b64decode(text)
        return Ed25519PrivateKey.from_private_bytes(seed)
    raise NotASigningKey


class SigningKeys:
    """The keys that this machine could sign with; which one is the plant's, the log knows.

    A rotation puts the new key beside the old one first, then makes it known, then moves it into
    the old one's place: whenever it is broken off, the key that is known is still here.
    """

    def __init__(self, folder: Path, origin: str, given: str | None = None) -> None:
        """Where the file is, or will be.

        Args:
            folder: the data directory.
            origin: the name that the keys sign under.
            given: a key by setting; it goes before the file.

        Raises:
            NotASigningKey: the one that is given is none.
        """
        self.origin = origin
        self.is_given = given is not None
        self._given = None if given is None else private_key(given)
        self.file = folder / FILE_NAME
        self._next = folder / f"{FILE_NAME}.next"

    def candidates(self) -> list[SigningKey]:
        """Every key there is, the likeliest first; one is made where there is none at all."""
        if self._given is None and not self.file.exists():
            _write(self.file, Ed25519PrivateKey.generate())
        found = [] if self._given is None else [self._given]
        for path in (self.file, self._next):
            with suppress(FileNotFoundError):
                found.append(private_key(path.read_text()))
        return [SigningKey(self.origin, key) for key in found]

    def make_next(self) -> SigningKey:
        """A new key, beside the one that signs now; left-overs of a broken rotation go."""
        self._next.unlink(missing_ok=True)
        _write(self._next, Ed25519PrivateKey.generate())
        return SigningKey(self.origin, private_key(self._next.read_text()))

    def promote(self) -> None:
        """Put the new key into the place of the old one, which is gone for good."""
        self._next.replace(self.file)


def _write(path: Path, key: Ed25519PrivateKey) -> None:
    """Write a key that its owner alone can read, unless somebody else just did."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(partial, path)
    partial.unlink()
