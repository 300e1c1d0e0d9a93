"""A long log out of a short one: the demo copied, as if many plants had written one log."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from asyncpg import Connection, Record

PLANTS_AT_ONCE: Final = 20
"""Whose events stand between one another, so that a record is spread over the log as it is when
people work on some hundred of them."""
ID: Final = "[0-9a-f]{8}-([0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})"
NUMBER: Final = "([A-Z]{2}-20[0-9]{2}-)000([0-9]{3})"
CODES: Final = "(?:spec|cause)_code|notice_no|customer_ref|external_ref"

COPY: Final = f"""
    WITH moved AS (
        SELECT events.*, '~' || copy AS suffix, lpad(to_hex(copy), 8, '0') || '-\\1' AS id,
               '\\1' || lpad(copy::text, 4, '0') || '\\2' AS numbered,
               row_number() OVER (ORDER BY position, copy) AS number
        FROM events, generate_series($2::int, $4::int) AS copy
        WHERE position <= $1 AND stream <> 'rule-pack-main'
    )
    INSERT INTO events
    SELECT $3 + number,
           CASE WHEN stream ~ '{ID}' THEN regexp_replace(stream, '{ID}', id)
                ELSE stream || suffix END,
           version, regexp_replace(event_id::text, '{ID}', id)::uuid, type, schema_version,
           regexp_replace(regexp_replace(regexp_replace(
               data::text, '{ID}', id, 'g'), '{NUMBER}', numbered, 'g'),
               '("(?:{CODES})": "[^"]+)"', '\\1' || suffix || '"', 'g')::jsonb,
           person, role, on_behalf_of, client, reason, recorded_at + $5 * interval '1 year',
           regexp_replace(command_id::text, '{ID}', id)::uuid, correlation_id,
           regexp_replace(causation_id::text, '{ID}', id)::uuid, clauses, rule_pack_version,
           canonical, leaf_hash
    FROM moved
"""  # noqa: S608 - put together from constants
"""Fresh ids, numbers, specifications and causes: no two plants meet in a stream or in an entry."""


async def fill(connection: "Connection[Record]", events: int, *, years_apart: int = 0) -> int:
    """Copy the log until it holds so many events; how many it holds.

    Args:
        connection: of the owner.
        events: at least so many.
        years_apart: how much later than the last plants the next ones wrote; a log that is
            checked never goes back in time.
    """
    of_the_demo = head = int(await connection.fetchval("SELECT position FROM log_head"))
    copies = years = 0
    while head < events:
        last = copies + min(PLANTS_AT_ONCE, -(-(events - head) // of_the_demo))
        years += years_apart
        async with connection.transaction():
            done = await connection.execute(COPY, of_the_demo, copies + 1, head, last, years)
            head += int(done.split()[-1])
            await connection.execute("UPDATE log_head SET position = $1", head)
        copies = last
    await connection.execute("VACUUM (ANALYZE) events")
    return head
