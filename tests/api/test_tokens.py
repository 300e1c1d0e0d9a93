"""Bearer tokens of an identity provider: who gets in, and every forgery that does not."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from app.api.keys import NotLetIn
from app.api.tokens import NoRole, RolesClash, Tokens
from app.domain.values import Role
from app.main import Plan
from tests.api.desk import open_desk
from tests.api.oidc import CURVE, EDWARDS, KEY, OTHER, Clock, Gate, open_gate, rsa


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    """Whoever trusts a provider."""
    async with open_gate() as one:
        yield one


def part(told: Any) -> str:  # noqa: ANN401 - any JSON
    """A part of a token."""
    raw = told if isinstance(told, bytes) else json.dumps(told).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def test_a_good_token_opens_with_the_roles_that_are_mapped(gate: Gate) -> None:
    caller = await gate.lets_in(roles=["clerk", "unknown", "quality"])

    assert (caller.person, caller.key_id) == ("wang.li", "oidc:portal")
    assert caller.roles == (Role.QA_ENGINEER, Role.SALES_CLERK)
    assert caller.account == "oidc:portal wang.li"
    assert await gate.lets_in(roles="openid quality") == replace(
        caller, roles=(Role.QA_ENGINEER,), expires_at=caller.expires_at
    )
    assert len(gate.idp.asked) == 2, "discovery and keys, once"


@pytest.mark.parametrize(
    ("key", "algorithm"), [(KEY, "RS256"), (KEY, "PS256"), (CURVE, "ES256"), (EDWARDS, "EdDSA")]
)
async def test_every_algorithm_of_the_settings_is_understood(
    gate: Gate,
    key: Any,  # noqa: ANN401 - a key pair
    algorithm: str,
) -> None:
    assert (await gate.lets_in(key=key, header={"alg": algorithm})).person == "wang.li"


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "application/at+jwt", None])
async def test_how_providers_call_an_access_token(gate: Gate, kind: str | None) -> None:
    assert (await gate.lets_in(header={"typ": kind})).person == "wang.li"


FORGED_CLAIMS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("wrong_issuer", {"iss": "https://evil.example"}),
    ("wrong_issuer", {"iss": None}),
    ("wrong_audience", {"aud": "another"}),
    ("wrong_audience", {"aud": ["another"]}),
    ("wrong_audience", {"aud": {"sanbao": 1}}),
    ("wrong_audience", {"aud": None}),
    ("token_expired", {"exp": int(time.time()) - 60}),
    ("no_exp", {"exp": None}),
    ("no_exp", {"exp": "9999999999"}),
    ("no_exp", {"exp": True}),
    ("no_exp", {"exp": 1e300}),
    ("no_iat", {"iat": None}),
    ("issued_in_the_future", {"iat": int(time.time()) + 3600}),
    ("not_yet_valid", {"nbf": int(time.time()) + 3600}),
    ("no_nbf", {"nbf": "soon"}),
    ("no_subject", {"sub": None}),
    ("no_subject", {"sub": 7}),
    ("no_person", {"preferred_username": None}),
    ("no_person", {"preferred_username": ["wang.li"]}),
    ("no_person", {"preferred_username": " wang"}),
    ("no_person", {"preferred_username": "wang\x00li"}),
    ("no_person", {"preferred_username": "\ud800"}),
    ("no_person", {"preferred_username": "w" * 65}),
    ("no_person", {"preferred_username": "system"}),
    ("no_person", {"preferred_username": "operator:root"}),
    ("no_person", {"client_id": "a\nb"}),
    ("not_an_access_token", {"at_hash": "abc"}),
    ("not_an_access_token", {"nonce": "abc"}),
    ("not_an_access_token", {"typ": "ID"}),
]


@pytest.mark.parametrize(("why", "claims"), FORGED_CLAIMS)
async def test_a_token_for_another_purpose_opens_nothing(
    gate: Gate, why: str, claims: dict[str, Any]
) -> None:
    assert await gate.turns_away(gate.idp.token(**claims)) == why


async def test_the_leeway_is_kept_to_the_second(gate: Gate) -> None:
    now = time.time()
    tokens = Tokens(gate.idp.plan(), gate.provider, lambda: now)
    latest = gate.idp.token(exp=now - 29, iat=now + 30, nbf=now + 30)
    assert (await tokens.caller(latest)).person == "wang.li"
    too_late: list[dict[str, Any]] = [{"exp": now - 30}, {"iat": now + 31}, {"nbf": now + 31}]
    for late in too_late:
        with pytest.raises(NotLetIn):
            await tokens.caller(gate.idp.token(**late))


FORGED_HEADERS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("algorithm_not_allowed", {"alg": "RS512"}),
    ("no_key_named", {"kid": None}),
    ("no_key_named", {"kid": 7}),
    ("unknown_key", {"kid": "nobody's"}),
    ("unknown_key", {"kid": "../../one"}),
    ("wrong_signature", {"kid": "curve"}),
    ("header_not_allowed", {"jwk": KEY.as_dict(private=False)}),
    ("header_not_allowed", {"jku": "https://evil.example/keys"}),
    ("header_not_allowed", {"x5u": "https://evil.example/keys"}),
    ("header_not_allowed", {"crit": ["exp"], "exp": 1}),
    ("not_an_access_token", {"typ": "dpop+jwt"}),
]


@pytest.mark.parametrize(("why", "header"), FORGED_HEADERS)
async def test_a_header_that_asks_for_another_key_or_way_opens_nothing(
    gate: Gate, why: str, header: dict[str, Any]
) -> None:
    text = gate.idp.token()
    head = {"alg": "RS256", "kid": "one", "typ": "at+jwt"} | header
    shown = {name: value for name, value in head.items() if value is not None}
    if why == "wrong_signature":
        shown["alg"] = "ES256"
    forged = ".".join([part(shown), *text.split(".")[1:]])
    assert await gate.turns_away(forged) == why


async def test_a_key_of_ones_own_proves_nothing(gate: Gate) -> None:
    named_like_theirs = RSAKey.import_key(rsa("x").as_dict(private=True) | {"kid": "one"})
    mine = gate.idp.token(key=named_like_theirs)
    with_it = gate.idp.token(
        key=named_like_theirs, header={"jwk": named_like_theirs.as_dict(private=False)}
    )

    assert await gate.turns_away(mine) == "wrong_signature"
    assert await gate.turns_away(with_it) == "header_not_allowed"


async def test_the_public_key_is_no_shared_secret(gate: Gate) -> None:
    head = {"alg": "HS256", "kid": "one", "typ": "at+jwt"}
    signed = f"{part(head)}.{part(gate.idp.claims())}"
    for secret in (KEY.as_pem(private=False), KEY.as_der(private=False)):
        signature = hmac.new(secret, signed.encode(), sha256).digest()
        assert await gate.turns_away(f"{signed}.{part(signature)}") == "algorithm_not_allowed"
    assert gate.idp.asked == []


async def test_without_a_signature_nothing_is_proven(gate: Gate) -> None:
    head, body, _ = gate.idp.token().split(".")
    for algorithm in ("none", "None", "nOnE", "", None, ["RS256"]):
        unsigned = part({"alg": algorithm, "kid": "one"})
        for signature in ("", "AA"):
            why = await gate.turns_away(f"{unsigned}.{body}.{signature}")
            assert why in {"algorithm_not_allowed", "not_a_token"}
    assert await gate.turns_away(f"{head}.{body}.") == "not_a_token"
    assert await gate.turns_away(f"{head}.{body}") == "not_a_token"


async def test_a_token_that_was_changed_anywhere_opens_nothing(gate: Gate) -> None:
    text = gate.idp.token()
    head, body, signature = text.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    other = part(claims | {"roles": ["admin"]})
    assert await gate.turns_away(f"{head}.{other}.{signature}") == "wrong_signature"
    for place in (0, len(head) - 1, len(head) + 5, len(text) - 40, len(text) - 1):
        for letter in "AQgw":
            changed = text[:place] + letter + text[place + 1 :]
            if changed != text:
                await gate.turns_away(changed)
    for cut in (text[:-1], text[:-4], text[1:], f"{text}.", f"{text}.AA", f"{text}=", f"{text}A"):
        await gate.turns_away(cut)


@pytest.mark.parametrize(
    "odd",
    [
        "a.b.c",
        "....",
        "é.é.é",
        "eyJ.eyJ.é",
        f"{part([])}.{part({})}.AAAA",
        f"{part('text')}.{part({})}.AAAA",
        f"{part(b'[' * 4000)}.{part({})}.AAAA",
        f"{part(b'{')}.{part({})}.AAAA",
        part(b'{"alg":"RS256","alg":"none","kid":"one"}') + ".e30.AAAA",
        part(b'{"alg":"RS256","kid":"one","n":NaN}') + ".e30.AAAA",
        part(b'{"alg":"RS256","kid":"one","n":1' + b"0" * 5000 + b"}") + ".e30.AAAA",
        "x" * 9000,
    ],
)
async def test_what_is_no_token_opens_nothing(gate: Gate, odd: str) -> None:
    assert await gate.turns_away(odd) in {"not_a_token", "token_too_long"}


async def test_a_name_that_stands_twice_in_the_claims_means_nothing(gate: Gate) -> None:
    told = json.dumps(gate.idp.claims())
    body = f'{told[:-1]}, "roles": ["admin"]}}'.encode()
    head = {"alg": "RS256", "kid": "one"}
    registry = jws.JWSRegistry(strict_check_header=False)
    text = jws.serialize_compact(head, body, KEY, registry=registry)
    assert await gate.turns_away(text) == "not_a_token"


@pytest.mark.parametrize("told", [["nothing"], [], None, 7, {"quality": True}, "qualityx", [7]])
async def test_who_has_no_role_here_is_told_so(gate: Gate, told: Any) -> None:  # noqa: ANN401
    with pytest.raises(NoRole):
        await gate.lets_in(roles=told)


async def test_roles_that_stand_alone_stand_alone_in_a_token_too(gate: Gate) -> None:
    with pytest.raises(RolesClash):
        await gate.lets_in(roles=["admin", "quality"])
    assert (await gate.lets_in(roles=["admin"])).roles == (Role.ADMINISTRATOR,)


async def test_roles_and_person_are_found_where_the_settings_say(gate: Gate) -> None:
    plan = gate.idp.plan(roles_claim="realm_access.roles", person_claim="email")
    tokens = Tokens(plan, gate.provider)
    nested: dict[str, Any] = {"realm_access": {"roles": ["clerk"]}, "email": "李工@plant.cn"}
    caller = await tokens.caller(gate.idp.token(**nested))
    assert (caller.person, caller.roles) == ("李工@plant.cn", (Role.SALES_CLERK,))
    by_address = gate.idp.plan(roles_claim="https://plant.cn/roles")
    named: dict[str, Any] = {"https://plant.cn/roles": ["clerk"]}
    text = gate.idp.token(**named)
    assert (await Tokens(by_address, gate.provider).caller(text)).roles == (Role.SALES_CLERK,)
    with pytest.raises(NoRole):
        await tokens.caller(gate.idp.token(realm_access=["clerk"], email="x"))


async def test_a_known_token_is_not_checked_again_until_it_ends(gate: Gate) -> None:
    now = time.time()
    clock = Clock(now)
    tokens = Tokens(gate.idp.plan(), gate.provider, clock)
    text = gate.idp.token(exp=now + 90)
    first = await tokens.caller(text)
    assert await tokens.caller(text) is first
    clock.at = now + 61
    assert await tokens.caller(text) is not first
    clock.at = now + 121
    with pytest.raises(NotLetIn):
        await tokens.caller(text)


async def test_a_person_with_a_token_works_as_with_a_key(plan: Plan, gate: Gate) -> None:
    async with open_desk(replace(plan, identity=gate.idp.plan())) as desk:
        desk.keys |= {
            "wang": gate.idp.token(roles=["clerk"]),
            "li": gate.idp.token(roles=["clerk"], preferred_username="li.na"),
            "boss": gate.idp.token(roles=["admin"], preferred_username="ren"),
            "both": gate.idp.token(roles=["admin", "clerk"]),
            "none": gate.idp.token(roles=[]),
            "forged": gate.idp.token(key=OTHER),
        }
        body = {
            "customer_id": "C01",
            "channel": "PHONE",
            "life_phase": "FIELD",
            "spec_code": "TC 85×105×10 FKM",
            "failure_mode": "漏油",
            "qty_reported": 1,
            "description": "Oil at the rear crankshaft seal.",
        }
        for who in ("wang", "li", "u.clerk"):  # the same client, the same key: three commands
            answer = await desk.post("/v1/feedback-cases", body, by=who, key="k-1")
            assert answer.status_code == 201, answer.text
        told = await desk.events("FeedbackRegistered")
        assert [(each["person"], each["client"]) for each in told][:2] == [
            ("wang.li", "oidc:portal"),
            ("li.na", "oidc:portal"),
        ]
        hers = {"person": "chen.yan", "in_roles": ["FINANCE"], "label": "财务部电脑"}
        assert (await desk.post("/v1/access-keys", hers, by="boss")).status_code == 201

        statuses: dict[str, tuple[int, str]] = {}
        for who in ("both", "none", "forged"):
            answer = await desk.post("/v1/feedback-cases", body, by=who)
            statuses[who] = (answer.status_code, answer.json()["code"])
        assert statuses == {
            "both": (403, "ROLES_CLASH"),
            "none": (403, "NO_ROLE"),
            "forged": (401, "UNAUTHENTICATED"),
        }
        me = await desk.get("/v1/whoami", by="wang")
        assert (me["person"], me["client"]) == ("wang.li", "oidc:portal")


async def test_without_a_provider_no_token_is_taken_and_with_one_away_keys_still_are(
    plan: Plan, gate: Gate
) -> None:
    def headers(text: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {text}"}

    async with open_desk(plan) as desk:
        answer = await desk.http.get("/v1/whoami", headers=headers(gate.idp.token()))
        assert (answer.status_code, gate.idp.asked) == (401, [])
    gate.idp.status = 503
    async with open_desk(replace(plan, identity=gate.idp.plan())) as desk:
        answer = await desk.http.get("/v1/whoami", headers=headers(gate.idp.token()))
        assert (answer.status_code, answer.json()["code"]) == (503, "IDENTITY_PROVIDER_AWAY")
        assert answer.headers["Retry-After"] == "5"
        assert (await desk.get("/v1/whoami", by="u.clerk"))["person"] == "u.clerk"
