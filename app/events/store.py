"""The log in PostgreSQL: every statement stands at the head of this file, under its name."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Final, TypeAlias

from asyncpg import Connection, Record

from app.domain.decider import Happened
from app.domain.values import Actor, Role
from app.events.codec import Codec
from app.events.folding import Folded
from app.events.recorded import Recorded, canonical, leaf_hash
from app.events.tree import extended

TAKE_TURN: Final = "BEGIN; SELECT 1 FROM log_head FOR UPDATE"

LOCK_HEAD: Final = """
    SELECT position, recorded_at, tree, sandbox_at, switched FROM log_head FOR UPDATE
"""

SELECT_HEAD_AND_OUTCOMES: Final = """
    SELECT position, log_head.recorded_at, tree, sandbox_at, switched,
           caller, operation, key, fingerprint, decider, aggregate_id, revision,
           first_position, last_position
    FROM log_head LEFT JOIN (
        unnest($1::text[], $2::text[], $3::text[]) AS asked (caller, operation, key)
        JOIN idempotency USING (caller, operation, key)
    ) ON true
"""

MOVE_HEAD: Final = """
    UPDATE log_head SET position = $1, recorded_at = $2, tree = $3,
                        sandbox_at = coalesce($4, sandbox_at)
"""

NOTIFY: Final = "SELECT pg_notify($1, $2)"
"""Says where the log ends now, so that whoever hears it need not ask."""

COLUMNS: Final = """position, stream, version, event_id, type, schema_version, data, person, role,
    on_behalf_of, client, reason, recorded_at, command_id, correlation_id, causation_id, clauses,
    rule_pack_version"""

INSERT_EVENTS: Final = f"""
    INSERT INTO events ({COLUMNS}, canonical, leaf_hash)
    SELECT position, stream, version, event_id, type, schema_version, data::jsonb, person, role,
           on_behalf_of, client, reason, recorded_at, command_id, correlation_id, causation_id,
           string_to_array(clauses, ' '), rule_pack_version, canonical, leaf_hash
    FROM unnest($1::bigint[], $2::text[], $3::int[], $4::uuid[], $5::text[], $6::smallint[],
                $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
                $13::timestamptz[], $14::uuid[], $15::text[], $16::uuid[], $17::text[],
                $18::int[], $19::text[], $20::bytea[])
         AS new (position, stream, version, event_id, type, schema_version, data, person, role,
                 on_behalf_of, client, reason, recorded_at, command_id, correlation_id,
                 causation_id, clauses, rule_pack_version, canonical, leaf_hash)
"""

SELECT_STREAMS: Final = f"""
    SELECT {COLUMNS} FROM events WHERE stream = ANY($1::text[]) ORDER BY stream, version
"""

SELECT_STREAM_UP_TO: Final = f"""
    SELECT {COLUMNS} FROM events WHERE stream = $1 AND version <= $2 ORDER BY version
"""

SELECT_BETWEEN: Final = f"""
    SELECT {COLUMNS} FROM events WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3
"""

SELECT_BETWEEN_OF_TYPES: Final = f"""
    SELECT {COLUMNS} FROM events WHERE position > $1 AND position <= $2 AND type = ANY($3::text[])
    ORDER BY position LIMIT $4
"""

SELECT_STREAMS_BEFORE: Final = f"""
    SELECT {COLUMNS} FROM events WHERE stream = ANY($1::text[]) AND position <= $2
    ORDER BY stream, version
"""

SELECT_BUILT: Final = "SELECT name, version FROM read_tables"

INSERT_OUTCOMES: Final = """
    INSERT INTO idempotency (caller, operation, key, fingerprint, decider, aggregate_id, revision,
                             first_position, last_position, recorded_at)
    SELECT *, $10 FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[],
                              $6::text[], $7::int[], $8::bigint[], $9::bigint[])
"""

SqlCall: TypeAlias = tuple[str, tuple[Any, ...]]
"""A statement and its arguments."""
_PARAMETER: Final = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends."""

    position: int
    recorded_at: datetime
    tree: tuple[bytes, ...]
    sandbox_at: datetime | None
    switched: int
    """How often read tables were switched."""


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a command the same command when it is sent again."""

    caller: str
    operation: str
    key: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a key led to."""

    fingerprint: bytes
    decider: str
    to: str
    revision: int
    first_position: int
    last_position: int


