"""The commands that are measured, and the records that they need before."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import asyncpg

from app.api.commands import command_routes
from app.boot import FIRST_PEOPLE, adopt_first_rule_pack, pepper_in, person_key_in, prepare
from app.domain.aggregates import AGGREGATES
from app.domain.values import Actor
from app.events.store import Key
from app.events.turn import Accepted, Submission
from app.events.writer import Writer
from app.main import Plan, edge_at
from bench.house import YARDSTICK, House
from bench.load import Ask
from bench.recorded_sql import Drawn, drawn, function_of, listening, typed

Body = Mapping[str, Any]
PARAMETER: Final = re.compile(r"\{\w+\}")
ADDRESSES: Final = {each.command.__name__: each for each in command_routes(AGGREGATES)}
AT_ONCE: Final = 200
"""Commands that wait together while records are prepared."""
ROLES: Final = dict(FIRST_PEOPLE)


def cny(amount: str) -> Body:
    """An amount of money as the API takes it."""
    return {"amount": amount, "currency": "CNY"}


def feedback(number: int) -> Body:
    """A leaking seal, of one of 89 specifications and 97 customers."""
    return {
        "customer_id": f"C{number % 97}",
        "channel": "PHONE",
        "life_phase": "FIELD",
        "spec_code": f"TC {number % 89}x105x10 FKM",
        "failure_mode": "leak",
        "qty_reported": 1,
        "description": "Oil at the rear crankshaft seal.",
    }


def claim(number: int) -> Body:
    """A notice of 320 CNY with one line, of one of 97 customers and 5,000 specifications."""
    line = {
        "line": 1,
        "spec_code": f"TC {number % 5_000}x105x10 FKM",
        "pieces": 1,
        "type": "MATERIAL",
        "quantity": "1",
        "unit_price": cny("320.00"),
        "amount": cny("320.00"),
    }
    return {
        "customer_id": f"C{number % 97}",
        "notice_no": notice_no(number),
        "lines": [line],
        "claimed_total": cny("320.00"),
        "failure_on": "2026-02-01",
    }


def notice_no(number: int) -> str:
    """A notice's number: it is unique."""
    return f"N{number:08d}"


