"""What is signed, by whom, and above all what is not."""

import asyncio
import stat

import asyncpg
import pytest

from app.events.database import Database
from app.evidence.checkpoint_store import CheckpointStore
from app.evidence.growth import Growth, Inconsistent
from app.evidence.hash_tree import HashTree
from app.evidence.proofs import root_of
from app.evidence.signer import KeyIsAnothers, Signer
from app.evidence.signing_keys import NotASigningKey, private_key
from app.evidence.tiles import Tile
from tests.evidence import rfc
from tests.evidence.plant import NOON, ORIGIN, Plant, leaves_of

SEED = "00" * 31 + "01"


async def test_an_empty_log_is_not_signed(plant: Plant) -> None:
    assert await plant.signs() is None
    assert await plant.vkeys() == []


async def test_what_is_signed_is_the_tree_as_the_standard_has_it(plant: Plant) -> None:
    await plant.grows_to(300)

    kept = await plant.signs()

    assert kept is not None
    (vkey,) = await plant.vkeys()
    assert rfc.read_checkpoint(kept.note, vkey) == (ORIGIN, 300, rfc.mth(leaves_of(300)))
    assert (kept.number, kept.size, kept.root) == (1, 300, rfc.mth(leaves_of(300)))


async def test_it_is_signed_once_until_it_grows(plant: Plant) -> None:
    await plant.grows_to(3)
    assert await plant.signs() is not None
    assert await plant.signs() is None
    await plant.grows_to(4)

    again = await plant.signs()

    assert again is not None
    assert (again.number, again.size) == (2, 4)


async def test_of_two_processes_one_signs(plant: Plant, database: Database) -> None:
    await plant.grows_to(3)
    plant.keys().candidates()
    connections = [await database.connect() for _ in range(6)]
    signers = [Signer(plant.keys(), lambda: NOON) for _ in connections]

    signed = await asyncio.gather(
        *(each.sign(one, lambda _: None) for each, one in zip(signers, connections, strict=True))
    )

    assert len([each for each in signed if each is not None]) == 1
    assert len(await CheckpointStore(plant.service).page(0, 10)) == 1
    assert len(await plant.vkeys()) == 1
    for one in connections:
        await one.close()


async def test_tiles_are_written_once_they_are_full(plant: Plant) -> None:
    size = 256 * 256 + 300
    await plant.grows_to(600)
    await plant.signs()
    await plant.grows_to(size)
    await plant.signs()

    rows = await plant.owner.fetch("SELECT level, index, root FROM tree_tiles ORDER BY 1, 2")

    assert [(row[0], row[1]) for row in rows] == [(0, i) for i in range(257)] + [(1, 0)]
    assert rows[0]["root"] == root_of(plant.leaves[:256])
    assert rows[-1]["root"] == root_of(plant.leaves[: 256 * 256])
    tree = HashTree(plant.service)
    assert await tree.tile(Tile(0, 256)) == b"".join(plant.leaves[65536:65792])
    assert await tree.tile(Tile(0, 257, 44)) == b"".join(plant.leaves[65792:])
    assert await tree.tile(Tile(1, 1, 1)) == root_of(plant.leaves[65536:65792])
    assert await tree.tile(Tile(2, 0, 1)) == root_of(plant.leaves[:65536])
    assert await tree.root(size) == root_of(plant.leaves)
    for index in (0, 65535, 65536, 65791, size - 1):
        proof = await tree.inclusion(index, size)
        assert rfc.included(plant.leaves[index], index, size, proof, root_of(plant.leaves))
    for first in (1, 256, 600, 65536, 65793, size - 1):
        proof = await tree.consistency(first, size)
        roots = root_of(plant.leaves[:first]), root_of(plant.leaves)
        assert rfc.continued(first, size, *roots, proof)