class Log:
    """The statements on one connection."""

    def __init__(self, connection: "Connection[Record]", codec: Codec) -> None:
        self._connection = connection
        self._codec = codec

    async def lock_head(self) -> Head:
        """Take the turn; it ends with the transaction."""
        return _head(await self._connection.fetchrow(LOCK_HEAD))

    async def take_turn(self, keys: Sequence[Key]) -> tuple[Head, dict[Key, Outcome]]:
        """Begin a transaction, take the turn, and look what the keys led to.

        In two journeys: what others led to shows to a statement that begins behind the lock.
        """
        await self._connection.execute(TAKE_TURN)
        rows = await self._connection.fetch(
            SELECT_HEAD_AND_OUTCOMES,
            [each.caller for each in keys],
            [each.operation for each in keys],
            [each.key for each in keys],
        )
        outcomes = {
            Key(row[5], row[6], row[7]): Outcome(*row[8:14]) for row in rows if row[5] is not None
        }
        return _head(rows[0] if rows else None), outcomes

    async def commit(self) -> None:
        """End the turn: what was written is durable."""
        await self._connection.execute("COMMIT")

    async def append(
        self, head: Head, events: Sequence[Recorded], sandbox_at: datetime | None
    ) -> SqlCall:
        """Write the events at the end of the log; what is returned moves its head."""
        texts = [canonical(each.envelope()) for each in events]
        leaves = [leaf_hash(text) for text in texts]
        by = [each.happened.by for each in events]
        await self._connection.execute(
            INSERT_EVENTS,
            [each.position for each in events],
            [each.stream for each in events],
            [each.version for each in events],
            [each.happened.event_id for each in events],
            [each.type for each in events],
            [each.schema_version for each in events],
            [json.dumps(each.data, ensure_ascii=False) for each in events],
            [actor.person for actor in by],
            [str(actor.role) for actor in by],
            [actor.on_behalf_of for actor in by],
            [actor.client for actor in by],
            [each.reason for each in events],
            [each.happened.at for each in events],
            [each.command_id for each in events],
            [each.correlation_id for each in events],
            [each.causation_id for each in events],
            [" ".join(each.clauses) for each in events],
            [each.rule_pack_version for each in events],
            texts,
            leaves,
        )
        size, tree = extended(head.position, head.tree, leaves)
        return MOVE_HEAD, (size, events[-1].happened.at, tree, sandbox_at)

    async def streams(self, names: Sequence[str]) -> dict[str, list[Recorded]]:
        """Each stream from its first event on; empty where there is none."""
        found: dict[str, list[Recorded]] = {name: [] for name in names}
        for row in await self._connection.fetch(SELECT_STREAMS, names):
            found[row["stream"]].append(self.recorded(row))
        return found

    async def stream_up_to(self, name: str, version: int) -> list[Recorded]:
        """A stream up to a version."""
        rows = await self._connection.fetch(SELECT_STREAM_UP_TO, name, version)
        return [self.recorded(row) for row in rows]

    async def between(self, after: int, up_to: int, limit: int) -> list[Recorded]:
        """The log after a position, up to another, in order, at most `limit` events."""
        rows = await self._connection.fetch(SELECT_BETWEEN, after, up_to, limit)
        return [self.recorded(row) for row in rows]

    async def rows_of_types(
        self, after: int, up_to: int, types: Sequence[str], limit: int
    ) -> list[Record]:
        """The same, of these types only, as they stand in the table: see `recorded_of`."""
        return await self._connection.fetch(SELECT_BETWEEN_OF_TYPES, after, up_to, types, limit)

    async def streams_before(
        self, names: Sequence[str], position: int
    ) -> dict[str, list[Recorded]]:
        """Each stream from its first event up to a position of the log; empty without one."""
        found: dict[str, list[Recorded]] = {name: [] for name in names}
        for row in await self._connection.fetch(SELECT_STREAMS_BEFORE, names, position):
            found[row["stream"]].append(self.recorded(row))
        return found

    async def built(self) -> dict[str, int]:
        """The read tables that stand, and their versions."""
        return {row["name"]: row["version"] for row in await self._connection.fetch(SELECT_BUILT)}

    async def rows(self, table: Folded, keys: Sequence[str]) -> dict[str, Any]:
        """The rows of a table by key; None where there is none."""
        found = await self.rows_of([(table, keys)])
        return {key: value for (_, key), value in found.items()}

    async def rows_of(
        self, wanted: Sequence[tuple[Folded, Sequence[str]]]
    ) -> dict[tuple[str, str], Any]:
        """Rows of tables by table and key, in one journey; None where there is none."""
        found: dict[tuple[str, str], Any] = {}
        selects: list[str] = []
        for number, (table, keys) in enumerate(wanted):
            found.update(dict.fromkeys((table.name, key) for key in keys))
            select = _numbered_from(table.select(), number)
            selects.append(f"SELECT {number}, found.* FROM ({select}) AS found")
        if selects:
            keys_of = [list(keys) for _, keys in wanted]
            for number, key, body in await self._connection.fetch(
                " UNION ALL ".join(selects), *keys_of
            ):
                table = wanted[number][0]
                found[table.name, key] = table.decode(body)
        return found

    async def execute(self, statements: Iterable[SqlCall]) -> None:
        """Run statements with their arguments."""
        for statement, arguments in statements:
            await self._connection.execute(statement, *arguments)

    def recorded(self, row: Record) -> Recorded:
        """A row of the log."""
        return recorded_of(row, self._codec)


