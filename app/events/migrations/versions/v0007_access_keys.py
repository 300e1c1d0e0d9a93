"""Keys that end, have successors and were used; what the log says of a key is what it opens.

A new key comes in as a hash and a name that open nothing. The event that gives it to somebody
makes it open, by a trigger in the transaction that records it, and so do the events that end it:
neither is ever without the other. The service's role can change nothing of a key but when it was
last used. A log that is rebuilt or replayed elsewhere has no keys there to open, and no trigger.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

COLUMNS = (
    """
ALTER TABLE api_keys
    ADD activated_at timestamptz,
    ADD expires_at   timestamptz,
    ADD last_used_at timestamptz,
    ADD rotated_from text,
    ADD account      text  -- the first key of the line that it succeeds in; none: itself
""",
    "UPDATE api_keys SET activated_at = created_at",
    "CREATE INDEX api_keys_age ON api_keys (created_at DESC, key_id DESC)",
)

FOLLOW_THE_LOG = """
CREATE FUNCTION {schema}.follow_access_keys() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CASE NEW.type
    WHEN 'AccessKeyIssued' THEN
        UPDATE {schema}.api_keys
        SET person = NEW.data->>'person',
            roles = ARRAY(SELECT jsonb_array_elements_text(NEW.data->'roles')),
            label = NEW.data->>'label',
            expires_at = (NEW.data->>'expires_at')::timestamptz,
            rotated_from = NEW.data->>'rotated_from',
            account = (
                SELECT coalesce(earlier.account, earlier.key_id) FROM {schema}.api_keys AS earlier
                WHERE earlier.key_id = NEW.data->>'rotated_from'
            ),
            activated_at = NEW.recorded_at
        WHERE key_id = NEW.data->>'key_id' AND activated_at IS NULL;
        -- what nobody was given in a day, nobody will be
        DELETE FROM {schema}.api_keys
        WHERE activated_at IS NULL AND created_at < clock_timestamp() - interval '1 day';
    WHEN 'AccessKeyRotated' THEN
        UPDATE {schema}.api_keys SET expires_at = (NEW.data->>'until')::timestamptz
        WHERE key_id = NEW.data->>'key_id';
    WHEN 'AccessKeyRevoked' THEN
        UPDATE {schema}.api_keys SET revoked_at = NEW.recorded_at
        WHERE key_id = NEW.data->>'key_id' AND revoked_at IS NULL;
    END CASE;
    RETURN NULL;
END $$
"""

TRIGGER = (
    "REVOKE ALL ON FUNCTION {schema}.follow_access_keys() FROM PUBLIC",
    """
CREATE TRIGGER events_follow_access_keys AFTER INSERT ON {schema}.events
    FOR EACH ROW
    WHEN (NEW.type IN ('AccessKeyIssued', 'AccessKeyRotated', 'AccessKeyRevoked'))
    EXECUTE FUNCTION {schema}.follow_access_keys()
""",
    "ALTER TABLE {schema}.events ENABLE ALWAYS TRIGGER events_follow_access_keys",
)


def upgrade() -> None:
    """Keys that stand go on opening, without an end."""
    for statement in COLUMNS:
        op.execute(statement)
    connection = op.get_bind()
    schema = connection.exec_driver_sql("SELECT current_schema()").scalar()
    for statement in (FOLLOW_THE_LOG, *TRIGGER):
        connection.exec_driver_sql(statement.format(schema=schema))