@pytest.mark.parametrize(("signed", "changed"), [(3, 1), (300, 1), (300, 299), (600, 300)])
@pytest.mark.parametrize("tiles", [False, True])
async def test_a_log_whose_past_was_rewritten_whole_is_not_signed(
    plant: Plant, signed: int, changed: int, *, tiles: bool
) -> None:
    """The leaf, the head and the tiles agree with one another; the old checkpoint does not."""
    await plant.grows_to(signed)
    await plant.signs()
    await plant.is_rewritten(changed, tiles=tiles)

    with pytest.raises(Inconsistent):
        await plant.signs()
    await plant.grows_to(signed + 1)
    with pytest.raises(Inconsistent):
        await plant.signs()

    assert len(await CheckpointStore(plant.service).page(0, 10)) == 1


async def test_a_new_event_that_the_head_does_not_know_is_not_signed(plant: Plant) -> None:
    await plant.grows_to(3)
    await plant.is_rewritten(2, head=False)

    with pytest.raises(Inconsistent, match="do not lead to the log's head"):
        await plant.signs()


async def test_a_leaf_that_is_not_the_hash_of_its_text_is_not_signed(plant: Plant) -> None:
    await plant.grows_to(3)
    await plant.forgets("UPDATE events SET canonical = '{}' WHERE position = 2")

    with pytest.raises(Inconsistent, match="event 2"):
        await plant.signs()


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM events WHERE position = 2", "events are missing"),
        ("UPDATE log_head SET position = 2, tree = tree[1:1]", "3 events were signed, and 2 are"),
        ("UPDATE checkpoints SET root = sha256('')", "does not say what it signs"),
        ("UPDATE checkpoints SET note = replace(note, '3', '4')", "not ours"),
        ("UPDATE checkpoint_keys SET public_key = sha256('')", "not ours"),
        ("UPDATE checkpoint_keys SET from_position = 4", "not ours"),
    ],
)
async def test_what_was_signed_cannot_be_taken_back(plant: Plant, statement: str, why: str) -> None:
    await plant.grows_to(3)
    await plant.signs()
    await plant.forgets(statement)

    with pytest.raises(Inconsistent, match=why):
        await plant.signs()


async def test_tiles_that_were_taken_away_are_missed_or_made_again(plant: Plant) -> None:
    await plant.grows_to(600)
    await plant.signs()
    await plant.forgets("DELETE FROM tree_tiles WHERE index = 0")
    with pytest.raises(Inconsistent, match="hashes are missing"):
        await plant.signs()
    await plant.forgets("DELETE FROM tree_tiles")
    await plant.grows_to(601)

    assert await plant.signs() is not None
    assert await HashTree(plant.service).root(601) == root_of(plant.leaves)


