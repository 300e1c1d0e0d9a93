"""The tree of hashes over the log, kept as its compact range (RFC 6962, RFC 9162).

A compact range is the list of roots of the perfect subtrees that a tree of a size consists of,
largest first: one hash for every bit that is set in the size. That is all it takes to append.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children."""
    return sha256(b"\x01" + left + right).digest()


def extended(
    size: int, compact: Sequence[bytes], leaves: Iterable[bytes]
) -> tuple[int, list[bytes]]:
    """The size and compact range after more leaves."""
    roots = list(compact)
    for leaf in leaves:
        root, filled = leaf, size
        while filled & 1:
            root = node_hash(roots.pop(), root)
            filled >>= 1
        roots.append(root)
        size += 1
    return size, roots


def root_hash(compact: Sequence[bytes]) -> bytes:
    """The root of the tree; of the empty tree, the hash of nothing."""
    if not compact:
        return sha256(b"").digest()
    *rest, root = compact
    for left in reversed(rest):
        root = node_hash(left, root)
    return root