def outcomes_kept(outcomes: Mapping[Key, Outcome], at: datetime) -> SqlCall:
    """Remembers what the keys led to."""
    kept = outcomes.values()
    return INSERT_OUTCOMES, (
        [key.caller for key in outcomes],
        [key.operation for key in outcomes],
        [key.key for key in outcomes],
        [each.fingerprint for each in kept],
        [each.decider for each in kept],
        [each.to for each in kept],
        [each.revision for each in kept],
        [each.first_position for each in kept],
        [each.last_position for each in kept],
        at,
    )


def together(calls: Sequence[SqlCall]) -> SqlCall:
    """Several statements as one, in one journey.

    All of them see what stood before the first: none may need what another one wrote.
    """
    if len(calls) == 1:
        return calls[0]
    parts: list[str] = []
    arguments: list[Any] = []
    for statement, given in calls:
        parts.append(_numbered_from(statement, len(arguments)))
        arguments.extend(given)
    *first, last = parts
    named = ", ".join(f"part{number} AS ({each})" for number, each in enumerate(first))
    return f"WITH {named} {last}", tuple(arguments)


@cache
def _numbered_from(statement: str, before: int) -> str:
    """A statement whose parameters stand behind so many others."""
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + before}", statement)


def recorded_of(
    row: Mapping[str, Any] | Record,
    codec: Codec,
    state_after: Callable[[str, int, Happened[Any]], Any] | None = None,
) -> Recorded:
    """A row of the log as a recorded event.

    Args:
        row: with the columns of `COLUMNS`.
        codec: which knows the event.
        state_after: what the event's aggregate adds up to after it, by stream, version and event;
            where nobody asks for it, None.
    """
    data = row["data"]
    data = json.loads(data) if isinstance(data, str) else data
    event = codec.decode(row["type"], row["schema_version"], data)
    stream, causation_id = row["stream"], row["causation_id"]
    happened = Happened(
        event,
        to=aggregate_id(stream, event, codec),
        by=_actor(row["person"], row["role"], row["on_behalf_of"], row["client"]),
        at=row["recorded_at"],
        event_id=str(row["event_id"]),
        position=row["position"],
        kind=codec.stream_of[type(event).__name__],
    )
    return Recorded(
        position=row["position"],
        stream=stream,
        version=row["version"],
        schema_version=row["schema_version"],
        happened=happened,
        data=data,
        command_id=str(row["command_id"]),
        correlation_id=row["correlation_id"],
        causation_id=None if causation_id is None else str(causation_id),
        clauses=tuple(row["clauses"]),
        rule_pack_version=row["rule_pack_version"],
        state=None if state_after is None else state_after(stream, row["version"], happened),
    )


@lru_cache(maxsize=1_000)
def _actor(person: str, role: str, on_behalf_of: str | None, client: str | None) -> Actor:
    """Few people do all that happens."""
    return Actor(person, Role(role), on_behalf_of, client)


def aggregate_id(stream: str, event: object, codec: Codec) -> str:
    """The part of a stream's name behind the aggregate's kind."""
    return stream.removeprefix(f"{codec.stream_of[type(event).__name__]}-")


def _head(row: Record | None) -> Head:
    if row is None:
        raise AssertionError("the log has no head; migrate the database first")
    return Head(
        position=row["position"],
        recorded_at=_aware(row["recorded_at"]),
        tree=tuple(row["tree"]),
        sandbox_at=row["sandbox_at"],
        switched=row["switched"],
    )


def _aware(instant: datetime) -> datetime:
    """The head of an empty log stands at -infinity, which asyncpg reads as a naive minimum."""
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
