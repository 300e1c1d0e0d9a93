"""Signing checkpoints: one process at a time, and only on top of what was signed before.

Everything that a checkpoint says is computed anew from leaf hashes: the tree that was signed last
must come out on the way, and the compact range that the writer keeps at the end. The tiles that
fill up are written in the same transaction, so that a signed tree has all of its tiles.

Source:
    https://c2sp.org/tlog-checkpoint: a log must not sign a checkpoint which is inconsistent with
    any that it signed before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from app.events.tree import root_hash
from app.evidence.checkpoint_store import CheckpointStore, Kept, KnownKey, believed
from app.evidence.checkpoints import Checkpoint
from app.evidence.growth import Growth, Inconsistent
from app.evidence.hash_tree import SELECT_ROOTS, HashTree
from app.evidence.notes import SigningKey, signed
from app.evidence.proofs import root_of
from app.evidence.refusals import TreeIncomplete
from app.evidence.signing_keys import SigningKeys
from app.evidence.tiles import HEIGHT, WIDTH

if TYPE_CHECKING:
    from asyncpg import Connection, Record

PAGE_LEAVES: Final = 8 * WIDTH

TRY_LOCK: Final = """
    SELECT pg_try_advisory_xact_lock(hashtext('sanbao.sign'), hashtext(current_schema()))
"""
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('sanbao.sign'), hashtext(current_schema()))"

SELECT_HEAD: Final = "SELECT position, tree FROM log_head"

SELECT_SEALED: Final = "SELECT coalesce(max(index) + 1, 0) FROM tree_tiles WHERE level = $1"

SELECT_NEW: Final = r"""
    SELECT leaf_hash,
           leaf_hash = sha256('\x00'::bytea || convert_to(canonical, 'UTF8')) AS fits
    FROM events WHERE position > $1::bigint AND position <= $2 ORDER BY position
"""

INSERT_TILES: Final = """
    INSERT INTO tree_tiles (level, index, hashes, root)
    SELECT $1, * FROM unnest($2::bigint[], $3::bytea[], $4::bytea[])
"""

INSERT_KEY: Final = """
    INSERT INTO checkpoint_keys (number, name, public_key, from_position, added_at)
    VALUES ($1, $2, $3, $4, $5)
"""

INSERT_CHECKPOINT: Final = """
    INSERT INTO checkpoints (number, size, root, note, signed_at) VALUES ($1, $2, $3, $4, $5)
"""

KeptOutside: TypeAlias = Callable[[Sequence[KnownKey]], Checkpoint | None]
"""The last checkpoint of which there is a copy outside the database, if it is one of ours."""


class KeyIsAnothers(Exception):
    """The plant's checkpoints are signed with a key that this machine does not have."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log, as the writer left it."""

    size: int
    compact: tuple[bytes, ...]


