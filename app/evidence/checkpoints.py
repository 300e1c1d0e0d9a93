"""Checkpoints: what a tree was at a size, as C2SP tlog-checkpoint has it.

Source:
    https://c2sp.org/tlog-checkpoint
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.evidence.notes import NotANote, VerifierKey, verified

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_ROOT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The root of a log's tree at a size."""

    origin: str
    size: int
    """Events; also the position of the last one."""
    root: bytes
    """SHA-256, 32 bytes."""

    def text(self) -> str:
        """What is signed: origin, size and root, a line each."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def checkpoint_of(text: str) -> Checkpoint:
    """A checkpoint from the text of a note; lines behind the third are passed over.

    Raises:
        NotANote: it is none.
    """
    origin, *rest = text.removesuffix("\n").split("\n")
    if len(rest) < 2 or not all((origin, *rest)) or not _SIZE.fullmatch(rest[0]):  # noqa: PLR2004 - size and root
        raise NotANote("a checkpoint is an origin, a size and a root")
    try:
        root = base64.b64decode(rest[1], validate=True)
    except (binascii.Error, ValueError):
        raise NotANote("the root is not base64") from None
    if len(root) != _ROOT_BYTES:
        raise NotANote("the root has not 32 bytes")
    return Checkpoint(origin, int(rest[0]), root)


def verified_checkpoint(note: str | bytes, keys: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint of a note that somebody we know signed.

    Raises:
        NotANote: it is no note, or no checkpoint.
        NotVerified: nobody we know stands by it.
    """
    text, _ = verified(note, keys)
    return checkpoint_of(text)
