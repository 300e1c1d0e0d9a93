"""Bearer tokens of an identity provider: who is at the door when he shows no key of ours.

A token is a JWT that the provider signed for us: RFC 7519 and 9068, checked as RFC 8725 asks. It
names a person and values that the settings map to roles; it gives no role of its own making.
"""

import base64
import json
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from pydantic import TypeAdapter, ValidationError
from typing_extensions import override

from app.api.identity_provider import IdentityPlan, IdentityProvider, PublicKey
from app.api.keys import Caller, NotLetIn
from app.domain.access_key.roles import alone_among, is_reserved
from app.domain.decider import JsonObject
from app.domain.values import Code, Role

TOKEN_CHARACTERS_MAX: Final = 8_192
REMEMBER_SECONDS: Final = 60.0
REMEMBER_TOKENS_MAX: Final = 10_000
KINDS: Final = frozenset({"JWT", "AT+JWT", "APPLICATION/AT+JWT"})
FOREIGN_KEYS: Final = frozenset({"jwk", "jku", "x5u"})
"""A token does not say which key it is to be checked with."""
OF_ID_TOKENS: Final = frozenset({"at_hash", "c_hash", "s_hash"})
CLIENT_CHARACTERS_MAX: Final = 59
"""`oidc:` and a client fit into a code."""

_PARTS: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_CODE: Final[TypeAdapter[str]] = TypeAdapter(Code)


class NoRole(Exception):
    """The token is good, and gives no role here."""


class RolesClash(Exception):
    """The token is good, and gives roles that one person does not hold together."""

    def __init__(self, alone: Role) -> None:
        super().__init__(alone)
        self.alone = alone


class _Allowed(jws.JWSRegistry):
    """The algorithms of the settings and no other; headers may be as long as providers make them.

    The library warns of `EdDSA`, a name that providers go on writing: the key says which curve.
    """

    max_header_length = 4_096
    max_payload_length = TOKEN_CHARACTERS_MAX

    @override
    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


