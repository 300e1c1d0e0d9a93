"""Tiles: pieces of the tree of 256 hashes at a time, as C2SP tlog-tiles has them.

A tile at level 0 holds leaf hashes; one at level L holds the roots of full tiles at level L - 1.
A full tile never changes.

Source:
    https://c2sp.org/tlog-tiles
"""

import re
from dataclasses import dataclass
from typing import Final

from app.evidence.proofs import Node

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
HASH_BYTES: Final = 32
LEVEL_MAX: Final = 63

_PATH: Final = re.compile(r"((?:x[0-9]{3}/){0,6})([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_LEVEL: Final = re.compile(r"0|[1-9][0-9]?")


class NotATile(ValueError):
    """No tile has this address."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a tile stands, and how many hashes of it are meant."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def is_full(self) -> bool:
        """Whether it is all there and will never change."""
        return self.width == WIDTH

    @property
    def first(self) -> int:
        """The index of its first hash among those of its level."""
        return self.index * WIDTH

    def within(self, size: int) -> bool:
        """Whether a tree of a size has all of it."""
        return self.first + self.width <= size >> (HEIGHT * self.level)

    def path(self) -> str:
        """Its address behind `tile/<level>/`."""
        text = f"{self.index % 1000:03}"
        rest = self.index // 1000
        while rest:
            text = f"x{rest % 1000:03}/{text}"
            rest //= 1000
        return text if self.is_full else f"{text}.p/{self.width}"


def tile_at(level: str, path: str) -> Tile:
    """The tile at an address: `0` and `x001/234`, or `0` and `x001/234.p/17`.

    Raises:
        NotATile: it is the address of none, or not the one way of writing it.
    """
    found = _PATH.fullmatch(path)
    if found is None or not _LEVEL.fullmatch(level) or int(level) > LEVEL_MAX:
        raise NotATile
    leading, last, width = found.groups()
    tile = Tile(
        int(level),
        int(leading.replace("x", "").replace("/", "") + last),
        WIDTH if width is None else int(width),
    )
    if tile.width > WIDTH or tile.path() != path:
        raise NotATile
    return tile


def place_of(node: Node) -> tuple[Tile, int, int]:
    """The tile that a subtree stands in, its first hash in it, and how many it spans."""
    level, height = divmod(node.level, HEIGHT)
    first = node.index << height
    count = 1 << height
    return Tile(level, first // WIDTH), first % WIDTH, count


def hashes_in(raw: bytes) -> list[bytes]:
    """The hashes of a tile, or of a piece of one."""
    return [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]
