"""The shape of a ledger (台账): rows folded from events, every version of a row kept.

A ledger has two tables. `<name>` holds the rows as they stand; `<name>_history` the versions that
were superseded, each with the positions from and until which it stood. Columns that are filtered
or sorted by are read off the row's JSON by the statement that writes it, all of them in one look;
generated columns would read the JSON once for each of them, which was most of the work of a write.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Final, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    MetaData,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from app.domain.decider import Event
from app.events.folding import Key, Version
from app.events.recorded import Recorded, written_at

Kind: TypeAlias = Literal["text", "number", "money", "codes"]
"""`text` also sorts days and instants in ISO form; `money` is in whole fen, to be added up;
`codes` is a list of which one must match."""

Instant = Annotated[
    datetime,
    PlainSerializer(written_at, return_type=str, when_used="json-unless-none"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""An instant in a row: UTC in one width, so that text sorts as time does."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A question a ledger can be asked by: a column, compared with what the reader gives."""

    column: str
    comparison: Literal["=", ">=", "<=", "any", "within"]
    words: str
    until: str | None = None
    """The last value of the row's span, where the comparison is `within`: from column to this."""


class LedgerRow(BaseModel):
    """What every row of every ledger says beside its own columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row_version: int = Field(default=0, title="行版本", description="Events folded into the row.")
    event_ids: tuple[str, ...] = Field(
        default=(), title="事件", description="The events that the row was built from, in order."
    )


NOTHING: Final = LedgerRow()
"""What stands before the first version."""

Row = TypeVar("Row", bound=LedgerRow)

TYPES: Final = {"text": "text", "number": "bigint", "money": "json", "codes": "jsonb"}
"""What a kind of column is taken from the JSON as."""

UPSERT: Final = """
    INSERT INTO {name} (row_id, from_position, body{columns})
    SELECT row_id, from_position, body{told}
    FROM unnest($1::text[], $2::bigint[], $3::json[]) AS new (row_id, from_position, body)
         {telling}
    ON CONFLICT (row_id) DO UPDATE
        SET from_position = excluded.from_position, body = excluded.body{updates}
"""

SUPERSEDE: Final = """
    INSERT INTO {name}_history (row_id, from_position, until_position, body{columns})
    SELECT row_id, from_position, until_position, body{columns}
    FROM {name} JOIN unnest($1::text[], $2::bigint[]) AS new (row_id, until_position)
         USING (row_id)
"""

REMOVE: Final = "DELETE FROM {name} WHERE row_id = ANY($1::text[])"

PASSED: Final = """
    INSERT INTO {name}_history (row_id, from_position, until_position, body{columns})
    SELECT row_id, from_position, until_position, body{told}
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::json[])
         AS new (row_id, from_position, until_position, body)
         {telling}
"""

SELECT_ASTRAY: Final = """
    SELECT row_id, from_position, json_build_object({kept})::text AS kept,
           json_build_object({said})::text AS said
    FROM (SELECT row_id, from_position, body{columns} FROM {name}
          UNION ALL SELECT row_id, from_position, body{columns} FROM {name}_history) AS version
         {telling}
    WHERE ({comparison})
    ORDER BY row_id COLLATE "C", from_position LIMIT 1