class Signer:
    """Signs on a connection of the service, in a transaction of its own."""

    def __init__(self, keys: SigningKeys, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._now = now

    async def sign(
        self, connection: "Connection[Record]", kept_outside: KeptOutside
    ) -> Kept | None:
        """Sign the tree as it stands, if it grew and nobody else is signing it.

        Args:
            connection: asyncpg's, or a pool's.
            kept_outside: what else must be continued.

        Returns:
            The new checkpoint; None where there was nothing to sign.

        Raises:
            Inconsistent: the log does not continue what was signed before.
            KeyIsAnothers: this machine has not the key.
        """
        async with connection.transaction():
            if not await connection.fetchval(TRY_LOCK):
                return None
            head = await _head(connection)
            store = CheckpointStore(connection)
            last, keys = await store.latest(), await store.keys()
            await _hold(connection, head, _signed_before(last, kept_outside(keys), keys))
            if head.size == (last.size if last else 0):
                return None
            key, _ = await self._key(connection, keys)
            return await self._add(connection, head, last, [key])

    async def rotate(self, connection: "Connection[Record]") -> tuple[SigningKey, SigningKey]:
        """Let a new key take over: the checkpoint of the change is signed by both.

        The new key may have another name than the old one: so a log that lost its newest events
        goes on as another log, for under its old name other events were signed in their places.

        Returns:
            The key that signed until now, and the new one.

        Raises:
            Inconsistent: the log does not continue what was signed before.
            KeyIsAnothers: this machine has not the key that signs now.
        """
        async with connection.transaction():
            await connection.execute(LOCK)
            head = await _head(connection)
            store = CheckpointStore(connection)
            last, keys = await store.latest(), await store.keys()
            await _hold(connection, head, _signed_before(last, None, keys))
            old, known = await self._key(connection, keys, renamed=True)
            new = self._keys.make_next()
            await self._register(connection, new, len(known) + 1, head.size)
            if head.size:
                await self._add(connection, head, last, [old, new])
        self._keys.promote()
        return old, new

    async def _key(
        self, connection: "Connection[Record]", keys: Sequence[KnownKey], *, renamed: bool = False
    ) -> tuple[SigningKey, Sequence[KnownKey]]:
        """The key that signs now; the first one there is, is made known."""
        candidates = self._keys.candidates()
        if not keys:
            await self._register(connection, candidates[0], 1, 0)
            keys = await CheckpointStore(connection).keys()
        current = keys[-1].verifier
        for each in candidates:
            if each.verifier == current:
                return each, keys
            if each.verifier.public == current.public and renamed:
                return SigningKey(current.name, each.private), keys
            if each.verifier.public == current.public:
                raise KeyIsAnothers(
                    f"this log signs as {current.name} and is to sign as {each.name}: "
                    "`sanbao keys rotate` lets the new name take over"
                )
        raise KeyIsAnothers(f"checkpoints are signed by {current}, which is not here")

    async def _register(
        self, connection: "Connection[Record]", key: SigningKey, number: int, size: int
    ) -> None:
        public = key.verifier.public
        await connection.execute(INSERT_KEY, number, key.name, public, size, self._now())

    async def _add(
        self,
        connection: "Connection[Record]",
        head: Head,
        last: Kept | None,
        keys: Sequence[SigningKey],
    ) -> Kept:
        checkpoint = Checkpoint(keys[-1].name, head.size, root_hash(head.compact))
        added = Kept(
            number=last.number + 1 if last else 1,
            size=checkpoint.size,
            root=checkpoint.root,
            note=signed(checkpoint.text(), keys),
            signed_at=self._now(),
        )
        await connection.execute(
            INSERT_CHECKPOINT, added.number, added.size, added.root, added.note, added.signed_at
        )
        return added


async def _head(connection: "Connection[Record]") -> Head:
    (row,) = await connection.fetch(SELECT_HEAD)
    return Head(row["position"], tuple(row["tree"]))


def _signed_before(
    last: Kept | None, outside: Checkpoint | None, keys: Sequence[KnownKey]
) -> dict[int, bytes]:
    """The roots that must come out again, by size.

    Raises:
        Inconsistent: what was kept is not what was signed, or two that were signed differ.
    """
    found = {} if outside is None else {outside.size: outside.root}
    if last is not None:
        checkpoint = believed(last.note, keys, "the database")
        if (checkpoint.size, checkpoint.root) != (last.size, last.root):
            raise Inconsistent("the last checkpoint in the database does not say what it signs")
        if found.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
            raise Inconsistent(f"two roots were signed of the tree of {checkpoint.size}")
    return found


async def _hold(connection: "Connection[Record]", head: Head, before: Mapping[int, bytes]) -> None:
    """Walk from the last full tile to the head, and write the tiles that filled up.

    Raises:
        Inconsistent: the log is not a continuation of what was signed.
    """
    if max(before, default=0) > head.size:
        raise Inconsistent(f"{max(before)} events were signed, and {head.size} are left")
    tree = HashTree(connection)
    start = WIDTH * int(await connection.fetchval(SELECT_SEALED, 0))
    if start > head.size:
        raise Inconsistent(f"there are tiles of {start} events, and {head.size} are left")
    try:
        for size, root in before.items():
            if size < start and await tree.root(size) != root:
                raise Inconsistent(f"the first {size} events are not those that were signed")
        growth = Growth(start, await tree.compact(start), before)
    except TreeIncomplete as error:
        raise Inconsistent(f"hashes are missing: {error.details}") from None
    while growth.size < head.size:
        leaves = await _new_leaves(connection, growth.size, head.size)
        await _seal_leaves(connection, growth.size, leaves)
        growth.add(leaves)
    if tuple(growth.compact) != head.compact:
        raise Inconsistent(f"the leaves of {head.size} events do not lead to the log's head")
    await _seal_above(connection, head.size)


async def _new_leaves(connection: "Connection[Record]", after: int, up_to: int) -> list[bytes]:
    """A page of leaf hashes, each of which is the hash of its event's canonical bytes."""
    end = min(after + PAGE_LEAVES, up_to)
    rows = await connection.fetch(SELECT_NEW, after, end)
    if len(rows) != end - after:
        raise Inconsistent(f"events are missing between {after} and {end}")
    for number, row in enumerate(rows, after + 1):
        if not row["fits"]:
            raise Inconsistent(f"the leaf of event {number} is not the hash of its text")
    return [row["leaf_hash"] for row in rows]


async def _seal_leaves(
    connection: "Connection[Record]", after: int, leaves: Sequence[bytes]
) -> None:
    """Write the tiles of level 0 that a page fills; pages begin where tiles do."""
    full = range(0, len(leaves) - len(leaves) % WIDTH, WIDTH)
    tiles = [leaves[at : at + WIDTH] for at in full]
    await _insert(connection, 0, after // WIDTH, tiles)


async def _seal_above(connection: "Connection[Record]", size: int) -> None:
    """Write the tiles above that are full now, level by level."""
    level = 1
    while full := size >> (HEIGHT * (level + 1)):
        for index in range(int(await connection.fetchval(SELECT_SEALED, level)), full):
            rows = await connection.fetch(
                SELECT_ROOTS, level - 1, index * WIDTH, (index + 1) * WIDTH
            )
            if len(rows) != WIDTH:
                raise Inconsistent(f"tiles of level {level - 1} are missing")
            await _insert(connection, level, index, [[row["hash"] for row in rows]])
        level += 1


async def _insert(
    connection: "Connection[Record]", level: int, first: int, tiles: Sequence[Sequence[bytes]]
) -> None:
    if tiles:
        await connection.execute(
            INSERT_TILES,
            level,
            list(range(first, first + len(tiles))),
            [b"".join(tile) for tile in tiles],
            [root_of(tile) for tile in tiles],
        )
