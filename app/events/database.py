"""Connections to the database: as the service, which may only append, and as the owner."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg
from asyncpg import Connection, Pool, Record
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.events.migrate import APP_ROLE, valid_schema
from app.events.person_keys_schema import KEYS_ROLE, keys_schema_of
from app.events.pulse import Held

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CONNECT_SECONDS: Final = 3.0
CLOSE_SECONDS: Final = 2.0
"""How long a stop waits for connections that somebody still holds: asyncpg would wait for ever."""
WRITER_STATEMENTS_MAX: Final = 300
BY_KEYS: Final = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
    "jit": "off",
}
"""How a statement is planned that joins a handful of keys to a table of any size."""


def normalised(url: str) -> str:
    """A PostgreSQL address as asyncpg takes it, however SQLAlchemy or libpq spell it.

    Raises:
        ValueError: it is no address of a PostgreSQL.
    """
    parts = urlsplit(url)
    if parts.scheme.partition("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError("DATABASE_URL must begin with postgresql://")
    query = urlencode([pair for pair in parse_qsl(parts.query) if pair[0] != "async_fallback"])
    # urlunsplit would drop the empty authority of `postgresql:///name?host=...`
    path = f"{parts.path}?{query}" if query else parts.path
    return f"postgresql://{parts.netloc}{path}" if not parts.netloc else urlunsplit(
        ("postgresql", parts.netloc, parts.path, query, "")
    )  # fmt: skip


async def _left_as_found(_connection: object) -> None:
    """What readers set or lock ends with their transaction, and asyncpg sees that this does.

    Its own way of clearing up would be a journey more after every statement.
    """


@dataclass(frozen=True, slots=True)
class Database:
    """Where a plant's log is: a PostgreSQL and a schema in it."""

    url: str = field(repr=False)
    """With the password in it: it is never shown."""
    schema: str = "sanbao"

    def __post_init__(self) -> None:
        """Refuse what could not stand in a statement."""
        valid_schema(keys_schema_of(self.schema))
        valid_schema(self.schema)

    @property
    def channel(self) -> str:
        """What is notified when the log grew."""
        return f"{self.schema}_log"

    def _settings(self) -> dict[str, str]:
        return {
            "role": APP_ROLE,
            "search_path": self.schema,
            "application_name": "sanbao",
            "idle_in_transaction_session_timeout": "15s",
            "timezone": "UTC",
        }

    async def connect(self) -> "Connection[Record]":
        """A connection of the service: no UPDATE, DELETE or TRUNCATE of events."""
        return await asyncpg.connect(
            normalised(self.url), timeout=CONNECT_SECONDS, server_settings=self._settings()
        )

    async def connect_to_write(self) -> "Connection[Record]":
        """The same for the writer, which sends the same few hundred statements again and again.

        Their plans are made while tables are small and kept when they are large: only those that
        look rows up by their keys are of any use to it.
        """
        return await asyncpg.connect(
            normalised(self.url),
            timeout=CONNECT_SECONDS,
            statement_cache_size=WRITER_STATEMENTS_MAX,
            max_cacheable_statement_size=0,  # of any length
            max_cached_statement_lifetime=0,  # for as long as the connection
            server_settings=self._settings() | BY_KEYS,
        )

    async def connect_as_owner(self) -> "Connection[Record]":
        """A connection of the owner of the tables, for migrations, rebuilds and replays only."""
        return await asyncpg.connect(
            normalised(self.url),
            timeout=CONNECT_SECONDS,
            server_settings={
                "search_path": self.schema,
                "application_name": "sanbao owner",
                "timezone": "UTC",
            },
        )

    @asynccontextmanager
    async def pool(
        self, *, connections_max: int, held: Held | None = None
    ) -> "AsyncIterator[Pool[Record]]":
        """Connections of the service, for readers. Statements there end after 20 s.

        Args:
            connections_max: at once.
            held: where each is told, so that all can be cut.
        """
        pool: Pool[Record] = asyncpg.create_pool(
            normalised(self.url),
            min_size=0,
            max_size=connections_max,
            timeout=CONNECT_SECONDS,
            command_timeout=20,
            connect=held.connect if held else None,
            init=held.add if held else None,
            reset=_left_as_found,
            server_settings=self._settings()
            | {
                "default_transaction_read_only": "off",
                # How to find rows depends on which are asked for: of a moment long ago, few.
                "plan_cache_mode": "force_custom_plan",
            },
        )
        async with _closed_in_time(pool):
            yield pool

    @asynccontextmanager
    async def keys_pool(
        self, *, connections_max: int, held: Held | None = None
    ) -> "AsyncIterator[Pool[Record]]":
        """Connections to the keys of persons, and to nothing else."""
        pool: Pool[Record] = asyncpg.create_pool(
            normalised(self.url),
            min_size=0,
            max_size=connections_max,
            timeout=CONNECT_SECONDS,
            command_timeout=20,
            connect=held.connect if held else None,
            init=held.add if held else None,
            server_settings=self._settings()
            | {"role": KEYS_ROLE, "search_path": keys_schema_of(self.schema)},
        )
        async with _closed_in_time(pool):
            yield pool

    def owner(self) -> AsyncEngine:
        """The owner of the tables, for migrations and new read tables only."""
        return create_async_engine(
            "postgresql+asyncpg://", async_creator=self.connect_as_owner, poolclass=NullPool
        )


@asynccontextmanager
async def _closed_in_time(pool: "Pool[Record]") -> "AsyncIterator[None]":
    """A pool that is open, and closed in the end whoever holds what."""
    await pool
    try:
        yield
    finally:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await pool.close()
        except TimeoutError:
            pool.terminate()
