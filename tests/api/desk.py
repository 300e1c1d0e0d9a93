"""A desk at the service: people with keys of their own, over HTTP against a real server."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
import uvicorn

from app.api.edge import Edge
from app.boot import FIRST_PEOPLE, SINCE, adopt_first_rule_pack
from app.domain.values import Role
from app.doors import Door, DoorLimits
from app.main import DOORS, Plan, create_app, edge_at

Json = dict[str, Any]


@dataclass
class Desk:
    """Asks as anybody; a key and the current revision are sent unless told otherwise."""

    http: httpx.AsyncClient
    edge: Edge
    keys: dict[str, str]
    at: str | None = None
    """The sandbox's time, for every request from now on."""
    _numbers: Any = field(default_factory=count)

    async def post(  # noqa: PLR0913 - one argument a header
        self,
        path: str,
        body: Json | None = None,
        *,
        by: str,
        key: str | None = None,
        if_match: str | None = "*",
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """One command."""
        sent = {
            "Authorization": f"Bearer {self.keys[by]}",
            "Idempotency-Key": key or f"key-{next(self._numbers)}",
            "Content-Type": "application/json",
        }
        if if_match is not None:
            sent["If-Match"] = if_match
        if self.at is not None:
            sent["Sanbao-Time"] = self.at
        raw = {"content": content} if content is not None else {"json": body or {}}
        return await self.http.post(path, headers=sent | (headers or {}), **raw)

    async def does(self, path: str, body: Json | None = None, *, by: str) -> Json:
        """One command that must succeed; what it answers."""
        answer = await self.post(path, body, by=by)
        assert answer.status_code in {200, 201}, answer.text
        done: Json = answer.json()
        return done

    async def get(self, path: str, *, by: str = "u.aud", **params: Any) -> Json:  # noqa: ANN401
        """One query that must succeed."""
        headers = {"Authorization": f"Bearer {self.keys[by]}"}
        if self.at is not None:
            headers["Sanbao-Time"] = self.at
        answer = await self.http.get(path, headers=headers, params=params)
        assert answer.status_code == 200, answer.text
        read: Json = answer.json()
        return read

    async def events(self, *types: str) -> list[Json]:
        """The log from its beginning, page by page."""
        found: list[Json] = []
        after = 0
        while True:
            page = await self.get("/v1/events", after=after, limit=200, type=list(types))
            found += page["data"]
            after = page["next_after"]
            if not page["has_more"]:
                return found

    async def hat(self, person: str, *roles: Role) -> str:
        """Another key for a person, with these hats; the name to ask by."""
        name = f"{person}+{'+'.join(roles)}"
        now = datetime.now(UTC)
        self.keys[name] = await self.edge.keyring.issue(person, roles, "test", now)
        return name


@asynccontextmanager
async def open_desk(plan: Plan, doors: DoorLimits = DOORS) -> AsyncIterator[Desk]:
    """A server on a free port of the loopback, with one person a role."""
    app = create_app(edge_at(plan), mode=plan.mode, doors=doors)
    config = uvicorn.Config(app, port=0, log_level="error", access_log=False, http=Door, ws="none")
    server = uvicorn.Server(config)
    with config.bind_socket() as bound:
        # Else an answer's body waits for the client to acknowledge its head: 40 ms a request.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port = bound.getsockname()[1]
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        while not server.started:
            if serving.done():
                serving.result()
            await asyncio.sleep(0.01)
        edge: Edge = app.state.edge
        await adopt_first_rule_pack(edge, SINCE if plan.mode == "sandbox" else None)
        now = datetime.now(UTC)
        keys = {
            person: await edge.keyring.issue(person, [role], "test", now)
            for person, role in FIRST_PEOPLE
        }
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            timeout=30,
            limits=httpx.Limits(max_connections=64),
        ) as http:
            try:
                yield Desk(http, edge, keys)
            finally:
                server.should_exit = True
                with suppress(TimeoutError):
                    await asyncio.wait_for(serving, 10)
