"""Nobody rewrites the log unseen: random changes by a superuser, each found and placed."""

import importlib
import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import asyncpg
import pytest
from asyncpg import Connection

from app.events.database import Database
from app.events.reading import Snapshot
from app.events.recorded import canonical, leaf_hash
from app.events.tree import extended, root_hash
from app.evidence import verify
from app.evidence.checkpoints import Checkpoint
from app.evidence.export import SCRIPT, export_lines
from app.evidence.verify import Finding, Known, NotAnExport, check_export, check_log, checkpoints_in
from app.main import Plan, workings
from tests.api.desk import open_desk
from tests.api.stories import agree, confirmed, define_cause, feedback
from tests.conftest import PEPPER

MUTATIONS: Final = 200
CODEC: Final = workings().codec
sanbao_verify: Any = importlib.import_module("app.evidence.sanbao_verify")
"""The stand-alone script, which has no types."""
Log: TypeAlias = "Connection[asyncpg.Record]"
Mutation: TypeAlias = Callable[[Log, random.Random, int], Coroutine[Any, Any, int]]
"""Changes the log; the position from which it is another one."""


@dataclass(frozen=True, slots=True)
class Written:
    """A log, and what somebody kept of it elsewhere."""

    log: Log
    size: int
    known: Known


@pytest.fixture
async def written(database: Database) -> AsyncIterator[Written]:
    """Some claims and cases, seen by a superuser whom no trigger stops."""
    async with open_desk(Plan(database=database, pepper=PEPPER)) as desk:
        await define_cause(desk)
        await agree(desk)
        for amount in ("520.00", "120.00", "499.99"):
            await confirmed(desk, amount)
        for _ in range(4):
            await feedback(desk)
    log = await asyncpg.connect(
        database.url, server_settings={"search_path": database.schema, "timezone": "UTC"}
    )
    try:
        await log.execute("SET session_replication_role = replica")
        await log.execute("ALTER TABLE events DISABLE TRIGGER ALL")
        rows = await log.fetch("SELECT leaf_hash FROM events ORDER BY position")
        leaves = [row["leaf_hash"] for row in rows]
        kept = []
        for size in (len(leaves) // 2, len(leaves)):
            _, compact = extended(0, (), leaves[:size])
            kept.append(Checkpoint("a log", size, root_hash(compact)))
        yield Written(log, len(leaves), Known(kept, b"".join(leaves)))
    finally:
        await log.close()


def quiet(_: int) -> None:
    """Nobody looks on."""


async def findings(written: Written, known: Known) -> list[Finding]:
    """What the live check says."""
    head = await written.log.fetchval("SELECT position FROM log_head")
    snapshot = Snapshot(head, head, written.log, CODEC)
    return [each async for each in check_log(snapshot, known, (), quiet)]


async def exported(written: Written) -> list[bytes]:
    """The log as an export of this moment, line by line."""
    head = await written.log.fetchval("SELECT max(position) FROM events")
    snapshot = Snapshot(head, head, written.log, CODEC)
    lines = export_lines(snapshot, after=0, up_to=head, before=(), checkpoint=None)
    return b"".join([piece async for piece in lines]).splitlines(keepends=True)


# --- what a superuser could do --------------------------------------------------------------


async def rehash(log: Log) -> None:
    """Cover the tracks: every leaf and the head's tree anew."""
    rows = await log.fetch("SELECT position, canonical FROM events ORDER BY position")
    leaves = [leaf_hash(row["canonical"]) for row in rows]
    for row, leaf in zip(rows, leaves, strict=True):
        await log.execute(
            "UPDATE events SET leaf_hash = $2 WHERE position = $1", row["position"], leaf
        )
    size, compact = extended(0, (), leaves)
    await log.execute("UPDATE log_head SET position = $1, tree = $2", size, compact)


def some(chance: random.Random, size: int) -> int:
    """Some position."""
    return chance.randint(1, size)


async def change_a_byte(log: Log, chance: random.Random, size: int) -> int:
    """One character of the bytes that were hashed."""
    position = some(chance, size)
    text = await log.fetchval("SELECT canonical FROM events WHERE position = $1", position)
    at = chance.randrange(len(text))
    other = chr((ord(text[at]) - 32 + chance.randint(1, 90)) % 95 + 32)
    text = text[:at] + other + text[at + 1 :]
    await log.execute("UPDATE events SET canonical = $2 WHERE position = $1", position, text)
    return position


async def change_the_hash(log: Log, chance: random.Random, size: int) -> int:
    """One byte of a leaf hash."""
    position = some(chance, size)
    leaf = await log.fetchval("SELECT leaf_hash FROM events WHERE position = $1", position)
    at = chance.randrange(32)
    leaf = leaf[:at] + bytes([leaf[at] ^ chance.randint(1, 255)]) + leaf[at + 1 :]
    await log.execute("UPDATE events SET leaf_hash = $2 WHERE position = $1", position, leaf)
    return position


async def change_the_data(log: Log, chance: random.Random, size: int) -> int:
    """A field that readers see, beside the bytes."""
    position = some(chance, size)
    await log.execute(
        """UPDATE events SET data = data || '{"note": "as agreed"}' WHERE position = $1""", position
    )
    return position


async def change_who(log: Log, chance: random.Random, size: int) -> int:
    """Another person, role, client, command, clause or instant."""
    position = some(chance, size)
    change = chance.choice(
        (
            "person = 'somebody'",
            "role = 'AUDITOR'",
            "on_behalf_of = 'u.gm'",
            "client = 'nobody'",
            "reason = 'as agreed'",
            "recorded_at = recorded_at - interval '1 day'",
            "command_id = gen_random_uuid()",
            "event_id = gen_random_uuid()",
            "correlation_id = 'other'",
            "causation_id = gen_random_uuid()",
            "clauses = '{9.9}'",
            "rule_pack_version = 99",
            "schema_version = 7",
            "stream = stream || 'x'",
            "type = type || 'x'",
            "version = version + 40",
        )
    )
    await log.execute(f"UPDATE events SET {change} WHERE position = $1", position)  # noqa: S608
    return position


async def rewrite(log: Log, chance: random.Random, size: int) -> int:
    """Bytes, columns, hash, tree and head, all of one mind: only what was kept outside knows."""
    position = some(chance, size)
    text = await log.fetchval("SELECT canonical FROM events WHERE position = $1", position)
    said = json.loads(text) | {"person": "somebody"}
    await log.execute(
        "UPDATE events SET canonical = $2, person = 'somebody' WHERE position = $1",
        position,
        canonical(said),
    )
    await rehash(log)
    return position


async def swap(log: Log, chance: random.Random, size: int) -> int:
    """Two events change places."""
    first, second = sorted(chance.sample(range(1, size + 1), 2))
    await log.execute("UPDATE events SET position = -1 WHERE position = $1", first)
    await log.execute("UPDATE events SET position = $1 WHERE position = $2", first, second)
    await log.execute("UPDATE events SET position = $1 WHERE position = -1", second)
    return first


async def remove(log: Log, chance: random.Random, size: int) -> int:
    """An event is gone, and the others move up or leave the gap."""
    position = chance.randint(1, size - 1)
    await log.execute("DELETE FROM events WHERE position = $1", position)
    if chance.random() < 0.5:
        await log.execute("UPDATE events SET position = -position WHERE position > $1", position)
        await log.execute("UPDATE events SET position = -position - 1 WHERE position < 0")
        await rehash(log)
    return position


async def insert(log: Log, chance: random.Random, size: int) -> int:
    """An event that never happened, and the others move down."""
    position = chance.randint(1, size - 1)
    await log.execute("UPDATE events SET position = -position WHERE position >= $1", position)
    await log.execute("UPDATE events SET position = -position + 1 WHERE position < 0")
    columns = [
        row["column_name"]
        for row in await log.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'events' "
            "AND table_schema = current_schema() AND column_name NOT IN "
            "('position', 'event_id', 'stream') ORDER BY ordinal_position"
        )
    ]
    names = ", ".join(columns)
    await log.execute(
        f"INSERT INTO events (position, event_id, stream, {names}) "  # noqa: S608
        f"SELECT $1::bigint, gen_random_uuid(), stream || '-forged', {names} FROM events "
        "WHERE position = $1::bigint + 1",
        position,
    )
    text = await log.fetchval("SELECT canonical FROM events WHERE position = $1", position)
    said = json.loads(text) | {"person": "somebody"}
    await log.execute(
        "UPDATE events SET canonical = $2 WHERE position = $1", position, canonical(said)
    )
    await rehash(log)
    return position


