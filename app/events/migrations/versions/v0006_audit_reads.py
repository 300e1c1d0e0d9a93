"""How much an auditor's key reads within a minute, counted for all processes together."""

from alembic import op

revision = "0006"
down_revision = "0005"

AUDIT_READS = """
-- Not logged: what is much becomes an event, and less than that may be forgotten in a crash. So
-- counting waits for no disk.
CREATE UNLOGGED TABLE audit_reads (
    key_id text        PRIMARY KEY,
    since  timestamptz NOT NULL,
    count  bigint      NOT NULL CHECK (count >= 0),
    after  bigint,
    up_to  bigint
)
"""


def upgrade() -> None:
    """Nothing that stands is changed."""
    op.execute(AUDIT_READS)
