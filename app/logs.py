"""Where log lines go: never so that writing one fails what it tells of."""

from contextlib import suppress
from typing import TextIO


class Unfailing:
    """A stream that takes what it can: on a full disk or a closed pipe the line is lost, no more.

    A writer that died of a log line on a full disk took no command any more once there was room.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or let it be."""
        with suppress(OSError, ValueError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, or let it be."""
        with suppress(OSError, ValueError):
            self._stream.flush()