async def cut(log: Log, chance: random.Random, size: int) -> int:
    """The newest events are gone, and head and tree say so."""
    left = size - chance.randint(1, 5)
    await log.execute("DELETE FROM events WHERE position > $1", left)
    await rehash(log)
    return left + 1


MUTATIONS_OF: Final[Sequence[Mutation]] = (
    change_a_byte, change_the_hash, change_the_data, change_who, rewrite, swap, remove, insert, cut,
)  # fmt: skip
ONLY_LIVE: Final = frozenset({change_the_data, change_who})
"""An export holds the bytes alone; columns are not in it."""


# --- what is seen of it ---------------------------------------------------------------------


async def test_a_log_that_nobody_touched_holds_everywhere(written: Written) -> None:
    lines = await exported(written)

    assert await findings(written, written.known) == []
    assert list(check_export(iter(lines), written.known, quiet)) == []
    assert list(sanbao_verify.check(iter(lines))) == []


async def test_of_200_random_changes_none_is_missed_and_each_is_placed(written: Written) -> None:
    chance = random.Random(20_260_101)  # noqa: S311 - the same every time
    for number in range(MUTATIONS):
        mutation = MUTATIONS_OF[number % len(MUTATIONS_OF)]
        changed = written.log.transaction()
        await changed.start()
        try:
            position = await mutation(written.log, chance, written.size)
            found = await findings(written, written.known)
            lines = await exported(written)
        finally:
            await changed.rollback()

        name = f"{number} {mutation.__name__} at {position}"
        assert found, name
        assert min(each.position for each in found) == position, (name, found[:3])
        if mutation in ONLY_LIVE:
            continue
        ours = list(check_export(iter(lines), written.known, quiet))
        notes = [_note(each) for each in written.known.checkpoints]
        theirs = list(sanbao_verify.check(iter(lines), notes, written.known.leaves))
        assert min(each.position for each in ours) == position, (name, ours[:3])
        assert min(place for place, _ in theirs) == position, (name, theirs[:3])
    assert await findings(written, written.known) == []


