"""Keys of persons: what personal values are sealed with, and what an erasure destroys.

Each data subject has 64 random bytes: half encrypt (AES-256-GCM), half make the nonce from the
value, so that the same value of the same person is always the same sealed text and two values
never share a nonce. In the database keys are wrapped by a master key that is not there, and found
by a pseudonym, a keyed hash of what tells the person. No key is ever remembered: an erasure holds
from its commit on, in every process.
"""

import base64
import hmac
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.domain.personal import (
    ERASED,
    SEALED,
    UNREADABLE,
    WITHHELD,
    PersonalKind,
    normalised,
)

if TYPE_CHECKING:
    from asyncpg import Pool, Record

Draw: TypeAlias = Callable[[str, int], bytes]
"""So many bytes for a purpose: of the system's randomness, or for the demo of its seed."""


def drawn(_: str, size: int) -> bytes:
    """Of the system's randomness."""
    return secrets.token_bytes(size)


EVERY_KIND: Final = frozenset(PersonalKind)
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 64
SECRET_LABEL: Final = "secret"  # noqa: S105 - what it is for

INSERT_WRAPPED: Final = """
    INSERT INTO subject_secret (id, wrapped) VALUES (1, $1) ON CONFLICT (id) DO NOTHING
"""
SELECT_WRAPPED: Final = "SELECT wrapped FROM subject_secret WHERE id = 1"

SELECT_BY_PSEUDONYM: Final = """
    SELECT data_subject_id, pseudonym, wrapped FROM person_keys
    WHERE pseudonym = ANY($1::bytea[])
"""
# Sorted, so that two who add the same people wait for one another and never in a circle.
INSERT_KEYS: Final = """
    INSERT INTO person_keys (data_subject_id, pseudonym, wrapped, kind)
    SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::text[])
        AS new (id, pseudonym, wrapped, kind)
    ORDER BY pseudonym
    ON CONFLICT (pseudonym) DO NOTHING
"""
SELECT_BY_ID: Final = """
    SELECT data_subject_id::text, wrapped, kind FROM person_keys
    WHERE data_subject_id = ANY($1::uuid[])
"""


class WrongPersonKey(Exception):
    """Keys of persons were wrapped by another master key than the one at hand, or changed."""


class Value(NamedTuple):
    """A personal value, and whose person it is."""

    kind: PersonalKind
    owner: str
    """The customer's or the carrier's id; empty for a vehicle."""
    text: str


@dataclass(frozen=True, slots=True)
class PersonKey:
    """The key of one data subject."""

    data_subject_id: str
    key: bytes

    def seal(self, text: str) -> str:
        """The sealed text of a value."""
        plain = text.encode()
        nonce = hmac.new(self.key[32:], plain, sha256).digest()[:NONCE_BYTES]
        sealed = AESGCM(self.key[:32]).encrypt(nonce, plain, self.data_subject_id.encode())
        body = base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")
        return f"sealed:1:{self.data_subject_id}:{body}"

    def open(self, body: str) -> str:
        """The value of a sealed text's last part; not readable when it was not sealed by us."""
        try:
            raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            nonce, sealed = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
            return (
                AESGCM(self.key[:32]).decrypt(nonce, sealed, self.data_subject_id.encode()).decode()
            )
        except (InvalidTag, ValueError):
            return UNREADABLE


def _may(kind: str | None, seen: Collection[PersonalKind]) -> bool:
    """Whether a value may be read; keys from before kinds were kept, by those who see every one."""
    return len(seen) == len(EVERY_KIND) if kind is None else kind in seen


