"""What a database that went away looks like from here."""

from typing import Final

import asyncpg

LOST: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)
