"""Databases of their own for tests in which no loop runs, or which last longer than one test."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import asyncpg

from app.embedded import EmbeddedPostgres
from app.events.database import Database


@contextmanager
def copy_of(server: EmbeddedPostgres, template: str) -> Iterator[Database]:
    """An empty log, which is dropped at the end."""
    name = f"copy_{uuid4().hex[:12]}"

    async def run(statement: str) -> None:
        connection = await asyncpg.connect(server.dsn)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log"))
    try:
        yield Database(server.url(name))
    finally:
        asyncio.run(run(f"DROP DATABASE {name} WITH (FORCE)"))
