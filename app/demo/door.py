"""The demo's way in: the whole house in this process, asked over HTTP as by any client."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any, Final

import httpx

from app.api.door import Door as Way
from app.api.edge import PRINCIPAL_HEADER, Edge
from app.boot import SINCE, adopt_first_rule_pack
from app.demo.clock import Ids, drawing, now, put
from app.demo.people import PEOPLE, demo_keyring, key_of
from app.demo.schedule import Answer, Due
from app.domain.aggregates import AGGREGATES
from app.main import NO_LIMITS, Plan, create_app, edge_at

STEP_SECONDS_MAX: Final = 60.0
DONE: Final = frozenset({200, 201})
PERSONAL: Final = frozenset({"signatures", "signed_by", "customer_signature", "participants"})
"""Fields of the demo's steps in which people are named."""
SELECT_REVISIONS: Final = "SELECT stream, max(version) AS version FROM events GROUP BY stream"
"""Of a load that was interrupted: answers from before tell of revisions that are past."""
STREAM_NAMES: Final = {each.collection: each.name for each in AGGREGATES}


class DemoStepRefused(Exception):
    """The service refused a step of the demo, which is a fault of the demo."""

    def __init__(self, due: Due, reply: httpx.Response) -> None:
        step = due.step
        super().__init__(
            f"{due.key}: {step.by} asked {step.path} at {due.at.isoformat()}, "
            f"and was answered {reply.status_code}\n{reply.text}\n"
            f"{json.dumps(step.body, ensure_ascii=False)}"
        )


@dataclass(slots=True)
class Door:
    """Asks as the people of the demo, and keeps the revision that each answer tells of a record."""

    http: httpx.AsyncClient
    edge: Edge
    seen: Callable[[Due], None]
    events: "Counter[str]" = field(default_factory=Counter)
    """How many events of each type the answers told of."""
    commands: int = 0
    revisions: dict[str, int] = field(default_factory=dict)
    """By stream."""
    _authorization: dict[str, str] = field(
        default_factory=lambda: {person: f"Bearer {key_of(person)}" for person, _ in PEOPLE}
    )

    async def ask(self, together: Sequence[Due]) -> Sequence[Answer]:
        """Send all at once; they arrive, and happen, in their order.

        Raises:
            DemoStepRefused: anything but success, for the first that failed.
        """
        answers: list[Answer] = []
        for run in _runs(together):
            replies = await asyncio.gather(*(self._send(due, alone=due is run[0]) for due in run))
            answers += [self._taken(due, reply) for due, reply in zip(run, replies, strict=True)]
        positions = [answer["position"] for answer in answers]
        if positions != sorted(positions):
            raise AssertionError(f"steps overtook each other at {positions}")
        return answers

    async def _send(self, due: Due, *, alone: bool) -> httpx.Response:
        """One command, at the revision that is known; what goes before it may move the record."""
        step = due.step
        revision = self.revisions.get(_stream_of(step.path)) if alone else None
        put(due.at.astimezone(UTC))
        headers = {
            "Authorization": self._authorization[step.by],
            "Content-Type": "application/json",
            "Idempotency-Key": due.key,
            "If-Match": "*" if revision is None else f'"{revision}"',
            "X-Request-Id": due.key,
        }
        if step.in_the_name_of is not None:
            headers[PRINCIPAL_HEADER] = step.in_the_name_of
        content = json.dumps(step.body, ensure_ascii=False).encode()
        return await self.http.post(step.path, content=content, headers=headers)

    def note(self, stream: str, version: int, event_type: str) -> None:
        """Keep in mind what happened to a record."""
        self.revisions[stream] = max(version, self.revisions.get(stream, 0))
        self.events[event_type] += 1

    def _taken(self, due: Due, reply: httpx.Response) -> Answer:
        if reply.status_code not in DONE:
            raise DemoStepRefused(due, reply)
        answer: dict[str, Any] = reply.json()
        for event in answer["events"]:
            self.note(event["stream"], event["version"], event["type"])
        self.commands += 1
        self.seen(due)
        return answer


def _runs(together: Sequence[Due]) -> list[list[Due]]:
    """Steps that can be sent at once: whoever is named is sealed first, and would be overtaken."""
    runs: list[list[Due]] = [[]]
    for due in together:
        if PERSONAL & due.step.body.keys():
            runs += [[due], []]
        else:
            runs[-1].append(due)
    return [run for run in runs if run]


def _stream_of(path: str) -> str:
    """The stream of a record, from its address: `/v1/claims/<id>/split` is `claim-<id>`."""
    _, _, collection, *record = path.split("/")
    return f"{STREAM_NAMES[collection]}-{''.join(record[:1])}"


@asynccontextmanager
async def open_door(plan: Plan, seed: int, seen: Callable[[Due], None]) -> AsyncIterator[Door]:
    """A house around the plan's database whose clock is the demo's.

    Args:
        plan: the house that will serve later, of the same mode and database.
        seed: of the ids.
        seen: told of every step that was done.
    """
    ids = Ids(seed)
    demo = replace(
        plan,
        now=now,
        new_id=ids.new,
        draw=drawing(seed),
        clock_is_given=True,
        allowances=NO_LIMITS,  # who waits for his turn is overtaken, and here order is all
    )
    app = create_app(_furnished(demo), mode=plan.mode)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://demo", timeout=STEP_SECONDS_MAX
        ) as http,
    ):
        edge: Edge = app.state.edge
        door = Door(http, edge, seen)
        for row in await edge.reader.fetch(SELECT_REVISIONS):
            door.revisions[row["stream"]] = row["version"]
        yield door


@asynccontextmanager
async def _furnished(plan: Plan) -> AsyncIterator[Edge]:
    """An edge with a rule pack in force, and with the demo's own keys."""
    async with edge_at(plan) as edge:
        await adopt_first_rule_pack(edge, SINCE)
        yield replace(edge, door=Way(demo_keyring(plan.pepper)))
