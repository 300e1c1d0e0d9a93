"""Clients that are not polite: bytes on a connection, and what comes back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

PATIENCE_SECONDS = 30


@dataclass
class Answer:
    """One answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    def problem(self, status: int, code: str) -> dict[str, Any]:
        """The problem document that it must be."""
        assert self.headers["content-type"] == "application/problem+json", self
        told: dict[str, Any] = json.loads(self.body)
        assert (self.status, told["status"], told["code"]) == (status, status, code), self
        assert told["request_id"] == self.headers["x-request-id"]
        return told


@dataclass
class Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, text: str | bytes) -> None:
        """Bytes, now."""
        self.writer.write(text if isinstance(text, bytes) else text.encode())

    async def answer(self) -> Answer:
        """The next answer; it must come."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {n.lower(): v for n, _, v in (each.partition(": ") for each in lines)}
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
            return Answer(int(first.split()[1]), headers, body)

    async def closed(self) -> bytes:
        """What still comes until the other side closes; it must close."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            with suppress(ConnectionError):
                return await self.reader.read()
            return b""


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    """A connection to the loopback; a small buffer, so that who reads nothing holds things up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4_096)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()
