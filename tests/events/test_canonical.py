"""The canonical bytes are those of RFC 8785, and the tree is that of RFC 6962."""

from hashlib import sha256

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.events.recorded import canonical, leaf_hash
from app.events.tree import extended, node_hash, root_hash

names = st.text(st.characters(min_codepoint=32, max_codepoint=126))
text = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text,
    lambda inner: st.lists(inner) | st.dictionaries(names, inner),
)


@given(st.dictionaries(names, values))
def test_the_canonical_bytes_are_those_of_an_implementation_of_the_standard(
    value: dict[str, object],
) -> None:
    assert canonical(value).encode() == rfc8785.dumps(value)  # type: ignore[arg-type]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, to the letter."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


@given(st.lists(st.lists(st.binary(max_size=4), max_size=9), max_size=9))
def test_a_tree_that_grew_in_batches_has_the_root_of_the_standard(
    batches: list[list[bytes]],
) -> None:
    size, compact, leaves = 0, list[bytes](), list[bytes]()
    for batch in batches:
        hashed = [leaf_hash(each.hex()) for each in batch]
        size, compact = extended(size, compact, hashed)
        leaves += hashed

    assert size == len(leaves)
    assert len(compact) == size.bit_count()
    assert root_hash(compact) == naive_root(leaves)
