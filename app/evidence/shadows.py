"""Shadow tables: where a read table is built anew while the one that stands goes on being read.

A shadow of `claims_ledger` is `claims_ledger_next`, with the same columns and indexes; the shadows
of registers share the table `registers_next`. A shadow takes the place of what stands by being
renamed, or row by row where a table is shared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from asyncpg import Connection, Record
from sqlalchemy import MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from app.events.folding import Folded, RegisterTable
from app.events.migrate import APP_ROLE
from app.projections.ledger import AnyLedger, Ledger

Slot = Literal["next", "check"]
"""`next` is to take the place of what stands; `check` is only compared with it."""

REGISTERS: Final = "registers"

GRANT: Final = f"GRANT SELECT, INSERT, UPDATE, DELETE ON {{}} TO {APP_ROLE}"

SELECT_INDEXES: Final = """
    SELECT indexname FROM pg_indexes
    WHERE schemaname = current_schema() AND tablename = ANY($1::text[])
"""

# Only what differs is written: a register that is built anew by the same fold costs two joins.
REPLACE_ENTRIES: Final = (
    """
    DELETE FROM registers WHERE register = $1 AND NOT EXISTS (
        SELECT FROM registers_next AS new
        WHERE new.register = registers.register AND new.key = registers.key)
    """,
    """
    INSERT INTO registers (register, key, value)
    SELECT register, key, value FROM registers_next WHERE register = $1
    ON CONFLICT (register, key) DO UPDATE SET value = excluded.value
        WHERE registers.value IS DISTINCT FROM excluded.value
    """,
    "DELETE FROM registers_next WHERE register = $1",
)

_dialect: Final = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Shadow:
    """A read table, and the same fold over tables of another name."""

    live: Folded
    table: Folded
    slot: Slot

    @property
    def name(self) -> str:
        """Of the table that stands."""
        return self.live.name


def shadow_of(live: Folded, slot: Slot) -> Shadow:
    """The shadow of a ledger or a register.

    Raises:
        TypeError: it is neither.
    """
    match live:
        case Ledger():
            name = f"{live.name}_{slot}"
            return Shadow(live, replace(live, name=name, metadata=MetaData()), slot)
        case RegisterTable():
            return Shadow(live, RegisterTable(live.register, f"{REGISTERS}_{slot}"), slot)
        case _:
            raise TypeError(live)


async def make(connection: "Connection[Record]", table: Folded) -> None:
    """Empty tables for a ledger or the rows of a register, in place of those of the same name."""
    if isinstance(table, RegisterTable):
        if table.kept_in != REGISTERS:
            await connection.execute(
                f"CREATE TABLE IF NOT EXISTS {table.kept_in} (LIKE {REGISTERS} INCLUDING ALL)"
            )
        await _forget(connection, table)
    elif isinstance(table, Ledger):
        await drop(connection, table)
        for each in _tables(table):
            await connection.execute(str(CreateTable(each).compile(dialect=_dialect)))
            await connection.execute(GRANT.format(each.name))


async def index(connection: "Connection[Record]", table: Folded) -> None:
    """The indexes that readers need, where they are not there yet.

    Over a table that is filled already they are made with less work, and are smaller.
    """
    if isinstance(table, Ledger):
        for each in _tables(table):
            for found in sorted(each.indexes, key=lambda index: str(index.name)):
                create = CreateIndex(found, if_not_exists=True)
                await connection.execute(str(create.compile(dialect=_dialect)))


async def drop(connection: "Connection[Record]", table: Folded) -> None:
    """Throw away what a shadow holds."""
    if isinstance(table, RegisterTable):
        exists = await connection.fetchval("SELECT to_regclass($1)", table.kept_in)
        if exists is not None:
            await _forget(connection, table)
    elif isinstance(table, Ledger):
        for each in _tables(table):
            drop_it = DropTable(each, if_exists=True)
            await connection.execute(str(drop_it.compile(dialect=_dialect)))


async def analyse(connection: "Connection[Record]", shadow: Shadow) -> None:
    """Let the planner know what a shadow holds, before anybody asks it."""
    if isinstance(shadow.table, Ledger):
        for each in _tables(shadow.table):
            await connection.execute(f"ANALYZE {each.name}")


async def put_in_place(connection: "Connection[Record]", shadow: Shadow) -> None:
    """Let a shadow take the place of what stands. The caller holds the head and `read_tables`."""
    if isinstance(shadow.live, RegisterTable):
        for statement in REPLACE_ENTRIES:
            await connection.execute(statement, shadow.name)
        return
    if not isinstance(shadow.live, Ledger) or not isinstance(shadow.table, Ledger):
        raise TypeError(shadow.live)
    await drop(connection, shadow.live)
    names = [each.name for each in _tables(shadow.table)]
    # Before any is renamed: a vacuum that is at them would wait for that, and we for it.
    await connection.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
    indexes = await connection.fetch(SELECT_INDEXES, names)
    for each in indexes:
        await _rename(connection, "INDEX", each["indexname"], shadow)
    for name in names:
        await _rename(connection, "TABLE", name, shadow)


async def _rename(
    connection: "Connection[Record]", kind: Literal["INDEX", "TABLE"], name: str, shadow: Shadow
) -> None:
    new = f"{shadow.live.name}{name.removeprefix(shadow.table.name)}"
    await connection.execute(f'ALTER {kind} "{name}" RENAME TO "{new}"')


async def _forget(connection: "Connection[Record]", table: RegisterTable) -> None:
    await connection.execute(f"DELETE FROM {table.kept_in} WHERE register = $1", table.name)  # noqa: S608 - a name of our own


def _tables(ledger: AnyLedger) -> Sequence[Table]:
    return ledger.table, ledger.history


def is_ledger(table: Folded) -> bool:
    """Whether people read it, every version of its rows kept; else decisions look it up."""
    return isinstance(table, Ledger)
