"""Whether what was loaded is what was backed up: rows, hashes, checkpoints, guards, tables."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.backup.guards import faults_of_guards
from app.backup.manifest import Manifest
from app.backup.taking import Told
from app.events.database import Database
from app.events.reading import Reader, Snapshot
from app.events.tree import root_hash
from app.events.workings import Workings
from app.evidence.checking import check
from app.evidence.checkpoint_store import CheckpointStore
from app.evidence.notes import VerifierKey
from app.evidence.rebuild import build_missing
from app.evidence.verify import FINDINGS_MAX, Known, check_log, checkpoints_in

HEAD: Final = "SELECT position, tree FROM log_head"


@dataclass(frozen=True, slots=True)
class Trusted:
    """What is known from elsewhere; without it, a backup is only held to what it says itself."""

    known: Known = field(default_factory=Known)
    signers: Sequence[VerifierKey] = ()
    """Of whoever signs; without any, those that the backup names."""


async def faults_of(
    database: Database, workings: Workings, manifest: Manifest, trusted: Trusted, told: Told
) -> list[str]:
    """What is not as it was written; the schema is migrated, its read tables may be older.

    Args:
        database: with the schema that was loaded.
        workings: with every read table.
        manifest: what the backup says.
        trusted: what is known from elsewhere.
        told: of progress.
    """
    async with database.pool(connections_max=2) as pool:
        reader = Reader(pool, workings.codec)
        signers = trusted.signers or [
            each.verifier for each in await CheckpointStore(reader).keys()
        ]
        async with reader.snapshot() as snapshot:
            faults = [each async for each in _log(snapshot, manifest, trusted, signers, told)]
    faults += await faults_of_guards(database, manifest.guards)
    return faults or await _tables(database, workings, told)


async def _log(
    snapshot: Snapshot,
    manifest: Manifest,
    trusted: Trusted,
    signers: Sequence[VerifierKey],
    told: Told,
) -> AsyncIterator[str]:
    """Every hash; head and root as the manifest has them; every checkpoint, ours and kept ones."""
    (head,) = await snapshot.fetch(HEAD)
    if head["position"] != manifest.position:
        yield f"the log ends at {head['position']}, the manifest at {manifest.position}"
    if root_hash(head["tree"]).hex() != manifest.root:
        yield "the root of the tree is not the one in the manifest"
    said, wrong = checkpoints_in(manifest.checkpoint or "", signers)
    # What was signed later is for the caller: this log may be older, and whole.
    kept = [each for each in trusted.known.checkpoints if each.size <= manifest.position]
    leaves = trusted.known.leaves[: 32 * manifest.position]
    found = 0
    for each in wrong:
        yield f"position {each.position}: {each.what}"
    async for finding in check_log(
        snapshot,
        Known([*kept, *said], leaves),
        signers,
        lambda position: told("Verify", position, manifest.position),
    ):
        yield f"position {finding.position}: {finding.what}"
        found += 1
        if found == FINDINGS_MAX:
            return


async def _tables(database: Database, workings: Workings, told: Told) -> list[str]:
    """Read tables of an older version are built; then every table is held to the log."""

    def seen(done: int, total: int) -> None:
        told("Fold", done, total)

    await build_missing(database, workings, seen)
    return [
        f"{each.name}: {each.difference.kind} {each.difference.key}, not what the log adds up to"
        for each in await check(database, workings, workings.tables, seen)
        if each.difference is not None
    ]