"""


def stood_in(history: Table) -> ColumnElement[Any]:
    """The positions at which a superseded version stood, as a range."""
    return func.int8range(history.c.from_position, history.c.until_position)


@dataclass(frozen=True, kw_only=True)
class Ledger(Generic[Row]):
    """One ledger: its row, its fold, and the columns that it can be asked by."""

    name: str
    version: int
    title: str
    title_zh: str
    clauses: tuple[str, ...]
    """The clauses whose record it is."""
    row_type: type[Row]
    event_types: tuple[type[Event], ...]
    keys_of: Callable[[Recorded], Iterable[Key]]
    fold_row: Callable[[Row | None, Recorded, Key], Row | None]
    columns: Mapping[str, Kind]
    """Filterable or sortable fields of the row, by name."""
    sorts: tuple[str, ...]
    """Columns that pages can be sorted by; no row lacks one. The first, falling, is the default."""
    filters: Mapping[str, Filter]
    """By the name of the query parameter."""
    reads_state: bool = True
    """See `Folded.reads_state`."""
    metadata: MetaData = field(default_factory=MetaData, repr=False)

    @property
    def address(self) -> str:
        """Where its rows are read, below `/v1/ledgers`: `feedback`."""
        return self.name.removesuffix("_ledger").replace("_", "-")

    @property
    def kept_in(self) -> str:
        """See `Folded.kept_in`."""
        return self.name

    def keys(self, recorded: Recorded) -> Iterable[Key]:
        """See `Folded.keys`."""
        return self.keys_of(recorded)

    def fold(self, value: Row | None, recorded: Recorded, key: Key) -> Row | None:
        """See `Folded.fold`. Counts the version and names the event."""
        row = self.fold_row(value, recorded, key)
        if row is None or row is value:
            return row
        # The fold has just made it: nobody else has it in hand yet, and a copy would cost as much.
        before = NOTHING if value is None else value
        object.__setattr__(row, "row_version", before.row_version + 1)
        object.__setattr__(row, "event_ids", (*before.event_ids, recorded.happened.event_id))
        return row

    def encode(self, value: Row) -> str:
        """See `Folded.encode`."""
        return value.model_dump_json()

    def decode(self, body: str) -> Row:
        """See `Folded.decode`."""
        return self.row_type.model_validate_json(body)

    def select(self) -> str:
        """See `Folded.select`."""
        return f"SELECT row_id, body::text FROM {self.name} WHERE row_id = ANY($1)"  # noqa: S608

    def statements(
        self, changes: Mapping[Key, Sequence[Version]]
    ) -> Iterable[tuple[str, tuple[Any, ...]]]:
        """See `Folded.statements`: what stood goes to the history, what stands into the table."""
        yield from self.superseding(changes, {})
        yield from self.standing({key: versions[-1] for key, versions in changes.items()})

    def superseding(
        self, changes: Mapping[Key, Sequence[Version]], unwritten: Mapping[Key, Version]
    ) -> Iterable[tuple[str, tuple[Any, ...]]]:
        """See `Folded.superseding`: all but the last versions go to the history."""
        ordered = sorted(changes.items())
        stood = [
            (key, versions[0].from_position)
            for key, versions in ordered
            if key not in unwritten and not versions[0].opens
        ]
        if stood:
            yield self.sql(SUPERSEDE), tuple(map(list, zip(*stood, strict=True)))
        passed = [
            (key, each.from_position, after.from_position, self.encode(each.value))
            for key, versions in ordered
            for each, after in pairwise(
                (unwritten[key], *versions) if key in unwritten else versions
            )
            if each.value is not None
        ]
        if passed:
            yield self.sql(PASSED), tuple(map(list, zip(*passed, strict=True)))

    def standing(self, last: Mapping[Key, Version]) -> Iterable[tuple[str, tuple[Any, ...]]]:
        """See `Folded.standing`."""
        ordered = sorted(last.items())
        gone = [key for key, each in ordered if each.value is None]
        if gone:
            yield REMOVE.format(name=self.name), (gone,)
        stands = [(key, each) for key, each in ordered if each.value is not None]
        if stands:
            yield (
                self.sql(UPSERT),
                (
                    [key for key, _ in stands],
                    [each.from_position for _, each in stands],
                    [self.encode(each.value) for _, each in stands],
                ),
            )

    @cached_property
    def table(self) -> Table:
        """The rows as they stand."""
        table = Table(
            self.name,
            self.metadata,
            Column("row_id", Text, primary_key=True),
            Column("from_position", BigInteger, nullable=False),
            Column("body", JSON, nullable=False),
            *self._columns(),
            postgresql_with={"fillfactor": "80"},
        )
        self._index(table)
        return table

    @cached_property
    def history(self) -> Table:
        """The versions that were superseded."""
        table = Table(
            f"{self.name}_history",
            self.metadata,
            Column("row_id", Text, primary_key=True),
            Column("from_position", BigInteger, primary_key=True),
            Column("until_position", BigInteger, nullable=False),
            Column("body", JSON, nullable=False),
            *self._columns(),
        )
        # Of all versions that ever were, few stood at one moment and were superseded later.
        Index(f"{table.name}_at", stood_in(table), postgresql_using="gist")
        return table

    def _columns(self) -> list[Column[Any]]:
        types = {"text": Text, "number": BigInteger, "money": BigInteger, "codes": JSONB}
        return [Column(name, types[kind]) for name, kind in self.columns.items()]

    @cached_property
    def astray(self) -> str:
        """SQL: the first version whose columns say something else than its JSON, with both."""
        return self.sql(SELECT_ASTRAY)

    def sql(self, statement: str) -> str:
        """A statement about this ledger."""
        return statement.format_map(self._parts)

    @cached_property
    def _parts(self) -> Mapping[str, str]:
        """What the statements say of the columns."""
        told = {
            f'"{name}"': f"(told.\"{name}\"->>'amount')::numeric * 100"
            if kind == "money"
            else f'told."{name}"'
            for name, kind in self.columns.items()
        }
        types = ", ".join(f'"{name}" {TYPES[kind]}' for name, kind in self.columns.items())
        return {
            "name": self.name,
            "columns": "".join(f", {each}" for each in told),
            "told": "".join(f", {each}" for each in told.values()),
            "telling": f"CROSS JOIN LATERAL json_to_record(body) AS told ({types})",
            "updates": "".join(f", {each} = excluded.{each}" for each in told),
            "kept": ", ".join(f"'{each[1:-1]}', version.{each}" for each in told),
            "said": ", ".join(f"'{each[1:-1]}', {value}" for each, value in told.items()),
            "comparison": " OR ".join(
                f"version.{each} IS DISTINCT FROM {value}" for each, value in told.items()
            ),
        }

    def _index(self, table: Table) -> None:
        """Each index ends with the position, so that a page of the past is a walk in it, too.

        Rows that came after its moment are passed over without a look at them: millions a second.
        Of a moment so early that hardly a row is left, the rows are found by their position.
        """
        position = table.c.from_position
        Index(f"{self.name}_from_position", position)
        for name in self.sorts:
            Index(f"{self.name}_by_{name}", table.c[name], table.c.row_id, position)
        for name, kind in self.columns.items():
            if kind == "codes":
                Index(f"{self.name}_any_{name}", table.c[name], postgresql_using="gin")
            elif kind != "money" and name not in self.sorts:
                Index(f"{self.name}_{name}", table.c[name], table.c[self.sorts[0]], position)


AnyLedger: TypeAlias = Ledger[Any]
