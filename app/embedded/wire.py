"""One question over the socket: just enough of PostgreSQL's protocol to know how it is.

A socket that can be connected to is not enough, for one accepts while it still recovers.
"""

import socket
import struct
from pathlib import Path
from typing import IO, Final

from app.embedded.errors import EmbeddedPostgresError
from app.embedded.place import SOCKET

ANSWER_SECONDS_MAX: Final = 5.0
PROTOCOL: Final = 3 << 16
CANNOT_CONNECT_NOW: Final = "57P03"


class NotReady(Exception):
    """Nothing answers there, or not yet, or no longer."""


def ask(folder: Path, query: str) -> list[list[str]]:
    """The rows that a query has for an answer, as text.

    Raises:
        NotReady: there is no server, or it is starting or stopping.
        EmbeddedPostgresError: it refuses.
    """
    hello = b"user\0postgres\0database\0postgres\0\0"
    try:
        with socket.socket(socket.AF_UNIX) as line, line.makefile("rb") as replies:
            line.settimeout(ANSWER_SECONDS_MAX)
            line.connect(str(folder / SOCKET))
            line.sendall(struct.pack("!ii", 8 + len(hello), PROTOCOL) + hello)
            _rows(replies)
            question = query.encode() + b"\0"
            line.sendall(b"Q" + struct.pack("!i", 4 + len(question)) + question)
            rows = _rows(replies)
            line.sendall(b"X" + struct.pack("!i", 4))
            return rows
    except (OSError, struct.error) as error:  # none there, or it ended in the middle of a message
        raise NotReady from error


def _rows(replies: IO[bytes]) -> list[list[str]]:
    """Read until the server waits for us again."""
    rows: list[list[str]] = []
    while header := replies.read(5):
        kind, length = struct.unpack("!ci", header)
        body = replies.read(length - 4)
        match kind:
            case b"D":
                rows.append(_columns(body))
            case b"E":
                raise _refusal(body)
            case b"Z":
                return rows
            case _:
                pass
    raise NotReady


def _columns(body: bytes) -> list[str]:
    (count,) = struct.unpack_from("!h", body)
    columns, at = [], 2
    for _ in range(count):
        (length,) = struct.unpack_from("!i", body, at)
        at += 4
        columns.append(body[at : at + max(length, 0)].decode())
        at += max(length, 0)
    return columns


def _refusal(body: bytes) -> Exception:
    fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
    if fields.get(b"C") == CANNOT_CONNECT_NOW:
        return NotReady()
    return EmbeddedPostgresError(
        f"The embedded PostgreSQL refuses: {fields.get(b'M', 'without a word')}.",
        "See to it, and start again.",
    )
