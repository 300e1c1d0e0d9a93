"""An identity provider of a test: discovery, keys and tokens, over HTTP on the loopback."""

import json
import threading
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from typing_extensions import override

from app.api.identity_provider import DISCOVERY, IdentityPlan, IdentityProvider
from app.api.keys import Caller, NotLetIn
from app.api.tokens import Tokens
from app.domain.values import Role

AUDIENCE: Final = "sanbao"
ROLES: Final = {
    "quality": (Role.QA_ENGINEER,),
    "clerk": (Role.SALES_CLERK,),
    "erp": (Role.INTEGRATION,),
    "admin": (Role.ADMINISTRATOR,),
}
ALL: Final = ["RS256", "PS256", "ES256", "EdDSA", "HS256", "RS512", "none"]

SigningKey = RSAKey | ECKey | OKPKey


class Registry(jws.JWSRegistry):
    """Signs with whatever a test wants, without a warning."""

    @override
    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


def rsa(kid: str, bits: int = 2048) -> RSAKey:
    """A key pair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RSAKey.generate_key(bits, {"kid": kid})


@dataclass
class Provider:
    """What it answers can be changed at any time."""

    port: int
    keys: list[Any]
    asked: list[str] = field(default_factory=list)
    status: int = 200
    issuer_told: str | None = None
    body: bytes | None = None
    redirect: str | None = None
    silent: threading.Event = field(default_factory=threading.Event)
    """Not set while it is silent."""

    @property
    def issuer(self) -> str:
        """Its name and its address."""
        return f"http://127.0.0.1:{self.port}/realms/plant"

    def plan(self, **other: Any) -> IdentityPlan:  # noqa: ANN401 - any setting
        """The settings of a service that trusts it."""
        said = {"issuer": self.issuer, "audience": AUDIENCE, "roles": ROLES} | other
        return IdentityPlan(**said)

    def answer(self, path: str) -> tuple[int, bytes]:
        """What is asked for."""
        self.asked.append(path)
        self.silent.wait(timeout=30)
        if self.body is not None:
            return self.status, self.body
        if path.endswith(DISCOVERY):
            told = {"issuer": self.issuer_told or self.issuer, "jwks_uri": f"{self.issuer}/certs"}
            return self.status, json.dumps(told).encode()
        keys = [
            each if isinstance(each, dict) else each.as_dict(private=False) for each in self.keys
        ]
        return self.status, json.dumps({"keys": keys}).encode()

    def claims(self, **other: Any) -> dict[str, Any]:  # noqa: ANN401 - any claim
        """What a good token says; a claim that is None is left out."""
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "4711",
            "iat": now,
            "exp": now + 300,
            "client_id": "portal",
            "preferred_username": "wang.li",
            "roles": ["quality", "something-else"],
        } | other
        return {name: value for name, value in said.items() if value is not None}

    def token(
        self,
        *,
        key: SigningKey | None = None,
        header: dict[str, Any] | None = None,
        **claims: Any,  # noqa: ANN401 - any claim
    ) -> str:
        """A token that says so, signed with the first key unless another one is given."""
        signer = key or self.keys[0]
        head = {"alg": "RS256", "kid": signer.kid, "typ": "at+jwt"} | (header or {})
        body = json.dumps(self.claims(**claims)).encode()
        registry = Registry(algorithms=ALL, strict_check_header=False)
        shown = {name: value for name, value in head.items() if value is not None}
        return jws.serialize_compact(shown, body, signer, registry=registry)


@contextmanager
def provider(*keys: Any) -> Iterator[Provider]:  # noqa: ANN401 - key pairs, or what is told of one
    """A provider that runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = one.answer(self.path)
            self.send_response(302 if one.redirect else status)
            if one.redirect:
                self.send_header("Location", one.redirect)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    one = Provider(server.server_address[1], list(keys))
    one.silent.set()
    running = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    running.start()
    try:
        yield one
    finally:
        one.silent.set()
        server.shutdown()
        server.server_close()
        running.join()


KEY: Final = rsa("one")
OTHER: Final = rsa("two")
CURVE: Final = ECKey.generate_key("P-256", {"kid": "curve"})
EDWARDS: Final = OKPKey.generate_key("Ed25519", {"kid": "edwards"})


@dataclass
class Clock:
    """Stands until it is moved."""

    at: float = 1_000_000.0

    def __call__(self) -> float:
        """What it shows."""
        return self.at


@dataclass
class Gate:
    """The checks, around a provider."""

    idp: Provider
    tokens: Tokens
    provider: IdentityProvider
    clock: Clock

    async def lets_in(self, **said: Any) -> Caller:  # noqa: ANN401 - see `Provider.token`
        """Whom a token of the provider proves."""
        return await self.tokens.caller(self.idp.token(**said))

    async def turns_away(self, text: str) -> str:
        """Why."""
        with pytest.raises(NotLetIn) as refused:
            await self.tokens.caller(text)
        return refused.value.why


@asynccontextmanager
async def open_gate() -> AsyncIterator[Gate]:
    """A provider with one key of each kind, and whoever trusts it."""
    clock = Clock()
    with provider(KEY, CURVE, EDWARDS) as idp:
        async with IdentityProvider(idp.issuer, clock) as keys:
            yield Gate(idp, Tokens(idp.plan(), keys), keys, clock)
