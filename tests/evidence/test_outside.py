"""The copy outside the database: two files that an auditor reads with nothing of ours."""

import os
from pathlib import Path

import pytest

from app.evidence.growth import Inconsistent
from app.evidence.outside import Directory, DirectoryDamaged
from tests.evidence import rfc
from tests.evidence.plant import ORIGIN, Plant


def notes_in(folder: Path) -> list[str]:
    """Every note of the file, as a reader of the format's description takes it apart."""
    blocks = (folder / "checkpoints").read_text().split("\n\n")
    assert blocks.pop() == ""
    return [f"{text}\n\n{lines}\n" for text, lines in zip(blocks[::2], blocks[1::2], strict=True)]


async def checked(plant: Plant) -> list[int]:
    """The sizes of the checkpoints in the copy, each of them checked against its leaves."""
    folder = plant.folder / "copy"
    raw = (folder / "leaves").read_bytes()
    leaves = [raw[at : at + 32] for at in range(0, len(raw), 32)]
    (vkey,) = await plant.vkeys()
    sizes = []
    for note in notes_in(folder):
        origin, size, root = rfc.read_checkpoint(note, vkey)
        assert origin == ORIGIN
        assert root == rfc.mth(leaves[:size])
        sizes.append(size)
    assert len(leaves) == sizes[-1]
    return sizes


async def grown_and_signed(plant: Plant, *sizes: int) -> None:
    """A log with a checkpoint at each of some sizes."""
    for size in sizes:
        await plant.grows_to(size)
        await plant.signs()


async def test_it_holds_every_note_and_every_leaf(plant: Plant) -> None:
    with plant.directory() as copy:
        await grown_and_signed(plant, 3)
        await copy.catch_up(plant.service)
        await grown_and_signed(plant, 300, 700)
        await copy.catch_up(plant.service)
        await copy.catch_up(plant.service)

    assert await checked(plant) == [3, 300, 700]


async def test_a_new_directory_catches_up_and_one_that_is_opened_again_goes_on(
    plant: Plant,
) -> None:
    await grown_and_signed(plant, 3, 9_000)
    for sizes in ((), (9_001,)):
        await grown_and_signed(plant, *sizes)
        with plant.directory() as copy:
            await copy.catch_up(plant.service)
            assert copy.size == len(plant.leaves)

    assert await checked(plant) == [3, 9_000, 9_001]


async def test_one_process_writes_and_another_takes_over(plant: Plant) -> None:
    await grown_and_signed(plant, 3)
    with plant.directory() as one, plant.directory() as other:
        await one.catch_up(plant.service)
        await other.catch_up(plant.service)
        assert (one.size, other.size) == (3, None)
        one.close()
        await grown_and_signed(plant, 4)
        await other.catch_up(plant.service)
        assert other.size == 4

    assert await checked(plant) == [3, 4]


@pytest.mark.parametrize(
    "torn",
    [
        b"sanbao/test\n9\n",
        b"sanbao/test\n9\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n",
        "sanbao/test\n9\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— sanbao/te".encode(),
        "sanbao/test\n9\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a b\n".encode(),
    ],
)
async def test_what_was_half_written_when_the_power_went_is_written_again(
    plant: Plant, torn: bytes
) -> None:
    folder = plant.folder / "copy"
    await grown_and_signed(plant, 3, 5)
    with plant.directory() as copy:
        await copy.catch_up(plant.service)
    with (folder / "checkpoints").open("ab") as file:
        file.write(torn)
    with (folder / "leaves").open("ab") as file:
        file.write(bytes(100))
    await grown_and_signed(plant, 6)
    with plant.directory() as copy:
        await copy.catch_up(plant.service)

    assert await checked(plant) == [3, 5, 6]


async def test_the_very_first_note_can_be_torn_too(plant: Plant) -> None:
    folder = plant.folder / "copy"
    folder.mkdir()
    (folder / "checkpoints").write_bytes(b"sanbao/test\n3\n")
    await grown_and_signed(plant, 3)
    with plant.directory() as copy:
        await copy.catch_up(plant.service)

    assert await checked(plant) == [3]


async def test_a_rewritten_database_is_not_signed_on_top_of_the_copy(plant: Plant) -> None:
    """Whoever rewrites log, tiles and checkpoints alike meets what stands outside."""
    with plant.directory() as copy:
        await grown_and_signed(plant, 3, 300)
        await copy.catch_up(plant.service)
        await plant.is_rewritten(2, tiles=True)
        await plant.forgets("DELETE FROM checkpoints")

        with pytest.raises(Inconsistent, match="the first 300 events"):
            await plant.signs(outside=copy.last_of)
        await plant.forgets("DELETE FROM events WHERE position > 200")
        await plant.forgets("UPDATE log_head SET position = 200")
        with pytest.raises(Inconsistent, match="300 events were signed, and 200 are left"):
            await plant.signs(outside=copy.last_of)
        await plant.forgets("DELETE FROM checkpoint_keys")
        with pytest.raises(Inconsistent, match="not ours"):
            await plant.signs(outside=copy.last_of)


async def test_leaves_that_changed_before_they_were_copied_are_not_copied(plant: Plant) -> None:
    await grown_and_signed(plant, 3)
    with plant.directory() as copy:
        await copy.catch_up(plant.service)
        await grown_and_signed(plant, 5)
        await plant.is_rewritten(5, head=False)
        with pytest.raises(Inconsistent, match="first 5 events"):
            await copy.catch_up(plant.service)

    assert await checked(plant) == [3]


async def test_a_copy_that_was_damaged_is_told_and_left_alone(plant: Plant) -> None:
    leaves = plant.folder / "copy" / "leaves"
    await grown_and_signed(plant, 5)
    with plant.directory() as copy:
        await copy.catch_up(plant.service)
    whole = leaves.read_bytes()
    for damaged in (whole[:-32], bytes(32) + whole[32:]):
        leaves.write_bytes(damaged)
        with plant.directory() as copy, pytest.raises(DirectoryDamaged):
            await copy.catch_up(plant.service)
        assert leaves.read_bytes() == damaged
    (plant.folder / "copy" / "checkpoints").write_bytes(b"x" * 100_000)
    with plant.directory() as copy, pytest.raises(DirectoryDamaged):
        copy.last_of([])


async def test_a_full_disk_is_told_and_made_good_later(plant: Plant) -> None:
    await grown_and_signed(plant, 3)
    folder = plant.folder / "copy"
    folder.write_text("a file is in the way")
    with plant.directory() as copy:
        with pytest.raises(OSError, match=r"copy"):
            await copy.catch_up(plant.service)
        os.unlink(folder)  # noqa: PTH108 - plainly
        await copy.catch_up(plant.service)

    assert await checked(plant) == [3]


def test_an_empty_directory_says_nothing(tmp_path: Path) -> None:
    assert Directory(tmp_path / "nothing").last_of([]) is None
