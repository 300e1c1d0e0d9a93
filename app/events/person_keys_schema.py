"""Where the keys of persons are kept: a schema of its own beside the log, under a role of its own.

It is made beside the migrations of the log and not by them, and at each start if it is missing,
because it may be lost or restored without the log. The log's role can neither read nor write it;
the keys' role can add keys and read them, and cannot destroy any. What destroys a key is the event
`PersonErased`, by a trigger in the transaction that records it: neither is ever without the other.
"""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

KEYS_ROLE: Final = "sanbao_keys"


def keys_schema_of(schema: str) -> str:
    """The schema that holds the keys of a plant."""
    return f"{schema}_keys"


MAKE_ROLE: Final = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

MAKE: Final = (
    "CREATE SCHEMA IF NOT EXISTS {keys}",
    """
-- What turns a person into a pseudonym; wrapped by the master key, as all keys are.
CREATE TABLE IF NOT EXISTS {keys}.subject_secret (
    id      smallint PRIMARY KEY CHECK (id = 1),
    wrapped bytea    NOT NULL
)
""",
    """
-- The key of each person. An erased one keeps its id, and nothing that leads to the person.
CREATE TABLE IF NOT EXISTS {keys}.person_keys (
    data_subject_id uuid        PRIMARY KEY,
    pseudonym       bytea       UNIQUE,
    wrapped         bytea,
    made_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    erased_at       timestamptz,
    CHECK ((pseudonym IS NULL) = (wrapped IS NULL)),
    CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
)
""",
    # What kind of value it seals, as not everybody reads each; unknown of those from before.
    """
DO $$ BEGIN
    IF (SELECT relkind = 'r' FROM pg_class WHERE oid = '{keys}.person_keys'::regclass) THEN
        ALTER TABLE {keys}.person_keys ADD COLUMN IF NOT EXISTS kind text;
    END IF; -- a past looks at the plant's
END $$
""",
    "GRANT {role} TO CURRENT_USER",
    "GRANT USAGE ON SCHEMA {keys} TO {role}",
    "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {keys} TO {role}",
    """
CREATE OR REPLACE FUNCTION {schema}.destroy_person_key() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE {keys}.person_keys SET pseudonym = NULL, wrapped = NULL, erased_at = NEW.recorded_at
    WHERE data_subject_id = (NEW.data->>'data_subject_id')::uuid AND erased_at IS NULL;
    RETURN NULL;
END $$
""",
    "REVOKE ALL ON FUNCTION {schema}.destroy_person_key() FROM PUBLIC",
)

NEEDS_NO_TRIGGER: Final = """
    SELECT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = '{schema}.events'::regclass AND tgname = 'events_destroy_person_key'
    ) OR EXISTS (
        SELECT FROM pg_class WHERE oid = '{schema}.events'::regclass AND relkind = 'v'
    )
"""
"""It is there, or the log is that of a past: a view, into which nothing is ever written."""

# Looked for first: whoever makes an index or a trigger makes the writer wait.
MAKE_TRIGGER: Final = (
    """
CREATE INDEX IF NOT EXISTS events_of_erasure ON {schema}.events (stream)
    WHERE type = 'PersonErased'
""",
    """
CREATE TRIGGER events_destroy_person_key AFTER INSERT ON {schema}.events
    FOR EACH ROW WHEN (NEW.type = 'PersonErased')
    EXECUTE FUNCTION {schema}.destroy_person_key()
""",
    "ALTER TABLE {schema}.events ENABLE ALWAYS TRIGGER events_destroy_person_key",
)

DESTROY_AGAIN: Final = """
    UPDATE {keys}.person_keys SET pseudonym = NULL, wrapped = NULL, erased_at = recorded_at
    FROM {schema}.events
    WHERE erased_at IS NULL AND type = 'PersonErased'
      AND stream = 'personal-data-' || data_subject_id
"""
"""Keys that a backup brought back although the log says that their persons were erased."""


HOLDS_KEYS: Final = """
    SELECT EXISTS (
        SELECT FROM pg_class
        WHERE oid = to_regclass('{keys}.person_keys') AND relkind = 'r'
    )
"""

SHOW_KEYS: Final = (
    "DROP SCHEMA {keys} CASCADE",
    "CREATE SCHEMA {keys}",
    "CREATE VIEW {keys}.subject_secret AS SELECT * FROM {source}.subject_secret",
    "CREATE VIEW {keys}.person_keys AS SELECT * FROM {source}.person_keys",
    "GRANT USAGE ON SCHEMA {keys} TO {role}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA {keys} TO {role}",
)
"""A past has no keys of its own: it looks at the plant's, so that who is erased there is erased in
every past at once, and none can be added."""


def showing_keys(schema: str, source: str) -> list[str]:
    """The statements by which a past looks at the keys of a plant."""
    names = {"keys": keys_schema_of(schema), "source": keys_schema_of(source), "role": KEYS_ROLE}
    return [statement.format(**names) for statement in SHOW_KEYS]


async def make_person_keys(connection: AsyncConnection, schema: str) -> None:
    """Create what is missing, and destroy again what should be gone; as the owner of the log."""
    names = {"schema": schema, "keys": keys_schema_of(schema), "role": KEYS_ROLE}
    for statement in (MAKE_ROLE, *MAKE):
        await connection.exec_driver_sql(statement.format(**names))
    if not (await connection.exec_driver_sql(NEEDS_NO_TRIGGER.format(**names))).scalar():
        for statement in MAKE_TRIGGER:
            await connection.exec_driver_sql(statement.format(**names))
    await connection.exec_driver_sql(DESTROY_AGAIN.format(**names))
