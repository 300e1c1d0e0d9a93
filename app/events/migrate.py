"""Bringing a database's schema up to date, and the role that the service works in.

A plant is one schema; the connection's search_path names it. Migrations run as the user of the
database URL; the service itself works as `sanbao_app`, which may not update, delete or truncate
events.
"""

import re
from importlib.resources import files
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.events.person_keys_schema import make_person_keys

APP_ROLE: Final = "sanbao_app"

MAKE_ROLE: Final = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        CREATE ROLE {APP_ROLE} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
"""

GRANT: Final = """
GRANT {role} TO CURRENT_USER;
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.events FROM {role};
REVOKE UPDATE, DELETE ON {schema}.checkpoint_keys, {schema}.checkpoints FROM {role};
REVOKE UPDATE, DELETE ON {schema}.tree_tiles FROM {role};
REVOKE UPDATE, DELETE ON {schema}.api_keys FROM {role};
GRANT UPDATE (last_used_at) ON {schema}.api_keys TO {role};
REVOKE INSERT, DELETE ON {schema}.log_head FROM {role};
REVOKE INSERT, UPDATE, DELETE ON {schema}.alembic_version FROM {role};
"""

LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtext('sanbao.migrate'))")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("app.events.migrations")))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The schema that this version of the service works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return str(head)


def knows_revision(revision: str) -> bool:
    """Whether this version of the service can bring a schema of that revision up to date."""
    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    return any(each.revision == revision for each in steps)


def valid_schema(name: str) -> str:
    """The name of a schema, fit to stand in a statement.

    Raises:
        ValueError: it is not a plain lower-case name.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a plain schema name: {name!r}")
    return name


async def migrate(engine: AsyncEngine, schema: str) -> None:
    """Create what is missing, one migrating process at a time, all of a step or nothing."""
    schema = valid_schema(schema)
    async with engine.connect() as connection:
        await connection.execute(LOCK)
        await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        await connection.execute(text(f"SET LOCAL search_path TO {schema}"))
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))
        await connection.execute(text(MAKE_ROLE))
        for statement in GRANT.format(role=APP_ROLE, schema=schema).strip().split("\n"):
            await connection.execute(text(statement))
        await make_person_keys(connection, schema)
        await connection.commit()
