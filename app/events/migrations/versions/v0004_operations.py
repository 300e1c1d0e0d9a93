"""Long work that somebody asked for: how far it is, and what came of it."""

from alembic import op

revision = "0004"
down_revision = "0003"

OPERATIONS = """
CREATE TABLE operations (
    operation_id uuid        PRIMARY KEY,
    kind         text        NOT NULL,
    asked_by     text        NOT NULL,
    request      json        NOT NULL,
    status       text        NOT NULL CHECK (status IN ('RUNNING', 'DONE', 'FAILED', 'CANCELLED')),
    done         bigint      NOT NULL DEFAULT 0,
    total        bigint      NOT NULL DEFAULT 0,
    started_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,  -- its process was alive then
    ended_at     timestamptz,
    result       json,
    problem      text
)
"""


def upgrade() -> None:
    """Nothing that stands is changed."""
    op.execute(OPERATIONS)
