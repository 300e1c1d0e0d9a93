"""The turnstile: how much one caller may ask, and how much of the house he keeps busy.

Three things bound a caller. A bucket of requests, by key, or by address where no valid key comes
along: it fills at a rate and holds a burst. A share of the requests that are worked on at once, so
that no key takes all of them, nor all of the writer's queue. And a line of his own for the
connections of readers (app.events.fairness). All of it is counted by the process; nothing is kept.

Work is given back when its answer begins: a reader who takes his time keeps nobody else waiting.
"""

import asyncio
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from math import ceil
from typing import Any, Final

from starlette.requests import Request
from starlette.types import Scope

from app.api.kinds import (
    BUSY,
    RATE_LIMITED,
)
from app.api.meters import STREAMS_MAX, STREAMS_PER_KEY_MAX, UPLOADS_MAX, UPLOADS_PER_KEY_MAX
from app.api.problems import (
    ProtocolError,
)
from app.events.fairness import LINE, NoPlace, Places

UNCOUNTED: Final = frozenset({"/livez", "/readyz"})
"""Whoever looks after the service must see it, most of all while it is flooded."""
REMEMBERED_MAX: Final = 10_000
"""Callers that are kept in mind: many addresses push out one another, never a key."""
PAUSE_SECONDS: Final = 1.0
"""How long a refusal takes: asking again at once, without a look at `Retry-After`, gains nothing,
and refusing does not become the work that keeps others waiting."""
LOOKUP_PLACES: Final = 2
LOOKUP_SECONDS_MAX: Final = 2.0
HEAVY_PLACES: Final = 2
HEAVY_UNITS: Final = 5
"""From this price on a question waits for one of few places of its own."""
HEAVY_SECONDS_MAX: Final = 5.0
HEAVY: Final[Mapping[str, int]] = {"/v1/what-if": 50, "/v1/events/export": 20, "/v1/changes": 5}
DOSSIER_UNITS: Final = 10
PAST_UNITS: Final = 2
ROWS_A_UNIT: Final = 50
ITEMS_A_UNIT: Final = 20
"""Commands of a batch. What keeps a caller's batches from being everybody's business are the
portions that the writer takes of them (app/events/bulk.py); this bounds what one may prepare."""
_LIMIT: Final = re.compile(rb"(?:^|&)limit=([0-9]{1,3})(?:&|$)")
_VISIT: Final = "sanbao.visit"


@dataclass(frozen=True, slots=True)
class Rate:
    """What a bucket holds, and how fast it fills again."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowances:
    """What one process gives: None and the large numbers of the defaults limit nothing."""

    key: Rate | None = None
    keyless: Rate | None = None
    at_once_max: int = 100_000
    """Requests that are there: worked on, or waiting in their caller's line."""
    at_once_per_key_max: int = 100_000
    worked_on_max: int = 100_000
    worked_on_per_key_max: int = 100_000
    streams_max: int = STREAMS_MAX
    streams_per_key_max: int = STREAMS_PER_KEY_MAX
    uploads_max: int = UPLOADS_MAX
    uploads_per_key_max: int = UPLOADS_PER_KEY_MAX


class Buckets:
    """Token buckets by name; those that were used last are kept."""

    def __init__(self, policy: str, rate: Rate) -> None:
        self._policy = policy
        self._rate = rate
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        window = max(1, round(rate.burst / rate.per_second))
        self._told = f'"{policy}";q={rate.burst};w={window}'.encode()

    @classmethod
    def of(cls, policy: str, rate: Rate | None) -> "Buckets | None":
        """Buckets for a rate, where there is one."""
        return None if rate is None else cls(policy, rate)

    def level(self, name: str) -> float:
        """What is left in a bucket."""
        left, at = self._levels.get(name, (float(self._rate.burst), 0.0))
        return min(self._rate.burst, left + (time.monotonic() - at) * self._rate.per_second)

    def take(self, name: str, units: int, visit: "Visit") -> None:
        """Take units out, and tell the visit what is left.

        Raises:
            ProtocolError: so much is not in it.
        """
        left, price = self.level(name), min(units, self._rate.burst)
        if left < price:
            raise self.refusal(name, price)
        self._levels[name] = (left - price, time.monotonic())
        self._levels.move_to_end(name)
        if len(self._levels) > REMEMBERED_MAX:
            self._levels.popitem(last=False)
        visit.told = self._words(left - price, (self._rate.burst - left + price))

    def refusal(self, name: str, units: int = 1) -> ProtocolError:
        """What is answered where a bucket has too little."""
        left = self.level(name)
        missing = max(0.0, units - left)
        wait = max(1, ceil(missing / self._rate.per_second))
        headers = {n.decode(): v.decode() for n, v in self._words(left, missing)}
        return ProtocolError(
            RATE_LIMITED, headers=headers | {"Retry-After": str(wait)}, policy=self._policy
        )

    def _words(self, left: float, missing: float) -> list[tuple[bytes, bytes]]:
        """The header fields of draft-ietf-httpapi-ratelimit-headers-10."""
        wait = ceil(missing / self._rate.per_second)
        told = f'"{self._policy}";r={int(left)};t={wait}'.encode()
        return [(b"ratelimit-policy", self._told), (b"ratelimit", told)]


