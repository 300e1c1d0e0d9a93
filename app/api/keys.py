"""Keys: who is at the door. A key names a person and the hats that the person may wear.

A key is `sk_<id>_<secret>`; the database knows only a keyed hash of the secret, which is random
enough to need no slow hash. What a key opens is what the log says of it: see the access keys of
the domain, and app/events/migrations/versions/v0007_access_keys.py.
"""

import asyncio
import hmac
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple, Protocol, Self

import asyncpg

from app.domain.values import Role

WRITTEN: Final = re.compile(r"sk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
REMEMBER_SECONDS: Final = 5.0
"""How long a revoked key may still open in another process: the price of not asking the database
every time."""
USED_SECONDS: Final = 60.0
"""How exactly it is known when a key was last used."""

SELECT_KEY: Final = """
    SELECT key_hash, person, roles, expires_at, account FROM api_keys
    WHERE key_id = $1 AND activated_at IS NOT NULL AND revoked_at IS NULL
"""

INSERT_KEY: Final = """
    INSERT INTO api_keys (key_id, key_hash, person, roles, label, created_at, activated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $6)
"""

INSERT_UNGIVEN: Final = """
    INSERT INTO api_keys (key_id, key_hash, person, roles, label, created_at)
    VALUES ($1, $2, '', '{}', '', clock_timestamp())
"""

SELECT_KNOWN: Final = """
    SELECT 1 FROM api_keys WHERE key_id = $1 AND activated_at IS NOT NULL
"""

USE: Final = """
    UPDATE api_keys SET last_used_at = clock_timestamp()
    WHERE key_id = $1
      AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '50 seconds')
"""


class Fetch(Protocol):
    """Whatever runs a statement: a pool or a connection."""

    async def fetchrow(self, query: str, *args: Any) -> Any:  # noqa: ANN401 - asyncpg's own
        """One row or None."""

    async def execute(self, query: str, *args: Any) -> Any:  # noqa: ANN401 - asyncpg's own
        """Run it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the door."""

    key_id: str
    """Of the key; of a token `oidc:` and the client that it was given to."""
    person: str
    roles: tuple[Role, ...]
    expires_at: datetime | None = None
    """The first instant at which key or token opens nothing."""
    account: str = ""
    """What is one caller across successors of a key, and apart from others with the same client:
    idempotency keys are his, and limits count for him."""

    def __post_init__(self) -> None:
        """A key that has no account is one."""
        if not self.account:
            object.__setattr__(self, "account", self.key_id)

    def role_for(self, allowed: frozenset[Role]) -> Role:
        """The hat to wear for a command: the first that is allowed, else simply the first."""
        return next((role for role in self.roles if role in allowed), self.roles[0])


class NotLetIn(Exception):
    """What was shown at the door proves nothing. The reason is for our log, not for the caller."""

    def __init__(self, why: str, key_id: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.key_id = key_id


class NewKey(NamedTuple):
    """A key that opens nothing yet: its text is known only now."""

    key_id: str
    text: str


class _Seen(NamedTuple):
    until: float
    key_hash: bytes
    caller: Caller


async def system_clock() -> datetime:
    """What time it is."""
    return datetime.now(UTC)


class Keyring:
    """Keeps keys as hashes, and knows for a few seconds those that it has seen."""

    def __init__(
        self,
        database: Fetch,
        pepper: bytes,
        clock: Callable[[], Awaitable[datetime]] = system_clock,
        *,
        notes_use: bool = False,
    ) -> None:
        """Open the ring.

        Args:
            database: where the hashes are.
            pepper: what they are keyed with.
            clock: what time it is for keys that end; in a sandbox it is the sandbox's.
            notes_use: whether it is written down when a key was last used.
        """
        self._database = database
        self._pepper = pepper
        self._clock = clock
        self._notes_use = notes_use
        self._seen: dict[str, _Seen] = {}
        self._forgotten = 0
        self._used: dict[str, float] = {}
        self._notes: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.noted()

    async def noted(self) -> None:
        """Wait until it is written down which keys were used, or for a second."""
        if self._notes:
            await asyncio.wait(self._notes, timeout=1)

    def over(self, database: Fetch) -> "Keyring":
        """The same ring over another connection, so that it takes part in a transaction."""
        return Keyring(database, self._pepper)

    async def issue(self, person: str, roles: Sequence[Role], label: str, at: datetime) -> str:
        """Make a key that no event tells of: those of the first start.

        Its text is returned once and cannot be had again.
        """
        key_id, secret = _drawn()
        await self._database.execute(
            INSERT_KEY, key_id, self._hash(secret), person, [str(r) for r in roles], label, at
        )
        return _text(key_id, secret)

    async def make(self) -> NewKey:
        """Make a key that opens nothing until an event of the log gives it to somebody."""
        key_id, secret = _drawn()
        await self._database.execute(INSERT_UNGIVEN, key_id, self._hash(secret))
        return NewKey(key_id, _text(key_id, secret))

    async def knows(self, key_id: str) -> bool:
        """Whether there is, or was, such a key."""
        return await self._database.fetchrow(SELECT_KNOWN, key_id) is not None

    def forget(self, key_id: str) -> None:
        """Look the key up again: something has happened to it."""
        self._forgotten += 1
        self._seen.pop(key_id, None)

    async def caller(self, text: str) -> Caller:
        """Whoever a key proves to be.

        Raises:
            NotLetIn: it proves nothing, or not any more.
        """
        written = WRITTEN.fullmatch(text)
        if written is None:
            raise NotLetIn("not_a_key")
        key_id, secret = written.groups()
        known = self._seen.get(key_id)
        if known is None or known.until < time.monotonic():
            known = await self._looked_up(key_id)
        if not hmac.compare_digest(known.key_hash, self._hash(secret)):
            raise NotLetIn("wrong_secret", key_id)
        ends = known.caller.expires_at
        if ends is not None and await self._clock() >= ends:
            raise NotLetIn("key_expired", key_id)
        self._note_use(key_id)
        return known.caller

    async def _looked_up(self, key_id: str) -> _Seen:
        before = self._forgotten
        row = await self._database.fetchrow(SELECT_KEY, key_id)
        if row is None:
            self._seen.pop(key_id, None)
            raise NotLetIn("unknown_or_revoked", key_id)
        roles = tuple(Role(role) for role in row["roles"])
        caller = Caller(key_id, row["person"], roles, row["expires_at"], row["account"] or "")
        seen = _Seen(time.monotonic() + REMEMBER_SECONDS, row["key_hash"], caller)
        if before == self._forgotten:  # else it may have been revoked behind our back
            self._seen[key_id] = seen
        return seen

    def _note_use(self, key_id: str) -> None:
        """Have it written down some time; nobody waits, and nobody is told when it fails."""
        now = time.monotonic()
        if not self._notes_use or now < self._used.get(key_id, 0.0):
            return
        self._used[key_id] = now + USED_SECONDS
        note = asyncio.create_task(self._write_use(key_id), name="key-use")
        self._notes.add(note)
        note.add_done_callback(self._notes.discard)

    async def _write_use(self, key_id: str) -> None:
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await self._database.execute(USE, key_id)

    def _hash(self, secret: str) -> bytes:
        return hmac.new(self._pepper, secret.encode(), sha256).digest()


def _drawn() -> tuple[str, str]:
    return secrets.token_hex(6), secrets.token_urlsafe(32)


def _text(key_id: str, secret: str) -> str:
    return f"sk_{key_id}_{secret}"
