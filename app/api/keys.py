"""Keys: who is at the door. A key names a person and the hats that the person may wear.

A key is `sk_<id>_<secret>`; the database knows only a keyed hash of the secret, which is random
enough to need no slow hash.
"""

import hmac
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Protocol

from app.domain.values import Role

WRITTEN: Final = re.compile(r"sk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
REMEMBER_SECONDS: Final = 5.0
"""How long a revoked key may still open: the price of not asking the database every time."""

SELECT_KEY: Final = """
    SELECT key_hash, person, roles FROM api_keys WHERE key_id = $1 AND revoked_at IS NULL
"""

INSERT_KEY: Final = """
    INSERT INTO api_keys (key_id, key_hash, person, roles, label, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)
"""


class Fetch(Protocol):
    """Whatever runs a statement: a pool or a connection."""

    async def fetchrow(self, query: str, *args: Any) -> Any:  # noqa: ANN401 - asyncpg's own
        """One row or None."""

    async def execute(self, query: str, *args: Any) -> Any:  # noqa: ANN401 - asyncpg's own
        """Run it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key it is."""

    key_id: str
    person: str
    roles: tuple[Role, ...]

    def role_for(self, allowed: frozenset[Role]) -> Role:
        """The hat to wear for a command: the first that is allowed, else simply the first."""
        return next((role for role in self.roles if role in allowed), self.roles[0])


class Keyring:
    """Keeps keys as hashes, and knows for a few seconds those that it has seen."""

    def __init__(self, database: Fetch, pepper: bytes) -> None:
        self._database = database
        self._pepper = pepper
        self._seen: dict[str, tuple[float, bytes, Caller]] = {}

    def over(self, database: Fetch) -> "Keyring":
        """The same ring over another connection, so that it takes part in a transaction."""
        return Keyring(database, self._pepper)

    async def issue(self, person: str, roles: Sequence[Role], label: str, at: datetime) -> str:
        """Make a key. Its text is returned once and cannot be had again."""
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        await self._database.execute(
            INSERT_KEY, key_id, self._hash(secret), person, [str(r) for r in roles], label, at
        )
        return f"sk_{key_id}_{secret}"

    async def caller(self, authorization: str | None) -> Caller | None:
        """Whoever the `Authorization` header proves to be; None when it proves nothing."""
        scheme, _, text = (authorization or "").partition(" ")
        written = WRITTEN.fullmatch(text.strip())
        if scheme.lower() != "bearer" or written is None:
            return None
        key_id, secret = written.groups()
        known = self._seen.get(key_id)
        if known is None or known[0] < time.monotonic():
            row = await self._database.fetchrow(SELECT_KEY, key_id)
            if row is None:
                self._seen.pop(key_id, None)
                return None
            roles = tuple(Role(role) for role in row["roles"])
            caller = Caller(key_id, row["person"], roles)
            known = (time.monotonic() + REMEMBER_SECONDS, row["key_hash"], caller)
            self._seen[key_id] = known
        return known[2] if hmac.compare_digest(known[1], self._hash(secret)) else None

    def _hash(self, secret: str) -> bytes:
        return hmac.new(self._pepper, secret.encode(), sha256).digest()
