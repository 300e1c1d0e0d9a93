"""Signed notes: a text and who stands by it, as C2SP signed-note has it (Ed25519 only).

A note is a text that ends in a newline, an empty line, and one line a signature. Whoever holds
the text form of a key, `name+id+key`, can verify one with any tool that knows the format.

Source:
    https://c2sp.org/signed-note
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from typing_extensions import override

ED25519: Final = b"\x01"
"""The signature type: a byte in front of the key, and inside of what its id is hashed from."""
PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
KEY_ID_BYTES: Final = 4
SIGNATURES_MAX: Final = 64
"""Above this, a note is not read: verifiers owe their readers 16."""
DASH: Final = "— "


class NotANote(ValueError):
    """It has not the form of a note, of a key or of a checkpoint."""


class NotVerified(ValueError):
    """Nobody we know stands by the text, or somebody's signature is wrong."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name it signs under.

    Raises:
        NotANote: the name is empty or has a space or a plus, or the key has not 32 bytes.
    """

    name: str
    public: bytes

    def __post_init__(self) -> None:
        """Refuse what could not stand in a note."""
        if not is_key_name(self.name) or len(self.public) != PUBLIC_BYTES:
            raise NotANote(f"not a name and a public key: {self.name!r}")

    @property
    def key_id(self) -> bytes:
        """Four bytes of SHA-256 of the name, a newline, the type and the key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:KEY_ID_BYTES]

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether a signature, without its key id, was made by this key over the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True

    @override
    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(ED25519 + self.public)}"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the name it signs under; it is never shown."""

    name: str
    private: Ed25519PrivateKey = field(repr=False, compare=False)

    @property
    def verifier(self) -> VerifierKey:
        """The half that everybody may know."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def line(self, text: str) -> str:
        """The signature line for a text."""
        signature = self.private.sign(text.encode())
        return f"{DASH}{self.name} {_base64(self.verifier.key_id + signature)}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, not yet believed."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it, not yet believed."""

    text: str
    signatures: tuple[Signature, ...]


def is_key_name(name: str) -> bool:
    """Whether a key can be called so: not empty, no spaces, no plus, nothing unprintable."""
    return bool(name) and not any(c.isspace() or c == "+" or c < " " for c in name)


def verifier_key(text: str) -> VerifierKey:
    """A key from its text form.

    Raises:
        NotANote: it is none, or its id does not belong to it.
    """
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = _unbase64(encoded)
    if raw[:1] != ED25519:
        raise NotANote("not an Ed25519 key")
    key = VerifierKey(name, raw[1:])
    if key.key_id.hex() != key_id:
        raise NotANote("the id is not the key's")
    return key


def signed(text: str, keys: Sequence[SigningKey]) -> str:
    """A note over a text, with a line for each key in their order.

    Raises:
        NotANote: the text does not end in a newline, or holds what a note may not.
    """
    if not text.endswith("\n") or _unfit(text):
        raise NotANote("a note's text ends in a newline and has no control characters")
    return text + "\n" + "".join(key.line(text) for key in keys)


def parse(note: str | bytes) -> Note:
    """Take a note apart; nothing is verified yet.

    Raises:
        NotANote: it has not the form of one.
    """
    if isinstance(note, bytes):
        try:
            note = note.decode()
        except UnicodeDecodeError:
            raise NotANote("not UTF-8") from None
    text, found, lines = note.rpartition("\n\n")
    if not found or not lines.endswith("\n") or _unfit(note):
        raise NotANote("no text, empty line and signatures")
    rows = lines.removesuffix("\n").split("\n")
    if len(rows) > SIGNATURES_MAX:
        raise NotANote("too many signatures")
    return Note(text + "\n", tuple(_signature(row) for row in rows))


def verified(note: str | bytes, keys: Iterable[VerifierKey]) -> tuple[str, list[VerifierKey]]:
    """The text of a note, and who of those we know stands by it; at least one does.

    Signatures of others are passed over.

    Raises:
        NotANote: it has not the form of a note.
        NotVerified: none is by a key that we know, or one of those is wrong.
    """
    taken = parse(note)
    known = {(key.name, key.key_id): key for key in keys}
    by: list[VerifierKey] = []
    for each in taken.signatures:
        key = known.get((each.name, each.key_id))
        if key is None or key in by:
            continue
        if not key.verifies(taken.text, each.signature):
            raise NotVerified(f"the signature of {key.name} is wrong")
        by.append(key)
    if not by:
        raise NotVerified("signed by nobody we know")
    return taken.text, by


def _signature(row: str) -> Signature:
    name, _, encoded = row.removeprefix(DASH).partition(" ")
    raw = _unbase64(encoded)
    if not row.startswith(DASH) or not is_key_name(name) or len(raw) <= KEY_ID_BYTES:
        raise NotANote("not a signature line")
    return Signature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def _unfit(text: str) -> bool:
    return any(c < " " and c != "\n" for c in text)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unbase64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotANote("not base64") from None
    if _base64(raw) != text:  # one key, one spelling
        raise NotANote("not canonical base64")
    return raw
