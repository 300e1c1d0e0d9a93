"""The identity provider (OpenID Connect): which keys it signs its tokens with.

Its keys are kept for minutes, so that nobody waits for the provider but when a key is not known.
While it is away, keys that were good go on being used for an hour; then nobody is let in by it.
"""

import asyncio
import ipaddress
import json
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias
from urllib.parse import urlsplit

import httpx
import structlog
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from app.domain.values import Role

FRESH_SECONDS: Final = 300.0
"""Then keys are fetched anew behind everybody's back."""
KEEP_SECONDS: Final = 600.0
"""Then whoever comes waits for them."""
AWAY_SECONDS_MAX: Final = 3_600.0
"""How long keys are used whose provider does not answer."""
PAUSE_SECONDS: Final = 30.0
"""Between two fetches, whatever names of keys are asked for."""
PAUSE_SECONDS_WITHOUT_KEYS: Final = 2.0
ANSWER_SECONDS_MAX: Final = 5.0
ANSWER_BYTES_MAX: Final = 262_144
RSA_BITS_MIN: Final = 2_048

DISCOVERY: Final = "/.well-known/openid-configuration"
KINDS: Final[Mapping[str, type[RSAKey | ECKey | OKPKey]]] = {
    "RSA": RSAKey,
    "EC": ECKey,
    "OKP": OKPKey,
}
PUBLIC: Final = frozenset({"kty", "kid", "use", "alg", "key_ops", "n", "e", "crv", "x", "y"})
"""What is taken over of a key; nothing of it is a secret."""

PublicKey: TypeAlias = RSAKey | ECKey | OKPKey

log: Final = structlog.get_logger(__name__)


class ProviderAway(Exception):
    """The identity provider does not answer, and no key of it is at hand."""


class NotAProvider(Exception):
    """What answered is not the identity provider, or not in the form of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityPlan:
    """Whose tokens are taken, and what they say."""

    issuer: str
    audience: str
    roles: Mapping[str, tuple[Role, ...]]
    """By a value of the claim."""
    roles_claim: str = "roles"
    person_claim: str = "preferred_username"
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256", "EdDSA")
    leeway_seconds: int = 30


def is_safe(url: str) -> bool:
    """Whether nobody on the way can change what is fetched there."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme != "http" or not parts.hostname:
        return False
    with suppress(ValueError):
        return ipaddress.ip_address(parts.hostname).is_loopback
    return parts.hostname == "localhost"


class IdentityProvider:
    """Knows the keys of a provider by their ids."""

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._clock = clock
        self._http = httpx.AsyncClient(timeout=ANSWER_SECONDS_MAX, follow_redirects=False)
        self._keys: Mapping[str, tuple[PublicKey, ...]] = {}
        self._fetched_at = -AWAY_SECONDS_MAX
        self._tried_at = -AWAY_SECONDS_MAX
        self._failed = False
        self._fetching: asyncio.Task[None] | None = None
        self.fetches = 0
        """How often it was asked."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})
        await self._http.aclose()

    async def keys(self, kid: str) -> tuple[PublicKey, ...]:
        """The keys of an id; none where the provider has none.

        Raises:
            ProviderAway: it cannot be told, because the provider does not answer.
        """
        age = self._clock() - self._fetched_at
        if not self._keys or age >= KEEP_SECONDS:
            await self.refreshed()
        elif age >= FRESH_SECONDS:
            self._refresh()
        if not self._keys or self._clock() - self._fetched_at >= AWAY_SECONDS_MAX:
            raise ProviderAway
        if kid not in self._keys:
            await self.refreshed()
            if kid not in self._keys and self._failed:
                raise ProviderAway
        return self._keys.get(kid, ())

    def _refresh(self) -> "asyncio.Task[None] | None":
        """One fetch at a time, however many wait for it, and a pause after it."""
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        pause = PAUSE_SECONDS if self._keys else PAUSE_SECONDS_WITHOUT_KEYS
        if self._clock() - self._tried_at < pause:
            return None
        self._tried_at = self._clock()
        self._fetching = asyncio.create_task(self._fetch(), name="identity-provider")
        return self._fetching

    async def refreshed(self) -> None:
        """Wait for keys that are being fetched, or should be."""
        fetching = self._refresh()
        if fetching is not None:
            await asyncio.wait({fetching})

    async def _fetch(self) -> None:
        self.fetches += 1
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                told = await self._json(self._issuer.rstrip("/") + DISCOVERY)
                keys = keys_in(await self._json(self._keys_address(told)))
        except (httpx.HTTPError, httpx.InvalidURL, NotAProvider, OSError, TimeoutError) as error:
            self._failed = True
            log.warning("identity_provider.failed", issuer=self._issuer, error=repr(error)[:300])
            return
        self._keys, self._fetched_at, self._failed = keys, self._clock(), False

    def _keys_address(self, told: Mapping[str, Any]) -> str:
        if told.get("issuer") != self._issuer:
            raise NotAProvider("it is the provider of another issuer")
        address = told.get("jwks_uri")
        if not isinstance(address, str) or not is_safe(address):
            raise NotAProvider("its keys are nowhere, or where anybody could change them")
        return address

    async def _json(self, url: str) -> Mapping[str, Any]:
        body = bytearray()
        async with self._http.stream("GET", url, headers={"Accept": "application/json"}) as answer:
            if answer.status_code != httpx.codes.OK:
                raise NotAProvider(f"status {answer.status_code}")
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > ANSWER_BYTES_MAX:
                    raise NotAProvider("it answers without end")
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            raise NotAProvider("it does not answer JSON") from None
        if not isinstance(told, dict):
            raise NotAProvider("it answers another thing")
        return told


def keys_in(told: Mapping[str, Any]) -> Mapping[str, tuple[PublicKey, ...]]:
    """The keys of a JWK set that can check a signature; a key that is odd is left out.

    Raises:
        NotAProvider: there is none.
    """
    found: dict[str, list[PublicKey]] = {}
    listed = told.get("keys")
    for each in listed if isinstance(listed, list) else ():
        key = _key_in(each)
        if key is not None:
            found.setdefault(each["kid"], []).append(key)
    if not found:
        raise NotAProvider("it has no key that is of use")
    return {kid: tuple(keys) for kid, keys in found.items()}


def _key_in(told: Any) -> PublicKey | None:  # noqa: ANN401 - any JSON
    if not isinstance(told, dict) or not isinstance(told.get("kid"), str):
        return None
    kind = KINDS.get(str(told.get("kty")))
    if kind is None or told.get("use", "sig") != "sig":
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # what is weak is left out below
            key = kind.import_key({name: told[name] for name in PUBLIC & told.keys()})
        if isinstance(key, RSAKey) and key.public_key.key_size < RSA_BITS_MIN:
            return None
    except (JoseError, ValueError, TypeError, ArithmeticError):
        return None
    return key