class PersonKeys:
    """Seals and opens personal values."""

    def __init__(self, pool: "Pool[Record]", master: bytes, draw: Draw) -> None:
        self._pool = pool
        self._wrapping = AESGCM(sha256(b"sanbao person keys\0" + master).digest())
        self._draw = draw
        self._secret = b""

    async def begin(self) -> None:
        """Have the secret of the pseudonyms at hand.

        Raises:
            WrongPersonKey: it was wrapped by another master key.
        """
        wrapped = await self._pool.fetchval(SELECT_WRAPPED)
        if wrapped is None:  # the first start
            made = self._wrap(self._draw(SECRET_LABEL, 32), SECRET_LABEL)
            await self._pool.execute(INSERT_WRAPPED, made)
            wrapped = await self._pool.fetchval(SELECT_WRAPPED)
        try:
            self._secret = self._unwrap(wrapped, SECRET_LABEL)
        except InvalidTag:
            raise WrongPersonKey(
                "The keys of persons in this database were wrapped by another master key: give the "
                "one that was used (SANBAO_PERSON_KEY, or the file person-key of the data "
                "directory). Without it nobody's personal data can be read."
            ) from None

    def mark(self, value: Value) -> str:
        """What stands for a value where the same must be known as the same, and not be read."""
        return self._keyed("mark", value.kind, value.text).hex()

    async def find(self, value: Value) -> str | None:
        """The id of a data subject; None where nothing is sealed under it."""
        rows = await self._pool.fetch(SELECT_BY_PSEUDONYM, [self._pseudonym(value)])
        return str(rows[0]["data_subject_id"]) if rows else None

    async def knows(self, data_subject_id: str) -> bool:
        """Whether there is, or was, a person of this id."""
        return bool(await self._pool.fetch(SELECT_BY_ID, [data_subject_id]))

    async def seal(self, values: Sequence[Value]) -> list[str]:
        """The sealed texts of values, each under its person's key; new persons get one.

        Whoever is erased meanwhile stays erased: what is sealed under the destroyed key cannot be
        read. A person who comes back after the erasure is a new one.

        Raises:
            WrongPersonKey: a key cannot be unwrapped.
        """
        pseudonyms = [self._pseudonym(each) for each in values]
        kinds = {p: str(each.kind) for p, each in zip(pseudonyms, values, strict=True)}
        keys = await self._keys_of(set(pseudonyms))
        missing = sorted(set(pseudonyms) - keys.keys())
        while missing:
            made = [
                (UUID(bytes=self._draw(f"id {each.hex()}", 16), version=4), each)
                for each in missing
            ]
            wrapped = [
                self._wrap(self._draw(f"key {p.hex()}", KEY_BYTES), str(id_)) for id_, p in made
            ]
            ids, of = [id_ for id_, _ in made], [kinds[each] for each in missing]
            await self._pool.execute(INSERT_KEYS, ids, missing, wrapped, of)
            keys |= await self._keys_of(set(missing))
            missing = sorted(set(pseudonyms) - keys.keys())
        return [keys[p].seal(each.text) for p, each in zip(pseudonyms, values, strict=True)]

    async def open(
        self, sealed: Iterable[str], seen: Collection[PersonalKind] = EVERY_KIND
    ) -> dict[str, str]:
        """What sealed texts say, or why not; one look-up for all of them.

        Args:
            sealed: the texts.
            seen: the kinds that may be read; others are withheld.
        """
        parts = {each: SEALED.fullmatch(each) for each in set(sealed)}
        ids = sorted({part[1] for part in parts.values() if part})
        found = {row[0]: row for row in await self._pool.fetch(SELECT_BY_ID, ids)}
        may = {id_: _may(row["kind"], seen) for id_, row in found.items()}
        keys = {
            id_: self._key(id_, row["wrapped"])
            for id_, row in found.items()
            if row["wrapped"] and may[id_]
        }
        opened: dict[str, str] = {}
        for each, part in parts.items():
            row = found.get(part[1]) if part else None
            if part is None or row is None:
                opened[each] = UNREADABLE
            elif row["wrapped"] is None:
                opened[each] = ERASED
            elif not may[part[1]]:
                opened[each] = WITHHELD
            else:
                key = keys[part[1]]
                opened[each] = UNREADABLE if key is None else key.open(part[2])
        return opened

    async def _keys_of(self, pseudonyms: set[bytes]) -> dict[bytes, PersonKey]:
        rows = await self._pool.fetch(SELECT_BY_PSEUDONYM, sorted(pseudonyms))
        found = {row["pseudonym"]: self._key(str(row[0]), row["wrapped"]) for row in rows}
        readable = {pseudonym: key for pseudonym, key in found.items() if key is not None}
        if len(readable) < len(found):
            raise WrongPersonKey("the key of a person cannot be unwrapped")
        return readable

    def _key(self, data_subject_id: str, wrapped: bytes) -> PersonKey | None:
        try:
            return PersonKey(data_subject_id, self._unwrap(wrapped, data_subject_id))
        except InvalidTag:
            return None

    def _pseudonym(self, value: Value) -> bytes:
        return self._keyed("pseudonym", value.kind, value.owner, normalised(value.kind, value.text))

    def _keyed(self, *parts: str) -> bytes:
        if not self._secret:
            raise AssertionError("begin first")
        return hmac.new(self._secret, "\0".join(parts).encode(), sha256).digest()

    def _wrap(self, key: bytes, label: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, key, label.encode())

    def _unwrap(self, wrapped: bytes, label: str) -> bytes:
        nonce, key = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        return self._wrapping.decrypt(nonce, key, label.encode())
