"""Names are given last, in one transaction: what was loaded gets its own, what stood another.

Whoever was erased stays erased: by the log that was restored, by the log that stood before, and
by the keys that stood before, whichever backup of keys is put back.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from app.backup.naming import stamped
from app.events.database import Database
from app.events.person_keys_schema import DESTROY_AGAIN, keys_schema_of, make_person_keys

UNTIL: Final = "until"

STANDS: Final = "SELECT to_regnamespace('{}') IS NOT NULL"
HAS_TABLE: Final = "SELECT to_regclass('{}') IS NOT NULL"
HOLDS_ANYTHING: Final = (
    "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('{}'))"
)
ERASED_BEFORE: Final = """
    UPDATE {keys}.person_keys AS new
    SET pseudonym = NULL, wrapped = NULL, erased_at = old.erased_at
    FROM {aside}.person_keys AS old
    WHERE old.data_subject_id = new.data_subject_id
      AND old.erased_at IS NOT NULL AND new.erased_at IS NULL
"""
COUNT_ERASED: Final = "SELECT count(*) FROM {keys}.person_keys WHERE erased_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Settled:
    """Under which names things stand now."""

    schema: str
    """What was restored."""
    aside: str | None = None
    """What stood there before."""
    keys_aside: str | None = None
    """The keys that stood there before."""
    keys: str = "none"
    """`restored`, `kept` as they stood, or `none` that open what was sealed before."""
    erased: int = 0
    """Persons whose keys are destroyed."""


async def settle(database: Database, incoming: str, *, with_keys: bool, holds: bool) -> Settled:
    """Give a plant its name; or, if it does not hold, one that says so.

    Args:
        database: with the name that it is to have.
        incoming: the name that it has.
        with_keys: whether keys were loaded beside it.
        holds: whether it is what was backed up.
    """
    engine = database.owner()
    try:
        async with engine.begin() as connection:
            if not holds:
                return await _quarantined(connection, database.schema, incoming)
            return await _settled(connection, database.schema, incoming, with_keys=with_keys)
    finally:
        await engine.dispose()


async def settle_keys(database: Database, incoming: str, *, holds: bool) -> Settled:
    """The same for keys beside a plant that stands."""
    engine = database.owner()
    try:
        async with engine.begin() as connection:
            if not holds:
                return await _quarantined(connection, database.schema, incoming)
            keys = keys_schema_of(database.schema)
            name = keys_schema_of(stamped(database.schema, UNTIL))
            keys_aside = await _moved_aside(connection, keys, name)
            await _rename(connection, keys_schema_of(incoming), keys)
            erased = await _erased_again(connection, database.schema, None, keys_aside)
            return Settled(database.schema, None, keys_aside, "restored", erased)
    finally:
        await engine.dispose()


async def _settled(
    connection: AsyncConnection, schema: str, incoming: str, *, with_keys: bool
) -> Settled:
    name = stamped(schema, UNTIL)
    aside = await _moved_aside(connection, schema, name)
    await _rename(connection, incoming, schema)
    keys, keys_aside = keys_schema_of(schema), None
    stand = await _says(connection, HAS_TABLE, f"{keys}.person_keys")
    if stand and not with_keys:
        # They are as new as can be: every erasure since the backup is in them.
        await connection.exec_driver_sql(f"DROP SCHEMA {keys_schema_of(incoming)} CASCADE")
    else:
        keys_aside = await _moved_aside(connection, keys, keys_schema_of(name))
        await _rename(connection, keys_schema_of(incoming), keys)
    erased = await _erased_again(connection, schema, aside, keys_aside)
    which = "restored" if with_keys else "kept" if stand else "none"
    return Settled(schema, aside, keys_aside, which, erased)


async def _erased_again(
    connection: AsyncConnection, schema: str, aside: str | None, keys_aside: str | None
) -> int:
    """Let the log destroy keys in its schema of keys, and those who were erased stay so."""
    keys = keys_schema_of(schema)
    await make_person_keys(connection, schema)
    if keys_aside is not None:
        again = ERASED_BEFORE.format(keys=keys, aside=keys_aside)
        await connection.exec_driver_sql(again)
    if aside is not None and await _says(connection, HAS_TABLE, f"{aside}.events"):
        await connection.exec_driver_sql(DESTROY_AGAIN.format(keys=keys, schema=aside))
    return int((await connection.exec_driver_sql(COUNT_ERASED.format(keys=keys))).scalar_one())


async def _quarantined(connection: AsyncConnection, schema: str, incoming: str) -> Settled:
    name = stamped(schema, "quarantined")
    for old, new in ((incoming, name), (keys_schema_of(incoming), keys_schema_of(name))):
        if await _says(connection, STANDS, old):
            await _rename(connection, old, new)
    return Settled(name)


async def _moved_aside(connection: AsyncConnection, schema: str, name: str) -> str | None:
    """Free the name of a schema; its new one, where anything was in it."""
    if not await _says(connection, STANDS, schema):
        return None
    if not await _says(connection, HOLDS_ANYTHING, schema):
        await connection.exec_driver_sql(f"DROP SCHEMA {schema}")
        return None
    await _rename(connection, schema, name)
    return name


async def _rename(connection: AsyncConnection, old: str, new: str) -> None:
    await connection.exec_driver_sql(f"ALTER SCHEMA {old} RENAME TO {new}")


async def _says(connection: AsyncConnection, question: str, name: str) -> bool:
    return bool((await connection.exec_driver_sql(question.format(name))).scalar())
