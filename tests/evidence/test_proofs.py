"""Proofs against the standards' own algorithms and the vectors of transparency-dev/merkle."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.events.tree import root_hash
from app.evidence.proofs import (
    Span,
    compact_nodes,
    consistency_spans,
    inclusion_spans,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.evidence import rfc

# transparency-dev/merkle, proof/verify_test.go
DATA = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
ROOTS = [
    bytes.fromhex(each)
    for each in (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
INCLUSION = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CONSISTENCY = {
    (1, 8): INCLUSION[0, 8],
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
    (6, 7): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}
EIGHT = [rfc.leaf(bytes.fromhex(each)) for each in DATA]


def leaves(count: int) -> list[bytes]:
    """Leaf hashes of a tree."""
    return [rfc.leaf(str(number).encode()) for number in range(count)]


def over(tree: Sequence[bytes], spans: Sequence[Span]) -> list[bytes]:
    """The hashes of a proof, each put together from perfect subtrees."""
    return [
        root_hash(
            [
                rfc.mth(tree[node.index << node.level : (node.index + 1) << node.level])
                for node in compact_nodes(*span)
            ]
        )
        for span in spans
    ]


def spoilt(proof: Sequence[bytes]) -> list[list[bytes]]:
    """Everything that can be wrong with the hashes of a proof."""
    wrong = [[*proof, bytes(32)], [bytes(32), *proof], [*proof, b""], [b"", *proof]]
    if proof:
        wrong += [list(proof[:-1]), list(proof[1:])]
    for at, each in enumerate(proof):
        flipped = bytes([each[0] ^ 8]) + each[1:]
        wrong.append([*proof[:at], flipped, *proof[at + 1 :]])
    return wrong


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_vectors(size: int) -> None:
    assert root_of(EIGHT[:size]) == ROOTS[size - 1]
    assert rfc.mth(EIGHT[:size]) == ROOTS[size - 1]


def test_the_root_over_nothing_is_the_hash_of_nothing() -> None:
    assert root_of([]) == sha256(b"").digest()


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_vectors(index: int, size: int) -> None:
    proof = [bytes.fromhex(each) for each in INCLUSION[index, size]]

    assert over(EIGHT, inclusion_spans(index, size)) == proof
    assert verify_inclusion(EIGHT[index], index, size, proof, ROOTS[size - 1])
    assert rfc.included(EIGHT[index], index, size, proof, ROOTS[size - 1])


@pytest.mark.parametrize(("first", "second"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_vectors(first: int, second: int) -> None:
    proof = [bytes.fromhex(each) for each in CONSISTENCY[first, second]]
    roots = ROOTS[first - 1], ROOTS[second - 1]

    assert over(EIGHT, consistency_spans(first, second)) == proof
    assert verify_consistency(first, second, *roots, proof)
    assert rfc.continued(first, second, *roots, proof)


@st.composite
def in_a_tree(draw: st.DrawFn) -> tuple[int, int]:
    """An index and the size of a tree that has it."""
    size = draw(st.integers(1, 600))
    return draw(st.integers(0, size - 1)), size


@given(in_a_tree())
def test_an_inclusion_proof_is_the_standards_and_nothing_else_verifies(at: tuple[int, int]) -> None:
    index, size = at
    tree = leaves(size)
    root, leaf = rfc.mth(tree), tree[index]
    proof = over(tree, inclusion_spans(index, size))

    assert proof == rfc.path(index, tree)
    assert verify_inclusion(leaf, index, size, proof, root)
    assert rfc.included(leaf, index, size, proof, root)
    assert not any(verify_inclusion(leaf, index, size, bad, root) for bad in spoilt(proof))
    assert not verify_inclusion(bytes(32), index, size, proof, root)
    assert not verify_inclusion(leaf, index, size, proof, bytes(32))
    assert not verify_inclusion(leaf, size, size, proof, root)
    assert not verify_inclusion(leaf, -1, size, proof, root)
    for elsewhere in {index - 1, index + 1, index ^ 2} - {index}:
        assert not verify_inclusion(leaf, elsewhere, size, proof, root)


@given(in_a_tree())
def test_a_consistency_proof_is_the_standards_and_nothing_else_verifies(
    at: tuple[int, int],
) -> None:
    first, second = at[0] + 1, at[1]
    tree = leaves(second)
    roots = rfc.mth(tree[:first]), rfc.mth(tree)
    proof = over(tree, consistency_spans(first, second))

    assert proof == rfc.proof(first, tree)
    assert verify_consistency(first, second, *roots, proof)
    assert first == second or rfc.continued(first, second, *roots, proof)
    assert not any(verify_consistency(first, second, *roots, bad) for bad in spoilt(proof))
    assert not verify_consistency(first, second, bytes(32), roots[1], proof)
    assert not verify_consistency(first, second, roots[0], bytes(32), proof)
    if first < second:
        assert not verify_consistency(first, second, *roots[::-1], proof)
        assert not verify_consistency(first, second, *roots, [])
        assert not verify_consistency(second, first, *roots, proof)


def test_the_empty_tree_is_continued_by_every_other_and_by_nothing_else() -> None:
    nothing, root = root_of([]), root_of(leaves(3))

    assert verify_consistency(0, 3, nothing, root, [])
    assert verify_consistency(0, 0, nothing, nothing, [])
    assert not verify_consistency(0, 3, root, root, [])
    assert not verify_consistency(0, 3, nothing, root, [root])


def test_what_cannot_be_proved_is_refused() -> None:
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_spans(index, size)
    for first, second in ((0, 3), (4, 3)):
        with pytest.raises(ValueError, match="nothing to prove"):
            consistency_spans(first, second)


@given(st.integers(0, 2**40), st.integers(1, 2**40))
def test_a_proof_is_as_long_as_the_tree_is_high_however_large(index: int, more: int) -> None:
    size = index + more

    assert len(inclusion_spans(index, size)) <= size.bit_length()
    assert all(compact_nodes(*span) for span in inclusion_spans(index, size))
