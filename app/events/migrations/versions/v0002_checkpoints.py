"""Checkpoints, the keys that sign them, and the full tiles of the tree of hashes."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
-- Who signs checkpoints. A key signs until the next one takes over; no private key is ever here.
CREATE TABLE checkpoint_keys (
    number        integer     PRIMARY KEY CHECK (number >= 1),
    name          text        NOT NULL,
    public_key    bytea       NOT NULL CHECK (octet_length(public_key) = 32),
    from_position bigint      NOT NULL CHECK (from_position >= 0),
    added_at      timestamptz NOT NULL,
    UNIQUE (name, public_key)
);

CREATE TABLE checkpoints (
    number    bigint      PRIMARY KEY CHECK (number >= 1),
    size      bigint      NOT NULL CHECK (size >= 1),
    root      bytea       NOT NULL CHECK (octet_length(root) = 32),
    note      text        NOT NULL,
    signed_at timestamptz NOT NULL
);
CREATE INDEX checkpoints_size ON checkpoints (size);

-- Full tiles: 256 hashes that will never change, and the root over them.
CREATE TABLE tree_tiles (
    level  smallint NOT NULL CHECK (level >= 0),
    index  bigint   NOT NULL CHECK (index >= 0),
    hashes bytea    NOT NULL CHECK (octet_length(hashes) = 8192),
    root   bytea    NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (level, index)
);
-- Hashes do not compress; uncompressed, a piece of a tile is read without the rest of it.
ALTER TABLE tree_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
"""

GUARD = """
CREATE TRIGGER {table}_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    """Make the tables; they, too, are only ever added to."""
    for statement in TABLES.strip().split(";\n"):
        op.execute(statement)
    for table in ("checkpoint_keys", "checkpoints", "tree_tiles"):
        op.execute(GUARD.format(table=table))
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")