class Tokens:
    """Checks tokens, and knows for a minute those that it has seen."""

    def __init__(
        self,
        plan: IdentityPlan,
        provider: IdentityProvider,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._plan = plan
        self._provider = provider
        self._clock = clock
        self._registry = _Allowed(algorithms=plan.algorithms, strict_check_header=False)
        self._seen: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    async def caller(self, text: str) -> Caller:
        """Whoever a token proves to be.

        Raises:
            NotLetIn: it proves nothing.
            NoRole, RolesClash: whoever he is, he has no business here.
            ProviderAway: it cannot be told.
        """
        if len(text) > TOKEN_CHARACTERS_MAX:
            raise NotLetIn("token_too_long")
        name = sha256(text.encode()).digest()
        until, known = self._seen.get(name, (0.0, None))
        if known is not None and self._clock() < until:
            self._seen.move_to_end(name)
            return known
        claims = await self._claims(text)
        self._must_be_for_us(claims)
        caller = self._caller(claims)
        until = min(self._clock() + REMEMBER_SECONDS, claims["exp"])
        self._seen[name] = (until, caller)
        while len(self._seen) > REMEMBER_TOKENS_MAX:
            self._seen.popitem(last=False)
        return caller

    async def _claims(self, text: str) -> JsonObject:
        """What the provider signed.

        Raises:
            NotLetIn: it did not, or not in a form that means one thing only.
        """
        parts = _PARTS.fullmatch(text)
        if parts is None or any(_encoded(_decoded(part)) != part for part in parts.groups()):
            raise NotLetIn("not_a_token")
        header = _object(parts[1])
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in self._plan.algorithms:
            raise NotLetIn("algorithm_not_allowed")
        if "crit" in header or FOREIGN_KEYS & header.keys():
            raise NotLetIn("header_not_allowed")
        if str(header.get("typ", "JWT")).upper() not in KINDS:
            raise NotLetIn("not_an_access_token")
        if not isinstance(kid, str):
            raise NotLetIn("no_key_named")
        keys = await self._provider.keys(kid)
        if not any(self._is_signed(text, key) for key in keys):
            raise NotLetIn("wrong_signature" if keys else "unknown_key")
        return _object(parts[2])

    def _is_signed(self, text: str, key: PublicKey) -> bool:
        try:
            jws.deserialize_compact(text, key, registry=self._registry)
        except (JoseError, ValueError, TypeError):
            return False
        return True

    def _must_be_for_us(self, claims: JsonObject) -> None:
        """Who issued it, for whom, and when.

        Raises:
            NotLetIn: another one, for another one, or at another time.
        """
        plan, now, leeway = self._plan, self._clock(), self._plan.leeway_seconds
        audience = claims.get("aud")
        listed = [audience] if isinstance(audience, str) else audience
        if claims.get("iss") != plan.issuer:
            raise NotLetIn("wrong_issuer")
        if not isinstance(listed, list) or plan.audience not in listed:
            raise NotLetIn("wrong_audience")
        if now >= _instant(claims, "exp") + leeway:
            raise NotLetIn("token_expired")
        if _instant(claims, "iat") > now + leeway:
            raise NotLetIn("issued_in_the_future")
        if "nbf" in claims and _instant(claims, "nbf") > now + leeway:
            raise NotLetIn("not_yet_valid")
        kind = claims.get("typ")  # Keycloak's own word for what a token is
        if kind == "ID" or OF_ID_TOKENS & claims.keys() or ("nonce" in claims and kind != "Bearer"):
            raise NotLetIn("not_an_access_token")
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise NotLetIn("no_subject")

    def _caller(self, claims: JsonObject) -> Caller:
        try:
            person = _CODE.validate_python(claim_at(claims, self._plan.person_claim))
            client = claims.get("client_id", claims.get("azp", "unnamed"))
            key_id = _CODE.validate_python(f"oidc:{str(client)[:CLIENT_CHARACTERS_MAX]}")
        except ValidationError:
            raise NotLetIn("no_person") from None
        if is_reserved(person):
            raise NotLetIn("no_person", key_id)
        told = values_of(claim_at(claims, self._plan.roles_claim))
        roles = roles_of(told, self._plan.roles)
        if not roles:
            raise NoRole(person)
        alone = alone_among(roles)
        if alone is not None:
            raise RolesClash(alone)
        ends = datetime.fromtimestamp(claims["exp"], UTC)
        return Caller(key_id, person, roles, ends, f"{key_id} {person}")


def roles_of(told: Collection[str], mapping: Mapping[str, tuple[Role, ...]]) -> tuple[Role, ...]:
    """The roles that values of the claim give, in the order of the settings."""
    given = (role for value, roles in mapping.items() if value in told for role in roles)
    return tuple(dict.fromkeys(given))


def claim_at(claims: JsonObject, path: str) -> Any:  # noqa: ANN401 - any JSON
    """A claim by its name, or by the dotted path to it: `realm_access.roles`."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def values_of(claim: Any) -> frozenset[str]:  # noqa: ANN401 - any JSON
    """What a claim lists: an array, or words between blanks as in `scope`."""
    listed = claim.split() if isinstance(claim, str) else claim
    if not isinstance(listed, list):
        return frozenset()
    return frozenset(each for each in listed if isinstance(each, str))


def _instant(claims: JsonObject, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 2**33:
        raise NotLetIn(f"no_{name}")
    return float(value)


def _object(part: str) -> JsonObject:
    """A part as JSON that means one thing only: no name stands in it twice."""
    try:
        found = json.loads(
            _decoded(part), object_pairs_hook=_once, parse_constant=_refused_constant
        )
    except (ValueError, RecursionError):
        raise NotLetIn("not_a_token") from None
    if not isinstance(found, dict):
        raise NotLetIn("not_a_token")
    return found


def _once(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _refused_constant(word: str) -> None:
    raise ValueError(word)


def _decoded(part: str) -> bytes:
    """The bytes of a part; nothing where it is none."""
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return b""


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