def _note(checkpoint: Checkpoint) -> Any:  # noqa: ANN401 - a stranger's class
    return sanbao_verify.Note(checkpoint.text(), [])


async def test_without_anything_kept_outside_a_rewritten_history_is_believed(
    written: Written,
) -> None:
    """Why checkpoints must be kept elsewhere."""
    await cut(written.log, random.Random(1), written.size)  # noqa: S311

    assert await findings(written, Known()) == []
    assert await findings(written, written.known) != []


async def test_behind_a_gap_no_event_is_looked_at_twice(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "PAGE_EVENTS", 10)
    await written.log.execute("DELETE FROM events WHERE position = 5")
    snapshot = Snapshot(written.size, written.size, written.log, CODEC)
    seen: list[int] = []

    found = [each async for each in check_log(snapshot, Known(), (), seen.append)]

    assert found[0].position == 5
    assert seen[-1] == written.size - 1


async def test_a_head_that_tells_of_another_tree_is_seen(written: Written) -> None:
    await written.log.execute("UPDATE log_head SET tree[1] = decode(repeat('00', 32), 'hex')")

    (found,) = await findings(written, Known())

    assert found.position == written.size


async def test_a_part_of_the_log_is_checked_from_the_tree_before_it(written: Written) -> None:
    snapshot = Snapshot(written.size, written.size, written.log, CODEC)
    rows = await written.log.fetch("SELECT leaf_hash FROM events ORDER BY position LIMIT 7")
    _, before = extended(0, (), [row["leaf_hash"] for row in rows])
    pieces = export_lines(snapshot, after=7, up_to=written.size, before=before, checkpoint=None)
    lines = b"".join([piece async for piece in pieces]).splitlines(keepends=True)

    assert list(check_export(iter(lines), written.known, quiet)) == []
    assert list(sanbao_verify.check(iter(lines))) == []
    del lines[4]
    (first, *_) = check_export(iter(lines), written.known, quiet)
    assert first.position == 11


async def test_the_script_runs_alone_and_says_what_does_not_hold(
    written: Written, tmp_path: Path
) -> None:
    lines, path = await exported(written), tmp_path / "events.jsonl"
    script = tmp_path / SCRIPT.name
    script.write_bytes(SCRIPT.read_bytes())

    def run() -> tuple[int, str]:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(script), str(path)],
            check=False,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout

    path.write_bytes(b"".join(lines))
    assert run() == (0, "all holds\n")
    path.write_bytes(b"".join(lines).replace(b"u.mkt", b"u.mkx", 1))
    code, said = run()
    assert code == 1
    assert said.startswith("position ")
    path.write_bytes(b"".join(lines[:-1]))
    assert "cut off" in run()[1]
    path.write_bytes(b"")
    assert run()[0] == 2


def test_the_script_is_short_enough_to_be_read() -> None:
    lines = SCRIPT.read_text().splitlines()

    assert len(lines) <= 150
    imported = [each for each in lines if each.startswith(("import ", "from "))]
    assert imported == [
        "import argparse",
        "import base64",
        "import hashlib",
        "import json",
        "import sys",
    ]


def test_what_is_no_export_is_told_so() -> None:
    for lines in ([], [b"{}"], [b"\xff\xfe"], [b'{"export": {"after": "x"}}']):
        with pytest.raises(NotAnExport):
            list(check_export(iter(lines), Known(), quiet))


def test_kept_checkpoints_that_are_none_are_told() -> None:
    found, faults = checkpoints_in("nonsense\n\n— somebody AAAA\n", ())

    assert found == []
    assert len(faults) == 1
