"""How far a rebuild is, when read tables were switched, and a mode for a past that is shown."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    # How far the shadow of a read table is: written in the transaction of its rows.
    """
CREATE TABLE rebuilds (
    name       text        NOT NULL,
    slot       text        NOT NULL CHECK (slot IN ('next', 'check')),
    version    integer     NOT NULL,
    position   bigint      NOT NULL CHECK (position >= 0),
    started_at timestamptz NOT NULL,
    PRIMARY KEY (name, slot)
)
""",
    # Counts how often read tables were switched: a writer that sees it move forgets its rows.
    "ALTER TABLE log_head ADD COLUMN switched bigint NOT NULL DEFAULT 0",
    "ALTER TABLE log_head DROP CONSTRAINT log_head_mode_check",
    """
ALTER TABLE log_head ADD CONSTRAINT log_head_mode_check
    CHECK (mode IN ('live', 'sandbox', 'replay'))
""",
)


def upgrade() -> None:
    """Nothing that stands is changed."""
    for statement in STATEMENTS:
        op.execute(statement)