@dataclass(slots=True)
class Visit:
    """One request at the turnstile, and what it holds."""

    token: int = 0
    """A hash of what it came with: enough to know it again, nothing to be stolen."""
    told: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Header fields about what the caller has left."""
    answered: bool = False
    """Whether its answer has begun."""
    looks_from: str | None = None
    worker: str | None = None
    heavy: bool = False
    placed: bool = False
    turnstile: "Turnstile | None" = None

    def leave(self) -> None:
        """The work is done: give back what it held."""
        if self.turnstile is not None:
            self.turnstile.leaves(self)


def visit_of(request: Request) -> Visit:
    """The visit that the envelope began."""
    visit: Visit = request.scope[_VISIT]
    return visit


class Turnstile:
    """Counts callers; None of the allowances counts nobody."""

    def __init__(self, allowances: Allowances) -> None:
        self._allowances = allowances
        self._keys = Buckets.of("requests", allowances.key)
        self._keyless = Buckets.of("keyless", allowances.keyless)
        self._guesses = Buckets.of("wrong-keys", allowances.keyless)
        self._known: OrderedDict[int, str] = OrderedDict()
        self.visits = 0
        """Requests so far, but those of whoever looks after the service."""
        self._at_once: Counter[str] = Counter()
        self._busy = 0
        self._places = Places(allowances.worked_on_max, allowances.worked_on_per_key_max)
        self._lookups = Places(LOOKUP_PLACES, LOOKUP_PLACES)
        self._heavy = Places(HEAVY_PLACES, HEAVY_PLACES - 1)

    async def arrives(self, scope: Scope, visit: Visit) -> None:
        """Begin a visit; whoever is far above his allowance goes no further than here.

        Raises:
            ProtocolError: the caller asks too much.
        """
        scope[_VISIT] = visit
        if scope["path"] in UNCOUNTED:
            return
        self.visits += 1
        try:
            self._looks_at(scope, visit)
        except ProtocolError as refused:
            if refused.kind is RATE_LIMITED:
                await asyncio.sleep(PAUSE_SECONDS)
            raise

    def _looks_at(self, scope: Scope, visit: Visit) -> None:
        sent = next((v for k, v in scope["headers"] if k == b"authorization"), None)
        if sent is None:
            if self._keyless is not None:
                self._keyless.take(address_of(scope), 1, visit)
            return
        visit.token = hash(sent)
        key_id = self._known.get(visit.token)
        if key_id is None:
            return
        if self._keys is not None and self._keys.level(key_id) < 1:
            raise self._keys.refusal(key_id)
        self._must_have_room(key_id)

    async def before_guess(self, request: Request) -> None:
        """Before a key is looked up that was never seen to be right.

        Where many wrong ones came from an address, few are looked up at once: a right one waits
        its turn among them, and is known from then on.

        Raises:
            ProtocolError: its turn did not come.
        """
        visit, address = visit_of(request), address_of(request.scope)
        if self._guesses is None or visit.token in self._known:
            return
        if self._guesses.level(address) < 1:
            try:
                await self._lookups.take(address, LOOKUP_SECONDS_MAX)
            except NoPlace:
                raise self._guesses.refusal(address) from None
            visit.looks_from, visit.turnstile = address, self

    def guessed(self, request: Request) -> None:
        """A key that is none: count it against the address.

        Raises:
            ProtocolError: too many wrong ones came from there.
        """
        visit = visit_of(request)
        self._looked_up(visit)
        self._known.pop(visit.token, None)
        if self._guesses is not None and visit.token:
            self._guesses.take(address_of(request.scope), 1, visit)

    def asks_for_nothing(self, request: Request) -> None:
        """An address that there is not, and no key that was looked up: count it as a guess.

        Raises:
            ProtocolError: too many came.
        """
        if visit_of(request).token not in self._known:
            self.guessed(request)

    def _looked_up(self, visit: Visit) -> None:
        if visit.looks_from is not None:
            self._lookups.give_back(visit.looks_from)
            visit.looks_from = None

    def recognised(self, request: Request, key_id: str) -> None:
        """A key that is right: count the request against it.

        Raises:
            ProtocolError: it asks too much.
        """
        visit = visit_of(request)
        self._looked_up(visit)
        if visit.token:
            self._known[visit.token] = key_id
            self._known.move_to_end(visit.token)
            if len(self._known) > REMEMBERED_MAX:
                self._known.popitem(last=False)
        if self._keys is not None:
            self._keys.take(key_id, units_of(request.scope), visit)

    def charges(self, request: Request, key_id: str, units: int) -> None:
        """Count what could not be told before the body was read.

        Raises:
            ProtocolError: the caller asks too much.
        """
        if self._keys is not None and units:
            self._keys.take(key_id, units, visit_of(request))

    async def begins(self, request: Request, key_id: str) -> None:
        """All of the request is there: it is worked on, when its caller's line comes to it.

        Raises:
            ProtocolError: as much is worked on as may be, for the caller or for everybody.
        """
        visit = visit_of(request)
        if visit.worker is not None:
            return
        self._must_have_room(key_id)
        self._busy += 1
        self._at_once[key_id] += 1
        visit.worker, visit.turnstile = key_id, self
        LINE.set(key_id)
        try:
            if self._keys is not None and HEAVY_UNITS <= units_of(request.scope) <= DOSSIER_UNITS:
                await self._heavy.take(key_id, HEAVY_SECONDS_MAX)
                visit.heavy = True
            await self._places.take(key_id)
            visit.placed = True
        except NoPlace:
            raise ProtocolError(BUSY, headers={"Retry-After": "2"}) from None

    def leaves(self, visit: Visit) -> None:
        """Nothing more is to be worked out for it."""
        self._looked_up(visit)
        if visit.worker is not None:
            self._busy -= 1
            self._at_once[visit.worker] -= 1
            if not self._at_once[visit.worker]:
                del self._at_once[visit.worker]
            if visit.heavy:
                self._heavy.give_back(visit.worker)
            if visit.placed:
                self._places.give_back(visit.worker)
        visit.turnstile, visit.heavy, visit.placed = None, False, False

    def _must_have_room(self, key_id: str) -> None:
        share = self._allowances.at_once_per_key_max
        if self._at_once[key_id] >= share:
            headers = {
                "RateLimit-Policy": f'"at-once";q={share};qu="concurrent-requests"',
                "RateLimit": '"at-once";r=0;t=1',
                "Retry-After": "1",
            }
            raise ProtocolError(RATE_LIMITED, headers=headers, policy="at-once")
        if self._busy >= self._allowances.at_once_max:
            raise ProtocolError(BUSY, headers={"Retry-After": "1"})


def units_of(scope: Scope) -> int:
    """What a request is counted as: most are one."""
    path: str = scope["path"]
    if path in HEAVY:
        return HEAVY[path]
    if path.endswith("/dossier"):
        return DOSSIER_UNITS
    query: bytes = scope["query_string"]
    if not query:
        return 1
    rows = _LIMIT.search(query)
    pages = 1 if rows is None else max(1, -(-int(rows[1]) // ROWS_A_UNIT))
    return pages * PAST_UNITS if b"as_of=" in query else pages


def address_of(scope: Mapping[str, Any]) -> str:
    """Whence a request comes; of IPv6 the network, since one caller has all of its addresses."""
    client = scope.get("client")
    host = str(client[0]) if client else "local"
    if ":" not in host:
        return host
    try:
        return str(IPv6Address(int(IPv6Address(host.partition("%")[0])) >> 64 << 64))
    except ValueError:
        return host
