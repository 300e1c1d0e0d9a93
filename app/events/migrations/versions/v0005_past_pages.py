"""Indexes of ledgers end with the position, so that a page of the past is a walk in them, too.

Ledgers are known by their history. New ones are made so from the start: `Ledger._index`.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

LENGTHEN = r"""
DO $$
DECLARE ledger record; found record;
BEGIN
    FOR ledger IN
        SELECT now.tablename AS name FROM pg_tables AS now JOIN pg_tables AS past
            ON past.schemaname = now.schemaname AND past.tablename = now.tablename || '_history'
        WHERE now.schemaname = current_schema()
    LOOP
        FOR found IN
            SELECT indexname, indexdef FROM pg_indexes
            WHERE schemaname = current_schema() AND tablename = ledger.name
              AND indexdef LIKE 'CREATE INDEX % USING btree (%'
              AND indexdef NOT LIKE '%from_position)'
        LOOP
            EXECUTE format('DROP INDEX %I', found.indexname);
            EXECUTE regexp_replace(found.indexdef, '\)$', ', from_position)');
        END LOOP;
        EXECUTE format(
            'CREATE INDEX IF NOT EXISTS %I ON %I (from_position)',
            ledger.name || '_from_position', ledger.name);
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Rows stay as they are."""
    op.execute(LENGTHEN)
