"""A tree that takes in leaves and is held to what was said of it at earlier sizes."""

from collections.abc import Mapping, Sequence

from app.events.tree import extended, root_hash


class Inconsistent(Exception):
    """The log is not a continuation of what was signed; nothing is signed on top of it."""


class Growth:
    """A compact range that grows, and the roots that it must have on the way."""

    def __init__(self, size: int, compact: Sequence[bytes], expected: Mapping[int, bytes]) -> None:
        """Begin at a size.

        Args:
            size: leaves so far.
            compact: the compact range over them.
            expected: the root that was signed, by size; sizes below the first are not looked at.

        Raises:
            Inconsistent: it is wrong from the beginning.
        """
        self.size = size
        self.compact = list(compact)
        self._expected = expected
        self._hold()

    @property
    def root(self) -> bytes:
        """The root over the leaves so far."""
        return root_hash(self.compact)

    def add(self, leaves: Sequence[bytes]) -> None:
        """Take in leaves.

        Raises:
            Inconsistent: the tree has another root than was signed, at a size on the way.
        """
        end, begin = self.size + len(leaves), self.size
        for stop in sorted({end, *(size for size in self._expected if begin < size < end)}):
            more = leaves[self.size - begin : stop - begin]
            self.size, self.compact = extended(self.size, self.compact, more)
            self._hold()

    def _hold(self) -> None:
        if self._expected.get(self.size, self.root) != self.root:
            raise Inconsistent(f"the first {self.size} events are not those that were signed")