CHECKED: Final = {"logic": True, "accuracy": True, "conformity": True, "notes": "All in order."}
SEEN: Final = {
    "mode": "REMOTE_EVIDENCE",
    "place": "Jinan",
    "from_at": "2026-01-15T01:00:00Z",
    "to_at": "2026-01-15T02:00:00Z",
    "findings": "Oil at the rear crankshaft seal.",
    "evidence": ["IMG-1"],
    "parts_seen": 1,
}
GENERAL: Final = {"category": "PRODUCT", "severity": "GENERAL"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A command and what is sent with it."""

    command: str
    by: str
    body: Callable[[int], Body]


REGISTER_FEEDBACK: Final = Step(command="RegisterFeedback", by="u.clerk", body=feedback)
CLASSIFY: Final = Step(command="ClassifyFeedback", by="u.clerk", body=lambda _: GENERAL)
REGISTER_CLAIM: Final = Step(command="RegisterClaim", by="u.clerk", body=claim)
CHECK: Final = Step(command="CheckClaim", by="u.qa1", body=lambda _: CHECKED)
VERIFY: Final = Step(command="VerifyClaim", by="u.mkt", body=lambda _: SEEN)
CONFIRM: Final = Step(
    command="ConfirmClaimAmount", by="u.mkt", body=lambda _: {"confirmed_total": cny("320.00")}
)


@dataclass(frozen=True, kw_only=True)
class Route:
    """A command that is measured."""

    words: str
    before: tuple[Step, ...]
    """What the record needs before; none: the command opens one."""
    step: Step
    goal: float
    """Times pgbench at 32 callers."""
    is_hot: bool = False

    @property
    def function(self) -> str:
        """The yardstick's name."""
        return f"bench_{self.step.command.lower()}"


ROUTES: Final = (
    Route(words="register feedback", before=(), step=REGISTER_FEEDBACK, goal=1.0, is_hot=True),
    Route(words="register claim", before=(), step=REGISTER_CLAIM, goal=1.0, is_hot=True),
    Route(
        words="confirm amount",
        before=(REGISTER_CLAIM, CHECK, VERIFY),
        step=CONFIRM,
        goal=1.0,
        is_hot=True,
    ),
    Route(words="classify feedback", before=(REGISTER_FEEDBACK,), step=CLASSIFY, goal=0.75),
    Route(words="check claim", before=(REGISTER_CLAIM,), step=CHECK, goal=0.75),
    Route(words="verify claim", before=(REGISTER_CLAIM, CHECK), step=VERIFY, goal=0.75),
)


def plan_of(house: House) -> Plan:
    """The house's service, in this process."""
    house.data_dir.mkdir(exist_ok=True)
    return Plan(
        database=house.database,
        pepper=pepper_in(house.data_dir),
        person_key=person_key_in(house.data_dir),
    )


@dataclass
class Hand:
    """Asks the writer directly."""

    writer: Writer
    numbers: Any = field(default_factory=lambda: count(1))

    async def does(self, step: Step, to: str | None, number: int) -> Accepted:
        """Have a command happen."""
        answer = await self.writer.ask(
            submission(step, to, number), Key(step.by, step.command, f"K{number:08d}"), b"bench", 60
        )
        if not isinstance(answer, Accepted):
            raise TypeError(answer)
        return answer


def submission(step: Step, to: str | None, number: int) -> Submission:
    """A command as the writer takes it."""
    address = ADDRESSES[step.command]
    command = address.body.validate_python(step.body(number))
    return Submission(
        decider=address.decider.name, to=to, command=command, by=Actor(step.by, ROLES[step.by]),
        at=None, expected=None, request_id="bench",
    )  # fmt: skip


async def prepared(hand: Hand, route: Route, records: int) -> list[str]:
    """Records that the command can happen to, as many; their ids."""
    if not route.before:
        return []
    ids: list[str] = []
    for at in range(0, records, AT_ONCE):
        many = range(at, min(at + AT_ONCE, records))
        numbers = [next(hand.numbers) for _ in many]
        to: Sequence[str | None] = [None] * len(numbers)
        for step in route.before:
            done = await asyncio.gather(
                *(hand.does(step, id_, n) for id_, n in zip(to, numbers, strict=True))
            )
            to = [each.to for each in done]
        ids += [id_ for id_ in to if id_]
    return ids


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A route with its records and its yardstick."""

    route: Route
    ids: tuple[str, ...]
    sql: str
    """The function that is its yardstick."""


async def recorded(hand: Hand, route: Route, records: int) -> Recorded:
    """Prepare a route: one record is used to write down what it asks of PostgreSQL."""
    ids = await prepared(hand, route, records + 1)
    number = next(hand.numbers)
    connection = hand.writer._connection  # noqa: SLF001 - the wire that is listened to
    if connection is None:
        raise RuntimeError("the writer did nothing yet")
    with listening(connection) as heard:
        done = await hand.does(route.step, ids[-1] if ids else None, number)
    statements = await typed(connection, heard)
    told = (f"K{number:08d}", notice_no(number), *_numbers_in(done))
    what: Drawn = drawn(statements, ids[-1:], told if not ids else (f"K{number:08d}",))
    sql = function_of(route.function, statements, what)
    return Recorded(route=route, ids=tuple(ids[:-1]), sql=sql)


def _numbers_in(done: Accepted) -> tuple[str, ...]:
    """The number of the record that was opened: `FB-2026-000003`."""
    said = done.events[0].data
    return tuple(str(said[name]) for name in ("case_no", "claim_no") if name in said)


async def prepare_all(house: House, routes: Sequence[Route], records: int) -> list[Recorded]:
    """A log with records; the yardsticks stand in a copy of it."""
    plan = plan_of(house)
    await prepare(plan.database, "live")
    async with edge_at(plan) as edge:
        await adopt_first_rule_pack(edge, None)
        hand = Hand(edge.writer)
        await hand.does(REGISTER_FEEDBACK, None, next(hand.numbers))
        found = [await recorded(hand, route, records) for route in routes]
    await house.copy()
    owner = await asyncpg.connect(
        house.server.dsn.replace("/postgres?", f"/{YARDSTICK}?"),
        server_settings={"search_path": "sanbao"},
    )
    try:
        for each in found:
            given = f"{each.route.function}_given"
            await owner.execute(each.sql)
            if each.ids:
                await owner.execute(f"CREATE TABLE {given} (number bigint PRIMARY KEY, ids text[])")
                await owner.executemany(
                    f"INSERT INTO {given} VALUES ($1, ARRAY[$2])",  # noqa: S608
                    list(enumerate(each.ids, 1)),
                )
        await owner.execute("ANALYZE")
    finally:
        await owner.close()
    return found


def asks(each: Recorded, keys: Mapping[str, str], first: int, times: int) -> list[Ask]:
    """Requests of a route, each once.

    Args:
        each: the route and its records.
        keys: by person.
        first: the first record that was not used yet, or any number that was not.
        times: how many.
    """
    step = each.route.step
    path = ADDRESSES[step.command].path
    found = []
    for number in range(first, first + times):
        headers = {
            "Authorization": f"Bearer {keys[step.by]}",
            "Idempotency-Key": f"bench-{step.command}-{number}",
        }
        if each.route.before:
            if number >= len(each.ids):
                break
            headers["If-Match"] = f'"{len(each.route.before)}"'
        to = each.ids[number] if each.route.before else ""
        at = PARAMETER.sub(to, path)
        found.append(Ask("POST", at, headers, dict(step.body(10_000_000 + number))))
    return found
