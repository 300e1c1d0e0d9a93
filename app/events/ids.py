"""Ids that sort by time: UUID version 7, from a clock and a source of randomness."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

NewId: TypeAlias = Callable[[datetime], str]


def uuid7(at: datetime, random_bits: int) -> str:
    """A UUIDv7 (RFC 9562): milliseconds, then 74 bits that are up to the caller."""
    milliseconds = int(at.timestamp() * 1000)
    high, low = random_bits >> 62 & 0xFFF, random_bits & (1 << 62) - 1
    return str(UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low))


def random_id(at: datetime) -> str:
    """A new id, from the system's randomness."""
    return uuid7(at, secrets.randbits(74))
