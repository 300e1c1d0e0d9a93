"""Addresses of tiles, as C2SP tlog-tiles writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.proofs import Node
from app.evidence.tiles import NotATile, Tile, place_of, tile_at


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "000"),
        (Tile(0, 999), "999"),
        (Tile(0, 1000), "x001/000"),
        (Tile(0, 1234067), "x001/x234/067"),
        (Tile(0, 1234067, 8), "x001/x234/067.p/8"),
        (Tile(3, 5, 255), "005.p/255"),
    ],
)
def test_the_examples_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path() == path
    assert tile_at(str(tile.level), path) == tile


@given(st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_an_address_leads_back_to_its_tile(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)

    assert tile_at(str(level), tile.path()) == tile


@pytest.mark.parametrize(
    ("level", "path"),
    [
        ("0", ""), ("0", "0"), ("0", "x000/001"), ("0", "001/000"), ("0", "x001"), ("0", "1000"),
        ("0", "000.p/0"), ("0", "000.p/256"), ("0", "000.p/08"), ("0", "000.p/999"),
        ("0", "000.p"), ("0", "../000"), ("64", "000"), ("00", "000"), ("-1", "000"),
        ("a", "000"), ("0", "００1"),
    ],
)  # fmt: skip
def test_there_is_one_way_of_writing_an_address(level: str, path: str) -> None:
    with pytest.raises(NotATile):
        tile_at(level, path)


def test_a_tree_of_70000_has_the_tiles_of_the_specification() -> None:
    size = 70_000

    assert Tile(0, 272).within(size)
    assert not Tile(0, 273).within(size)
    assert Tile(0, 273, 112).within(size)
    assert not Tile(0, 273, 113).within(size)
    assert Tile(1, 0).within(size)
    assert Tile(1, 1, 17).within(size)
    assert not Tile(1, 1, 18).within(size)
    assert Tile(2, 0, 1).within(size)
    assert not Tile(3, 0, 1).within(size)


def test_a_subtree_stands_in_one_tile() -> None:
    assert place_of(Node(0, 300)) == (Tile(0, 1), 44, 1)
    assert place_of(Node(7, 3)) == (Tile(0, 1), 128, 128)
    assert place_of(Node(8, 3)) == (Tile(1, 0), 3, 1)
    assert place_of(Node(17, 1)) == (Tile(2, 0), 2, 2)
