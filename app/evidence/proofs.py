"""Proofs about a tree of hashes: that a leaf is in it, that a tree continues another one.

A proof is a list of hashes, nearest to the leaf first. Which subtrees they are the roots of is
plain arithmetic over sizes; where the hashes come from is the caller's affair.

Source:
    RFC 6962 section 2.1, RFC 9162 section 2.1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.events.tree import extended, node_hash, root_hash


@dataclass(frozen=True, slots=True)
class Node:
    """A perfect subtree: 2**level leaves, from index * 2**level on."""

    level: int
    index: int


Span = tuple[int, int]
"""Leaves from the first index up to, not including, the second."""


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes in order; over none, the hash of nothing."""
    return root_hash(extended(0, (), leaves)[1])


def compact_nodes(start: int, end: int) -> list[Node]:
    """The perfect subtrees that leaves from an aligned start on fall into, largest first."""
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return nodes


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The subtrees whose roots prove that a leaf is in a tree.

    Raises:
        ValueError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    start, end, spans = 0, size, []
    while end - start > 1:
        middle = start + _left(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """The subtrees whose roots prove that a tree continues a smaller one.

    Raises:
        ValueError: the first is empty, or larger than the second.
    """
    if not 0 < first <= second:
        raise ValueError(f"nothing to prove from {first} to {second}")
    start, end, spans = 0, second, []
    while end != first:
        middle = start + _left(end - start)
        if first <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:  # else it is the first tree itself, whose root the verifier has
        spans.append((start, end))
    return spans[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether a leaf hash stands at an index, counted from 0, of the tree with this root."""
    if not 0 <= index < size:
        return False
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(proof) != inner + border or not _hashes(leaf, root, *proof):
        return False
    found = _inner(leaf, proof[:inner], index)
    return _border(found, proof[inner:]) == root


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree with the second root continues the one with the first.

    The empty tree is continued by every other, with an empty proof.
    """
    if not 0 <= first <= second or not _hashes(first_root, second_root, *proof):
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == root_of(())
    shift = (first & -first).bit_length() - 1
    inner = ((first - 1) ^ (second - 1)).bit_length() - shift
    border = ((first - 1) >> (inner + shift)).bit_count()
    whole = first == 1 << shift
    if len(proof) != inner + border + (not whole):
        return False
    seed, rest = (first_root, proof) if whole else (proof[0], proof[1:])
    index = (first - 1) >> shift
    before = _inner_right(seed, rest[:inner], index)
    after = _inner(seed, rest[:inner], index)
    return (
        _border(before, rest[inner:]) == first_root and _border(after, rest[inner:]) == second_root
    )


def _left(size: int) -> int:
    """The largest power of two below a size above one: the leaves of the left subtree."""
    return 1 << ((size - 1).bit_length() - 1)


def _inner(seed: bytes, proof: Sequence[bytes], index: int) -> bytes:
    """Up through the part where neighbours stand on both sides."""
    for level, each in enumerate(proof):
        right = index >> level & 1
        seed = node_hash(each, seed) if right else node_hash(seed, each)
    return seed


def _inner_right(seed: bytes, proof: Sequence[bytes], index: int) -> bytes:
    """The same for the tree that ends here: it has only left neighbours."""
    for level, each in enumerate(proof):
        if index >> level & 1:
            seed = node_hash(each, seed)
    return seed


def _border(seed: bytes, proof: Sequence[bytes]) -> bytes:
    """Up the right border: every neighbour stands to the left."""
    for each in proof:
        seed = node_hash(each, seed)
    return seed


def _hashes(*each: bytes) -> bool:
    return all(len(one) == 32 for one in each)  # noqa: PLR2004 - SHA-256
