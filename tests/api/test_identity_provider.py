"""The keys of an identity provider: fetched when they are met, kept while it is away."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.api import identity_provider
from app.api.identity_provider import (
    AWAY_SECONDS_MAX,
    FRESH_SECONDS,
    KEEP_SECONDS,
    PAUSE_SECONDS,
    NotAProvider,
    ProviderAway,
    is_safe,
    keys_in,
)
from tests.api.oidc import CURVE, KEY, OTHER, Gate, open_gate, rsa


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    """Whoever trusts a provider."""
    async with open_gate() as one:
        yield one


async def test_a_new_key_of_the_provider_is_fetched_when_it_is_met(gate: Gate) -> None:
    await gate.lets_in()
    gate.idp.keys = [OTHER]
    new = gate.idp.token()

    assert await gate.turns_away(new) == "unknown_key", "the pause is not over"
    gate.clock.at += PAUSE_SECONDS
    assert (await gate.tokens.caller(new)).person == "wang.li"
    assert gate.provider.fetches == 2
    assert await gate.turns_away(gate.idp.token(key=KEY, sub="last")) == "unknown_key"


async def test_names_of_keys_that_nobody_has_do_not_make_us_ask_again_and_again(
    gate: Gate,
) -> None:
    await gate.lets_in()
    for number in range(50):
        await gate.turns_away(gate.idp.token(header={"kid": f"k{number}"}))
    assert gate.provider.fetches == 1


async def test_keys_are_fetched_anew_in_time_behind_everybodys_back(gate: Gate) -> None:
    await gate.lets_in()
    gate.clock.at += FRESH_SECONDS
    await asyncio.gather(*(gate.lets_in(sub=str(n)) for n in range(10)))
    await gate.provider.refreshed()
    assert gate.provider.fetches == 2
    gate.idp.keys = [OTHER]
    gate.clock.at += KEEP_SECONDS
    assert await gate.turns_away(gate.idp.token(key=KEY, sub="last")) == "unknown_key"


async def test_while_the_provider_is_away_good_keys_serve_for_an_hour(gate: Gate) -> None:
    await gate.lets_in()
    gate.idp.status = 503
    gate.clock.at += KEEP_SECONDS
    assert (await gate.lets_in(sub="2")).person == "wang.li"
    gate.clock.at += AWAY_SECONDS_MAX - KEEP_SECONDS - 1
    assert (await gate.lets_in(sub="3")).person == "wang.li"
    gate.clock.at += 1
    with pytest.raises(ProviderAway):
        await gate.lets_in(sub="4")
    gate.idp.status = 200
    gate.clock.at += PAUSE_SECONDS
    assert (await gate.lets_in(sub="5")).person == "wang.li"


async def test_with_a_provider_away_a_key_that_is_not_known_cannot_be_told(gate: Gate) -> None:
    await gate.lets_in()
    gate.idp.status = 503
    gate.clock.at += PAUSE_SECONDS
    with pytest.raises(ProviderAway):
        await gate.lets_in(key=OTHER)


@pytest.mark.parametrize(
    "answers",
    [
        {"status": 500},
        {"body": b"<html>"},
        {"body": b"[" * 100_000},
        {"body": b"[]"},
        {"body": b"{}"},
        {"body": b" " * 300_000},
        {"issuer_told": "https://evil.example"},
        {"redirect": "http://127.0.0.1:1/"},
        {"keys": []},
        {"keys": [{"kty": "oct", "kid": "one", "k": "AAAA"}]},
        {"keys": [{"kty": "RSA", "kid": "one", "n": 7}, 7, {"kty": "RSA"}, {"kid": "x"}]},
    ],
)
async def test_what_does_not_answer_as_the_provider_is_none(
    gate: Gate, answers: dict[str, Any]
) -> None:
    text = gate.idp.token()
    for name, value in answers.items():
        setattr(gate.idp, name, value)
    with pytest.raises(ProviderAway):
        await gate.tokens.caller(text)


async def test_a_provider_that_is_silent_is_waited_for_but_not_for_long(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity_provider, "ANSWER_SECONDS_MAX", 0.2)
    gate.idp.silent.clear()
    texts = [gate.idp.token(sub=str(number)) for number in range(20)]

    began = time.monotonic()
    answers = await asyncio.gather(
        *(gate.tokens.caller(each) for each in texts), return_exceptions=True
    )

    assert {type(each) for each in answers} == {ProviderAway}
    assert time.monotonic() - began < 5
    assert gate.provider.fetches == 1
    gate.idp.silent.set()


def test_only_public_keys_that_are_strong_enough_for_signatures_are_taken() -> None:
    weak = rsa("weak", 1024).as_dict(private=False)
    told = [
        KEY.as_dict(private=True),
        OTHER.as_dict(private=False) | {"use": "enc"},
        weak,
        {"kty": "AKP", "kid": "later"},
        CURVE.as_dict(private=False) | {"x": "AA"},
    ]
    found = keys_in({"keys": told})
    assert list(found) == ["one"]
    assert not found["one"][0].is_private
    with pytest.raises(NotAProvider):
        keys_in({"keys": {"one": 1}})


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://login.plant.cn/realms/plant", True),
        ("http://127.0.0.1:8080/realms/plant", True),
        ("http://[::1]:8080", True),
        ("http://localhost:8080", True),
        ("http://login.plant.cn", False),
        ("http://10.0.0.1", False),
        ("https://", False),
        ("file:///etc/passwd", False),
        ("login.plant.cn", False),
    ],
)
def test_where_keys_may_be_fetched(url: str, *, safe: bool) -> None:
    assert is_safe(url) is safe