async def test_the_service_can_add_to_the_evidence_and_not_change_it(plant: Plant) -> None:
    await plant.grows_to(256)
    await plant.signs()

    for statement in (
        "DELETE FROM checkpoints",
        "DELETE FROM checkpoint_keys",
        "DELETE FROM tree_tiles",
        "UPDATE checkpoints SET size = 2",
        "UPDATE checkpoint_keys SET from_position = 2",
        "UPDATE tree_tiles SET index = 2",
        "TRUNCATE checkpoints",
        "TRUNCATE checkpoint_keys",
        "TRUNCATE tree_tiles",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await plant.service.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await plant.owner.execute(statement)


async def test_a_machine_without_the_key_does_not_sign(plant: Plant) -> None:
    await plant.grows_to(3)
    await plant.signs()
    await plant.grows_to(4)
    elsewhere = Plant(plant.owner, plant.service, plant.folder / "elsewhere", plant.leaves)

    with pytest.raises(KeyIsAnothers):
        await elsewhere.signs()
    assert await plant.signs() is not None


async def test_a_key_by_setting_goes_before_the_file_and_nothing_is_written(plant: Plant) -> None:
    await plant.grows_to(3)
    kept = await plant.signs(plant.keys(given=SEED))

    assert kept is not None
    public = private_key(SEED).public_key().public_bytes_raw()
    assert (await CheckpointStore(plant.service).keys())[0].verifier.public == public
    assert not (plant.folder / "data").exists()


async def test_the_key_is_kept_for_its_owner_and_not_in_the_database(plant: Plant) -> None:
    await plant.grows_to(3)
    await plant.signs()
    file = plant.folder / "data" / "checkpoint-key.pem"

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    seed = private_key(file.read_text()).private_bytes_raw()
    for table in ("checkpoints", "checkpoint_keys"):
        for row in await plant.owner.fetch(f"SELECT * FROM {table}"):  # noqa: S608 - ours
            assert seed.hex() not in str(dict(row))
            assert str(seed) not in str(dict(row))


async def test_after_a_rotation_old_and_new_checkpoints_verify(plant: Plant) -> None:
    await plant.grows_to(3)
    first = await plant.signs()
    old, new = await Signer(plant.keys(), lambda: NOON).rotate(plant.service)
    await plant.grows_to(5)
    last = await plant.signs()

    assert first is not None
    assert last is not None
    keys = await CheckpointStore(plant.service).keys()
    assert [(each.verifier, each.from_position, each.to_position) for each in keys] == [
        (old.verifier, 0, 3),
        (new.verifier, 3, None),
    ]
    change = (await CheckpointStore(plant.service).page(0, 10))[1]
    for key in (old, new):  # the checkpoint of the change is signed by both
        assert rfc.read_checkpoint(change.note, str(key.verifier))[1] == 3
    assert rfc.read_checkpoint(first.note, str(old.verifier))[1] == 3
    assert rfc.read_checkpoint(last.note, str(new.verifier))[1] == 5
    with pytest.raises(AssertionError, match="did not sign"):
        rfc.read_checkpoint(last.note, str(old.verifier))
    assert [each.verifier for each in plant.keys().candidates()] == [new.verifier]


async def test_a_key_by_setting_that_was_rotated_out_makes_room_for_the_file(plant: Plant) -> None:
    await plant.grows_to(3)
    await plant.signs(plant.keys(given=SEED))
    _, new = await Signer(plant.keys(given=SEED), lambda: NOON).rotate(plant.service)
    await plant.grows_to(4)

    kept = await plant.signs(plant.keys(given=SEED))

    assert kept is not None
    assert rfc.read_checkpoint(kept.note, str(new.verifier))[1] == 4


async def test_a_rotation_that_broke_off_loses_no_key(plant: Plant) -> None:
    await plant.grows_to(3)
    await plant.signs()
    plant.keys().make_next()  # and then the power went, before anything was made known
    await plant.grows_to(4)
    assert await plant.signs() is not None

    keys = plant.keys()
    keys.promote = lambda: None  # type: ignore[method-assign] # now it goes after all is known
    _, new = await Signer(keys, lambda: NOON).rotate(plant.service)
    await plant.grows_to(5)

    kept = await plant.signs()
    assert kept is not None
    assert rfc.read_checkpoint(kept.note, str(new.verifier))[1] == 5


async def test_a_rewritten_log_is_not_signed_by_a_new_key_either(plant: Plant) -> None:
    await plant.grows_to(3)
    await plant.signs()
    await plant.is_rewritten(1)

    with pytest.raises(Inconsistent):
        await Signer(plant.keys(), lambda: NOON).rotate(plant.service)
    assert len(await plant.vkeys()) == 1


@pytest.mark.parametrize("text", ["", "abc", "00" * 31, "-----BEGIN NOTHING-----", "é" * 64])
def test_what_is_no_private_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(NotASigningKey) as refused:
        private_key(text)
    assert not text or text not in str(refused.value)


def test_a_tree_is_held_to_every_root_on_the_way() -> None:
    leaves = leaves_of(10)
    roots = {size: root_of(leaves[:size]) for size in (0, 3, 7, 10)}
    growth = Growth(0, (), roots)
    growth.add(leaves[:5])
    growth.add(leaves[5:])

    assert growth.root == root_of(leaves)
    for size in roots:
        with pytest.raises(Inconsistent, match=f"first {size} events"):
            Growth(0, (), roots | {size: bytes(32)}).add(leaves)
