"""The log, its head, idempotency, registers, keys, and the guards that keep it append-only."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
-- The head of the log: one row. Whoever holds its lock appends; everybody else waits.
CREATE TABLE log_head (
    id               smallint    PRIMARY KEY CHECK (id = 1),
    position         bigint      NOT NULL CHECK (position >= 0),
    recorded_at      timestamptz NOT NULL,
    tree             bytea[]     NOT NULL,  -- compact range of the tree of hashes, size = position
    mode             text        CHECK (mode IN ('live', 'sandbox')),  -- set at the first start
    sandbox_at       timestamptz,           -- where the sandbox's clock stands
    demo             text                   -- the demo that was loaded: 'small, seed 42'
);
INSERT INTO log_head VALUES (1, 0, '-infinity', '{}', NULL, NULL, NULL);

-- The log. Rows are only ever inserted, at the end, without gaps.
CREATE TABLE events (
    position          bigint      PRIMARY KEY,
    stream            text        NOT NULL,
    version           integer     NOT NULL CHECK (version >= 1),
    event_id          uuid        NOT NULL UNIQUE,
    type              text        NOT NULL,
    schema_version    smallint    NOT NULL CHECK (schema_version >= 1),
    data              jsonb       NOT NULL,
    person            text        NOT NULL,
    role              text        NOT NULL,
    on_behalf_of      text,
    client            text,
    reason            text,
    recorded_at       timestamptz NOT NULL,
    command_id        uuid        NOT NULL,
    correlation_id    text        NOT NULL,
    causation_id      uuid,
    clauses           text[]      NOT NULL,
    rule_pack_version integer     NOT NULL,
    canonical         text        NOT NULL,  -- the bytes that are hashed
    leaf_hash         bytea       NOT NULL,
    CONSTRAINT events_stream_version UNIQUE (stream, version)
);

-- What a key led to. Kept at least 30 days, in the transaction of the events.
CREATE TABLE idempotency (
    caller         text        NOT NULL,
    operation      text        NOT NULL,
    key            text        NOT NULL,
    fingerprint    bytea       NOT NULL,
    decider        text        NOT NULL,
    aggregate_id   text        NOT NULL,
    revision       integer     NOT NULL,
    first_position bigint      NOT NULL,
    last_position  bigint      NOT NULL,
    recorded_at    timestamptz NOT NULL,
    PRIMARY KEY (caller, operation, key)
);
CREATE INDEX idempotency_age ON idempotency USING brin (recorded_at);

-- What decisions look up across streams, folded from the log.
CREATE TABLE registers (
    register text  NOT NULL,
    key      text  NOT NULL,
    value    jsonb NOT NULL,
    PRIMARY KEY (register, key)
) WITH (fillfactor = 70);

-- Which version of each read table stands, built from how much of the log.
CREATE TABLE read_tables (
    name     text    PRIMARY KEY,
    version  integer NOT NULL,
    built_at bigint  NOT NULL
);

CREATE TABLE api_keys (
    key_id     text        PRIMARY KEY,
    key_hash   bytea       NOT NULL,
    person     text        NOT NULL,
    roles      text[]      NOT NULL,
    label      text        NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
"""

GUARDS = (
    """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
""",
    """
CREATE TRIGGER events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
""",
    "ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only",
    """
-- Events come in at the head, in one piece: no gap, no back-dating.
CREATE FUNCTION refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head  bigint;
    first bigint;
    last  bigint;
    rows  bigint;
BEGIN
    SELECT position INTO head FROM log_head WHERE id = 1;
    SELECT min(position), max(position), count(*) INTO first, last, rows FROM added;
    IF rows > 0 AND (first <> head + 1 OR last <> head + rows) THEN
        RAISE EXCEPTION 'the log continues at %, not at %', head + 1, first
            USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NULL;
END $$
""",
    """
CREATE TRIGGER events_contiguous
    AFTER INSERT ON events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_gap()
""",
    "ALTER TABLE events ENABLE ALWAYS TRIGGER events_contiguous",
)


def upgrade() -> None:
    """Make the tables, then their guards."""
    for statement in (*TABLES.strip().split(";\n"), *GUARDS):
        op.execute(statement)
