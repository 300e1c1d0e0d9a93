"""A wire to the database that can be cut, and one that falls silent."""

import asyncio
from contextlib import suppress
from typing import Self
from urllib.parse import parse_qs, urlsplit


class Proxy:
    """Passes bytes on to a PostgreSQL, until told otherwise."""

    def __init__(self, url: str) -> None:
        self._url = url
        (folder,) = parse_qs(urlsplit(url).query)["host"]
        self._to = f"{folder}/.s.PGSQL.5432"
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self.port = 0

    @property
    def url(self) -> str:
        """The address of the database by way of the wire."""
        parts = urlsplit(self._url)
        who = parts.username or "postgres"
        return f"postgresql://{who}@127.0.0.1:{self.port}{parts.path}"

    async def __aenter__(self) -> Self:
        await self.restore()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._flows.set()
        await self.cut()

    async def restore(self) -> None:
        """Connections are taken again, and bytes flow."""
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Nobody listens any more: what stood is broken, what comes is refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for each in self._writers:
            each.transport.abort()
        self._writers.clear()

    def silence(self) -> None:
        """Whatever is sent is taken, and nothing comes back; nobody is told."""
        self._flows.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError):
            there, back = await asyncio.open_unix_connection(self._to)
            self._writers.add(back)
            await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65_536):
                await self._flows.wait()
                writer.write(piece)
                await writer.drain()
        writer.close()
